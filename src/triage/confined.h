/* confined.h: finding and starting the programs that read hostile bytes (muster-reader). */
#pragma once
#include <sys/types.h>
#include "base/err.h"

/* Where a program of ours lies: in $MUSTER_LIBEXEC, beside this program, in src/ under it (a build folder) or
 * in ../libexec/muster. Fails with ERR_NOT_FOUND. */
MUST_USE bool confined_find(Arena *mem, const char *name, const char **path, Err *err);
/* Starts it with descriptors `fds` as 3, 4, ... and no environment of ours. */
MUST_USE bool confined_start(const char *path, const int *fds, size_t count, pid_t *pid, Err *err);
/* Ends it if it still runs and takes its body. Returns the signal it died of, 0 if it left by itself. */
int confined_end(pid_t pid);
