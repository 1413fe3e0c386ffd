/* shani.h: SHA-256 by the SHA instructions, four rounds at a time; for the kernels of this folder. */
#pragma once
#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>
#include "engine/digest/lanes.h"

/* The instructions want the state as ABEF and CDGH. */
SHANI static inline void shani_256_in(const uint32_t *s, __m128i *abef, __m128i *cdgh)
{
    __m128i dcba = _mm_loadu_si128((const __m128i *)s), hgfe = _mm_loadu_si128((const __m128i *)(s + 4));
    __m128i cdab = _mm_shuffle_epi32(dcba, 0xB1), efgh = _mm_shuffle_epi32(hgfe, 0x1B);
    *abef = _mm_alignr_epi8(cdab, efgh, 8);
    *cdgh = _mm_blend_epi16(efgh, cdab, 0xF0);
}

SHANI static inline void shani_256_out(uint32_t *s, __m128i abef, __m128i cdgh)
{
    __m128i feba = _mm_shuffle_epi32(abef, 0x1B), dchg = _mm_shuffle_epi32(cdgh, 0xB1);
    _mm_storeu_si128((__m128i *)s, _mm_blend_epi16(feba, dchg, 0xF0));
    _mm_storeu_si128((__m128i *)(s + 4), _mm_alignr_epi8(dchg, feba, 8));
}

/* How the bytes of four words are put before the first round. */
#define SHANI_256_ORDER _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL)

/* Rounds 4q .. 4q + 3. w0 .. w3 are the last sixteen words, of which w0 is the oldest and is replaced. */
#define SHANI_256(q, abef, cdgh, w0, w1, w2, w3)                                                             \
    do {                                                                                                     \
        if ((q) >= 4)                                                                                        \
            w0 = _mm_sha256msg2_epu32(                                                                       \
                _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4)), w3);                \
        __m128i wk = _mm_add_epi32(w0, _mm_load_si128((const __m128i *)(SHA256_K + 4 * (q))));               \
        cdgh = _mm_sha256rnds2_epu32(cdgh, abef, wk);                                                        \
        abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(wk, 0x0E));                               \
    } while (0)
#endif
