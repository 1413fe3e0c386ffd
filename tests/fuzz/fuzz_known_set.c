/* fuzz_known_set.c: any bytes as a known-file set.
 *
 * As they stand they are nearly always refused by their sums, so they are opened once without comparing any:
 * then only bounds stand between a hostile file and memory. Whatever is asked must come back, with an answer
 * or an error, and a place or a row that is given must be one of the set's. */
#include <assert.h>
#include <string.h>
#include "engine/known/known_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ASKED = 40, READ_MOST = 300 };

/* Some of the file's own bytes as questions, and digests that are in the table. */
static void ask(const KnownSet *set, DigestKind k, const uint8_t *data, size_t size)
{
    uint8_t  questions[ASKED * 144] = {0};
    _Alignas(64) uint8_t room[(ASKED / 3) * (144 + 8)];
    uint32_t places[ASKED], in_order[ASKED];
    size_t   n, bytes = digest_bytes(k);
    Err      err = {0};
    const uint8_t *table = known_digests(set, k, &n);
    for (size_t i = 0; i < ASKED; i++) {
        if (n && i % 2)
            memcpy(questions + i * bytes, table + i * 7919 % n * bytes, bytes);
        else if (size > bytes)
            memcpy(questions + i * bytes, data + i * 997 % (size - bytes), bytes);
    }
    for (KnownPath path = 0; path < KNOWN_PATHS; path++) {
        if (!known_path_here(path))
            continue;
        known_find_by(path, &set->table[k], questions, ASKED, places);
        for (size_t i = 0; i < ASKED; i++)
            assert(places[i] == KNOWN_NONE || places[i] < n);
        known_find_in_order(path, &set->table[k], questions, ASKED, in_order, &(Pages){ room, sizeof room });
        assert(memcmp(places, in_order, sizeof places) == 0);
    }
    for (size_t i = 0; i < ASKED; i++) {
        KnownHit hit;
        uint32_t row;
        if (!known_find(set, k, questions + i * bytes, &hit, &err) || hit.count == 0)
            continue;
        assert(hit.place < n && hit.count <= n - hit.place);
        if (known_row(set, k, hit.place, &row, &err))
            assert(row < known_rows(set));
    }
}

static size_t read_all(const KnownEntry *e)
{
    size_t sum =
        strlen(e->source) + strlen(e->version) + strlen(e->grade) + strlen(e->scale) + strlen(e->series);
    for (DigestKind k = 0; k < DIGEST__COUNT; k++)
        for (size_t i = 0; e->digest[k] && i < digest_bytes(k); i++)
            sum += e->digest[k][i];
    return sum;
}

static void walk(const KnownSet *set)
{
    Err err = {0};
    KnownInfo info = known_info(set);
    size_t sum = strlen(info.name) + strlen(info.version) + strlen(info.signature);
    for (uint32_t row = 0; row < known_rows(set) && row < READ_MOST; row++) {
        KnownEntry e;
        if (known_entry(set, row, &e, &err))
            sum += read_all(&e);
    }
    for (size_t i = 0; i < info.labels && i < READ_MOST; i++) {
        KnownLabel label;
        if (known_label(set, i, &label, &err))
            sum += strlen(label.source) + strlen(label.grade);
    }
    for (uint64_t i = 0; i < info.counts.conflicts && i < READ_MOST; i++) {
        KnownConflict c;
        if (known_conflict(set, i, &c, &err))
            assert(c.hit.place < info.counts.digests[c.kind]);
    }
    assert(sum < SIZE_MAX);
}

static bool count(void *ctx, Str lines)
{
    *(size_t *)ctx += lines.len;
    return *(size_t *)ctx < 1 << 20;
}

static void ask_in_text(const KnownSet *set, const uint8_t *data, size_t size)
{
    Err err = {0};
    KnownTextCounts counts;
    size_t bytes = 0;
    (void)!known_find_text(set, DIGEST_MD5, (Str){ (const char *)data, size }, count, &bytes, &counts, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_done) Arena mem = {0};
    KnownSet *set = NULL;
    Err err = {0};
    uint8_t *at = arena_alloc(&mem, size ? size : 1, 1, 64);
    memcpy(at, data, size);
    if (known_open_bytes(at, size, &mem, &set, &err))
        (void)!known_verify(set, 1, &err);
    if (!known_open_unsummed(at, size, &mem, &set, &err))
        return 0;
    for (DigestKind k = 0; k < DIGEST__COUNT; k++)
        ask(set, k, at, size);
    walk(set);
    ask_in_text(set, at, size);
    if (known_rows(set) <= READ_MOST) {
        KnownDiffCounts counts;
        (void)!known_diff(set, set, NULL, NULL, &counts, &err);
    }
    return 0;
}
