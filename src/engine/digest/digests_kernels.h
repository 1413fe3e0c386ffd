/* digests_kernels.h: MD5, SHA-1 and SHA-256 block by block; for digests.c alone.
 *
 * Each function advances chaining states over whole blocks of 64 bytes. Nothing here pads, counts or buffers.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DIGEST_BLOCK = 64, DIGEST_LANES_MAX = 16, DIGEST_WORDS = 4 + 5 + 8 };

typedef struct DigestState {
    uint32_t md5[4], sha1[5], sha256[8];
} DigestState;

/* All three over one stream. */
typedef void DigestAll(DigestState *s, const uint8_t *at, size_t blocks);
/* The same of two streams, side by side. */
typedef void DigestPair(DigestState *const *s, const uint8_t *const *at, size_t blocks);
/* SHA-1 and SHA-256 only. */
typedef void DigestShas(DigestState *s, const uint8_t *at, size_t blocks);

/* One stream in each lane. */
typedef struct DigestLanes {
    /* Word i of the state of lane j is word[i * lanes + j]. */
    uint32_t word[DIGEST_WORDS * DIGEST_LANES_MAX] __attribute__((aligned(64)));
    const uint8_t *at[DIGEST_LANES_MAX];       /* of idle lanes too: any bytes that may be read */
    uint32_t live;                             /* bit j: lane j has a stream */
    uint32_t closing; /* bit j: the last block closes the stream of lane j, as MD5 has it. The SHAs have the
                         length in it the other way round. */
} DigestLanes;
/* All three over `blocks` blocks of every lane; `shas` is for those who have no lanes for them. */
typedef void DigestLanesAdd(DigestLanes *l, size_t blocks, DigestShas *shas);
DigestLanesAdd lanes_avx2, lanes_avx512;

/* The closing block as the SHAs have it. */
void digest_closing(const uint8_t *md5, uint8_t shas[DIGEST_BLOCK]);

typedef struct DigestKernels {
    const char *name;
    bool (*here)(void);
    DigestAll *all;
    DigestShas *shas;
    DigestPair *pair;          /* NULL: gains nothing */
    DigestLanesAdd *lanes_add; /* NULL: one stream at a time */
    size_t lanes;
    size_t drain; /* with so few streams or fewer, one or two at a time are quicker than idle lanes */
} DigestKernels;

/* A path that is not in this build has no `here`. */
const DigestKernels *digest_kernels(int path);
