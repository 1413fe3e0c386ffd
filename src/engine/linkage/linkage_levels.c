/* Thresholds are those that keep the levels apart on misspelt names of several origins; the model, not these
 * numbers, says what a level is worth. */
#include "engine/linkage/linkage_levels.h"
#include <stdlib.h>
#include <string.h>
#include "engine/linkage/linkage_values.h"
#include "engine/linkage/linkage_where.h"
#include "engine/similarity/similarity.h"

/* ---- the levels, from worst to best */

enum {
    NAME_DIFFERS = 1,
    NAME_ALIKE,
    NAME_INITIAL,
    NAME_SOUND,
    NAME_NICK,
    NAME_CLOSE,
    NAME_CROSSED,
    NAME_SWAPPED,
    NAME_EXACT
};
#define NAME_LEVELS(differs_m, alike_m, exact_m)                                                             \
    {                                                                                                        \
        { "blank", "blank", 0, 0 },                                                                          \
        { "differs", "differs", differs_m, 0.90 },                                                           \
        { "alike", "a little alike", alike_m, 0.06 },                                                        \
        { "initial", "an initial of the other", 0.01, 0.006 },                                               \
        { "sound", "sounds alike or shares a word", 0.04, 0.008 },                                           \
        { "nickname", "a short form of the other", 0.04, 0.002 },                                            \
        { "close", "a letter or two out", 0.12, 0.006 },                                                     \
        { "crossed", "given name stands as family name", 0.01, 0.001 },                                      \
        { "swapped", "given and family name swapped", 0.02, 0.00005 },                                       \
        { "exact", "the same", exact_m, 0.01 },                                                              \
    }
static const LinkLevelSpec given_levels[] = NAME_LEVELS(0.06, 0.05, 0.65);
static const LinkLevelSpec family_levels[] = NAME_LEVELS(0.05, 0.05, 0.70);

enum { DATE_DIFFERS = 1, DATE_YEAR, DATE_NEAR, DATE_TWO_PARTS, DATE_DIGIT, DATE_SWAPPED, DATE_EXACT };
static const LinkLevelSpec date_levels[] = {
    { "blank", "blank", 0, 0 },
    { "differs", "differs", 0.06, 0.95 },
    { "year", "the same year, or within a year", 0.04, 0.034 },
    { "near", "two digits out, or within a month", 0.05, 0.010 },
    { "two_parts", "two of day, month and year the same", 0.05, 0.004 },
    { "digit", "one digit out", 0.10, 0.0015 },
    { "swapped", "day and month swapped", 0.01, 0.0001 },
    { "exact", "the same", 0.69, 0.0004 },
};

enum { PLACE_DIFFERS = 1, PLACE_ALIKE, PLACE_SHARED, PLACE_CLOSE, PLACE_EXACT };
static const LinkLevelSpec place_levels[] = {
    { "blank", "blank", 0, 0 },
    { "differs", "differs", 0.16, 0.93 },
    { "alike", "a little alike", 0.04, 0.02 },
    { "shared", "shares a word", 0.04, 0.008 },
    { "close", "a letter or two out", 0.09, 0.003 },
    { "exact", "the same", 0.67, 0.04 },
};

enum {
    POST_DIFFERS = 1,
    POST_AREA,
    POST_KM_25,
    POST_KM_5,
    POST_OUTWARD,
    POST_SECTOR,
    POST_CHARACTER,
    POST_EXACT
};
static const LinkLevelSpec postcode_levels[] = {
    { "blank", "blank", 0, 0 },
    { "differs", "differs", 0.11, 0.945 },
    { "area", "the same area", 0.02, 0.010 },
    { "km_25", "within 25 km", 0.03, 0.028 },
    { "km_5", "within 5 km", 0.02, 0.004 },
    { "outward", "the same district", 0.06, 0.008 },
    { "sector", "the same sector", 0.03, 0.001 },
    { "character", "one character out", 0.06, 0.001 },
    { "exact", "the same", 0.67, 0.002 },
};

