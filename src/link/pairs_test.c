/* Records that strong identifiers do not tie: who is joined, who is asked about, what a decision does, and
 * that undoing it gives back what was. */
#include "link/pairs.h"
#include "link/explain.h"
#include "link/pairs_sql.h"
#include "link/testing.h"
#include "link/weigh.h"

static const Kind *const tables[] = { FIELD_KINDS, pair_kinds, NULL };

enum { T_ROWS, T_PAIRS, T_MERGES, T_SUGGESTED, T_PARTITION, T__COUNT };
static const Sql t_sql[T__COUNT] = {
    /* Everything but the marks of when (changed, scored_upto). */
    [T_ROWS] = { "t.rows", "SELECT group_concat(x, char(10)) FROM (SELECT json_array(id, name, given, "
                           "family, born, status,"
                           " merged_into, first_seen, last_seen, restricted, address, postcode, town, area, "
                           "force, force_basis,"
                           " answers, referrals, known_files, children, stage) AS x FROM nominal ORDER BY "
                           "id) UNION ALL"
                           " SELECT group_concat(x, char(10)) FROM (SELECT json_array(id, nominal) AS x FROM "
                           "sighting ORDER BY id)"
                           " UNION ALL SELECT group_concat(x, char(10)) FROM (SELECT json_array(a, b) AS x "
                           "FROM apart ORDER BY a, b)"
                           " UNION ALL SELECT group_concat(x, char(10)) FROM (SELECT json_array(id, a, b, "
                           "top_a, top_b, weight,"
                           " outcome, state, decided) AS x FROM link_pair ORDER BY id)" },
    [T_PAIRS] = { "t.pairs", "SELECT count(*) FROM link_pair WHERE outcome <> 'none'" },
    [T_MERGES] = { "t.merges", "SELECT count(*) FROM merge WHERE undone_by IS NULL" },
    [T_PARTITION] = { "t.partition", "SELECT group_concat(g, char(10)) FROM (SELECT g FROM (SELECT "
                                     "group_concat(ref, ' ') AS g FROM"
                                     " (SELECT s.nominal AS n, r.source_ref AS ref FROM sighting s JOIN "
                                     "referral r ON r.id = s.referral ORDER BY"
                                     " r.source_ref) GROUP BY n) ORDER BY g)" },
    [T_SUGGESTED] = { "t.suggested", "SELECT count(*) FROM ledger_entry WHERE kind = 'link.suggested'" },
};

#define LIST "list_ref,family_name,given_names,date_of_birth,address,town,postcode,email,phone,purchased_at\n"

typedef struct Bench { Ground g; LinkBase *base; } Bench;

static void bench_open(Bench *b)
{
    ground_open(&b->g, tables);
    b->base = link_base_new();
}

static void bench_done(Bench *b)
{
    link_base_done(b->base);
    ground_done(&b->g);
}

static void weigh(Bench *b)
{
    Err err = { 0 };
    size_t done = 0;
    Hand system = { .operation = b->g.hand.operation, .at = b->g.hand.at };
    ground_link(&b->g);
    CHECK_OK(weigh_pending(b->g.c.ledger, b->g.c.db, b->base, &system, &done, &err), &err);
}

static int64_t number(Bench *b, int sql)
{
    Err err = { 0 };
    int64_t n = 0;
    bool found = false;
    CHECK_OK(db_int(b->g.c.db, &t_sql[sql], NO_VALUES, &n, &found, &err), &err);
    return n;
}

static const char *said(Bench *b, int sql)
{
    Err err = { 0 };
    CLEANUP(rows_done) Rows r = { 0 };
    StrBuf buf = { .mem = &b->g.c.mem };
    bool more = false;
    CHECK_OK(db_query(b->g.c.db, &t_sql[sql], NO_VALUES, &r, &err), &err);
    while (rows_next(&r, &more, &err) && more)
        buf_fmt(&buf, "%s\n--\n", row_null(&r, 0) ? "" : row_text(&r, 0));
    return buf_text(&buf);
}

static const char *everything(Bench *b)
{
    return said(b, T_ROWS);
}

/* Forty strangers of common and rare names, none like another. */
static void strangers(Bench *b)
{
    static const char *const given[] = { "Alan",  "Brian", "Clive", "Derek",
                                         "Edwin", "Frank", "Gavin", "Howard" };
    static const char *const family[] = { "Ackroyd", "Bolsover", "Cattermole", "Dunwoody", "Entwistle" };
    StrBuf text = { .mem = &b->g.c.mem };
    buf_add(&text, LIST);
    for (int i = 0; i < 40; i++)
        buf_fmt(&text, "S%d,%s,%s,19%02d-%02d-%02d,%d Mill Road,Town%d,LS%d %dAB,,,2026-05-01\n", i,
                family[i % 5], given[i % 8], 40 + i, 1 + i * 7 % 12, 1 + i * 11 % 28, i + 1, i, 1 + i % 20,
                1 + i % 9);
    ground_take(&b->g, "strangers.csv", buf_text(&text));
}

