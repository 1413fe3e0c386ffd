/* digests_bench.c: three digests of one big file and of a tree of files, beside hashdeep and OpenSSL.
 *
 *   engine_digests_bench FOLDER        where the files are made; they are read once first, so that every
 *                                      program finds them in memory
 *
 * One thread. hashdeep is told to use one too (-j0). Processor time is measured, of this process and of what
 * it starts, so that a busy machine changes little; figures are the best of a few rounds. */
#include "engine/digest/digests.h"
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/rng.h"

enum { BIG = 256 << 20, FILES = 3000, FILE_MEAN = 64 << 10, ROUNDS = 3 };
enum {
    PIECE = 64 << 10,                          /* of each of many files */
    APART = PIECE + 320,                       /* as digests.h asks */
    BIG_PIECE = 256 << 10,                     /* of one file, as triage reads it */
};

typedef struct Work {
    char     folder[512], big[600];
    uint8_t *buffer;                           /* DIGESTS_BATCH times APART */
    size_t   tree_bytes;
} Work;

typedef void Task(Work *w);

static double used_s(int who)
{
    struct rusage u;
    getrusage(who, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static double now_s(void) { return used_s(RUSAGE_SELF) + used_s(RUSAGE_CHILDREN); }

static double best_mb(Work *w, Task *task, size_t bytes)
{
    double best = 0;
    for (int i = 0; i < ROUNDS; i++) {
        double began = now_s();
        task(w);
        double rate = (double)bytes / 1e6 / (now_s() - began);
        best = rate > best ? rate : best;
    }
    return best;
}

static void tree_name(const Work *w, int i, char *path, size_t cap)
{
    snprintf(path, cap, "%s/tree/%04d", w->folder, i);
}

static void make_file(Work *w, const char *path, size_t size, Rng *rng)
{
    FILE *f = fopen(path, "wb");
    for (size_t done = 0; f && done < size; done += PIECE) {
        for (size_t i = 0; i < PIECE / 8; i++)
            ((uint64_t *)w->buffer)[i] = rng_next(rng);
        fwrite(w->buffer, 1, size - done < PIECE ? size - done : PIECE, f);
    }
    if (!f || fclose(f) != 0)
        exit(1);
}

static void make_files(Work *w)
{
    Rng rng = rng_seed(1);
    char path[600];
    snprintf(w->big, sizeof w->big, "%s/big", w->folder);
    make_file(w, w->big, BIG, &rng);
    snprintf(path, sizeof path, "%s/tree", w->folder);
    mkdir(path, 0700);
    for (int i = 0; i < FILES; i++) { /* sizes from nothing to eight times the mean, most of them small */
        double u = rng_unit(&rng);
        size_t size = (size_t)(u * u * u * 4 * FILE_MEAN);
        tree_name(w, i, path, sizeof path);
        make_file(w, path, size, &rng);
        w->tree_bytes += size;
    }
}

static void drop_files(Work *w)
{
    char path[600];
    for (int i = 0; i < FILES; i++) {
        tree_name(w, i, path, sizeof path);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/tree", w->folder);
    rmdir(path);
    unlink(w->big);
}

static void big_by_us(Work *w)
{
    CLEANUP(arena_done) Arena mem = {0};
    DigestStream *s = digests_begin(&mem);
    int fd = open(w->big, O_RDONLY | O_CLOEXEC);
    for (ssize_t got; (got = read(fd, w->buffer, BIG_PIECE)) > 0;)
        digests_add(s, w->buffer, (size_t)got);
    close(fd);
    (void)digests_end(s);
}

/* Keeps a full batch of open files: each round reads a piece of every one. */
static void tree_by_us(Work *w)
{
    CLEANUP(arena_done) Arena mem = {0};
    DigestStream *streams[DIGESTS_BATCH];
    const void *at[DIGESTS_BATCH];
    size_t len[DIGESTS_BATCH];
    int fd[DIGESTS_BATCH], next = 0, open_count = 0;
    for (size_t i = 0; i < DIGESTS_BATCH; i++) {
        streams[i] = digests_begin(&mem);
        at[i] = w->buffer + i * APART;
        fd[i] = -1;
    }
    do {
        for (size_t i = 0; i < DIGESTS_BATCH; i++) {
            char path[600];
            len[i] = 0;
            if (fd[i] < 0 && next < FILES) {
                tree_name(w, next++, path, sizeof path);
                fd[i] = open(path, O_RDONLY | O_CLOEXEC);
                open_count++;
            }
            if (fd[i] < 0)
                continue;
            ssize_t got = read(fd[i], w->buffer + i * APART, PIECE);
            len[i] = got > 0 ? (size_t)got : 0;
            if (got < PIECE) {                 /* the file ends here; its digests are taken below */
                close(fd[i]);
                fd[i] = -2;
            }
        }
        digests_add_many(streams, at, len, DIGESTS_BATCH);
        for (size_t i = 0; i < DIGESTS_BATCH; i++)
            if (fd[i] == -2) {
                (void)digests_end(streams[i]);
                fd[i] = -1;
                open_count--;
            }
    } while (open_count > 0 || next < FILES);
}

static void file_by_evp(Work *w, const char *path)
{
    const EVP_MD *md[3] = { EVP_md5(), EVP_sha1(), EVP_sha256() };
    EVP_MD_CTX *ctx[3];
    uint8_t out[64];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    for (int i = 0; i < 3; i++) {
        ctx[i] = EVP_MD_CTX_new();
        EVP_DigestInit_ex(ctx[i], md[i], NULL);
    }
    for (ssize_t got; (got = read(fd, w->buffer, PIECE)) > 0;)
        for (int i = 0; i < 3; i++)
            EVP_DigestUpdate(ctx[i], w->buffer, (size_t)got);
    close(fd);
    for (int i = 0; i < 3; i++) {
        EVP_DigestFinal_ex(ctx[i], out, NULL);
        EVP_MD_CTX_free(ctx[i]);
    }
}

static void big_by_evp(Work *w) { file_by_evp(w, w->big); }

static void tree_by_evp(Work *w)
{
    char path[600];
    for (int i = 0; i < FILES; i++) {
        tree_name(w, i, path, sizeof path);
        file_by_evp(w, path);
    }
}

static void by_hashdeep(const Work *w, const char *what)
{
    char command[1400];
    snprintf(command, sizeof command, "hashdeep -j0 -c md5,sha1,sha256 -r '%s/%s' > /dev/null 2>&1",
             w->folder, what);
    if (system(command) != 0)
        exit(1);
}

static void big_by_hashdeep(Work *w) { by_hashdeep(w, "big"); }
static void tree_by_hashdeep(Work *w) { by_hashdeep(w, "tree"); }

static void row(const char *task, double ours, const char *reference, double theirs, const char *target)
{
    printf("row\t%s\t%.0f\tMB/s\t%s\t%.0f\t%.2f\t%s\n", task, ours, reference, theirs,
           theirs > 0 ? ours / theirs : 0, target);
}

int main(int argc, char **argv)
{
    Work w = {0};
    snprintf(w.folder, sizeof w.folder, "%s", argc > 1 ? argv[1] : ".");
    w.buffer = aligned_alloc(64, DIGESTS_BATCH * APART);
    if (!w.buffer)
        return 1;
    make_files(&w);
    bool hashdeep = system("hashdeep -V > /dev/null 2>&1") == 0;
    double big = best_mb(&w, big_by_us, BIG), tree = best_mb(&w, tree_by_us, w.tree_bytes);
    if (hashdeep) {
        row("three digests, one big file, one core", big, "hashdeep", best_mb(&w, big_by_hashdeep, BIG),
            "ratio>=4.5");
        row("three digests, a tree of files, one core", tree, "hashdeep",
            best_mb(&w, tree_by_hashdeep, w.tree_bytes), "ratio>=8");
    }
    row("three digests, one big file, one core", big, "OpenSSL", best_mb(&w, big_by_evp, BIG), "-");
    row("three digests, a tree of files, one core", tree, "OpenSSL", best_mb(&w, tree_by_evp, w.tree_bytes),
        "-");
    drop_files(&w);
    free(w.buffer);
    return 0;
}