enum { ADDRESS_DIFFERS = 1, ADDRESS_SOME, ADDRESS_MOST, ADDRESS_CLOSE, ADDRESS_EXACT };
static const LinkLevelSpec address_levels[] = {
    { "blank", "blank", 0, 0 },
    { "differs", "differs", 0.12, 0.90 },
    { "some", "shares some words", 0.08, 0.09 },
    { "most", "shares most words", 0.10, 0.008 },
    { "close", "close, with the same number", 0.20, 0.0005 },
    { "exact", "the same", 0.50, 0.0005 },
};

enum { EMAIL_DIFFERS = 1, EMAIL_ALIKE, EMAIL_NAME, EMAIL_LOCAL, EMAIL_CLOSE, EMAIL_EXACT };
static const LinkLevelSpec email_levels[] = {
    { "blank", "blank", 0, 0 },
    { "differs", "differs", 0.10, 0.99 },
    { "alike", "a little alike", 0.04, 0.008 },
    { "name", "the same but for digits and domain", 0.03, 0.0005 },
    { "local", "the same before the @", 0.05, 0.0003 },
    { "close", "a letter or two out", 0.13, 0.0001 },
    { "exact", "the same", 0.65, 0.0003 },
};

enum { PHONE_DIFFERS = 1, PHONE_DIGIT, PHONE_SEVEN, PHONE_EXACT };
static const LinkLevelSpec phone_levels[] = {
    { "blank", "blank", 0, 0 },
    { "differs", "differs", 0.20, 0.998 },
    { "digit", "one digit out", 0.06, 0.0005 },
    { "seven", "the same last seven digits", 0.04, 0.0001 },
    { "exact", "the same", 0.70, 0.0005 },
};

enum { NUMBER_DIFFERS = 1, NUMBER_TWO, NUMBER_ONE, NUMBER_EXACT };
static const LinkLevelSpec number_levels[] = {
    { "blank", "blank", 0, 0 },
    { "differs", "differs", 0.05, 0.998 },
    { "two", "two characters out", 0.02, 0.001 },
    { "one", "one character out", 0.08, 0.0001 },
    { "exact", "the same", 0.85, 0.0001 },
};

enum { WORDS_DIFFERS = 1, WORDS_SHARED, WORDS_CLOSE, WORDS_EXACT };
static const LinkLevelSpec words_levels[] = {
    { "blank", "blank", 0, 0 },
    { "differs", "differs", 0.20, 0.93 },
    { "shared", "shares a word", 0.08, 0.02 },
    { "close", "a letter or two out", 0.06, 0.003 },
    { "exact", "the same", 0.66, 0.05 },
};

enum { FULL_DIFFERS = 1, FULL_SOME, FULL_PART, FULL_MOST, FULL_CLOSE, FULL_EXACT };
static const LinkLevelSpec full_levels[] = {
    { "blank", "blank", 0, 0 },
    { "differs", "differs", 0.05, 0.95 },
    { "some", "shares a word", 0.07, 0.035 },
    { "part", "about half alike", 0.10, 0.010 },
    { "most", "most words the same or alike", 0.14, 0.002 },
    { "close", "a letter or two out", 0.14, 0.0005 },
    { "exact", "the same words", 0.50, 0.0005 },
};

enum { CODE_DIFFERS = 1, CODE_EXACT };
static const LinkLevelSpec code_levels[] = {
    { "blank", "blank", 0, 0 },
    { "differs", "differs", 0.08, 0.60 },
    { "exact", "the same", 0.92, 0.40 },
};
static const LinkLevelSpec token_levels[] = {
    { "blank", "blank", 0, 0 },
    { "differs", "differs", 0.50, 0.999 },
    { "exact", "the same", 0.50, 0.001 },
};

