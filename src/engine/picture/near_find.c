/* near_find.c: looking in the index. What it does and why nothing is missed: near_inside.h.
 *
 * The work is waiting for memory, 272 places of it for a hash. So hashes are taken in blocks, and a block
 * looks at chunk 0 for all its hashes, then chunk 1, and so on, each time in the order of that chunk's
 * values: the probes of one hash lie beside those of the one before, and a large block reads the index in
 * seventeen streams instead of at random. While one hash's probes are read, those of the next are fetched. */
#include "engine/picture/near_inside.h"
#include <assert.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum {
    BLOCK = 16384, /* hashes */
    FEW = 64,
    SIFT_VECTORS = 256,
    PLACES_MAX = 32 * SIFT_VECTORS,
    CANDIDATES = 2 * PLACES_MAX,
    PROBES_PAY = 47, /* up to this distance for any number of hashes; beyond it for fewer than */
    SCAN_PAYS = 8,   /* so many, since reading the whole table once serves all of them */
};

/* One hash's probes of one chunk, and how far they have been read. */
typedef struct Sift {
    const NearMasks *masks;
    const uint32_t *start;
    const uint16_t *next;
    uint16_t key, want;             /* this chunk and the next one of the hash */
    int      limit;                 /* bits that both may differ in together */
    int      probe, probes;
    uint32_t query;
    uint32_t done;                  /* rows of the probe that have been read */
} Sift;

typedef struct Candidate { uint32_t row, query; } Candidate;

typedef struct Kernels {
    size_t (*sift)(Sift *s, uint32_t *place);
    void (*weigh)(const NearTable *table, const uint8_t *hashes, const Candidate *at, size_t n,
                  uint16_t *apart);
} Kernels;

/* ---- kernels */

/* Bits in each of four chunks. */
static uint64_t count_four(uint64_t x)
{
    x -= x >> 1 & 0x5555555555555555u;
    x = (x & 0x3333333333333333u) + (x >> 2 & 0x3333333333333333u);
    x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return (x + (x >> 8)) & 0x00ff00ff00ff00ffu;
}

static uint32_t near32_portable(const uint16_t *at, uint64_t want, int limit)
{
    const uint64_t ones = 0x0001000100010001u;
    uint32_t near = 0;
    for (int i = 0; i < 8; i++) {               /* four chunks in a word */
        uint64_t x;
        memcpy(&x, at + 4 * i, sizeof x);
        uint64_t within = ((uint64_t)(limit + 0x8000) * ones - count_four(x ^ want)) & 0x8000800080008000u;
        for (int lane = 0; lane < 4; lane++)
            near |= (uint32_t)(within >> (16 * lane + 15) & 1) << (4 * i + lane);
    }
    return near;
}

#define SIFT_NAME(x)  x##_portable
#define SIFT_TARGET
#define WANT          uint64_t
#define SPREAD(x)     ((uint64_t)(x) * 0x0001000100010001u)
#define NEAR32        near32_portable
#include "engine/picture/near_sift.h"

#if defined(__x86_64__)
#define AVX2   __attribute__((target("avx2,popcnt,bmi")))
#define AVX512                                                                                               \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vpopcntdq,avx512bitalg,popcnt,bmi")))

AVX2 static inline __m256i far16_avx2(const uint16_t *at, __m256i want, __m256i limit)
{
    const __m256i counts = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,
                                            0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    const __m256i nibble = _mm256_set1_epi8(15);
    __m256i x = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)(const void *)at), want);
    __m256i low = _mm256_shuffle_epi8(counts, _mm256_and_si256(x, nibble));
    __m256i high = _mm256_shuffle_epi8(counts, _mm256_and_si256(_mm256_srli_epi16(x, 4), nibble));
    __m256i bits = _mm256_maddubs_epi16(_mm256_add_epi8(low, high), _mm256_set1_epi8(1));
    return _mm256_cmpgt_epi16(bits, limit);
}

