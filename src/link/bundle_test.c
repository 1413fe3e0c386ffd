/* Viral bundles: one person stands in the queue for all who passed on one viral file; nobody with a sign of a
 * child at risk stands behind another. */
#include "base/embedded.h"
#include "base/ref.h"
#include "clock/clock.h"
#include "link/link_sql.h"
#include "link/nominal_apply.h"
#include "link/testing.h"

static const Kind *const tables[] = { FIELD_KINDS, NULL };

#define FILE_A "0cc175b9c0f1b6a831c399e269772661"
#define FILE_B "92eb5ffee6ae2fec3ad71c777531578f"

enum { T_SCORE, T_SIGN, T_FORCE, T_WAITS, T_DUE, T__COUNT };
static const Sql t_sql[T__COUNT] = {
    [T_SCORE] = { "t.score", "UPDATE nominal SET band_rank = $2, risk_points = $3 WHERE id = $1" },
    [T_SIGN] = { "t.sign", "UPDATE nominal SET children = $2, registered = $3, position_of_trust = $4, "
                           "access = $5,"
                           " band = $6, stage = $7, status = $8, restricted = $9 WHERE id = $1" },
    [T_WAITS] = { "t.waits", "INSERT INTO clock (kind, subject, letter, nominal, band_rank, operation,"
                             " agency, owner, level, started, due, opened_by) SELECT 'nominal.access-check',"
                             " n.id, 'N', n.id, 0, n.operation, $2, $3, 0, 0, $4, 0 FROM nominal n WHERE"
                             " n.id = $1" },
    [T_DUE] = { "t.due", "UPDATE clock SET due = $2 WHERE subject = $1" },
    [T_FORCE] = { "t.force", "UPDATE nominal SET force = $2 WHERE id = $1" },
};
typedef struct Raw { int sql; Values values; } Raw;
static bool raw(Tx *tx, void *ctx, Err *err)
{
    Raw *r = ctx;
    return db_run(tx, &t_sql[r->sql], r->values, err);
}
static void run(Ground *g, int sql, Values values)
{
    Err err = {0};
    CHECK_OK(writer_run(g->c.store, raw, &(Raw){ sql, values }, &err), &err);
}

/* One report of an account: viral when a file is given that its sender calls so. */
typedef struct Report { int number; const char *account, *file; bool viral, child; } Report;

static void report_write(StrBuf *to, const Report *r)
{
    buf_fmt(to, "<report><reportId>%d</reportId>", r->number);
    if (r->viral)
        buf_add(to, "<batchedReport reason=\"VIRAL_POTENTIAL_MEME\">true</batchedReport>");
    buf_fmt(to,
            "<incidentSummary><incidentType>Child Pornography</incidentType><incidentDateTime>2026-02-01T10:"
            "00:00Z</incidentDateTime></incidentSummary><personOrUserReported><espIdentifier>%s</"
            "espIdentifier>"
            "<espService>Chatter</espService></personOrUserReported>",
            r->account);
    if (r->child)
        buf_add(to, "<victim><victimPerson><age>9</age></victimPerson></victim>");
    buf_add(to, "</report>");
    if (r->file)
        buf_fmt(to,
                "<fileDetails><reportId>%d</reportId><fileId>f%d</fileId><originalFileHash "
                "hashType=\"MD5\">%s"
                "</originalFileHash></fileDetails>",
                r->number, r->number, r->file);
}

static void take(Ground *g, const char *name, const Report *reports, size_t count)
{
    StrBuf text = { .mem = &g->c.mem };
    buf_add(&text, "<?xml version=\"1.0\"?><reports>");
    for (size_t i = 0; i < count; i++)
        report_write(&text, &reports[i]);
    buf_add(&text, "</reports>");
    ground_take(g, name, buf_text(&text));
    ground_link(g);
}

static const Report usual[] = {
    { 101, "one", FILE_A, true, false },   { 102, "two", FILE_A, true, false },
    { 103, "three", FILE_A, true, false }, { 104, "four", FILE_A, true, false },
    { 105, "child", FILE_A, true, true },                       /* names a child */
    { 106, "plain", FILE_A, false, false },                     /* not called viral */
    { 107, "other", FILE_B, true, false },                      /* another file, alone */
    { 108, "mixed", FILE_A, true, false }, { 109, "mixed", FILE_B, false, false },
};

