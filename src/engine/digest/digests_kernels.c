/* digests_kernels.c: the block functions, plain and by the widest instructions.
 *
 * A hash is a chain: each step waits for the last one. What a processor can do meanwhile is the whole gain
 * here:
 * 1. One stream: MD5 runs in whole registers, SHA-1 and SHA-256 in the SHA unit. Their steps are written
 *    alternately, so that all three chains are in flight at once and the time is that of the slowest.
 * 2. Many streams: MD5 takes one stream in each lane of a vector. The two SHA chains of a stream, alternately
 *    again, fill the one SHA unit; parts of MD5 between them find the vector units idle. */
#include "engine/digest/digests_kernels.h"
#include <string.h>
#include "engine/digest/digests.h"
#include "engine/digest/digests_md5.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

static const uint32_t K256[64] __attribute__((aligned(64))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

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

#define SHA256_WORD(i, x, y) \
    (w[(i) & 15] += w[((i) + 9) & 15] + (rol(x, 25) ^ rol(x, 14) ^ (x) >> 3) + \
                    (rol(y, 15) ^ rol(y, 13) ^ (y) >> 10))
#define SHA256_STEP(a, b, c, d, e, f, g, h, i) \
    h += (rol(e, 26) ^ rol(e, 21) ^ rol(e, 7)) + F_OF(e, f, g) + K256[i] + \
         ((i) < 16 ? (w[(i) & 15] = big32(at + 4 * ((i) & 15))) \
                   : SHA256_WORD(i, w[((i) + 1) & 15], w[((i) + 14) & 15])); \
    d += h; \
    h += (rol(a, 30) ^ rol(a, 19) ^ rol(a, 10)) + MAJ_OF(a, b, c);

static void sha256_portable(uint32_t s[8], const uint8_t *at, size_t blocks)
{
    for (; blocks > 0; blocks--, at += DIGEST_BLOCK) {
        uint32_t w[16], a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
        for (int i = 0; i < 64; i += 8) {
            SHA256_STEP(a, b, c, d, e, f, g, h, i) SHA256_STEP(h, a, b, c, d, e, f, g, i + 1)
            SHA256_STEP(g, h, a, b, c, d, e, f, i + 2) SHA256_STEP(f, g, h, a, b, c, d, e, i + 3)
            SHA256_STEP(e, f, g, h, a, b, c, d, i + 4) SHA256_STEP(d, e, f, g, h, a, b, c, i + 5)
            SHA256_STEP(c, d, e, f, g, h, a, b, i + 6) SHA256_STEP(b, c, d, e, f, g, h, a, i + 7)
        }
        const uint32_t end[8] = { a, b, c, d, e, f, g, h };
        for (int i = 0; i < 8; i++)
            s[i] += end[i];
    }
}

static void shas_portable(DigestState *s, const uint8_t *at, size_t blocks)
{
    sha1_portable(s->sha1, at, blocks);
    sha256_portable(s->sha256, at, blocks);
}

static void all_portable(DigestState *s, const uint8_t *at, size_t blocks)
{
    md5_portable(s->md5, at, blocks);
    shas_portable(s, at, blocks);
}

#if defined(__x86_64__)

/* ---- the SHA instructions ---- */

#define SHANI __attribute__((target("sha,sse4.1,ssse3")))

/* One stream's two SHA states as the instructions want them, and the message words of each. */
typedef struct Shani {
    __m128i abcd, e, e_last;                 /* SHA-1; e_last is the state four rounds ago */
    __m128i abef, cdgh;                      /* SHA-256 */
} Shani;

SHANI static inline Shani shani_in(const DigestState *s)
{
    Shani n;
    __m128i dcba = _mm_loadu_si128((const __m128i *)s->sha256);
    __m128i hgfe = _mm_loadu_si128((const __m128i *)(s->sha256 + 4));
    __m128i cdab = _mm_shuffle_epi32(dcba, 0xB1), efgh = _mm_shuffle_epi32(hgfe, 0x1B);
    n.abef = _mm_alignr_epi8(cdab, efgh, 8);
    n.cdgh = _mm_blend_epi16(efgh, cdab, 0xF0);
    n.abcd = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)s->sha1), 0x1B);
    n.e = _mm_set_epi32((int)s->sha1[4], 0, 0, 0);
    n.e_last = n.e;
    return n;
}

