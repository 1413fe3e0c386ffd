/* writer.c: the one thread that writes, and how one disk flush serves many commands.
 *
 * Callers put a Job on the queue and sleep. The writer opens a transaction, runs each waiting command in a
 * savepoint of its own, keeps taking commands that arrive meanwhile, commits once, and wakes every caller
 * with its own result. The first command of a group needs no savepoint, because the transaction is its own so
 * far: undoing it is rolling back and beginning anew. That matters to large commands (a batch of rows):
 * inside a savepoint SQLite keeps the former content of every page, and each statement with a trigger walks
 * all of it.
 *
 * Invariants:
 *  1. A caller is woken with true only after the COMMIT that holds its command has returned.
 *  2. A command that returned false has been rolled back before the next one runs.
 *  3. If SQLite gave up the whole transaction (disk full, I/O error), every command of the group fails.
 *  4. A lone caller never waits for company: only after a group of several does the writer offer the
 * processor to callers it has just woken, so that they join this group rather than each start their own. */
#include "store/inside.h"
#include <assert.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>

struct Job {                                   /* on its caller's stack */
    Command *command;
    void    *ctx;
    Err     *err;
    bool     ok;
    sem_t    done;
    Job     *next;
};

typedef struct Group {
    Job   *jobs[WRITER_GROUP_MAX];
    size_t count;
} Group;

enum { WRITER_OFFERS = 40 }; /* times the processor is offered before committing without company */

/* ---- the queue ---- */

static void queue_put(Store *store, Job *job)
{
    pthread_mutex_lock(&store->lock);
    assert(!store->closing);
    if (store->last)
        store->last->next = job;
    else
        store->first = job;
    store->last = job;
    store->waiting++;
    pthread_cond_signal(&store->work);
    pthread_mutex_unlock(&store->lock);
}

static Job *queue_pop(Store *store)            /* the lock is held */
{
    Job *job = store->first;
    if (job) {
        store->waiting--;
        store->first = job->next;
        if (!store->first)
            store->last = NULL;
    }
    return job;
}

static Job *queue_take(Store *store)
{
    pthread_mutex_lock(&store->lock);
    Job *job = queue_pop(store);
    pthread_mutex_unlock(&store->lock);
    return job;
}

/* NULL once the store is closing and nothing waits. */
static Job *queue_wait(Store *store)
{
    pthread_mutex_lock(&store->lock);
    while (!store->first && !store->closing)
        pthread_cond_wait(&store->work, &store->lock);
    Job *job = queue_pop(store);
    pthread_mutex_unlock(&store->lock);
    return job;
}

/* Invariant 4. */
static Job *queue_take_company(Store *store, size_t count)
{
    Job *job = queue_take(store);
    for (int i = 0; !job && count < store->crowd && i < WRITER_OFFERS; i++) {
        sched_yield();
        job = queue_take(store);
    }
    return job;
}

/* ---- one command ---- */

static void undone(Store *store)
{
    if (store->undone)
        store->undone(store->attached);
}

static bool command_undo(Store *store, bool first, Err *err)
{
    Db *db = store->writer;
    bool ended = first ? db_exec(db, &store_sql[STORE_ROLLBACK], err) &&
                             db_exec(db, &store_sql[STORE_BEGIN_WRITE], err)
                       : db_exec(db, &store_sql[STORE_UNSAVE], err) &&
                             db_exec(db, &store_sql[STORE_RELEASE], err);
    undone(store);
    return ended;
}

/* False when the transaction itself is gone (invariant 3). */
static bool command_end(Store *store, bool ok, bool first, Err *err)
{
    if (sqlite3_get_autocommit(store->writer->sqlite))
        return false;
    if (!ok)
        return command_undo(store, first, err);
    return first || db_exec(store->writer, &store_sql[STORE_RELEASE], err);
}

static bool command_run(Store *store, Job *job, bool first)
{
    Db *db = store->writer;
    Tx tx = { .db = db, .open = true, .ledger = store->attached };
    Err ending = {0};
    if (!first && !db_exec(db, &store_sql[STORE_SAVE], job->err))
        return job->ok = false;
    db->in_command = true;
    job->ok = job->command(&tx, job->ctx, job->err);
    db->in_command = false;
    assert(db->live_rows == 0);                /* a command closes the Rows it opened */
    if (!job->ok && job->err->kind == ERR_NONE)
        err_set(job->err, ERR_BUG, "A command failed without saying why.");
    if (command_end(store, job->ok, first, &ending))
        return true;
    if (job->ok)
        *job->err = ending;
    return job->ok = false;
}

/* ---- one group ---- */

static void job_lost(Job *job, const Err *cause)
{
    if (!job->ok)
        return;                                /* it keeps its own reason */
    job->ok = false;
    *job->err = (Err){0};
    err_set(job->err, ERR_STORE, "The change could not be saved.");
    err_hint(job->err, "Try again in a moment.");
    err_while(job->err, "%s %s", cause->told, cause->trail);
}

