/* protocol.h: what passes between muster-decoder and the program that started it.
 *
 * Over a SOCK_SEQPACKET pair: one DecodeRequest with one file descriptor that holds the bytes (SCM_RIGHTS),
 * answered by one DecodeReply and, after it, frame_count DecodeFrames in packets of up to
 * DECODE_FRAMES_PACKET. One request at a time. The bytes of a file go in; hashes, qualities and sizes come
 * out, never a pixel, and no path goes either way. Both ends are one build on one machine, so structs travel
 * as they are.
 *
 * The parent trusts nothing in a reply: a child may have been taken over by what it read. */
#pragma once
#include <stdint.h>
#include "engine/picture/vpdq.h"

enum {
    DECODE_MAGIC         = 0x4d445231,         /* "1RDM" */
    DECODE_SOCKET        = 3,                  /* the descriptor the child is started with */
    DECODE_DIHEDRALS     = 8,
    DECODE_FRAMES_PACKET = 512,
    DECODE_FRAMES_MAX    = 100000,             /* more than a day of one a second */
    DECODE_REASON_BYTES  = 96,
};

typedef enum DecodeState {
    DECODE_OK = 1,                             /* hashed */
    DECODE_NOT_MEDIA,                          /* no picture or video that is known here */
    DECODE_UNREADABLE,                         /* one, but broken */
    DECODE_REFUSED,                            /* too many pixels, bytes, frames or seconds */
    DECODE_CRASHED,                            /* told by the parent: it killed its child */
    DECODE_TIMED_OUT,                          /* told by the parent: it outlasted its time */
    DECODE__STATES,
} DecodeState;

typedef struct DecodeRequest {
    uint32_t magic, serial;
    uint32_t stop_after_ms;                    /* what moves is hashed as far as this goes; 0: to its end */
    uint32_t spare;
    uint64_t offset, length;                   /* of the bytes in the descriptor */
    uint64_t pixels_max;                       /* width x height of a picture or frame */
    uint64_t frame_every_us;                   /* between hashed frames of what moves; 0: every frame */
    uint64_t frames_max;                       /* hashed frames of a video or a moving picture */
} DecodeRequest;

typedef struct DecodeReply {
    uint32_t magic, serial;
    uint32_t state;                            /* DecodeState; OK, NOT_MEDIA, UNREADABLE or REFUSED */
    uint32_t media;                            /* MediaKind */
    uint32_t width, height;                    /* as the file states them, before scaling and turning */
    uint32_t scaled;                           /* decoded at 1/scaled of its size: 1, 2, 4 or 8 */
    int32_t  quality;                          /* 0..100 */
    uint32_t frame_count;                      /* DecodeFrames that follow; 0: a still picture */
    uint32_t truncated;                        /* 1: the file ended early, or frames_max was reached */
    uint64_t duration_us;                      /* of what moves; 0 if unknown */
    uint8_t  pdq[DECODE_DIHEDRALS][32];        /* of a picture (a moving one: its first frame); [0] as is,
                                                  then in the order of picture/pdq.h */
    char     reason[DECODE_REASON_BYTES];      /* one plain sentence unless OK */
} DecodeReply;

typedef VpdqFrame DecodeFrame;                 /* number, quality, at_us, pdq */