SHANI static inline void shani_out(DigestState *s, const Shani *n)
{
    __m128i feba = _mm_shuffle_epi32(n->abef, 0x1B), dchg = _mm_shuffle_epi32(n->cdgh, 0xB1);
    _mm_storeu_si128((__m128i *)s->sha256, _mm_blend_epi16(feba, dchg, 0xF0));
    _mm_storeu_si128((__m128i *)(s->sha256 + 4), _mm_alignr_epi8(dchg, feba, 8));
    _mm_storeu_si128((__m128i *)s->sha1, _mm_shuffle_epi32(n->abcd, 0x1B));
    s->sha1[4] = (uint32_t)_mm_extract_epi32(n->e, 3);
}

/* Four rounds of SHA-256, then four of SHA-1, for a quarter of the way through the sixteen words. The words
 * of SHA-1 run the other way round within a vector, so each keeps its own. */
#define SHA256_QUAD(q, w0, w1, w2, w3)                                                                       \
    do {                                                                                                     \
        if ((q) >= 4)                                                                                        \
            w0 = _mm_sha256msg2_epu32(                                                                       \
                _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4)), w3);                \
        __m128i wk = _mm_add_epi32(w0, _mm_load_si128((const __m128i *)(K256 + 4 * (q))));                   \
        cdgh = _mm_sha256rnds2_epu32(cdgh, abef, wk);                                                        \
        abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(wk, 0x0E));                               \
    } while (0)
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
        const __m128i swap4 = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);                    \
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

/* ---- lanes of MD5 ---- */

#undef STEP

#define AVX2 __attribute__((target("avx2")))

/* Eight rows of eight words become eight columns: word k of every lane in w[k]. */
AVX2 static inline void avx2_half(__m256i *w, const uint8_t *const *at, size_t offset)
{
    __m256i r[8], t[8], u[8];
    for (int i = 0; i < 8; i++)
        r[i] = _mm256_loadu_si256((const __m256i *)(at[i] + offset));
    for (int i = 0; i < 8; i += 2) {
        t[i] = _mm256_unpacklo_epi32(r[i], r[i + 1]);
        t[i + 1] = _mm256_unpackhi_epi32(r[i], r[i + 1]);
    }
    for (int g = 0; g < 8; g += 4) {
        u[g] = _mm256_unpacklo_epi64(t[g], t[g + 2]);
        u[g + 1] = _mm256_unpackhi_epi64(t[g], t[g + 2]);
        u[g + 2] = _mm256_unpacklo_epi64(t[g + 1], t[g + 3]);
        u[g + 3] = _mm256_unpackhi_epi64(t[g + 1], t[g + 3]);
    }
    for (int c = 0; c < 4; c++) {
        w[c] = _mm256_permute2x128_si256(u[c], u[4 + c], 0x20);
        w[4 + c] = _mm256_permute2x128_si256(u[c], u[4 + c], 0x31);
    }
}

