/* live_test.c: streams that sleep and wake, with connections that only remember what was done to them; and
 * the crew. */
#include "web/live.h"
#include <pthread.h>
#include <stdatomic.h>
#include "base/test.h"
#include "web/crew.h"

typedef struct Fake { int sleeps, wakes; } Fake;
static void fake_sleep(void *c) { ((Fake *)c)->sleeps++; }
static void fake_wake(void *c) { ((Fake *)c)->wakes++; }

static const char *read_all(LiveClient *client, char *to, size_t cap)
{
    size_t n = 0;
    for (ssize_t got; n < cap - 1 && (got = live_read(client, to + n, 7)) > 0;)
        n += (size_t)got;
    to[n] = 0;
    return to;
}

TEST(a_change_wakes_who_listens)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    char text[400];
    Fake a = { 0 }, b = { 0 };
    Live *live = live_new(&mem, fake_sleep, fake_wake);
    live_tick(live, 10);
    LiveClient *first = live_join(live, &a), *second = live_join(live, &b);
    CHECK_TEXT(read_all(first, text, sizeof text), "retry: 3000\n: listening\n\n");
    read_all(second, text, sizeof text);
    CHECK_INT(a.sleeps, 1);
    live_tick(live, 10);
    CHECK_INT(a.wakes, 0);
    live_tick(live, 12);
    CHECK_INT(a.wakes, 1);
    CHECK_INT(b.wakes, 1);
    CHECK_TEXT(read_all(first, text, sizeof text), "id: 12\ndata: 12\n\n");
    CHECK_INT(a.sleeps, 2);
    live_leave(first);
    live_leave(second);
    live_done(live);
}

/* Changes while a message is half read are told after it, the last one only. */
TEST(nothing_is_torn_and_the_newest_is_told)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    char text[400];
    Fake a = { 0 };
    Live *live = live_new(&mem, fake_sleep, fake_wake);
    live_tick(live, 1);
    LiveClient *c = live_join(live, &a);
    CHECK_INT(live_read(c, text, 4), 4);
    live_tick(live, 2);
    live_tick(live, 3);
    CHECK_TEXT(read_all(c, text, sizeof text), "y: 3000\n: listening\n\nid: 3\ndata: 3\n\n");
    CHECK_INT(a.wakes, 0);                       /* it was awake all the time */
    live_leave(c);
    live_done(live);
}

TEST(a_quiet_line_is_kept_and_then_ended)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    char text[4096];
    Fake a = { 0 };
    int  pings = 0;
    Live *live = live_new(&mem, fake_sleep, fake_wake);
    live_tick(live, 1);
    LiveClient *c = live_join(live, &a);
    read_all(c, text, sizeof text);
    for (int i = 1; i <= LIVE_STAY_TICKS; i++) {
        live_tick(live, 1);
        pings += strcmp(read_all(c, text, sizeof text), ": still here\n\n") == 0;
    }
    CHECK_INT(pings, LIVE_STAY_TICKS / LIVE_PING_TICKS);
    CHECK_INT(live_read(c, text, sizeof text), -1);
    live_leave(c);
    live_done(live);
}

TEST(closing_ends_every_stream)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    char text[100];
    Fake a = { 0 }, b = { 0 };
    Live *live = live_new(&mem, fake_sleep, fake_wake);
    LiveClient *asleep = live_join(live, &a), *awake = live_join(live, &b);
    read_all(asleep, text, sizeof text);
    live_finish(live);
    CHECK_INT(a.wakes, 1);
    CHECK_INT(b.wakes, 0);
    CHECK_INT(live_read(asleep, text, sizeof text), -1);
    read_all(awake, text, sizeof text);
    CHECK_INT(live_read(awake, text, sizeof text), -1);
    CHECK(!live_join(live, &a));
    live_leave(awake);
    live_leave(asleep);
    live_done(live);
}

TEST(listeners_are_bounded)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    static Fake a;
    LiveClient *clients[LIVE_CLIENTS_MAX];
    Live *live = live_new(&mem, fake_sleep, fake_wake);
    FOR_EACH(c, clients)
    CHECK((*c = live_join(live, &a)) != NULL);
    CHECK(!live_join(live, &a));
    live_leave(clients[0]);
    CHECK((clients[0] = live_join(live, &a)) != NULL);
    FOR_EACH(c, clients)
    live_leave(*c);
    live_done(live);
}

static void count_one(void *ctx) { atomic_fetch_add((atomic_int *)ctx, 1); }

TEST(a_crew_does_all_that_it_took_before_it_stops)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    Err  err = { 0 };
    Crew *crew = NULL;
    atomic_int done = 0;
    CrewJob jobs[200];
    CHECK_OK(crew_start(&mem, 3, &crew, &err), &err);
    FOR_EACH(j, jobs)
    {
        *j = (CrewJob){ .run = count_one, .ctx = &done };
        CHECK(crew_give(crew, j));
    }
    crew_stop(crew);
    CHECK_INT(atomic_load(&done), 200);
}

TEST_MAIN(a_change_wakes_who_listens, nothing_is_torn_and_the_newest_is_told,
          a_quiet_line_is_kept_and_then_ended, closing_ends_every_stream, listeners_are_bounded,
          a_crew_does_all_that_it_took_before_it_stops)
