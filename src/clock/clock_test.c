/* Nothing waits unseen: owners, escalation, pauses, hand-overs and the board. */
#include "clock/clock.h"
#include "access/access_sql.h"
#include "access/testing.h"
#include "base/rng.h"
#include "base/source.h"
#include "clock/clock_sql.h"

#define HOURS(n) ((n) * US_PER_HOUR)

/* Made-up kinds that start, move and stop clocks as other folders do. */
enum { T_NOMINAL, T_BAND, T_OWNERLESS, T_TWICE, T_RUNNING, T_ONE, T__COUNT };
static const Sql t_sql[T__COUNT] = {
    [T_NOMINAL] = { "t.nominal", "INSERT INTO nominal (id, operation, name, status, first_seen, last_seen, "
                                 "restricted, answers, band, band_rank,"
                                 " suggested, risk_points, why, access, registered, position_of_trust, "
                                 "scored_upto, changed, referrals, known_files,"
                                 " children, stage) VALUES ($1, 1, $2, 'reported', 0, 0, $3, 0, $4, $5, '', "
                                 "0, 'because', 'unknown', 0, 0, 0, 0, 0, 0,"
                                 " 0, 'reported')" },
    [T_BAND] = { "t.band", "UPDATE nominal SET band = $2, band_rank = $3 WHERE id = $1" },
    [T_OWNERLESS] = { "t.ownerless", "SELECT count(*) FROM clock c LEFT JOIN person p ON p.id = c.owner "
                                     "WHERE c.stopped IS NULL"
                                     " AND coalesce(p.active, 0) = 0" },
    [T_TWICE] = { "t.twice", "SELECT count(*) FROM (SELECT 1 FROM clock WHERE stopped IS NULL GROUP BY "
                             "subject, kind HAVING count(*) > 1)" },
    [T_RUNNING] = { "t.running", "SELECT count(*) FROM clock WHERE stopped IS NULL" },
    [T_ONE] = { "t.one", "SELECT id FROM clock WHERE subject = $1 AND kind = $2 ORDER BY id DESC LIMIT 1" },
};
static const char *const bands[] = { "", "low", "medium", "high", "very-high" };

static bool apply_nominal(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    int64_t rank = json_int(e->body, "rank", 0);
    if (e->subject)
        return db_run(tx, &t_sql[T_BAND], VALUES(sql_int(e->subject), sql_text(bands[rank]), sql_int(rank)),
                      err);
    return db_run(tx, &t_sql[T_NOMINAL],
                  VALUES(sql_int(e->seq), sql_text(json_text(e->body, "name")),
                         sql_bool(json_bool(e->body, "restricted", false)), sql_text(bands[rank]),
                         sql_int(rank)),
                  err);
}

static bool apply_waits(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    const Json *b = e->body;
    ClockStart s = { .kind = json_text(b, "kind"),
                     .subject = e->subject,
                     .letter = 'N',
                     .nominal = json_int(b, "nominal", 0),
                     .agency = json_int(b, "agency", 0),
                     .owner = json_int(b, "owner", 0),
                     .due = json_int(b, "due", 0) };
    return clock_start(tx, e, &s, err);
}

static bool apply_done(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    const char *kind = json_text(e->body, "kind");
    return kind ? clock_stop(tx, e, e->subject, kind, "done", err)
                : clock_stop_all(tx, e, e->subject, "", "done", err);
}

static bool apply_moved(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    return clock_hand_over(tx, e, e->subject, json_text(e->body, "kind"), json_int(e->body, "agency", 0), 0,
                           err);
}

