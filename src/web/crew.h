/* crew.h: a few threads for what must not hold up the threads that serve connections: a change or a
 * recorded look waits for the disk, a sign-in for its slow hash, an upload for its import. Jobs are done in
 * the order given. */
#pragma once
#include "base/arena.h"
#include "base/err.h"

enum { CREW_MAX = 32 };
typedef struct Crew Crew;
typedef struct CrewJob CrewJob;
struct CrewJob {                         /* the caller's, until `run` has begun */
    void (*run)(void *ctx);
    void    *ctx;
    CrewJob *next;
};
MUST_USE bool crew_start(Arena *mem, size_t threads, Crew **out, Err *err);
bool crew_give(Crew *crew, CrewJob *job);    /* false: it is stopping, and nothing was taken */
void crew_stop(Crew *crew);              /* accepts NULL; what was given is done first */
