#include "web/crew.h"
#include <pthread.h>

struct Crew {
    pthread_mutex_t lock;
    pthread_cond_t  given;
    CrewJob        *first, *last;
    bool            stopping;
    pthread_t       threads[CREW_MAX];
    size_t          count;
};

/* NULL: nothing left, and the crew stops. */
static CrewJob *job_take(Crew *crew)
{
    pthread_mutex_lock(&crew->lock);
    while (!crew->first && !crew->stopping)
        pthread_cond_wait(&crew->given, &crew->lock);
    CrewJob *job = crew->first;
    if (job)
        crew->first = job->next;
    pthread_mutex_unlock(&crew->lock);
    return job;
}

static void *crew_main(void *ctx)
{
    for (CrewJob *job; (job = job_take(ctx));)
        job->run(job->ctx);
    return NULL;
}

bool crew_start(Arena *mem, size_t threads, Crew **out, Err *err)
{
    Crew *crew = arena_new(mem, Crew, 1);
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->given, NULL);
    *out = crew;
    while (crew->count < threads && crew->count < CREW_MAX) {
        if (pthread_create(&crew->threads[crew->count], NULL, crew_main, crew) != 0)
            return err_set(err, ERR_STORE, "The machine gives no more threads.");
        crew->count++;
    }
    return true;
}

bool crew_give(Crew *crew, CrewJob *job)
{
    pthread_mutex_lock(&crew->lock);
    bool taken = !crew->stopping;
    if (taken) {
        job->next = NULL;
        *(crew->first ? &crew->last->next : &crew->first) = job;
        crew->last = job;
        pthread_cond_signal(&crew->given);
    }
    pthread_mutex_unlock(&crew->lock);
    return taken;
}

void crew_stop(Crew *crew)
{
    if (!crew)
        return;
    pthread_mutex_lock(&crew->lock);
    crew->stopping = true;
    pthread_cond_broadcast(&crew->given);
    pthread_mutex_unlock(&crew->lock);
    for (size_t i = 0; i < crew->count; i++)
        pthread_join(crew->threads[i], NULL);
    pthread_cond_destroy(&crew->given);
    pthread_mutex_destroy(&crew->lock);
}