#define VROL(x, s) _mm256_or_si256(_mm256_slli_epi32(x, s), _mm256_srli_epi32(x, 32 - (s)))
#define VNOT(x)    _mm256_xor_si256(x, _mm256_set1_epi32(-1))
#define VF(b, c, d) _mm256_xor_si256(d, _mm256_and_si256(b, _mm256_xor_si256(c, d)))
#define VG(b, c, d) _mm256_xor_si256(c, _mm256_and_si256(d, _mm256_xor_si256(b, c)))
#define VH(b, c, d) _mm256_xor_si256(b, _mm256_xor_si256(c, d))
#define VI(b, c, d) _mm256_xor_si256(c, _mm256_or_si256(b, VNOT(d)))
#define STEP(f, a, b, c, d, i, k, s)                                                                         \
    a = _mm256_add_epi32(                                                                                    \
        a, _mm256_add_epi32(_mm256_add_epi32(w[i], _mm256_set1_epi32((int)k)), V##f(b, c, d)));              \
    a = _mm256_add_epi32(VROL(a, s), b);

AVX2 static void md5_avx2(uint32_t *md5, const uint8_t *const *at, size_t blocks)
{
    __m256i *v = (__m256i *)md5;
    __m256i a = v[0], b = v[1], c = v[2], d = v[3];
    for (size_t n = 0; n < blocks; n++) {
        const __m256i a0 = a, b0 = b, c0 = c, d0 = d;
        __m256i w[16];
        avx2_half(w, at, n * DIGEST_BLOCK);
        avx2_half(w + 8, at, n * DIGEST_BLOCK + 32);
        MD5_ALL(STEP)
        a = _mm256_add_epi32(a, a0);
        b = _mm256_add_epi32(b, b0);
        c = _mm256_add_epi32(c, c0);
        d = _mm256_add_epi32(d, d0);
    }
    v[0] = a;
    v[1] = b;
    v[2] = c;
    v[3] = d;
}

#undef STEP
#define AVX512 __attribute__((target("avx512f,avx512bw")))

AVX512 static inline void avx512_words(__m512i *w, const uint8_t *const *at, size_t offset)
{
    __m512i r[16], t[16];
    for (int i = 0; i < 16; i++)
        r[i] = _mm512_loadu_si512(at[i] + offset);
    for (int i = 0; i < 16; i += 2) {
        t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
        t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
    }
    for (int g = 0; g < 16; g += 4) {
        r[g] = _mm512_unpacklo_epi64(t[g], t[g + 2]);
        r[g + 1] = _mm512_unpackhi_epi64(t[g], t[g + 2]);
        r[g + 2] = _mm512_unpacklo_epi64(t[g + 1], t[g + 3]);
        r[g + 3] = _mm512_unpackhi_epi64(t[g + 1], t[g + 3]);
    }
    for (int c = 0; c < 4; c++) {
        __m512i even_lo = _mm512_shuffle_i32x4(r[c], r[4 + c], 0x88);
        __m512i odd_lo = _mm512_shuffle_i32x4(r[c], r[4 + c], 0xDD);
        __m512i even_hi = _mm512_shuffle_i32x4(r[8 + c], r[12 + c], 0x88);
        __m512i odd_hi = _mm512_shuffle_i32x4(r[8 + c], r[12 + c], 0xDD);
        w[c] = _mm512_shuffle_i32x4(even_lo, even_hi, 0x88);
        w[4 + c] = _mm512_shuffle_i32x4(odd_lo, odd_hi, 0x88);
        w[8 + c] = _mm512_shuffle_i32x4(even_lo, even_hi, 0xDD);
        w[12 + c] = _mm512_shuffle_i32x4(odd_lo, odd_hi, 0xDD);
    }
}

/* The last argument of ternarylogic is the truth table of the three inputs. */
#define TABLE_F 0xCA
#define TABLE_G 0xE4
#define TABLE_H 0x96
#define TABLE_I 0x39
#define STEP(f, a, b, c, d, i, k, s) \
    a = _mm512_add_epi32(_mm512_add_epi32(a, _mm512_add_epi32(w[i], _mm512_set1_epi32((int)k))), \
                         _mm512_ternarylogic_epi32(b, c, d, TABLE_##f)); \
    a = _mm512_add_epi32(_mm512_rol_epi32(a, s), b);

AVX512 static void md5_avx512(uint32_t *md5, const uint8_t *const *at, size_t blocks)
{
    __m512i *v = (__m512i *)md5;
    __m512i a = v[0], b = v[1], c = v[2], d = v[3];
    for (size_t n = 0; n < blocks; n++) {
        const __m512i a0 = a, b0 = b, c0 = c, d0 = d;
        __m512i w[16];
        avx512_words(w, at, n * DIGEST_BLOCK);
        MD5_ALL(STEP)
        a = _mm512_add_epi32(a, a0);
        b = _mm512_add_epi32(b, b0);
        c = _mm512_add_epi32(c, c0);
        d = _mm512_add_epi32(d, d0);
    }
    v[0] = a;
    v[1] = b;
    v[2] = c;
    v[3] = d;
}

/* ---- the SHA instructions beside MD5 in vectors ---- */

/* One block of one stream, called between the parts of MD5 of all streams. */
SHANI static __attribute__((noinline)) void sha_one(Shani *state, const uint8_t *at)
{
    Shani n = *state;
    SHA_BLOCK(NOTHING_ELSE);
    *state = n;
}

/* While the SHA unit is at the block of stream q, the vector units take the q-th sixteenth of a block of MD5
 * in all lanes: neither waits for the other. */
#define LANE(q) MD5_QUAD_##q(STEP) sha_one(&sha[q], at[q] + n * DIGEST_BLOCK);

AVX512 static void lanes_avx512(uint32_t *md5, DigestState *const *state, const uint8_t *const *at,
                                size_t blocks)
{
    __m512i *v = (__m512i *)md5;
    __m512i a = v[0], b = v[1], c = v[2], d = v[3];
    Shani sha[16];
    for (int i = 0; i < 16; i++)
        sha[i] = shani_in(state[i]);
    for (size_t n = 0; n < blocks; n++) {
        const __m512i a0 = a, b0 = b, c0 = c, d0 = d;
        __m512i w[16];
        avx512_words(w, at, n * DIGEST_BLOCK);
        LANE(0) LANE(1) LANE(2) LANE(3) LANE(4) LANE(5) LANE(6) LANE(7)
        LANE(8) LANE(9) LANE(10) LANE(11) LANE(12) LANE(13) LANE(14) LANE(15)
        a = _mm512_add_epi32(a, a0);
        b = _mm512_add_epi32(b, b0);
        c = _mm512_add_epi32(c, c0);
        d = _mm512_add_epi32(d, d0);
    }
    v[0] = a;
    v[1] = b;
    v[2] = c;
    v[3] = d;
    for (int i = 0; i < 16; i++)
        shani_out(state[i], &sha[i]);
}

static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
}
static bool has_avx2(void) { return __builtin_cpu_supports("avx2"); }
static bool has_shani(void)
{
#if defined(__clang__)
    return false;   /* clang 14 cannot ask; it builds only the fuzz targets */
#else
    return __builtin_cpu_supports("sha") && __builtin_cpu_supports("sse4.1");
#endif
}
static bool has_both(void) { return has_avx512() && has_shani(); }
static bool has_avx2_only(void) { return has_avx2() && !has_shani(); }
#endif

static bool has_always(void) { return true; }

enum { WIDE_WITHOUT_SHANI = DIGESTS_PATHS };

const DigestKernels *digest_kernels(int path)
{
    static const DigestKernels table[DIGESTS_PATHS + 1] = {      /* in the order of DigestPath */
        { "portable", has_always,    all_portable, shas_portable, NULL,       NULL,         1,  1, 0  },
#if defined(__x86_64__)
        { "sha-ni",   has_shani,     all_shani,    shas_shani,    NULL,       NULL,         1,  1, 0  },
        { "avx2",     has_avx2,      all_shani,    shas_shani,    md5_avx2,   NULL,         8,  6, 0  },
        { "avx-512",  has_both,      all_shani,    shas_shani,    md5_avx512, lanes_avx512, 16, 5, 10 },
        { "avx2",     has_avx2_only, all_portable, shas_portable, md5_avx2,   NULL,         8,  1, 0  },
#endif
    };
#if defined(__x86_64__)
    if (path == DIGESTS_AVX2 && has_avx2_only())
        path = WIDE_WITHOUT_SHANI;
#endif
    return &table[path];
}
