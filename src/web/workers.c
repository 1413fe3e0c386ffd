#include "web/workers.h"
#include <pthread.h>

struct Workers {
    pthread_mutex_t lock;
    Arena           mem;                     /* holds the workers */
    Store          *store;
    Worker         *idle;
};

Workers *workers_new(Arena *mem, Store *store)
{
    Workers *w = arena_new(mem, Workers, 1);
    w->store = store;
    pthread_mutex_init(&w->lock, NULL);
    return w;
}

void workers_done(Workers *w)
{
    if (!w)
        return;
    for (Worker *worker = w->idle; worker; worker = worker->next) {
        if (worker->db)
            store_reader_close(worker->db);
        arena_done(&worker->mem);
    }
    pthread_mutex_destroy(&w->lock);
    arena_done(&w->mem);
}

Worker *worker_take(Workers *w, Err *err)
{
    pthread_mutex_lock(&w->lock);
    Worker *worker = w->idle;
    if (worker)
        w->idle = worker->next;
    else
        worker = arena_new(&w->mem, Worker, 1);
    pthread_mutex_unlock(&w->lock);
    if (!worker->db && !store_reader(w->store, &worker->db, err))
        worker->db = NULL;
    return worker;
}

void worker_give(Workers *w, Worker *worker)
{
    arena_reset(&worker->mem);
    pthread_mutex_lock(&w->lock);
    worker->next = w->idle;
    w->idle = worker;
    pthread_mutex_unlock(&w->lock);
}
