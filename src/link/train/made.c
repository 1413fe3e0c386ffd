#include "link/train/made.h"
#include <ctype.h>
#include <math.h>
#include <string.h>
#include "base/csv.h"
#include "base/embedded.h"
#include "base/rng.h"
#include "link/train/spoil.h"

enum { RECORDS_MOST = 4, SECTORS = 8, BORN_FROM = 1938, BORN_YEARS = 68 };
/* How many names are of other origins than those usual here, and how many of the rest are from the short list
 * of the most usual: such lists cover about a fifth of family names and most given names. */
static const double OTHER_ORIGIN = 0.12, USUAL_GIVEN = 0.80, USUAL_FAMILY = 0.25, DOUBLE_BARRELLED = 0.03,
                    GAP_YEARS = 1.5;

/* ---- words by how usual they are */

typedef struct Word { const char *text; double upto; } Word;
typedef struct Words { Word *at; size_t count, cap; double all; } Words;
typedef enum WordKind {
    WORD_GIVEN, WORD_FAMILY, WORD_FAMILY_START, WORD_FAMILY_END, WORD_STREET, WORD_OCCUPATION,
    WORD_OCCUPATION_WORDED, WORD_HANDLE, WORD__COUNT
} WordKind;
static const char *const word_kinds[WORD__COUNT] = {
    [WORD_GIVEN] = "given",
    [WORD_FAMILY] = "family",
    [WORD_FAMILY_START] = "family_start",
    [WORD_FAMILY_END] = "family_end",
    [WORD_STREET] = "street",
    [WORD_OCCUPATION] = "occupation",
    [WORD_OCCUPATION_WORDED] = "occupation_worded",
    [WORD_HANDLE] = "handle",
};

typedef struct Origin { const char *name; Words given, family; } Origin;
typedef struct Town { const char *name, *authority, *outward[SECTORS]; size_t outwards; } Town;

typedef struct Maker {
    Arena    *mem;
    Rng       rng;
    Spoiling  spoiling;
    Words     words[WORD__COUNT];
    Words     known;                          /* given names that have short forms: "robert,bob;rob" */
    Origin   *origins;
    Town     *towns;
    size_t    origin_count, origin_cap, town_count, town_cap;
    MadeRecord *records;
    size_t    count, cap;
} Maker;

static void word_add(Maker *m, Words *w, Str text, double weight)
{
    w->all += weight;
    *arena_push(m->mem, w->at, w->count, w->cap) = (Word){ str_from(m->mem, text), w->all };
}

static const char *word_any(Maker *m, const Words *w)
{
    double at = rng_unit(&m->rng) * w->all;
    size_t low = 0, high = w->count - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (w->at[middle].upto > at)
            high = middle;
        else
            low = middle + 1;
    }
    return w->at[low].text;
}

typedef bool TakeRow(Maker *m, const CsvRow *row);

static bool word_take(Maker *m, const CsvRow *row)
{
    int64_t weight;
    for (size_t k = 0; k < WORD__COUNT && row->count == 3; k++)
        if (str_eq(row->fields[0], str_of(word_kinds[k])) && str_int(row->fields[2], 1, 10000, &weight)) {
            word_add(m, &m->words[k], row->fields[1], (double)weight);
            return true;
        }
    return false;
}

static bool known_take(Maker *m, const CsvRow *row)
{
    if (row->count != 2)
        return false;
    word_add(m, &m->known, str_of(str_fmt(m->mem, STR_FMT "," STR_FMT, STR_ARG(row->fields[0]),
                                          STR_ARG(row->fields[1]))), 1);
    return true;
}

static bool origin_take(Maker *m, const CsvRow *row)
{
    if (row->count != 4)
        return false;
    Origin *last = m->origin_count ? &m->origins[m->origin_count - 1] : NULL;
    if (!last || !str_eq(str_of(last->name), row->fields[0])) {
        last = arena_push(m->mem, m->origins, m->origin_count, m->origin_cap);
        *last = (Origin){ .name = str_from(m->mem, row->fields[0]) };
    }
    word_add(m, str_eq(row->fields[1], STR("given")) ? &last->given : &last->family, row->fields[3], 1);
    return true;
}

static bool town_take(Maker *m, const CsvRow *row)
{
    if (row->count < 5)
        return false;
    Town *t = arena_push(m->mem, m->towns, m->town_count, m->town_cap);
    *t = (Town){ .name = str_from(m->mem, row->fields[0]), .authority = str_from(m->mem, row->fields[1]) };
    for (char *at = str_from(m->mem, row->fields[4]); *at && t->outwards < SECTORS;) {
        size_t n = strcspn(at, ";"), blank = strcspn(at, " ;");
        t->outward[t->outwards++] = str_copy_n(m->mem, at, blank);
        at += n + (at[n] == ';');
    }
    return t->outwards > 0;
}

