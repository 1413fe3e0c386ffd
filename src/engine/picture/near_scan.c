/* near_scan.c: the whole table against many hashes at once.
 *
 * A pass over the table is bound by memory for one hash and by arithmetic for many, so rows are read once for
 * up to 64 hashes. With AVX-512 eight rows are turned on their side, word by word: then a word of eight rows
 * is one register, a hash's word is broadcast, and no sum runs across a register. Up to HALF_MAX bits, the
 * first 128 bits already rule out nearly every row, and only where they do not are all 256 compared. */
#include "engine/picture/near_inside.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { HALF_MAX = 44 };      /* random halves are 64 apart, give or take 5.7: about 1 in 4,000 is nearer */

/* ---- keeping the nearest */

static bool farther(const NearHit *a, const NearHit *b)
{
    return a->distance != b->distance ? a->distance > b->distance : a->row > b->row;
}

static void sift_down(NearHit *hits, size_t n, size_t at)
{
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && farther(&hits[child + 1], &hits[child]))
            child++;
        if (!farther(&hits[child], &hits[at]))
            return;
        NearHit t = hits[at];
        hits[at] = hits[child];
        hits[child] = t;
    }
}

void near_keep(NearKept *k, uint32_t row, uint32_t distance)
{
    NearHit hit = { row, distance };
    k->total++;
    if (k->n < k->cap) {
        if (k->n == k->room && k->mem)
            k->hits = arena_grow(k->mem, k->hits, k->n, &k->room, sizeof *k->hits);
        k->hits[k->n++] = hit;
        if (k->n == k->cap)
            for (size_t i = k->n / 2; i-- > 0;)
                sift_down(k->hits, k->n, i);
    } else if (k->n > 0 && farther(&k->hits[0], &hit)) {
        k->hits[0] = hit;
        sift_down(k->hits, k->n, 0);
    }
}

static int nearest_first(const void *a, const void *b)
{
    return farther(a, b) ? 1 : farther(b, a) ? -1 : 0;
}

void near_sort(NearKept *k)
{
    if (k->n > 1)
        qsort(k->hits, k->n, sizeof *k->hits, nearest_first);
}

/* ---- kernels: hashes are given as words, so that both sides are loaded alike */

typedef struct Words { uint64_t word[4]; } Words;
typedef void ScanRows(const NearTable *table, size_t from, const Words *hashes, size_t n, int distance,
                      NearKept *kept);

static inline __attribute__((always_inline)) void scan_words(const NearTable *table, size_t from,
                                                             const Words *hashes, size_t n, int distance,
                                                             NearKept *kept)
{
    for (size_t row = from; row < table->n; row++) {
        Words r;
        memcpy(&r, table->digests + 32 * row, sizeof r);
        for (size_t q = 0; q < n; q++) {
            const uint64_t *h = hashes[q].word;
            int apart = __builtin_popcountll(r.word[0] ^ h[0]) + __builtin_popcountll(r.word[1] ^ h[1]);
            if (apart > distance)
                continue;
            apart += __builtin_popcountll(r.word[2] ^ h[2]) + __builtin_popcountll(r.word[3] ^ h[3]);
            if (apart <= distance)
                near_keep(&kept[q], (uint32_t)row, (uint32_t)apart);
        }
    }
}

static void scan_portable(const NearTable *table, size_t from, const Words *hashes, size_t n, int distance,
                          NearKept *kept)
{
    scan_words(table, from, hashes, n, distance, kept);
}

#if defined(__x86_64__)
__attribute__((target("avx2,popcnt")))
static void scan_avx2(const NearTable *table, size_t from, const Words *hashes, size_t n, int distance,
                      NearKept *kept)
{
    scan_words(table, from, hashes, n, distance, kept);
}

#define AVX512                                                                                               \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vpopcntdq,avx512bitalg,popcnt")))

AVX512 static void tell(uint32_t row, unsigned lanes, __m512i apart, NearKept *kept)
{
    uint64_t far[8];
    _mm512_storeu_si512(far, apart);
    for (; lanes; lanes &= lanes - 1) {
        int lane = __builtin_ctz(lanes);
        near_keep(kept, row + (uint32_t)lane, (uint32_t)far[lane]);
    }
}

