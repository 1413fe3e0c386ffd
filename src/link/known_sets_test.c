/* Set files in an operation: what is known follows from the sets in use, whatever arrives when, and a rebuild
 * gives the same. */
#include <unistd.h>
#include "link/testing.h"
#include "match/exchange.h"
#include "match/limits.h"
#include "match/read/known_read.h"
#include "match/match_sql.h"
#include "match/set_copy.h"
#include "match/sets.h"
#include "match/view.h"

static const Kind *const tables[] = { FIELD_KINDS, NULL };

#define MD5_A "0cc175b9c0f1b6a831c399e269772661"
#define MD5_B "92eb5ffee6ae2fec3ad71c777531578f"
#define MD5_C "4a8a08f09d37b73795649038408b5f33"
#define PDQ_A "f8f8f0cce0f4a84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22"
#define PDQ_NEAR "08f8f0cce0f4a84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22"
#define EVENTS "event_ref,account,service,ip_address,seen_at,md5\n"
static const char events[] = EVENTS "E1,one,chat.example,192.0.2.1,2026-03-01T10:00:00Z," MD5_A "\n"
                                    "E2,one,chat.example,192.0.2.1,2026-03-02T10:00:00Z," MD5_B "\n"
                                    "E3,two,chat.example,192.0.2.2,2026-03-02T10:00:00Z," MD5_C "\n";

static bool entry_add(void *ctx, const KnownEntry *entry, Err *err)
{
    return known_build_add(ctx, entry, err);
}

/* A set file made of CSV. */
static const char *set_make(Ground *g, const char *name, const char *version, const char *csv)
{
    CLEANUP(known_build_close) KnownBuild *build = NULL;
    Err err = {0};
    KnownReadOptions options = KNOWN_READ_DEFAULT;
    KnownReadReport report;
    KnownCounts counts;
    const char *path = str_fmt(&g->c.mem, "%s/%s-%s.set", g->c.temp.folder, name, version);
    options.source = name;
    options.version = version;
    CHECK_OK(known_build_begin(path, &(KnownBuildOptions){ .name = name, .version = version }, &g->c.mem,
                               &build, &err),
             &err);
    CHECK_OK(known_read_bytes(str_of(csv), name, &options, entry_add, build, &g->c.mem, &report, &err), &err);
    CHECK_INT(report.rejected, 0);
    CHECK_OK(known_build_end(build, &counts, &err), &err);
    return path;
}

static SetAdded set_use(Ground *g, const char *path)
{
    Err err = {0};
    SetAdded added;
    CHECK_OK(set_add(g->c.ledger, g->c.db, &g->hand, path, NULL, &added, &err), &err);
    return added;
}

static size_t match_all(Ground *g, int64_t flood)
{
    Err err = {0};
    size_t looked = 0;
    MatchRun run = { .ledger = g->c.ledger, .db = g->c.db, .hand = &g->hand,
                     .limits.flood_referrals = flood };
    CHECK_OK(match_run(&run, &looked, &err), &err);
    return looked;
}

static int64_t known_files(Ground *g, const char *ref)
{
    static const Sql sql = { "t.known", "SELECT known_files FROM nominal WHERE id = $1" };
    Err err = {0};
    int64_t n = 0;
    bool found = false;
    CHECK_OK(db_int(g->c.db, &sql, VALUES(sql_int(ground_who(g, ref))), &n, &found, &err), &err);
    return n;
}

static int64_t count(Ground *g, const char *text)
{
    const Sql sql = { "t.count", text };
    Err err = {0};
    int64_t n = -1;
    bool found = false;
    CHECK_OK(db_int(g->c.db, &sql, NO_VALUES, &n, &found, &err), &err);
    return n;
}

static bool count_graded(void *ctx, const KnownEntry *entry, Err *err)
{
    (void)err;
    *(size_t *)ctx += str_same(entry->grade, "2") && str_same(entry->series, "blue");
    return true;
}

static void folder_clear_of(Ground *g, const char *db_path)
{
    const char *folder = set_folder(&g->c.mem, db_path);
    DIR *dir = opendir(folder);
    struct dirent *entry;
    while (dir && (entry = readdir(dir)))
        unlink(str_fmt(&g->c.mem, "%s/%s", folder, entry->d_name));
    if (dir)
        closedir(dir);
    rmdir(folder);
}

static void folder_clear(Ground *g) { folder_clear_of(g, store_path(g->c.store)); }

static const char *copy_path(Ground *g) { return str_fmt(&g->c.mem, "%s.copy", store_path(g->c.store)); }