static void open_usual(Ground *g)
{
    ground_open(g, tables);
    take(g, "reports.xml", usual, COUNT_OF(usual));
}

static int64_t who(Ground *g, int number) { return ground_who(g, str_fmt(&g->c.mem, "%d", number)); }

static NominalRow *queue(Ground *g, QueueFilter f, size_t *count)
{
    Err err = {0};
    NominalRow *rows = NULL;
    Viewer v = crew_viewer(&g->c, g->c.coordinator);
    f.operation = g->hand.operation;
    CHECK_OK(nominal_queue(g->c.db, &g->c.mem, &v, &f, &rows, count, &err), &err);
    return rows;
}

static const NominalRow *line_of(Ground *g, int64_t id)
{
    size_t count = 0;
    NominalRow *rows = queue(g, (QueueFilter){0}, &count);
    for (size_t i = 0; i < count; i++)
        if (rows[i].id == id)
            return &rows[i];
    return NULL;
}

static size_t lines(Ground *g)
{
    size_t count = 0;
    (void)queue(g, (QueueFilter){0}, &count);
    return count;
}

TEST(one_line_stands_for_a_bundle_and_all_of_it_can_be_seen)
{
    static const int singles[] = { 105, 106, 108 };
    Ground g;
    size_t count = 0;
    open_usual(&g);
    CHECK_INT(lines(&g), 5);                 /* the bundle, child, plain, other, mixed */
    CHECK_INT(line_of(&g, who(&g, 101))->bundled, 4);
    CHECK(!line_of(&g, who(&g, 102)));
    FOR_EACH (alone, singles)
        CHECK_INT(line_of(&g, who(&g, *alone))->bundled, 0);
    CHECK_INT(line_of(&g, who(&g, 107))->bundled, 1);
    NominalRow *all = queue(&g, (QueueFilter){ .bundle_of = who(&g, 103) }, &count);
    CHECK_INT(count, 4);
    CHECK_INT(all[0].id, who(&g, 101));
    all = queue(&g, (QueueFilter){ .bundle_of = who(&g, 103), .limit = 2 }, &count);
    CHECK_INT(count, 2);
    all = queue(&g, (QueueFilter){ .bundle_of = who(&g, 103), .limit = 9, .band_rank = all[1].band_rank,
                                   .points = all[1].points, .after_id = all[1].id }, &count);
    CHECK_INT(count, 2);
    CHECK_INT(all[1].id, who(&g, 104));
    crew_replay(&g.c);
    ground_done(&g);
}

TEST(a_search_finds_whoever_stands_behind_another)
{
    Ground g;
    size_t count = 0;
    open_usual(&g);
    (void)queue(&g, (QueueFilter){ .text = "four" }, &count);
    CHECK_INT(count, 1);
    (void)queue(&g, (QueueFilter){ .text = ref_write(&g.c.mem, 'N', who(&g, 104)) }, &count);
    CHECK_INT(count, 1);
    ground_done(&g);
}

TEST(the_most_serious_stands_for_the_others)
{
    Ground g;
    open_usual(&g);
    run(&g, T_SCORE, VALUES(sql_int(who(&g, 103)), sql_int(2), sql_int(40)));
    CHECK_INT(line_of(&g, who(&g, 103))->bundled, 4);
    CHECK(!line_of(&g, who(&g, 101)));
    run(&g, T_SCORE, VALUES(sql_int(who(&g, 102)), sql_int(2), sql_int(41)));
    CHECK_INT(line_of(&g, who(&g, 102))->bundled, 4);
    run(&g, T_SCORE, VALUES(sql_int(who(&g, 102)), sql_int(1), sql_int(1)));
    CHECK_INT(line_of(&g, who(&g, 103))->bundled, 4);
    CHECK_INT(lines(&g), 5);
    ground_done(&g);
}