static const char robert[] = LIST
    "R1,Ashdown,Robert,1984-05-12,12 High Street,Alnwick,NE69 7AW,bob.ashdown@example.org,,2026-05-01\n"
    "R2,Ashdown,Bob,1984-05-12,12 High St,Alnwick,NE69 7AW,r.ashdown@example.com,,2026-05-02\n";
static const char father_and_son[] = LIST
    "F1,Beckwith,John,1950-03-04,3 Church Lane,Otley,LS21 1AA,,07700 900123,2026-05-01\n"
    "F2,Beckwith,John,1979-11-21,3 Church Lane,Otley,LS21 1AA,,,2026-05-02\n";
static const char perhaps[] = LIST
    "P1,Carmichael,Stephen,1971-08-09,,Kendal,,,,2026-05-01\n"
    "P2,Carmichael,Steven,1971-09-08,,Kendal,LA9 4AB,,,2026-05-02\n";

static PairRow the_pair(Bench *b, const char *one, const char *two)
{
    Err err = { 0 };
    PairRow p = { 0 };
    bool found = false;
    Viewer v = crew_viewer(&b->g.c, b->g.c.coordinator);
    CHECK_OK(pair_between(b->g.c.db, &b->g.c.mem, &v, ground_who(&b->g, one), ground_who(&b->g, two), &p,
                          &found, &err),
             &err);
    if (!found)
        fail_msg("%s and %s were never weighed", one, two);
    return p;
}

TEST(statements_fit_the_schema)
{
    Bench b;
    Err err = { 0 };
    bench_open(&b);
    CHECK_OK(store_check_statements(b.g.c.db, pairs_sql, PAIRS__COUNT, &err), &err);
    bench_done(&b);
}

TEST(one_man_under_two_names_becomes_one_nominal)
{
    Bench b;
    bench_open(&b);
    strangers(&b);
    ground_take(&b.g, "robert.csv", robert);
    weigh(&b);
    CHECK_INT(ground_who(&b.g, "R1"), ground_who(&b.g, "R2"));
    CHECK_INT(number(&b, T_MERGES), 1);
    bench_done(&b);
}

/* Whoever came first, and whether weighed one file at a time or all at once. */
TEST(order_of_arrival_changes_nobody)
{
    const char *const files[] = { robert, father_and_son, perhaps };
    static const int orders[][3] = { { 0, 1, 2 }, { 2, 1, 0 }, { 1, 2, 0 } };
    char want[8192] = "";
    for (int at_once = 0; at_once < 2; at_once++)
        FOR_EACH(order, orders) {
            Bench b;
            bench_open(&b);
            for (int i = 0; i < 3; i++) {
                ground_take(&b.g, str_fmt(&b.g.c.mem, "file-%d.csv", i), files[(*order)[i]]);
                if (i == 1)
                    strangers(&b);
                if (!at_once)
                    weigh(&b);
            }
            weigh(&b);
            const char *got = said(&b, T_PARTITION);
            if (!want[0])
                snprintf(want, sizeof want, "%s", got);
            CHECK_TEXT(got, want);
            bench_done(&b);
        }
}

TEST(strangers_and_households_are_never_joined)
{
    Bench b;
    bench_open(&b);
    strangers(&b);
    ground_take(&b.g, "family.csv", father_and_son);
    weigh(&b);
    CHECK_INT(number(&b, T_MERGES), 0);
    CHECK(ground_who(&b.g, "F1") != ground_who(&b.g, "F2"));
    bench_done(&b);
}

TEST(kept_apart_is_not_joined_again)
{
    Bench b;
    Err err = { 0 };
    bench_open(&b);
    strangers(&b);
    ground_take(&b.g, "robert.csv", robert);
    ground_link(&b.g);
    CHECK_OK(nominal_keep_apart(b.g.c.ledger, &b.g.hand, ground_who(&b.g, "R1"), ground_who(&b.g, "R2"),
                                "Twins", &err),
             &err);
    weigh(&b);
    CHECK_INT(number(&b, T_MERGES), 0);
    bench_done(&b);
}

