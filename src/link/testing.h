/* testing.h: an operation with received files in it, for the tests of this folder and those below it. */
#pragma once
#include "access/testing.h"
#include "base/source.h"
#include "clock/clock.h"
#include "intake/import.h"
#include "intake/intake_ledger.h"
#include "intake/operation.h"
#include "link/link_ledger.h"
#include "link/nominal.h"
#include "match/match.h"

#define FIELD_AUTHORITY                                                                                      \
    "{\"name\":\"Lantern\",\"lawful_basis\":\"b\",\"document\":\"d\",\"necessity\":\"n\","                   \
    "\"proportionality\":\"p\",\"authorised_by\":\"a\",\"from\":\"2026-01-01\",\"until\":\"2026-12-31\"," \
    "\"exercise\":true}"
#define FIELD_KINDS                                                                                          \
    ledger_kinds, access_kinds, clock_kinds, operation_kinds, intake_kinds, match_kinds, link_kinds

typedef struct Ground {
    Crew c;
    Hand hand;                           /* of the coordinator, in the operation */
} Ground;

static inline void ground_open(Ground *g, const Kind *const *tables)
{
    Err err = {0};
    *g = (Ground){0};
    crew_open(&g->c, tables);
    Viewer v = crew_viewer(&g->c, g->c.coordinator);
    g->hand = viewer_hand(&v, 0, TEST_NOW);
    CHECK_OK(operation_open(g->c.ledger, g->c.db, &g->hand, STR(FIELD_AUTHORITY), &g->hand.operation, &err),
             &err);
}

static inline void ground_done(Ground *g) { crew_done(&g->c); }

static inline ImportReport ground_take(Ground *g, const char *name, const char *text)
{
    Err err = {0};
    ImportReport r;
    ImportOptions options = {0};
    const char *path = str_fmt(&g->c.mem, "%s/%s", g->c.temp.folder, name);
    CHECK_OK(file_write(path, str_of(text), &err), &err);
    CHECK_OK(
        intake_import(g->c.ledger, g->c.store, &g->hand, &options, path, &g->c.mem, &r, NULL, NULL, &err),
        &err);
    for (size_t i = 0; i < r.rejection_count; i++)
        print_error("%s: %s\n", name, r.rejections[i].reason);
    CHECK_INT(r.rejected, 0);
    return r;
}

static inline void ground_link(Ground *g)
{
    Err err = {0};
    size_t linked = 0, opened = 0;
    Hand system = { .operation = g->hand.operation, .at = g->hand.at };
    CHECK_OK(link_pending(g->c.ledger, g->c.db, &system, &linked, &opened, &err), &err);
}

/* The nominal a source's number points to. */
static inline int64_t ground_who(Ground *g, const char *ref)
{
    Err err = {0};
    int64_t id = 0;
    CHECK_OK(nominal_of_source(g->c.db, g->hand.operation, ref, &id, &err), &err);
    return id;
}

static inline Nominal ground_fetch(Ground *g, int64_t id)
{
    Err err = {0};
    Nominal n;
    Viewer v = crew_viewer(&g->c, g->c.coordinator);
    CHECK_OK(nominal_fetch(g->c.db, &g->c.mem, &v, id, &n, &err), &err);
    return n;
}
