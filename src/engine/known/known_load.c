/* known_load.c: one kind's look-up brought into huge pages of memory.
 *
 * Read rather than copied from the map, so that the file's small pages need not be mapped at all, and each
 * piece is summed while it is still in the cache. Whole blocks are read, as sums are of whole blocks. */
#include <errno.h>
#include <unistd.h>
#include "engine/known/known_format.h"

enum { PIECE_BLOCKS = 32 };

typedef struct Span {
    size_t first, blocks, skip;
} Span; /* blocks that hold a section; bytes before it */

static Span span_of(const KnownSection *s)
{
    size_t from = s->at - KNOWN_DATA_AT, to = from + s->bytes;
    Span   span = { from / KNOWN_BLOCK_BYTES, 0, from % KNOWN_BLOCK_BYTES };
    span.blocks = (to + KNOWN_BLOCK_BYTES - 1) / KNOWN_BLOCK_BYTES - span.first;
    return span;
}

static bool fetch(const KnownSet *set, size_t at, uint8_t *into, size_t len, Err *err)
{
    if (set->fd < 0) {
        memcpy(into, set->at + at, len);
        return true;
    }
    while (len) {
        ssize_t n = pread(set->fd, into, len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set(err, ERR_STORE, "The known-file set could not be read: %s.", strerror(errno));
        if (n == 0)
            return known_altered(err);
        into += n;
        at += (size_t)n;
        len -= (size_t)n;
    }
    return true;
}

static bool read_span(const KnownSet *set, Span span, bool summed, uint8_t *into, Err *err)
{
    size_t end = set->part[PART_SUMS][0]->at;
    for (size_t b = 0; b < span.blocks; b += PIECE_BLOCKS) {
        size_t n = span.blocks - b < PIECE_BLOCKS ? span.blocks - b : PIECE_BLOCKS;
        size_t at = KNOWN_DATA_AT + (span.first + b) * KNOWN_BLOCK_BYTES, len = n * KNOWN_BLOCK_BYTES;
        uint8_t *piece = into + b * KNOWN_BLOCK_BYTES;
        len = len < end - at ? len : end - at;
        if (!fetch(set, at, piece, len, err) ||
            (!summed && !known_blocks_right(set, span.first + b, n, piece, err)))
            return false;
    }
    return true;
}

bool known_table_copy(const KnownSet *set, DigestKind kind, KnownTable *to, Pages *pages, Err *err)
{
    const KnownTable *from = &set->table[kind];
    Span digests = span_of(set->part[PART_DIGESTS][kind]), lines = span_of(set->part[PART_LINES][kind]);
    size_t lines_at = digests.blocks * KNOWN_BLOCK_BYTES;
    bool summed = atomic_load_explicit(&set->whole[kind], memory_order_acquire);
    Pages room = pages_new(lines_at + lines.blocks * KNOWN_BLOCK_BYTES);
    if (!read_span(set, digests, summed, room.at, err) ||
        !read_span(set, lines, summed, room.at + lines_at, err)) {
        pages_done(&room);
        return false;
    }
    *to = *from;
    to->digests = room.at + digests.skip;
    to->lines = (const KnownLine *)(const void *)(room.at + lines_at + lines.skip);
    *pages = room;
    atomic_store_explicit((atomic_bool *)(uintptr_t)&set->whole[kind], true, memory_order_release);
    return true;
}

bool known_load(KnownSet *set, DigestKind kind, Err *err)
{
    KnownTable table;
    if (set->loaded[kind].at || set->table[kind].n == 0)
        return true;
    if (!known_table_copy(set, kind, &table, &set->loaded[kind], err))
        return err_while(err, "loading a known-file set");
    set->table[kind] = table;
    if (!set->room.at)
        set->room = pages_new(KNOWN_ROOM_BYTES);
    return true;
}
