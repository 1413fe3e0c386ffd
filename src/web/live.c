#include "web/live.h"
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

struct LiveClient {
    Arena       mem;                     /* holds this client */
    Live       *live;
    LiveClient *next, **before;
    void       *connection;
    bool        asleep, over, ping;
    int         ticks;
    int64_t     told;                    /* the length it knows */
    char        waiting[64];             /* composed, not all read yet */
    size_t      length;
};

struct Live {
    pthread_mutex_t lock;
    LiveTurn       *sleep, *wake;
    LiveClient     *first;
    size_t          count;
    int64_t         size;
    bool            closing;
};

Live *live_new(Arena *mem, LiveTurn *sleep, LiveTurn *wake)
{
    Live *live = arena_new(mem, Live, 1);
    *live = (Live){ .sleep = sleep, .wake = wake };
    pthread_mutex_init(&live->lock, NULL);
    return live;
}

void live_done(Live *live)
{
    if (!live)
        return;
    assert(!live->first);
    pthread_mutex_destroy(&live->lock);
}

static void wake(LiveClient *c)
{
    if (!c->asleep)
        return;
    c->asleep = false;
    c->live->wake(c->connection);
}

static void compose(LiveClient *c)
{
    int n = 0;
    if (c->told != c->live->size)
        n = snprintf(c->waiting, sizeof c->waiting, "id: %lld\ndata: %lld\n\n", (long long)c->live->size,
                     (long long)c->live->size);
    else if (c->ping)
        n = snprintf(c->waiting, sizeof c->waiting, ": still here\n\n");
    c->length = (size_t)n;
    c->told = c->live->size;
    c->ping = false;
}

LiveClient *live_join(Live *live, void *connection)
{
    pthread_mutex_lock(&live->lock);
    LiveClient *c = NULL;
    if (!live->closing && live->count < LIVE_CLIENTS_MAX) {
        Arena mem = { 0 };
        c = arena_new(&mem, LiveClient, 1);
        *c = (LiveClient){ .mem = mem, .live = live, .connection = connection, .next = live->first,
                           .before = &live->first, .told = live->size };
        if (c->next)
            c->next->before = &c->next;
        live->first = c;
        live->count++;
        c->length = (size_t)snprintf(c->waiting, sizeof c->waiting, "retry: 3000\n: listening\n\n");
    }
    pthread_mutex_unlock(&live->lock);
    return c;
}

void live_leave(LiveClient *c)
{
    Live *live = c->live;
    pthread_mutex_lock(&live->lock);
    *c->before = c->next;
    if (c->next)
        c->next->before = c->before;
    live->count--;
    pthread_mutex_unlock(&live->lock);
    Arena mem = c->mem;
    arena_done(&mem);
}

ssize_t live_read(LiveClient *c, char *to, size_t cap)
{
    pthread_mutex_lock(&c->live->lock);
    ssize_t got = -1;
    if (!c->length)
        compose(c);
    if (c->length) {
        size_t n = c->length < cap ? c->length : cap;
        memcpy(to, c->waiting, n);
        memmove(c->waiting, c->waiting + n, c->length - n);
        c->length -= n;
        got = (ssize_t)n;
    } else if (!c->over && !c->live->closing) {
        c->asleep = true;                /* under the lock, so that a waking cannot slip in between */
        c->live->sleep(c->connection);
        got = 0;
    }
    pthread_mutex_unlock(&c->live->lock);
    return got;
}

void live_tick(Live *live, int64_t size)
{
    pthread_mutex_lock(&live->lock);
    live->size = size;
    for (LiveClient *c = live->first; c; c = c->next) {
        c->ticks++;
        c->over = c->over || c->ticks >= LIVE_STAY_TICKS;
        c->ping = c->ping || c->ticks % LIVE_PING_TICKS == 0;
        if (c->told != size || c->over || c->ping)
            wake(c);
    }
    pthread_mutex_unlock(&live->lock);
}

void live_finish(Live *live)
{
    pthread_mutex_lock(&live->lock);
    live->closing = true;
    for (LiveClient *c = live->first; c; c = c->next)
        wake(c);
    pthread_mutex_unlock(&live->lock);
}
