/* registers.h: entries of registers that may be a nominal under another name or address.
 *
 * Elsewhere an entry counts when name and date of birth are the same to the letter (risk/). Here it is
 * weighed as a record is, so that an alias, a slip or a former name brings it up too. It is told to a person,
 * and nothing follows from it by itself: no join, no points, no fact. */
#pragma once
#include "link/base.h"

typedef struct RegisterHit {
    int64_t     entry, record;       /* the nominal's record that it is most like */
    const char *register_ref, *given, *family, *postcode, *force;      /* as the register has them */
    Date        born;
    LinkWeighed weighed;             /* outcome: review */
    const char *model;
} RegisterHit;
/* Those above even odds, heaviest first. ERR_NOT_FOUND unless the viewer may see the nominal. */
MUST_USE bool register_hits(Db *db, Arena *mem, LinkBase *base, const Viewer *viewer, int64_t nominal,
                            Date day, RegisterHit **out, size_t *count, Err *err);
