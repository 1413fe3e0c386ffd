/* near_test.c: near search against comparing everything with everything, on random and hostile sets. */
#include "engine/picture/near.h"
#include "base/map.h"
#include "base/rng.h"
#include "base/test.h"

static const uint8_t root[32] = { 1, 2, 3 };

typedef struct Set {
    uint8_t *at;                  /* room for cap x 32 */
    size_t   n, cap;
} Set;

static uint8_t *add(Set *s, const uint8_t *hash)
{
    assert_true(s->n < s->cap);
    return memcpy(s->at + 32 * s->n++, hash, 32);
}

static void scatter(Rng *rng, uint8_t hash[32])
{
    for (int i = 0; i < 32; i++)
        hash[i] = (uint8_t)rng_next(rng);
}

/* `bits` different bits of `hash`, anywhere or only in one chunk. */
static void flip(Rng *rng, uint8_t hash[32], int bits, int chunk)
{
    bool gone[256] = {0};
    while (bits > 0) {
        int bit = (int)rng_below(rng, chunk < 0 ? 256 : 16) + (chunk < 0 ? 0 : 16 * chunk);
        if (gone[bit])
            continue;
        gone[bit] = true;
        hash[bit / 8] = (uint8_t)(hash[bit / 8] ^ 128 >> bit % 8);
        bits--;
    }
}

/* `bits` spread as evenly over the chunks as can be, from a random chunk on. */
static void flip_evenly(Rng *rng, uint8_t hash[32], int bits)
{
    int from = (int)rng_below(rng, 16);
    for (int c = 0; c < 16; c++)
        flip(rng, hash, bits / 16 + (c < bits % 16), (from + c) % 16);
}

static int by_bytes(const void *a, const void *b) { return memcmp(a, b, 32); }

static NearTable sorted(Set *s)
{
    qsort(s->at, s->n, 32, by_bytes);
    return (NearTable){ s->at, s->n };
}

static int apart(const uint8_t *a, const uint8_t *b)
{
    return pdq_distance((const PdqHash *)(const void *)a, (const PdqHash *)(const void *)b);
}

/* ---- sets to search in: each is NEAR_INDEX_MIN or a little more, so that there is an index */

typedef void Fill(Set *s, Rng *rng, uint8_t *queries, size_t n);

static void fill_random(Set *s, Rng *rng, uint8_t *queries, size_t n)
{
    uint8_t hash[32];
    for (size_t q = 0; q < n; q++)
        scatter(rng, queries + 32 * q);
    while (s->n + 8 * n < s->cap) {
        scatter(rng, hash);
        add(s, hash);
    }
    for (size_t i = 0; s->n < s->cap; i++)
        flip(rng, add(s, queries + 32 * (i % n)), (int)rng_below(rng, 80), -1);
}

/* Copies of copies: hundreds at every distance from every hash. */
static void fill_clusters(Set *s, Rng *rng, uint8_t *queries, size_t n)
{
    uint8_t centre[8][32];
    for (int c = 0; c < 8; c++)
        scatter(rng, centre[c]);
    for (size_t q = 0; q < n; q++) {
        memcpy(queries + 32 * q, centre[q % 8], 32);
        flip(rng, queries + 32 * q, (int)rng_below(rng, 20), -1);
    }
    while (s->n < s->cap)
        flip(rng, add(s, centre[rng_below(rng, 8)]), (int)rng_below(rng, 70), -1);
}

/* Hashes of flat pictures: most chunks are one of a few values. */
static void fill_common_chunks(Set *s, Rng *rng, uint8_t *queries, size_t n)
{
    static const uint8_t common[4] = { 0x00, 0xff, 0x0f, 0x55 };
    uint8_t hash[32];
    for (size_t i = 0; i < s->cap + n; i++) {
        for (int c = 0; c < 16; c++) {
            bool usual = rng_below(rng, 4) > 0;
            hash[2 * c] = usual ? common[rng_below(rng, 4)] : (uint8_t)rng_next(rng);
            hash[2 * c + 1] = usual ? hash[2 * c] : (uint8_t)rng_next(rng);
        }
        if (i < s->cap)
            add(s, hash);
        else
            memcpy(queries + 32 * (i - s->cap), hash, 32);
    }
    for (size_t q = 0; q < n / 2; q++)
        flip(rng, memcpy(queries + 32 * q, s->at + 32 * rng_below(rng, s->n), 32), (int)rng_below(rng, 64),
             -1);
}