TEST(weighing_again_says_nothing_new)
{
    Bench b;
    bench_open(&b);
    strangers(&b);
    ground_take(&b.g, "perhaps.csv", perhaps);
    weigh(&b);
    int64_t said = number(&b, T_SUGGESTED);
    weigh(&b);
    CHECK_INT(number(&b, T_SUGGESTED), said);
    bench_done(&b);
}

static void answer_and_undo(const char *answer)
{
    Bench b;
    Err err = { 0 };
    int64_t decision = 0;
    bench_open(&b);
    strangers(&b);
    ground_take(&b.g, "perhaps.csv", perhaps);
    weigh(&b);
    PairRow p = the_pair(&b, "P1", "P2");
    CHECK_TEXT(p.outcome, "review");
    const char *before = everything(&b);
    CHECK_OK(pair_decide(b.g.c.ledger, &b.g.hand, p.id, answer, "Looked at both files", &decision, &err),
             &err);
    CHECK(!str_same(before, everything(&b)));
    CHECK_INT(ground_who(&b.g, "P1") == ground_who(&b.g, "P2"), str_same(answer, "same"));
    CHECK_FAILS(pair_decide(b.g.c.ledger, &b.g.hand, p.id, answer, "Again", NULL, &err), &err, ERR_CONFLICT);
    weigh(&b); /* a decision outlives weighing */
    CHECK_OK(pair_undecide(b.g.c.ledger, &b.g.hand, decision, "Wrong file", &err), &err);
    CHECK_TEXT(everything(&b), before);
    CHECK_FAILS(pair_undecide(b.g.c.ledger, &b.g.hand, decision, "Again", &err), &err, ERR_CONFLICT);
    bench_done(&b);
}

TEST(undoing_same_gives_back_what_was) { answer_and_undo("same"); }
TEST(undoing_different_gives_back_what_was) { answer_and_undo("different"); }
TEST(undoing_cannot_say_gives_back_what_was) { answer_and_undo("cannot-say"); }

TEST(decision_needs_an_answer_and_a_reason)
{
    Bench b;
    Err err = { 0 };
    bench_open(&b);
    strangers(&b);
    ground_take(&b.g, "perhaps.csv", perhaps);
    weigh(&b);
    PairRow p = the_pair(&b, "P1", "P2");
    CHECK_FAILS(pair_decide(b.g.c.ledger, &b.g.hand, p.id, "maybe", "x", NULL, &err), &err, ERR_INVALID);
    CHECK_FAILS(pair_decide(b.g.c.ledger, &b.g.hand, p.id, "same", " ", NULL, &err), &err, ERR_INVALID);
    CHECK_FAILS(pair_decide(b.g.c.ledger, &b.g.hand, 999999, "same", "x", NULL, &err), &err, ERR_NOT_FOUND);
    bench_done(&b);
}

TEST(restricted_nominal_is_in_no_pair_of_who_may_not_see_it)
{
    Bench b;
    Err err = { 0 };
    PairRow *rows = NULL, p;
    size_t count = 0;
    int64_t waiting = 0;
    bench_open(&b);
    strangers(&b);
    ground_take(&b.g, "perhaps.csv", perhaps);
    weigh(&b);
    PairRow before = the_pair(&b, "P1", "P2");
    Viewer outsider = { .person = 99999, .role = ROLE_RESEARCHER };
    PairFilter f = { .operation = b.g.hand.operation, .limit = 50 };
    CHECK_OK(pair_queue(b.g.c.db, &b.g.c.mem, &outsider, &f, &rows, &count, &err), &err);
    CHECK_INT(count, 1);
    CHECK_OK(nominal_restrict(b.g.c.ledger, &b.g.hand, before.one, true, "Covert", &err), &err);
    CHECK_OK(pair_queue(b.g.c.db, &b.g.c.mem, &outsider, &f, &rows, &count, &err), &err);
    CHECK_INT(count, 0);
    CHECK_OK(pair_waiting(b.g.c.db, &outsider, f.operation, 0, &waiting, &err), &err);
    CHECK_INT(waiting, 0);
    CHECK_FAILS(pair_fetch(b.g.c.db, &b.g.c.mem, &outsider, before.id, &p, &err), &err, ERR_NOT_FOUND);
    bench_done(&b);
}

