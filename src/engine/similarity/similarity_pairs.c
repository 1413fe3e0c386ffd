/* similarity_pairs.c: many pairs, several to a vector.
 *
 * Pairs are gathered by width until a vector is full, then a kernel does them all. What no kernel fits (empty
 * or long texts, a processor without) is done one by one, with the same answer. */
#include "engine/similarity/similarity_inside.h"
#include <string.h>

/* Quotients of small numbers, since three divisions would take longer than all the counting:
 * quotient[n][c] is c / n, rounded by the compiler as the processor would. */
enum { QUOTIENTS = 33 };
#define EIGHT(c, n)                                                                                          \
    (c) / n, (c + 1) / n, (c + 2) / n, (c + 3) / n, (c + 4) / n, (c + 5) / n, (c + 6) / n, (c + 7) / n
#define OF(n) { EIGHT(0., n), EIGHT(8., n), EIGHT(16., n), EIGHT(24., n), 32. / n }
static const double quotient[QUOTIENTS][QUOTIENTS] = {
    {0},    OF(1),  OF(2),  OF(3),  OF(4),  OF(5),  OF(6),  OF(7),  OF(8),  OF(9),  OF(10),
    OF(11), OF(12), OF(13), OF(14), OF(15), OF(16), OF(17), OF(18), OF(19), OF(20), OF(21),
    OF(22), OF(23), OF(24), OF(25), OF(26), OF(27), OF(28), OF(29), OF(30), OF(31), OF(32),
};

static inline double part(unsigned c, size_t n)
{
    return n < QUOTIENTS ? quotient[n][c] : c / (double)(int)n;
}

/* Half of an odd number moved would be no whole exchange: rounded down, so 2 * moved <= common holds. */
void jaro_of_many(const uint16_t *common, const uint16_t *moved, const uint16_t *prefix, const Str *a,
                  const Str *b, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++) {
        unsigned c = common[i];
        double   jaro = (part(c, a[i].len) + part(c, b[i].len) + part(c - moved[i] / 2u, c)) / 3;
        double   boost = prefix[i] * (jaro > 0.7) * 0.1;       /* no branch: it is as good as random */
        out[i] = jaro + boost * (1 - jaro);
    }
}

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2   __attribute__((target("avx2,bmi,bmi2")))
#define AVX512 __attribute__((target("avx2,bmi,bmi2,avx512f,avx512bw,avx512vl,avx512dq")))

/* Up to `width` bytes of a text with zeroes after, reading none beyond it: two overlapping pieces. */
static inline __attribute__((always_inline)) void copy_16(uint8_t out[16], Str s)
{
    uint64_t low = 0, high = 0;
    if (s.len >= 8) {
        memcpy(&low, s.at, 8);
        memcpy(&high, s.at + s.len - 8, 8);
        high = s.len == 8 ? 0 : high >> (8 * (16 - s.len));
    } else if (s.len >= 4) {
        uint32_t first, second;
        memcpy(&first, s.at, 4);
        memcpy(&second, s.at + s.len - 4, 4);
        low = first | (uint64_t)second << (8 * (s.len - 4));
    } else {
        low = (uint8_t)s.at[0] | (uint64_t)(uint8_t)s.at[s.len / 2] << (8 * (s.len / 2)) |
              (uint64_t)(uint8_t)s.at[s.len - 1] << (8 * (s.len - 1));
    }
    memcpy(out, &low, 8);
    memcpy(out + 8, &high, 8);
}

static inline __attribute__((always_inline)) void copy_32(uint8_t out[32], Str s)
{
    if (s.len <= 16) {
        copy_16(out, s);
        memset(out + 16, 0, 16);
    } else {
        memcpy(out, s.at, 16);
        copy_16(out + 16, (Str){ s.at + 16, s.len - 16 });
    }
}

/* ---- AVX2: 16 lanes of 16 symbols; 8 lanes of 32 */

#define copy_avx2_16 copy_16
#define copy_avx2_32 copy_32
#define LANE    uint16_t
#define WIDTH   16
#define VECTOR  32
#define TARGET  AVX2
#define NAME(x) x##_avx2_16
struct Batch_avx2_16;
static AVX2 void equal_avx2_16(struct Batch_avx2_16 *t, size_t n);
#include "engine/similarity/similarity_lanes.h"

