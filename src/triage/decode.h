/* decode.h: pictures and videos become hashes in children that may die.
 *
 * A pool of muster-decoder children, each confined so that it can do nothing but decode the bytes handed to
 * it and answer with hashes. A hostile file can crash, hang or be killed by the kernel's filter: that costs
 * one child, is told as the result of that file, and the next file meets a fresh child. Nothing a child says
 * is trusted: counts, sizes and text of a reply are checked, and a reply that breaks the rules counts as a
 * crash.
 *
 * One thread owns a pool and must outlive it (children die with the thread that started them). Time comes in
 * from the caller. One file:
 *
 *     decode_file(pool, &(DecodeInput){ .fd = fd, .length = size }, mem, &result, &err)
 *
 * Many, keeping every child busy:
 *
 *     while (more || decode_busy(pool)) {
 *         while (more && decode_idle(pool))  decode_send(pool, &input, tag, &err);
 *         decode_collect(pool, -1, mem, &result, &got, &err);
 *     } */
#pragma once
#include <poll.h>
#include "base/arena.h"
#include "base/err.h"
#include "base/when.h"
#include "decoder/protocol.h"
#include "engine/picture/media.h"

typedef struct DecodePool DecodePool;
typedef Instant DecodeClock(void *ctx);

typedef struct DecodeOptions {                 /* a 0 takes the value in brackets */
    int          children;                     /* [1] one for each core is best */
    int          picture_ms, video_ms;         /* [20 s; 15 min] a file may take; then its child is killed.
                                                  A video gets no more than a minute and 5 s for each MiB */
    uint64_t     bytes_max;                    /* [256 MiB] of a picture; a video is read in pieces */
    uint64_t     pixels_max;                   /* [256 M] of a picture */
    uint64_t     frame_every_us;               /* [one second] */
    uint64_t     frames_max;                   /* [4 hours of one a second] */
    bool         every_frame;                  /* instead of frame_every_us */
    DecodeClock *clock;                        /* required: only moves forward, for deadlines */
    void        *clock_ctx;
    const char  *program;                      /* [found beside this program, or in $MUSTER_LIBEXEC] */
} DecodeOptions;

/* What to decode: `length` bytes of `fd` from `offset` (a regular file or memory file; it may be closed after
 * decode_send), or, when `at` is given, bytes in memory, which are copied. */
typedef struct DecodeInput {
    int         fd;
    uint64_t    offset, length;
    const void *at;
} DecodeInput;

typedef struct DecodeResult {
    DecodeState state;
    MediaKind   media;
    void       *tag;                           /* as given to decode_send */
    const char *reason;                        /* "" when OK; else one plain sentence, safe to show */
    uint32_t    width, height, scaled;
    int         quality;                       /* of a picture; below 50 is flagged, not matched */
    uint8_t     pdq[DECODE_DIHEDRALS][32];     /* of a picture, or its first frame; [0] as it is */
    const DecodeFrame *frames;                 /* of what moves, in order */
    size_t      frame_count;
    bool        truncated;                     /* hashed as far as it went */
    Instant     duration_us;
} DecodeResult;

typedef struct DecodeCounts {
    uint64_t state[DECODE__STATES];            /* files, by how they ended */
    uint64_t children_started, children_lost;
} DecodeCounts;

/* Starts the children. Fails with ERR_NOT_FOUND when there is no muster-decoder, ERR_STORE when it cannot
 * run. */
MUST_USE bool decode_open(Arena *mem, const DecodeOptions *options, DecodePool **out, Err *err);
void decode_close(DecodePool *pool);           /* ends the children; accepts NULL; work in hand is dropped */

size_t decode_idle(const DecodePool *pool);    /* children that could take a file now */
size_t decode_busy(const DecodePool *pool);    /* files in hand */

/* Hands a file to an idle child. Fails with ERR_LIMIT when none is idle; a file that is itself at fault is
 * never an error here but a result. */
MUST_USE bool decode_send(DecodePool *pool, const DecodeInput *input, void *tag, Err *err);

/* The next result, in the order in which files end. Waits up to wait_ms (-1: as long as any file may take; 0:
 * only looks). *got is false when nothing ended in that time or nothing is in hand. */
MUST_USE bool decode_collect(DecodePool *pool, int wait_ms, Arena *mem, DecodeResult *out, bool *got,
                             Err *err);
MUST_USE bool decode_file(DecodePool *pool, const DecodeInput *input, Arena *mem, DecodeResult *out,
                          Err *err);

/* What to poll for, for a caller that waits for other things too; returns how many were written. */
size_t decode_polls(const DecodePool *pool, struct pollfd *out, size_t cap);
DecodeCounts decode_counts(const DecodePool *pool);
const char  *decode_state_name(DecodeState state);     /* "ok", "not-media", "unreadable", "refused", ... */
