/* digests_kernels.h: MD5, SHA-1 and SHA-256 block by block; for digests.c alone.
 *
 * Each function advances chaining states over whole blocks of 64 bytes. Nothing here pads, counts or buffers.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DIGEST_BLOCK = 64, DIGEST_LANES_MAX = 16 };

typedef struct DigestState {
    uint32_t md5[4], sha1[5], sha256[8];
} DigestState;

/* All three over one stream. */
typedef void DigestAll(DigestState *s, const uint8_t *at, size_t blocks);
/* SHA-1 and SHA-256 only. */
typedef void DigestShas(DigestState *s, const uint8_t *at, size_t blocks);
/* MD5 of one stream in each lane: word i of lane j is md5[i * lanes + j]; aligned to 64 bytes. */
typedef void DigestMd5Lanes(uint32_t *md5, const uint8_t *const *at, size_t blocks);
/* The same with SHA-1 and SHA-256 of each lane's stream, which needs every lane to have a state. */
typedef void DigestAllLanes(uint32_t *md5, DigestState *const *state, const uint8_t *const *at,
                            size_t blocks);

typedef struct DigestKernels {
    const char *name;
    bool (*here)(void);
    DigestAll *all;
    DigestShas *shas;
    DigestMd5Lanes *md5_lanes; /* NULL: one stream at a time */
    DigestAllLanes *all_lanes; /* NULL: MD5 in lanes, then the others stream by stream */
    size_t lanes;
    size_t drain; /* with so few streams or fewer, one at a time is quicker than idle lanes */
    size_t full;  /* with so many or more, all_lanes is quicker, idle lanes or not */
} DigestKernels;

/* A path that is not in this build has no `here`. */
const DigestKernels *digest_kernels(int path);
