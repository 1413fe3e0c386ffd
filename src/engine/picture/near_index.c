/* near_index.c: the index as a block of bytes: its size, building, opening and checking. Layout and why it is
 * exact: near_inside.h. */
#include "engine/picture/near_inside.h"
#include <assert.h>
#include <string.h>
#include "engine/digest/sha256.h"

enum { VERSION = 1, ORDER_MARK = 0x01020304, PAD = 64, PIECE = 1 << 20 };
static const char magic[8] = "MUSTNEAR";

typedef struct Header {
    char     magic[8];
    uint32_t version;
    uint32_t order;                  /* ORDER_MARK: a machine of the other byte order refuses */
    uint64_t n, len;                 /* rows; bytes of the whole block */
    uint8_t  root[32];               /* the table it belongs to */
    uint8_t  body[32];               /* body_sum */
    uint8_t  self[32];               /* SHA-256 of all before */
} Header;
_Static_assert(sizeof(Header) <= NEAR_HEADER, "the header has room");

static size_t padded(size_t len) { return (len + PAD - 1) / PAD * PAD + PAD; }

size_t near_size(size_t n)
{
    if (n < NEAR_INDEX_MIN)
        return NEAR_HEADER;
    return NEAR_HEADER +
           NEAR_CHUNKS * (padded((NEAR_VALUES + 1) * sizeof(uint32_t)) + padded(n * sizeof(uint16_t))) +
           (NEAR_CHUNKS - 1) * padded(n * sizeof(uint32_t));
}

/* Where everything is in a block; the block is not looked at. */
static NearIndex laid_out(const void *block, const NearTable *table)
{
    NearIndex index = { .table = *table, .block = block, .len = near_size(table->n) };
    const uint8_t *at = index.block + NEAR_HEADER;
    for (int c = 0; c < NEAR_CHUNKS && table->n >= NEAR_INDEX_MIN; c++) {
        index.start[c] = (const uint32_t *)(const void *)at;
        at += padded((NEAR_VALUES + 1) * sizeof(uint32_t));
        index.next[c] = (const uint16_t *)(const void *)at;
        at += padded(table->n * sizeof(uint16_t));
        if (c > 0) {
            index.row[c] = (const uint32_t *)(const void *)at;
            at += padded(table->n * sizeof(uint32_t));
        }
    }
    return index;
}

/* The SHA-256 of the SHA-256 of every megabyte: pieces are hashed side by side. */
static Hash32 body_sum(const NearIndex *index)
{
    enum { SIDE = 64 };
    const uint8_t *at = index->block + NEAR_HEADER;
    size_t left = index->len - NEAR_HEADER;
    Hash32 chain[1 + SIDE] = {0};           /* the sum so far, then the next pieces */
    while (left > 0) {
        const void *piece[SIDE];
        size_t len[SIDE], n = 0;
        for (; n < SIDE && left > 0; n++) {
            piece[n] = at;
            len[n] = left < PIECE ? left : PIECE;
            at += len[n];
            left -= len[n];
        }
        sha256_many(piece, len, n, chain + 1);
        sha256_many(&(const void *){ chain }, &(size_t){ (1 + n) * sizeof *chain }, 1, chain);
    }
    return chain[0];
}

static Hash32 header_sum(const Header *header)
{
    Hash32 sum;
    sha256_many(&(const void *){ header }, &(size_t){ offsetof(Header, self) }, 1, &sum);
    return sum;
}

/* A counting sort by chunk c, which keeps the table's order among equals. */
static void build_chunk(const NearTable *table, int c, uint32_t *start, uint16_t *next, uint32_t *row)
{
    const uint8_t *digest = table->digests;
    for (size_t i = 0; i < table->n; i++)
        start[near_chunk(digest + 32 * i, c) + 1]++;
    for (size_t v = 0; v < NEAR_VALUES; v++)
        start[v + 1] += start[v];
    for (size_t i = 0; i < table->n; i++) {
        uint32_t place = start[near_chunk(digest + 32 * i, c)]++;
        next[place] = near_chunk(digest + 32 * i, (c + 1) % NEAR_CHUNKS);
        if (row)
            row[place] = (uint32_t)i;
    }
    memmove(start + 1, start, NEAR_VALUES * sizeof *start);     /* each had moved on to the end of its rows */
    start[0] = 0;
}

