/* near_bench.c: near hashes by index and by scanning, beside FAISS and a plain scan. Processor time of one
 * thread on both sides, so that neighbours on the machine count less.
 *
 *     engine_near_bench [ROWS]        a million unless told
 *
 * Two sets: hashes at random, and a skewed one, half of it copies of copies around a few thousand pictures
 * and half with chunks that very many share, as flat pictures have. Every other hash asked for has
 * neighbours. FAISS runs in a program of its own (near_faiss.cpp) on the same set and a part of the same
 * hashes, since it would take minutes for all. What is found is compared with a plain scan of everything. */
#include "engine/picture/near.h"
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/map.h"
#include "base/rng.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { HASHES = 16384, ROUNDS = 3, CAP = 100, SINGLES = 2000, SCANNED = 64, CHECKED = 32 };

typedef struct Bench {
    const char *set;
    NearTable   table;
    NearIndex  *index;
    uint8_t    *hashes;
    NearFound  *found;
} Bench;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void row(const Bench *b, const char *task, double value, const char *unit, const char *reference,
                double its, const char *target)
{
    printf("row\t%s, %.3g M %s\t%.6g\t%s\t", task, (double)b->table.n / 1e6, b->set, value, unit);
    if (its > 0)
        printf("%s\t%.6g\t%.3g\t%s\n", reference, its, value / its, target);
    else
        printf("-\t-\t-\t%s\n", strncmp(target, "ratio", 5) == 0 ? "-" : target);
    fflush(stdout);
}

/* ---- the sets */

static void scatter(Rng *rng, uint8_t *hash)
{
    for (int i = 0; i < 4; i++) {
        uint64_t word = rng_next(rng);
        memcpy(hash + 8 * i, &word, sizeof word);
    }
}

static void flip(Rng *rng, uint8_t *hash, uint64_t bits)
{
    for (; bits > 0; bits--) {
        uint64_t bit = rng_below(rng, 256);
        hash[bit / 8] = (uint8_t)(hash[bit / 8] ^ 1u << bit % 8);
    }
}

static void fill_skewed(Rng *rng, uint8_t *table, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t *hash = table + 32 * i;
        if (i >= 4096 && i % 2) {
            memcpy(hash, table + 32 * rng_below(rng, 4096), 32);
            flip(rng, hash, rng_below(rng, 60));
            continue;
        }
        scatter(rng, hash);
        for (int c = 0; c < 16; c++)
            if (rng_below(rng, 8) == 0)
                memset(hash + 2 * c, rng_below(rng, 2) ? 0 : 255, 2);
    }
}

static void fill(Rng *rng, bool skewed, uint8_t *table, size_t n, uint8_t *hashes)
{
    if (skewed)
        fill_skewed(rng, table, n);
    for (size_t i = 0; i < n && !skewed; i++)
        scatter(rng, table + 32 * i);
    for (size_t i = 0; i < HASHES; i++) {
        memcpy(hashes + 32 * i, table + 32 * rng_below(rng, n), 32);
        if (i % 2)
            flip(rng, hashes + 32 * i, rng_below(rng, 40));
        else if (!skewed)
            scatter(rng, hashes + 32 * i);
    }
}

static int by_bytes(const void *a, const void *b) { return memcmp(a, b, 32); }

/* ---- the references */

static size_t plain_words(const NearTable *t, const uint8_t *hash, int distance)
{
    size_t   hits = 0;
    uint64_t a[4], b[4];
    memcpy(a, hash, sizeof a);
    for (size_t i = 0; i < t->n; i++) {
        memcpy(b, t->digests + 32 * i, sizeof b);
        hits += __builtin_popcountll(a[0] ^ b[0]) + __builtin_popcountll(a[1] ^ b[1])
              + __builtin_popcountll(a[2] ^ b[2]) + __builtin_popcountll(a[3] ^ b[3]) <= distance;
    }
    return hits;
}

