/* known_bench.c: known-file sets beside hfind (The Sleuth Kit) and DuckDB, and beside what memory can give.
 *
 *   engine_known_bench [DIGESTS [FOLDER]]       10,000,000 and build/bench unless told
 *
 * One thread. With up to 10,000,000 digests the set is built from a list as md5sum writes it, which hfind
 * indexes too; with more they are made as they are added, as such a list would take hours for hfind.
 * Processor time is measured, of this process and of what it starts, so that a busy machine changes little.
 * Figures are the best of a few rounds, look-ups in memory and lines of it the median.
 *
 * The limit of a look-up in memory is what the same memory gives when it is read a line at a time, in random
 * order, as many lines as questions, asked for ahead as well as can be. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/rng.h"
#include "engine/known/known_format.h"

enum { ASKED = 1 << 20, LIST_MOST = 10000000, MD5 = 16, ROUNDS = 15, AHEAD = 48 };

typedef struct Bench {
    size_t      n;
    const char *folder;
    char        set[512], list[512], asked_list[512], asked_out[512];
    Arena       mem;
    KnownCounts counts;
    double      find_rate;
} Bench;

static void must(bool ok, const Err *err)
{
    if (ok)
        return;
    fprintf(stderr, "known_bench: %s\n", err->told);
    exit(1);
}

static double clock_s(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
static double cpu_s(void) { return clock_s(CLOCK_PROCESS_CPUTIME_ID); }
static double wall_s(void) { return clock_s(CLOCK_MONOTONIC); }

static void row(const char *task, double value, const char *unit, const char *reference,
                double reference_value, double ratio, const char *target)
{
    if (reference)
        printf("row\t%s\t%.4g\t%s\t%s\t%.4g\t%.2f\t%s\n", task, value, unit, reference, reference_value,
               ratio, target);
    else
        printf("row\t%s\t%.4g\t%s\t-\t-\t-\t%s\n", task, value, unit, target);
    fflush(stdout);
}

/* Digest i is found again from its number; those of the set and of others differ in the seed. */
static void digest_of(uint64_t seed, uint64_t i, uint8_t out[MD5])
{
    Rng rng = rng_seed(seed ^ i * 0x9e3779b97f4a7c15u);
    uint64_t two[2] = { rng_next(&rng), rng_next(&rng) };
    memcpy(out, two, MD5);
}

/* How many of them are known. */
static size_t questions(const Bench *b, int known_percent, int round, uint8_t *out)
{
    Rng rng = rng_seed(7 + (uint64_t)known_percent + 1000 * (uint64_t)round);
    size_t all = 0;
    for (size_t i = 0; i < ASKED; i++) {
        bool known = rng_below(&rng, 100) < (uint64_t)known_percent;
        digest_of(known ? 1 : 2, rng_below(&rng, b->n), out + i * MD5);
        all += known;
    }
    return all;
}

static void write_hex_line(FILE *f, const uint8_t *digest, const char *after)
{
    static const char digits[] = "0123456789abcdef";
    char line[2 * MD5];
    for (int i = 0; i < MD5; i++) {
        line[2 * i] = digits[digest[i] >> 4];
        line[2 * i + 1] = digits[digest[i] & 15];
    }
    fwrite(line, 1, sizeof line, f);
    fputs(after, f);
}

static void write_lists(const Bench *b)
{
    FILE *list = fopen(b->list, "wb"), *asked = fopen(b->asked_list, "wb");
    Pages pages = pages_new(ASKED * MD5);
    uint8_t digest[MD5];
    if (!list || !asked)
        exit(1);
    for (size_t i = 0; i < b->n; i++) {
        digest_of(1, i, digest);
        write_hex_line(list, digest, "  f\n");
    }
    questions(b, 50, 0, pages.at);
    for (size_t i = 0; i < 1000000; i++)
        write_hex_line(asked, pages.at + i * MD5, "\n");
    pages_done(&pages);
    if (fclose(list) != 0 || fclose(asked) != 0)
        exit(1);
}

