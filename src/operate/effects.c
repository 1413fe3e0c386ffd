/* effects.c: what an act brings about: flags and status of the person, clocks, the package.
 *
 * Clocks are settled from the rows as they stand, not from the order in which they came: returns arrive late,
 * twice and backwards. A clock runs exactly while the rows leave its matter open, so that a file of last year
 * starts only what is open still. */
#include <stdlib.h>
#include <string.h>
#include "dispatch/package_apply.h"
#include "link/eliminate.h"
#include "link/nominal_apply.h"
#include "operate/inside.h"

/* ---- one row ---- */

typedef struct Live { int64_t id, nominal; bool same; } Live;

static bool live_read(Db *db, Arena *mem, const Act *a, Live *out, bool *found, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    (void)mem;
    if (!db_query(db, SQL(LIVE), VALUES(sql_int(a->force), sql_text(a->kind), sql_text(a->ref)), &r, err)
        || !rows_next(&r, found, err))
        return false;
    if (!*found)
        return true;
    *out = (Live){ row_int(&r, 0), row_int(&r, 1),
                   row_int(&r, 1) == a->nominal && row_int(&r, 2) == a->package && row_date(&r, 3) == a->on
                       && str_same(row_text(&r, 4), a->place) && str_same(row_text(&r, 5), a->state)
                       && row_int(&r, 6) == a->quantity && row_bool(&r, 7) == a->registered
                       && row_bool(&r, 8) == a->position_of_trust && str_same(row_text(&r, 9), a->detail) };
    return true;
}

bool act_put(Tx *tx, const Entry *e, Arena *mem, Act *a, int64_t *was_nominal, bool *same, Err *err)
{
    Live live = {0};
    bool found = false;
    *was_nominal = 0;
    if (!live_read(tx->db, mem, a, &live, &found, err))
        return false;
    *same = found && live.same;
    if (*same)
        return true;
    if (found && !db_run(tx, SQL(CORRECT), VALUES(sql_int(live.id), sql_int(e->seq)), err))
        return false;
    if (found && live.nominal != a->nominal)
        *was_nominal = live.nominal;
    if (!db_run(tx, SQL(NEW),
                VALUES(sql_int(a->operation), sql_int(a->nominal), sql_id(a->package), sql_int(a->force),
                       sql_text(a->kind), sql_date(a->on), sql_text(a->ref), sql_text(a->place),
                       sql_text(a->state), sql_int(a->quantity), sql_bool(a->registered),
                       sql_bool(a->position_of_trust), sql_text(a->detail), sql_id(a->file), sql_id(a->line),
                       sql_int(e->seq), sql_when(a->due)),
                err))
        return false;
    a->id = tx_last_id(tx);
    return true;
}

/* ---- clocks ---- */

static const struct {
    const char *clock;
    char letter;
    int open;
    bool of_person;
    const char *over;
} settled[] = {
    { "bail.end", 'N', OPERATE_OPEN_BAIL, true, "Bail is over" },
    { "exhibit.examine", 'X', OPERATE_OPEN_EXHIBIT, false, "Examined" },
    { "warrant.alternative-plan", 'W', OPERATE_OPEN_PLAN, false, "The force did something else" },
    { "warrant.expiry", 'W', OPERATE_OPEN_EXPIRY, false, "Executed, expired or not needed" },
    { "welfare.assessment", 'N', OPERATE_OPEN_WELFARE, true, "Assessed" },
};

typedef struct Run { int64_t subject, force; Instant due; } Run;
typedef struct Runs { Run *at; size_t count, cap; } Runs;

static bool runs_read(Db *db, Arena *mem, int sql, Values values, Runs *out, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    if (!db_query(db, &operate_sql[sql], values, &r, err))
        return false;
    for (;;) {
        if (!rows_next(&r, &more, err))
            return false;
        if (!more)
            return true;
        *arena_push(mem, out->at, out->count, out->cap) =
            (Run){ row_int(&r, 0), r.columns > 2 ? row_int(&r, 2) : 0, row_when(&r, 1) };
    }
}

static const Run *run_of(const Runs *runs, int64_t subject)
{
    for (size_t i = 0; i < runs->count; i++)
        if (runs->at[i].subject == subject)
            return &runs->at[i];
    return NULL;
}

static bool clock_settle(Tx *tx, const Entry *e, Arena *mem, int64_t nominal, size_t which, Err *err)
{
    Runs open = {0}, running = {0};
    const char *kind = settled[which].clock;
    if (!runs_read(tx->db, mem, settled[which].open, VALUES(sql_int(nominal)), &open, err) ||
        !runs_read(tx->db, mem,
                   settled[which].of_person ? OPERATE_RUNNING_OF_PERSON : OPERATE_RUNNING_OF_ACTIONS,
                   VALUES(sql_int(nominal), sql_text(kind)), &running, err))
        return false;
    for (size_t i = 0; i < running.count; i++)
        if (!run_of(&open, running.at[i].subject)
            && !clock_stop(tx, e, running.at[i].subject, kind, settled[which].over, err))
            return false;
    for (size_t i = 0; i < open.count; i++) {
        const Run *now = run_of(&running, open.at[i].subject);
        ClockStart s = { kind, open.at[i].subject, settled[which].letter, nominal, open.at[i].force,
                         0,    open.at[i].due };
        if ((!now || now->due != s.due) && !clock_start(tx, e, &s, err))
            return false;
    }
    return true;
}