bool near_build(const NearTable *table, const uint8_t root[32], void *block, Err *err)
{
    if (table->n > NEAR_ROWS_MAX)
        return err_set(err, ERR_LIMIT, "An index takes at most %u hashes.", (unsigned)NEAR_ROWS_MAX);
    for (size_t i = 1; i < table->n; i++)
        if (memcmp(table->digests + 32 * (i - 1), table->digests + 32 * i, 32) > 0)
            return err_set(err, ERR_INVALID, "Hash %zu is out of order.", i);
    NearIndex index = laid_out(block, table);
    for (int c = 0; c < NEAR_CHUNKS && index.start[c]; c++)
        build_chunk(table, c, (uint32_t *)(uintptr_t)index.start[c], (uint16_t *)(uintptr_t)index.next[c],
                    (uint32_t *)(uintptr_t)index.row[c]);
    Header header = { .version = VERSION, .order = ORDER_MARK, .n = table->n, .len = index.len };
    memcpy(header.magic, magic, sizeof magic);
    memcpy(header.root, root, sizeof header.root);
    memcpy(header.body, body_sum(&index).bytes, sizeof header.body);
    memcpy(header.self, header_sum(&header).bytes, sizeof header.self);
    memcpy(block, &header, sizeof header);
    return true;
}

/* False when the runs are not in order. Also finds the longest. */
static bool starts_rise(const uint32_t *start, size_t n, uint32_t *longest)
{
    bool rise = start[0] == 0 && start[NEAR_VALUES] == n;
    for (size_t v = 0; v < NEAR_VALUES; v++) {
        uint32_t length = start[v + 1] - start[v];
        rise &= start[v] <= start[v + 1];
        *longest = length > *longest ? length : *longest;
    }
    return rise;
}

bool near_open(const void *block, size_t len, const NearTable *table, const uint8_t root[32], Arena *mem,
               NearIndex **out, Err *err)
{
    Header header;
    if (len < NEAR_HEADER)
        return err_set(err, ERR_INVALID, "The index of near hashes is cut short.");
    memcpy(&header, block, sizeof header);
    if (memcmp(header.magic, magic, sizeof magic) != 0)
        return err_set(err, ERR_INVALID, "This is not an index of near hashes.");
    if (header.version != VERSION || header.order != ORDER_MARK)
        return err_set(err, ERR_INVALID, "The index of near hashes was made by another version of Muster.")
            || err_hint(err, "Build it again from its set.");
    if (memcmp(header_sum(&header).bytes, header.self, sizeof header.self) != 0)
        return err_set(err, ERR_INVALID, "The index of near hashes has been altered.");
    if (header.n != table->n || memcmp(header.root, root, sizeof header.root) != 0)
        return err_set(err, ERR_INVALID, "The index of near hashes belongs to another set.")
            || err_hint(err, "Build it again from this set.");
    if (table->n > NEAR_ROWS_MAX || header.len != near_size(table->n) || header.len != len)
        return err_set(err, ERR_INVALID, "The index of near hashes has the wrong length.");
    NearIndex *index = arena_new(mem, NearIndex, 1);
    uint32_t longest = 0;
    *index = laid_out(block, table);
    for (int c = 0; c < NEAR_CHUNKS && index->start[c]; c++)
        if (!starts_rise(index->start[c], table->n, &longest))
            return err_set(err, ERR_INVALID, "The index of near hashes has been altered.");
    index->skewed = longest > 256 + 16 * (table->n / NEAR_VALUES);
    *out = index;
    return true;
}

bool near_verify(const NearIndex *index, Err *err)
{
    Header header;
    memcpy(&header, index->block, sizeof header);
    if (memcmp(body_sum(index).bytes, header.body, sizeof header.body) != 0)
        return err_set(err, ERR_INVALID, "The index of near hashes has been altered.");
    return true;
}
