/* relied.h: what relied on an answer that tied a footprint to a household: one error lists it all.
 *
 * Packages built after the answer was taken and before it was withdrawn; warrants, premises, interviews,
 * arrests and exhibits of the same person recorded in that time. Only what the viewer may read
 * (PERM_PACKAGE_READ on its force). */
#pragma once
#include "access/access.h"

typedef struct Relied {
    const char *kind;                        /* package | warrant | premises | ... */
    int64_t id, package, force;              /* id: of the package or action; package 0: none */
    const char *says, *ref, *state, *force_tile;
    Date on;
} Relied;
MUST_USE bool relied_on(Db *db, Arena *mem, const Viewer *viewer, int64_t attribution, Relied **out,
                        size_t *count, Err *err);                /* at most 200, oldest first */
