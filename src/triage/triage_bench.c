/* triage_bench.c: a tree of files through the whole of triage, beside hashdeep -r, which only digests it.
 *
 * Two trees: many small files, as on a phone, and a few large ones. Both are read from memory (the second run
 * of each counts), so that what is measured is the work and not a disk. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/rng.h"
#include "triage/triage.h"

enum { ROUNDS = 3 };

static Instant steady(void *ctx)
{
    struct timespec t;
    (void)ctx;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (Instant)t.tv_sec * US_PER_SECOND + t.tv_nsec / 1000;
}

/* Words and numbers, as documents are: neither pictures nor archives, so that both programs do the same. */
static void file_make(const char *path, size_t size, Rng *r)
{
    static uint8_t block[1 << 16];
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    for (size_t done = 0; done < size;) {
        for (size_t i = 0; i < sizeof block; i += 8) {
            uint64_t v = rng_next(r);
            memcpy(block + i, &v, 8);
        }
        block[0] = 'T';
        size_t n = size - done < sizeof block ? size - done : sizeof block;
        if (write(fd, block, n) != (ssize_t)n)
            exit(1);
        done += n;
    }
    close(fd);
}

static void tree_make(const char *folder, size_t files, size_t size)
{
    Rng r = rng_seed(7);
    CLEANUP(arena_done) Arena mem = { 0 };
    mkdir(folder, 0700);
    for (size_t i = 0; i < files; i++) {
        char *sub = str_fmt(&mem, "%s/%zu", folder, i / 100);
        if (i % 100 == 0)
            mkdir(sub, 0700);
        file_make(str_fmt(&mem, "%s/%zu.doc", sub, i), size, &r);
    }
}

static double triage_mbs(const char *folder, int threads, double mb)
{
    double best = 0;
    for (int i = 0; i < ROUNDS; i++) {
        CLEANUP(arena_done) Arena mem = { 0 };
        CLEANUP(triage_done) TriageReport r = { 0 };
        Err err = { 0 };
        TriageOptions o = { .path = folder, .threads = threads, .clock = steady };
        Instant began = steady(NULL);
        if (!triage_run(&o, &mem, &r, &err)) {
            fprintf(stderr, "triage_bench: %s\n", err.told);
            exit(1);
        }
        double rate = mb / ((double)(steady(NULL) - began) / 1e6);
        best = rate > best ? rate : best;
    }
    return best;
}

static double hashdeep_mbs(const char *folder, int threads, double mb)
{
    double best = 0;
    char command[4096];
    snprintf(command, sizeof command, "hashdeep -c md5,sha1,sha256 -j%d -r '%s' > /dev/null 2>&1",
             threads > 1 ? threads : 0, folder);
    for (int i = 0; i < ROUNDS; i++) {
        Instant began = steady(NULL);
        if (system(command) != 0)
            return 0;
        double rate = mb / ((double)(steady(NULL) - began) / 1e6);
        best = rate > best ? rate : best;
    }
    return best;
}

static void row(const char *task, double value, double other, const char *target)
{
    if (other > 0)
        printf("row\t%s\t%.0f\tMB/s\thashdeep -r\t%.0f\t%.2f\t%s\n", task, value, other, value / other,
               target);
    else
        printf("row\t%s\t%.0f\tMB/s\t-\t-\t-\t-\n", task, value);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        size_t files, size;
        int threads;
        const char *task, *target;
    } trees[] = {
        { "small", 4000, 50 * 1024, 1, "triage a tree of small files, one thread", "ratio>=4" },
        { "small", 4000, 50 * 1024, 2, "triage a tree of small files, two threads", "-" },
        { "large", 4, 100 << 20, 1, "triage a few large files, one thread", "ratio>=3" },
    };
    CLEANUP(arena_done) Arena mem = { 0 };
    const char *at = argc > 1 ? argv[1] : "/tmp";
    char *base = str_fmt(&mem, "%s/triage-bench-%d", at, getpid());
    mkdir(base, 0700);
    FOR_EACH (t, trees) {
        char *folder = str_fmt(&mem, "%s/%s", base, t->name);
        double mb = (double)t->files * (double)t->size / 1e6;
        if (access(folder, F_OK) != 0)
            tree_make(folder, t->files, t->size);
        row(t->task, triage_mbs(folder, t->threads, mb), hashdeep_mbs(folder, t->threads, mb), t->target);
    }
    return system(str_fmt(&mem, "rm -rf '%s'", base)) == 0 ? 0 : 1;
}
