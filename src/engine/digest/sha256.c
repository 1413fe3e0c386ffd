/* sha256.c: FIPS 180-4, several messages side by side.
 *
 * One message is a chain: each block needs the state the last one left, so a single stream leaves most of
 * the processor idle. Messages are independent, so each takes a lane. A lane that finishes its message
 * takes the next one at once (lanes_run), which is why lengths may differ. When too few messages are left
 * to fill the lanes, the rest are finished one by one from the state their lane reached. */
#include "engine/digest/sha256.h"
#include <assert.h>
#include <string.h>
#include "engine/digest/lanes.h"
#include "engine/digest/shani.h"

enum { BLOCK = 64, LANES_MAX = 16 };

const uint32_t SHA256_K[64] __attribute__((aligned(64))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
static const uint32_t START[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

/* Advances every lane by one block. State word i of lane j is at state[i * row + j * col] (see Path). */
typedef void Compress(uint32_t *state, const uint8_t *const *block);

static uint32_t ror(uint32_t x, int n) { return x >> n | x << (32 - n); }

static uint32_t big32(const uint8_t *p)
{
    uint32_t x;
    memcpy(&x, p, sizeof x);
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap32(x) : x;
}

static void portable_load(uint32_t *w, const uint8_t *const *block)
{
    for (int i = 0; i < 16; i++)
        w[i] = big32(block[0] + 4 * i);
}

/* Plain C is a vector of one lane. */
#define LANES_NAME       compress_portable
#define LANES_TARGET
#define LANES_LOAD       portable_load
#define VEC              uint32_t
#define VSET(k)          (k)
#define VLOAD(p)         (*(p))
#define VSTORE(p, x)     (*(p) = (x))
#define VADD(x, y)       ((x) + (y))
#define VXOR3(x, y, z)   ((x) ^ (y) ^ (z))
#define VROR(x, n)       ror(x, n)
#define VSHR(x, n)       ((x) >> (n))
#define VCH(x, y, z)     ((z) ^ ((x) & ((y) ^ (z))))
#define VMAJ(x, y, z)    (((x) & (y)) | ((z) & ((x) | (y))))
#include "engine/digest/sha256_lanes.h"

void sha256_block_portable(uint32_t state[8], const uint8_t *at) { compress_portable(state, &at); }

#if defined(__x86_64__)

/* ---- the SHA instructions: two streams interleaved, because one leaves the unit waiting for itself ---- */

enum { SHANI_LANES_MAX = 2 };

/* `lanes` is a constant at each call, so each caller gets its own unrolled copy. */
SHANI static inline __attribute__((always_inline)) void shani_rounds(uint32_t *state,
                                                                     const uint8_t *const *block,
                                                                     const int lanes)
{
    const __m128i swap = SHANI_256_ORDER;
    __m128i abef[SHANI_LANES_MAX], cdgh[SHANI_LANES_MAX], w[SHANI_LANES_MAX][4];
    for (int l = 0; l < lanes; l++) {
        shani_256_in(state + 8 * l, &abef[l], &cdgh[l]);
        for (int i = 0; i < 4; i++)
            w[l][i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(block[l] + 16 * i)), swap);
    }
#pragma GCC unroll 16
    for (int q = 0; q < 16; q++)
#pragma GCC unroll 2
        for (int l = 0; l < lanes; l++)
            SHANI_256(q, abef[l], cdgh[l], w[l][q & 3], w[l][(q + 1) & 3], w[l][(q + 2) & 3],
                      w[l][(q + 3) & 3]);
    for (int l = 0; l < lanes; l++) {
        __m128i abef0, cdgh0;
        shani_256_in(state + 8 * l, &abef0, &cdgh0);
        shani_256_out(state + 8 * l, _mm_add_epi32(abef[l], abef0), _mm_add_epi32(cdgh[l], cdgh0));
    }
}

SHANI static void compress_shani_1(uint32_t *state, const uint8_t *const *block)
{
    shani_rounds(state, block, 1);
}
SHANI static void compress_shani_2(uint32_t *state, const uint8_t *const *block)
{
    shani_rounds(state, block, 2);
}

/* ---- 8 lanes of AVX2 ---- */

AVX2 static inline void avx2_load(__m256i *w, const uint8_t *const *block)
{
    avx2_words(w, block, 0);
    for (int i = 0; i < 16; i++)
        w[i] = avx2_swap(w[i]);
}

#define LANES_NAME       compress_avx2
#define LANES_TARGET     AVX2
#define LANES_LOAD       avx2_load
#define VEC              __m256i
#define VSET(k)          _mm256_set1_epi32((int)(k))
#define VLOAD(p)         _mm256_load_si256((const __m256i *)(p))
#define VSTORE(p, x)     _mm256_store_si256((__m256i *)(p), x)
#define VADD(x, y)       _mm256_add_epi32(x, y)
#define VXOR3(x, y, z)   _mm256_xor_si256(_mm256_xor_si256(x, y), z)
#define VROR(x, n)       _mm256_or_si256(_mm256_srli_epi32(x, n), _mm256_slli_epi32(x, 32 - (n)))
#define VSHR(x, n)       _mm256_srli_epi32(x, n)
#define VCH(x, y, z)     _mm256_xor_si256(z, _mm256_and_si256(x, _mm256_xor_si256(y, z)))
#define VMAJ(x, y, z)    _mm256_or_si256(_mm256_and_si256(x, y), _mm256_and_si256(z, _mm256_or_si256(x, y)))
#include "engine/digest/sha256_lanes.h"

/* ---- 16 lanes of AVX-512 ---- */

AVX512 static inline void avx512_load(__m512i *w, const uint8_t *const *block)
{
    avx512_words(w, block, 0);
    for (int i = 0; i < 16; i++)
        w[i] = avx512_swap(w[i]);
}

/* The last argument of ternarylogic is the truth table of the three inputs. */
#define LANES_NAME       compress_avx512
#define LANES_TARGET     AVX512
#define LANES_LOAD       avx512_load
#define VEC              __m512i
#define VSET(k)          _mm512_set1_epi32((int)(k))
#define VLOAD(p)         _mm512_load_si512(p)
#define VSTORE(p, x)     _mm512_store_si512(p, x)
#define VADD(x, y)       _mm512_add_epi32(x, y)
#define VXOR3(x, y, z)   _mm512_ternarylogic_epi32(x, y, z, 0x96)
#define VROR(x, n)       _mm512_ror_epi32(x, n)
#define VSHR(x, n)       _mm512_srli_epi32(x, n)
#define VCH(x, y, z)     _mm512_ternarylogic_epi32(x, y, z, 0xCA)
#define VMAJ(x, y, z)    _mm512_ternarylogic_epi32(x, y, z, 0xE8)
#include "engine/digest/sha256_lanes.h"
#endif

/* `drain`: with this many messages left or fewer, finishing them one by one is quicker than idle lanes. */
typedef struct Path {
    const char *name;
    bool      (*here)(void);
    Compress   *compress, *single;
    int         lanes, row, col, drain;
} Path;

static const Path paths[SHA256_PATHS] = {
    [SHA256_PORTABLE] = { "portable", here_always, compress_portable, compress_portable, 1, 1, 8, 0 },
#if defined(__x86_64__)
    [SHA256_SHANI]    = { "sha-ni",   here_shani,  compress_shani_2,  compress_shani_1,  2, 1, 8, 1 },
    [SHA256_AVX2]     = { "avx2",     here_avx2,   compress_avx2,     compress_portable, 8, 8, 1, 1 },
    [SHA256_AVX512]   = { "avx-512",  here_avx512, compress_avx512,   compress_portable, 16, 16, 1, 1 },
#endif
};

typedef struct Batch {
    int                prefix;                      /* 0..255, or -1 for none */
    const void *const *data;
    const size_t      *len;
    size_t             count;
    Hash32            *out;
} Batch;

/* One message being hashed: `block` of `blocks` is next. */
typedef struct Lane {
    size_t message, block, blocks;
    bool   live;
} Lane;

static Lane lane_of(const Batch *b, size_t message)
{
    size_t total = b->len[message] + (b->prefix >= 0);
    return (Lane){ .message = message, .blocks = (total + 9 + BLOCK - 1) / BLOCK, .live = true };
}

/* The lane's next block: in place in the message when it is whole there, else put together in `scratch`. */
static const uint8_t *lane_block(const Batch *b, const Lane *lane, uint8_t scratch[BLOCK])
{
    const uint8_t *data = b->data[lane->message];
    size_t shift = b->prefix >= 0, total = b->len[lane->message] + shift, start = lane->block * BLOCK;
    bool whole = start + BLOCK <= total;
    if (whole && (start > 0 || shift == 0))
        return data + start - shift;
    size_t have = whole ? BLOCK : total > start ? total - start : 0, at = 0;
    if (start == 0 && shift > 0)
        scratch[at++] = (uint8_t)b->prefix;
    if (have > at)
        memcpy(scratch + at, data + (start + at - shift), have - at);
    if (whole)
        return scratch;
    memset(scratch + have, 0, BLOCK - have);
    if (total >= start)
        scratch[have] = 0x80;
    if (lane->block + 1 == lane->blocks) {
        uint64_t bits = __builtin_bswap64((uint64_t)total * 8);
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
        bits = __builtin_bswap64(bits);
#endif
        memcpy(scratch + BLOCK - 8, &bits, 8);
    }
    return scratch;
}

static void state_out(const uint32_t *state, int row, Hash32 *out)
{
    for (int i = 0; i < 8; i++) {
        uint32_t x = state[i * row];
        uint8_t bytes[4] = { (uint8_t)(x >> 24), (uint8_t)(x >> 16), (uint8_t)(x >> 8), (uint8_t)x };
        memcpy(out->bytes + 4 * i, bytes, 4);
    }
}

/* Finishes a message alone, from wherever it is. */
static void lane_finish(Compress *single, const Batch *b, Lane *lane, uint32_t state[8])
{
    uint8_t scratch[BLOCK];
    for (; lane->block < lane->blocks; lane->block++) {
        const uint8_t *block = lane_block(b, lane, scratch);
        single(state, &block);
    }
    state_out(state, 1, &b->out[lane->message]);
}

static void lanes_run(const Path *p, Compress *single, int drain, const Batch *b)
{
    static const uint8_t idle[BLOCK];
    uint32_t state[8 * LANES_MAX] __attribute__((aligned(64))) = {0};
    uint8_t scratch[LANES_MAX][BLOCK];
    const uint8_t *block[LANES_MAX];
    Lane lane[LANES_MAX] = {0};
    size_t next = 0;
    for (;;) {
        int live = 0;
        for (int j = 0; j < p->lanes; j++) {
            if (!lane[j].live && next < b->count) {
                lane[j] = lane_of(b, next++);
                for (int i = 0; i < 8; i++)
                    state[i * p->row + j * p->col] = START[i];
            }
            live += lane[j].live;
        }
        if (live <= drain)
            break;
        for (int j = 0; j < p->lanes; j++)
            block[j] = lane[j].live ? lane_block(b, &lane[j], scratch[j]) : idle;
        p->compress(state, block);
        for (int j = 0; j < p->lanes; j++) {
            if (!lane[j].live || ++lane[j].block < lane[j].blocks)
                continue;
            state_out(state + j * p->col, p->row, &b->out[lane[j].message]);
            lane[j].live = false;
        }
    }
    for (int j = 0; j < p->lanes; j++) {
        uint32_t alone[8];
        for (int i = 0; i < 8; i++)
            alone[i] = state[i * p->row + j * p->col];
        if (lane[j].live)
            lane_finish(single, b, &lane[j], alone);
    }
}

static void batch_run(const Path *p, Compress *single, int drain, const Batch *b)
{
    if (b->count > (size_t)drain) {
        lanes_run(p, single, drain, b);
        return;
    }
    for (size_t m = 0; m < b->count; m++) {
        uint32_t state[8];
        memcpy(state, START, sizeof state);
        Lane lane = lane_of(b, m);
        lane_finish(single, b, &lane, state);
    }
}

const char *sha256_path_name(Sha256Path path) { return paths[path].name ? paths[path].name : "absent"; }
bool sha256_path_here(Sha256Path path) { return paths[path].here && paths[path].here(); }

Sha256Path sha256_path_best(void)
{
    static const Sha256Path quickest_first[] = { SHA256_AVX512, SHA256_SHANI, SHA256_AVX2 };
    for (size_t i = 0; i < sizeof quickest_first / sizeof quickest_first[0]; i++)
        if (sha256_path_here(quickest_first[i]))
            return quickest_first[i];
    return SHA256_PORTABLE;
}

void sha256_many_by(Sha256Path path, int prefix, const void *const *data, const size_t *len, size_t n,
                    Hash32 *out)
{
    assert(sha256_path_here(path) && prefix >= -1 && prefix <= 255);
    const Path *p = &paths[path];
    batch_run(p, p->single, p->drain, &(Batch){ prefix, data, len, n, out });
}

/* The widest path for the bulk, and the SHA instructions for what does not fill it. */
static void many(int prefix, const void *const *data, const size_t *len, size_t n, Hash32 *out)
{
    const Path *wide = &paths[sha256_path_best()];
    bool shani = sha256_path_here(SHA256_SHANI);
    int drain = shani && wide->lanes > 2 ? wide->lanes / 4 : wide->drain;
    batch_run(wide, shani ? paths[SHA256_SHANI].single : wide->single, drain,
              &(Batch){ prefix, data, len, n, out });
}

void sha256_many(const void *const *data, const size_t *len, size_t n, Hash32 *out)
{
    many(-1, data, len, n, out);
}

void sha256_many_after(uint8_t prefix, const void *const *data, const size_t *len, size_t n, Hash32 *out)
{
    many(prefix, data, len, n, out);
}