static const Field test_fields[] = {
    { "name", OPTIONAL, FIELD_TEXT }, { "rank", OPTIONAL, FIELD_INT }, { "restricted", OPTIONAL, FIELD_BOOL },
    { "kind", OPTIONAL, FIELD_TEXT }, { "nominal", OPTIONAL, FIELD_ID }, { "agency", OPTIONAL, FIELD_ID },
    { "owner", OPTIONAL, FIELD_ID }, { "due", OPTIONAL, FIELD_INSTANT }, {0},
};
static const Kind test_kinds[] = {
    { "test.nominal", "A nominal",   test_fields, apply_nominal, true,  false },
    { "test.banded",  "Its band",    test_fields, apply_nominal, false, false },
    { "test.waits",   "Waits",       test_fields, apply_waits,   false, false },
    { "test.done",    "Done",        test_fields, apply_done,    false, false },
    { "test.moved",   "Transferred", test_fields, apply_moved,   false, false },
    {0},
};
static const Kind *const tables[] = { ledger_kinds, access_kinds, clock_kinds, test_kinds, NULL };

typedef struct Board { Crew crew; ClockRules *rules; } Board;

static void board_done(Board *b) { crew_done(&b->crew); }

static void board_open(Board *b)
{
    Err err = {0};
    Str clocks, holidays;
    crew_open(&b->crew, tables);
    b->crew.hand.operation = 1;
    CHECK_OK(file_read(&b->crew.mem, "data/clocks.csv", 1 << 20, &clocks, &err), &err);
    CHECK_OK(file_read(&b->crew.mem, "data/calendars/bank_holidays.csv", 1 << 20, &holidays, &err), &err);
    CHECK_OK(clock_rules_load(&b->crew.mem, clocks, holidays, &b->rules, &err), &err);
}

static int64_t nominal_new(Board *b, int rank, bool restricted)
{
    Err err = {0};
    int64_t id = 0;
    Json *body = json_new_object();
    json_set_text(body, "name", "Test Person");
    json_set_int(body, "rank", rank);
    json_set_bool(body, "restricted", restricted);
    CHECK_OK(ledger_record(b->crew.ledger, &b->crew.hand, "test.nominal", 0, body, &id, &err), &err);
    return id;
}

typedef struct Wait { int64_t subject, nominal, agency, owner; const char *kind; Instant due; } Wait;

static int64_t clock_of(Board *b, int64_t subject, const char *kind)
{
    Err err = {0};
    int64_t id = 0;
    bool found;
    CHECK_OK(db_int(b->crew.db, &t_sql[T_ONE], VALUES(sql_int(subject), sql_text(kind)), &id, &found, &err),
             &err);
    return id;
}

static bool wait_record(Board *b, const Wait *w, Err *err)
{
    Json *body = json_new_object();
    json_set_text(body, "kind", w->kind);
    json_set_int(body, "nominal", w->nominal);
    json_set_int(body, "agency", w->agency);
    json_set_int(body, "owner", w->owner);
    json_set_int(body, "due", w->due);
    return ledger_record(b->crew.ledger, &b->crew.hand, "test.waits", w->subject, body, NULL, err);
}

static int64_t waits(Board *b, Wait w)
{
    Err err = {0};
    CHECK_OK(wait_record(b, &w, &err), &err);
    return clock_of(b, w.subject, w.kind);
}

static void record(Board *b, const char *fact, int64_t subject, const char *kind, int64_t agency,
                   int64_t rank)
{
    Err err = {0};
    Json *body = json_new_object();
    json_set_text(body, "kind", kind);
    if (agency)
        json_set_int(body, "agency", agency);
    json_set_int(body, "rank", rank);
    CHECK_OK(ledger_record(b->crew.ledger, &b->crew.hand, fact, subject, body, NULL, &err), &err);
}

static WaitingRow row(Board *b, int64_t clock, Instant now)
{
    Err err = {0};
    WaitingRow r;
    CHECK_OK(clock_read(b->crew.db, &b->crew.mem, b->rules, clock, now, &r, &err), &err);
    return r;
}

static int64_t number(Board *b, int which)
{
    Err err = {0};
    int64_t n = -1;
    bool found;
    CHECK_OK(db_int(b->crew.db, &t_sql[which], NO_VALUES, &n, &found, &err), &err);
    return n;
}

