/* load.h: asks a server for pages over connections kept open, and times each answer.
 *
 * Each connection is a thread that waits for one whole answer before it asks again, as a browser would. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

enum { LOAD_CONNECTIONS_MAX = 64 };

typedef struct Load {
    int port, connections;
    int requests;                /* in all, unless the time is up before */
    double seconds_max;          /* 0: no limit */
    const char *const *targets;  /* taken in turn: "/queue" */
    size_t target_count;
    const char *accept, *cookie; /* cookie NULL: none */
} Load;
typedef struct Loaded {
    double p50_ms, p99_ms, per_second;
    int requests;
    size_t body_bytes; /* of the last answer */
} Loaded;
/* Ends the program when an answer is not 200. */
Loaded load_run(const Load *load);
/* One answer's body, up to `cap` bytes with a NUL; its status. */
int load_fetch(const Load *load, const char *target, char *body, size_t cap);
