#include "link/train/spoil.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "base/csv.h"

static const char *const keys[SPOIL__COUNT] = {
    [SPOIL_FALSE_DETAILS] = "false_details",
    [SPOIL_GIVEN_NICKNAME] = "given_nickname",
    [SPOIL_GIVEN_INITIAL] = "given_initial",
    [SPOIL_GIVEN_OTHER] = "given_other",
    [SPOIL_GIVEN_TWO] = "given_two",
    [SPOIL_GIVEN_TYPED] = "given_typed",
    [SPOIL_FAMILY_CHANGED] = "family_changed",
    [SPOIL_FAMILY_HALF] = "family_half",
    [SPOIL_FAMILY_TYPED] = "family_typed",
    [SPOIL_NAMES_SWAPPED] = "names_swapped",
    [SPOIL_BIRTH_SWAPPED] = "birth_swapped",
    [SPOIL_BIRTH_TYPED] = "birth_typed",
    [SPOIL_BIRTH_YEAR] = "birth_year",
    [SPOIL_BIRTH_MONTH] = "birth_month",
    [SPOIL_BIRTH_JANUARY] = "birth_january",
    [SPOIL_MOVED] = "moved",
    [SPOIL_MOVED_NEAR] = "moved_near",
    [SPOIL_CITY_NEAR] = "city_near",
    [SPOIL_CITY_TYPED] = "city_typed",
    [SPOIL_POSTCODE_TYPED] = "postcode_typed",
    [SPOIL_ADDRESS_TYPED] = "address_typed",
    [SPOIL_ADDRESS_NUMBER] = "address_number",
    [SPOIL_EMAIL_OTHER] = "email_other",
    [SPOIL_EMAIL_VARIANT] = "email_variant",
    [SPOIL_EMAIL_TYPED] = "email_typed",
    [SPOIL_PHONE_NEW] = "phone_new",
    [SPOIL_PHONE_TYPED] = "phone_typed",
    [SPOIL_USERNAME_OTHER] = "username_other",
    [SPOIL_USERNAME_VARIANT] = "username_variant",
    [SPOIL_OCCUPATION_CHANGED] = "occupation_changed",
    [SPOIL_OCCUPATION_WORDED] = "occupation_worded",
    [SPOIL_TYPED_TWICE] = "typed_twice",
    [SPOIL_FIRST_LETTER] = "first_letter",
    [SPOIL_HOUSEHOLD] = "household",
    [SPOIL_HOUSEHOLD_PHONE] = "household_phone",
    [SPOIL_GIVEN_MISSING] = "given_missing",
    [SPOIL_BIRTH_MISSING] = "birth_missing",
    [SPOIL_CITY_MISSING] = "city_missing",
    [SPOIL_POSTCODE_MISSING] = "postcode_missing",
    [SPOIL_ADDRESS_MISSING] = "address_missing",
    [SPOIL_EMAIL_MISSING] = "email_missing",
    [SPOIL_PHONE_MISSING] = "phone_missing",
    [SPOIL_USERNAME_MISSING] = "username_missing",
    [SPOIL_OCCUPATION_MISSING] = "occupation_missing",
};

static bool share_read(Str text, double *out)
{
    char buf[32], *end;
    if (!text.len || text.len >= sizeof buf)
        return false;
    memcpy(buf, text.at, text.len);
    buf[text.len] = 0;
    *out = strtod(buf, &end);
    return !*end && *out >= 0 && *out < 1;
}

static bool row_take(const CsvRow *row, Spoiling *out, bool seen[SPOIL__COUNT])
{
    for (size_t i = 0; i < SPOIL__COUNT; i++)
        if (str_eq(row->fields[0], str_of(keys[i])) && !seen[i])
            return seen[i] = row->count == 4 && share_read(row->fields[1], &out->share[i]);
    return false;
}

bool spoiling_read(Arena *mem, Str text, Spoiling *out, Err *err)
{
    Csv *csv = csv_new(mem, source_memory(mem, text), ',');
    bool end = false, seen[SPOIL__COUNT] = { 0 };
    CsvRow row;
    for (size_t n = 0; csv_next(csv, &row, &end, err) && !end; n++)
        if (n && !row_take(&row, out, seen))
            return err_set(err, ERR_INVALID, "Line %zu of data/link/spoiling.csv cannot be read.", row.line);
    if (err->kind)
        return err_while(err, "reading how records are spoilt");
    for (size_t i = 0; i < SPOIL__COUNT; i++)
        if (!seen[i])
            return err_set(err, ERR_INVALID, "data/link/spoiling.csv has no row %s.", keys[i]);
    return true;
}

bool spoilt(const Spoiling *s, Spoil what, Rng *rng)
{
    return rng_unit(rng) < s->share[what];
}

static char other_like(Rng *rng, char was)
{
    static const char vowels[] = "aeiou";
    if (was >= '0' && was <= '9')
        return (char)('0' + (was - '0' + 1 + (int)rng_below(rng, 9)) % 10);
    char c = strchr(vowels, tolower(was)) ? vowels[rng_below(rng, 5)] : (char)('a' + (int)rng_below(rng, 26));
    return isupper((unsigned char)was) ? (char)toupper(c) : c;
}

/* Names of other scripts are left alone: cutting between their bytes makes no letters. */
static const char *slip(const Spoiling *s, Arena *mem, Rng *rng, const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] >= 128)
            return text;
    if (n < 3)
        return text;
    char  *out = str_copy(mem, text);
    size_t at = spoilt(s, SPOIL_FIRST_LETTER, rng) ? 0 : 1 + (size_t)rng_below(rng, n - 2);
    char   c = out[at];
    switch (rng_below(rng, 4)) {
    case 0: out[at] = other_like(rng, c); return out;
    case 1: memmove(out + at, out + at + 1, n - at); return out;
    case 2: return str_fmt(mem, "%.*s%c%s", (int)at, text, rng_below(rng, 2) ? c : other_like(rng, c),
                           text + at);
    default: out[at] = out[at + 1], out[at + 1] = c; return out;
    }
}

const char *spoil_typed(const Spoiling *s, Arena *mem, Rng *rng, const char *text)
{
    const char *out = slip(s, mem, rng, text);
    return spoilt(s, SPOIL_TYPED_TWICE, rng) ? slip(s, mem, rng, out) : out;
}