static size_t escalate(Board *b, Instant now)
{
    Err err = {0};
    size_t n = 0;
    CHECK_OK(clock_escalate(b->crew.ledger, b->crew.db, b->rules, now, &n, &err), &err);
    return n;
}

TEST(every_statement_fits_the_schema)
{
    CLEANUP(board_done) Board b = {0};
    Err err = {0};
    board_open(&b);
    CHECK_OK(store_check_statements(b.crew.db, clock_sql, CLOCK__COUNT, &err), &err);
}

TEST(a_clock_without_an_owner_goes_to_the_duty_person)
{
    CLEANUP(board_done) Board b = {0};
    board_open(&b);
    Crew *c = &b.crew;
    const struct { int64_t agency, owner, want;
    } cases[] = {
        { c->cheshire, c->officer, c->officer }, { c->cheshire, 0, c->supervisor },
        { c->gwent, 0, c->other_officer },       { c->empty, 0, c->coordinator },
        { c->cheshire, 999999, c->supervisor },  { 0, 0, c->coordinator },
    };
    int64_t subject = 1000;
    FOR_EACH(x, cases) {
        WaitingRow r =
            row(&b, waits(&b, (Wait){ ++subject, 0, x->agency, x->owner, "package.receipt", TEST_NOW }),
                TEST_NOW);
        CHECK_INT(r.owner, x->want);
        CHECK_INT(r.agency, x->agency ? x->agency : c->unit);
        CHECK(r.owner_name && r.agency_name);
    }
    crew_replay(c);
}

TEST(a_running_clock_moves_and_never_starts_again)
{
    CLEANUP(board_done) Board b = {0};
    board_open(&b);
    Crew *c = &b.crew;
    int64_t first =
        waits(&b, (Wait){ 1000, 0, c->cheshire, c->officer, "package.receipt", TEST_NOW + HOURS(5) });
    c->hand.at = TEST_NOW + HOURS(3);
    int64_t second = waits(&b, (Wait){ 1000, 0, c->gwent, 0, "package.receipt", TEST_NOW + HOURS(9) });
    CHECK_INT(first, second);
    WaitingRow r = row(&b, first, c->hand.at);
    CHECK(r.started == TEST_NOW && r.due == TEST_NOW + HOURS(9) && r.agency == c->gwent &&
          r.owner == c->other_officer);
    record(&b, "test.moved", 1000, "package.receipt", c->cheshire, 0);
    r = row(&b, first, c->hand.at);
    CHECK(r.started == TEST_NOW && r.due == TEST_NOW + HOURS(9) && r.agency == c->cheshire &&
          r.owner == c->supervisor);
    record(&b, "test.done", 1000, "package.receipt", 0, 0);
    record(&b, "test.done", 1000, "package.receipt", 0, 0);                     /* none running: fine */
    CHECK_INT(number(&b, T_RUNNING), 0);
    CHECK(waits(&b, (Wait){ 1000, 0, c->gwent, 0, "package.receipt", TEST_NOW + HOURS(9) }) != first);
    waits(&b, (Wait){ 1000, 0, c->gwent, 0, "package.accept", TEST_NOW + HOURS(9) });
    CHECK_INT(number(&b, T_RUNNING), 2);
    record(&b, "test.done", 1000, NULL, 0, 0);
    CHECK_INT(number(&b, T_RUNNING), 0);
    crew_replay(c);
}