/* Processor seconds of a command; 0 when it is not there. */
static double run(const char *command)
{
    struct rusage before, after;
    getrusage(RUSAGE_CHILDREN, &before);
    int status = system(command);
    getrusage(RUSAGE_CHILDREN, &after);
    if (status != 0)
        return 0;
    double user = (double)(after.ru_utime.tv_sec - before.ru_utime.tv_sec)
                + 1e-6 * (double)(after.ru_utime.tv_usec - before.ru_utime.tv_usec);
    return user + (double)(after.ru_stime.tv_sec - before.ru_stime.tv_sec)
         + 1e-6 * (double)(after.ru_stime.tv_usec - before.ru_stime.tv_usec);
}

/* ---- Building -------------------------------------------------------------------------------------------
 */

static KnownEntry blank(void)
{
    KnownEntry e = KNOWN_ENTRY_BLANK;
    e.source = "bench";
    e.version = "1";
    e.grade = "A";
    e.scale = "UK";
    return e;
}

static double build(Bench *b, bool from_list)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(known_build_close) KnownBuild *k = NULL;
    CLEANUP(map_done) Map map = {0};
    Err err = {0};
    KnownEntry like = blank();
    KnownBuildOptions o = { .name = "bench" };
    uint8_t batch[4096][MD5];
    double began = cpu_s(), making = 0;
    must(known_build_begin(b->set, &o, &mem, &k, &err), &err);
    if (from_list) {
        must(map_file(b->list, &map, &err), &err);
        must(known_build_add_text(k, DIGEST_MD5, (Str){ (const char *)map.at, map.len }, &like, NULL, &err),
             &err);
    }
    for (size_t i = 0; !from_list && i < b->n;) {
        double at = cpu_s();
        size_t n = 0;
        for (; n < COUNT_OF(batch) && i < b->n; n++, i++)
            digest_of(1, i, batch[n]);
        making += cpu_s() - at;
        must(known_build_add_many(k, DIGEST_MD5, batch[0], n, &like, &err), &err);
    }
    must(known_build_end(k, &b->counts, &err), &err);
    return cpu_s() - began - making;
}

static double peak_mb(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_maxrss / 1024;
}

static void measure_build(Bench *b)
{
    char command[2400];
    bool list = b->n <= LIST_MOST;
    double best = 0, theirs = 0;
    if (list) {
        write_lists(b);
        snprintf(command, sizeof command, "hfind -i md5sum %s > /dev/null 2>&1", b->list);
        theirs = run(command);
    }
    for (int i = 0; i < (list ? 3 : 1); i++) {
        double s = build(b, list);
        best = best == 0 || s < best ? s : best;
    }
    double each = (double)b->counts.lookup_bytes / (double)b->n - MD5;
    if (theirs > 0)
        row("known files: set from a list of 10 M", best, "s", "hfind -i", theirs, theirs / best,
            "ratio>=30");
    else
        row("known files: set of digests as they come", (double)b->n / best / 1e6, "M/s", NULL, 0, 0, "-");
    row("known files: memory to build", peak_mb(), "MB", NULL, 0, 0, "value<=4096");
    row("known files: bytes an entry to find a digest", each, "bytes", NULL, 0, 0, "value<=5");
}

/* ---- Text -----------------------------------------------------------------------------------------------
 */

static bool write_lines(void *ctx, Str lines)
{
    return write(*(int *)ctx, lines.at, lines.len) == (ssize_t)lines.len;
}

static double find_text(const Bench *b)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(known_close) KnownSet *set = NULL;
    CLEANUP(map_done) Map map = {0};
    Err err = {0};
    KnownTextCounts counts;
    int out = open(b->asked_out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    double began = cpu_s();
    must(known_open(b->set, &mem, &set, &err), &err);
    must(map_file(b->asked_list, &map, &err), &err);
    must(known_find_text(set, DIGEST_MD5, (Str){ (const char *)map.at, map.len }, write_lines, &out, &counts,
                         &err),
         &err);
    double took = cpu_s() - began;
    close(out);
    if (counts.known < 490000 || counts.known > 510000)
        exit(1);
    return took;
}

