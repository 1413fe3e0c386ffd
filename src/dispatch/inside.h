/* inside.h: what the files of src/dispatch share. No other folder includes it. */
#pragma once
#include "dispatch/dispatch_sql.h"
#include "dispatch/package.h"

#define SQL(name) (&dispatch_sql[DISPATCH_##name])

typedef struct PackageState {
    int64_t id, operation, nominal, force, owner;
    const char *state, *band,
        *nominal_band; /* nominal_band: what a person has decided since, "" if nothing */
    bool eliminated;   /* its holder was told so */
} PackageState;
#define PERSON_ELIMINATED "person-eliminated" /* a disposition */
/* Not yet sent, or given back: the coordinator's move. */
static inline bool with_coordinator(const PackageState *p)
{
    return str_same(p->state, "built") || str_same(p->state, "held") || str_same(p->state, "returned");
}
/* ERR_NOT_FOUND. */
MUST_USE bool package_state(Db *db, Arena *mem, int64_t id, PackageState *out, Err *err);
/* Who coordinates the operation: its agency, and the person who answers for it. */
MUST_USE bool coordinator_of(Db *db, int64_t operation, int64_t *agency, int64_t *person, Err *err);

/* Calls `row` for each row of a query. */
typedef bool EachRow(void *ctx, const Rows *rows, Err *err);
MUST_USE bool each_row(Db *db, const Sql *sql, Values values, EachRow *row, void *ctx, Err *err);

/* deconflict.c: others at work on the same person, account, address or file, as a list of {other, kind,
 * detail}. A restricted record gives a person to contact and nothing else. Those in `known` (may be
 * NULL) are left out. */
MUST_USE bool deconflict(Db *db, Arena *mem, int64_t nominal, const Json *known, Json **hits, Err *err);
/* manifest.c: references and digests of all that the package rests on. */
MUST_USE bool manifest_make(Db *db, Arena *mem, int64_t nominal, Json **out, Err *err);
/* list.c: what the holder of a package may see of a nominal that shares something with theirs. */
MUST_USE bool hit_shown(Db *db, const Viewer *viewer, int64_t other, bool *shown, Err *err);
