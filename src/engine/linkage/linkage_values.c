#include "engine/linkage/linkage_values.h"
#include <string.h>
#include "engine/similarity/similarity.h"

/* Fewer than eight bytes as a number, the first lowest, in loads of fixed sizes that may overlap. */
static uint64_t few_bytes(const char *at, size_t n)
{
    uint32_t low = 0, high = 0;
    uint16_t pair = 0;
    if (n >= 4) {
        memcpy(&low, at, 4);
        memcpy(&high, at + n - 4, 4);
        return low | (uint64_t)high << 8 * (n - 4);
    }
    if (n >= 2)
        memcpy(&pair, at, 2);
    return n ? pair | (uint64_t)(unsigned char)at[n - 1] << 8 * (n - 1) : 0;
}

static uint64_t hash_step(uint64_t h, uint64_t part)
{
    h = (h ^ part) * 0xff51afd7ed558ccdu;
    return h ^ h >> 32;
}

uint64_t link_text_hash(Str text)
{
    uint64_t h = 0x9e3779b97f4a7c15u ^ text.len, part;
    size_t   i = 0;
    for (; i + 8 <= text.len; i += 8) {
        memcpy(&part, text.at + i, 8);
        h = hash_step(h, part);
    }
    if (i < text.len)
        h = hash_step(h, few_bytes(text.at + i, text.len - i));
    h *= 0xc4ceb9fe1a85ec53u;
    return h ^ h >> 29;
}

uint32_t link_word_hash(Str word)
{
    uint32_t h = (uint32_t)(link_text_hash(word) >> 7);
    return h ? h : 1;
}

bool link_next_word(Str text, size_t *at, Str *word)
{
    while (*at < text.len && (text.at[*at] == ' ' || text.at[*at] == '-'))
        ++*at;
    size_t from = *at;
    while (*at < text.len && text.at[*at] != ' ' && text.at[*at] != '-')
        ++*at;
    *word = (Str){ text.at + from, *at - from };
    return *at > from;
}

static size_t words_sorted(Str text, uint32_t words[LINK_WORDS_MAX])
{
    size_t n = 0, at = 0;
    Str    word;
    while (n < LINK_WORDS_MAX && link_next_word(text, &at, &word)) {
        uint32_t h = link_word_hash(word);
        size_t   i = n;
        while (i > 0 && words[i - 1] > h)
            i--;
        if (i > 0 && words[i - 1] == h)
            continue;
        memmove(words + i + 1, words + i, (n - i) * sizeof *words);
        words[i] = h;
        n++;
    }
    return n;
}

/* Two bits for each of 32 classes of bytes: how often it occurs, up to three times. */
static uint64_t letters_of(Str text)
{
    uint64_t letters = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned shift = ((unsigned)(unsigned char)text.at[i] & 31u) * 2;
        if ((letters >> shift & 3) < 3)
            letters += (uint64_t)1 << shift;
    }
    return letters;
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static uint32_t number_of(Str s, size_t from, size_t len)
{
    uint32_t n = 0;
    for (size_t i = from; i < from + len && i < s.len; i++)
        n = n * 10 + (uint32_t)(digit(s.at[i]) ? s.at[i] - '0' : 0);
    return n;
}

static uint32_t hash_part(Str s, size_t from, size_t len)
{
    if (from >= s.len || !len)
        return 0;
    return link_word_hash((Str){ s.at + from, from + len > s.len ? s.len - from : len });
}

static void derive_name(Str s, LinkValue *v)
{
    char code[SIM_CODE] = { 0 };
    sim_phonetic(s, code);
    v->sound = code[0] ? link_word_hash(str_of(code)) : 0;
}

static void derive_date(Str s, LinkValue *v)
{
    v->part[0] = number_of(s, 0, 4);
    v->part[1] = number_of(s, 4, 2);
    v->part[2] = number_of(s, 6, 2);
    v->letters = 0;      /* not letters but digits, the last lowest */
    for (size_t i = 0; i < 8; i++)
        v->letters = v->letters << 4 | number_of(s, i, 1);
}

