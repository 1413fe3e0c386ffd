#include "engine/linkage/linkage_team.h"
#include <pthread.h>
#include <stdatomic.h>

typedef struct Team {
    LinkTeamWork *work;
    void         *ctx;
    size_t        count;
    atomic_size_t next;
    atomic_bool   stop;
} Team;

typedef struct Member { Team *team; unsigned number; } Member;

static void *member_run(void *ctx)
{
    const Member *m = ctx;
    Team         *t = m->team;
    for (size_t i; !atomic_load(&t->stop) && (i = atomic_fetch_add(&t->next, 1)) < t->count;)
        if (!t->work(t->ctx, m->number, i))
            atomic_store(&t->stop, true);
    return NULL;
}

unsigned link_team_size(unsigned threads)
{
    return threads == 0 ? 1 : threads < LINK_THREADS_MAX ? threads : LINK_THREADS_MAX;
}

void link_team(unsigned threads, size_t count, LinkTeamWork *work, void *ctx)
{
    Team      team = { .work = work, .ctx = ctx, .count = count };
    Member    members[LINK_THREADS_MAX];
    pthread_t others[LINK_THREADS_MAX];
    unsigned  size = link_team_size(threads), started = 1;
    for (unsigned i = 0; i < size; i++)
        members[i] = (Member){ &team, i };
    while (started < size && started < count &&
           pthread_create(&others[started], NULL, member_run, &members[started]) == 0)
        started++;
    member_run(&members[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(others[i], NULL);
}
