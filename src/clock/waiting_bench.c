/* waiting_bench.c: the board at a million running clocks: whose, page by page, and the counts.
 *
 *   clock_waiting_bench [clocks]         (default 1000000; the database is made in MUSTER_TEST_DIR or /tmp)
 *
 * Prints lines "name value unit". */
#include <time.h>
#include "access/access.h"
#include "base/embedded.h"
#include "base/rng.h"
#include "clock/clock.h"
#include "store/store_testing.h"

enum { BATCH = 20000, AGENCIES = 50, PEOPLE = 400, TRIES = 20, PAGE = 50 };
enum { B_AGENCY, B_PERSON, B_NOMINAL, B_CLOCK, B__COUNT };
static const Sql bench_sql[B__COUNT] = {
    [B_AGENCY] = { "bench.agency", "INSERT INTO agency (id, short_id, kind, name, tile, nation)"
                                   " VALUES ($1, $2, 'force', $2, $2, 'england')" },
    [B_PERSON] = { "bench.person", "INSERT INTO person (id, agency, login, name, role, active)"
                                   " VALUES ($1, $2, $3, $3, 'force-officer', 1)" },
    [B_NOMINAL] = { "bench.nominal",
        "INSERT INTO nominal (id, operation, name, status, first_seen, last_seen, restricted, answers, band,"
        " band_rank, suggested, risk_points, why, access, registered, position_of_trust, scored_upto,"
        " changed, referrals, known_files, children, stage)"
        " VALUES ($1, 1, 'Test Person', 'reported', 0, 0, 0, 0, 'high', $2, '', 0, 'because',"
        " 'unknown', 0, 0, 0, 0, 0, 0, 0, 'reported')" },
    [B_CLOCK] = { "bench.clock",
        "INSERT INTO clock (kind, subject, letter, nominal, band_rank, operation, agency, owner, level,"
        " started, due, opened_by) VALUES ('package.receipt', $1, 'N', $1, $2, 1, $3, $4, 0, 0, $5, 1)" },
};

typedef struct Fill { Rng rng; int64_t from, until; } Fill;

static double milliseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static void must(bool ok, const Err *err)
{
    if (!ok) {
        fprintf(stderr, "bench: %s [%s]\n", err->told, err->trail);
        exit(1);
    }
}

static bool fill_people(Tx *tx, void *ctx, Err *err)
{
    (void)ctx;
    char name[32];
    for (int64_t i = 1; i <= AGENCIES; i++) {
        snprintf(name, sizeof name, "agency%d", (int)i);
        if (!db_run(tx, &bench_sql[B_AGENCY], VALUES(sql_int(i), sql_text(name)), err))
            return false;
    }
    for (int64_t i = 1; i <= PEOPLE; i++) {
        snprintf(name, sizeof name, "person%d", (int)i);
        if (!db_run(tx, &bench_sql[B_PERSON],
                    VALUES(sql_int(i), sql_int(1 + i % AGENCIES), sql_text(name)), err))
            return false;
    }
    return true;
}

static bool fill_clocks(Tx *tx, void *ctx, Err *err)
{
    Fill *f = ctx;
    for (int64_t id = f->from; id < f->until; id++) {
        int64_t rank = (int64_t)rng_below(&f->rng, 5), person = 1 + (int64_t)rng_below(&f->rng, PEOPLE);
        int64_t due = (int64_t)rng_below(&f->rng, 1000) * US_PER_HOUR;
        if (!db_run(tx, &bench_sql[B_NOMINAL], VALUES(sql_int(id), sql_int(rank)), err)
            || !db_run(tx, &bench_sql[B_CLOCK],
                       VALUES(sql_int(id), sql_int(rank), sql_int(1 + person % AGENCIES), sql_int(person),
                              sql_int(due)), err))
            return false;
    }
    return true;
}

static void measure(const char *name, Db *db, const ClockRules *rules, WaitingFilter f)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    double worst = 0, total = 0;
    f.now = 300 * US_PER_HOUR;                           /* three in ten are late */
    f.limit = PAGE;
    for (int i = 0; i < TRIES; i++) {
        WaitingRow *rows;
        size_t count;
        double start = milliseconds();
        must(waiting_list(db, &mem, rules, &f, &rows, &count, &err), &err);
        double took = milliseconds() - start;
        total += took;
        worst = took > worst ? took : worst;
        if (i < TRIES / 2 && count)
            f.after_id = rows[count - 1].id;             /* half of them page on */
    }
    printf("%-24s %8.3f ms mean  %8.3f ms worst\n", name, total / TRIES, worst);
}

int main(int argc, char **argv)
{
    CLEANUP(testing_done) TestStore t = {0};
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    int64_t clocks = 1000000;
    Db *db = NULL;
    ClockRules *rules = NULL;
    if (argc > 1)
        must(str_int(str_of(argv[1]), 1, 100000000, &clocks), &err);
    testing_open(&t);
    must(writer_run(t.store, fill_people, NULL, &err), &err);
    double start = milliseconds();
    for (Fill f = { .rng = rng_seed(1), .from = 1 }; f.from <= clocks; f.from = f.until) {
        f.until = f.from + BATCH <= clocks ? f.from + BATCH : clocks + 1;
        must(writer_run(t.store, fill_clocks, &f, &err), &err);
    }
    printf("%-24s %8.1f s for %lld\n", "filling", (milliseconds() - start) / 1e3, (long long)clocks);
    must(store_reader(t.store, &db, &err), &err);
    must(clock_rules_load(&mem, embedded_str(embedded_find("data/clocks.csv")),
                          embedded_str(embedded_find("data/calendars/bank_holidays.csv")), &rules, &err),
         &err);
    measure("everything", db, rules, (WaitingFilter){0});
    measure("one operation", db, rules, (WaitingFilter){ .operation = 1 });
    measure("one operation, ahead", db, rules, (WaitingFilter){ .operation = 1, .after_id = clocks });
    measure("one agency", db, rules, (WaitingFilter){ .agency = 7 });
    measure("one person", db, rules, (WaitingFilter){ .owner = 7 });
    measure("one person's late", db, rules, (WaitingFilter){ .owner = 7, .late_only = true });
    measure("rare kind", db, rules, (WaitingFilter){ .kind = "bail.end" });
    for (int i = 0; i < 2; i++) {
        WaitingCount *counts;
        size_t count;
        start = milliseconds();
        must(waiting_counts(db, &mem, i, 300 * US_PER_HOUR, &counts, &count, &err), &err);
        printf("%-24s %8.3f ms\n", i ? "counts, one operation" : "counts", milliseconds() - start);
    }
    store_reader_close(db);
    return 0;
}