/* package.receipt may stay with the supervisor for 24 hours after the due time. */
TEST(what_is_late_goes_up_to_the_supervisor_and_then_to_the_lead)
{
    CLEANUP(board_done) Board b = {0};
    board_open(&b);
    Crew *c = &b.crew;
    Instant due = TEST_NOW + HOURS(5);
    int64_t clock = waits(&b, (Wait){ 1000, 0, c->cheshire, c->officer, "package.receipt", due });
    const struct { Instant now; size_t want; int level; int64_t told; } steps[] = {
        { due - 1,             0, 0, 0 },              { due,                 1, 1, c->supervisor },
        { due,                 0, 1, c->supervisor },  { due + HOURS(24) - 1, 0, 1, c->supervisor },
        { due + HOURS(24),     1, 2, c->coordinator }, { due + HOURS(999),    0, 2, c->coordinator },
    };
    FOR_EACH(s, steps) {
        CHECK_INT(escalate(&b, s->now), s->want);
        WaitingRow r = row(&b, clock, s->now);
        CHECK(r.level == s->level && r.told == s->told && r.owner == c->officer);
    }
    size_t count;
    EntryRow *rows;
    Err err = {0};
    EntryFilter f = { .kind = "clock.escalated", .subject = 1000, .limit = 10 };
    CHECK_OK(ledger_entries(c->db, &c->mem, &f, &rows, &count, &err), &err);
    CHECK_INT(count, 2);
    CHECK(rows[0].actor == 0 && rows[0].operation == 1);
    crew_replay(c);
}

TEST(a_supervisor_who_owns_it_is_passed_over)
{
    CLEANUP(board_done) Board b = {0};
    board_open(&b);
    Crew *c = &b.crew;
    int64_t clock = waits(&b, (Wait){ 1000, 0, c->cheshire, c->supervisor, "package.receipt", TEST_NOW });
    int64_t none = waits(&b, (Wait){ 1001, 0, c->gwent, 0, "package.receipt", TEST_NOW });
    CHECK_INT(escalate(&b, TEST_NOW), 2);
    CHECK(row(&b, clock, TEST_NOW).level == 2 && row(&b, clock, TEST_NOW).told == c->coordinator);
    CHECK(row(&b, none, TEST_NOW).level == 2 && row(&b, none, TEST_NOW).told == c->coordinator);
    CHECK_INT(escalate(&b, TEST_NOW + HOURS(999)), 0);
}

TEST(a_later_due_time_is_a_new_chance)
{
    CLEANUP(board_done) Board b = {0};
    board_open(&b);
    Crew *c = &b.crew;
    int64_t clock = waits(&b, (Wait){ 1000, 0, c->cheshire, c->officer, "bail.end", TEST_NOW });
    CHECK_INT(escalate(&b, TEST_NOW), 1);
    waits(&b, (Wait){ 1000, 0, c->cheshire, c->officer, "bail.end", TEST_NOW + HOURS(48) });
    CHECK(row(&b, clock, TEST_NOW).level == 0 && row(&b, clock, TEST_NOW).told == 0);
    CHECK_INT(escalate(&b, TEST_NOW), 0);
    CHECK_INT(escalate(&b, TEST_NOW + HOURS(48)), 1);
    crew_replay(c);
}

TEST(thousands_overdue_all_go_up)
{
    CLEANUP(board_done) Board b = {0};
    board_open(&b);
    for (int i = 0; i < 600; i++) /* many share a due time: batches must not skip any */
        waits(&b,
              (Wait){ 1000 + i, 0, b.crew.cheshire, b.crew.officer, "package.receipt", TEST_NOW + i / 200 });
    CHECK_INT(escalate(&b, TEST_NOW + 10), 600);
    CHECK_INT(escalate(&b, TEST_NOW + 10), 0);
}

