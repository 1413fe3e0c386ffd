/* The queue: most dangerous first, page by page, and nothing a viewer may not see. */
#include "link/testing.h"
#include "base/ref.h"
#include "link/link_sql.h"
#include "link/nominal_apply.h"

enum { T_FILL, T_RESTRICT, T_GRANT, T__COUNT };
static const Sql t_sql[T__COUNT] = {
    [T_FILL] = { "t.fill",
                 "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)"
                 " INSERT INTO nominal (id, operation, name, given, family, status, first_seen, last_seen,"
                 " restricted, answers, band,"
                 " band_rank, suggested, risk_points, why, access, registered, position_of_trust,"
                 " scored_upto, changed, referrals,"
                 " known_files, children, stage, force) SELECT 1000000 + i, $2, 'Person ' || i, 'Person',"
                 " 'Family' || (i % 97), 'reported', 0, 0, 0, 0,"
                 " '', CASE WHEN i % 100 = 0 THEN 4 WHEN i % 10 = 0 THEN 3 ELSE 1 + i % 2 END, '', (i *"
                 " 7919) % 101, '', 'unknown', 0, 0, 1, 1,"
                 " 1, 0, 0, 'reported', CASE i % 3 WHEN 0 THEN $3 WHEN 1 THEN $4 END FROM n" },
    [T_RESTRICT] = { "t.restrict", "UPDATE nominal SET restricted = 1 WHERE id = $1" },
    [T_GRANT] = { "t.grant", "INSERT INTO restriction (subject, person, granted_by) VALUES ($1, $2, 1)" },
};
static const Kind *const tables[] = { FIELD_KINDS, NULL };

typedef struct Raw { int sql; Values values; } Raw;
static bool raw(Tx *tx, void *ctx, Err *err)
{
    Raw *r = ctx;
    return db_run(tx, &t_sql[r->sql], r->values, err);
}
static void run(Ground *g, int sql, Values values)
{
    Err err = {0};
    Raw r = { sql, values };
    CHECK_OK(writer_run(g->c.store, raw, &r, &err), &err);
}

static void fill(Ground *g, int64_t count)
{
    run(g, T_FILL,
        VALUES(sql_int(count), sql_int(g->hand.operation), sql_int(g->c.cheshire), sql_int(g->c.gwent)));
}

static NominalRow *page(Ground *g, int64_t person, const QueueFilter *f, size_t *count)
{
    Err err = {0};
    NominalRow *rows = NULL;
    Viewer v = crew_viewer(&g->c, person);
    CHECK_OK(nominal_queue(g->c.db, &g->c.mem, &v, f, &rows, count, &err), &err);
    return rows;
}

static void check_walk(Ground *g, int64_t person, QueueFilter f, size_t expected)
{
    size_t total = 0, count = 0;
    int last_rank = 5;
    int64_t last_points = INT64_MAX, last_id = 0;
    do {
        NominalRow *rows = page(g, person, &f, &count);
        for (size_t i = 0; i < count; i++) {
            NominalRow *r = &rows[i];
            CHECK(r->band_rank < last_rank || (r->band_rank == last_rank
                  && (r->points < last_points || (r->points == last_points && r->id > last_id))));
            last_rank = r->band_rank;
            last_points = r->points;
            last_id = r->id;
        }
        total += count;
        f.band_rank = last_rank;
        f.points = last_points;
        f.after_id = last_id;
    } while (count);
    CHECK_INT(total, expected);
}

TEST(pages_follow_each_other_without_gap_or_repeat)
{
    Ground g;
    ground_open(&g, tables);
    fill(&g, 3000);
    check_walk(&g, g.c.coordinator, (QueueFilter){ .operation = g.hand.operation, .limit = 37 }, 3000);
    check_walk(&g, g.c.coordinator,
               (QueueFilter){ .operation = g.hand.operation, .force = g.c.gwent, .limit = 50 }, 1000);
    check_walk(&g, g.c.coordinator,
               (QueueFilter){ .operation = g.hand.operation, .band = "very-high", .limit = 7 }, 30);
    check_walk(&g, g.c.officer, (QueueFilter){ .operation = g.hand.operation, .limit = 50 }, 1000);
    check_walk(&g, g.c.officer,
               (QueueFilter){ .operation = g.hand.operation, .force = g.c.gwent, .limit = 50 }, 0);
    check_walk(&g, g.c.coordinator,
               (QueueFilter){ .operation = g.hand.operation, .text = "family13", .limit = 10 }, 31);
    check_walk(&g, g.c.officer,
               (QueueFilter){ .operation = g.hand.operation, .text = "Family13", .limit = 10 }, 10);
    check_walk(&g, g.c.coordinator, (QueueFilter){ .operation = g.hand.operation, .text = "%", .limit = 10 },
               0);
    ground_done(&g);
}