/* Whatever the sign, whoever has it gets a line of their own, and goes back when it turns out wrong. */
TEST(a_sign_of_a_child_at_risk_is_never_behind_another)
{
    static const struct {
        const char *name;
        int rank, children, registered, trust;
        const char *access, *band, *stage, *status;
        int restricted;
    } signs[] = {
        { "band above medium", 3, 0, 0, 0, "unknown", "", "reported", "reported", 0 },
        { "a child",           1, 1, 0, 0, "unknown", "", "reported", "reported", 0 },
        { "registered",        1, 0, 1, 0, "unknown", "", "reported", "reported", 0 },
        { "position of trust", 1, 0, 0, 1, "unknown", "", "reported", "reported", 0 },
        { "access",            1, 0, 0, 0, "yes",     "", "reported", "reported", 0 },
        { "decided",           1, 0, 0, 0, "unknown", "low", "reported", "reported", 0 },
        { "packaged",          1, 0, 0, 0, "unknown", "", "packaged", "reported", 0 },
        { "suspect",           1, 0, 0, 0, "unknown", "", "reported", "suspect", 0 },
        { "restricted",        1, 0, 0, 0, "unknown", "", "reported", "reported", 1 },
    };
    static const int places[] = { 101, 103 };
    Ground g;
    open_usual(&g);
    FOR_EACH (which, places) { /* who stands for the others, and who does not */
        int64_t id = who(&g, *which);
        FOR_EACH (s, signs) {
            run(&g, T_SIGN,
                VALUES(sql_int(id), sql_int(s->children), sql_int(s->registered), sql_int(s->trust),
                       sql_text(s->access), sql_text(s->band), sql_text(s->stage), sql_text(s->status),
                       sql_int(s->restricted)));
            run(&g, T_SCORE, VALUES(sql_int(id), sql_int(s->rank), sql_int(5)));
            const NominalRow *own = line_of(&g, id);
            if (!own || own->bundled || lines(&g) != 6)
                fail_msg("%s: of %d", s->name, *which);
            CHECK_INT(line_of(&g, who(&g, *which == 101 ? 102 : 101))->bundled, 3);
            run(&g, T_SIGN,
                VALUES(sql_int(id), sql_int(0), sql_int(0), sql_int(0), sql_text("unknown"), sql_text(""),
                       sql_text("reported"), sql_text("reported"), sql_int(0)));
            run(&g, T_SCORE, VALUES(sql_int(id), sql_int(0), sql_int(0)));
            CHECK_INT(lines(&g), 5);
        }
    }
    ground_done(&g);
}

TEST(a_force_has_a_line_of_its_own_people)
{
    Ground g;
    open_usual(&g);
    run(&g, T_FORCE, VALUES(sql_int(who(&g, 101)), sql_int(g.c.gwent)));
    run(&g, T_FORCE, VALUES(sql_int(who(&g, 102)), sql_int(g.c.gwent)));
    CHECK_INT(line_of(&g, who(&g, 101))->bundled, 2);
    CHECK_INT(line_of(&g, who(&g, 103))->bundled, 2);
    CHECK_INT(lines(&g), 6);
    run(&g, T_FORCE, VALUES(sql_int(who(&g, 101)), sql_null()));
    CHECK_INT(line_of(&g, who(&g, 102))->bundled, 1);
    CHECK_INT(line_of(&g, who(&g, 101))->bundled, 3);
    ground_done(&g);
}

TEST(what_becomes_known_later_takes_someone_out_and_undoing_puts_them_back)
{
    static const Report more[] = { { 201, "one", FILE_B, false, false }, { 202, "two", FILE_A, true, true } };
    Ground g;
    Err err = {0};
    open_usual(&g);
    take(&g, "more.xml", more, COUNT_OF(more));
    CHECK_INT(line_of(&g, who(&g, 101))->bundled, 0);
    CHECK_INT(line_of(&g, who(&g, 102))->bundled, 0);
    CHECK_INT(line_of(&g, who(&g, 103))->bundled, 2);
    int64_t merge = 0;
    CHECK_OK(nominal_merge(g.c.ledger, &g.hand, who(&g, 106), who(&g, 103), "one person", &err), &err);
    CHECK(!line_of(&g, who(&g, 106)) || line_of(&g, who(&g, 106))->bundled == 0);
    CHECK_INT(line_of(&g, who(&g, 104))->bundled, 1);
    static const Sql last = { "t.merge", "SELECT max(id) FROM merge" };
    bool found = false;
    CHECK_OK(db_int(g.c.db, &last, NO_VALUES, &merge, &found, &err), &err);
    CHECK_OK(nominal_unmerge(g.c.ledger, &g.hand, merge, "two people", &err), &err);
    CHECK_INT(line_of(&g, who(&g, 103))->bundled, 2);
    crew_replay(&g.c);
    ground_done(&g);
}

