/* digests_kernels.c: the block functions of one stream, plain and by the SHA instructions.
 *
 * A hash is a chain: each step waits for the last one. MD5 runs in whole registers, SHA-1 and SHA-256 in the
 * SHA unit. Their steps are written alternately, of one stream or of two, so that all chains are in flight at
 * once and the time is that of the slowest. With one stream that is MD5: a step of F or I takes five
 * operations one after another, one of G or H four, so 288 cycles a block at the least, which is what is
 * measured (Zen 5). Vectors, whose every operation takes two cycles there, need 640. Two streams need 170
 * cycles a block each. */
#include "engine/digest/digests_kernels.h"
#include <string.h>
#include "engine/digest/digests.h"
#include "engine/digest/digests_md5.h"
#include "engine/digest/lanes.h"
#include "engine/digest/shani.h"

static inline uint32_t rol(uint32_t x, int n) { return x << n | x >> (32 - n); }

static inline uint32_t little32(const uint8_t *p)
{
    uint32_t x;
    memcpy(&x, p, sizeof x);
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? x : __builtin_bswap32(x);
}

static inline uint32_t big32(const uint8_t *p) { return __builtin_bswap32(little32(p)); }

/* ---- plain C ---- */

/* G is a sum of two disjoint parts rather than an OR, because only one of them waits for the last step. */
#define F_OF(b, c, d) ((d) ^ ((b) & ((c) ^ (d))))
#define G_OF(b, c, d) (((d) & (b)) + (~(d) & (c)))
#define H_OF(b, c, d) ((b) ^ ((c) ^ (d)))
#define I_OF(b, c, d) ((c) ^ ((b) | ~(d)))
#define STEP_F(a, b, c, d, w, k) a += (w) + (k) + F_OF(b, c, d)
#define STEP_G(a, b, c, d, w, k) a += (w) + (k) + (~(d) & (c)); a += (d) & (b)
#define STEP_H(a, b, c, d, w, k) a += (w) + (k) + H_OF(b, c, d)
#define STEP_I(a, b, c, d, w, k) a += (w) + (k) + I_OF(b, c, d)
#define STEP(f, a, b, c, d, i, k, s)                                                                         \
    STEP_##f(a, b, c, d, little32(at + 4 * (i)), UINT32_C(k));                                               \
    a = rol(a, s) + b;

static void md5_portable(uint32_t md5[4], const uint8_t *at, size_t blocks)
{
    uint32_t a = md5[0], b = md5[1], c = md5[2], d = md5[3];
    for (; blocks > 0; blocks--, at += DIGEST_BLOCK) {
        const uint32_t a0 = a, b0 = b, c0 = c, d0 = d;
        MD5_ALL(STEP)
        a += a0;
        b += b0;
        c += c0;
        d += d0;
    }
    md5[0] = a;
    md5[1] = b;
    md5[2] = c;
    md5[3] = d;
}

#define SHA1_WORD(i) rol(w[((i) + 13) & 15] ^ w[((i) + 8) & 15] ^ w[((i) + 2) & 15] ^ w[(i) & 15], 1)
#define SHA1_STEP(a, b, c, d, e, i, mix, k) \
    e += rol(a, 5) + mix(b, c, d) + UINT32_C(k) + \
         (w[(i) & 15] = (i) < 16 ? big32(at + 4 * ((i) & 15)) : SHA1_WORD(i)); \
    b = rol(b, 30);
#define SHA1_FIVE(i, mix, k) \
    SHA1_STEP(a, b, c, d, e, (i), mix, k) SHA1_STEP(e, a, b, c, d, (i) + 1, mix, k) \
    SHA1_STEP(d, e, a, b, c, (i) + 2, mix, k) SHA1_STEP(c, d, e, a, b, (i) + 3, mix, k) \
    SHA1_STEP(b, c, d, e, a, (i) + 4, mix, k)
#define MAJ_OF(b, c, d) (((b) & (c)) | ((d) & ((b) | (c))))

static void sha1_portable(uint32_t s[5], const uint8_t *at, size_t blocks)
{
    for (; blocks > 0; blocks--, at += DIGEST_BLOCK) {
        uint32_t w[16], a = s[0], b = s[1], c = s[2], d = s[3], e = s[4];
        for (int i = 0; i < 20; i += 5) {
            SHA1_FIVE(i, F_OF, 0x5a827999)
        }
        for (int i = 20; i < 40; i += 5) {
            SHA1_FIVE(i, H_OF, 0x6ed9eba1)
        }
        for (int i = 40; i < 60; i += 5) {
            SHA1_FIVE(i, MAJ_OF, 0x8f1bbcdc)
        }
        for (int i = 60; i < 80; i += 5) {
            SHA1_FIVE(i, H_OF, 0xca62c1d6)
        }
        s[0] += a;
        s[1] += b;
        s[2] += c;
        s[3] += d;
        s[4] += e;
    }
}