static bool table_read(Maker *m, const char *path, TakeRow *take, Err *err)
{
    const Embedded *file = embedded_find(path);
    if (!file)
        return err_set(err, ERR_BUG, "The table %s is not in this program.", path);
    Csv   *csv = csv_new(m->mem, source_memory(m->mem, embedded_str(file)), ',');
    CsvRow row;
    bool   end = false;
    for (size_t n = 0; csv_next(csv, &row, &end, err) && !end; n++)
        if (n && !take(m, &row))
            return err_set(err, ERR_INVALID, "Line %zu of %s cannot be read.", row.line, path);
    return err->kind == ERR_NONE || err_while(err, "reading %s", path);
}

static bool tables_read(Maker *m, Err *err)
{
    const Embedded *spoiling = embedded_find("data/link/spoiling.csv");
    if (!spoiling)
        return err_set(err, ERR_BUG, "The table data/link/spoiling.csv is not in this program.");
    if (!spoiling_read(m->mem, embedded_str(spoiling), &m->spoiling, err) ||
        !table_read(m, "data/link/made.csv", word_take, err) ||
        !table_read(m, "data/names/nicknames.csv", known_take, err) ||
        !table_read(m, "data/names/sample.csv", origin_take, err) ||
        !table_read(m, "data/towns.csv", town_take, err))
        return false;
    for (size_t k = 0; k < WORD__COUNT; k++)
        if (!m->words[k].count)
            return err_set(err, ERR_INVALID, "data/link/made.csv has no row of kind %s.", word_kinds[k]);
    return (m->origin_count && m->origins[0].given.count && m->origins[0].family.count) ||
           err_set(err, ERR_INVALID, "data/names/sample.csv has no names.");
}

/* ---- a person */

typedef struct Life {
    uint32_t    person, household;
    const char *given, *second, *family, *email, *email2, *phone, *username, *username2, *occupation;
    int         year, month, day;
    const Town *town;
    const char *postcode, *address;
} Life;

static unsigned any(Maker *m, unsigned n)
{
    return (unsigned)rng_below(&m->rng, n);
}

static bool chance(Maker *m, double share)
{
    return rng_unit(&m->rng) < share;
}

static bool happens(Maker *m, Spoil what)
{
    return spoilt(&m->spoiling, what, &m->rng);
}

static const char *given_any(Maker *m, const Origin *o)
{
    if (o)
        return word_any(m, &o->given);
    if (chance(m, USUAL_GIVEN))
        return word_any(m, &m->words[WORD_GIVEN]);
    const char *known = word_any(m, &m->known);
    return str_copy_n(m->mem, known, strcspn(known, ","));
}

static const char *family_any(Maker *m, const Origin *o)
{
    if (o)
        return word_any(m, &o->family);
    if (chance(m, USUAL_FAMILY))
        return word_any(m, &m->words[WORD_FAMILY]);
    const char *start = word_any(m, &m->words[WORD_FAMILY_START]);
    return str_fmt(m->mem, "%s%s", start, word_any(m, &m->words[WORD_FAMILY_END]));
}

static const Origin *origin_any(Maker *m)
{
    return chance(m, OTHER_ORIGIN) ? &m->origins[any(m, (unsigned)m->origin_count)] : NULL;
}

static void birth_any(Maker *m, Life *l, int from, int years)
{
    l->year = from + (int)any(m, (unsigned)years);
    l->month = 1 + (int)any(m, 12);
    l->day = 1 + (int)any(m, 28);
}

/* A few towns hold most people. */
static const Town *town_any(Maker *m)
{
    double u = rng_unit(&m->rng);
    return &m->towns[(size_t)(u * u * (double)m->town_count)];
}

static void home_any(Maker *m, Life *l)
{
    static const char inward[] = "ABDEFGHJLNPQRSTUWXYZ";
    const char *outward = l->town->outward[any(m, (unsigned)l->town->outwards)];
    unsigned at = any(m, 9 * 20 * 20);
    l->postcode = str_fmt(m->mem, "%s %u%c%c", outward, 1 + at / 400, inward[at / 20 % 20], inward[at % 20]);
    double u = rng_unit(&m->rng);
    l->address = str_fmt(m->mem, "%u %s", 1 + (unsigned)(u * u * 160), word_any(m, &m->words[WORD_STREET]));
}

