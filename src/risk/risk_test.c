/* Priority by risk to children: reasons, unknowns as open checks, and people who decide. */
#include "risk/risk.h"
#include "attribute/attribute.h"
#include "link/testing.h"
#include "risk/risk_ledger.h"

static const Kind *const tables[] = { FIELD_KINDS, attribute_kinds, risk_kinds, NULL };

typedef struct Desk {
    Ground g;
    RiskModel *model;
    ClockRules *rules;
    Hand second;
} Desk;

static Str file_of(Arena *mem, const char *path)
{
    Err err = { 0 };
    Str text;
    CHECK_OK(file_read(mem, path, 1 << 20, &text, &err), &err);
    return text;
}

static void desk_open(Desk *d)
{
    Err err = { 0 };
    ground_open(&d->g, tables);
    Arena *mem = &d->g.c.mem;
    CHECK_OK(risk_model_load(mem, file_of(mem, "tests/fixtures/risk_model.json"), &d->model, &err), &err);
    CHECK_OK(clock_rules_load(mem, file_of(mem, "data/clocks.csv"),
                              file_of(mem, "data/calendars/bank_holidays.csv"), &d->rules, &err),
             &err);
    Viewer v = crew_viewer(&d->g.c, d->g.c.researcher);
    d->second = viewer_hand(&v, d->g.hand.operation, TEST_NOW);
}

static size_t score_all(Desk *d)
{
    Err err = { 0 };
    size_t scored = 0;
    Hand system = { .operation = d->g.hand.operation, .at = d->g.hand.at };
    CHECK_OK(risk_pending(d->g.c.ledger, d->g.c.db, d->model, d->rules, &system, &scored, &err), &err);
    return scored;
}

static RiskView view_of(Desk *d, const char *ref)
{
    Err err = { 0 };
    RiskView v;
    CHECK_OK(risk_view(d->g.c.db, &d->g.c.mem, ground_who(&d->g, ref), &v, &err), &err);
    return v;
}

static Nominal who(Desk *d, const char *ref) { return ground_fetch(&d->g, ground_who(&d->g, ref)); }

static const CheckRow *check_of(const RiskView *v, const char *kind)
{
    for (size_t i = 0; i < v->check_count; i++)
        if (str_same(v->checks[i].kind, kind))
            return &v->checks[i];
    return NULL;
}

static void answer(Desk *d, const char *ref, const char *kind, const char *said)
{
    Err err = { 0 };
    RiskView v = view_of(d, ref);
    const CheckRow *c = check_of(&v, kind);
    CHECK(c != NULL);
    CHECK_OK(
        check_answer(d->g.c.ledger, &d->g.hand, c->id, said, "Council tax and school rolls looked at.", &err),
        &err);
    score_all(d);
}

#define EVENTS "event_ref,account,service,ip_address,seen_at\n"
#define LISTED "list_ref,given_names,family_name,date_of_birth,postcode,occupation,email,purchased_at\n"

static void take(Desk *d, const char *name, const char *text)
{
    ground_take(&d->g, name, text);
    ground_link(&d->g);
    score_all(d);
}

static const char four_days[] = EVENTS "E1,one,chat.example,192.0.2.1,2026-03-01T10:00:00Z\n"
                                       "E2,one,chat.example,192.0.2.1,2026-03-02T10:00:00Z\nE3,one,chat."
                                       "example,192.0.2.1,2026-03-03T10:00:00Z\n"
                                       "E4,one,chat.example,192.0.2.1,2026-03-04T10:00:00Z\n";

TEST(unknown_access_counts_is_asked_and_keeps_a_person_out_of_low)
{
    Desk d;
    desk_open(&d);
    take(&d, "e.csv", EVENTS "E9,nine,chat.example,192.0.2.1,2026-03-01T10:00:00Z\n");
    Nominal n = who(&d, "E9");
    CHECK_TEXT(n.row.suggested, "medium");
    CHECK_TEXT(n.row.band, "");
    CHECK_INT(n.row.band_rank, 2);
    CHECK_TEXT(n.row.access, "unknown");
    RiskView v = view_of(&d, "E9");
    const CheckRow *c = check_of(&v, "access");
    CHECK(c && str_same(c->state, "open") && c->due > TEST_NOW);
    CHECK(check_of(&v, "occupation") != NULL);
    CHECK(n.row.clock_due != INSTANT_NONE);
    CHECK_TEXT(n.row.clock_owner, "Name of c.dale");
    CHECK_INT(score_all(&d), 0); /* nothing moved: nothing to do */
    crew_replay(&d.g.c);
    ground_done(&d.g);
}

TEST(one_line_says_why_and_what_would_change_it)
{
    Desk d;
    desk_open(&d);
    take(&d, "e.csv", four_days);
    CHECK_TEXT(who(&d, "E1").row.why, "High because access to children is unknown, material was shared on "
                                      "four separate days and"
                                      " they appear in four reports. It becomes Very high if they work or "
                                      "live with children.");
    ground_done(&d.g);
}