static bool sets_beside(void *ctx, Db *copy, Err *err)
{
    Ground *g = ctx;
    SetsCopied done;
    return sets_copy(copy, store_path(g->c.store), copy_path(g), &done, err);
}

static bool copy_make(Ground *g, Err *err)
{
    StoreBackup with = { .beside = sets_beside, .beside_ctx = g };
    *err = (Err){0};
    return store_backup(g->c.store, copy_path(g), &with, err);
}

static void open_with_files(Ground *g)
{
    ground_open(g, tables);
    ground_take(g, "events.csv", events);
    ground_link(g);
}

static void done(Ground *g)
{
    folder_clear(g);
    ground_done(g);
}

TEST(statements_fit)
{
    Ground g;
    Err err = {0};
    ground_open(&g, tables);
    CHECK_OK(store_check_statements(g.c.db, match_sql, MATCH__COUNT, &err), &err);
    done(&g);
}

TEST(a_new_set_reaches_back_and_a_rebuild_agrees)
{
    Ground g;
    open_with_files(&g);
    CHECK_INT(match_all(&g, 0), 3);
    CHECK_INT(known_files(&g, "E1"), 0);
    SetAdded added =
        set_use(&g, set_make(&g, "National", "1",
                             "md5,grade,scale,series,votes\n" MD5_A ",A,UK,blue,1\n" MD5_C ",B,UK,,5\n"));
    CHECK_INT(match_all(&g, 0), 0);
    CHECK_INT(known_files(&g, "E1"), 1);
    CHECK_INT(known_files(&g, "E3"), 1);
    Err err = {0};
    JobRow job;
    CHECK_OK(job_fetch(g.c.db, &g.c.mem, added.job, &job, &err), &err);
    CHECK_TEXT(job.state, "done");
    CHECK_INT(job.done, 3);
    CHECK_INT(job.found, 2);
    crew_replay(&g.c);
    done(&g);
}

TEST(a_later_version_takes_the_place_of_the_earlier)
{
    Ground g;
    open_with_files(&g);
    set_use(&g, set_make(&g, "National", "1", "md5,grade,scale\n" MD5_A ",A,UK\n" MD5_B ",B,UK\n"));
    match_all(&g, 0);
    CHECK_INT(known_files(&g, "E1"), 2);
    set_use(&g, set_make(&g, "National", "2", "md5,grade,scale\n" MD5_B ",C,UK\n"));
    match_all(&g, 0);
    CHECK_INT(known_files(&g, "E1"), 1);
    CHECK_INT(count(&g, "SELECT count(*) FROM set_file WHERE retired IS NULL"), 1);
    size_t n = 0;
    Err err = {0};
    MatchRow *rows = NULL;
    CHECK_OK(match_of_nominal(g.c.db, &g.c.mem, ground_who(&g, "E1"), &rows, &n, &err), &err);
    CHECK_INT(n, 1);
    CHECK_TEXT(rows[0].grade, "C");
    CHECK_TEXT(rows[0].version, "2");
    crew_replay(&g.c);
    done(&g);
}

TEST(harmless_and_negative_sets_suppress_and_retiring_gives_back)
{
    static const char *const kinds[] = { "benign", "negative" };
    FOR_EACH(kind, kinds) {
        Ground g;
        Err err = {0};
        open_with_files(&g);
        SetAdded other =
            set_use(&g, set_make(&g, "Other", "1", str_fmt(&g.c.mem, "md5,kind\n" MD5_A ",%s\n", *kind)));
        set_use(&g, set_make(&g, "National", "1", "md5,grade,scale\n" MD5_A ",A,UK\n" MD5_B ",B,UK\n"));
        match_all(&g, 0);
        CHECK_INT(known_files(&g, "E1"), 1);
        CHECK_OK(set_retire(g.c.ledger, &g.hand, other.set_file, "wrong list", &err), &err);
        CHECK_INT(known_files(&g, "E1"), 2);
        crew_replay(&g.c);
        done(&g);
    }
}

TEST(only_a_verdict_counts)
{
    Ground g;
    open_with_files(&g);
    set_use(&g, set_make(&g, "Case", "1",
                         "{\"@odata.context\":\"http://example.invalid/2.0.xml/UK/"
                         "$metadata#Media\",\"value\":["
                         "{\"MD5\":\"" MD5_A "\",\"Category\":null,\"IsPrecategorized\":true},"
                         "{\"MD5\":\"" MD5_B "\",\"Category\":0},{\"MD5\":\"" MD5_C "\",\"Category\":2}]}"));
    match_all(&g, 0);
    CHECK_INT(known_files(&g, "E1"), 0);
    CHECK_INT(known_files(&g, "E3"), 1);
    done(&g);
}