/* Any digits after 07: numbers like these are many people's, so they are never written to a file. */
static const char *phone_any(Maker *m)
{
    return str_fmt(m->mem, "07%u", 400000000 + any(m, 600000000));
}

static const char *letters_of(Maker *m, const char *name)
{
    StrBuf b = { .mem = m->mem };
    for (const char *p = name; *p; p++)
        if (isalpha((unsigned char)*p))
            buf_char(&b, (char)tolower(*p));
    return b.len ? buf_text(&b) : "someone";
}

static const char *username_any(Maker *m, const Life *l)
{
    const char *given = letters_of(m, l->given), *family = letters_of(m, l->family);
    const char *word = word_any(m, &m->words[WORD_HANDLE]), *word2 = word_any(m, &m->words[WORD_HANDLE]);
    switch (any(m, 6)) {
    case 0: return str_fmt(m->mem, "%s%s%02d", given, family, l->year % 100);
    case 1: return str_fmt(m->mem, "%c%s%u", *given, family, any(m, 1000));
    case 2: return str_fmt(m->mem, "%s%s%u", word, word2, any(m, 1000));
    case 3: return str_fmt(m->mem, "%s_%s", word, given);
    case 4: return str_fmt(m->mem, "%s%s%u", given, word, any(m, 100));
    default: return str_fmt(m->mem, "%s%u", family, any(m, 10000));
    }
}

static const char *email_any(Maker *m, const Life *l)
{
    static const char *const domains[] = { "example.org", "mail.example.org", "example.com", "example.net" };
    const char *given = letters_of(m, l->given), *family = letters_of(m, l->family);
    const char *domain = domains[any(m, COUNT_OF(domains))];
    switch (any(m, 4)) {
    case 0: return str_fmt(m->mem, "%s.%s@%s", given, family, domain);
    case 1: return str_fmt(m->mem, "%s.%s%u@%s", given, family, any(m, 100), domain);
    case 2: return str_fmt(m->mem, "%c%s%u@%s", *given, family, any(m, 1000), domain);
    default: return str_fmt(m->mem, "%s@%s", username_any(m, l), domain);
    }
}

static Life life_alone(Maker *m)
{
    const Origin *o = origin_any(m);
    Life l = { .given = given_any(m, o) };
    l.second = given_any(m, o);
    l.family = family_any(m, o);
    if (chance(m, DOUBLE_BARRELLED))
        l.family = str_fmt(m->mem, "%s-%s", l.family, family_any(m, NULL));
    birth_any(m, &l, BORN_FROM, BORN_YEARS);
    l.town = town_any(m);
    home_any(m, &l);
    l.phone = phone_any(m);
    return l;
}

/* Someone at the same address: of the same age or a generation apart, mostly of the same family name. */
static Life life_beside(Maker *m, const Life *other)
{
    Life l = life_alone(m);
    l.town = other->town;
    l.postcode = other->postcode;
    l.address = other->address;
    if (chance(m, 0.8))
        l.family = other->family;
    if (happens(m, SPOIL_HOUSEHOLD_PHONE))
        l.phone = other->phone;
    birth_any(m, &l, other->year - 8 - (chance(m, 0.5) ? 0 : 26), 17);
    return l;
}

static Life life_new(Maker *m, uint32_t person, const Life *before)
{
    bool beside = before && happens(m, SPOIL_HOUSEHOLD);
    Life l = beside ? life_beside(m, before) : life_alone(m);
    l.person = person;
    l.household = beside ? before->household : person;
    l.username = username_any(m, &l);
    l.username2 = username_any(m, &l);
    l.email = email_any(m, &l);
    l.email2 = email_any(m, &l);
    l.occupation = word_any(m, &m->words[WORD_OCCUPATION]);
    return l;
}

/* ---- time passes */

static bool meanwhile(Maker *m, Spoil what, double years)
{
    return chance(m, 1 - pow(1 - m->spoiling.share[what], years));
}

static void life_on(Maker *m, Life *l, double years)
{
    if (meanwhile(m, SPOIL_FAMILY_CHANGED, years))
        l->family = family_any(m, NULL);
    if (meanwhile(m, SPOIL_MOVED, years)) {
        l->town = happens(m, SPOIL_MOVED_NEAR) ? l->town : town_any(m);
        home_any(m, l);
    }
    if (meanwhile(m, SPOIL_PHONE_NEW, years))
        l->phone = phone_any(m);
    if (meanwhile(m, SPOIL_OCCUPATION_CHANGED, years))
        l->occupation = word_any(m, &m->words[WORD_OCCUPATION]);
}