static void shas_portable(DigestState *s, const uint8_t *at, size_t blocks)
{
    sha1_portable(s->sha1, at, blocks);
    for (; blocks > 0; blocks--, at += DIGEST_BLOCK)
        sha256_block_portable(s->sha256, at);
}

static void all_portable(DigestState *s, const uint8_t *at, size_t blocks)
{
    md5_portable(s->md5, at, blocks);
    shas_portable(s, at, blocks);
}

#if defined(__x86_64__)

/* ---- the SHA instructions ---- */

/* One stream: its three states as the instructions want them, and the words that SHA-1 and SHA-256 are at.
 * Those of SHA-1 run the other way round within a vector, so each keeps its own. */
typedef struct Stream {
    const uint8_t *at;
    uint32_t       a, b, c, d;                 /* MD5 */
    __m128i        abcd, e, x[4];              /* SHA-1 */
    __m128i        abef, cdgh, w[4];           /* SHA-256 */
} Stream;

#define INSIDE static inline __attribute__((always_inline))     /* so that `q` and `streams` are constants */

SHANI INSIDE Stream stream_in(const DigestState *s, const uint8_t *at)
{
    Stream n = { .at = at, .a = s->md5[0], .b = s->md5[1], .c = s->md5[2], .d = s->md5[3] };
    shani_256_in(s->sha256, &n.abef, &n.cdgh);
    n.abcd = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)s->sha1), 0x1B);
    n.e = _mm_set_epi32((int)s->sha1[4], 0, 0, 0);
    return n;
}

SHANI INSIDE void stream_out(DigestState *s, const Stream *n)
{
    const uint32_t md5[4] = { n->a, n->b, n->c, n->d };
    memcpy(s->md5, md5, sizeof s->md5);
    shani_256_out(s->sha256, n->abef, n->cdgh);
    _mm_storeu_si128((__m128i *)s->sha1, _mm_shuffle_epi32(n->abcd, 0x1B));
    s->sha1[4] = (uint32_t)_mm_extract_epi32(n->e, 3);
}

SHANI INSIDE void stream_words(Stream *n)
{
    const __m128i order16 = _mm_set_epi64x(0x0001020304050607LL, 0x08090a0b0c0d0e0fLL);
    for (int i = 0; i < 4; i++) {
        __m128i words = _mm_loadu_si128((const __m128i *)(n->at + 16 * i));
        n->w[i] = _mm_shuffle_epi8(words, SHANI_256_ORDER);
        n->x[i] = _mm_shuffle_epi8(words, order16);
    }
}

SHANI INSIDE void stream_add(Stream *n, const Stream *before)
{
    n->a += before->a;
    n->b += before->b;
    n->c += before->c;
    n->d += before->d;
    n->abcd = _mm_add_epi32(n->abcd, before->abcd);
    n->e = _mm_sha1nexte_epu32(n->e, before->e);
    n->abef = _mm_add_epi32(n->abef, before->abef);
    n->cdgh = _mm_add_epi32(n->cdgh, before->cdgh);
    n->at += DIGEST_BLOCK;
}

/* Four steps of each: q counts from 0 to 15, in SHA-1 to 19. */
#define MD5_CASE(q) case q: MD5_QUAD_##q(STEP) break;
INSIDE void md5_quad(Stream *n, const int q)
{
    const uint8_t *at = n->at;
    uint32_t a = n->a, b = n->b, c = n->c, d = n->d;
    switch (q) {
        MD5_CASE(0) MD5_CASE(1) MD5_CASE(2) MD5_CASE(3) MD5_CASE(4) MD5_CASE(5) MD5_CASE(6) MD5_CASE(7)
        MD5_CASE(8) MD5_CASE(9) MD5_CASE(10) MD5_CASE(11) MD5_CASE(12) MD5_CASE(13) MD5_CASE(14) MD5_CASE(15)
    }
    n->a = a;
    n->b = b;
    n->c = c;
    n->d = d;
}

