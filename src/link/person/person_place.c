/* person_place.c: towns, postcodes and addresses.
 *
 * An address is read by its commas and lines: country and postcode come off wherever they stand, the street
 * is the first part with a number or a word for a street, with what stands before it (a flat, a house's
 * name); what follows is town and county. Without commas all of it is the street's. */
#include <string.h>
#include "intake/normal.h"
#include "link/person/person_inside.h"

enum { ADDRESS_PARTS = 12, HOUSE_LONGEST = 6 };

static bool has_digit(const char *word)
{
    while (*word && !(*word >= '0' && *word <= '9'))
        word++;
    return *word != 0;
}

/* "12", "12a", "a12"; not the 2 of "2nd". */
static bool house_number(const char *word)
{
    size_t n = strlen(word), digits = strspn(word, "0123456789");
    return has_digit(word) && n <= HOUSE_LONGEST &&
           (digits == n || digits == n - 1 || (digits == 0 && strspn(word + 1, "0123456789") == n - 1));
}

/* At the head of a name "st" is a saint; after one it is a street. */
static const char *street_word(const PersonRules *rules, const Words *w, size_t i)
{
    bool begins = i == 0 || has_digit(w->at[i - 1]) || rules_word(rules, WORD_FLAT, w->at[i - 1]);
    if (strcmp(w->at[i], "st") == 0)
        return begins && i + 1 < w->count ? "saint" : "street";
    return begins ? NULL : rules_word(rules, WORD_STREET, w->at[i]);
}

static void expand(const PersonRules *rules, Words *w)
{
    for (size_t i = w->count; i-- > 0;)                  /* no 12: 12 */
        if (i + 1 < w->count && rules_word(rules, WORD_SKIP, w->at[i]) && house_number(w->at[i + 1]))
            words_drop(w, i, 1);
    for (size_t i = 0; i < w->count; i++) {
        const char *flat = i + 1 < w->count ? rules_word(rules, WORD_FLAT, w->at[i]) : NULL;
        const char *street = street_word(rules, w, i);
        if (street && *street)
            w->at[i] = (char *)(uintptr_t)street;        /* words are never written to after they are read */
        else if (flat && *flat)
            w->at[i] = (char *)(uintptr_t)flat;
    }
}

static size_t join_last(const Words *w, size_t n, char *out, size_t cap)
{
    size_t len = 0;
    for (size_t i = w->count - n; i < w->count; i++)
        for (const char *p = w->at[i]; *p; p++) {
            if (len == cap)
                return 0;
            out[len++] = *p;
        }
    return len;
}

/* Whether the last n words may be a postcode, which ends in a digit and two letters: hardly any do. */
static bool may_be_postcode(const Words *w, size_t n)
{
    char   code[8];
    size_t len = join_last(w, n, code, sizeof code);
    return len >= 5 && has_digit((char[]){ code[len - 3], 0 }) && code[len - 2] >= 'a' &&
           code[len - 1] >= 'a';
}

/* A postcode at the end, in one word or two. */
static const char *take_postcode(Arena *mem, Words *w)
{
    for (size_t n = 1; n <= 2 && n <= w->count; n++) {
        const char *code =
            may_be_postcode(w, n) ? normal_postcode(mem, words_join(mem, w, w->count - n, w->count)) : NULL;
        if (!code)
            continue;
        w->count -= n;
        return place_postcode(NULL, mem, code);
    }
    return NULL;
}

static bool is_street(const PersonRules *rules, const Words *w)
{
    for (size_t i = 0; i < w->count; i++)
        if (has_digit(w->at[i]) || (i && street_word(rules, w, i)) || rules_word(rules, WORD_FLAT, w->at[i]))
            return true;
    return false;
}

typedef struct AddressParts { Words part[ADDRESS_PARTS]; size_t count; } AddressParts;

static bool is_country(const PersonRules *rules, Arena *mem, const Words *w)
{
    size_t len = w->count - 1;
    for (size_t i = 0; i < w->count; i++)
        len += strlen(w->at[i]);
    return rules_may(rules, WORD_COUNTRY, w->at[0], len) &&
           rules_word(rules, WORD_COUNTRY, words_join(mem, w, 0, w->count));
}

static void parts_of(const PersonTools *tools, Arena *mem, const char *verbatim, AddressParts *out,
                     const char **postcode)
{
    for (const char *at = verbatim; *at && out->count < ADDRESS_PARTS;) {
        size_t len = strcspn(at, ",;\r\n|");
        Words  w = words_read(tools, mem, str_copy_n(mem, at, len));
        at += len + (at[len] != 0);
        const char *code = w.count ? take_postcode(mem, &w) : NULL;
        *postcode = code ? code : *postcode;
        if (w.count && !is_country(tools->rules, mem, &w))
            out->part[out->count++] = w;
    }
}