TEST(a_pause_moves_the_due_time_by_its_length)
{
    CLEANUP(board_done) Board b = {0};
    Err err = {0};
    board_open(&b);
    Crew *c = &b.crew;
    Instant due = TEST_NOW + HOURS(5);
    int64_t clock = waits(&b, (Wait){ 1000, 0, c->cheshire, c->officer, "package.receipt", due });
    CHECK_FAILS(clock_pause(c->ledger, &c->hand, clock, "", &err), &err, ERR_INVALID);
    CHECK_FAILS(clock_resume(c->ledger, &c->hand, clock, &err), &err, ERR_CONFLICT);
    CHECK_FAILS(clock_pause(c->ledger, &c->hand, 999, "No such", &err), &err, ERR_NOT_FOUND);
    c->hand.at = TEST_NOW + HOURS(1);
    CHECK_OK(clock_pause(c->ledger, &c->hand, clock, "The court sits on Monday", &err), &err);
    CHECK_FAILS(clock_pause(c->ledger, &c->hand, clock, "Twice", &err), &err, ERR_CONFLICT);
    WaitingRow r = row(&b, clock, due + HOURS(1));
    CHECK(r.paused && !r.late);
    CHECK_TEXT(r.pause_reason, "The court sits on Monday");
    CHECK_INT(escalate(&b, due + HOURS(100)), 0);
    c->hand.at = TEST_NOW + HOURS(11);
    CHECK_OK(clock_resume(c->ledger, &c->hand, clock, &err), &err);
    r = row(&b, clock, due + HOURS(10));
    CHECK(!r.paused && r.late && r.due == due + HOURS(10) && r.pause_reason == NULL);
    record(&b, "test.done", 1000, "package.receipt", 0, 0);
    CHECK_FAILS(clock_pause(c->ledger, &c->hand, clock, "Too late", &err), &err, ERR_CONFLICT);
    crew_replay(c);
}

TEST(a_clock_changes_hands_only_when_accepted)
{
    CLEANUP(board_done) Board b = {0};
    Err err = {0};
    board_open(&b);
    Crew *c = &b.crew;
    int64_t clock = waits(&b, (Wait){ 1000, 0, c->cheshire, c->officer, "package.receipt", TEST_NOW });
    c->hand.actor = c->supervisor;
    CHECK_FAILS(clock_accept(c->ledger, &c->hand, clock, &err), &err, ERR_CONFLICT);
    CHECK_FAILS(clock_offer(c->ledger, &c->hand, clock, c->other_officer, &err), &err, ERR_INVALID);
    CHECK_FAILS(clock_offer(c->ledger, &c->hand, clock, c->officer, &err), &err, ERR_CONFLICT);
    c->hand.actor = c->officer;
    CHECK_OK(clock_offer(c->ledger, &c->hand, clock, c->supervisor, &err), &err);
    CHECK(row(&b, clock, TEST_NOW).owner == c->officer && row(&b, clock, TEST_NOW).offered == c->supervisor);
    CHECK_FAILS(clock_accept(c->ledger, &c->hand, clock, &err), &err, ERR_CONFLICT);
    c->hand.actor = c->supervisor;
    CHECK_OK(clock_accept(c->ledger, &c->hand, clock, &err), &err);
    CHECK(row(&b, clock, TEST_NOW).owner == c->supervisor && row(&b, clock, TEST_NOW).offered == 0);
    crew_replay(c);
}

/* ---- the board ---- */

static size_t board_fill(Board *b, uint64_t seed, size_t count)
{
    Rng rng = rng_seed(seed);
    int64_t nominals[6];
    for (size_t i = 0; i < COUNT_OF(nominals); i++)
        nominals[i] = i < 5 ? nominal_new(b, (int)i, i == 3) : 0;
    const int64_t agencies[] = { b->crew.cheshire, b->crew.gwent, b->crew.unit };
    for (size_t i = 0; i < count; i++) {
        Err err = {0};
        int64_t clock =
            waits(b, (Wait){ 5000 + (int64_t)i, nominals[rng_below(&rng, 6)], agencies[rng_below(&rng, 3)], 0,
                             rng_below(&rng, 2) ? "package.receipt" : "exhibit.examine",
                             TEST_NOW + HOURS((int64_t)rng_below(&rng, 20) - 10) });
        if (rng_below(&rng, 8) == 0)
            CHECK_OK(clock_pause(b->crew.ledger, &b->crew.hand, clock, "Waiting for the court", &err), &err);
    }
    return count;
}

