/* waiting.c: the board of what waits.
 *
 * A page is read section by section in the order people see it: late by band from the most dangerous down,
 * then what is still ahead, then what is paused. Each step walks one index from where the page before ended,
 * so the first page and the ten-thousandth cost the same at a million clocks. */
#include <assert.h>
#include "base/limits.h"
#include "clock/clock_sql.h"
#include "clock/inside.h"

enum { RANK_HIGHEST = 4 };

typedef struct Place { Section section; int rank; Instant due; int64_t id; } Place;   /* of the last row */
typedef struct Board {
    Db *db; Arena *mem; const ClockRules *rules; const WaitingFilter *f;
    Place       at;
    WaitingRow *rows;
    size_t      count, cap, limit;
} Board;

static WaitingRow row_of(const Rows *rows, Arena *mem, const ClockRules *rules, Instant now)
{
    WaitingRow r = {
        .id = row_int(rows, 0),
        .subject = row_int(rows, 1),
        .nominal = row_int(rows, 2),
        .agency = row_int(rows, 3),
        .owner = row_int(rows, 4),
        .told = row_int(rows, 5),
        .offered = row_int(rows, 6),
        .letter = row_text(rows, 7)[0],
        .kind = row_copy(rows, 8, mem),
        .agency_name = row_copy(rows, 9, mem),
        .agency_tile = row_copy(rows, 10, mem),
        .owner_name = row_copy(rows, 11, mem),
        .told_name = row_copy(rows, 12, mem),
        .started = row_int(rows, 13),
        .due = row_int(rows, 14),
        .level = (int)row_int(rows, 15),
        .paused = !row_null(rows, 16),
        .pause_reason = row_copy(rows, 17, mem),
        .band = row_copy(rows, 18, mem),
        .why = row_copy(rows, 19, mem),
        .nominal_name = row_copy(rows, 20, mem),
        .bundled = row_int(rows, 22),
    };
    r.says = clock_says(rules, r.kind);
    r.late = !r.paused && r.due <= now;
    return r;
}

static Place place_of(const WaitingRow *r, int rank)
{
    Section section = r->paused ? SECTION_PAUSED : r->late ? SECTION_LATE : SECTION_AHEAD;
    return (Place){ section, rank, r->due, r->id };
}

static bool place_find(Board *b, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    b->at = (Place){ SECTION_LATE, RANK_HIGHEST, INSTANT_NONE, 0 };
    if (b->f->after_id == 0)
        return true;
    if (!db_query(b->db, &clock_sql[CLOCK_ROW], VALUES(sql_int(b->f->after_id)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "That page of the list is gone.");
    WaitingRow last = row_of(&rows, b->mem, b->rules, b->f->now);
    b->at = place_of(&last, (int)row_int(&rows, 21));
    return true;
}

static const Sql *board_sql(const WaitingFilter *f, Section section, Value *whose)
{
    Scope scope = f->owner ? SCOPE_OWNER : f->agency ? SCOPE_AGENCY : f->kind ? SCOPE_KIND : SCOPE_ALL;
    *whose = sql_int(f->owner ? f->owner : f->agency);
    return &clock_sql[CLOCK_BOARD + (int)scope * SECTION__COUNT + (int)section];
}

static bool step_read(Board *b, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    const WaitingFilter *f = b->f;
    Value whose, before = f->due_before == 0 ? sql_null() : sql_when(f->due_before);
    const Sql *sql = board_sql(f, b->at.section, &whose);
    bool more = false;
    if (!db_query(b->db, sql,
                  VALUES(whose, sql_int(f->now), sql_int(b->at.rank), sql_int(b->at.due), sql_int(b->at.id),
                         sql_int(f->operation), sql_text(f->kind), before,
                         sql_int((int64_t)(b->limit - b->count)), sql_int(f->agency),
                         sql_bool(f->collapsed)),
                  &rows, err))
        return false;
    for (;;) {
        if (!rows_next(&rows, &more, err))
            return false;
        if (!more)
            return true;
        *arena_push(b->mem, b->rows, b->count, b->cap) = row_of(&rows, b->mem, b->rules, f->now);
    }
}

/* False when there is no further step. */
static bool step_on(Board *b)
{
    Place *at = &b->at;
    at->due = INSTANT_NONE;
    at->id = INT64_MAX;
    if (at->section == SECTION_LATE && at->rank > 0) {
        at->rank--;
        return true;
    }
    if (b->f->late_only || at->section == SECTION_PAUSED)
        return false;
    at->section++;
    at->rank = 0;
    if (at->section == SECTION_AHEAD)
        at->due = b->f->now;
    return true;
}

bool waiting_list(Db *db, Arena *mem, const ClockRules *rules, const WaitingFilter *f, WaitingRow **out,
                  size_t *count, Err *err)
{
    Board b = {
        .db = db, .mem = mem, .rules = rules, .f = f, .limit = f->limit ? f->limit : LIMIT_PAGE_ROWS
    };
    *out = NULL;
    *count = 0;
    if (!place_find(&b, err))
        return err_while(err, "listing what waits");
    do {
        if (!step_read(&b, err))
            return err_while(err, "listing what waits");
    } while (b.count < b.limit && step_on(&b));
    *out = b.rows;
    *count = b.count;
    return true;
}

bool clock_read(Db *db, Arena *mem, const ClockRules *rules, int64_t id, Instant now, WaitingRow *out,
                Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(db, &clock_sql[CLOCK_ROW], VALUES(sql_int(id)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return err_while(err, "reading a clock");
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such clock.");
    *out = row_of(&rows, mem, rules, now);
    return true;
}

bool waiting_counts(Db *db, Arena *mem, int64_t operation, Instant now, WaitingCount **out, size_t *count,
                    Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    size_t cap = 0;
    bool more = false;
    *out = NULL;
    *count = 0;
    if (!db_query(db, &clock_sql[CLOCK_COUNTS], VALUES(sql_int(operation), sql_int(now)), &rows, err))
        return err_while(err, "counting what waits");
    for (;;) {
        if (!rows_next(&rows, &more, err))
            return err_while(err, "counting what waits");
        if (!more)
            return true;
        *arena_push(mem, *out, *count, cap) = (WaitingCount){
            .agency = row_int(&rows, 0), .running = row_int(&rows, 1), .late = row_int(&rows, 2),
            .oldest_due = row_when(&rows, 3),
        };
    }
}
