/* inside.h: what the files of src/access share. No other folder includes it. */
#pragma once
#include "store/store.h"

static inline void reader_done(Db **db)        /* for CLEANUP */
{
    if (*db)
        store_reader_close(*db);
    *db = NULL;
}