SHANI INSIDE void sha256_quad(Stream *n, const int q)
{
    SHANI_256(q, n->abef, n->cdgh, n->w[q & 3], n->w[(q + 1) & 3], n->w[(q + 2) & 3], n->w[(q + 3) & 3]);
}

#define SHA1_CASE(k) case k: n->abcd = _mm_sha1rnds4_epu32(n->abcd, e, k); break;
SHANI INSIDE void sha1_quad(Stream *n, const int q)
{
    __m128i *x = &n->x[q & 3];
    if (q >= 4)
        *x = _mm_sha1msg2_epu32(
            _mm_xor_si128(_mm_sha1msg1_epu32(*x, n->x[(q + 1) & 3]), n->x[(q + 2) & 3]), n->x[(q + 3) & 3]);
    __m128i e = q == 0 ? _mm_add_epi32(n->e, *x) : _mm_sha1nexte_epu32(n->e, *x);
    n->e = n->abcd;
    switch (q / 5) {                           /* the instruction wants it as a constant */
        SHA1_CASE(0) SHA1_CASE(1) SHA1_CASE(2) SHA1_CASE(3)
    }
}

/* One stream waits for its MD5, two together for the SHA unit. */
SHANI INSIDE void shani_blocks(DigestState *const *s, const uint8_t *const *at, size_t blocks,
                               const int streams, const bool md5)
{
    Stream n[2];
    for (int i = 0; i < streams; i++)
        n[i] = stream_in(s[i], at[i]);
    for (; blocks > 0; blocks--) {
        Stream before[2];
#pragma GCC unroll 2
        for (int i = 0; i < streams; i++) {
            before[i] = n[i];
            stream_words(&n[i]);
        }
#pragma GCC unroll 16
        for (int q = 0; q < 16; q++) {
#pragma GCC unroll 2
            for (int i = 0; i < streams; i++)
                sha256_quad(&n[i], q);
#pragma GCC unroll 2
            for (int i = 0; i < streams; i++)
                if (md5)
                    md5_quad(&n[i], q);
#pragma GCC unroll 2
            for (int i = 0; i < streams; i++) {
                sha1_quad(&n[i], q + q / 4);
                if (q % 4 == 3)                /* twenty in the time of sixteen */
                    sha1_quad(&n[i], q + q / 4 + 1);
            }
        }
#pragma GCC unroll 2
        for (int i = 0; i < streams; i++)
            stream_add(&n[i], &before[i]);
    }
    for (int i = 0; i < streams; i++) {
        if (!md5)
            n[i].a = s[i]->md5[0], n[i].b = s[i]->md5[1], n[i].c = s[i]->md5[2], n[i].d = s[i]->md5[3];
        stream_out(s[i], &n[i]);
    }
}

SHANI static void shas_shani(DigestState *s, const uint8_t *at, size_t blocks)
{
    shani_blocks(&s, &at, blocks, 1, false);
}
SHANI static void all_shani(DigestState *s, const uint8_t *at, size_t blocks)
{
    shani_blocks(&s, &at, blocks, 1, true);
}
SHANI static void pair_shani(DigestState *const *s, const uint8_t *const *at, size_t blocks)
{
    shani_blocks(s, at, blocks, 2, true);
}
#endif

const DigestKernels *digest_kernels(int path)
{
    enum { WITHOUT_SHANI = DIGESTS_PATHS };
    static const DigestKernels table[DIGESTS_PATHS + 2] = {      /* in the order of DigestPath */
        { "portable", here_always,    all_portable, shas_portable, NULL,       NULL,         1,  1 },
#if defined(__x86_64__)
        { "sha-ni",   here_shani,     all_shani,    shas_shani,    pair_shani, NULL,         1,  1 },
        { "avx2",     here_avx2,      all_shani,    shas_shani,    pair_shani, lanes_avx2,   8,  6 },
        { "avx-512",  here_avx512,    all_shani,    shas_shani,    pair_shani, lanes_avx512, 16, 5 },
        /* From WITHOUT_SHANI on: the wide ones for a processor that lacks the SHA instructions. */
        { "avx2",     here_avx2,      all_portable, shas_portable, NULL,       lanes_avx2,   8,  1 },
        { "avx-512",  here_avx512,    all_portable, shas_portable, NULL,       lanes_avx512, 16, 1 },
#endif
    };
#if defined(__x86_64__)
    if (path >= DIGESTS_AVX2 && !here_shani())
        path += WITHOUT_SHANI - DIGESTS_AVX2;
#endif
    return &table[path];
}