AVX512 static inline __m512i differ(__m512i words, uint64_t word)
{
    return _mm512_popcnt_epi64(_mm512_xor_si512(words, _mm512_set1_epi64((long long)word)));
}

/* Eight rows at `at` as words: w[i] has word i of each. */
AVX512 static inline void on_their_side(const uint8_t *at, __m512i w[4])
{
    __m512i a = _mm512_loadu_si512(at), b = _mm512_loadu_si512(at + 64);
    __m512i c = _mm512_loadu_si512(at + 128), d = _mm512_loadu_si512(at + 192);
    __m512i low = _mm512_setr_epi64(0, 4, 8, 12, 1, 5, 9, 13),
            high = _mm512_setr_epi64(2, 6, 10, 14, 3, 7, 11, 15);
    __m512i ab01 = _mm512_permutex2var_epi64(a, low, b), ab23 = _mm512_permutex2var_epi64(a, high, b);
    __m512i cd01 = _mm512_permutex2var_epi64(c, low, d), cd23 = _mm512_permutex2var_epi64(c, high, d);
    w[0] = _mm512_shuffle_i64x2(ab01, cd01, 0x44);
    w[1] = _mm512_shuffle_i64x2(ab01, cd01, 0xee);
    w[2] = _mm512_shuffle_i64x2(ab23, cd23, 0x44);
    w[3] = _mm512_shuffle_i64x2(ab23, cd23, 0xee);
}

AVX512 static void scan_avx512(const NearTable *table, size_t from, const Words *hashes, size_t n,
                               int distance, NearKept *kept)
{
    __m512i limit = _mm512_set1_epi64(distance);
    bool    half_first = distance <= HALF_MAX;
    size_t  row = from;
    for (; row + 8 <= table->n; row += 8) {
        __m512i w[4];
        on_their_side(table->digests + 32 * row, w);
        for (size_t q = 0; q < n; q++) {
            const uint64_t *h = hashes[q].word;
            __m512i apart = _mm512_add_epi64(differ(w[0], h[0]), differ(w[1], h[1]));
            if (half_first && _mm512_cmple_epu64_mask(apart, limit) == 0)
                continue;
            apart = _mm512_add_epi64(apart, _mm512_add_epi64(differ(w[2], h[2]), differ(w[3], h[3])));
            unsigned lanes = _mm512_cmple_epu64_mask(apart, limit);
            if (lanes)
                tell((uint32_t)row, lanes, apart, &kept[q]);
        }
    }
    scan_avx2(table, row, hashes, n, distance, kept);
}

static ScanRows *const scan_rows[CPU__COUNT] = { scan_portable, scan_avx2, scan_avx512 };
#else
static ScanRows *const scan_rows[CPU__COUNT] = { scan_portable, scan_portable, scan_portable };
#endif

void near_scan_kept(Cpu level, const NearTable *table, const uint8_t *hashes, size_t n, int distance,
                    NearKept *kept)
{
    Words words[NEAR_SCAN_QUERIES];
    assert(n <= NEAR_SCAN_QUERIES && table->n <= NEAR_ROWS_MAX);
    if (n > 0)
        memcpy(words, hashes, n * sizeof *words);
    scan_rows[level](table, 0, words, n, distance, kept);
}

void near_scan_by(Cpu level, const NearTable *table, const uint8_t *hashes, size_t n, int distance,
                  size_t cap, Arena *mem, NearFound *found)
{
    for (size_t at = 0; at < n; at += NEAR_SCAN_QUERIES) {
        NearKept kept[NEAR_SCAN_QUERIES] = {0};
        size_t   count = n - at < NEAR_SCAN_QUERIES ? n - at : NEAR_SCAN_QUERIES;
        for (size_t q = 0; q < count; q++)
            kept[q] = (NearKept){ .mem = mem, .cap = cap };
        near_scan_kept(level, table, hashes + 32 * at, count, distance, kept);
        for (size_t q = 0; q < count; q++) {
            near_sort(&kept[q]);
            found[at + q] = (NearFound){ kept[q].hits, (uint32_t)kept[q].n, (uint32_t)kept[q].total };
        }
    }
}

void near_scan(const NearTable *table, const uint8_t *hashes, size_t n, int distance, size_t cap, Arena *mem,
               NearFound *found)
{
    near_scan_by(cpu_best(), table, hashes, n, distance, cap, mem, found);
}
