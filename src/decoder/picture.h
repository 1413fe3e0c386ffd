/* picture.h: one picture in memory becomes its PDQ hashes.
 *
 * Each format has a reader that turns bytes into rows; rows go straight into the hash, so most pictures are
 * never whole in memory and none leaves this process. Readers follow the format alone, stop at the first
 * error, and ask picture_size before they allocate anything that the file chose the size of.
 *
 * What a picture is here: its first or primary image (of a moving one, frames too: moving.h), without colour
 * profile, transparency or the turn that a camera notes beside it (the hashes of all eight turns are given
 * anyway). */
#pragma once
#include <stdbool.h>
#include "base/arena.h"
#include "decoder/protocol.h"
#include "engine/picture/media.h"
#include "engine/picture/pdq.h"

/* What is told of the frames of a moving picture: see moving.h. */
typedef struct Moving {
    DecodeFrame   *frames;                     /* in Picture.mem */
    size_t         count, cap;
    uint32_t       number;                     /* frames seen */
    uint64_t       at_us, next_us;             /* playing time; when the next hash is due */
} Moving;

typedef struct Picture {
    const uint8_t *at;                         /* the file */
    size_t         len;
    uint64_t       pixels_max;
    int scale_least; /* JPEG: the shorter side may not fall below it; 0: the usual */
    Arena         *mem;
    uint64_t       frame_every_us, frames_max; /* of a moving picture; no frames: only its first */
    int64_t        stop_ms;                    /* on the monotonic clock; 0: never */
    uint32_t       width, height, scaled;      /* told by the reader */
    bool           truncated;
    PdqRows       *rows;
    Moving         moving;
    DecodeState    state;
    char           reason[DECODE_REASON_BYTES];
} Picture;

enum {
    PICTURE_SCALE_LEAST = 1500,                /* measured: see jpeg.c */
    PICTURE_SCALE_NEVER = 1 << 30,
    PICTURE_PLANE_BYTES = 256 << 20,           /* of formats that must be whole in memory */
};

/* Reads `p->at`, and says in state and reason how that went. The hashes are right only when it returns true.
 */
bool picture_hash(MediaKind kind, Picture *p, Pdq *out);

/* For readers. All return false when the picture ends here, with state and reason set. */
bool picture_fail(Picture *p, DecodeState state, const char *reason, ...)
    __attribute__((format(printf, 3, 4)));
bool picture_size(Picture *p, uint64_t width, uint64_t height);        /* as the file states it */
bool picture_begin(Picture *p, uint32_t width, uint32_t height);       /* as it is decoded: rows follow */
bool picture_plane(Picture *p, uint64_t row_bytes, uint64_t rows, uint8_t **out);   /* zeroed, bounded */

typedef bool PictureReader(Picture *p);
PictureReader read_jpeg, read_png, read_webp, read_tiff, read_gif, read_heif, read_bmp;