/* UK: outward part, sector, area letters. Anything else: all but two, all but one, first half. */
static void derive_postcode(Str s, LinkValue *v)
{
    bool uk = s.len >= 5 && s.len <= 7 && !digit(s.at[0]) && digit(s.at[s.len - 3]);
    size_t outward = uk ? s.len - 3 : s.len > 4 ? s.len - 2 : s.len > 1 ? s.len - 1 : s.len;
    size_t area = 0;
    while (area < s.len && !digit(s.at[area]))
        area++;
    v->part[0] = hash_part(s, 0, outward);
    v->part[1] = hash_part(s, 0, uk ? s.len - 2 : s.len > 1 ? s.len - 1 : s.len);
    v->part[2] = hash_part(s, 0, uk ? area : s.len / 2);
}

/* Words that so many addresses and names hold that they tell nothing. */
static const Str common_words[] = {
    STR("apartment"), STR("avenue"), STR("boulevard"), STR("circuit"), STR("close"),  STR("court"),
    STR("crescent"),  STR("drive"),  STR("east"),      STR("flat"),    STR("house"),  STR("lane"),
    STR("north"),     STR("place"),  STR("road"),      STR("south"),   STR("square"), STR("street"),
    STR("terrace"),   STR("unit"),   STR("west"),
};

static bool common(Str word)
{
    for (size_t i = 0; i < COUNT_OF(common_words); i++)
        if (word.len == common_words[i].len && str_eq(word, common_words[i]))
            return true;
    return word.len < 2 || (word.at[0] >= '0' && word.at[0] <= '9');
}

void link_telling_words(Str text, Str best[2])
{
    size_t at = 0;
    Str    word;
    best[0] = best[1] = (Str){ "", 0 };
    while (link_next_word(text, &at, &word)) {
        if (common(word))
            continue;
        for (size_t i = 0; i < 2; i++) {
            bool better = word.len > best[i].len ||
                          (word.len == best[i].len && memcmp(word.at, best[i].at, word.len) < 0);
            if (!better)
                continue;
            Str was = best[i];
            best[i] = word;
            word = was;
        }
    }
}

static void derive_address(Str s, LinkValue *v)
{
    size_t at = 0;
    Str    word;
    while (!v->sound && link_next_word(s, &at, &word))
        if (digit(word.at[0]))
            v->sound = link_word_hash(word);
    Str best[2];      /* what tells the street: letters are its letters */
    link_telling_words(s, best);
    v->part[0] = best[0].len ? link_word_hash(best[0]) : 0;
    v->letters = letters_of(best[0]);
}

/* The part before the @, the domain, and the letters of the part before the @: tom.s77 and toms are close. */
static void derive_email(Str s, LinkValue *v)
{
    const char *sign = memchr(s.at, '@', s.len);
    size_t      local = sign ? (size_t)(sign - s.at) : s.len, n = 0;
    char        letters[64];
    for (size_t i = 0; i < local && n < sizeof letters; i++)
        if (s.at[i] >= 'a' && s.at[i] <= 'z')
            letters[n++] = s.at[i];
    v->part[0] = hash_part(s, 0, local);
    v->part[1] = sign ? hash_part(s, local + 1, s.len) : 0;
    v->part[2] = n > 3 ? link_word_hash((Str){ letters, n }) : 0;
    v->letters = letters_of((Str){ s.at, local });
    v->local = (uint16_t)(local < UINT16_MAX ? local : UINT16_MAX);
}

static void derive_phone(Str s, LinkValue *v)
{
    v->part[0] = s.len >= 7 ? hash_part(s, s.len - 7, 7) : hash_part(s, 0, s.len);
}

static void derive_year(Str s, LinkValue *v)
{
    v->part[0] = number_of(s, 0, 9);
}

typedef void Derive(Str s, LinkValue *v);
static Derive *const derives[LINK_KIND__COUNT] = {
    [LINK_GIVEN] = derive_name,      [LINK_FAMILY] = derive_name,   [LINK_NAME] = derive_name,
    [LINK_PLACE] = derive_name,      [LINK_DATE] = derive_date,     [LINK_POSTCODE] = derive_postcode,
    [LINK_ADDRESS] = derive_address, [LINK_EMAIL] = derive_email,   [LINK_HANDLE] = derive_email,
    [LINK_PHONE] = derive_phone,     [LINK_YEAR] = derive_year,
};

size_t link_value_derive(LinkKind kind, LinkValue *v, uint32_t words[LINK_WORDS_MAX])
{
    Str s = { v->text, v->len };
    v->letters = letters_of(s);
    memcpy(v->head, s.at, s.len < sizeof v->head ? s.len : sizeof v->head);
    if (derives[kind])
        derives[kind](s, v);
    return words_sorted(s, words);
}
