/* moves.c: what people and time do to a running clock: pause, resume, hand over, escalate. */
#include <string.h>
#include "access/access.h"
#include "clock/clock_sql.h"
#include "clock/inside.h"

enum { REASON_MAX_BYTES = 500, ESCALATE_BATCH = 250, LEVEL_SUPERVISOR = 1, LEVEL_LEAD = 2 };

typedef struct Move { const Hand *hand; int64_t clock, to; const char *reason; } Move;

static bool move_fact(Tx *tx, const Move *m, const Running *c, const char *kind, Json *body, Err *err)
{
    Hand hand = hand_under(m->hand, c->operation);
    json_set_int(body, "clock", c->id);
    return ledger_append(tx, &hand, kind, c->subject, body, NULL, err);
}

/* ---- pausing ---- */

static bool pause_clock(Tx *tx, void *ctx, Err *err)
{
    const Move *m = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    Running c;
    if (!running_read(tx->db, &mem, m->clock, &c, err))
        return false;
    if (c.paused_at != INSTANT_NONE)
        return err_set(err, ERR_CONFLICT, "This clock is paused already.");
    Json *body = json_new_object();
    json_set_text(body, "reason", m->reason);
    return move_fact(tx, m, &c, "clock.paused", body, err);
}

bool clock_pause(Ledger *ledger, const Hand *hand, int64_t clock, const char *reason, Err *err)
{
    if (str_blank(reason))
        return err_set(err, ERR_INVALID, "Say why the clock may stand still.");
    if (strlen(reason) > REASON_MAX_BYTES)
        return err_set(err, ERR_LIMIT, "The reason is too long: at most %d characters.", REASON_MAX_BYTES);
    Move m = { .hand = hand, .clock = clock, .reason = reason };
    return writer_run(ledger_store(ledger), pause_clock, &m, err) || err_while(err, "pausing a clock");
}

static bool resume_clock(Tx *tx, void *ctx, Err *err)
{
    const Move *m = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    Running c;
    if (!running_read(tx->db, &mem, m->clock, &c, err))
        return false;
    if (c.paused_at == INSTANT_NONE)
        return err_set(err, ERR_CONFLICT, "This clock is not paused.");
    return move_fact(tx, m, &c, "clock.resumed", json_new_object(), err);
}

bool clock_resume(Ledger *ledger, const Hand *hand, int64_t clock, Err *err)
{
    Move m = { .hand = hand, .clock = clock };
    return writer_run(ledger_store(ledger), resume_clock, &m, err) || err_while(err, "resuming a clock");
}

/* ---- handing over ---- */

static bool handed_fact(Tx *tx, const Move *m, const Running *c, int64_t to, bool accepted, Err *err)
{
    Json *body = json_new_object();
    json_set_int(body, "to", to);
    json_set_bool(body, "accepted", accepted);
    return move_fact(tx, m, c, "clock.handed", body, err);
}

/* Whose move it is changes in the fact that moves the work (a package is transferred), not here. */
static bool offer_clock(Tx *tx, void *ctx, Err *err)
{
    const Move *m = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    Running c;
    Viewer to;
    if (!running_read(tx->db, &mem, m->clock, &c, err) || !viewer_by_id(tx->db, &mem, m->to, &to, err))
        return false;
    if (to.agency != c.agency)
        return err_set(err, ERR_INVALID, "That person works for another agency.");
    if (to.person == c.owner)
        return err_set(err, ERR_CONFLICT, "That person has it already.");
    return handed_fact(tx, m, &c, to.person, false, err);
}

bool clock_offer(Ledger *ledger, const Hand *hand, int64_t clock, int64_t to, Err *err)
{
    Move m = { .hand = hand, .clock = clock, .to = to };
    return writer_run(ledger_store(ledger), offer_clock, &m, err) || err_while(err, "handing over a clock");
}

static bool accept_clock(Tx *tx, void *ctx, Err *err)
{
    const Move *m = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    Running c;
    if (!running_read(tx->db, &mem, m->clock, &c, err))
        return false;
    if (c.offered == 0 || c.offered != m->hand->actor)
        return err_set(err, ERR_CONFLICT, "Nobody has handed this to you, or it was taken back.");
    return handed_fact(tx, m, &c, c.offered, true, err);
}

