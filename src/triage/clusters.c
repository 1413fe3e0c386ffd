/* clusters.c: pictures that no set knows, gathered by near-duplicate, so that a person who must judge them
 * judges each once.
 *
 * Equal hashes are taken together first; the others are joined to all their neighbours by union-find, so the
 * result does not hang on the order of the files. */
#include <stdlib.h>
#include <string.h>
#include "base/map.h"
#include "engine/forest.h"
#include "engine/picture/near.h"
#include "triage/inside.h"

enum { NEIGHBOURS = 128, BATCH_HASHES = 1024 };

typedef struct Hashed { uint8_t bytes[32]; uint32_t file; } Hashed;

static int by_hash(const void *a, const void *b)
{
    const Hashed *x = a, *y = b;
    int c = memcmp(x->bytes, y->bytes, sizeof x->bytes);
    return c ? c : (x->file > y->file) - (x->file < y->file);
}

static void neighbours_join(const NearTable *table, const NearIndex *index, int distance, uint32_t *up)
{
    for (size_t at = 0; at < table->n; at += BATCH_HASHES) {
        CLEANUP(arena_done) Arena mem = { 0 };
        size_t n = table->n - at < BATCH_HASHES ? table->n - at : BATCH_HASHES;
        NearFound *found = arena_new(&mem, NearFound, n);
        if (index)
            near_find_many(index, table->digests + 32 * at, n, distance, NEIGHBOURS, &mem, found);
        else
            near_scan(table, table->digests + 32 * at, n, distance, NEIGHBOURS, &mem, found);
        for (size_t i = 0; i < n; i++) {
            NearFound all = found[i];
            if (all.total > all.n)             /* crowded: all of them, this once */
                near_scan(table, table->digests + 32 * (at + i), 1, distance, all.total, &mem, &all);
            for (uint32_t k = 0; k < all.n; k++)
                forest_join(up, (uint32_t)(at + i), all.hits[k].row);
        }
    }
}

typedef struct Size { uint32_t root, files; } Size;
static int largest_first(const void *a, const void *b)
{
    const Size *x = a, *y = b;
    return x->files != y->files ? (x->files < y->files) - (x->files > y->files)
                                : (x->root > y->root) - (x->root < y->root);
}

/* Numbers clusters by size. `row[i]`: the hash of pictures[i]. */
static void number(Arena *mem, TriageReport *out, const Hashed *pictures, const uint32_t *row, size_t count,
                   uint32_t *up, size_t rows)
{
    Size *sizes = arena_new(mem, Size, rows);
    uint32_t *number_of = arena_new(mem, uint32_t, rows);
    size_t n = 0;
    for (size_t i = 0; i < rows; i++)
        sizes[i].root = (uint32_t)i;
    for (size_t i = 0; i < count; i++)
        sizes[forest_top(up, row[i])].files++;
    for (size_t i = 0; i < rows; i++)
        if (sizes[i].files)
            sizes[n++] = sizes[i];
    qsort(sizes, n, sizeof *sizes, largest_first);
    out->cluster_sizes = arena_new(mem, uint32_t, n);
    out->cluster_count = n;
    for (size_t i = 0; i < n; i++) {
        number_of[sizes[i].root] = (uint32_t)i + 1;
        out->cluster_sizes[i] = sizes[i].files;
    }
    for (size_t i = 0; i < count; i++)
        out->cluster[pictures[i].file] = number_of[forest_top(up, row[i])];
}

bool clusters_find(Arena *mem, TriageReport *out, const uint32_t *of, size_t count, int distance, Err *err)
{
    CLEANUP(pages_done) Pages block = { 0 };
    CLEANUP(arena_done) Arena scratch = { 0 };
    Hashed *pictures = arena_new(&scratch, Hashed, count + 1);
    uint32_t *row = arena_new(&scratch, uint32_t, count + 1), *up = arena_new(&scratch, uint32_t, count + 1);
    uint8_t *digests = arena_new(&scratch, uint8_t, 32 * count + 1);
    NearTable table = { digests, 0 };
    NearIndex *index = NULL;
    const uint8_t own[32] = { 0 };
    for (size_t i = 0; i < count; i++) {
        memcpy(pictures[i].bytes, out->files[of[i]].pdq.bytes, 32);
        pictures[i].file = of[i];
    }
    if (count)
        qsort(pictures, count, sizeof *pictures, by_hash);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || memcmp(pictures[i].bytes, pictures[i - 1].bytes, 32) != 0)
            memcpy(digests + 32 * table.n++, pictures[i].bytes, 32);
        row[i] = (uint32_t)table.n - 1;
    }
    for (size_t i = 0; i < table.n; i++)
        up[i] = (uint32_t)i;
    if (table.n >= NEAR_INDEX_MIN) {
        block = pages_new(near_size(table.n));
        if (!near_build(&table, own, block.at, err) ||
            !near_open(block.at, near_size(table.n), &table, own, &scratch, &index, err))
            return false;
    }
    neighbours_join(&table, index, distance, up);
    number(mem, out, pictures, row, count, up, table.n);
    return true;
}