TEST(an_over_common_hash_waits_for_a_person)
{
    Ground g;
    Err err = {0};
    HeldRow *held = NULL;
    size_t n = 0;
    StrBuf text = { .mem = NULL };
    ground_open(&g, tables);
    text.mem = &g.c.mem;
    buf_add(&text, EVENTS);
    for (int i = 0; i < 6; i++)
        buf_fmt(&text, "E%d,u%d,chat.example,192.0.2.1,2026-03-01T10:00:00Z," MD5_A "\n", i, i);
    ground_take(&g, "events.csv", buf_text(&text));
    ground_link(&g);
    set_use(&g, set_make(&g, "National", "1", "md5,grade,scale\n" MD5_A ",A,UK\n"));
    match_all(&g, 5);
    CHECK_OK(held_list(g.c.db, &g.c.mem, &held, &n, &err), &err);
    CHECK_INT(n, 1);
    CHECK_INT(held[0].referrals, 6);
    CHECK_INT(count(&g, "SELECT count(*) FROM ledger_entry WHERE kind = 'match.held' AND"
                        " json_extract(body, '$.limit') = 5"),
              1);                            /* the fact says by which limit */
    CHECK_INT(held[0].nominals, 6);
    CHECK_TEXT(held[0].state, "held");
    CHECK_INT(known_files(&g, "E3"), 0);
    CHECK_INT(count(&g, "SELECT count(*) FROM clock WHERE kind = 'hash.held-decision' AND stopped IS NULL"),
              1);
    CHECK_OK(held_decide(g.c.ledger, &g.hand, held[0].id, true, "looked into", &err), &err);
    CHECK_INT(known_files(&g, "E3"), 1);
    CHECK_INT(count(&g, "SELECT count(*) FROM clock WHERE kind = 'hash.held-decision' AND stopped IS NULL"),
              0);
    CHECK_FAILS(held_decide(g.c.ledger, &g.hand, held[0].id, false, "again", &err), &err, ERR_CONFLICT);
    crew_replay(&g.c);
    done(&g);
}

/* Without a limit of the run's own, that of its day holds. */
TEST(the_limit_of_the_day_holds_what_is_over_common)
{
    Ground g;
    Err err = {0};
    KnownLimits limits;
    ground_open(&g, tables);
    CHECK_OK(known_limits_on(&g.c.mem, instant_date_utc(g.hand.at), &limits, &err), &err);
    StrBuf text = { .mem = &g.c.mem };
    buf_add(&text, EVENTS);
    for (int i = 0; i <= limits.flood_referrals; i++)
        buf_fmt(&text, "E%d,u%d,chat.example,192.0.2.1,2026-03-01T10:00:00Z,%s\n", i, i,
                i < limits.flood_referrals ? MD5_B : MD5_C);
    ground_take(&g, "events.csv", buf_text(&text));
    ground_link(&g);
    set_use(&g, set_make(&g, "National", "1", "md5,grade,scale\n" MD5_B ",A,UK\n" MD5_C ",A,UK\n"));
    match_all(&g, 0);
    CHECK_INT(count(&g, "SELECT count(*) FROM held_hash"), 0);
    ground_take(&g, "more.csv", EVENTS "E900,u900,chat.example,192.0.2.1,2026-03-01T10:00:00Z," MD5_B "\n");
    ground_link(&g);
    match_all(&g, 0);
    CHECK_INT(count(&g, "SELECT count(*) FROM held_hash"), 1);
    crew_replay(&g.c);
    done(&g);
}

/* Reports carry PDQ hashes; here one is put straight into the table, as a report would have it. */
static bool pdq_put(Tx *tx, void *ctx, Err *err)
{
    static const Sql sql = { "t.pdq", "INSERT INTO file_hash (referral, kind, value, annotations, file_ref, "
                                      "name)"
                                      " SELECT referral, 'pdq', $1, '[]', '', '' FROM file_hash ORDER BY id "
                                      "LIMIT 1" };
    (void)ctx;
    return db_run(tx, &sql, VALUES(sql_text(PDQ_NEAR)), err);
}