bool clock_accept(Ledger *ledger, const Hand *hand, int64_t clock, Err *err)
{
    Move m = { .hand = hand, .clock = clock };
    return writer_run(ledger_store(ledger), accept_clock, &m, err) || err_while(err, "taking over a clock");
}

/* ---- escalating ---- */

typedef struct Rising { int64_t id; int level; Instant due, wait_us; } Rising;
typedef struct Climb { const ClockRules *rules; Instant now; Rising *at; size_t count, done; } Climb;

/* The supervisor at the due time, the lead once the supervisor has had it for the kind's escalate_after. */
static bool rises(const Rising *r, Instant now)
{
    return now >= r->due + (r->level == 0 ? 0 : r->wait_us);
}

/* The next person who is not the owner: an agency whose supervisor owns the clock goes straight to the lead.
 */
static bool next_person(Tx *tx, const Running *c, int *level, int64_t *person, Err *err)
{
    *person = 0;
    *level = LEVEL_SUPERVISOR;
    if (c->level < LEVEL_SUPERVISOR && !agency_supervisor(tx->db, c->agency, person, err))
        return false;
    if (*person && *person != c->owner)
        return true;
    *level = LEVEL_LEAD;
    return coordination_duty(tx->db, person, err);
}

static bool climb_one(Tx *tx, Climb *climb, const Rising *r, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    Running c;
    int level = 0;
    int64_t person = 0;
    if (!running_read(tx->db, &mem, r->id, &c, err)) {
        if (err->kind != ERR_CONFLICT)
            return false;
        err_clear(err);                        /* stopped since it was listed */
        return true;
    }
    if (c.level != r->level || c.due != r->due || c.paused_at != INSTANT_NONE)
        return true;                           /* moved since: the next round sees it as it is */
    if (!next_person(tx, &c, &level, &person, err))
        return false;
    if (person == 0)
        return true;
    Hand hand = { .operation = c.operation, .at = climb->now };
    Json *body = json_new_object();
    json_set_int(body, "clock", c.id);
    json_set_int(body, "to_person", person);
    json_set_int(body, "level", level);
    climb->done++;
    return ledger_append(tx, &hand, "clock.escalated", c.subject, body, NULL, err);
}

static bool climb_batch(Tx *tx, void *ctx, Err *err)
{
    Climb *climb = ctx;
    climb->done = 0;
    for (size_t i = 0; i < climb->count; i++)
        if (rises(&climb->at[i], climb->now) && !climb_one(tx, climb, &climb->at[i], err))
            return false;
    return true;
}

static bool rising_read(Db *db, Arena *mem, const ClockRules *rules, Instant now, Instant after,
                        int64_t after_id, Climb *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    size_t cap = 0;
    bool more = false;
    *out = (Climb){ .rules = rules, .now = now };
    if (!db_query(db, &clock_sql[CLOCK_RISING],
                  VALUES(sql_int(now), sql_int(after), sql_int(after_id), sql_int(ESCALATE_BATCH)), &rows,
                  err))
        return false;
    for (;;) {
        if (!rows_next(&rows, &more, err))
            return false;
        if (!more)
            return true;
        *arena_push(mem, out->at, out->count, cap) = (Rising){
            .id = row_int(&rows, 0), .level = (int)row_int(&rows, 2), .due = row_int(&rows, 3),
            .wait_us = rules_escalate_after(rules, row_text(&rows, 1), row_text(&rows, 4)),
        };
    }
}

/* In batches, so that a morning with thousands overdue holds up nobody's command for long. */
bool clock_escalate(Ledger *ledger, Db *db, const ClockRules *rules, Instant now, size_t *escalated, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    Instant after = INSTANT_NONE;
    int64_t after_id = 0;
    *escalated = 0;
    for (;;) {
        Climb climb;
        arena_reset(&mem);
        if (!rising_read(db, &mem, rules, now, after, after_id, &climb, err))
            return err_while(err, "finding overdue clocks");
        if (climb.count == 0)
            return true;
        bool any = false;
        for (size_t i = 0; i < climb.count; i++)
            any |= rises(&climb.at[i], now);
        if (any && !writer_run(ledger_store(ledger), climb_batch, &climb, err))
            return err_while(err, "escalating overdue clocks");
        *escalated += climb.done;
        after = climb.at[climb.count - 1].due;
        after_id = climb.at[climb.count - 1].id;
    }
}