static int section(const WaitingRow *r) { return r->late ? 0 : r->paused ? 2 : 1; }

static int rank(const WaitingRow *r)
{
    int n = 0;
    for (size_t i = 0; i < COUNT_OF(bands); i++)
        if (str_same(bands[i], r->band))
            n = (int)i;
    return n;
}

static bool in_order(const WaitingRow *a, const WaitingRow *b)
{
    if (section(a) != section(b))
        return section(a) < section(b);
    if (section(a) == 0 && rank(a) != rank(b))
        return rank(a) > rank(b);
    return a->due != b->due ? a->due < b->due : a->id < b->id;
}

static bool wanted(const WaitingFilter *f, const WaitingRow *r)
{
    return (!f->agency || r->agency == f->agency) && (!f->owner || r->owner == f->owner) &&
           (!f->late_only || r->late) && (!f->due_before || r->due < f->due_before) &&
           (!f->kind || str_same(f->kind, r->kind));
}

/* All pages of `limit` rows together. */
static WaitingRow *pages(Board *b, WaitingFilter f, size_t limit, size_t *count)
{
    Err err = {0};
    WaitingRow *all = NULL, *page;
    size_t cap = 0, got = 0;
    *count = 0;
    f.limit = limit;
    do {
        CHECK_OK(waiting_list(b->crew.db, &b->crew.mem, b->rules, &f, &page, &got, &err), &err);
        CHECK(got <= limit);
        for (size_t i = 0; i < got; i++)
            *arena_push(&b->crew.mem, all, *count, cap) = page[i];
        f.after_id = got ? page[got - 1].id : 0;
    } while (got == limit);
    return all;
}

TEST(the_board_shows_what_is_late_by_risk_then_by_time_in_pages)
{
    CLEANUP(board_done) Board b = {0};
    board_open(&b);
    Crew *c = &b.crew;
    size_t filled = board_fill(&b, 41, 160), total;
    const WaitingRow *all = pages(&b, (WaitingFilter){ .now = TEST_NOW, .operation = 1 }, 1000, &total);
    CHECK_INT(total, filled);
    for (size_t i = 1; i < total; i++)
        CHECK(in_order(&all[i - 1], &all[i]));
    const WaitingFilter filters[] = {
        { .agency = c->cheshire },
        { .owner = c->other_officer },
        { .late_only = true },
        { .kind = "exhibit.examine" },
        { .due_before = TEST_NOW - HOURS(3) },
        { .owner = c->supervisor, .agency = c->cheshire },
        { .owner = c->supervisor, .agency = c->gwent },
        { .agency = c->unit, .late_only = true, .kind = "package.receipt" },
        { 0 },
    };
    static const size_t limits[] = { 1, 7, 40 };
    FOR_EACH(given, filters)
        FOR_EACH(limit, limits) {
            WaitingFilter f = *given;
            size_t count, at = 0;
            f.now = TEST_NOW;
            const WaitingRow *some = pages(&b, f, *limit, &count);
            for (size_t i = 0; i < total; i++)
                if (wanted(&f, &all[i])) {
                    CHECK(at < count);
                    CHECK_INT(some[at].id, all[i].id);
                    at++;
                }
            CHECK_INT(at, count);
        }
    size_t none;
    pages(&b, (WaitingFilter){ .now = TEST_NOW, .operation = 2 }, 10, &none);
    CHECK_INT(none, 0);
}

