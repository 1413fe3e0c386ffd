/* linkage_team.h: one piece of work cut into numbered parts, on several threads. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

enum { LINK_THREADS_MAX = 64 };

/* Does part `index`; `worker` is the thread's number, 0 that of the caller. False: no more parts are begun.
 */
typedef bool LinkTeamWork(void *ctx, unsigned worker, size_t index);

/* Parts 0 to count - 1, each once, a thread taking the next. 0 threads is one; a thread that cannot be had is
 * one fewer. */
void link_team(unsigned threads, size_t count, LinkTeamWork *work, void *ctx);
/* How many workers there can be of so many threads asked for. */
unsigned link_team_size(unsigned threads);