static void fill_all_equal(Set *s, Rng *rng, uint8_t *queries, size_t n)
{
    uint8_t hash[32];
    scatter(rng, hash);
    while (s->n < s->cap)
        add(s, hash);
    for (size_t q = 0; q < n; q++)
        flip(rng, memcpy(queries + 32 * q, hash, 32), (int)(q * 10), -1);
}

static void fill_all_zero(Set *s, Rng *rng, uint8_t *queries, size_t n)
{
    static const uint8_t zero[32];
    while (s->n < s->cap)
        add(s, zero);
    for (size_t q = 0; q < n; q++)
        flip_evenly(rng, memcpy(queries + 32 * q, zero, 32), (int)(q * 10));
}

/* Only one chunk differs, so that all of a distance is in it. */
static void fill_one_chunk(Set *s, Rng *rng, uint8_t *queries, size_t n)
{
    uint8_t hash[32];
    scatter(rng, hash);
    while (s->n < s->cap)
        flip(rng, add(s, hash), (int)rng_below(rng, 17), (int)(s->n % 16));
    for (size_t q = 0; q < n; q++)
        flip(rng, memcpy(queries + 32 * q, hash, 32), (int)rng_below(rng, 17), (int)(q % 16));
}

/* As near and as far as a distance allows, spread so that no chunk gives it away. */
static void fill_even(Set *s, Rng *rng, uint8_t *queries, size_t n)
{
    for (size_t q = 0; q < n; q++)
        scatter(rng, queries + 32 * q);
    for (size_t i = 0; s->n < s->cap; i++)
        flip_evenly(rng, add(s, queries + 32 * (i % n)), (int)(i / n % 66));
}

static const struct { const char *name; Fill *fill; } fills[] = {
    { "random",        fill_random        }, { "clusters",   fill_clusters  },
    { "common chunks", fill_common_chunks }, { "all equal",  fill_all_equal },
    { "all zero",      fill_all_zero      }, { "one chunk",  fill_one_chunk },
    { "even",          fill_even          },
};

/* ---- the truth */

/* How far every row is from a hash. */
static uint16_t *all_apart(Arena *mem, const uint8_t *query, const NearTable *t)
{
    uint16_t *far = arena_new(mem, uint16_t, t->n + 1);
    for (size_t row = 0; row < t->n; row++)
        far[row] = (uint16_t)apart(query, t->digests + 32 * row);
    return far;
}

static void check_found(const char *name, int distance, const uint16_t *far, const NearTable *t,
                        const NearFound *f, size_t cap)
{
    size_t total = 0, nearer = 0;
    for (size_t row = 0; row < t->n; row++)
        total += far[row] <= distance;
    if (f->total != total || f->n != (total < cap ? total : cap))
        fail_msg("%s, distance %d: %u of %zu found", name, distance, f->total, total);
    bool right = true;
    for (uint32_t i = 0; i < f->n; i++) {
        const NearHit *hit = &f->hits[i];
        right = right && hit->row < t->n && hit->distance == far[hit->row];
        right = right && (i == 0 || hit[-1].distance < hit->distance
                          || (hit[-1].distance == hit->distance && hit[-1].row < hit->row));
    }
    for (size_t row = 0; f->n < total && f->n > 0 && row < t->n; row++)      /* those left out are farther */
        nearer += far[row] < f->hits[f->n - 1].distance;
    if (!right || nearer > f->n)
        fail_msg("%s, distance %d: not the nearest in order", name, distance);
}

static NearIndex *indexed(Arena *mem, const NearTable *table, Pages *pages)
{
    Err err = {0};
    NearIndex *index;
    *pages = pages_new(near_size(table->n));
    CHECK_OK(near_build(table, root, pages->at, &err), &err);
    CHECK_OK(near_open(pages->at, near_size(table->n), table, root, mem, &index, &err), &err);
    return index;
}

enum { QUERIES = 7 };             /* few enough to be looked up at any distance */

