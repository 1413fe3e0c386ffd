/* set_copy.h: the set files of a database are copied beside a copy of it, for a backup and for a restore.
 *
 * The files go under the rule of sets.h, COPY.sets/ROOT.set, so whoever opens the copy finds them. Each is
 * written under another name, flushed and named; then the copy is read back whole and has to be the set
 * registered. Only sets in use are copied: nothing reads one that is retired. A copy that is there already
 * and is good is left as it is, so that what a kill left behind does no harm. */
#pragma once
#include "store/store.h"

typedef struct SetsCopied { int64_t sets, bytes; } SetsCopied;
/* `copy` is the copied database, which says what is in use; `from_db` and `to_db` are the paths of both
 * databases. ERR_STORE, naming the set, when a file is missing, altered or cannot be copied; then no file
 * that was not there before is left. */
MUST_USE bool sets_copy(Db *copy, const char *from_db, const char *to_db, SetsCopied *out, Err *err);