TEST(explanation_adds_up_and_reads_as_sentences)
{
    Bench b;
    Err err = { 0 };
    Explained e;
    PairStep *steps = NULL;
    size_t count = 0;
    bench_open(&b);
    strangers(&b);
    ground_take(&b.g, "perhaps.csv", perhaps);
    weigh(&b);
    Viewer v = crew_viewer(&b.g.c, b.g.c.coordinator);
    CHECK_OK(pair_explain(b.g.c.db, &b.g.c.mem, b.base, &v, ground_who(&b.g, "P1"), ground_who(&b.g, "P2"),
                          instant_date_utc(TEST_NOW), &e, &err),
             &err);
    CHECK(e.weighed && !e.joined);
    pair_steps(&b.g.c.mem, &e.pair, &steps, &count);
    int64_t off = steps[count - 1].sum - e.pair.weight;
    assert_true(off >= -20 && off <= 20); /* each step is rounded to a thousandth */
    CHECK(strstr(pair_sentence(&b.g.c.mem, &e.pair), "The two records give the same family name") != NULL);
    bench_done(&b);
}

/* Whichever store call fails, a decision is whole or not there. */
TEST(failing_store_leaves_no_half_decision)
{
    Bench b;
    Err err = { 0 };
    bench_open(&b);
    strangers(&b);
    ground_take(&b.g, "perhaps.csv", perhaps);
    weigh(&b);
    PairRow p = the_pair(&b, "P1", "P2");
    const char *before = everything(&b);
    bool good = false;
    int failed = 0;
    for (int64_t n = 1; !good && n < 500; n++) {
        store_fail_after(b.g.c.store, n);
        good = pair_decide(b.g.c.ledger, &b.g.hand, p.id, "same", "Looked at both files", NULL, &err);
        store_fail_after(b.g.c.store, 0);
        if (good)
            break;
        err_clear(&err);
        failed++;
        CHECK_TEXT(everything(&b), before);
    }
    CHECK(good && failed > 10);
    CHECK_INT(ground_who(&b.g, "P1"), ground_who(&b.g, "P2"));
    bench_done(&b);
}

/* A hostel's address is no agreement. */
TEST(value_that_many_share_is_no_evidence)
{
    static const char *const family[] = { "Abbot", "Birch", "Crane", "Drury",
                                          "Eames", "Flint", "Grove", "Hardy" };
    Bench b;
    Err err = { 0 };
    Explained e;
    bench_open(&b);
    StrBuf text = { .mem = &b.g.c.mem };
    buf_add(&text, LIST);
    for (int i = 0; i < 16; i++)
        buf_fmt(&text, "H%d,%s,Guest%d,19%02d-03-04,1 Hostel Row,Leeds,,,,2026-05-01\n", i, family[i % 8], i,
                50 + i);
    strangers(&b);
    ground_take(&b.g, "hostel.csv", buf_text(&text));
    weigh(&b);
    Viewer v = crew_viewer(&b.g.c, b.g.c.coordinator);
    CHECK_OK(pair_explain(b.g.c.db, &b.g.c.mem, b.base, &v, ground_who(&b.g, "H0"), ground_who(&b.g, "H1"),
                          instant_date_utc(TEST_NOW), &e, &err),
             &err);
    CHECK(e.weighed && e.pair.aspects[ASPECT_ADDRESS].grade == PAIR_BLANK);
    CHECK(e.pair.aspects[ASPECT_CITY].grade == PAIR_MATCH);
    bench_done(&b);
}

TEST(rebuild_is_identical)
{
    Bench b;
    Err err = { 0 };
    int64_t decision = 0;
    bench_open(&b);
    strangers(&b);
    ground_take(&b.g, "robert.csv", robert);
    ground_take(&b.g, "perhaps.csv", perhaps);
    weigh(&b);
    PairRow p = the_pair(&b, "P1", "P2");
    CHECK_OK(pair_decide(b.g.c.ledger, &b.g.hand, p.id, "same", "Looked", &decision, &err), &err);
    CHECK_OK(pair_undecide(b.g.c.ledger, &b.g.hand, decision, "Wrong", &err), &err);
    CHECK_OK(pair_decide(b.g.c.ledger, &b.g.hand, p.id, "different", "Looked", &decision, &err), &err);
    crew_replay(&b.g.c);
    bench_done(&b);
}

TEST_MAIN(statements_fit_the_schema, one_man_under_two_names_becomes_one_nominal,
          order_of_arrival_changes_nobody, strangers_and_households_are_never_joined,
          kept_apart_is_not_joined_again, weighing_again_says_nothing_new, undoing_same_gives_back_what_was,
          undoing_different_gives_back_what_was, undoing_cannot_say_gives_back_what_was,
          decision_needs_an_answer_and_a_reason, restricted_nominal_is_in_no_pair_of_who_may_not_see_it,
          explanation_adds_up_and_reads_as_sentences, value_that_many_share_is_no_evidence,
          failing_store_leaves_no_half_decision, rebuild_is_identical)