#if defined(__x86_64__)
/* Four rows at a time: two to a register, whose sums are put side by side. */
__attribute__((target("avx512f,avx512vpopcntdq,popcnt")))
static size_t plain_avx512(const NearTable *t, const uint8_t *hash, int distance)
{
    size_t  hits = 0, i = 0;
    __m512i h = _mm512_broadcast_i64x4(_mm256_loadu_si256((const __m256i *)(const void *)hash));
    __m512i limit = _mm512_set1_epi64(distance);
    for (; i + 4 <= t->n; i += 4) {
        __m512i a = _mm512_popcnt_epi64(_mm512_xor_si512(_mm512_loadu_si512(t->digests + 32 * i), h));
        __m512i b = _mm512_popcnt_epi64(_mm512_xor_si512(_mm512_loadu_si512(t->digests + 32 * i + 64), h));
        __m512i halves = _mm512_add_epi64(_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b));
        __m512i whole = _mm512_add_epi64(halves, _mm512_shuffle_i64x2(halves, halves, 0xb1));
        hits += (size_t)__builtin_popcount(_mm512_mask_cmple_epu64_mask(0x33, whole, limit));
    }
    NearTable rest = { t->digests + 32 * i, t->n - i };
    return hits + plain_words(&rest, hash, distance);
}
#endif

/* One hash, all 256 bits of every row, by the widest instructions. */
static size_t plain(const NearTable *t, const uint8_t *hash, int distance)
{
#if defined(__x86_64__)
    if (cpu_here(CPU_AVX512))
        return plain_avx512(t, hash, distance);
#endif
    return plain_words(t, hash, distance);
}

static double plain_rate(const Bench *b, int distance)
{
    enum { N = 8 };
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double start = now();
        size_t hits = 0;
        for (int i = 0; i < N; i++)
            hits += plain(&b->table, b->hashes + 32 * i, distance);
        double took = now() - start;
        best = hits <= N * b->table.n && (round == 0 || took < best) ? took : best;
    }
    return N / best;
}

/* Runs FAISS on some of the hashes; 0 when it is not here. Also tells whether it found what we did. */
static double faiss_rate(const Bench *b, double *built)
{
    size_t n = 1024;
    char self[4096] = "", program[4200], file[4200], command[9000];
    const char *dir = getenv("MUSTER_TEST_DIR") ? getenv("MUSTER_TEST_DIR") : "/tmp";
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
        return 0;
    snprintf(program, sizeof program, "%s/engine_near_faiss", dirname(self));
    if (access(program, X_OK) != 0)
        return 0;
    snprintf(file, sizeof file, "%s/near_bench.%ld", dir, (long)getpid());
    FILE *out = fopen(file, "wb");
    if (!out)
        return 0;
    bool written =
        fwrite(b->table.digests, 32, b->table.n, out) == b->table.n && fwrite(b->hashes, 32, n, out) == n;
    written = fclose(out) == 0 && written;
    snprintf(command, sizeof command, "OMP_NUM_THREADS=1 '%s' '%s' %zu %zu %d", program, file, b->table.n, n,
             NEAR_DISTANCE);
    FILE  *in = written ? popen(command, "r") : NULL;
    double rate = 0, hits = 0, apart = 0, our_hits = 0, our_apart = 0;
    size_t asked = 0;
    if (in && fscanf(in, "%zu %lf %lf %lf %lf", &asked, &rate, &hits, &apart, built) != 5)
        rate = 0;
    n = rate > 0 && asked <= n ? asked : 0;
    if (in)
        pclose(in);
    unlink(file);
    CLEANUP(arena_done) Arena mem = {0};
    near_find_many(b->index, b->hashes, n, NEAR_DISTANCE, SIZE_MAX, &mem, b->found);
    for (size_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < b->found[i].n; k++) {
            our_hits++;
            our_apart += b->found[i].hits[k].distance;
        }
    fprintf(stderr, "%zu hashes: FAISS found %.0f, %.0f bits away together; we %.0f, %.0f\n", n, hits, apart,
            our_hits, our_apart);
    return rate;
}

/* ---- our side */