TEST(a_reference_finds_one_record_and_only_for_who_may_see_it)
{
    Ground g;
    size_t count = 0;
    ground_open(&g, tables);
    fill(&g, 10);
    int64_t gwents = 1000001;
    QueueFilter f = { .operation = g.hand.operation, .text = ref_write(&g.c.mem, 'N', gwents) };
    NominalRow *rows = page(&g, g.c.coordinator, &f, &count);
    CHECK_INT(count, 1);
    CHECK_INT(rows[0].id, gwents);
    page(&g, g.c.officer, &f, &count);
    CHECK_INT(count, 0);
    Err err = {0};
    NominalRow row;
    Viewer v = crew_viewer(&g.c, g.c.officer);
    CHECK_FAILS(nominal_row(g.c.db, &g.c.mem, &v, gwents, &row, &err), &err, ERR_NOT_FOUND);
    ground_done(&g);
}

TEST(a_restricted_record_is_absent_for_everyone_else)
{
    Ground g;
    size_t count = 0;
    ground_open(&g, tables);
    fill(&g, 9);
    int64_t id = 1000003;                        /* Cheshire's */
    run(&g, T_RESTRICT, VALUES(sql_int(id)));
    QueueFilter all = { .operation = g.hand.operation },
                by_name = { .operation = g.hand.operation, .text = "Family3" };
    page(&g, g.c.coordinator, &all, &count);
    CHECK_INT(count, 9);
    page(&g, g.c.researcher, &all, &count);
    CHECK_INT(count, 8);
    page(&g, g.c.researcher, &by_name, &count);
    CHECK_INT(count, 0);
    page(&g, g.c.officer, &all, &count);
    CHECK_INT(count, 2);
    page(&g, g.c.supervisor, &all, &count);
    CHECK_INT(count, 3);
    run(&g, T_GRANT, VALUES(sql_int(id), sql_int(g.c.officer)));
    page(&g, g.c.officer, &all, &count);
    CHECK_INT(count, 3);
    ground_done(&g);
}

/* A million nominals must answer in milliseconds: no statement of a page may walk or sort the table. */
TEST(no_page_walks_the_table)
{
    static const int statements[] = { LINK_Q_FORCE_SAME,  LINK_Q_FORCE_RANK,   LINK_Q_FORCE_BELOW,
                                      LINK_Q_ALL_SAME,    LINK_Q_ALL_RANK,     LINK_Q_ALL_BELOW,
                                      LINK_Q_NAMED,       LINK_Q_ONE,          LINK_Q_BUNDLE,
                                      LINK_ELIMINATION,   LINK_AGENCY_OF,      LINK_F_FOOTPRINTS,
                                      LINK_F_LINKS,       LINK_F_ATTRIBUTIONS, LINK_F_REFERRALS,
                                      LINK_F_IDENTIFIERS, LINK_HOLDERS,        LINK_EVIDENCE,
                                      LINK_TODO,          LINK_TODO_URGENT,    LINK_SIGHTING };
    static const char *const whole_tables[] = { "nominal",     "n", "sighting",  "s", "referral", "r",
                                                "identifier",  "i", "footprint", "f", "link",     "l",
                                                "attribution", "a", "clock",     "c", "k", "b", "w", "x" };
    Ground g;
    Err err = {0};
    ground_open(&g, tables);
    FOR_EACH(statement, statements) {
        Sql explain = { "t.explain", str_fmt(&g.c.mem, "EXPLAIN QUERY PLAN %s", link_sql[*statement].text) };
        Value values[13];
        size_t used = 0;
        for (size_t n = 1; n <= COUNT_OF(values); n++) {
            values[n - 1] = sql_int(1);
            if (strstr(explain.text, str_fmt(&g.c.mem, "$%zu", n)))
                used = n;
        }
        CLEANUP(rows_done) Rows rows = {0};
        bool more = false, queue = *statement >= LINK_Q_FORCE_SAME && *statement <= LINK_Q_ALL_BELOW;
        CHECK_OK(db_query(g.c.db, &explain, (Values){ values, used }, &rows, &err), &err);
        while (rows_next(&rows, &more, &err) && more) {
            const char *step = row_text(&rows, 3);
            FOR_EACH(t, whole_tables)
                if (str_same(step, str_fmt(&g.c.mem, "SCAN %s", *t))) {
                    print_error("%s: %s\n", link_sql[*statement].name, step);
                    fail();
                }
            if (queue && row_int(&rows, 1) == 0 && strstr(step, "TEMP B-TREE")) {
                print_error("%s: %s\n", link_sql[*statement].name, step);
                fail();
            }
        }
    }
    CHECK_OK(store_check_statements(g.c.db, link_sql, LINK__COUNT, &err), &err);
    ground_done(&g);
}

TEST_MAIN(pages_follow_each_other_without_gap_or_repeat,
          a_reference_finds_one_record_and_only_for_who_may_see_it,
          a_restricted_record_is_absent_for_everyone_else, no_page_walks_the_table)