TEST(finding_equals_comparing_everything)
{
    Rng rng = rng_seed(20260731);
    FOR_EACH(f, fills) {
        CLEANUP(arena_done) Arena mem = {0};
        CLEANUP(pages_done) Pages pages = {0};
        Set set = { arena_new(&mem, uint8_t, 32 * (NEAR_INDEX_MIN + 77)), 0, NEAR_INDEX_MIN + 77 };
        uint8_t queries[QUERIES * 32];
        f->fill(&set, &rng, queries, QUERIES);
        NearTable  table = sorted(&set);
        NearIndex *index = indexed(&mem, &table, &pages);
        uint16_t  *far[QUERIES];
        for (int q = 0; q < QUERIES; q++)
            far[q] = all_apart(&mem, queries + 32 * q, &table);
        for (int distance = 0; distance <= NEAR_DISTANCE_MAX; distance++) {
            NearFound found[QUERIES], other[QUERIES];
            size_t    cap = distance % 8 == 7 ? SIZE_MAX : 5;
            bool      first = true;
            for (int level = 0; level < CPU__COUNT; level++) {
                bool seldom = level != (int)cpu_best() && distance % 5 != 0 && distance != NEAR_DISTANCE;
                if (!cpu_here((Cpu)level) || seldom)        /* the plain paths are slow under sanitizers */
                    continue;
                for (int way = 0; way < 2; way++) {
                    if (way == 0)
                        near_find_many_by((Cpu)level, index, queries, QUERIES, distance, cap, &mem, other);
                    else
                        near_scan_by((Cpu)level, &table, queries, QUERIES, distance, cap, &mem, other);
                    for (int q = 0; q < QUERIES; q++) {
                        if (first) {
                            check_found(f->name, distance, far[q], &table, &other[q], cap);
                            found[q] = other[q];
                        }
                        if (found[q].total != other[q].total || found[q].n != other[q].n)
                            fail_msg("%s, distance %d, level %d", f->name, distance, level);
                        if (found[q].n > 0)
                            assert_memory_equal(found[q].hits, other[q].hits, found[q].n * sizeof(NearHit));
                    }
                    first = false;
                }
            }
            NearHit hits[7];
            CHECK_INT(near_find(index, queries, distance, hits, 7), found[0].total);
            if (found[0].n > 0)
                CHECK_INT(hits[0].row, found[0].hits[0].row);
        }
    }
}

TEST(scans_take_any_distance)
{
    CLEANUP(arena_done) Arena mem = {0};
    Rng rng = rng_seed(7);
    Set set = { arena_new(&mem, uint8_t, 32 * 1003), 0, 1003 };
    uint8_t queries[70 * 32];
    fill_random(&set, &rng, queries, 70);
    NearTable table = sorted(&set);
    static const int distances[] = { 0, 31, 44, 45, 100, 128, 150, 255, 256 };
    FOR_EACH(d, distances)
        for (int level = 0; level < CPU__COUNT; level++) {
            NearFound found[70];
            if (!cpu_here((Cpu)level))
                continue;
            near_scan_by((Cpu)level, &table, queries, 70, *d, 100, &mem, found);
            for (int q = 0; q < 70; q++)
                check_found("scan", *d, all_apart(&mem, queries + 32 * q, &table), &table, &found[q], 100);
        }
}

TEST(small_and_empty_tables_need_no_index)
{
    CLEANUP(arena_done) Arena mem = {0};
    Rng rng = rng_seed(9);
    static const size_t sizes[] = { 0, 1, 2, 7, 8, 9, 100 };
    FOR_EACH(size, sizes) {
        CLEANUP(pages_done) Pages pages = {0};
        Set set = { arena_new(&mem, uint8_t, 32 * 100), 0, *size };
        uint8_t hash[32];
        while (set.n < set.cap) {
            scatter(&rng, hash);
            add(&set, hash);
        }
        NearTable  table = sorted(&set);
        NearIndex *index = indexed(&mem, &table, &pages);
        NearHit    hit;
        CHECK_INT(near_size(*size), 4096);
        if (*size > 0) {
            memcpy(hash, table.digests + 32 * (*size - 1), 32);
            flip(&rng, hash, 31, -1);
            CHECK_INT(near_find(index, hash, 31, &hit, 1), 1);
            CHECK_INT(hit.row, *size - 1);
            CHECK_INT(hit.distance, 31);
        }
        CHECK_INT(near_find(index, hash, 30, &hit, 1), 0);
        near_find_many(index, NULL, 0, 31, 1, &mem, NULL);
    }
}

