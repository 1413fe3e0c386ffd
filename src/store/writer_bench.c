/* writer_bench.c: durable commands a second, beside what the disk can do and what SQLite does one at a time.
 *
 *   store_writer_bench [folder]       (default: a new folder under the current one, which must not be a
 * tmpfs)
 *
 * Prints lines "name value unit ratio-to reference". All rows of one run share the disk, so compare ratios.
 * Rounds are short, taken in turn, and the median of their rates and ratios kept, because shared disks drift
 * within seconds. A first round is not counted: until a log has reached its full size it grows, and flushing
 * a growing file costs two to five times more (as fdatasync_append shows beside fdatasync_overwrite), for
 * plain SQLite and Muster alike. */
#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include "store/inside.h"
#include "store/store_testing.h"

enum { ROUNDS = 15, ROUND_MS = 400, CALLERS_MAX = 64 };

static const SchemaStep steps[] = {
    { 1, "001_mark.sql", "CREATE TABLE mark (id INTEGER PRIMARY KEY, caller INTEGER NOT NULL, body TEXT NOT NULL)" },
};
static const Sql bench_sql[] = {
    { "bench.add", "INSERT INTO mark (caller, body) VALUES ($1, $2)" },
};
static const char body[] = "a fact of about the size of a small ledger entry, such as a person having opened "
                           "a record";

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void must(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "bench: %s failed\n", what);
        exit(1);
    }
}

/* ---- one round of some callers doing one thing over and over ---- */

typedef bool Act(void *shared, int caller);
typedef struct Round { Act *act; void *shared; atomic_int next; atomic_bool stop; atomic_llong done; } Round;

static void *round_main(void *arg)
{
    Round *round = arg;
    int caller = atomic_fetch_add(&round->next, 1);
    int64_t done = 0;
    while (!atomic_load_explicit(&round->stop, memory_order_relaxed)) {
        must(round->act(round->shared, caller), "an act");
        done++;
    }
    atomic_fetch_add(&round->done, done);
    return NULL;
}

static double round_rate(Act *act, void *shared, int callers)
{
    pthread_t threads[CALLERS_MAX];
    Round round = { .act = act, .shared = shared };
    struct timespec nap = { ROUND_MS / 1000, (ROUND_MS % 1000) * 1000000L };
    double start = seconds();
    for (int i = 0; i < callers; i++)
        must(pthread_create(&threads[i], NULL, round_main, &round) == 0, "starting a thread");
    nanosleep(&nap, NULL);
    atomic_store(&round.stop, true);
    for (int i = 0; i < callers; i++)
        pthread_join(threads[i], NULL);
    return (double)atomic_load(&round.done) / (seconds() - start);
}

/* ---- the disk: append 4 KiB and flush ---- */

enum { OVERWRITE_PAGES = 1024 };
static const char page[4096] = {0};

static bool append_act(void *shared, int caller)
{
    int fd = *(int *)shared;
    (void)caller;
    return write(fd, page, sizeof page) == sizeof page && fdatasync(fd) == 0;
}

typedef struct Overwrite { int fd, at; } Overwrite;
static bool overwrite_act(void *shared, int caller)
{
    Overwrite *o = shared;
    (void)caller;
    o->at = (o->at + 1) % OVERWRITE_PAGES;
    return pwrite(o->fd, page, sizeof page, o->at * (off_t)sizeof page) == sizeof page &&
           fdatasync(o->fd) == 0;
}

/* ---- SQLite as its manual shows it: WAL, FULL, a connection a thread, one transaction a command ---- */

typedef struct Plain { sqlite3 *db[CALLERS_MAX]; sqlite3_stmt *add[CALLERS_MAX]; } Plain;

