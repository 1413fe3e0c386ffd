/* digests.h: MD5, SHA-1 and SHA-256 of the same bytes in one pass.
 *
 * One stream keeps three chains going at once, so that their waits overlap. Two streams together are nearly
 * twice as quick; many take a lane of a vector each, which is four times as quick with AVX-512. All give the
 * digests that three separate programs would. MD5 and SHA-1 are here because lists of known files are written
 * in them, never as proof against somebody who forges a file.
 *
 *     DigestStream *d = digests_begin(mem);
 *     while (more) digests_add(d, at, len);
 *     Digests all = digests_end(d);
 *
 * With several files in hand: one stream each, and digests_add_many with the next piece of every file. Pieces
 * of 16 KiB and more are best, and lengths need not agree. Pieces that lie a multiple of 4 KiB apart fall on
 * the same few lines of a cache, so leave some bytes between them. A stream lives in its arena and needs no
 * release. Nothing here can fail, and the work is chosen for this processor once a call. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"

typedef struct Digests {
    uint8_t  md5[16], sha1[20], sha256[32];
    uint64_t size_bytes;
} Digests;

typedef struct DigestStream DigestStream;
DigestStream *digests_begin(Arena *mem);
void    digests_add(DigestStream *s, const void *at, size_t len);
Digests digests_end(DigestStream *s);          /* the stream is then empty again and may be reused */

/* Adds at[i], len[i] to streams[i], side by side. A length may be 0. A stream may appear only once. */
void digests_add_many(DigestStream *const *streams, const void *const *at, const size_t *len, size_t n);
void digests_end_many(DigestStream *const *streams, size_t n, Digests *out);

/* Whole buffers: out[i] = the digests of at[i], len[i]. */
void digests_many(const void *const *at, const size_t *len, size_t n, Digests *out);

enum { DIGESTS_BATCH = 64 }; /* streams at a time that fill the vector though lengths differ */

/* Forcing one path, for tests and benchmarks. */
typedef enum DigestPath {
    DIGESTS_PORTABLE,       /* plain C */
    DIGESTS_SHANI,          /* MD5 in whole registers beside the SHA instructions, two streams at a time */
    DIGESTS_AVX2,           /* 8 lanes of MD5; the SHA instructions where there are any */
    DIGESTS_AVX512,         /* 16 lanes of all three */
    DIGESTS_PATHS,
} DigestPath;
const char *digests_path_name(DigestPath path);
bool        digests_path_here(DigestPath path);
DigestPath  digests_path_best(void);
void digests_add_many_by(DigestPath path, DigestStream *const *streams, const void *const *at,
                         const size_t *len, size_t n);
void digests_end_many_by(DigestPath path, DigestStream *const *streams, size_t n, Digests *out);
void digests_many_by(DigestPath path, const void *const *at, const size_t *len, size_t n, Digests *out);