TEST(near_pictures_are_known_with_their_distance)
{
    Ground g;
    Err err = {0};
    MatchExplained m;
    open_with_files(&g);
    CHECK_OK(writer_run(g.c.store, pdq_put, NULL, &err), &err);
    set_use(&g, set_make(&g, "National", "1",
                         "pdq,grade,scale,quality\n" PDQ_A ",A,UK,80\n" PDQ_A ",B,UK,20\n"));
    match_all(&g, 0);
    int64_t id = count(&g, "SELECT id FROM file_hash WHERE kind = 'pdq'");
    CHECK_OK(match_explain(g.c.db, &g.c.mem, id, &m, &err), &err);
    CHECK_INT(m.count, 1);
    CHECK_INT(m.reasons[0].distance, 4);
    CHECK_INT(m.reasons[0].quality, 80);
    CHECK_TEXT(m.reasons[0].found, PDQ_A);
    CHECK_TEXT(m.reasons[0].grade, "A");
    CHECK(m.reasons[0].counts);
    done(&g);
}

TEST(a_cancelled_job_stops_and_a_missing_file_is_told)
{
    Ground g;
    Err err = {0};
    JobRow job;
    size_t looked = 0;
    open_with_files(&g);
    match_all(&g, 0);
    const char *path = set_make(&g, "National", "1", "md5,grade,scale\n" MD5_A ",A,UK\n");
    SetAdded added = set_use(&g, path);
    CHECK_OK(job_cancel(g.c.ledger, &g.hand, added.job, "not now", &err), &err);
    match_all(&g, 0);
    CHECK_OK(job_fetch(g.c.db, &g.c.mem, added.job, &job, &err), &err);
    CHECK_TEXT(job.state, "cancelled");
    CHECK_INT(known_files(&g, "E1"), 0);
    CHECK_FAILS(job_cancel(g.c.ledger, &g.hand, added.job, "again", &err), &err, ERR_CONFLICT);

    ground_take(&g, "more.csv", EVENTS "E9,nine,chat.example,192.0.2.1,2026-03-01T10:00:00Z," MD5_A "\n");
    ground_link(&g);
    folder_clear(&g);
    CHECK_FAILS(match_pending(g.c.ledger, g.c.db, &g.hand, &looked, &err), &err, ERR_STORE);
    CHECK(set_use(&g, path).already);        /* the same set again puts its file back */
    CHECK_INT(match_all(&g, 0), 1);
    CHECK_INT(known_files(&g, "E9"), 1);
    crew_replay(&g.c);
    done(&g);
}

/* Restoring is opening the copy: its sets are where whoever opens it looks. */
static void copy_check(Ground *g, size_t sets)
{
    Err err = {0};
    Store *store = NULL;
    Db *db = NULL;
    ActiveSets active;
    CHECK_OK(store_open(copy_path(g), (StoreOptions){ .read_only = true }, &store, &err), &err);
    CHECK_OK(store_reader(store, &db, &err), &err);
    CHECK_OK(sets_open_active(db, copy_path(g), &g->c.mem, &active, &err), &err);
    CHECK_INT(active.count, sets);
    for (size_t i = 0; i < active.count; i++)
        CHECK_OK(known_verify(active.at[i].file.set, 1, &err), &err);
    sets_close(&active);
    store_reader_close(db);
    store_close(store);
}

static void byte_change(const char *path)
{
    Err err = {0};
    CLEANUP(arena_done) Arena mem = {0};
    Str text;
    CHECK_OK(file_read(&mem, path, 1 << 20, &text, &err), &err);
    char *altered = str_from(&mem, text);
    altered[text.len - 1] ^= 1;
    CHECK_OK(file_write(path, (Str){ altered, text.len }, &err), &err);
}

TEST(a_backup_holds_the_sets_in_use_and_no_other)
{
    Ground g;
    Err err = {0};
    open_with_files(&g);
    CHECK(copy_make(&g, &err));
    CHECK(access(set_folder(&g.c.mem, copy_path(&g)), F_OK) != 0);       /* no sets, no folder */
    unlink(copy_path(&g));
    set_use(&g, set_make(&g, "National", "1", "md5,grade,scale\n" MD5_A ",A,UK\n"));
    SetAdded other = set_use(&g, set_make(&g, "Other", "1", "md5,grade,scale\n" MD5_B ",A,UK\n"));
    set_use(&g, set_make(&g, "Third", "1", "md5,grade,scale\n" MD5_C ",A,UK\n"));
    match_all(&g, 0);
    CHECK_OK(set_retire(g.c.ledger, &g.hand, other.set_file, "wrong list", &err), &err);
    CHECK_OK(copy_make(&g, &err), &err);
    copy_check(&g, 2);
    unlink(copy_path(&g));                   /* killed before its name was given: the same again is fine */
    CHECK_OK(copy_make(&g, &err), &err);
    copy_check(&g, 2);
    folder_clear_of(&g, copy_path(&g));
    done(&g);
}