static void plain_open(Plain *plain, const char *path, int callers)
{
    for (int i = 0; i < callers; i++) {
        must(sqlite3_open(path, &plain->db[i]) == SQLITE_OK, "opening");
        sqlite3_busy_timeout(plain->db[i], 60000);
        must(sqlite3_exec(plain->db[i],
                          "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                          "CREATE TABLE IF NOT EXISTS mark (id INTEGER PRIMARY KEY, caller INTEGER NOT NULL, "
                          "body TEXT NOT NULL)",
                          NULL, NULL, NULL) == SQLITE_OK,
             "settling");
        must(sqlite3_prepare_v2(plain->db[i], "INSERT INTO mark (caller, body) VALUES (?, ?)", -1,
                                &plain->add[i], NULL) == SQLITE_OK,
             "preparing");
    }
}

static void plain_close(Plain *plain, int callers)
{
    for (int i = 0; i < callers; i++) {
        sqlite3_finalize(plain->add[i]);
        sqlite3_close(plain->db[i]);
    }
}

static bool plain_act(void *shared, int caller)
{
    Plain *plain = shared;
    sqlite3_stmt *add = plain->add[caller];
    sqlite3_bind_int(add, 1, caller);
    sqlite3_bind_text(add, 2, body, -1, SQLITE_STATIC);
    int rc = sqlite3_step(add);
    return sqlite3_reset(add) == SQLITE_OK && rc == SQLITE_DONE;
}

/* ---- Muster ---- */

static bool add_command(Tx *tx, void *ctx, Err *err)
{
    return db_run(tx, &bench_sql[0], VALUES(sql_int(*(int *)ctx), sql_text(body)), err);
}

static bool muster_act(void *shared, int caller)
{
    Err err = {0};
    return writer_run(shared, add_command, &caller, &err);
}

/* ---- all in turn ---- */

enum { APPEND, OVERWRITE, PLAIN_1, PLAIN_16, MUSTER_1, MUSTER_16, MUSTER_64, ROW__COUNT };
static const struct { const char *name; Act *act; int callers; } rows[ROW__COUNT] = {
    [APPEND]    = { "fdatasync_append_4k",    append_act,     1 },
    [OVERWRITE] = { "fdatasync_overwrite_4k", overwrite_act,  1 },
    [PLAIN_1]   = { "sqlite_1_thread",        plain_act,      1 },
    [PLAIN_16]  = { "sqlite_16_threads",      plain_act,     16 },
    [MUSTER_1]  = { "writer_run_1_caller",    muster_act,     1 },
    [MUSTER_16] = { "writer_run_16_callers",  muster_act,    16 },
    [MUSTER_64] = { "writer_run_64_callers",  muster_act,    64 },
};
static const struct { int row, reference; } ratios[] = {
    { APPEND,    APPEND   }, { OVERWRITE, APPEND    }, { PLAIN_1,   OVERWRITE }, { PLAIN_16,  PLAIN_1  },
    { MUSTER_1,  APPEND   }, { MUSTER_1,  OVERWRITE }, { MUSTER_1,  PLAIN_1   },
    { MUSTER_16, PLAIN_16 }, { MUSTER_16, PLAIN_1   }, { MUSTER_64, PLAIN_16  },
};
/* What tools/bench lays out: a line "row", then tab-separated fields (tests/bench/bench.h). */
static const struct { int row, reference; const char *task, *beside, *target; } told[] = {
    { MUSTER_1,  OVERWRITE, "durable commands, 1 caller",   "disk flushes (fdatasync)",   "ratio>=0.7" },
    { MUSTER_16, PLAIN_16,  "durable commands, 16 callers", "SQLite, a flush a command",  "ratio>=4"   },
    { MUSTER_64, PLAIN_16,  "durable commands, 64 callers", "SQLite, a flush a command",  "ratio>=4"   },
};

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const double *of)
{
    double sorted[ROUNDS];
    memcpy(sorted, of, sizeof sorted);
    qsort(sorted, ROUNDS, sizeof *sorted, by_size);
    return sorted[ROUNDS / 2];
}

static double median_ratio(const double *rates, const double *reference)
{
    double ratio[ROUNDS];
    for (int i = 0; i < ROUNDS; i++)
        ratio[i] = rates[i] / reference[i];
    return median(ratio);
}

static void rows_measure(double rates[ROW__COUNT][ROUNDS], void *const shared[ROW__COUNT])
{
    for (int round = -1; round < ROUNDS; round++)
        for (int i = 0; i < ROW__COUNT; i++) {
            double rate = round_rate(rows[i].act, shared[i], rows[i].callers);
            if (round >= 0)
                rates[i][round] = rate;
        }
}

static void rows_print(double rates[ROW__COUNT][ROUNDS])
{
    FOR_EACH(r, ratios)
        printf("%-22s %9.0f per_s %6.2f %s\n", rows[r->row].name, median(rates[r->row]),
               median_ratio(rates[r->row], rates[r->reference]), rows[r->reference].name);
    FOR_EACH(t, told)
        printf("row\t%s\t%.0f\t/s\t%s\t%.0f\t%.2f\t%s\n", t->task, median(rates[t->row]), t->beside,
               median(rates[t->reference]), median_ratio(rates[t->row], rates[t->reference]), t->target);
}

static int file_at(const TestStore *t, const char *name, int flags)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", t->folder, name);
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC | flags, 0600);
    must(fd >= 0, "making a file");
    return fd;
}

static void plain_at(Plain *plain, const TestStore *t, const char *name, int callers)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", t->folder, name);
    plain_open(plain, path, callers);
}

int main(int argc, char **argv)
{
    static double rates[ROW__COUNT][ROUNDS];
    Plain plain_1 = {0}, plain_16 = {0};
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    setenv("MUSTER_TEST_DIR", argc > 1 ? argv[1] : ".", 1);
    testing_folder(&t);
    int append = file_at(&t, "append", O_APPEND);
    Overwrite overwrite = { file_at(&t, "overwrite", 0), 0 };
    for (int i = 0; i < OVERWRITE_PAGES; i++)
        must(write(overwrite.fd, page, sizeof page) == sizeof page, "filling a file");
    plain_at(&plain_1, &t, "plain_1.db", 1);
    plain_at(&plain_16, &t, "plain_16.db", 16);
    must(store_open_with(t.path, (StoreOptions){ .create = true }, (SchemaSteps){ steps, 1 }, &t.store, &err),
         err.told);
    rows_measure(rates, (void *[]){ &append, &overwrite, &plain_1, &plain_16, t.store, t.store, t.store });
    rows_print(rates);
    plain_close(&plain_1, 1);
    plain_close(&plain_16, 16);
    close(append);
    close(overwrite.fd);
    return 0;
}
