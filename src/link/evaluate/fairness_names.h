/* fairness_names.h: names by origin, from any CSV of names. */
#pragma once
#include "base/err.h"
#include "base/str.h"

typedef struct FairName { const char *name, *romanised; } FairName;    /* as written; as passports write it */
typedef struct FairOrigin {
    const char *origin;
    FairName   *given, *family;
    size_t      given_count, family_count, given_cap, family_cap;
} FairOrigin;
typedef struct FairNames {
    FairOrigin *origins;         /* in the order met */
    size_t      count, cap;
} FairNames;

/* Adds the names of a text. `part` "given" or "family" says what rows without a part column are; NULL: both.
 * `path` is for messages. */
MUST_USE bool fair_names_read(Arena *mem, Str text, const char *path, const char *part, FairNames *names,
                              Err *err);