static void measure_text(const Bench *b)
{
    char command[2400];
    double best = 0;
    snprintf(command, sizeof command, "hfind -f %s %s > %s 2> /dev/null", b->asked_list, b->list,
             b->asked_out);
    double theirs = run(command);
    for (int i = 0; i < 9; i++) {
        double s = find_text(b);
        best = best == 0 || s < best ? s : best;
    }
    row("known files: 1 M questions, text in and out", 1 / best, "M/s", "hfind -f",
        theirs > 0 ? 1 / theirs : 0, theirs / best, theirs > 0 ? "ratio>=100" : "-");
}

/* ---- Memory ---------------------------------------------------------------------------------------------
 */

/* What memory gives: lines of the very memory that the look-up reads, in random order, asked for ahead as
 * well as can be. */
static uint64_t read_lines(const uint8_t *table, const uint32_t *order, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        __builtin_prefetch(table + (size_t)order[i + AHEAD] * 64);
        sum += table[(size_t)order[i] * 64];
    }
    return sum;
}

static int compare_times(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *times, size_t n)
{
    qsort(times, n, sizeof *times, compare_times);
    return times[n / 2];
}

typedef struct Room {
    Pages     pages;
    uint8_t  *asked;
    uint32_t *places, *order;
} Room;

static Room room_new(void)
{
    size_t asked = (size_t)ASKED * MD5, places = ASKED * sizeof(uint32_t);
    Room r = { .pages = pages_new(asked + places + places + AHEAD * sizeof(uint32_t)) };
    r.asked = r.pages.at;
    r.places = (uint32_t *)(void *)(r.pages.at + asked);
    r.order = (uint32_t *)(void *)(r.pages.at + asked + places);
    memset(r.pages.at, 0, r.pages.len);
    return r;
}

static void check_known(const Room *r, size_t want)
{
    size_t known = 0;
    for (size_t i = 0; i < ASKED; i++)
        known += r->places[i] != KNOWN_NONE;
    if (known != want)
        exit(1);
}

/* Seconds that one question takes, and one line (`table` NULL: not measured). Both are measured in turn, so
 * that they meet the same neighbours; every round has other questions and another order of lines, so that
 * nothing is in the cache because it was just read; and the median is taken, as neighbours make some rounds
 * say nothing. */
static double measure_mix(const Bench *b, const KnownSet *set, Room *r, int percent, const Pages *table,
                          double *line)
{
    double find_s[ROUNDS], line_s[ROUNDS];
    uint64_t sum = 0;
    Err err = {0};
    for (int round = 0; round < ROUNDS; round++) {
        Rng rng = rng_seed(3 + (uint64_t)round);
        size_t want = questions(b, percent, round, r->asked);
        for (size_t i = 0; table && i < ASKED + AHEAD; i++)
            r->order[i] = (uint32_t)rng_below(&rng, table->len / 64);
        double began = cpu_s();
        if (table)
            sum += read_lines(table->at, r->order, ASKED);
        double between = cpu_s();
        must(known_find_many(set, DIGEST_MD5, r->asked, ASKED, r->places, &err), &err);
        line_s[round] = (between - began) / ASKED;
        find_s[round] = (cpu_s() - between) / ASKED;
        check_known(r, want);
    }
    if (table)
        *line = sum ? median(line_s, ROUNDS) : 1;
    return median(find_s, ROUNDS);
}

static void measure_find(Bench *b, KnownSet *set)
{
    static const struct { int percent; const char *task, *target; } mixes[] = {
        { 0,   "known files: batched look-up in memory, none known", "ratio>=0.6" },
        { 50,  "known files: batched look-up in memory, half known", "ratio>=0.6" },
        { 100, "known files: batched look-up in memory, all known",  "-" },
    };
    Room r = room_new();
    Err err = {0};
    double line = 0, began = cpu_s();
    must(known_check(set, DIGEST_MD5, &err), &err);
    double checked = cpu_s(), mapped = measure_mix(b, set, &r, 50, NULL, NULL), load = cpu_s();
    must(known_load(set, DIGEST_MD5, &err), &err);
    load = cpu_s() - load + checked - began;
    row("known files: to load a set", load, "s", NULL, 0, 0, "-");
    FOR_EACH(m, mixes) {
        double find = measure_mix(b, set, &r, m->percent, &set->loaded[DIGEST_MD5], &line);
        row(m->task, 1e-6 / find, "M/s", "random cache lines of the same memory", 1e-6 / line, line / find,
            m->target);
        b->find_rate = m->percent == 50 ? 1 / find : b->find_rate;
    }
    row("known files: batched look-up in the mapped file, half known", 1e-6 / mapped, "M/s", NULL, 0, 0, "-");
    pages_done(&r.pages);
}