static double find_rate(const Bench *b, Cpu level)
{
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
        CLEANUP(arena_done) Arena mem = {0};
        double start = now();
        near_find_many_by(level, b->index, b->hashes, HASHES, NEAR_DISTANCE, CAP, &mem, b->found);
        double took = now() - start;
        best = round == 0 || took < best ? took : best;
    }
    return HASHES / best;
}

static double single_us(const Bench *b)
{
    NearHit hits[CAP];
    size_t  total = 0;
    double  start = now();
    for (size_t i = 0; i < SINGLES; i++)
        total += near_find(b->index, b->hashes + 32 * i, NEAR_DISTANCE, hits, CAP);
    return total < SINGLES * b->table.n ? 1e6 * (now() - start) / SINGLES : 0;
}

static double scan_rate(const Bench *b, int distance)
{
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
        CLEANUP(arena_done) Arena mem = {0};
        double start = now();
        near_scan(&b->table, b->hashes, SCANNED, distance, CAP, &mem, b->found);
        double took = now() - start;
        best = round == 0 || took < best ? took : best;
    }
    return SCANNED / best;
}

/* Of what a plain scan finds, the part that the index finds too. */
static double recall(const Bench *b)
{
    CLEANUP(arena_done) Arena mem = {0};
    double truth = 0, seen = 0;
    near_find_many(b->index, b->hashes, CHECKED, NEAR_DISTANCE, 0, &mem, b->found);
    for (size_t i = 0; i < CHECKED; i++) {
        truth += (double)plain(&b->table, b->hashes + 32 * i, NEAR_DISTANCE);
        seen += b->found[i].total;
    }
    return truth > 0 ? seen / truth : 0;
}

static void measure(Bench *b)
{
    double faiss_built = 0;
    double faiss = faiss_rate(b, &faiss_built);
    double found = find_rate(b, cpu_best());
    row(b, "PDQ within 31", found, "/s", "FAISS MultiHash", faiss, "ratio>=150");
    row(b, "the same, AVX2", cpu_here(CPU_AVX2) ? find_rate(b, CPU_AVX2) : 0, "/s", "FAISS MultiHash", faiss,
        "-");
    row(b, "recall against brute force", recall(b), "", "-", 0, "value>=1");
    row(b, "one hash alone", single_us(b), "us", "-", 0, "-");
    row(b, "PDQ scan within 31", scan_rate(b, 31), "/s", "plain scan, one hash", plain_rate(b, 31),
        "ratio>=2");
    row(b, "PDQ scan within 90", scan_rate(b, 90), "/s", "plain scan, one hash", plain_rate(b, 90),
        "ratio>=2");
    fprintf(stderr, "FAISS built its index in %.1f s\n", faiss_built);
}

int main(int argc, char **argv)
{
    size_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    static const uint8_t root[32];
    if (n < NEAR_INDEX_MIN)
        return 2;
    for (int skewed = 0; skewed < 2; skewed++) {
        CLEANUP(arena_done) Arena mem = {0};
        CLEANUP(pages_done) Pages table = pages_new(32 * n);
        CLEANUP(pages_done) Pages block = pages_new(near_size(n));
        Rng   rng = rng_seed(31);
        Err   err = {0};
        Bench b = { .set = skewed ? "skewed" : "uniform", .table = { table.at, n } };
        b.hashes = arena_new(&mem, uint8_t, 32 * HASHES);
        b.found = arena_new(&mem, NearFound, HASHES);
        fill(&rng, skewed, table.at, n, b.hashes);
        qsort(table.at, n, 32, by_bytes);
        double start = now();
        if (!near_build(&b.table, root, block.at, &err))
            return 1;
        double built = now() - start;
        if (!near_open(block.at, near_size(n), &b.table, root, &mem, &b.index, &err))
            return 1;
        measure(&b);
        row(&b, "near index built", (double)n / built / 1e6, "M/s", "-", 0, "-");
        row(&b, "near index", (double)near_size(n) / (double)n, "bytes/row", "-", 0, "-");
    }
    return 0;
}