/* ---- what a source writes */

static const char *typed(Maker *m, Spoil what, const char *text)
{
    return happens(m, what) ? spoil_typed(&m->spoiling, m->mem, &m->rng, text) : text;
}

/* A short form that people know, or the name for which it stands; itself where there is none. */
static const char *nickname_of(Maker *m, const char *given)
{
    const char *lower = letters_of(m, given);
    size_t      n = strlen(lower), first = any(m, (unsigned)m->known.count);
    for (size_t i = 0; i < m->known.count; i++) {
        const char *group = m->known.at[(first + i) % m->known.count].text;
        if (strncmp(group, lower, n) != 0 || group[n] != ',')
            continue;
        const char *at = group + n + 1, *pick = at;
        for (unsigned seen = 1; at; at = strchr(at, ';') ? strchr(at, ';') + 1 : NULL, seen++)
            pick = any(m, seen) ? pick : at;
        return str_copy_n(m->mem, pick, strcspn(pick, ";"));
    }
    return given;
}

static const char *given_written(Maker *m, const Life *l)
{
    const char *given = l->given;
    if (happens(m, SPOIL_GIVEN_NICKNAME))
        given = nickname_of(m, given);
    else if (happens(m, SPOIL_GIVEN_INITIAL))
        given = str_copy_n(m->mem, given, 1);
    else if (happens(m, SPOIL_GIVEN_OTHER))
        given = l->second;
    else if (happens(m, SPOIL_GIVEN_TWO))
        given = str_fmt(m->mem, "%s %s", given, l->second);
    return typed(m, SPOIL_GIVEN_TYPED, given);
}

static const char *family_written(Maker *m, const Life *l)
{
    const char *family = l->family, *half = strchr(family, '-');
    if (half && happens(m, SPOIL_FAMILY_HALF))
        family = any(m, 2) ? half + 1 : str_copy_n(m->mem, family, (size_t)(half - family));
    return typed(m, SPOIL_FAMILY_TYPED, family);
}

static const char *birth_written(Maker *m, const Life *life)
{
    Life l = *life;
    if (happens(m, SPOIL_BIRTH_SWAPPED) && l.day <= 12) {
        int day = l.day;
        l.day = l.month;
        l.month = day;
    }
    if (happens(m, SPOIL_BIRTH_YEAR))
        l.year += any(m, 2) ? 1 : -1;
    if (happens(m, SPOIL_BIRTH_MONTH))
        l.month = 1 + l.month % 12;
    if (happens(m, SPOIL_BIRTH_JANUARY))
        l.month = l.day = 1;
    if (happens(m, SPOIL_BIRTH_TYPED))
        switch (any(m, 4)) {
        case 0: l.year += (any(m, 2) ? 10 : -10); break;
        case 1: l.year += (int)any(m, 9) - 4; break;
        case 2: l.month = 1 + (int)any(m, 12); break;
        default: l.day = 1 + (int)any(m, 28); break;
        }
    return str_fmt(m->mem, "%04d-%02d-%02d", l.year, l.month, l.day);
}

static const char *address_written(Maker *m, const Life *l)
{
    const char *address = l->address;
    if (happens(m, SPOIL_ADDRESS_NUMBER))
        address =
            any(m, 2) ? strchr(address, ' ') + 1 : str_fmt(m->mem, "Flat %u, %s", 1 + any(m, 9), address);
    return typed(m, SPOIL_ADDRESS_TYPED, address);
}

/* The same name with other digits at the end, or at another provider. */
static const char *email_written(Maker *m, const Life *l)
{
    const char *email = happens(m, SPOIL_EMAIL_OTHER) ? l->email2 : l->email;
    if (happens(m, SPOIL_EMAIL_VARIANT)) {
        size_t n = strcspn(email, "@"), letters = n;
        while (letters > 1 && isdigit((unsigned char)email[letters - 1]))
            letters--;
        email = any(m, 2) ? str_fmt(m->mem, "%.*s%u%s", (int)letters, email, any(m, 100), email + n)
                          : str_fmt(m->mem, "%.*s@post.example.org", (int)n, email);
    }
    return typed(m, SPOIL_EMAIL_TYPED, email);
}

static const char *username_written(Maker *m, const Life *l)
{
    const char *name = happens(m, SPOIL_USERNAME_OTHER) ? l->username2 : l->username;
    if (!happens(m, SPOIL_USERNAME_VARIANT))
        return name;
    size_t n = strlen(name);
    while (n > 1 && isdigit((unsigned char)name[n - 1]))
        n--;
    return any(m, 3) ? str_fmt(m->mem, "%.*s%u", (int)n, name, any(m, 1000)) : str_fmt(m->mem, "x%sx", name);
}

