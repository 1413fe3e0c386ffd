/* made.h: people who do not exist, each written down one to four times over three years by sources that do
 * not know of each other, so that what a level of likeness says can be counted (train.h).
 *
 * Names, streets and work are drawn by how usual they are (data/link/made.csv, data/names/), places from
 * data/towns.csv; how records of one person come to differ is data/link/spoiling.csv. A quarter live with
 * another of them, mostly of one name. Telephone numbers are any digits and so are never written to a file.
 * The same seed gives the same people. */
#pragma once
#include "link/profile.h"

typedef struct MadeRecord {
    uint32_t    person, household;
    const char *value[ASPECT__COUNT];         /* as a source would write it; NULL: says nothing of it */
} MadeRecord;

/* ERR_INVALID: fewer than two people, or a table cannot be read. */
MUST_USE bool made_people(Arena *mem, size_t people, uint64_t seed, MadeRecord **out, size_t *count,
                          Err *err);
/* The records as a list that intake reads, in an order that says nothing, with the truth in the first half of
 * list_ref ("P000012-3"). Without telephone numbers, any of which may be somebody's, and without e-mail
 * addresses, by which records are joined without being weighed. */
char *made_list(Arena *mem, const MadeRecord *records, size_t count, uint64_t seed);