TEST(a_backup_with_a_set_missing_or_altered_is_refused_by_name)
{
    static const struct { const char *name; bool altered; } cases[] = { { "missing", false },
                                                                        { "altered", true } };
    FOR_EACH(c, cases) {
        Ground g;
        Err err = {0};
        open_with_files(&g);
        set_use(&g, set_make(&g, "First", "1", "md5,grade,scale\n" MD5_B ",A,UK\n"));
        set_use(&g, set_make(&g, "National", "7", "md5,grade,scale\n" MD5_A ",A,UK\n"));
        ActiveSets active;
        CHECK_OK(sets_open_active(g.c.db, store_path(g.c.store), &g.c.mem, &active, &err), &err);
        const char *path = str_copy(&g.c.mem, active.at[1].file.path);
        sets_close(&active);
        if (c->altered)
            byte_change(path);
        else
            unlink(path);
        CHECK(!copy_make(&g, &err) && err.kind == ERR_STORE);
        if (!strstr(err.told, "National 7"))
            fail_msg("%s: %s", c->name, err.told);
        CHECK(access(copy_path(&g), F_OK) != 0);
        CHECK(access(set_folder(&g.c.mem, copy_path(&g)), F_OK) != 0);
        done(&g);
    }
}

TEST(grades_of_our_own_are_sent_and_reconciled)
{
    Ground g;
    Err err = {0};
    ExchangeSent sent;
    ExchangeAnswers a;
    ExchangeRow *rows = NULL;
    KnownReadReport report;
    KnownReadOptions options = KNOWN_READ_DEFAULT;
    int64_t id = 0;
    size_t n = 0, entries = 0;
    static const char *const md5s[] = { MD5_A, MD5_B, MD5_C };
    open_with_files(&g);
    const char *path = str_fmt(&g.c.mem, "%s/grades.json", g.c.temp.folder);
    FOR_EACH(md5, md5s) {
        Grade grade = { .grade = md5 == md5s ? "own" : "B",
                        .scale = md5 == md5s ? "Lab" : "UK",
                        .series = "blue" };
        CHECK_OK(file_hash_named(g.c.db, *md5, &grade.file_hash, &err), &err);
        CHECK_OK(file_grade(g.c.ledger, &g.hand, &grade, &id, &err), &err);
    }
    CHECK_OK(exchange_send(g.c.ledger, g.c.db, &g.hand, "vics", "UK", path, &g.c.mem, &sent, &err), &err);
    CHECK_INT(sent.row.sent, 2);
    CHECK_INT(sent.left, 1);                 /* a grade without a category is not given one */
    CHECK_OK(known_read(path, &options, count_graded, &entries, &g.c.mem, &report, &err), &err);
    CHECK_INT(entries, 2);
    CHECK_TEXT(report.scale, "VICS UK");
    CHECK_OK(exchange_answers(g.c.ledger, &g.hand,
                              STR("md5,answer,reason\n" MD5_B ",accepted,\n" MD5_B ",refused,x\n" MD5_A
                                  ",accepted,\n" MD5_C ",maybe,\n"),
                              &g.c.mem, &a, &err),
             &err);
    CHECK_INT(a.rows, 4);
    CHECK_INT(a.accepted, 1);
    CHECK_INT(a.unknown, 2);
    CHECK_INT(a.rejected, 1);
    CHECK_INT(a.first_bad_line, 5);
    CHECK_OK(exchange_list(g.c.db, &g.c.mem, &rows, &n, &err), &err);
    CHECK_INT(n, 1);
    CHECK_INT(rows[0].sent, rows[0].accepted + rows[0].refused + rows[0].pending);
    CHECK_INT(rows[0].pending, 1);
    CHECK_OK(exchange_send(g.c.ledger, g.c.db, &g.hand, "csv", "UK", path, &g.c.mem, &sent, &err), &err);
    CHECK_INT(sent.row.sent, 1);             /* only the one that stayed */
    crew_replay(&g.c);
    done(&g);
}

TEST_MAIN(grades_of_our_own_are_sent_and_reconciled, statements_fit,
          a_new_set_reaches_back_and_a_rebuild_agrees, a_later_version_takes_the_place_of_the_earlier,
          harmless_and_negative_sets_suppress_and_retiring_gives_back, only_a_verdict_counts,
          an_over_common_hash_waits_for_a_person, the_limit_of_the_day_holds_what_is_over_common,
          near_pictures_are_known_with_their_distance,
          a_cancelled_job_stops_and_a_missing_file_is_told,
          a_backup_holds_the_sets_in_use_and_no_other,
          a_backup_with_a_set_missing_or_altered_is_refused_by_name)
