/* compare.h: does an operator's answer speak of this footprint? Field by field; nothing is guessed. */
#pragma once
#include "base/when.h"
#include "base/str.h"

typedef struct Asked {                   /* what the answer says it answers */
    const char *address;
    int64_t     port;                    /* -1: none */
    Instant     at, session_start, session_end;
    bool        shared;
} Asked;
typedef struct Seen { const char *address; int64_t port; Instant at; } Seen;

typedef enum Agreement { COMPARE_AGREES, COMPARE_DIFFERS } Agreement;
typedef struct Comparison {
    Agreement   outcome;
    const char *says;                    /* agrees: every field; differs: the first that does not */
    bool        same_instant;            /* the very instant asked about */
} Comparison;
Comparison compare_answer(Arena *mem, const Asked *answer, const Seen *footprint);