static const char *occupation_written(Maker *m, const Life *l)
{
    const Words *worded = &m->words[WORD_OCCUPATION_WORDED];
    size_t       n = strlen(l->occupation);
    if (!happens(m, SPOIL_OCCUPATION_WORDED))
        return l->occupation;
    for (size_t i = 0; i < worded->count; i++)
        if (strncmp(worded->at[i].text, l->occupation, n) == 0 && worded->at[i].text[n] == '=')
            return worded->at[i].text + n + 1;
    return l->occupation;
}

static const char *city_written(Maker *m, const Life *l)
{
    return typed(m, SPOIL_CITY_TYPED, happens(m, SPOIL_CITY_NEAR) ? l->town->authority : l->town->name);
}

static const char *postcode_written(Maker *m, const Life *l)
{
    return typed(m, SPOIL_POSTCODE_TYPED, l->postcode);
}

static const char *phone_written(Maker *m, const Life *l)
{
    return typed(m, SPOIL_PHONE_TYPED, l->phone);
}

static const struct {
    Aspect aspect;
    Spoil  missing;               /* SPOIL__COUNT: with the aspect before it */
    const char *(*write)(Maker *m, const Life *l);
} written[ASPECT__COUNT] = {
    { ASPECT_GIVEN,      SPOIL_GIVEN_MISSING,      given_written      },
    { ASPECT_FAMILY,     SPOIL__COUNT,             family_written     },
    { ASPECT_BIRTH,      SPOIL_BIRTH_MISSING,      birth_written      },
    { ASPECT_CITY,       SPOIL_CITY_MISSING,       city_written       },
    { ASPECT_POSTCODE,   SPOIL_POSTCODE_MISSING,   postcode_written   },
    { ASPECT_ADDRESS,    SPOIL_ADDRESS_MISSING,    address_written    },
    { ASPECT_EMAIL,      SPOIL_EMAIL_MISSING,      email_written      },
    { ASPECT_PHONE,      SPOIL_PHONE_MISSING,      phone_written      },
    { ASPECT_USERNAME,   SPOIL_USERNAME_MISSING,   username_written   },
    { ASPECT_OCCUPATION, SPOIL_OCCUPATION_MISSING, occupation_written },
};

static void false_details(Maker *m, Life *l)
{
    const Origin *o = origin_any(m);
    l->given = given_any(m, o);
    l->family = family_any(m, o);
    birth_any(m, l, BORN_FROM, BORN_YEARS);
}

static void record_write(Maker *m, const Life *life)
{
    Life l = *life;
    if (happens(m, SPOIL_FALSE_DETAILS))
        false_details(m, &l);
    MadeRecord r = { .person = l.person, .household = l.household };
    FOR_EACH(w, written) {
        const char *value = w->write(m, &l);
        r.value[w->aspect] = w->missing != SPOIL__COUNT && happens(m, w->missing) ? NULL : value;
    }
    if (!r.value[ASPECT_GIVEN])      /* a family name alone is no name apart (profile.h) */
        r.value[ASPECT_FAMILY] = NULL;
    if (r.value[ASPECT_GIVEN] && happens(m, SPOIL_NAMES_SWAPPED)) {
        const char *given = r.value[ASPECT_GIVEN];
        r.value[ASPECT_GIVEN] = r.value[ASPECT_FAMILY];
        r.value[ASPECT_FAMILY] = given;
    }
    *arena_push(m->mem, m->records, m->count, m->cap) = r;
}

bool made_people(Arena *mem, size_t people, uint64_t seed, MadeRecord **out, size_t *count, Err *err)
{
    Maker m = { .mem = mem, .rng = rng_seed(seed) };
    Life  life = { 0 };
    if (people < 2)
        return err_set(err, ERR_INVALID, "Two people are the fewest that can be compared.");
    if (!tables_read(&m, err))
        return err_while(err, "making people up");
    for (size_t i = 0; i < people; i++) {
        life = life_new(&m, (uint32_t)i, i ? &life : NULL);
        Life now = life;
        for (unsigned n = 1 + any(&m, RECORDS_MOST); n > 0; n--) {
            record_write(&m, &now);
            life_on(&m, &now, rng_unit(&m.rng) * 2 * GAP_YEARS);
        }
    }
    *out = m.records;
    *count = m.count;
    return true;
}
