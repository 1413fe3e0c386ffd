/* digests_lanes.c: the block functions of many streams, one in each lane of a vector.
 *
 * With AVX-512 all three digests are taken in vectors. Any one of them would leave the vector units waiting
 * for its own last step (two cycles an operation), so a few steps of each are
 * written in turn: three chains in flight, and half the time of the SHA instructions, of which a processor
 * has one unit. With AVX2, which has neither rotations nor functions of three inputs, only MD5 gains. */
#include "engine/digest/digests_kernels.h"
#include <string.h>
#include "engine/digest/digests_md5.h"
#include "engine/digest/lanes.h"
#include "engine/digest/sha256_rounds.h"

enum { MD5_AT = 0, SHA1_AT = 4, SHA256_AT = 9 };   /* rows of a state */

void digest_closing(const uint8_t *md5, uint8_t shas[DIGEST_BLOCK])
{
    memcpy(shas, md5, DIGEST_BLOCK - 8);
    for (int i = 1; i <= 8; i++)
        shas[DIGEST_BLOCK - i] = md5[DIGEST_BLOCK - 9 + i];
}

#if defined(__x86_64__)

/* ---- AVX2: MD5 in eight lanes, then the others lane by lane ---- */

enum { AVX2_LANES = 8 };

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

AVX2 static void md5_avx2(uint32_t *word, const uint8_t *const *at, size_t blocks)
{
    __m256i *v = (__m256i *)word;
    __m256i a = v[0], b = v[1], c = v[2], d = v[3];
    for (size_t n = 0; n < blocks; n++) {
        __m256i w[16];
        avx2_words(w, at, n * DIGEST_BLOCK);
        MD5_ALL(STEP)
        v[0] = a = _mm256_add_epi32(a, v[0]);
        v[1] = b = _mm256_add_epi32(b, v[1]);
        v[2] = c = _mm256_add_epi32(c, v[2]);
        v[3] = d = _mm256_add_epi32(d, v[3]);
    }
}

static void lane_shas(DigestLanes *l, size_t lane, size_t blocks, DigestShas *shas)
{
    DigestState s;
    uint32_t word[DIGEST_WORDS];
    bool closing = l->closing >> lane & 1;
    for (size_t i = SHA1_AT; i < DIGEST_WORDS; i++)
        word[i] = l->word[i * AVX2_LANES + lane];
    memcpy(s.sha1, word + SHA1_AT, sizeof s.sha1);
    memcpy(s.sha256, word + SHA256_AT, sizeof s.sha256);
    shas(&s, l->at[lane], blocks - closing);
    if (closing) {
        uint8_t last[DIGEST_BLOCK];
        digest_closing(l->at[lane] + (blocks - 1) * DIGEST_BLOCK, last);
        shas(&s, last, 1);
    }
    memcpy(word + SHA1_AT, s.sha1, sizeof s.sha1);
    memcpy(word + SHA256_AT, s.sha256, sizeof s.sha256);
    for (size_t i = SHA1_AT; i < DIGEST_WORDS; i++)
        l->word[i * AVX2_LANES + lane] = word[i];
}

void lanes_avx2(DigestLanes *l, size_t blocks, DigestShas *shas)
{
    md5_avx2(l->word + MD5_AT * AVX2_LANES, l->at, blocks);
    for (size_t lane = 0; lane < AVX2_LANES; lane++)
        if (l->live >> lane & 1)
            lane_shas(l, lane, blocks, shas);
}

/* ---- AVX-512: all three in sixteen lanes ---- */

#undef VROL
#undef STEP

/* The last argument of ternarylogic is the truth table of the three inputs. */
#define VEC            __m512i
#define VTABLE         _mm512_ternarylogic_epi32
#define VADD(x, y)     _mm512_add_epi32(x, y)
#define VSET(k)        _mm512_set1_epi32((int)(k))
#define VROL(x, n)     _mm512_rol_epi32(x, n)
#define VROR(x, n)     _mm512_ror_epi32(x, n)
#define VSHR(x, n)     _mm512_srli_epi32(x, n)
#define VXOR3(x, y, z) VTABLE(x, y, z, 0x96)
#define VCH(x, y, z)   VTABLE(x, y, z, 0xCA)
#define VMAJ(x, y, z)  VTABLE(x, y, z, 0xE8)
#define VMD5_F(b, c, d) VTABLE(b, c, d, 0xCA)
#define VMD5_G(b, c, d) VTABLE(b, c, d, 0xE4)
#define VMD5_H(b, c, d) VTABLE(b, c, d, 0x96)
#define VMD5_I(b, c, d) VTABLE(b, c, d, 0x39)

