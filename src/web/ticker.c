#include "web/ticker.h"
#include <pthread.h>
#include <time.h>

enum { CHORE_SECONDS = 60 };

typedef struct Loop { pthread_t thread; Db *db; bool runs; } Loop;
struct Ticker {
    App            *app;
    Live           *live;
    pthread_mutex_t lock;
    pthread_cond_t  stop;
    bool            stopping;
    Loop            watch, chores;       /* apart, because a chore may take longer than a second */
};

/* False when the server stops. */
static bool wait_for(Ticker *t, time_t seconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += seconds;
    pthread_mutex_lock(&t->lock);
    int rc = 0;
    while (!t->stopping && !rc)
        rc = pthread_cond_timedwait(&t->stop, &t->lock, &until);
    bool goes_on = !t->stopping;
    pthread_mutex_unlock(&t->lock);
    return goes_on;
}

static void report(const Ticker *t, const char *event, const Err *err)
{
    log_err(&t->app->log, app_now(t->app), event, err);
}

/* The newest entry's number is the length: they are numbered without gaps. */
static bool ledger_length(Db *db, Arena *mem, int64_t *out, Err *err)
{
    EntryRow *rows = NULL;
    size_t n = 0;
    if (!ledger_entries(db, mem, &(EntryFilter){ .limit = 1 }, &rows, &n, err))
        return false;
    *out = n ? rows[0].seq : 0;
    return true;
}

static void watch_once(Ticker *t, Arena *mem)
{
    Err err = { 0 };
    int64_t size = 0;
    if (ledger_length(t->watch.db, mem, &size, &err))
        live_tick(t->live, size);
    else
        report(t, "web.watch", &err);
    arena_reset(mem);
}

static void *watch_main(void *ctx)
{
    Ticker *t = ctx;
    CLEANUP(arena_done) Arena mem = { 0 };
    while (wait_for(t, 1))
        watch_once(t, &mem);
    return NULL;
}

static bool chores(const Ticker *t, Arena *mem, Err *err)
{
    Operation operation;
    FlowReport done;
    if (!operation_current(t->chores.db, mem, &operation, err))
        return err->kind == ERR_NOT_FOUND;                     /* nothing is open, so nothing waits */
    Hand hand = { .operation = operation.id, .agency = operation.lead_agency, .at = app_now(t->app) };
    return flow_run(t->app, t->chores.db, &hand, NULL, NULL, &done, err);     /* escalates last */
}

static void *chores_main(void *ctx)
{
    Ticker *t = ctx;
    CLEANUP(arena_done) Arena mem = { 0 };
    while (wait_for(t, CHORE_SECONDS)) {
        Err err = { 0 };
        if (!chores(t, &mem, &err))
            report(t, "web.chores", &err);
        arena_reset(&mem);
    }
    return NULL;
}

static bool loop_start(Ticker *t, Loop *loop, void *(*body)(void *), Err *err)
{
    if (!store_reader(t->app->store, &loop->db, err))
        return false;
    loop->runs = pthread_create(&loop->thread, NULL, body, t) == 0;
    return loop->runs || err_set(err, ERR_STORE, "The machine gives no more threads.");
}

static void loop_stop(Loop *loop)
{
    if (loop->runs)
        pthread_join(loop->thread, NULL);
    if (loop->db)
        store_reader_close(loop->db);
    *loop = (Loop){ 0 };
}

bool ticker_start(App *app, Live *live, Arena *mem, Ticker **out, Err *err)
{
    Ticker *t = arena_new(mem, Ticker, 1);
    pthread_condattr_t monotonic;
    *t = (Ticker){ .app = app, .live = live };
    pthread_mutex_init(&t->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC); /* a set wall clock must not hold the ticker up */
    pthread_cond_init(&t->stop, &monotonic);
    pthread_condattr_destroy(&monotonic);
    *out = t;
    if (!loop_start(t, &t->watch, watch_main, err))
        return err_while(err, "starting to watch the ledger");
    return loop_start(t, &t->chores, chores_main, err) || err_while(err, "starting the chores");
}

void ticker_stop(Ticker *t)
{
    if (!t)
        return;
    pthread_mutex_lock(&t->lock);
    t->stopping = true;
    pthread_cond_broadcast(&t->stop);
    pthread_mutex_unlock(&t->lock);
    loop_stop(&t->watch);
    loop_stop(&t->chores);
    pthread_cond_destroy(&t->stop);
    pthread_mutex_destroy(&t->lock);
}