static size_t street_part(const PersonRules *rules, const AddressParts *p)
{
    for (size_t i = 0; i < p->count; i++)
        if (is_street(rules, &p->part[i]) &&
            !(i + 1 < p->count && p->part[i].count <= 2 && is_street(rules, &p->part[i + 1])))
            return i;
    return 0;
}

/* "flat 2 12 high street": what names the flat, the house and the street. */
static void street_read(const PersonRules *rules, Arena *mem, const Words *w, PersonAddress *out)
{
    size_t i = 0;
    if (w->count > 1 && rules_word(rules, WORD_FLAT, w->at[0])) {
        out->flat = w->at[1];
        i = 2;
    }
    for (size_t k = i; k < w->count && !out->number; k++)
        if (house_number(w->at[k])) {
            out->number = w->at[k];
            i = k + 1;
        }
    out->street = or_null(words_join(mem, w, i, w->count));
}

static void postcode_set(Arena *mem, const char *code, PersonAddress *out)
{
    out->postcode = code;
    if (!code || !normal_postcode(mem, code))
        return;
    size_t n = strlen(code);
    out->outcode = str_copy_n(mem, code, n - 3);
    out->sector = str_copy_n(mem, code, n - 2);
}

/* The words up to part `at`; `code` is replaced by a postcode that a comma had parted. */
static Words street_words(const PersonTools *tools, Arena *mem, const AddressParts *p, size_t at,
                          const char **code)
{
    Words street;
    street.count = 0;
    for (size_t i = 0; i <= at; i++)
        for (size_t k = 0; k < p->part[i].count && street.count < PERSON_WORDS; k++)
            street.at[street.count++] = p->part[i].at[k];
    for (const char *one; (one = take_postcode(mem, &street));)
        *code = one;
    expand(tools->rules, &street);
    return street;
}

void person_address_read(const PersonTools *tools, Arena *mem, const char *verbatim, PersonAddress *out)
{
    AddressParts p;
    const char  *postcode = NULL;
    p.count = 0;
    *out = (PersonAddress){ .verbatim = verbatim };
    parts_of(tools, mem, verbatim ? verbatim : "", &p, &postcode);
    if (!p.count) {
        postcode_set(mem, postcode, out);
        return;
    }
    size_t at = street_part(tools->rules, &p), last = p.count;
    Words  street = street_words(tools, mem, &p, at, &postcode);
    postcode_set(mem, postcode, out);
    const char *end = words_join(mem, &p.part[last - 1], 0, p.part[last - 1].count);
    if (last - at > 1 && rules_word(tools->rules, WORD_REGION, end)) {
        out->region = end;
        last--;
    }
    if (last - at > 1)
        out->town = words_join(mem, &p.part[last - 1], 0, p.part[last - 1].count);
    const char *normal = words_join(mem, &street, 0, street.count);
    if (person_placeholder(tools->rules, PERSON_ADDRESS, normal))
        return;
    out->normal = normal;
    street_read(tools->rules, mem, &street, out);
}

/* ---- normal forms */

const char *place_address(const PersonTools *tools, Arena *mem, const char *verbatim)
{
    AddressParts p;
    const char  *postcode = NULL;
    p.count = 0;
    parts_of(tools, mem, verbatim, &p, &postcode);
    if (!p.count)
        return NULL;
    Words street = street_words(tools, mem, &p, street_part(tools->rules, &p), &postcode);
    return words_join(mem, &street, 0, street.count);      /* placeholders: person_normal */
}

const char *place_city(const PersonTools *tools, Arena *mem, const char *verbatim)
{
    Words w = words_read(tools, mem, verbatim);
    if (w.count > 1 && strcmp(w.at[0], "st") == 0)
        w.at[0] = str_copy(mem, "saint");
    return words_join(mem, &w, 0, w.count);
}

const char *place_region(const PersonTools *tools, Arena *mem, const char *verbatim)
{
    return place_city(tools, mem, verbatim);
}

/* British where it can be; the codes of other countries by their letters and digits. */
const char *place_postcode(const PersonTools *tools, Arena *mem, const char *verbatim)
{
    (void)tools;
    const char *british = normal_postcode(mem, verbatim);
    char        out[12];
    size_t      n = 0;
    for (const char *p = british ? british : verbatim; *p && n < sizeof out; p++) {
        char c = *p >= 'a' && *p <= 'z' ? (char)(*p - 32) : *p;
        if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
            out[n++] = c;
    }
    return n >= 3 ? str_copy_n(mem, out, n) : NULL;
}

const char *place_house(const PersonTools *tools, Arena *mem, const char *verbatim)
{
    Words w = words_read(tools, mem, verbatim);
    while (w.count > 1 && rules_word(tools->rules, WORD_SKIP, w.at[0]))
        words_drop(&w, 0, 1);
    return words_join(mem, &w, 0, w.count);
}