AVX2 static inline uint32_t near32_avx2(const uint16_t *at, __m256i want, int limit)
{
    __m256i most = _mm256_set1_epi16((short)limit);
    __m256i far = _mm256_packs_epi16(far16_avx2(at, want, most), far16_avx2(at + 16, want, most));
    return ~(uint32_t)_mm256_movemask_epi8(_mm256_permute4x64_epi64(far, 0xd8));
}

#define SIFT_NAME(x)  x##_avx2
#define SIFT_TARGET   AVX2
#define WANT          __m256i
#define SPREAD(x)     _mm256_set1_epi16((short)(x))
#define NEAR32        near32_avx2
#include "engine/picture/near_sift.h"

AVX512 static inline uint32_t near32_avx512(const uint16_t *at, __m512i want, int limit)
{
    __m512i bits = _mm512_popcnt_epi16(_mm512_xor_si512(_mm512_loadu_si512(at), want));
    return _mm512_cmple_epi16_mask(bits, _mm512_set1_epi16((short)limit));
}

#define SIFT_NAME(x)  x##_avx512
#define SIFT_TARGET   AVX512
#define WANT          __m512i
#define SPREAD(x)     _mm512_set1_epi16((short)(x))
#define NEAR32        near32_avx512
#include "engine/picture/near_sift.h"

static const Kernels kernels[CPU__COUNT] = {
    { sift_portable, weigh_portable }, { sift_avx2, weigh_avx2 }, { sift_avx512, weigh_avx512 },
};
#else
static const Kernels kernels[CPU__COUNT] = {
    { sift_portable, weigh_portable }, { sift_portable, weigh_portable }, { sift_portable, weigh_portable },
};
#endif

/* ---- one block of hashes */

typedef struct Search {
    const NearIndex *index;
    const Kernels   *kernel;
    const uint8_t   *hashes;
    size_t           n;
    int              distance;
    NearKept        *kept;                      /* one for each hash, as are the next four */
    uint16_t       (*key)[NEAR_CHUNKS];
    uint8_t        (*budget)[NEAR_CHUNKS];
    uint32_t        *order, *spare;             /* hashes by their value of the chunk in hand */
    NearMasks        masks;
    Candidate        candidate[CANDIDATES];
    size_t           candidates;
} Search;

static int budget_of(const Search *s, size_t query, int c) { return s->budget[query][c % NEAR_CHUNKS]; }

/* A row may obey the ring rule in several chunks, and is told by the first. */
static bool is_first(const Search *s, size_t query, const uint8_t *digest, int chunk)
{
    uint64_t row[4], hash[4];
    uint16_t apart[NEAR_CHUNKS];
    const uint8_t *budget = s->budget[query];
    memcpy(row, digest, sizeof row);
    memcpy(hash, s->hashes + 32 * query, sizeof hash);
    for (int i = 0; i < 4; i++)
        row[i] = count_four(row[i] ^ hash[i]);
    memcpy(apart, row, sizeof apart);
    for (int c = 0; c < chunk; c++)
        if (apart[c] < budget[c] && apart[c] + apart[c + 1] < budget[c] + budget[c + 1])
            return false;
    return true;
}

static void tell_candidates(Search *s, int chunk)
{
    uint16_t apart[CANDIDATES];
    const NearTable *table = &s->index->table;
    const uint32_t  *row = s->index->row[chunk];
    enum { AHEAD = 24 };
    for (size_t i = 0; row && i < s->candidates; i++) {
        if (i + AHEAD < s->candidates)
            __builtin_prefetch(row + s->candidate[i + AHEAD].row);
        s->candidate[i].row = row[s->candidate[i].row];
    }
    s->kernel->weigh(table, s->hashes, s->candidate, s->candidates, apart);
    for (size_t i = 0; i < s->candidates; i++) {
        Candidate at = s->candidate[i];
        if (apart[i] <= s->distance && is_first(s, at.query, table->digests + 32 * (size_t)at.row, chunk))
            near_keep(&s->kept[at.query], at.row, apart[i]);
    }
    s->candidates = 0;
}