static void measure_duckdb(const Bench *b)
{
    char sql[600], command[2400], line[256];
    double seconds = 0, best = 0;
    snprintf(sql, sizeof sql, "%s/known.sql", b->folder);
    FILE *f = fopen(sql, "w");
    if (!f)
        exit(1);
    /* Tables in memory, and room beside them, in bounds that a machine with 8 GB keeps to. */
    fprintf(f,
            "SET memory_limit = '6GB'\n;\nSET temp_directory = '%s/duckdb'\n;\n"
            "CREATE TABLE known AS SELECT md5_number(i::VARCHAR) AS h FROM range(%zu) t(i)\n;\n"
            "CREATE TABLE asked AS SELECT md5_number(i::VARCHAR) AS h FROM range(%zu, %zu) t(i)\n;\n",
            b->folder, b->n, b->n - ASKED / 2, b->n + ASKED / 2);
    for (int i = 0; i < 5; i++)
        fprintf(f, "SELECT count(*) FROM asked SEMI JOIN known USING (h)\n;\n");
    fclose(f);
    snprintf(command, sizeof command, "node tests/bench/duckdb.mjs 1 %s cpu 2> /dev/null", sql);
    FILE *out = popen(command, "r");
    for (int i = 0; out && fgets(line, sizeof line, out); i++)
        if (i >= 4 && sscanf(line, "%lf", &seconds) == 1)
            best = best == 0 || seconds < best ? seconds : best;
    if (out)
        pclose(out);
    if (best > 0)
        row("known files: batched look-up in memory", b->find_rate / 1e6, "M/s",
            "DuckDB semi join, 1 M at once", ASKED / best / 1e6, b->find_rate * best / ASKED,
            b->n > LIST_MOST ? "ratio>=50" : "ratio>=12");
    unlink(sql);
}

static void measure_open(Bench *b)
{
    Err err = {0};
    double open_best = 0, verify_best = 0;
    for (int i = 0; i < 5; i++) {
        CLEANUP(known_close) KnownSet *set = NULL;
        double began = wall_s();
        must(known_open(b->set, &b->mem, &set, &err), &err);
        double opened = wall_s() - began;
        began = cpu_s();
        if (i < 2)
            must(known_verify(set, 1, &err), &err);
        double verified = cpu_s() - began;
        open_best = i == 0 || opened < open_best ? opened : open_best;
        verify_best = i == 0 || (i < 2 && verified < verify_best) ? verified : verify_best;
    }
    row("known files: to open a set", open_best * 1e3, "ms", NULL, 0, 0, "value<=10");
    row("known files: to check every block of a set", (double)b->counts.file_bytes / verify_best / 1e6,
        "MB/s", NULL, 0, 0, "-");
}

int main(int argc, char **argv)
{
    Bench b = { .n = argc > 1 ? strtoull(argv[1], NULL, 10) : LIST_MOST,
                .folder = argc > 2 ? argv[2] : "build/bench" };
    Err err = {0};
    if (b.n < ASKED)
        return 2;
    snprintf(b.set, sizeof b.set, "%s/known.set", b.folder);
    snprintf(b.list, sizeof b.list, "%s/known.md5", b.folder);
    snprintf(b.asked_list, sizeof b.asked_list, "%s/known.asked", b.folder);
    snprintf(b.asked_out, sizeof b.asked_out, "%s/known.answers", b.folder);
    measure_build(&b);
    measure_open(&b);
    if (b.n <= LIST_MOST)
        measure_text(&b);
    KnownSet *set = NULL;
    must(known_open(b.set, &b.mem, &set, &err), &err);
    measure_find(&b, set);
    known_close(&set);
    measure_duckdb(&b);
    char command[2400];
    snprintf(command, sizeof command, "rm -f %s %s* %s %s", b.set, b.list, b.asked_list, b.asked_out);
    (void)!system(command);
    arena_done(&b.mem);
    return 0;
}
