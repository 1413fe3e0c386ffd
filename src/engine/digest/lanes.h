/* lanes.h: one block of each of many messages becomes sixteen vectors of words; for the kernels here.
 *
 * A vector holds the same word of every message, as the bytes lie in memory (low byte first). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of sha256.c. */
extern const uint32_t SHA256_K[64];            /* aligned to 64 bytes */
void sha256_block_portable(uint32_t state[8], const uint8_t *at);

/* Which instructions this processor has. */
static inline bool here_always(void) { return true; }

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2   __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f,avx512bw")))
#define SHANI  __attribute__((target("sha,sse4.1,ssse3")))

static inline bool here_avx2(void) { return __builtin_cpu_supports("avx2"); }
static inline bool here_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
}
static inline bool here_shani(void)
{
#if defined(__clang__)
    return false;   /* clang 14 cannot ask; it builds only the fuzz targets */
#else
    return __builtin_cpu_supports("sha") && __builtin_cpu_supports("sse4.1");
#endif
}

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

AVX2 static inline void avx2_words(__m256i *w, const uint8_t *const *at, size_t offset)
{
    avx2_half(w, at, offset);
    avx2_half(w + 8, at, offset + 32);
}

/* Words written high byte first. */
AVX2 static inline __m256i avx2_swap(__m256i x)
{
    const __m128i order = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    return _mm256_shuffle_epi8(x, _mm256_broadcastsi128_si256(order));
}

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

AVX512 static inline __m512i avx512_swap(__m512i x)
{
    const __m128i order = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    return _mm512_shuffle_epi8(x, _mm512_broadcast_i32x4(order));
}
#endif
