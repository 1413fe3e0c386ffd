/* writer_test.c: what writer_run promises its callers, alone and in company. */
#include "store/store.h"
#include "base/test.h"
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "store/inside.h"
#include "store/store_testing.h"

static const SchemaStep steps[] = {
    { 1, "001_mark.sql",
      "CREATE TABLE mark (id INTEGER PRIMARY KEY, caller INTEGER NOT NULL, turn INTEGER NOT NULL,"
      " UNIQUE (caller, turn))" },
};
#define STEPS ((SchemaSteps){ steps, 1 })

enum { ADD, COUNT, COUNT_BY, SQL__COUNT };
static const Sql sqls[SQL__COUNT] = {
    [ADD]      = { "t.add",      "INSERT INTO mark (caller, turn) VALUES ($1, $2)" },
    [COUNT]    = { "t.count",    "SELECT count(*) FROM mark" },
    [COUNT_BY] = { "t.count_by", "SELECT count(*) FROM mark WHERE caller = $1 AND turn = $2" },
};

typedef struct Mark { int64_t caller, turn; bool refuse; } Mark;

static bool mark_command(Tx *tx, void *ctx, Err *err)
{
    const Mark *m = ctx;
    if (!db_run(tx, &sqls[ADD], VALUES(sql_int(m->caller), sql_int(m->turn)), err))
        return false;
    return !m->refuse || err_set(err, ERR_INVALID, "Refused after writing.");
}

static bool mark(Store *store, int64_t caller, int64_t turn, Err *err)
{
    Mark m = { caller, turn, false };
    return writer_run(store, mark_command, &m, err);
}

static void open_new(TestStore *t)
{
    Err err = {0};
    testing_folder(t);
    CHECK_OK(store_open_with(t->path, (StoreOptions){ .create = true }, STEPS, &t->store, &err), &err);
}

static int64_t number(Store *store, int sql, Values values)
{
    Err err = {0};
    Db *db = NULL;
    int64_t n = -1;
    bool found;
    CHECK_OK(store_reader(store, &db, &err), &err);
    CHECK_OK(db_int(db, &sqls[sql], values, &n, &found, &err), &err);
    store_reader_close(db);
    return n;
}

/* ---- alone ---- */

TEST(a_refused_command_leaves_nothing)
{
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    Mark refused = { 1, 1, true };
    open_new(&t);
    CHECK(!writer_run(t.store, mark_command, &refused, &err));
    CHECK_INT(err.kind, ERR_INVALID);
    CHECK_TEXT(err.told, "Refused after writing.");
    CHECK_INT(number(t.store, COUNT, NO_VALUES), 0);
    CHECK_OK(mark(t.store, 1, 1, &err), &err);
    CHECK_INT(number(t.store, COUNT, NO_VALUES), 1);
}

static bool sees_itself(Tx *tx, void *ctx, Err *err)
{
    bool found;
    int64_t *n = ctx;
    return db_run(tx, &sqls[ADD], VALUES(sql_int(5), sql_int(5)), err)
        && db_int(tx->db, &sqls[COUNT], NO_VALUES, n, &found, err);
}

TEST(a_command_reads_its_own_writes)
{
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    int64_t n = 0;
    open_new(&t);
    CHECK_OK(writer_run(t.store, sees_itself, &n, &err), &err);
    CHECK_INT(n, 1);
}

/* ---- in company: a first command holds the writer until all others wait, so they make one group ---- */

typedef struct Gate { Store *store; atomic_bool inside, go; bool ok; } Gate;
typedef struct Caller { Store *store; Mark mark; bool ok; Err err; pthread_t thread; } Caller;

static bool gate_command(Tx *tx, void *ctx, Err *err)
{
    Gate *gate = ctx;
    (void)tx, (void)err;
    atomic_store(&gate->inside, true);
    while (!atomic_load(&gate->go))
        sched_yield();
    return true;
}

static void *gate_main(void *arg)
{
    Gate *gate = arg;
    Err err = {0};
    gate->ok = writer_run(gate->store, gate_command, gate, &err);
    return NULL;
}

static void *caller_main(void *arg)
{
    Caller *c = arg;
    c->ok = writer_run(c->store, mark_command, &c->mark, &c->err);
    return NULL;
}

