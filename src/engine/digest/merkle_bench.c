/* merkle_bench.c: ledger-sized appends (200-byte records) against OpenSSL hashing the same leaves and nodes.
 *
 * The reference is what a plain program does: one EVP_Digest call per hash. A reused context and the old
 * one-shot SHA256() are shown too, because part of the gain over the reference is OpenSSL's cost per call,
 * not the hashing. */
#include "engine/digest/merkle.h"
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RECORD = 200, RECORDS = 8192, ROUNDS = 25 };

typedef struct Work {
    uint8_t     data[RECORDS][RECORD];
    const void *at[RECORDS];
    size_t      len[RECORDS];
    Hash32      level[RECORDS];
    EVP_MD_CTX *ctx;
    Hash32      root;
} Work;

typedef void Digest(Work *w, const void *at, size_t len, Hash32 *out);

static void by_evp_digest(Work *w, const void *at, size_t len, Hash32 *out)
{
    (void)w;
    if (!EVP_Digest(at, len, out->bytes, NULL, EVP_sha256(), NULL))
        abort();
}

static void by_evp_context(Work *w, const void *at, size_t len, Hash32 *out)
{
    if (!EVP_DigestInit_ex(w->ctx, NULL, NULL) || !EVP_DigestUpdate(w->ctx, at, len)
        || !EVP_DigestFinal_ex(w->ctx, out->bytes, NULL))
        abort();
}

static void by_sha256(Work *w, const void *at, size_t len, Hash32 *out)
{
    (void)w;
    SHA256(at, len, out->bytes);
}

/* RECORDS is a power of two, so the tree is full and pairing is all there is to it. */
static void plain_tree(Work *w, Digest *digest)
{
    uint8_t text[1 + RECORD];
    for (size_t i = 0; i < RECORDS; i++) {
        text[0] = 0;
        memcpy(text + 1, w->data[i], RECORD);
        digest(w, text, sizeof text, &w->level[i]);
    }
    for (size_t n = RECORDS / 2; n > 0; n /= 2)
        for (size_t i = 0; i < n; i++) {
            text[0] = 1;
            memcpy(text + 1, &w->level[2 * i], 2 * sizeof(Hash32));
            digest(w, text, 1 + 2 * sizeof(Hash32), &w->level[i]);
        }
    w->root = w->level[0];
}

static void muster_tree(Work *w, size_t batch)
{
    MerkleFrontier f = {0};
    for (size_t i = 0; i < RECORDS; i += batch) {
        merkle_leaves(w->at + i, w->len + i, batch, w->level);
        if (!merkle_append_batch(&f, w->level, batch, NULL, NULL))
            abort();
    }
    w->root = merkle_frontier_root(&f);
}

/* The same hashes by one forced path, to compare paths: leaves, then each level. */
static void path_tree(Work *w, Sha256Path path)
{
    static const size_t pair_len[RECORDS / 2] = { [0 ... RECORDS / 2 - 1] = 2 * sizeof(Hash32) };
    const void *pair[RECORDS / 2];
    Hash32 made[RECORDS / 2];
    sha256_many_by(path, 0, w->at, w->len, RECORDS, w->level);
    for (size_t n = RECORDS / 2; n > 0; n /= 2) {
        for (size_t i = 0; i < n; i++)
            pair[i] = &w->level[2 * i];
        sha256_many_by(path, 1, pair, pair_len, n, made);
        memcpy(w->level, made, n * sizeof *made);
    }
    w->root = w->level[0];
}

typedef enum How { PLAIN, BATCH, PATH } How;
typedef struct Row { const char *name; How how; Digest *digest; size_t n; } Row;

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* The best of ROUNDS, which is the one least disturbed by neighbours. */
static double time_row(Work *w, const Row *row)
{
    double best = 0;
    for (int i = 0; i < ROUNDS; i++) {
        double start = now_ns();
        if (row->how == PLAIN)
            plain_tree(w, row->digest);
        else if (row->how == BATCH)
            muster_tree(w, row->n);
        else
            path_tree(w, (Sha256Path)row->n);
        double took = now_ns() - start;
        best = best == 0 || took < best ? took : best;
    }
    return best / RECORDS;
}

int main(void)
{
    static const Row rows[] = {
        { "OpenSSL EVP_Digest, one call each (reference)", PLAIN, by_evp_digest, 0 },
        { "OpenSSL reused EVP_MD_CTX", PLAIN, by_evp_context, 0 },
        { "OpenSSL one-shot SHA256()", PLAIN, by_sha256, 0 },
        { "merkle_append_batch, batches of 4096", BATCH, NULL, 4096 },
        { "merkle_append_batch, batches of 256", BATCH, NULL, 256 },
        { "merkle_append_batch, batches of 32", BATCH, NULL, 32 },
        { "merkle_append_batch, batches of 8", BATCH, NULL, 8 },
        { "merkle_append_batch, one at a time", BATCH, NULL, 1 },
        { "path portable", PATH, NULL, SHA256_PORTABLE },
        { "path sha-ni", PATH, NULL, SHA256_SHANI },
        { "path avx2", PATH, NULL, SHA256_AVX2 },
        { "path avx-512", PATH, NULL, SHA256_AVX512 },
    };
    CLEANUP(arena_done) Arena mem = {0};
    Work *w = arena_new(&mem, Work, 1);
    for (size_t i = 0; i < RECORDS; i++) {
        for (size_t j = 0; j < RECORD; j++)
            w->data[i][j] = (uint8_t)((i * 131 + j * 7) >> (j % 5));
        w->at[i] = w->data[i];
        w->len[i] = RECORD;
    }
    w->ctx = EVP_MD_CTX_new();
    if (!w->ctx || !EVP_DigestInit_ex(w->ctx, EVP_sha256(), NULL))
        return 1;
    printf("%d records of %d bytes: leaf hash, interior nodes, root; best of %d; widest path here: %s\n",
           RECORDS, RECORD, ROUNDS, sha256_path_name(sha256_path_best()));
    double reference = 0;
    Hash32 root = {0};
    bool same = true;
    FOR_EACH(row, rows) {
        if (row->how == PATH && !sha256_path_here((Sha256Path)row->n))
            continue;
        double each = time_row(w, row);
        if (reference == 0) {
            reference = each;
            root = w->root;
        }
        same = same && merkle_same(&root, &w->root);
        printf("%-48s %8.1f ns a record  %5.2fx\n", row->name, each, reference / each);
        if (row->how == BATCH && row->n == 4096)        /* for tools/bench: see tests/bench/bench.h */
            printf("row\tledger leaves and tree, in batches\t%.0f\t/s\tOpenSSL EVP_Digest, each "
                   "hash\t%.0f\t%.2f"
                   "\tratio>=2\n",
                   1e9 / each, 1e9 / reference, reference / each);
    }
    EVP_MD_CTX_free(w->ctx);
    puts(same ? "all roots agree" : "ROOTS DIFFER");
    return same ? 0 : 1;
}