static AVX2 void equal_avx2_16(Batch_avx2_16 *t, size_t n)
{
    for (size_t i = 0; i < n; i += 2) {      /* two pairs to a vector */
        __m256i a = _mm256_load_si256((const __m256i *)t->a[i]),
                b = _mm256_load_si256((const __m256i *)t->b[i]);
        for (size_t j = 0; j < t->columns; j++) {
            __m256i symbol = _mm256_shuffle_epi8(b, _mm256_set1_epi8((char)j));
            uint32_t same = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, symbol));
            memcpy(&t->eq[j][i], &same, sizeof same);
        }
    }
}

#define LANE    uint32_t
#define WIDTH   32
#define VECTOR  32
#define TARGET  AVX2
#define NAME(x) x##_avx2_32
struct Batch_avx2_32;
static AVX2 void equal_avx2_32(struct Batch_avx2_32 *t, size_t n);
#include "engine/similarity/similarity_lanes.h"

static AVX2 void equal_avx2_32(Batch_avx2_32 *t, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        __m256i a = _mm256_load_si256((const __m256i *)t->a[i]);
        for (size_t j = 0; j < t->columns; j++) {
            __m256i symbol = _mm256_set1_epi8((char)t->b[i][j]);
            t->eq[j][i] = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, symbol));
        }
    }
}

/* ---- AVX-512: 32 lanes of 16 symbols; 16 lanes of 32; 8 lanes of 64 */

static inline __attribute__((always_inline)) AVX512 void copy_avx512_16(uint8_t out[16], Str s)
{
    _mm_store_si128((__m128i *)out,
                    _mm_maskz_loadu_epi8((__mmask16)_bzhi_u32(0xFFFF, (unsigned)s.len), s.at));
}
static inline __attribute__((always_inline)) AVX512 void copy_avx512_32(uint8_t out[32], Str s)
{
    _mm256_store_si256((__m256i *)out, _mm256_maskz_loadu_epi8(_bzhi_u32(~0u, (unsigned)s.len), s.at));
}
static inline __attribute__((always_inline)) AVX512 void copy_avx512_64(uint8_t out[64], Str s)
{
    _mm512_store_si512(out, _mm512_maskz_loadu_epi8(_bzhi_u64(~UINT64_C(0), (unsigned)s.len), s.at));
}

#define LANE    uint16_t
#define WIDTH   16
#define VECTOR  64
#define TARGET  AVX512
#define NAME(x) x##_avx512_16
struct Batch_avx512_16;
static AVX512 void equal_avx512_16(struct Batch_avx512_16 *t, size_t n);
#include "engine/similarity/similarity_lanes.h"

static AVX512 void equal_avx512_16(Batch_avx512_16 *t, size_t n)
{
    for (size_t j = 0; j < t->columns; j++) {
        __m512i place = _mm512_set1_epi8((char)j);
        for (size_t i = 0; i < n; i += 4) {  /* four pairs to a vector */
            __m512i  symbol = _mm512_shuffle_epi8(_mm512_load_si512(t->b[i]), place);
            uint64_t same = _mm512_cmpeq_epi8_mask(_mm512_load_si512(t->a[i]), symbol);
            memcpy(&t->eq[j][i], &same, sizeof same);
        }
    }
}

#define LANE    uint32_t
#define WIDTH   32
#define VECTOR  64
#define TARGET  AVX512
#define NAME(x) x##_avx512_32
struct Batch_avx512_32;
static AVX512 void equal_avx512_32(struct Batch_avx512_32 *t, size_t n);
#include "engine/similarity/similarity_lanes.h"

static AVX512 void equal_avx512_32(Batch_avx512_32 *t, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        __m256i a = _mm256_load_si256((const __m256i *)t->a[i]);
        for (size_t j = 0; j < t->columns; j++)
            t->eq[j][i] = _mm256_cmpeq_epi8_mask(a, _mm256_set1_epi8((char)t->b[i][j]));
    }
}

#define LANE    uint64_t
#define WIDTH   64
#define VECTOR  64
#define TARGET  AVX512
#define NAME(x) x##_avx512_64
struct Batch_avx512_64;
static AVX512 void equal_avx512_64(struct Batch_avx512_64 *t, size_t n);
#include "engine/similarity/similarity_lanes.h"

static AVX512 void equal_avx512_64(Batch_avx512_64 *t, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        __m512i a = _mm512_load_si512(t->a[i]);
        for (size_t j = 0; j < t->columns; j++)
            t->eq[j][i] = _mm512_cmpeq_epi8_mask(a, _mm512_set1_epi8((char)t->b[i][j]));
    }
}