TEST(answers_move_the_band_both_ways_and_stop_their_clock)
{
    Desk d;
    desk_open(&d);
    take(&d, "e.csv",
         EVENTS "Y1,yes,chat.example,192.0.2.1,2026-03-01T10:00:00Z\nN1,no,chat.example,192.0.2.2,2026-03-"
                "01T10:00:00Z\n"
                "U1,unk,chat.example,192.0.2.3,2026-03-01T10:00:00Z\nH1,hse,chat.example,192.0.2.4,2026-03-"
                "01T10:00:00Z\n");
    answer(&d, "Y1", "access", "yes");
    CHECK_TEXT(who(&d, "Y1").row.suggested, "high");
    CHECK_TEXT(who(&d, "Y1").row.access, "yes");
    answer(&d, "N1", "access", "no");
    CHECK_TEXT(who(&d, "N1").row.suggested, "low");
    answer(&d, "U1", "access", "unknown-after-enquiry");
    CHECK_TEXT(who(&d, "U1").row.suggested, "medium");
    answer(&d, "H1", "occupation", "yes");
    CHECK(who(&d, "H1").row.position_of_trust);
    CHECK_TEXT(who(&d, "H1").row.suggested, "high");
    RiskView v = view_of(&d, "N1");
    CHECK_TEXT(check_of(&v, "access")->answer, "no");
    CHECK(check_of(&v, "access")->due == INSTANT_NONE);
    CHECK(v.score_count == 2);
    Err err = { 0 };
    CHECK_FAILS(check_answer(d.g.c.ledger, &d.g.hand, check_of(&v, "access")->id, "yes", "x", &err), &err,
                ERR_CONFLICT);
    CHECK_FAILS(check_answer(d.g.c.ledger, &d.g.hand, check_of(&v, "occupation")->id, "perhaps", "x", &err),
                &err, ERR_INVALID);
    CHECK_FAILS(check_answer(d.g.c.ledger, &d.g.hand, check_of(&v, "occupation")->id, "no", "", &err), &err,
                ERR_INVALID);
    crew_replay(&d.g.c);
    ground_done(&d.g);
}

TEST(work_with_children_is_found_in_the_occupation)
{
    Desk d;
    desk_open(&d);
    take(&d, "l.csv",
         LISTED "L1,Adam,Example,1970-05-01,,Deputy Head Teacher,a@example.org,2026-03-01T10:00:00Z\n"
                "L2,Bea,Example,1971-05-01,,Plumber,b@example.org,2026-03-01T10:00:00Z\n"
                "L3,Cay,Example,1972-05-01,,Consultant paediatrician,c@example.org,2026-03-01T10:00:00Z\n");
    CHECK_TEXT(who(&d, "L1").row.suggested, "high");
    CHECK(who(&d, "L1").row.position_of_trust);
    CHECK(!who(&d, "L2").row.position_of_trust);
    CHECK_TEXT(who(&d, "L2").row.suggested, "medium");
    CHECK(who(&d, "L3").row.position_of_trust);
    RiskView v = view_of(&d, "L2");
    CHECK(check_of(&v, "occupation") == NULL); /* it is known */
    ground_done(&d.g);
}

TEST(the_register_needs_more_than_a_name_and_a_birthday)
{
    Desk d;
    desk_open(&d);
    ground_take(&d.g, "r.csv",
                "register_ref,given_names,family_name,date_of_birth,postcode\n"
                "R1,Adam,Example,1970-05-01,CH1 1AA\nR2,Bea,Example,1971-05-01,CH1 1AB\n");
    take(&d, "l.csv",
         LISTED "L1,Adam,Example,1970-05-01,CH1 1AA,Plumber,a@example.org,2026-03-01T10:00:00Z\n"
                "L2,Bea,Example,1971-05-01,NP10 8AA,Plumber,b@example.org,2026-03-01T10:00:00Z\n");
    CHECK(who(&d, "L1").row.registered);
    CHECK_TEXT(who(&d, "L1").row.suggested, "high");
    CHECK(!who(&d, "L2").row.registered);
    RiskView v = view_of(&d, "L1");
    CHECK(check_of(&v, "register") == NULL);
    answer(&d, "L2", "register", "yes");
    CHECK(who(&d, "L2").row.registered);
    CHECK_TEXT(who(&d, "L2").row.suggested, "high");
    crew_replay(&d.g.c);
    ground_done(&d.g);
}