static void group_lost(Store *store, Group *group, const Err *cause)
{
    Err ignored = {0};
    if (!sqlite3_get_autocommit(store->writer->sqlite) &&
        !db_exec(store->writer, &store_sql[STORE_ROLLBACK], &ignored))
        assert(!"a transaction could be neither committed nor rolled back");
    for (size_t i = 0; i < group->count; i++)
        job_lost(group->jobs[i], cause);
    undone(store);
}

/* Runs `job` and whatever else is waiting. False when the transaction was lost on the way. */
static bool group_fill(Store *store, Group *group, Job *job)
{
    while (job) {
        group->jobs[group->count++] = job;
        if (!command_run(store, job, group->count == 1) && sqlite3_get_autocommit(store->writer->sqlite))
            return false;
        job = group->count < WRITER_GROUP_MAX ? queue_take_company(store, group->count) : NULL;
    }
    return true;
}

static bool group_commit(Store *store, Err *err)
{
    return !db_fault(store->writer, "committing", err) &&
           db_exec(store->writer, &store_sql[STORE_COMMIT], err);
}

static void group_wake(Group *group)
{
    for (size_t i = 0; i < group->count; i++)
        sem_post(&group->jobs[i]->done);       /* the Job is its caller's again: do not touch it after this */
}

/* Remembers how many callers there were, and forgets slowly, so that one short group does not end the offers.
 */
static void crowd_note(Store *store, size_t count)
{
    if (count >= store->crowd)
        store->crowd = count;
    else
        store->crowd -= (store->crowd - count + 7) / 8;
}

static void group_run(Store *store, Job *first)
{
    Group group = {0};
    Err err = {0};
    if (!db_exec(store->writer, &store_sql[STORE_BEGIN_WRITE], &err)) {
        first->ok = true;                      /* so that job_lost gives it the reason */
        group.jobs[group.count++] = first;
        group_lost(store, &group, &err);
    } else if (!group_fill(store, &group, first)) {
        err_set(&err, ERR_STORE, "Another change of the same group broke off.");
        group_lost(store, &group, &err);
    } else if (!group_commit(store, &err)) {
        group_lost(store, &group, &err);       /* invariant 1 */
    }
    crowd_note(store, group.count);
    group_wake(&group);
}

/* ---- the thread ---- */

static int wal_note(void *store, sqlite3 *sqlite, const char *schema, int pages)
{
    (void)sqlite, (void)schema;
    ((Store *)store)->wal_pages = pages;
    return SQLITE_OK;
}

/* Between groups, after the callers are awake, so that nobody's answer waits for it. Passive: never blocks on
 * a reader. While a reader (a backup, say) still needs the log it cannot be emptied, and is tried again only
 * once it has grown. */
static void checkpoint_if_due(Store *store)
{
    int pages = 0, moved = 0;
    if (store->wal_pages < store->checkpoint_at)
        return;
    sqlite3_wal_checkpoint_v2(store->writer->sqlite, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages, &moved);
    store->checkpoint_at = STORE_CHECKPOINT_PAGES + (pages == moved ? 0 : store->wal_pages);
    store->wal_pages = 0;
}

static void *writer_main(void *arg)
{
    Store *store = arg;
    Job *job;
    while ((job = queue_wait(store))) {
        group_run(store, job);
        checkpoint_if_due(store);
    }
    return NULL;
}

bool writer_start(Store *store, Err *err)
{
    sigset_t all, before;
    pthread_mutex_init(&store->lock, NULL);
    pthread_cond_init(&store->work, NULL);
    store->checkpoint_at = STORE_CHECKPOINT_PAGES;
    sqlite3_wal_hook(store->writer->sqlite, wal_note, store); /* replaces SQLite's checkpoint inside COMMIT */
    sigfillset(&all);                          /* signals belong to main's thread */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(&store->thread, NULL, writer_main, store);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc == 0 || err_set(err, ERR_STORE, "The writer thread could not be started (%d).", rc);
}

void writer_stop(Store *store)
{
    pthread_mutex_lock(&store->lock);
    store->closing = true;
    pthread_cond_signal(&store->work);
    pthread_mutex_unlock(&store->lock);
    pthread_join(store->thread, NULL);
    pthread_cond_destroy(&store->work);
    pthread_mutex_destroy(&store->lock);
}

bool writer_run(Store *store, Command *command, void *ctx, Err *err)
{
    if (!store->writer)
        return err_set(err, ERR_DENIED, "This database was opened for reading only.");
    assert(!pthread_equal(pthread_self(), store->thread));       /* a command may not wait for another */
    Job job = { .command = command, .ctx = ctx, .err = err };
    sem_init(&job.done, 0, 0);
    queue_put(store, &job);
    while (sem_wait(&job.done) != 0)
        assert(errno == EINTR);
    sem_destroy(&job.done);
    return job.ok;
}