#define KERNEL(x, width) { LANES_##x, width, jaro_##x, levenshtein_##x, osa_##x }
static const SimKernel kernels[CPU__COUNT][3] = {
    [CPU_AVX2]   = { KERNEL(avx2_16, 16), KERNEL(avx2_32, 32) },
    [CPU_AVX512] = { KERNEL(avx512_16, 16), KERNEL(avx512_32, 32), KERNEL(avx512_64, 64) },
};
#else
static const SimKernel kernels[CPU__COUNT][3];
#endif

enum { WIDTHS = 3, LANES_MOST = 32, AHEAD = 24 };

/* Pairs waiting for a vector of their width to fill. */
typedef struct Waiting {
    const SimKernel *kernel;         /* NULL: none of this width */
    size_t n, place[LANES_MOST];
    Str    a[LANES_MOST], b[LANES_MOST];
} Waiting;

typedef enum Measure { JARO_WINKLER, LEVENSHTEIN, OSA } Measure;
typedef union Out { double *real; uint16_t *count; } Out;

static void flush(Waiting *w, Measure measure, Out out)
{
    double   real[LANES_MOST];
    uint16_t count[LANES_MOST];
    switch (measure) {
    case JARO_WINKLER: w->kernel->jaro(w->a, w->b, w->n, real); break;
    case LEVENSHTEIN:  w->kernel->levenshtein(w->a, w->b, w->n, count); break;
    case OSA:          w->kernel->osa(w->a, w->b, w->n, count); break;
    }
    for (size_t i = 0; i < w->n; i++)
        if (measure == JARO_WINKLER)
            out.real[w->place[i]] = real[i];
        else
            out.count[w->place[i]] = count[i];
    w->n = 0;
}

static void alone(Str a, Str b, Measure measure, Out out, size_t i)
{
    switch (measure) {
    case JARO_WINKLER: out.real[i] = sim_jaro_winkler(a, b); break;
    case LEVENSHTEIN:  out.count[i] = (uint16_t)sim_levenshtein(a, b); break;
    case OSA:          out.count[i] = (uint16_t)sim_osa(a, b); break;
    }
}

static inline __attribute__((always_inline)) void pairs(Cpu level, const Str *a, int a_step, const Str *b,
                                                        size_t n, Measure measure, Out out)
{
    Waiting waiting[WIDTHS];
    for (size_t k = 0; k < WIDTHS; k++) {
        waiting[k].kernel = sim_kernel(level, k);
        waiting[k].n = 0;
    }
    for (size_t i = 0; i < n; i++) {
        Str    x = a[a_step ? i : 0], y = b[i];
        if (i + AHEAD < n) {                 /* texts of a dictionary lie anywhere: begin to fetch them */
            __builtin_prefetch(a[a_step ? i + AHEAD : 0].at);
            __builtin_prefetch(b[i + AHEAD].at);
        }
        size_t longer = x.len > y.len ? x.len : y.len, k = longer <= 16 ? 0 : longer <= 32 ? 1 : 2;
        if (longer > 64 || !x.len || !y.len || !waiting[k].kernel) {
            alone(x, y, measure, out, i);
            continue;
        }
        Waiting *w = &waiting[k];
        w->place[w->n] = i;
        w->a[w->n] = x;
        w->b[w->n] = y;
        if (++w->n == w->kernel->lanes)
            flush(w, measure, out);
    }
    for (size_t k = 0; k < WIDTHS; k++)
        if (waiting[k].n)
            flush(&waiting[k], measure, out);
}

const SimKernel *sim_kernel(Cpu level, size_t i)
{
    return i < WIDTHS && kernels[level][i].lanes ? &kernels[level][i] : NULL;
}

void sim_jaro_winkler_pairs(Cpu level, const Str *a, int a_step, const Str *b, size_t n, double *out)
{
    pairs(level, a, a_step, b, n, JARO_WINKLER, (Out){ .real = out });
}

void sim_levenshtein_pairs(Cpu level, const Str *a, int a_step, const Str *b, size_t n, uint16_t *out)
{
    pairs(level, a, a_step, b, n, LEVENSHTEIN, (Out){ .count = out });
}

void sim_osa_pairs(Cpu level, const Str *a, int a_step, const Str *b, size_t n, uint16_t *out)
{
    pairs(level, a, a_step, b, n, OSA, (Out){ .count = out });
}