static size_t queued(Store *store)
{
    pthread_mutex_lock(&store->lock);
    size_t n = store->waiting;
    pthread_mutex_unlock(&store->lock);
    return n;
}

static void together(Store *store, Caller *callers, size_t count, int64_t fail_after)
{
    Gate gate = { .store = store };
    pthread_t gatekeeper;
    CHECK_INT(pthread_create(&gatekeeper, NULL, gate_main, &gate), 0);
    while (!atomic_load(&gate.inside))
        sched_yield();
    for (size_t i = 0; i < count; i++) {
        callers[i].store = store;
        CHECK_INT(pthread_create(&callers[i].thread, NULL, caller_main, &callers[i]), 0);
    }
    while (queued(store) < count)
        sched_yield();
    store_fail_after(store, fail_after);
    atomic_store(&gate.go, true);
    for (size_t i = 0; i < count; i++)
        pthread_join(callers[i].thread, NULL);
    pthread_join(gatekeeper, NULL);
}

TEST(each_of_a_group_gets_its_own_answer)
{
    CLEANUP(testing_done) TestStore t = {0};
    Caller callers[20] = {0};
    open_new(&t);
    for (int i = 0; i < 20; i++)
        callers[i].mark = (Mark){ i, 0, i % 3 == 0 };
    together(t.store, callers, 20, 0);
    for (int i = 0; i < 20; i++) {
        CHECK_INT(callers[i].ok, i % 3 != 0);
        CHECK_INT(callers[i].err.kind, i % 3 != 0 ? ERR_NONE : ERR_INVALID);
        CHECK_INT(number(t.store, COUNT_BY, VALUES(sql_int(i), sql_int(0))), i % 3 != 0);
    }
}

/* The gate's command, five writes, and then the commit is the sixth call. */
TEST(a_failed_commit_fails_the_whole_group)
{
    CLEANUP(testing_done) TestStore t = {0};
    Caller callers[5] = {0};
    Err err = {0};
    open_new(&t);
    for (int i = 0; i < 5; i++)
        callers[i].mark = (Mark){ i, 0, i == 2 };
    together(t.store, callers, 5, 6);
    for (int i = 0; i < 5; i++) {
        CHECK(!callers[i].ok);
        CHECK_INT(callers[i].err.kind, i == 2 ? ERR_INVALID : ERR_STORE);
    }
    CHECK_INT(number(t.store, COUNT, NO_VALUES), 0);
    CHECK_OK(mark(t.store, 9, 9, &err), &err);
    CHECK_INT(number(t.store, COUNT, NO_VALUES), 1);
}

TEST(one_failed_call_fails_its_command_only)
{
    CLEANUP(testing_done) TestStore t = {0};
    Caller callers[5] = {0};
    int failed = 0;
    open_new(&t);
    for (int i = 0; i < 5; i++)
        callers[i].mark = (Mark){ i, 0, false };
    together(t.store, callers, 5, 3);
    for (int i = 0; i < 5; i++) {
        failed += !callers[i].ok;
        CHECK_INT(callers[i].err.kind, callers[i].ok ? ERR_NONE : ERR_STORE);
        CHECK_INT(number(t.store, COUNT_BY, VALUES(sql_int(i), sql_int(0))), callers[i].ok);
    }
    CHECK_INT(failed, 1);
}

/* Calls of one command: one write, then the commit. Whichever fails, nothing is left; after that all is well.
 */
TEST(failing_each_call_in_turn_leaves_nothing)
{
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    open_new(&t);
    for (int64_t n = 1; n <= 2; n++) {
        store_fail_after(t.store, n);
        CHECK_FAILS(mark(t.store, 1, 1, &err), &err, ERR_STORE);
        CHECK_INT(number(t.store, COUNT, NO_VALUES), 0);
    }
    store_fail_after(t.store, 3);
    CHECK_OK(mark(t.store, 1, 1, &err), &err);
    store_fail_after(t.store, 0);
    CHECK_OK(mark(t.store, 1, 2, &err), &err);
    CHECK_INT(number(t.store, COUNT, NO_VALUES), 2);
}

/* ---- many ---- */

enum { CALLERS = 16, TURNS = 150 };
typedef struct Loop { Store *store; int64_t caller; int64_t done; pthread_t thread; } Loop;