TEST(the_order_follows_a_band_that_changes)
{
    CLEANUP(board_done) Board b = {0};
    board_open(&b);
    Crew *c = &b.crew;
    int64_t low = nominal_new(&b, 1, false), high = nominal_new(&b, 3, false);
    int64_t a = waits(&b, (Wait){ 1000, low, c->cheshire, 0, "package.receipt", TEST_NOW - HOURS(9) });
    int64_t z = waits(&b, (Wait){ 1001, high, c->cheshire, 0, "package.receipt", TEST_NOW - HOURS(1) });
    size_t count;
    const WaitingRow *rows = pages(&b, (WaitingFilter){ .now = TEST_NOW }, 10, &count);
    CHECK(count == 2 && rows[0].id == z && rows[1].id == a);
    record(&b, "test.banded", low, NULL, 0, 4);
    rows = pages(&b, (WaitingFilter){ .now = TEST_NOW }, 10, &count);
    CHECK(count == 2 && rows[0].id == a && rows[1].id == z);
    CHECK_TEXT(rows[0].band, "very-high");
    CHECK_TEXT(rows[0].says, "Receipt of the package");
    CHECK_TEXT(rows[0].agency_tile, "Cheshire");
    crew_replay(c);
}

TEST(a_restricted_name_is_not_on_the_board)
{
    CLEANUP(board_done) Board b = {0};
    board_open(&b);
    int64_t hidden = nominal_new(&b, 4, true);
    WaitingRow r =
        row(&b, waits(&b, (Wait){ 1000, hidden, b.crew.cheshire, 0, "package.receipt", TEST_NOW }), TEST_NOW);
    CHECK_TEXT(r.nominal_name, "Restricted record");
    CHECK_TEXT(r.why, "");
    CHECK_TEXT(r.band, "very-high");
}

TEST(the_counts_are_those_of_the_list)
{
    CLEANUP(board_done) Board b = {0};
    Err err = {0};
    board_open(&b);
    board_fill(&b, 42, 120);
    WaitingCount *counts;
    size_t n, total;
    const WaitingRow *all = pages(&b, (WaitingFilter){ .now = TEST_NOW }, 1000, &total);
    CHECK_OK(waiting_counts(b.crew.db, &b.crew.mem, 1, TEST_NOW, &counts, &n, &err), &err);
    CHECK_INT(n, 3);
    for (size_t i = 0; i < n; i++) {
        int64_t running = 0, late = 0;
        Instant oldest = INSTANT_NONE;
        for (size_t j = 0; j < total; j++) {
            if (all[j].agency != counts[i].agency)
                continue;
            running++;
            late += all[j].late;
            if (!all[j].paused && (oldest == INSTANT_NONE || all[j].due < oldest))
                oldest = all[j].due;
        }
        CHECK(counts[i].running == running && counts[i].late == late && counts[i].oldest_due == oldest);
    }
}

/* ---- nothing is ever ownerless ---- */

typedef struct World { Board *b; Rng rng; int64_t people[64]; size_t count; int logins; } World;

static void happens(World *w)
{
    Board *b = w->b;
    Crew *c = &b->crew;
    Err err = {0};
    size_t escalated;
    static const char *const agencies[] = { "coordinator", "cheshire", "gwent", "kent" };
    const int64_t ids[] = { c->unit, c->cheshire, c->gwent, c->empty };
    static const char *const kinds[] = { "package.receipt", "package.accept", "exhibit.examine" };
    int64_t subject = 9000 + (int64_t)rng_below(&w->rng, 25),
            person = w->people[rng_below(&w->rng, w->count)];
    const char *kind = kinds[rng_below(&w->rng, 3)];
    int64_t agency = ids[rng_below(&w->rng, 4)], clock = clock_of(b, subject, kind);
    bool ok = true;
    c->hand.at += HOURS(1);
    c->hand.actor = person;
    switch (rng_below(&w->rng, 10)) {
    case 0: case 1: case 2: {
        Wait wait = { subject, 0, agency, rng_below(&w->rng, 2) ? person : 0, kind,
                      c->hand.at + HOURS((int64_t)rng_below(&w->rng, 40) - 10) };
        ok = wait_record(b, &wait, &err);
        break;
    }
    case 3: record(b, "test.done", subject, kind, 0, 0); break;
    case 4: record(b, "test.moved", subject, kind, agency, 0); break;
    case 5: ok = person_stand_down(c->ledger, &c->hand, person, "Left", &err); break;
    case 6: {
        static const Role roles[] = { ROLE_FORCE_OFFICER, ROLE_FORCE_SUPERVISOR, ROLE_COORDINATOR,
                                      ROLE_EXAMINER };
        NewPerson p = { str_fmt(&c->mem, "p%d", w->logins++), "A Person", agencies[rng_below(&w->rng, 4)],
                        roles[rng_below(&w->rng, 4)] };
        if (w->count < COUNT_OF(w->people) && person_add(c->ledger, &c->hand, &p, &w->people[w->count], &err))
            w->count++;
        break;
    }
    case 7: ok = clock_offer(c->ledger, &c->hand, clock, person, &err); break;
    case 8: ok = clock_accept(c->ledger, &c->hand, clock, &err); break;
    case 9: ok = clock_escalate(c->ledger, c->db, b->rules, c->hand.at, &escalated, &err); break;
    }
    CHECK(ok || (err.kind != ERR_STORE && err.kind != ERR_BUG));
}