/* ---- the person ---- */

static const char *const statuses[] = { "reported", "suspect", "charged", "convicted" };

static size_t status_rank(const char *status)
{
    for (size_t i = 0; i < COUNT_OF(statuses); i++)
        if (str_same(statuses[i], status))
            return i;
    return COUNT_OF(statuses);                      /* eliminated, victim: a person decided that */
}

static bool status_now(Db *db, int64_t nominal, size_t *rank, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    if (!db_query(db, SQL(STATUS_NOW), VALUES(sql_int(nominal)), &r, err) || !rows_next(&r, &more, err))
        return false;
    *rank = more ? status_rank(row_text(&r, 0)) : COUNT_OF(statuses);
    return true;
}

/* A force's act that says more of someone than was known when they were eliminated takes that back. */
static bool elimination_outdone(Tx *tx, const Entry *e, int64_t nominal, size_t best, size_t *now, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    Elimination held;
    if (*now < COUNT_OF(statuses) || best == 0)
        return true;
    if (!elimination_of(tx->db, &mem, nominal, &held, err))
        return false;
    if (!held.holds || status_rank(held.status_before) >= best)
        return true;
    *now = status_rank(held.status_before);
    return elimination_end(tx, e, nominal, err);
}

static bool status_settle(Tx *tx, const Entry *e, int64_t nominal, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    size_t now = 0, best = 0;
    bool more = false;
    if (!status_now(tx->db, nominal, &now, err) ||
        !db_query(tx->db, SQL(STATUS), VALUES(sql_int(nominal)), &r, err))
        return false;
    for (;;) {
        if (!rows_next(&r, &more, err))
            return false;
        if (!more)
            break;
        const ActionKind *kind = action_kind(row_text(&r, 0));
        size_t rank = kind && kind->status ? status_rank(kind->status) : 0;
        best = rank > best ? rank : best;
    }
    rows_done(&r);
    if (!elimination_outdone(tx, e, nominal, best, &now, err))
        return false;
    return now >= best || nominal_set_status(tx, e, nominal, statuses[best], err);
}

static bool nominal_settle(Tx *tx, const Entry *e, Arena *mem, int64_t nominal, Err *err)
{
    for (size_t i = 0; i < COUNT_OF(settled); i++)
        if (!clock_settle(tx, e, mem, nominal, i, err))
            return err_while(err, "settling %s", settled[i].clock);
    return db_run(tx, SQL(FIRST_ARREST), VALUES(sql_int(nominal)), err) && status_settle(tx, e, nominal, err)
        && nominal_touch(tx, e, nominal, err);
}

/* ---- one act's own effects ---- */

static bool arrested(Tx *tx, const Entry *e, const Act *a, Err *err)
{
    return nominal_set_flags(tx, e, a->nominal, a->registered ? 1 : -1, a->position_of_trust ? 1 : -1, err)
        && (str_blank(a->occupation) || nominal_set_occupation(tx, e, a->nominal, a->occupation, err));
}

static bool answered(Tx *tx, const Entry *e, const Act *a, Err *err)
{
    if (str_same(a->state, "transferred"))
        return package_note_returned(tx, e, a->package, "The person moved to another force's area.",
                                     a->return_due, err);
    return package_note_closed(tx, e, a->package, a->state, a->note, err);
}

static bool act_effects(Tx *tx, const Entry *e, const Act *a, Err *err)
{
    const ActionKind *kind = action_kind(a->kind);
    if (str_same(a->kind, "arrest") && !arrested(tx, e, a, err))
        return false;
    if (str_same(a->kind, "disposition"))
        return answered(tx, e, a, err);
    if (!kind || !action_acts(kind, a->state))
        return true;
    return package_note_action(tx, e, a->package, a->on, a->update_due, err)
        && clock_stop(tx, e, a->nominal, "nominal.action", "The force acted", err)
        && nominal_advance_stage(tx, e, a->nominal, "actioned", err);
}

static int by_date(const void *a, const void *b)
{
    const Act *x = a, *y = b;
    return x->on != y->on ? (x->on > y->on) - (x->on < y->on) : (x->id > y->id) - (x->id < y->id);
}

static int by_number(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

bool acts_settle(Tx *tx, const Entry *e, Arena *mem, Act *acts, size_t count, const int64_t *others,
                 size_t other_count, Err *err)
{
    size_t n = 0;
    int64_t *touched = arena_new(mem, int64_t, count + other_count + 1);
    if (count)
        qsort(acts, count, sizeof *acts, by_date);
    for (size_t i = 0; i < count; i++) {
        if (!act_effects(tx, e, &acts[i], err))
            return false;
        touched[n++] = acts[i].nominal;
    }
    for (size_t i = 0; i < other_count; i++)
        touched[n++] = others[i];
    for (size_t i = 0; i < n; i++)
        if (!nominal_kept(tx->db, touched[i], &touched[i], err))
            return false;
    qsort(touched, n, sizeof *touched, by_number);
    for (size_t i = 0; i < n; i++)
        if ((i == 0 || touched[i] != touched[i - 1]) && !nominal_settle(tx, e, mem, touched[i], err))
            return false;
    return true;
}