static void *loop_main(void *arg)
{
    Loop *loop = arg;
    for (int64_t turn = 0; turn < TURNS; turn++) {
        Err err = {0};
        Mark m = { loop->caller, turn, turn % 10 == 9 };
        bool ok = writer_run(loop->store, mark_command, &m, &err);
        if (ok != !m.refuse)
            return NULL;
        loop->done += ok;
    }
    return NULL;
}

TEST(sixteen_callers_lose_nothing)
{
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    Loop loops[CALLERS] = {0};
    open_new(&t);
    for (int i = 0; i < CALLERS; i++) {
        loops[i] = (Loop){ .store = t.store, .caller = i };
        CHECK_INT(pthread_create(&loops[i].thread, NULL, loop_main, &loops[i]), 0);
    }
    for (int i = 0; i < CALLERS; i++) {
        pthread_join(loops[i].thread, NULL);
        CHECK_INT(loops[i].done, TURNS - TURNS / 10);
    }
    CHECK_INT(number(t.store, COUNT, NO_VALUES), CALLERS * (TURNS - TURNS / 10));
    store_close(t.store);
    t.store = NULL;
    CHECK_OK(store_open_with(t.path, (StoreOptions){0}, STEPS, &t.store, &err), &err);
    CHECK_INT(number(t.store, COUNT, NO_VALUES), CALLERS * (TURNS - TURNS / 10));
}

/* ---- killed ---- */

/* A child writes and reports each acknowledged turn through a pipe, then is killed without warning. */
static void child_write(const char *path, int out)
{
    Store *store = NULL;
    Err err = {0};
    if (!store_open_with(path, (StoreOptions){0}, STEPS, &store, &err))
        _exit(2);
    for (int64_t turn = 0;; turn++)
        if (!mark(store, 1, turn, &err) || write(out, &turn, sizeof turn) != sizeof turn)
            _exit(3);
}

TEST(what_was_acknowledged_survives_a_kill)
{
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    int pipes[2], status;
    int64_t turn = -1, last = -1;
    open_new(&t);
    store_close(t.store);
    t.store = NULL;
    CHECK_INT(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0)
        child_write(t.path, pipes[1]);
    close(pipes[1]);
    while (last < 200 && read(pipes[0], &turn, sizeof turn) == sizeof turn)
        last = turn;
    kill(child, SIGKILL);
    while (read(pipes[0], &turn, sizeof turn) == sizeof turn)
        last = turn;
    close(pipes[0]);
    waitpid(child, &status, 0);
    CHECK(last >= 200);
    CHECK_OK(store_open_with(t.path, (StoreOptions){0}, STEPS, &t.store, &err), &err);
    int64_t kept = number(t.store, COUNT, NO_VALUES);
    CHECK(kept == last + 1 || kept == last + 2);      /* the one in flight may or may not be there */
}

/* ---- a full disk, and misuse ---- */

static bool pages_limit(Tx *tx, void *ctx, Err *err)
{
    char text[64];
    sqlite3_snprintf(sizeof text, text, "PRAGMA max_page_count = %d", *(int *)ctx);
    return db_script(tx->db, "limiting", text, err);
}

TEST(a_full_disk_fails_the_command_and_no_later_one)
{
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    int small = 1, large = 1000000;                   /* SQLite takes 1 to mean: as many as there are now */
    int64_t turn = 0;
    open_new(&t);
    CHECK_OK(writer_run(t.store, pages_limit, &small, &err), &err);
    while (mark(t.store, 1, turn, &err))
        turn++;
    CHECK_INT(err.kind, ERR_STORE);
    CHECK_TEXT(err.told, "The disk is full.");
    err_clear(&err);
    CHECK_INT(number(t.store, COUNT, NO_VALUES), turn);
    CHECK_OK(writer_run(t.store, pages_limit, &large, &err), &err);
    CHECK_OK(mark(t.store, 1, turn, &err), &err);
    CHECK_INT(number(t.store, COUNT, NO_VALUES), turn + 1);
}

static bool silent(Tx *tx, void *ctx, Err *err)   { return (void)tx, (void)ctx, (void)err, false; }
static bool re_enters(Tx *tx, void *ctx, Err *err) { return (void)tx, mark(ctx, 1, 1, err); }
static bool keeps_tx(Tx *tx, void *ctx, Err *err)  { return (void)err, *(Tx *)ctx = *tx, true; }
static bool leaves_rows(Tx *tx, void *ctx, Err *err)
{
    Rows rows = {0};
    (void)ctx;
    return db_query(tx->db, &sqls[COUNT], NO_VALUES, &rows, err);
}

