/* workers.h: what answering one request takes, checked out for it: a reader and an arena. As many as there
 * are threads that answer at once; kept, because opening a reader costs more than most answers. */
#pragma once
#include "store/store.h"

typedef struct Worker Worker;
struct Worker {
    Worker *next;
    Db     *db;                              /* NULL: the store gave none */
    Arena   mem;
};
typedef struct Workers Workers;
Workers *workers_new(Arena *mem, Store *store);
void     workers_done(Workers *w);           /* accepts NULL; all must be back */
Worker  *worker_take(Workers *w, Err *err);  /* never NULL; `err` is set when it has no reader */
void     worker_give(Workers *w, Worker *worker);
