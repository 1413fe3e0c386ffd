/* operate_ledger.c: what forces did, one at a time or many from a file. */
#include "operate/operate_ledger.h"
#include "operate/inside.h"
#include "operate/returns.h"

/* ---- one action ---- */

static bool apply_recorded(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    Act act;
    int64_t was = 0;
    bool same = false;
    act_read(mem, json_get(e->body, "row"), &act);
    act_dues_read(e->body, &act);
    act.nominal = json_int(e->body, "nominal", 0);
    act.package = json_int(e->body, "package", 0);
    act.force = json_int(e->body, "force", 0);
    act.operation = e->operation;
    return act_put(tx, e, mem, &act, &was, &same, err)
        && (same || acts_settle(tx, e, mem, &act, 1, &was, was != 0, err));
}

/* ---- rows of a file ---- */

typedef struct Placed {
    Arena   *mem;
    Act     *acts;
    size_t   count, cap, other_count, other_cap;
    int64_t *others;
} Placed;

static bool put(void *ctx, Tx *tx, const Entry *e, const ReturnRow *row, const Json *item, Settled *outcome,
                const char **reason, Err *err)
{
    Placed *p = ctx;
    Act act;
    int64_t was = 0;
    bool same = false;
    (void)reason;
    act_read(p->mem, row->row, &act);
    act_dues_read(item, &act);
    act.nominal = json_int(item, "nominal", 0);
    act.package = json_int(item, "package", 0);
    act.force = json_int(item, "force", 0);
    act.operation = row->operation;
    act.file = row->file;
    act.line = row->line;
    if (!act_put(tx, e, p->mem, &act, &was, &same, err))
        return false;
    *outcome = same ? SETTLED_MERGED : SETTLED_TAKEN;
    if (!same)
        *arena_push(p->mem, p->acts, p->count, p->cap) = act;
    if (was)
        *arena_push(p->mem, p->others, p->other_count, p->other_cap) = was;
    return true;
}

static bool apply_placed(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    Placed p = { .mem = mem };
    return returns_apply(tx, e, mem, put, &p, err)
        && acts_settle(tx, e, mem, p.acts, p.count, p.others, p.other_count, err);
}

static bool fill(Db *db, Arena *mem, const ReturnsRun *run, const ReturnRow *row, ReturnPlace *place,
                 Json *item, Err *err)
{
    ActDues with = { run->rules, place->nation, place->band, run->hand->at };
    (void)db; (void)mem;
    return act_dues(&with, row->row, item, err);
}

bool returns_place(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand, size_t *placed,
                   size_t *pending, Err *err)
{
    static const ReturnsJob job = { "return.placed", false, fill };
    (void)db;
    return returns_run(ledger, rules, hand, &job, placed, pending, err);
}

/* ---- the registry ---- */

static const Field recorded_fields[] = {
    { "nominal",    REQUIRED, FIELD_ID      }, { "force",      REQUIRED, FIELD_ID      },
    { "package",    OPTIONAL, FIELD_ID      }, { "row",        REQUIRED, FIELD_OBJECT  },
    { "due",        OPTIONAL, FIELD_INSTANT }, { "due_update", OPTIONAL, FIELD_INSTANT },
    { "due_return", OPTIONAL, FIELD_INSTANT }, {0}
};

const Kind operate_kinds[] = {
    /* name              says                                  body             apply           creates */
    { "action.recorded", "What the force did, recorded",       recorded_fields, apply_recorded, true, false },
    { "return.placed",   "Rows a force returned, placed",      returns_fields,  apply_placed,   true, false },
    {0}
};