enum { HANDLE_DIFFERS = 1, HANDLE_ALIKE, HANDLE_CLOSE, HANDLE_EXACT };
static const LinkLevelSpec handle_levels[] = {
    { "blank", "blank", 0, 0 },
    { "differs", "differs", 0.40, 0.995 },
    { "alike", "a little alike", 0.06, 0.004 },
    { "close", "the same but for a letter, digits or signs", 0.10, 0.0005 },
    { "exact", "the same", 0.44, 0.0005 },
};

enum { YEAR_DIFFERS = 1, YEAR_DIGIT, YEAR_BESIDE, YEAR_EXACT };
static const LinkLevelSpec year_levels[] = {
    { "blank", "blank", 0, 0 },
    { "differs", "differs", 0.05, 0.80 },
    { "digit", "one digit out", 0.05, 0.11 },
    { "beside", "one more or less", 0.05, 0.05 },
    { "exact", "the same", 0.85, 0.04 },
};

/* Frequency at a close level: of business names, towns and e-mail it cost right pairs somewhere (docs). */
#define LEVELS(l) l, COUNT_OF(l)
const LinkKindSpec link_kind_specs[LINK_KIND__COUNT] = {
    /*                  key         levels                    terms, cap  near              shared */
    [LINK_GIVEN]    = { "given",    LEVELS(given_levels),     1.0, 10,   NAME_CLOSE,  0.5, false },
    [LINK_FAMILY]   = { "family",   LEVELS(family_levels),    1.0, 10,   NAME_CLOSE,  0.5, false },
    [LINK_NAME]     = { "name",     LEVELS(full_levels),      1.0, 10,   0,           0,   false },
    [LINK_DATE]     = { "date",     LEVELS(date_levels),      1.0, 10,   0,           0,   false },
    [LINK_PLACE]    = { "place",    LEVELS(place_levels),     1.0, 10,   0,           0,   false },
    [LINK_POSTCODE] = { "postcode", LEVELS(postcode_levels),  1.0, 10,   0,           0,   false },
    [LINK_ADDRESS]  = { "address",  LEVELS(address_levels),   1.0, 10,   0,           0,   false },
    [LINK_EMAIL]    = { "email",    LEVELS(email_levels),     1.0, 10,   0,           0,   false },
    [LINK_PHONE]    = { "phone",    LEVELS(phone_levels),     1.0, 10,   0,           0,   true  },
    [LINK_NUMBER]   = { "number",   LEVELS(number_levels),    1.0, 10,   0,           0,   true  },
    [LINK_WORDS]    = { "words",    LEVELS(words_levels),     1.0, 10,   WORDS_CLOSE, 0.5, false },
    [LINK_CODE]     = { "code",     LEVELS(code_levels),      1.0, 10,   0,           0,   false },
    [LINK_TOKEN]    = { "token",    LEVELS(token_levels),     1.0, 10,   0,           0,   true  },
    [LINK_HANDLE]   = { "handle",   LEVELS(handle_levels),    1.0, 10,   0,           0,   false },
    [LINK_YEAR]     = { "year",     LEVELS(year_levels),      1.0, 10,   0,           0,   false },
};

/* ---- comparing two values */

typedef struct Two {
    const LinkColumns *c;
    size_t             field;
    const LinkValue   *a, *b;
} Two;

static Str text_of(const LinkValue *v)
{
    return (Str){ v->text, v->len };
}

/* The most letters two texts can have in common, from their letter counts: each class holds 0..3. A class
 * that is full on both sides may hide more, which only makes the bound looser. */
