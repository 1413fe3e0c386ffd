/* foreign.h: SQLite files of others, read and never trusted.
 *
 * Opened read-only, never mapped, with the schema untrusted (views and triggers in it can call nothing with
 * effects), cells checked, lengths bounded, and limits on the work and the memory that all statements
 * together may take, from the reading of the schema on: a view that never ends, or gathers without end, is
 * stopped with ERR_LIMIT. Read through db_query with the caller's own const Sql. */
#pragma once
#include "store/store.h"

/* ERR_INVALID when it is no SQLite file, ERR_NOT_FOUND when there is none. Close with foreign_close. */
MUST_USE bool foreign_open(const char *path, Db **out, Err *err);
void foreign_close(Db *db);                  /* accepts NULL */
/* Could this statement be run here: does the file have the tables and columns it names? */
bool foreign_fits(Db *db, const Sql *sql);