TEST(files_that_come_after_their_report_still_make_a_bundle)
{
    static const Report bare[] = { { 101, "one", NULL, true, false }, { 102, "two", NULL, true, false } };
    Ground g;
    ground_open(&g, tables);
    take(&g, "reports.xml", bare, COUNT_OF(bare));
    CHECK_INT(lines(&g), 2);
    ground_take(&g, "files.xml",
                "<?xml version=\"1.0\"?><reports>"
                "<fileDetails><reportId>101</reportId><fileId>f1</fileId><originalFileHash "
                "hashType=\"MD5\">" FILE_A "</originalFileHash></fileDetails>"
                "<fileDetails><reportId>102</reportId><fileId>f2</fileId><originalFileHash "
                "hashType=\"MD5\">" FILE_A "</originalFileHash></fileDetails></reports>");
    CHECK_INT(lines(&g), 1);
    CHECK_INT(line_of(&g, who(&g, 101))->bundled, 2);
    crew_replay(&g.c);
    ground_done(&g);
}

static size_t board(Ground *g, const ClockRules *rules, bool collapsed, WaitingRow **rows)
{
    Err err = {0};
    size_t count = 0;
    WaitingFilter f = { .now = TEST_NOW, .collapsed = collapsed };
    CHECK_OK(waiting_list(g->c.db, &g->c.mem, rules, &f, rows, &count, &err), &err);
    return count;
}

/* The board is one row for them as well, but nothing late is ever behind what is not. */
TEST(what_waits_about_a_bundle_is_one_row_and_nothing_late_is_hidden)
{
    static const int bundle[] = { 101, 102, 103, 104 };
    Ground g;
    Err err = {0};
    ClockRules *rules = NULL;
    WaitingRow *rows = NULL;
    open_usual(&g);
    CHECK_OK(clock_rules_load(&g.c.mem, embedded_str(embedded_find("data/clocks.csv")),
                              embedded_str(embedded_find("data/calendars/bank_holidays.csv")), &rules, &err),
             &err);
    size_t other = board(&g, rules, true, &rows);
    FOR_EACH (one, bundle)
        run(&g, T_WAITS, VALUES(sql_int(who(&g, *one)), sql_int(g.c.unit), sql_int(g.c.coordinator),
                                sql_int(TEST_NOW + *one * US_PER_SECOND)));
    CHECK_INT(board(&g, rules, false, &rows), other + 4);
    CHECK_INT(board(&g, rules, true, &rows), other + 1);
    size_t stands = 0;
    for (size_t i = 0; i < other + 1; i++)
        stands += rows[i].subject == who(&g, 101) && rows[i].bundled == 4;
    CHECK_INT(stands, 1);
    run(&g, T_DUE, VALUES(sql_int(who(&g, 103)), sql_int(TEST_NOW - US_PER_DAY)));   /* late, and alone so */
    CHECK_INT(board(&g, rules, true, &rows), other + 2);
    CHECK_INT(rows[0].subject, who(&g, 103));
    CHECK_INT(rows[0].bundled, 0);
    run(&g, T_DUE, VALUES(sql_int(who(&g, 101)), sql_int(TEST_NOW - US_PER_SECOND)));
    CHECK_INT(board(&g, rules, true, &rows), other + 1);
    CHECK_INT(rows[0].subject, who(&g, 101));
    ground_done(&g);
}

TEST_MAIN(one_line_stands_for_a_bundle_and_all_of_it_can_be_seen,
          a_search_finds_whoever_stands_behind_another, the_most_serious_stands_for_the_others,
          a_sign_of_a_child_at_risk_is_never_behind_another, a_force_has_a_line_of_its_own_people,
          what_becomes_known_later_takes_someone_out_and_undoing_puts_them_back,
          files_that_come_after_their_report_still_make_a_bundle,
          what_waits_about_a_bundle_is_one_row_and_nothing_late_is_hidden)