/* Sorts the order by the chunk's value, a byte at a time. */
static void set_order(Search *s, int chunk)
{
    for (int shift = 0; shift < 16; shift += 8) {
        uint32_t count[257] = {0};
        for (size_t i = 0; i < s->n; i++)
            count[(s->key[s->order[i]][chunk] >> shift & 255) + 1]++;
        for (int v = 0; v < 256; v++)
            count[v + 1] += count[v];
        for (size_t i = 0; i < s->n; i++)
            s->spare[count[s->key[s->order[i]][chunk] >> shift & 255]++] = s->order[i];
        uint32_t *t = s->order;
        s->order = s->spare;
        s->spare = t;
    }
}

static Sift sift_begin(const Search *s, size_t query, int c)
{
    int budget = budget_of(s, query, c);
    return (Sift){
        .masks = &s->masks, .start = s->index->start[c], .next = s->index->next[c], .query = (uint32_t)query,
        .key = s->key[query][c], .want = s->key[query][(c + 1) % NEAR_CHUNKS],
        .limit = budget + budget_of(s, query, c + 1) - 1, .probes = budget ? s->masks.first[budget] : 0,
    };
}

/* Both are inlined by force: gcc takes a function that only prefetches for one that does nothing. */
static inline __attribute__((always_inline)) void fetch(const Sift *s)
{
    enum { LINES = 8, PER_LINE = 32 };
    for (int p = 0; p < s->probes; p++) {
        uint16_t value = s->key ^ s->masks->mask[p];
        uint32_t at = s->start[value], to = s->start[value + 1];
        for (int line = 0; line < LINES && at < to; line++, at += PER_LINE)
            __builtin_prefetch(s->next + at);
    }
}

static inline __attribute__((always_inline)) void fetch_starts(const Sift *s)
{
    for (int p = 0; p < s->probes; p++)
        __builtin_prefetch(s->start + (s->key ^ s->masks->mask[p]));
}

static void sift_all(Search *s, Sift *sift, int chunk)
{
    while (sift->probe < sift->probes) {
        uint32_t place[PLACES_MAX];
        size_t   n = s->kernel->sift(sift, place);
        for (size_t i = 0; i < n; i++)
            s->candidate[s->candidates++] = (Candidate){ place[i], sift->query };
        if (s->candidates > CANDIDATES - PLACES_MAX)
            tell_candidates(s, chunk);
    }
}

/* One hash alone: the chunks are what follows one another. */
static void search_one(Search *s)
{
    Sift sift[NEAR_CHUNKS];
    for (int c = 0; c < NEAR_CHUNKS; c++) {
        sift[c] = sift_begin(s, 0, c);
        fetch_starts(&sift[c]);
    }
    fetch(&sift[0]);
    for (int c = 0; c < NEAR_CHUNKS; c++) {
        if (c + 1 < NEAR_CHUNKS)
            fetch(&sift[c + 1]);
        sift_all(s, &sift[c], c);
        tell_candidates(s, c);
    }
}

static void search_many(Search *s)
{
    for (size_t q = 0; q < s->n; q++)
        s->order[q] = (uint32_t)q;
    for (int c = 0; c < NEAR_CHUNKS; c++) {
        set_order(s, c);
        Sift now = sift_begin(s, s->order[0], c), after = {0};
        for (size_t i = 0; i < s->n; i++, now = after) {
            if (i + 1 < s->n) {
                after = sift_begin(s, s->order[i + 1], c);
                fetch(&after);
            }
            sift_all(s, &now, c);
        }
        tell_candidates(s, c);
    }
}

/* ---- the doors */

static bool worth_scanning(const NearIndex *index, size_t n, int distance)
{
    return !index->start[0] || (distance > PROBES_PAY && n >= SCAN_PAYS);
}

/* `s` has room for n hashes. */
static void search(Search *s, Cpu level, const NearIndex *index, const uint8_t *hashes, size_t n,
                   int distance, NearKept *kept)
{
    s->index = index;
    s->kernel = &kernels[level];
    s->hashes = hashes;
    s->n = n;
    s->distance = distance;
    s->kept = kept;
    s->candidates = 0;
    /* One more than an even share of all but a few chunks, for sets where some chunks are better left out. */
    int budget_max = distance / NEAR_CHUNKS + 1 + index->skewed;
    budget_max = budget_max < NEAR_BUDGET_MAX ? budget_max : NEAR_BUDGET_MAX;
    near_masks(&s->masks, budget_max);
    for (size_t q = 0; q < n; q++) {
        for (int c = 0; c < NEAR_CHUNKS; c++)
            s->key[q][c] = near_chunk(hashes + 32 * q, c);
        near_budget(index, &s->masks, s->key[q], distance, budget_max, s->budget[q]);
    }
    if (n == 1)
        search_one(s);
    else if (n > 1)
        search_many(s);
}

