/* digests_kernels.c: the block functions of one stream, plain and by the SHA instructions.
 *
 * A hash is a chain: each step waits for the last one. MD5 runs in whole registers, SHA-1 and SHA-256 in the
 * SHA unit. Their steps are written alternately, so that all three chains are in flight at once and the time
 * is that of the slowest. That is MD5: a step of F or I takes five operations one after another, one of G or
 * H four, so 288 cycles a block at the least, which is what is measured. Vectors, whose every operation takes
 * two cycles there (Zen 5), need 640. */
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

/* One stream's two SHA states as the instructions want them, and the message words of each. */
typedef struct Shani {
    __m128i abcd, e, e_last;                 /* SHA-1; e_last is the state four rounds ago */
    __m128i abef, cdgh;                      /* SHA-256 */
} Shani;

SHANI static inline Shani shani_in(const DigestState *s)
{
    Shani n;
    shani_256_in(s->sha256, &n.abef, &n.cdgh);
    n.abcd = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)s->sha1), 0x1B);
    n.e = _mm_set_epi32((int)s->sha1[4], 0, 0, 0);
    n.e_last = n.e;
    return n;
}

SHANI static inline void shani_out(DigestState *s, const Shani *n)
{
    shani_256_out(s->sha256, n->abef, n->cdgh);
    _mm_storeu_si128((__m128i *)s->sha1, _mm_shuffle_epi32(n->abcd, 0x1B));
    s->sha1[4] = (uint32_t)_mm_extract_epi32(n->e, 3);
}

/* Four rounds of SHA-256, then four of SHA-1, for a quarter of the way through the sixteen words. The words
 * of SHA-1 run the other way round within a vector, so each keeps its own. */
#define SHA256_QUAD(q, w0, w1, w2, w3) SHANI_256(q, abef, cdgh, w0, w1, w2, w3)
#define SHA1_QUAD(q, x0, x1, x2, x3) do { \
    if ((q) >= 4) \
        x0 = _mm_sha1msg2_epu32(_mm_xor_si128(_mm_sha1msg1_epu32(x0, x1), x2), x3); \
    __m128i ew = (q) == 0 ? _mm_add_epi32(e, x0) : _mm_sha1nexte_epu32(e, x0); \
    e = abcd; \
    abcd = _mm_sha1rnds4_epu32(abcd, ew, (q) / 5); } while (0)

/* Sixteen slots of a block: `M(q)` is what else goes in a slot. SHA-1 has twenty quads, so every fourth slot
 * has two. */
#define SHA_SLOTS(M) \
    SHA256_QUAD(0, w0, w1, w2, w3);  M(0)  SHA1_QUAD(0, x0, x1, x2, x3); \
    SHA256_QUAD(1, w1, w2, w3, w0);  M(1)  SHA1_QUAD(1, x1, x2, x3, x0); \
    SHA256_QUAD(2, w2, w3, w0, w1);  M(2)  SHA1_QUAD(2, x2, x3, x0, x1); \
    SHA256_QUAD(3, w3, w0, w1, w2);  M(3)  SHA1_QUAD(3, x3, x0, x1, x2);  SHA1_QUAD(4, x0, x1, x2, x3); \
    SHA256_QUAD(4, w0, w1, w2, w3);  M(4)  SHA1_QUAD(5, x1, x2, x3, x0); \
    SHA256_QUAD(5, w1, w2, w3, w0);  M(5)  SHA1_QUAD(6, x2, x3, x0, x1); \
    SHA256_QUAD(6, w2, w3, w0, w1);  M(6)  SHA1_QUAD(7, x3, x0, x1, x2); \
    SHA256_QUAD(7, w3, w0, w1, w2);  M(7)  SHA1_QUAD(8, x0, x1, x2, x3);  SHA1_QUAD(9, x1, x2, x3, x0); \
    SHA256_QUAD(8, w0, w1, w2, w3);  M(8)  SHA1_QUAD(10, x2, x3, x0, x1); \
    SHA256_QUAD(9, w1, w2, w3, w0);  M(9)  SHA1_QUAD(11, x3, x0, x1, x2); \
    SHA256_QUAD(10, w2, w3, w0, w1); M(10) SHA1_QUAD(12, x0, x1, x2, x3); \
    SHA256_QUAD(11, w3, w0, w1, w2); M(11) SHA1_QUAD(13, x1, x2, x3, x0); SHA1_QUAD(14, x2, x3, x0, x1); \
    SHA256_QUAD(12, w0, w1, w2, w3); M(12) SHA1_QUAD(15, x3, x0, x1, x2); \
    SHA256_QUAD(13, w1, w2, w3, w0); M(13) SHA1_QUAD(16, x0, x1, x2, x3); \
    SHA256_QUAD(14, w2, w3, w0, w1); M(14) SHA1_QUAD(17, x1, x2, x3, x0); \
    SHA256_QUAD(15, w3, w0, w1, w2); M(15) SHA1_QUAD(18, x2, x3, x0, x1); SHA1_QUAD(19, x3, x0, x1, x2);

