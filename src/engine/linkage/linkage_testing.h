/* linkage_testing.h: made-up people for the tests and benches of linkage: persons with one to a few records,
 * misspelt, swapped and with gaps. The truth is the person's number. */
#pragma once
#include <stdio.h>
#include <string.h>
#include "base/rng.h"
#include "engine/linkage/linkage_run.h"

typedef struct MadePeople {
    LinkColumns *columns;
    uint32_t    *person;          /* one a row */
    size_t       rows;
} MadePeople;

enum { MADE_GIVEN, MADE_FAMILY, MADE_BORN, MADE_POSTCODE, MADE_CITY, MADE_EMAIL, MADE_FIELDS };
static const LinkField made_fields[MADE_FIELDS] = {
    { "given", LINK_GIVEN },       { "family", LINK_FAMILY }, { "birth_date", LINK_DATE },
    { "postcode", LINK_POSTCODE }, { "city", LINK_PLACE },    { "email", LINK_EMAIL },
};
typedef struct MadeRow { char text[MADE_FIELDS][48]; } MadeRow;

/* A pronounceable word that belongs to a number; few numbers, few words. */
static inline void made_word(uint64_t number, char *out, size_t cap)
{
    static const char *const starts[] = { "b", "br", "c", "d", "f", "g", "h",  "k",
                                          "l", "m",  "n", "p", "r", "s", "st", "t" };
    static const char *const vowels[] = { "a", "e", "i", "o", "u", "ai", "ea", "oo" };
    static const char *const ends[] = { "n", "r", "s", "l", "m", "tt", "ck", "ng" };
    size_t                   n = 0;
    number = number * 0x9e3779b97f4a7c15u >> 20;
    for (int i = 0; i < 2; i++) {
        n += (size_t)snprintf(out + n, cap - n, "%s%s", starts[number % 16], vowels[number / 16 % 8]);
        number /= 128;
    }
    snprintf(out + n, cap - n, "%s", ends[number % 8]);
}

/* Frequent numbers are frequent, as names are. */
static inline uint64_t made_skewed(Rng *rng, uint64_t n)
{
    double u = rng_unit(rng);
    return (uint64_t)(u * u * u * (double)n);
}

static inline void made_misspell(Rng *rng, char *text)
{
    size_t n = strlen(text), at = n ? (size_t)rng_below(rng, n) : 0;
    if (n < 3)
        return;
    if (rng_below(rng, 2) && at + 1 < n) {
        char was = text[at];
        text[at] = text[at + 1];
        text[at + 1] = was;
    } else {
        bool digit = text[at] >= '0' && text[at] <= '9';
        text[at] = digit             ? (char)('0' + rng_below(rng, 10))
                   : text[at] == '@' ? '@'
                                     : (char)('a' + rng_below(rng, 26));
    }
}

static inline MadeRow made_person(Rng *rng, uint64_t number)
{
    MadeRow row = { 0 };
    made_word(made_skewed(rng, 800), row.text[MADE_GIVEN], 48);
    made_word(5000 + made_skewed(rng, 20000), row.text[MADE_FAMILY], 48);
    snprintf(row.text[MADE_BORN], 48, "%04d%02d%02d", 1930 + (int)rng_below(rng, 80),
             1 + (int)rng_below(rng, 12), 1 + (int)rng_below(rng, 28));
    snprintf(row.text[MADE_POSTCODE], 48, "%c%c%d%d%c%c", (int)('A' + rng_below(rng, 20)),
             (int)('A' + rng_below(rng, 5)), 1 + (int)rng_below(rng, 20), (int)rng_below(rng, 10),
             (int)('A' + rng_below(rng, 20)), (int)('A' + rng_below(rng, 20)));
    made_word(900000 + made_skewed(rng, 300), row.text[MADE_CITY], 48);
    snprintf(row.text[MADE_EMAIL], 48, "%.8s.%.10s%d@example.org", row.text[MADE_GIVEN],
             row.text[MADE_FAMILY], (int)(number % 97));
    return row;
}

static inline void made_spoil(Rng *rng, MadeRow *row)
{
    for (size_t f = 0; f < MADE_FIELDS; f++) {
        if (rng_below(rng, 100) < 12)
            made_misspell(rng, row->text[f]);
        if (rng_below(rng, 100) < 10)
            row->text[f][0] = 0;
    }
    if (rng_below(rng, 100) < 2) {
        char was[48];
        memcpy(was, row->text[MADE_GIVEN], 48);
        memcpy(row->text[MADE_GIVEN], row->text[MADE_FAMILY], 48);
        memcpy(row->text[MADE_FAMILY], was, 48);
    }
}

static inline void made_add(LinkColumns *c, const MadeRow *row, uint8_t source)
{
    uint32_t codes[LINK_FIELDS_MAX] = { 0 };
    for (size_t f = 0; f < MADE_FIELDS; f++)
        codes[f] = link_columns_code(c, f, str_of(row->text[f]));
    link_columns_add(c, codes, source);
}

/* `rows` records of about rows/2 persons, in an order that `order` decides and nothing else does. */
static inline MadePeople made_people(Arena *mem, size_t rows, uint64_t seed, uint64_t order, bool two_sources)
{
    MadePeople made = { .rows = rows, .person = arena_new(mem, uint32_t, rows + 1) };
    MadeRow   *list = arena_new(mem, MadeRow, rows + 1);
    uint32_t  *person = arena_new(mem, uint32_t, rows + 1), *at = arena_new(mem, uint32_t, rows + 1);
    Rng        rng = rng_seed(seed), shuffle = rng_seed(order);
    uint32_t   number = 0;
    for (size_t i = 0; i < rows; number++) {
        MadeRow original = made_person(&rng, number);
        for (size_t copies = 1 + rng_below(&rng, 3); copies > 0 && i < rows; copies--, i++) {
            list[i] = original;
            person[i] = number;
            if (copies > 1)
                made_spoil(&rng, &list[i]);
        }
    }
    for (size_t i = 0; i < rows; i++)
        at[i] = (uint32_t)i;
    for (size_t i = rows; order && i > 1; i--) {
        size_t   j = (size_t)rng_below(&shuffle, i);
        uint32_t was = at[i - 1];
        at[i - 1] = at[j];
        at[j] = was;
    }
    made.columns = link_columns_new(mem, made_fields, MADE_FIELDS, NULL, NULL);
    for (size_t i = 0; i < rows; i++) {
        made_add(made.columns, &list[at[i]], two_sources ? (uint8_t)(at[i] % 2) : 0);
        made.person[i] = person[at[i]];
    }
    link_columns_count(made.columns);
    return made;
}