TEST(raising_is_at_once_and_lowering_needs_a_reason_and_someone_else)
{
    Desk d;
    Err err = { 0 };
    desk_open(&d);
    take(&d, "e.csv", four_days);
    int64_t id = ground_who(&d.g, "E1");
    Ledger *l = d.g.c.ledger;
    Db *db = d.g.c.db;
    CHECK_FAILS(band_decide(l, db, d.rules, &d.g.hand, id, "middling", "x", &err), &err, ERR_INVALID);
    CHECK_FAILS(band_decide(l, db, d.rules, &d.g.hand, id, "low", "", &err), &err, ERR_INVALID);
    CHECK_OK(band_decide(l, db, d.rules, &d.g.hand, id, "very-high", "Lives beside a school.", &err), &err);
    CHECK_TEXT(who(&d, "E1").row.band, "very-high");
    CHECK_OK(band_decide(l, db, d.rules, &d.g.hand, id, "medium", "Moved away.", &err), &err);
    CHECK_TEXT(who(&d, "E1").row.band, "very-high"); /* waits */
    RiskView v = view_of(&d, "E1");
    CHECK_TEXT(v.proposed_band, "medium");
    CHECK_INT(v.proposed_by, d.g.hand.actor);
    CHECK_FAILS(band_second(l, db, d.rules, &d.g.hand, id, true, &err), &err, ERR_DENIED);
    CHECK_OK(band_second(l, db, d.rules, &d.second, id, false, &err), &err);
    CHECK_FAILS(band_second(l, db, d.rules, &d.second, id, true, &err), &err, ERR_NOT_FOUND);
    CHECK_OK(band_decide(l, db, d.rules, &d.g.hand, id, "medium", "Moved away.", &err), &err);
    CHECK_OK(band_second(l, db, d.rules, &d.second, id, true, &err), &err);
    CHECK_TEXT(who(&d, "E1").row.band, "medium");
    CHECK_INT(who(&d, "E1").row.band_rank, 2);
    v = view_of(&d, "E1");
    CHECK_INT(v.decision_count, 2);
    CHECK_INT(v.decisions[0].second, d.second.actor);
    CHECK_INT(v.decisions[0].person, d.g.hand.actor);
    CHECK_TEXT(v.decisions[0].suggested, "high");
    CHECK(v.proposed_band == NULL);

    /* The same suggestion again changes nothing; a higher one raises, and asks for a review. */
    answer(&d, "E1", "occupation", "unknown-after-enquiry");
    CHECK_INT(who(&d, "E1").row.band_rank, 2);
    answer(&d, "E1", "access", "yes");
    CHECK_TEXT(who(&d, "E1").row.suggested, "very-high");
    CHECK_TEXT(who(&d, "E1").row.band, "medium");
    CHECK_INT(who(&d, "E1").row.band_rank, 4);
    crew_replay(&d.g.c);
    ground_done(&d.g);
}

TEST(a_rise_after_a_proposal_stops_it)
{
    Desk d;
    Err err = { 0 };
    desk_open(&d);
    take(&d, "e.csv", EVENTS "E1,one,chat.example,192.0.2.1,2026-03-01T10:00:00Z\n");
    int64_t id = ground_who(&d.g, "E1");
    CHECK_OK(band_decide(d.g.c.ledger, d.g.c.db, d.rules, &d.g.hand, id, "low", "Elderly and alone.", &err),
             &err);
    answer(&d, "E1", "access", "yes");
    CHECK_FAILS(band_second(d.g.c.ledger, d.g.c.db, d.rules, &d.second, id, true, &err), &err, ERR_CONFLICT);
    ground_done(&d.g);
}

TEST(a_merge_carries_checks_and_decisions_and_gives_them_back)
{
    Desk d;
    Err err = { 0 };
    desk_open(&d);
    take(&d, "e.csv",
         EVENTS "E1,one,chat.example,192.0.2.1,2026-03-01T10:00:00Z\nE2,two,chat.example,192.0.2.2,2026-03-"
                "01T10:00:00Z\n");
    int64_t one = ground_who(&d.g, "E1"), two = ground_who(&d.g, "E2");
    answer(&d, "E2", "access", "yes");
    CHECK_OK(nominal_merge(d.g.c.ledger, &d.g.hand, one, two, "One person.", &err), &err);
    score_all(&d);
    CHECK_TEXT(who(&d, "E1").row.access, "yes");
    CHECK_TEXT(who(&d, "E1").row.suggested, "high");
    static const Sql merge_of = { "t.merge_of", "SELECT max(id) FROM merge" };
    int64_t merge = 0;
    bool found = false;
    CHECK_OK(db_int(d.g.c.db, &merge_of, NO_VALUES, &merge, &found, &err), &err);
    CHECK_OK(nominal_unmerge(d.g.c.ledger, &d.g.hand, merge, "Two.", &err), &err);
    CHECK_INT(score_all(&d), 2);
    CHECK_TEXT(who(&d, "E1").row.suggested, "medium");
    CHECK_TEXT(who(&d, "E2").row.suggested, "high");
    CHECK(who(&d, "E2").row.clock_due != INSTANT_NONE); /* its clocks run again */
    crew_replay(&d.g.c);
    ground_done(&d.g);
}

TEST_MAIN(unknown_access_counts_is_asked_and_keeps_a_person_out_of_low,
          one_line_says_why_and_what_would_change_it, answers_move_the_band_both_ways_and_stop_their_clock,
          work_with_children_is_found_in_the_occupation, the_register_needs_more_than_a_name_and_a_birthday,
          raising_is_at_once_and_lowering_needs_a_reason_and_someone_else, a_rise_after_a_proposal_stops_it,
          a_merge_carries_checks_and_decisions_and_gives_them_back)
