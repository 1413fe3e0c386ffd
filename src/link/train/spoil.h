/* spoil.h: how records of one person come to differ: data/link/spoiling.csv, and slips of the pen.
 *
 * Every share has its source beside it in that table, published or "Chosen". A share is per record, per year
 * between records, or as its row says. Chance comes in: the same seed gives the same slips. */
#pragma once
#include "base/err.h"
#include "base/rng.h"
#include "base/str.h"

typedef enum Spoil {
    SPOIL_FALSE_DETAILS,
    SPOIL_GIVEN_NICKNAME, SPOIL_GIVEN_INITIAL, SPOIL_GIVEN_OTHER, SPOIL_GIVEN_TWO, SPOIL_GIVEN_TYPED,
    SPOIL_FAMILY_CHANGED, SPOIL_FAMILY_HALF, SPOIL_FAMILY_TYPED, SPOIL_NAMES_SWAPPED,
    SPOIL_BIRTH_SWAPPED, SPOIL_BIRTH_TYPED, SPOIL_BIRTH_YEAR, SPOIL_BIRTH_MONTH, SPOIL_BIRTH_JANUARY,
    SPOIL_MOVED, SPOIL_MOVED_NEAR, SPOIL_CITY_NEAR, SPOIL_CITY_TYPED, SPOIL_POSTCODE_TYPED,
    SPOIL_ADDRESS_TYPED, SPOIL_ADDRESS_NUMBER,
    SPOIL_EMAIL_OTHER, SPOIL_EMAIL_VARIANT, SPOIL_EMAIL_TYPED, SPOIL_PHONE_NEW, SPOIL_PHONE_TYPED,
    SPOIL_USERNAME_OTHER, SPOIL_USERNAME_VARIANT, SPOIL_OCCUPATION_CHANGED, SPOIL_OCCUPATION_WORDED,
    SPOIL_TYPED_TWICE, SPOIL_FIRST_LETTER, SPOIL_HOUSEHOLD, SPOIL_HOUSEHOLD_PHONE,
    SPOIL_GIVEN_MISSING, SPOIL_BIRTH_MISSING, SPOIL_CITY_MISSING, SPOIL_POSTCODE_MISSING,
    SPOIL_ADDRESS_MISSING, SPOIL_EMAIL_MISSING, SPOIL_PHONE_MISSING, SPOIL_USERNAME_MISSING,
    SPOIL_OCCUPATION_MISSING,
    SPOIL__COUNT
} Spoil;

typedef struct Spoiling { double share[SPOIL__COUNT]; } Spoiling;

/* ERR_INVALID: a row is unknown or not a share, or one is missing. */
MUST_USE bool spoiling_read(Arena *mem, Str csv, Spoiling *out, Err *err);
bool spoilt(const Spoiling *s, Spoil what, Rng *rng);
/* One slip, sometimes two: a letter too many, too few, wrong, or two exchanged. Digits stay digits. */
const char *spoil_typed(const Spoiling *s, Arena *mem, Rng *rng, const char *text);
