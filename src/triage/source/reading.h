/* reading.h: disk images and archives are walked by a child that may die (muster-reader).
 *
 * The caller opens the files and learns what is in them, event by event. Nothing a child says is trusted: an
 * event that breaks the rules of protocol.h counts as a crash, and a crash, a lie or a long silence is told
 * as the end of that run, never as an error. The next run meets a fresh child. One thread owns a Reading and
 * must outlive it. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "reader/protocol.h"

typedef struct Reading Reading;

typedef struct ReadingLimits {                 /* a 0 takes the value in brackets */
    int      quiet_ms;                         /* [120 s] without a word, and a child is ended */
    uint64_t unpack_least, unpack_ratio;       /* [256 MiB; 200]: what an archive may unpack to */
    uint64_t unpack_most;                      /* [64 GiB] */
    uint64_t members_max;                      /* [1,000,000] */
    uint64_t nested_max;                       /* [128 MiB] of an archive in an archive */
} ReadingLimits;

typedef struct ReadingAsk {
    ReaderWhat what;
    const int *fds;                            /* stay the caller's */
    size_t     count;
    uint32_t   from_volume, depth, test;
    uint64_t   from_ordinal;
    bool       whole;
} ReadingAsk;

typedef struct ReadingEvent {
    ReaderEvent    is;                         /* checked */
    Str            text;                       /* any bytes; valid until the call returns */
    const uint8_t *bytes; /* of READER_BYTES: is.length of them; the child may change them */
} ReadingEvent;
typedef bool ReadingSeen(void *ctx, const ReadingEvent *event, Err *err);     /* false: stop, an error */

typedef enum ReadingEnd {
    READING_DONE,
    READING_CRASHED,                           /* died, of a hostile file or of our own mistake */
    READING_SILENT,                            /* said nothing for too long */
    READING_LIED,                              /* broke the rules */
} ReadingEnd;
const char *reading_end_says(ReadingEnd end);  /* a sentence; "" for DONE */

/* Fails with ERR_NOT_FOUND when there is no muster-reader. No child is started yet. */
MUST_USE bool reading_open(Arena *mem, const ReadingLimits *limits, Reading **out, Err *err);
void reading_close(Reading *r);                /* accepts NULL */
MUST_USE bool reading_run(Reading *r, const ReadingAsk *ask, ReadingSeen *seen, void *ctx, ReadingEnd *end,
                          Err *err);

/* ---- the rules alone, for reading_run and its fuzz target */
typedef struct ReadingRules {
    bool     begun, in_file;
    uint32_t volume, depth;
    uint64_t ordinal, length;
} ReadingRules;
/* Checks one packet; false when it breaks the rules. Sets `out` but for its bytes. */
bool reading_check(ReadingRules *rules, const uint8_t *packet, size_t len, ReadingEvent *out);
