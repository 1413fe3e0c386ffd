/* fuzz_near.c: any bytes as an index of near hashes. Opening must refuse or give an index, and searching in
 * one that was accepted must stay inside it and the table, end, and tell nothing that is not so: whatever the
 * index holds, a hit is compared in full.
 *
 * A whole index is 1.5 MB, too much to mutate: the first byte of the input says what kind of damage it holds,
 * and the rest is a header as it stands, or edits (place, value) of an index that was sound. */
#include <assert.h>
#include <string.h>
#include "base/map.h"
#include "engine/picture/near.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t root[32] = { 7 };

typedef struct Sound {
    NearTable table;
    uint8_t  *digests;
    Pages     block;
    size_t    len;
} Sound;

/* Rows that share chunks and some that are near: the damaged places are met. */
static Sound sound(Arena *mem)
{
    Sound s = { .digests = arena_new(mem, uint8_t, 32 * NEAR_INDEX_MIN), .len = near_size(NEAR_INDEX_MIN) };
    Err   err = {0};
    for (uint32_t i = 0; i < NEAR_INDEX_MIN; i++) {
        uint8_t *hash = s.digests + 32 * i;
        hash[0] = (uint8_t)(i >> 8);
        hash[1] = (uint8_t)i;
        for (int k = 2; k < 32; k++)
            hash[k] = (uint8_t)(i * 2654435761u >> (k % 4 * 8) & (k % 3 ? 255 : 7));
    }
    s.table = (NearTable){ s.digests, NEAR_INDEX_MIN };
    s.block = pages_new(s.len);
    bool built = near_build(&s.table, root, s.block.at, &err);
    assert(built);
    return s;
}

static void search(const NearIndex *index, const NearTable *table, const uint8_t *hash)
{
    NearHit hits[8];
    static const int distances[] = { 0, 15, 31, 40 };
    for (size_t d = 0; d < COUNT_OF(distances); d++) {
        size_t n = near_find(index, hash, distances[d], hits, COUNT_OF(hits));
        for (size_t i = 0; i < n && i < COUNT_OF(hits); i++) {
            assert(hits[i].row < table->n && hits[i].distance <= (uint32_t)distances[d]);
            assert(pdq_distance((const PdqHash *)(const void *)hash,
                                (const PdqHash *)(const void *)(table->digests + 32 * (size_t)hits[i].row))
                   == (int)hits[i].distance);
        }
    }
}

/* Edits of eight bytes: a place (scaled to the block), what to add there, and how many times in a row. Added
 * `times` -1, they are undone. */
static void damage(Sound *s, const uint8_t *data, size_t size, uint32_t times)
{
    for (; size >= 8; data += 8, size -= 8) {
        uint32_t place, value;
        memcpy(&place, data, sizeof place);
        memcpy(&value, data + 4, sizeof value);
        size_t at = 4096 + (size_t)((uint64_t)place * (s->len - 4096 - 64) >> 32) / 4 * 4;
        for (size_t i = 0; i < (value & 15) + 1 && at + 4 * i + 4 <= s->len; i++) {
            uint32_t old;
            memcpy(&old, s->block.at + at + 4 * i, sizeof old);
            old += value * times;
            memcpy(s->block.at + at + 4 * i, &old, sizeof old);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err        err = {0};
    NearIndex *index;
    if (size == 0)
        return 0;
    if (data[0] % 2 == 0) { /* a header, and whatever follows, as a file of a small table */
        NearTable none = { NULL, 0 };
        uint8_t  *at = arena_alloc(&mem, 1, size, 64);
        memcpy(at, data + 1, size - 1);
        if (near_open(at, size - 1, &none, root, &mem, &index, &err)) {
            NearHit hit;
            assert(near_find(index, root, 31, &hit, 1) == 0);
        } else {
            assert(err.kind == ERR_INVALID);
        }
        return 0;
    }
    static Sound s;                             /* built once: it takes a hundred times as long as the rest */
    static Arena forever;
    if (!s.digests)
        s = sound(&forever);
    damage(&s, data + 1, size - 1, 1);
    if (near_open(s.block.at, s.len, &s.table, root, &mem, &index, &err)) {
        search(index, &s.table, s.digests + 32 * 1000);
        search(index, &s.table, root);
        if (data[0] % 16 == 1 && !near_verify(index, &err))
            assert(err.kind == ERR_INVALID);
    } else {
        assert(err.kind == ERR_INVALID);
    }
    damage(&s, data + 1, size - 1, UINT32_MAX);
    return 0;
}