TEST(every_running_clock_has_one_active_owner_whatever_happens)
{
    for (uint64_t seed = 1; seed <= 6; seed++) {
        CLEANUP(board_done) Board b = {0};
        board_open(&b);
        Crew *c = &b.crew;
        World w = { .b = &b,
                    .rng = rng_seed(seed),
                    .people = { c->coordinator, c->researcher, c->officer, c->supervisor },
                    .count = 4 };
        for (int i = 0; i < 250; i++) {
            happens(&w);
            if (number(&b, T_OWNERLESS) != 0 || number(&b, T_TWICE) != 0)
                print_error("seed %d, step %d\n", (int)seed, i);
            CHECK_INT(number(&b, T_OWNERLESS), 0);
            CHECK_INT(number(&b, T_TWICE), 0);
        }
        crew_replay(c);
    }
}

TEST(the_last_person_cannot_leave_what_waits)
{
    CLEANUP(board_done) Board b = {0};
    Err err = {0};
    board_open(&b);
    Crew *c = &b.crew;
    waits(&b, (Wait){ 1000, 0, c->cheshire, 0, "package.receipt", TEST_NOW });
    const int64_t leaving[] = { c->supervisor, c->officer, c->other_officer, c->researcher };
    FOR_EACH(p, leaving)
        CHECK_OK(person_stand_down(c->ledger, &c->hand, *p, "Left", &err), &err);
    CHECK_INT(row(&b, 1, TEST_NOW).owner, c->coordinator);
    CHECK_FAILS(person_stand_down(c->ledger, &c->hand, c->coordinator, "Left", &err), &err, ERR_CONFLICT);
    CHECK_INT(number(&b, T_OWNERLESS), 0);
    record(&b, "test.done", 1000, NULL, 0, 0);
    CHECK_OK(person_stand_down(c->ledger, &c->hand, c->coordinator, "Left", &err), &err);
    Wait w = { 1001, 0, c->cheshire, 0, "package.receipt", TEST_NOW };
    CHECK_FAILS(wait_record(&b, &w, &err), &err, ERR_CONFLICT);
    crew_replay(c);
}

TEST_MAIN(every_statement_fits_the_schema, a_clock_without_an_owner_goes_to_the_duty_person,
          a_running_clock_moves_and_never_starts_again,
          what_is_late_goes_up_to_the_supervisor_and_then_to_the_lead,
          a_supervisor_who_owns_it_is_passed_over, a_later_due_time_is_a_new_chance,
          thousands_overdue_all_go_up, a_pause_moves_the_due_time_by_its_length,
          a_clock_changes_hands_only_when_accepted,
          the_board_shows_what_is_late_by_risk_then_by_time_in_pages, the_order_follows_a_band_that_changes,
          a_restricted_name_is_not_on_the_board, the_counts_are_those_of_the_list,
          every_running_clock_has_one_active_owner_whatever_happens, the_last_person_cannot_leave_what_waits)