static unsigned letters_apart(uint64_t a, uint64_t b)
{
    uint64_t differ = a ^ b, n = (differ | differ >> 1) & 0x5555555555555555u;
    n = (n & 0x3333333333333333u) + (n >> 2 & 0x3333333333333333u);      /* counted without needing popcnt */
    n = (n + (n >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return (unsigned)(n * 0x0101010101010101u >> 56);
}

static double likeness(const LinkValue *a, const LinkValue *b)
{
    return sim_jaro_winkler(text_of(a), text_of(b));
}

/* Two classes of letters change at most with a replacement. */
static bool within_edits(const LinkValue *a, const LinkValue *b, unsigned edits)
{
    uint32_t longer = a->len > b->len ? a->len - b->len : b->len - a->len;
    return longer <= edits && letters_apart(a->letters, b->letters) <= 2 * edits &&
           sim_osa_within(text_of(a), text_of(b), (int)edits) <= (int)edits;
}

/* Cheap "surely below `floor`": with c letters in common, Jaro is at most (c/la + c/lb + 1)/3, and only above
 * 0.7 does a common beginning add to it. Letters are counted by class, so c is at most what the two lengths
 * leave after the classes that only one of them has. */
static bool below(double la, double lb, uint64_t a, uint64_t b, const char *head_a, const char *head_b,
                  double floor)
{
    double common = (la + lb - letters_apart(a, b)) / 2, shorter = la < lb ? la : lb;
    if (common > shorter)
        common = shorter;
    double jaro = (common / la + common / lb + 1) / 3;
    int    start = 0;
    while (start < 4 && head_a[start] && head_a[start] == head_b[start])
        start++;
    return (jaro > 0.7 ? jaro + 0.1 * start * (1 - jaro) : jaro) < floor;
}

static bool cannot_reach(const LinkValue *a, const LinkValue *b, double floor)
{
    return below(a->len, b->len, a->letters, b->letters, a->head, b->head, floor);
}

static size_t words_shared(const Two *t)
{
    const uint32_t *x = link_columns_tokens(t->c, t->field, t->a),
                   *y = link_columns_tokens(t->c, t->field, t->b);
    size_t n = 0;
    for (size_t i = 0, j = 0; i < t->a->token_count && j < t->b->token_count;) {
        if (x[i] == y[j]) {
            n++;
            i++;
            j++;
        } else if (x[i] < y[j]) {
            i++;
        } else {
            j++;
        }
    }
    return n;
}

static bool nicknames_meet(const LinkValue *a, const LinkValue *b)
{
    for (size_t i = 0; i < COUNT_OF(a->part); i++)
        for (size_t j = 0; j < COUNT_OF(b->part); j++)
            if (a->part[i] && a->part[i] == b->part[j])
                return true;
    return false;
}

static unsigned level_name(const Two *t)
{
    const LinkValue *a = t->a, *b = t->b;
    if (a->len == 1 || b->len == 1)
        return a->text[0] == b->text[0] ? NAME_INITIAL : NAME_DIFFERS;
    bool nick = nicknames_meet(a, b);
    bool hopeless = cannot_reach(a, b, 0.75);
    if (!hopeless && within_edits(a, b, 1) && (a->len > 2 || b->len > 2))
        return NAME_CLOSE;
    double like = hopeless ? 0 : likeness(a, b);
    if (like >= 0.93)
        return NAME_CLOSE;
    if (nick)
        return NAME_NICK;
    if (like >= 0.87 || (a->sound && a->sound == b->sound) ||
        ((a->token_count > 1 || b->token_count > 1) && words_shared(t)) ||
        (!hopeless && a->len >= 5 && b->len >= 5 && within_edits(a, b, 2)))
        return NAME_SOUND;
    return like >= 0.75 ? NAME_ALIKE : NAME_DIFFERS;
}

/* Days since a fixed day, near enough to tell "within a month" (months count 31 days). */
static int day_number(const LinkValue *v)
{
    return (int)(v->part[0] * 372 + v->part[1] * 31 + v->part[2]);
}

/* The first of January stands for "some day of that year" in many a register, as 00 does. */
static bool only_year(const LinkValue *v)
{
    return v->part[1] <= 1 && v->part[2] <= 1;
}

static unsigned level_date(const Two *t)
{
    const uint32_t *x = t->a->part, *y = t->b->part;
    bool rough = only_year(t->a) && only_year(t->b), either = only_year(t->a) || only_year(t->b);
    bool year = x[0] == y[0], month = x[1] && x[1] == y[1] && !rough, day = x[2] && x[2] == y[2] && !rough;
    if (year && x[1] == y[2] && x[2] == y[1])
        return DATE_SWAPPED;
    uint64_t apart = t->a->letters ^ t->b->letters;      /* of a date: its digits, four bits each */
    int      digits = 0;
    bool     swapped = false;
    for (unsigned i = 0; i < 32; i += 4) {
        digits += (apart >> i & 15) != 0;
        swapped |= (apart >> i & 15) && (t->a->letters >> i & 15) == (t->b->letters >> (i + 4) & 15) &&
                   (t->b->letters >> i & 15) == (t->a->letters >> (i + 4) & 15);
    }
    if (digits == 1 || (digits == 2 && swapped))
        return rough && !year ? DATE_NEAR : DATE_DIGIT;
    if (year + month + day == 2 || (year && either))
        return DATE_TWO_PARTS;
    int days = abs(day_number(t->a) - day_number(t->b));
    if (digits == 2 || days <= 31)
        return DATE_NEAR;
    return year || days <= 372 ? DATE_YEAR : DATE_DIFFERS;
}

static bool within_km(const Two *t, double km)
{
    return link_where_known(t->a->where) && link_where_known(t->b->where) &&
           link_where_within(t->a->where, t->b->where, km);
}

static unsigned level_place(const Two *t)
{
    if (within_edits(t->a, t->b, 1) || (t->a->len >= 7 && t->b->len >= 7 && within_edits(t->a, t->b, 2)))
        return PLACE_CLOSE;
    double like = cannot_reach(t->a, t->b, 0.82) ? 0 : likeness(t->a, t->b);
    if (like >= 0.93)
        return PLACE_CLOSE;
    if ((t->a->token_count > 1 || t->b->token_count > 1) && words_shared(t))
        return PLACE_SHARED;
    return like >= 0.82 ? PLACE_ALIKE : PLACE_DIFFERS;
}

static unsigned level_postcode(const Two *t)
{
    const uint32_t *x = t->a->part, *y = t->b->part;
    if (within_edits(t->a, t->b, 1))
        return POST_CHARACTER;
    return x[1] && x[1] == y[1]   ? POST_SECTOR
           : x[0] == y[0]         ? POST_OUTWARD
           : within_km(t, 5)      ? POST_KM_5
           : within_km(t, 25)     ? POST_KM_25
           : x[2] && x[2] == y[2] ? POST_AREA
                                  : POST_DIFFERS;
}

static unsigned level_address(const Two *t)
{
    bool   same_number = t->a->sound == t->b->sound;
    size_t shared = words_shared(t), fewer = t->a->token_count, more = t->b->token_count;
    if (fewer > more) {
        fewer = t->b->token_count;
        more = t->a->token_count;
    }
    if (shared == more)
        return ADDRESS_EXACT;
    bool far =
        shared <= 1 && t->a->part[0] != t->b->part[0] && letters_apart(t->a->letters, t->b->letters) > 4;
    double like = far ? 0 : sim_words(text_of(t->a), text_of(t->b), 0.5);
    if (same_number && (like >= 0.88 || (shared == fewer && fewer > 1)))
        return ADDRESS_CLOSE;
    if (like >= 0.88 || (same_number && t->a->sound && like >= 0.75) || (shared == fewer && fewer > 1))
        return ADDRESS_MOST;
    return shared || like >= 0.75 ? ADDRESS_SOME : ADDRESS_DIFFERS;
}

static unsigned level_email(const Two *t)
{
    const LinkValue *a = t->a, *b = t->b;
    if (within_edits(a, b, 2))
        return EMAIL_CLOSE;
    if (a->part[0] == b->part[0])
        return EMAIL_LOCAL;
    if (a->part[2] && a->part[2] == b->part[2])
        return EMAIL_NAME;
    if (!a->local || !b->local || below(a->local, b->local, a->letters, b->letters, a->head, b->head, 0.86))
        return EMAIL_DIFFERS;
    if (a->len > 12 && b->len > 12 && within_edits(a, b, 4))
        return EMAIL_CLOSE;
    Str x = { a->text, a->local }, y = { b->text, b->local };
    return sim_jaro_winkler(x, y) >= 0.86 ? EMAIL_ALIKE : EMAIL_DIFFERS;
}

static unsigned level_phone(const Two *t)
{
    if (t->a->part[0] == t->b->part[0])
        return PHONE_SEVEN;
    return within_edits(t->a, t->b, 1) ? PHONE_DIGIT : PHONE_DIFFERS;
}

static unsigned level_number(const Two *t)
{
    if (within_edits(t->a, t->b, 1))
        return NUMBER_ONE;
    return t->a->len > 5 && within_edits(t->a, t->b, 2) ? NUMBER_TWO : NUMBER_DIFFERS;
}

static unsigned level_words(const Two *t)
{
    if (within_edits(t->a, t->b, 1))
        return WORDS_CLOSE;
    if (!cannot_reach(t->a, t->b, 0.92) && likeness(t->a, t->b) >= 0.92)
        return WORDS_CLOSE;
    return words_shared(t) ? WORDS_SHARED : WORDS_DIFFERS;
}

static unsigned level_full(const Two *t)
{
    size_t shared = words_shared(t),
           more = t->a->token_count > t->b->token_count ? t->a->token_count : t->b->token_count;
    if (shared == more)
        return FULL_EXACT;
    if (within_edits(t->a, t->b, 2))
        return FULL_CLOSE;
    if (!shared && letters_apart(t->a->letters, t->b->letters) > 16)
        return FULL_DIFFERS;
    double like = sim_words(text_of(t->a), text_of(t->b), 0.3);
    if (like >= 0.95)
        return FULL_CLOSE;
    return like >= 0.86 ? FULL_MOST : like >= 0.76 ? FULL_PART : shared ? FULL_SOME : FULL_DIFFERS;
}

static unsigned level_differs(const Two *t)
{
    (void)t;
    return LINK_LEVEL_DIFFERS;
}

static unsigned level_handle(const Two *t)
{
    if (within_edits(t->a, t->b, 1) || (t->a->part[2] && t->a->part[2] == t->b->part[2]))
        return HANDLE_CLOSE;
    return !cannot_reach(t->a, t->b, 0.88) && likeness(t->a, t->b) >= 0.88 ? HANDLE_ALIKE : HANDLE_DIFFERS;
}

static unsigned level_year(const Two *t)
{
    uint32_t x = t->a->part[0], y = t->b->part[0];
    if (x == y + 1 || y == x + 1)
        return YEAR_BESIDE;
    return within_edits(t->a, t->b, 1) ? YEAR_DIGIT : YEAR_DIFFERS;
}

typedef unsigned Level(const Two *t);
static Level *const level_of[LINK_KIND__COUNT] = {
    [LINK_GIVEN] = level_name,       [LINK_FAMILY] = level_name,     [LINK_NAME] = level_full,
    [LINK_DATE] = level_date,        [LINK_PLACE] = level_place,     [LINK_POSTCODE] = level_postcode,
    [LINK_ADDRESS] = level_address,  [LINK_EMAIL] = level_email,     [LINK_PHONE] = level_phone,
    [LINK_NUMBER] = level_number,    [LINK_WORDS] = level_words,     [LINK_CODE] = level_differs,
    [LINK_TOKEN] = level_differs,    [LINK_HANDLE] = level_handle,   [LINK_YEAR] = level_year,
};

unsigned link_level(LinkKind kind, const LinkColumns *c, size_t field, uint32_t a, uint32_t b)
{
    if (a == b)
        return (unsigned)link_kind_specs[kind].level_count - 1;
    Two t = { c, field, link_columns_value(c, field, a), link_columns_value(c, field, b) };
    return level_of[kind](&t);
}