TEST(a_command_that_fails_in_silence_is_a_bug)
{
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    open_new(&t);
    CHECK_FAILS(writer_run(t.store, silent, NULL, &err), &err, ERR_BUG);
}

static void misuse(const char *path, int which)
{
    Store *store = NULL;
    Err err = {0};
    Tx kept = {0};
    static Command *const commands[] = { re_enters, leaves_rows, keeps_tx };
    close(STDERR_FILENO);
    if (!store_open_with(path, (StoreOptions){0}, STEPS, &store, &err)
        || !writer_run(store, commands[which], which == 2 ? (void *)&kept : store, &err)
        || !db_run(&kept, &sqls[ADD], VALUES(sql_int(1), sql_int(1)), &err))
        _exit(1);
    _exit(0);
}

TEST(misuse_stops_the_process)
{
    CLEANUP(testing_done) TestStore t = {0};
    open_new(&t);
    store_close(t.store);                             /* no thread is running when the test forks */
    t.store = NULL;
    for (int which = 0; which < 3; which++) {
        int status = 0;
        pid_t child = fork();
        if (child == 0)
            misuse(t.path, which);
        waitpid(child, &status, 0);
        CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    }
}

/* ---- attached state ---- */

static bool carries(Tx *tx, void *ctx, Err *err)
{
    return (tx->ledger == ctx && db_attached(tx->db) == ctx) || err_set(err, ERR_BUG, "Nothing attached.");
}

static void note_undone(void *attached) { ++*(int *)attached; }

TEST(every_tx_carries_what_is_attached)
{
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    int times = 0;
    Mark refused = { 1, 1, true };
    open_new(&t);
    store_attach(t.store, &times);
    store_on_undone(t.store, note_undone);
    CHECK_OK(writer_run(t.store, carries, &times, &err), &err);
    CHECK_INT(times, 0);
    CHECK(!writer_run(t.store, mark_command, &refused, &err));
    CHECK_INT(times, 1);
    err_clear(&err);
    store_fail_after(t.store, 2);
    CHECK_FAILS(mark(t.store, 1, 1, &err), &err, ERR_STORE);
    CHECK_INT(times, 2);
}

/* ---- the log ---- */

static bool run_plain(Tx *tx, void *sql, Err *err) { return db_run(tx, sql, NO_VALUES, err); }

static int64_t wal_bytes(const TestStore *t)
{
    char path[400];
    struct stat st;
    snprintf(path, sizeof path, "%s-wal", t->path);
    return stat(path, &st) == 0 ? (int64_t)st.st_size : -1;
}

TEST(the_log_is_emptied_as_it_grows)
{
    CLEANUP(testing_done) TestStore t = {0};
    Err err = {0};
    static const Sql big = { "t.big", "INSERT INTO filler (body) VALUES (zeroblob(400000))" };
    static const SchemaStep filler[] = { { 1, "001_filler.sql", "CREATE TABLE filler (body BLOB)" } };
    testing_folder(&t);
    CHECK_OK(store_open_with(t.path, (StoreOptions){ .create = true, .unsafe_fast = true },
                             (SchemaSteps){ filler, 1 }, &t.store, &err),
             &err);
    for (int i = 0; i < 400; i++)
        CHECK_OK(writer_run(t.store, run_plain, (void *)&big, &err), &err);
    CHECK(wal_bytes(&t) < 64 * 1024 * 1024);          /* of 160 MB written */
}

TEST_MAIN(a_refused_command_leaves_nothing, a_command_reads_its_own_writes,
          each_of_a_group_gets_its_own_answer, a_failed_commit_fails_the_whole_group,
          one_failed_call_fails_its_command_only, failing_each_call_in_turn_leaves_nothing,
          sixteen_callers_lose_nothing, what_was_acknowledged_survives_a_kill,
          a_full_disk_fails_the_command_and_no_later_one, a_command_that_fails_in_silence_is_a_bug,
          misuse_stops_the_process, every_tx_carries_what_is_attached, the_log_is_emptied_as_it_grows)