#define STEP(f, a, b, c, d, i, k, s) \
    a = VADD(VADD(a, VADD(m[i], VSET(k))), VMD5_##f(b, c, d)); \
    a = VADD(VROL(a, s), b);

#define SHA1_STEP(a, b, c, d, e, i, mix, k) \
    if ((i) >= 16) \
        x[(i) & 15] = VROL(_mm512_xor_si512(x[(i) & 15], VXOR3(x[((i) + 13) & 15], x[((i) + 8) & 15], \
                                                               x[((i) + 2) & 15])), 1); \
    e = VADD(VADD(VADD(e, VADD(x[(i) & 15], VSET(k))), mix(b, c, d)), VROL(a, 5)); \
    b = VROL(b, 30);
#define SHA1_FIVE(i, mix, k) \
    SHA1_STEP(a1, b1, c1, d1, e1, (i), mix, k) SHA1_STEP(e1, a1, b1, c1, d1, (i) + 1, mix, k) \
    SHA1_STEP(d1, e1, a1, b1, c1, (i) + 2, mix, k) SHA1_STEP(c1, d1, e1, a1, b1, (i) + 3, mix, k) \
    SHA1_STEP(b1, c1, d1, e1, a1, (i) + 4, mix, k)

#define SHA2_STEP(a, b, c, d, e, f, g, h, i) \
    if ((i) >= 16) \
        SHA256_NEXT(y, (i) & 15); \
    SHA256_ROUND(a, b, c, d, e, f, g, h, y[(i) & 15], SHA256_K[i]);
#define SHA2_EVEN(i) \
    SHA2_STEP(a2, b2, c2, d2, e2, f2, g2, h2, (i)) SHA2_STEP(h2, a2, b2, c2, d2, e2, f2, g2, (i) + 1) \
    SHA2_STEP(g2, h2, a2, b2, c2, d2, e2, f2, (i) + 2) SHA2_STEP(f2, g2, h2, a2, b2, c2, d2, e2, (i) + 3)
#define SHA2_ODD(i) \
    SHA2_STEP(e2, f2, g2, h2, a2, b2, c2, d2, (i)) SHA2_STEP(d2, e2, f2, g2, h2, a2, b2, c2, (i) + 1) \
    SHA2_STEP(c2, d2, e2, f2, g2, h2, a2, b2, (i) + 2) SHA2_STEP(b2, c2, d2, e2, f2, g2, h2, a2, (i) + 3)

/* The sixteen parts of a block: four steps of MD5, five of SHA-1, four of SHA-256. */
#define PART(q, half, mix, k) MD5_QUAD_##q(STEP) SHA1_FIVE(5 * (q), mix, k) SHA2_##half(4 * (q))

/* One word of all lanes after another; the closing block has the length's two words exchanged, and as they
 * are. */
AVX512 static inline void sha_words(__m512i *x, const __m512i *m, __mmask16 closing)
{
    for (int i = 0; i < 16; i++)
        x[i] = avx512_swap(m[i]);
    x[14] = _mm512_mask_mov_epi32(x[14], closing, m[15]);
    x[15] = _mm512_mask_mov_epi32(x[15], closing, m[14]);
}

enum { AHEAD_BYTES = 2 * DIGEST_BLOCK };       /* sixteen streams are more than are foreseen by themselves */

AVX512 void lanes_avx512(DigestLanes *l, size_t blocks, DigestShas *shas)
{
    (void)shas;
    __m512i *v = (__m512i *)l->word;
    __m512i a = v[0], b = v[1], c = v[2], d = v[3];
    __m512i a1 = v[4], b1 = v[5], c1 = v[6], d1 = v[7], e1 = v[8];
    __m512i a2 = v[9], b2 = v[10], c2 = v[11], d2 = v[12], e2 = v[13], f2 = v[14], g2 = v[15], h2 = v[16];
    for (size_t n = 0; n < blocks; n++) {
        __m512i m[16], x[16], y[16];
        avx512_words(m, l->at, n * DIGEST_BLOCK);
        for (int i = 0; i < 16; i++)
            _mm_prefetch((const char *)l->at[i] + n * DIGEST_BLOCK + AHEAD_BYTES, _MM_HINT_T0);
        sha_words(x, m, (__mmask16)(n + 1 == blocks ? l->closing : 0));
        memcpy(y, x, sizeof y);
        PART(0, EVEN, VCH, 0x5a827999)    PART(1, ODD, VCH, 0x5a827999)
        PART(2, EVEN, VCH, 0x5a827999)    PART(3, ODD, VCH, 0x5a827999)
        PART(4, EVEN, VXOR3, 0x6ed9eba1)  PART(5, ODD, VXOR3, 0x6ed9eba1)
        PART(6, EVEN, VXOR3, 0x6ed9eba1)  PART(7, ODD, VXOR3, 0x6ed9eba1)
        PART(8, EVEN, VMAJ, 0x8f1bbcdc)   PART(9, ODD, VMAJ, 0x8f1bbcdc)
        PART(10, EVEN, VMAJ, 0x8f1bbcdc)  PART(11, ODD, VMAJ, 0x8f1bbcdc)
        PART(12, EVEN, VXOR3, 0xca62c1d6) PART(13, ODD, VXOR3, 0xca62c1d6)
        PART(14, EVEN, VXOR3, 0xca62c1d6) PART(15, ODD, VXOR3, 0xca62c1d6)
        v[0] = a = VADD(a, v[0]);
        v[1] = b = VADD(b, v[1]);
        v[2] = c = VADD(c, v[2]);
        v[3] = d = VADD(d, v[3]);
        v[4] = a1 = VADD(a1, v[4]);
        v[5] = b1 = VADD(b1, v[5]);
        v[6] = c1 = VADD(c1, v[6]);
        v[7] = d1 = VADD(d1, v[7]);
        v[8] = e1 = VADD(e1, v[8]);
        v[9] = a2 = VADD(a2, v[9]);
        v[10] = b2 = VADD(b2, v[10]);
        v[11] = c2 = VADD(c2, v[11]);
        v[12] = d2 = VADD(d2, v[12]);
        v[13] = e2 = VADD(e2, v[13]);
        v[14] = f2 = VADD(f2, v[14]);
        v[15] = g2 = VADD(g2, v[15]);
        v[16] = h2 = VADD(h2, v[16]);
    }
}
#endif