size_t near_find(const NearIndex *index, const uint8_t hash[32], int distance, NearHit *hits, size_t cap)
{
    NearKept kept = { .hits = hits, .room = cap, .cap = cap };
    assert(distance >= 0 && distance <= NEAR_DISTANCE_MAX);
    if (worth_scanning(index, 1, distance)) {
        near_scan_kept(cpu_best(), &index->table, hash, 1, distance, &kept);
    } else {
        Search   s;                             /* not zeroed: little of it is used for one hash */
        uint16_t key[1][NEAR_CHUNKS];
        uint8_t  budget[1][NEAR_CHUNKS];
        s.key = key;
        s.budget = budget;
        search(&s, cpu_best(), index, hash, 1, distance, &kept);
    }
    near_sort(&kept);
    return kept.total;
}

static void search_into(Search *s, Cpu level, const NearIndex *index, const uint8_t *hashes, size_t n,
                        int distance, size_t cap, NearKept *kept, Arena *mem, NearFound *found)
{
    for (size_t q = 0; q < n; q++)
        kept[q] = (NearKept){ .mem = mem, .cap = cap };
    search(s, level, index, hashes, n, distance, kept);
    for (size_t q = 0; q < n; q++) {
        near_sort(&kept[q]);
        found[q] = (NearFound){ kept[q].hits, (uint32_t)kept[q].n, (uint32_t)kept[q].total };
    }
}

/* On the stack: for the eight turns of one picture, asking for memory would take as long as searching. */
static void find_few(Cpu level, const NearIndex *index, const uint8_t *hashes, size_t n, int distance,
                     size_t cap, Arena *mem, NearFound *found)
{
    Search   s;
    NearKept kept[FEW];
    uint16_t key[FEW][NEAR_CHUNKS];
    uint8_t  budget[FEW][NEAR_CHUNKS];
    uint32_t order[FEW], spare[FEW];
    s.key = key;
    s.budget = budget;
    s.order = order;
    s.spare = spare;
    search_into(&s, level, index, hashes, n, distance, cap, kept, mem, found);
}

void near_find_many_by(Cpu level, const NearIndex *index, const uint8_t *hashes, size_t n, int distance,
                       size_t cap, Arena *mem, NearFound *found)
{
    assert(distance >= 0 && distance <= NEAR_DISTANCE_MAX);
    if (worth_scanning(index, n, distance)) {
        near_scan_by(level, &index->table, hashes, n, distance, cap, mem, found);
        return;
    }
    if (n <= FEW) {
        find_few(level, index, hashes, n, distance, cap, mem, found);
        return;
    }
    CLEANUP(arena_done) Arena work = {0};
    size_t    room = n < BLOCK ? n : BLOCK;
    NearKept *kept = arena_new(&work, NearKept, room);
    Search   *s = arena_new(&work, Search, 1);
    s->key = arena_alloc(&work, room, sizeof *s->key, _Alignof(uint16_t));
    s->budget = arena_alloc(&work, room, sizeof *s->budget, 1);
    s->order = arena_new(&work, uint32_t, room);
    s->spare = arena_new(&work, uint32_t, room);
    for (size_t at = 0; at < n; at += BLOCK) {
        size_t count = n - at < BLOCK ? n - at : BLOCK;
        search_into(s, level, index, hashes + 32 * at, count, distance, cap, kept, mem, found + at);
    }
}

void near_find_many(const NearIndex *index, const uint8_t *hashes, size_t n, int distance, size_t cap,
                    Arena *mem, NearFound *found)
{
    near_find_many_by(cpu_best(), index, hashes, n, distance, cap, mem, found);
}
