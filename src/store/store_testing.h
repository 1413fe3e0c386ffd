/* store_testing.h: a database of its own for one test, gone afterwards. For *_test.c and *_bench.c only.
 *
 *   CLEANUP(testing_done) TestStore t = {0};
 *   testing_open(&t);             every schema step applied; t.store is ready
 *
 * The folder is made under MUSTER_TEST_DIR or, failing that, /tmp. */
#pragma once
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "store/store.h"

typedef struct TestStore {
    char   folder[256];
    char   path[300];                          /* folder/muster.db */
    Store *store;
} TestStore;

/* Makes the folder only, for a test that opens the database in its own way. */
static inline void testing_folder(TestStore *t)
{
    const char *under = getenv("MUSTER_TEST_DIR");
    snprintf(t->folder, sizeof t->folder, "%s/muster-test-XXXXXX", under ? under : "/tmp");
    if (!mkdtemp(t->folder)) {
        perror(t->folder);
        abort();
    }
    snprintf(t->path, sizeof t->path, "%s/muster.db", t->folder);
}

static inline void testing_reopen(TestStore *t, StoreOptions opt)
{
    Err err = {0};
    store_close(t->store);
    t->store = NULL;
    if (!store_open(t->path, opt, &t->store, &err)) {
        fprintf(stderr, "test database: %s [%s]\n", err.told, err.trail);
        abort();
    }
}

static inline void testing_open(TestStore *t)
{
    testing_folder(t);
    testing_reopen(t, (StoreOptions){ .create = true, .unsafe_fast = true });
}

static inline void testing_done(TestStore *t)
{
    char name[600];
    struct dirent *entry;
    store_close(t->store);
    DIR *dir = t->folder[0] ? opendir(t->folder) : NULL;
    while (dir && (entry = readdir(dir))) {
        snprintf(name, sizeof name, "%s/%s", t->folder, entry->d_name);
        unlink(name);                          /* "." and ".." refuse, harmlessly */
    }
    if (dir)
        closedir(dir);
    if (t->folder[0])
        rmdir(t->folder);
    *t = (TestStore){0};
}