#define SHA_WORD(i, swap) _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(at + 16 * (i))), swap)

#define SHA_BLOCK(M)                                                                                         \
    do {                                                                                                     \
        const __m128i swap4 = SHANI_256_ORDER;                                                               \
        const __m128i swap16 = _mm_set_epi64x(0x0001020304050607LL, 0x08090a0b0c0d0e0fLL);                   \
        const __m128i abcd0 = n.abcd, e0 = n.e, abef0 = n.abef, cdgh0 = n.cdgh;                              \
        __m128i abcd = n.abcd, e = n.e, abef = n.abef, cdgh = n.cdgh;                                        \
        __m128i w0 = SHA_WORD(0, swap4), w1 = SHA_WORD(1, swap4), w2 = SHA_WORD(2, swap4),                   \
                w3 = SHA_WORD(3, swap4);                                                                     \
        __m128i x0 = SHA_WORD(0, swap16), x1 = SHA_WORD(1, swap16), x2 = SHA_WORD(2, swap16),                \
                x3 = SHA_WORD(3, swap16);                                                                    \
        SHA_SLOTS(M)                                                                                         \
        n.abcd = _mm_add_epi32(abcd, abcd0);                                                                 \
        n.e = _mm_sha1nexte_epu32(e, e0);                                                                    \
        n.abef = _mm_add_epi32(abef, abef0);                                                                 \
        n.cdgh = _mm_add_epi32(cdgh, cdgh0);                                                                 \
    } while (0)

#define NOTHING_ELSE(q)
#define MD5_BESIDE(q) MD5_QUAD_##q(STEP)

SHANI static void shas_shani(DigestState *s, const uint8_t *at, size_t blocks)
{
    Shani n = shani_in(s);
    for (; blocks > 0; blocks--, at += DIGEST_BLOCK)
        SHA_BLOCK(NOTHING_ELSE);
    shani_out(s, &n);
}

SHANI static void all_shani(DigestState *s, const uint8_t *at, size_t blocks)
{
    uint32_t a = s->md5[0], b = s->md5[1], c = s->md5[2], d = s->md5[3];
    Shani n = shani_in(s);
    for (; blocks > 0; blocks--, at += DIGEST_BLOCK) {
        const uint32_t a0 = a, b0 = b, c0 = c, d0 = d;
        SHA_BLOCK(MD5_BESIDE);
        a += a0;
        b += b0;
        c += c0;
        d += d0;
    }
    shani_out(s, &n);
    s->md5[0] = a;
    s->md5[1] = b;
    s->md5[2] = c;
    s->md5[3] = d;
}
#endif

const DigestKernels *digest_kernels(int path)
{
    enum { WITHOUT_SHANI = DIGESTS_PATHS };
    static const DigestKernels table[DIGESTS_PATHS + 2] = {      /* in the order of DigestPath */
        { "portable", here_always,    all_portable, shas_portable, NULL,             1,  1 },
#if defined(__x86_64__)
        { "sha-ni",   here_shani,     all_shani,    shas_shani,    NULL,             1,  1 },
        { "avx2",     here_avx2,      all_shani,    shas_shani,    lanes_avx2,       8,  6 },
        { "avx-512",  here_avx512,    all_shani,    shas_shani,    lanes_avx512,     16, 5 },
        /* From WITHOUT_SHANI on: the wide ones for a processor that lacks the SHA instructions. */
        { "avx2",     here_avx2,      all_portable, shas_portable, lanes_avx2,       8,  1 },
        { "avx-512",  here_avx512,    all_portable, shas_portable, lanes_avx512,     16, 1 },
#endif
    };
#if defined(__x86_64__)
    if (path >= DIGESTS_AVX2 && !here_shani())
        path += WITHOUT_SHANI - DIGESTS_AVX2;
#endif
    return &table[path];
}