TEST(an_index_of_another_table_is_refused)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(pages_done) Pages pages = {0};
    Rng rng = rng_seed(11);
    Err err = {0};
    Set set = { arena_new(&mem, uint8_t, 32 * (NEAR_INDEX_MIN + 1)), 0, NEAR_INDEX_MIN + 1 };
    uint8_t queries[32];
    fill_random(&set, &rng, queries, 1);
    NearTable  table = sorted(&set), fewer = { table.digests, table.n - 1 };
    NearIndex *index = indexed(&mem, &table, &pages);
    size_t     len = near_size(table.n);
    CHECK_OK(near_verify(index, &err), &err);

    uint8_t other[32] = { 1, 2, 4 };
    CHECK_FAILS(near_open(pages.at, len, &table, other, &mem, &index, &err), &err, ERR_INVALID);
    CHECK_FAILS(near_open(pages.at, len, &fewer, root, &mem, &index, &err), &err, ERR_INVALID);
    CHECK_FAILS(near_open(pages.at, len - 1, &table, root, &mem, &index, &err), &err, ERR_INVALID);
    CHECK_FAILS(near_open(pages.at, 4095, &table, root, &mem, &index, &err), &err, ERR_INVALID);
    for (size_t at = 0; at < 128; at++) {
        pages.at[at] ^= 4;
        CHECK_FAILS(near_open(pages.at, len, &table, root, &mem, &index, &err), &err, ERR_INVALID);
        pages.at[at] ^= 4;
    }
    for (int i = 0; i < 40; i++) {
        size_t at = 4096 + rng_below(&rng, len - 4096);
        pages.at[at] ^= 1;
        if (near_open(pages.at, len, &table, root, &mem, &index, &err))
            CHECK_FAILS(near_verify(index, &err), &err, ERR_INVALID);
        err_clear(&err);
        pages.at[at] ^= 1;
    }
    CHECK_OK(near_open(pages.at, len, &table, root, &mem, &index, &err), &err);

    memset(set.at, 255, 32);                   /* the first is now behind the second */
    CHECK_FAILS(near_build(&table, root, pages.at, &err), &err, ERR_INVALID);
}

/* ---- the reference's lists, where they are at hand */

static Set read_list(Arena *mem, const char *folder, const char *name)
{
    char path[512], line[128];
    snprintf(path, sizeof path, "%s/phash/hash-lists/%s", folder, name);
    FILE *file = fopen(path, "r");
    Set   set = { arena_new(mem, uint8_t, 32 * 4096), 0, 4096 };
    if (!file)
        return set;
    while (fgets(line, sizeof line, file)) {
        PdqHash hash;
        CHECK(pdq_from_hex(line, strcspn(line, "\r\n"), &hash));
        add(&set, hash.bytes);
    }
    fclose(file);
    return set;
}

TEST(needles_are_found_in_the_haystack)
{
    const char *folder = getenv("MUSTER_SHARED");
    if (!folder)
        skip();
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(pages_done) Pages pages = {0};
    Set needles = read_list(&mem, folder, "needles.txt"), hay = read_list(&mem, folder, "haystack.txt");
    if (needles.n == 0)
        skip();
    Set much = { arena_new(&mem, uint8_t, 32 * (hay.n + NEAR_INDEX_MIN)), 0, hay.n + NEAR_INDEX_MIN };
    Rng rng = rng_seed(13);
    for (size_t i = 0; i < hay.n; i++)
        add(&much, hay.at + 32 * i);
    for (uint8_t hash[32]; much.n < much.cap;) {
        scatter(&rng, hash);
        add(&much, hash);
    }
    NearTable  table = sorted(&much);
    NearIndex *index = indexed(&mem, &table, &pages);
    NearFound *found = arena_new(&mem, NearFound, needles.n);
    size_t     hits = 0;
    near_find_many(index, needles.at, needles.n, NEAR_DISTANCE, SIZE_MAX, &mem, found);
    for (size_t q = 0; q < needles.n; q++) {
        check_found("haystack", NEAR_DISTANCE, all_apart(&mem, needles.at + 32 * q, &table), &table,
                    &found[q], SIZE_MAX);
        hits += found[q].total > 0;
    }
    CHECK(hits > 0);
}

TEST_MAIN(finding_equals_comparing_everything, scans_take_any_distance, small_and_empty_tables_need_no_index,
          an_index_of_another_table_is_refused, needles_are_found_in_the_haystack)
