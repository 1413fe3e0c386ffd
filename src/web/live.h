/* live.h: server-sent events: pages that are told when something changed, so that they fetch themselves
 * again.
 *
 * What is sent is the ledger's length and nothing else. Each client is a connection that sleeps until there
 * is something to say. Knows no HTTP library: the caller says how a connection is put to sleep and woken.
 * Safe to call from any thread. */
#pragma once
#include "base/arena.h"
#include <stdbool.h>
#include <sys/types.h>

enum {
    LIVE_CLIENTS_MAX = 500,
    LIVE_PING_TICKS = 15,      /* a tick is a second: a comment keeps proxies from closing the line */
    LIVE_STAY_TICKS = 10 * 60, /* then the browser comes back by itself, and its session is looked at again */
};

typedef struct Live Live;
typedef struct LiveClient LiveClient;
typedef void LiveTurn(void *connection);

Live *live_new(Arena *mem, LiveTurn *sleep, LiveTurn *wake);
void  live_done(Live *live);             /* accepts NULL; every client must have left */
/* NULL when there are too many or the server is closing. */
LiveClient *live_join(Live *live, void *connection);
void  live_leave(LiveClient *client);
/* Up to `cap` bytes for this client; 0: it was put to sleep; -1: its stream is over. */
ssize_t live_read(LiveClient *client, char *to, size_t cap);
/* Once a second with the ledger's length; those to be told are woken. */
void  live_tick(Live *live, int64_t size);
void  live_finish(Live *live);            /* wakes all, and ends their streams */
