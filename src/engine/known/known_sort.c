/* known_sort.c: records go into buckets by their first bits as they come, each bucket then small enough to be
 * sorted in the cache; runs that do not fit are spilled and merged.
 *
 * Until there are a million or so they only go into a log: fresh memory costs more than sorting, and buckets
 * touch all of theirs at once. A bucket is a chain of chunks of one pool, so a record is written once
 * and never moved before it is handed over. Digests are even, so buckets are too and every step is a stream;
 * known_pairs.h sees to those that are not. Memory: the pool has two fifths of the budget, and pairs of
 * (prefix, offset) with their scratch are never more than the rest, as a record has 24 bytes or more. */
#include "engine/known/known_sort.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/map.h"
#include "base/str.h"

enum {
    BITS_MOST   = 13,               /* the first three often say only the kind of digest */
    CHUNK_MIN   = 1024,
    CHUNK_MOST  = 16384,
    CHUNKS_EACH = 4,                /* for each bucket at least, or unfilled chunks would be the most of it */
    LOG_MOST    = 160 << 20,
    LOG_PART    = 4,                /* of the pool, at most */
    WRITE_BYTES = 1 << 20,
    READ_MIN    = 4096,
    RECORD_MIN  = 24,
    AHEAD       = 12,
    AHEAD_LINES = 3,                /* of 64 bytes: most of a record with PhotoDNA */
};

typedef struct Run { uint64_t at, end; } Run;
typedef struct Chunk {
    uint32_t next, used;
    uint8_t data[];
} Chunk; /* next: number + 1 of the one before */
typedef struct Bucket { uint32_t chunk, room; uint8_t *at; size_t records; } Bucket;

struct Sort {
    SortOrder order;
    Arena    *mem;
    char     *spill_path;
    int       fd;                       /* -1 until a run is spilled */
    size_t    budget, log_most, chunk_bytes, chunks_most;
    uint32_t  chunks, bucket_bits;
    Pages     log, pool, pairs, writing;
    size_t    logged, records, unwritten;       /* bytes; records; bytes */
    bool      in_buckets;
    Bucket   *bucket;
    Run      *runs;
    uint64_t  run_from;
    size_t    run_count, run_cap;
    uint64_t  spilled;
};

Sort *sort_new(const SortOrder *order, const char *spill_path, size_t budget_bytes, Arena *mem)
{
    Sort *s = arena_new(mem, Sort, 1);
    s->order = *order;
    s->mem = mem;
    s->spill_path = str_fmt(mem, "%sXXXXXX", spill_path);
    s->fd = -1;
    s->budget = budget_bytes > SORT_BUDGET_MIN ? budget_bytes : SORT_BUDGET_MIN;
    size_t pool = s->budget / 5 * 2;
    s->chunk_bytes = pool / ((size_t)CHUNKS_EACH << BITS_MOST) / CHUNK_MIN * CHUNK_MIN;
    s->chunk_bytes = s->chunk_bytes < CHUNK_MIN    ? CHUNK_MIN
                     : s->chunk_bytes > CHUNK_MOST ? CHUNK_MOST
                                                   : s->chunk_bytes;
    s->chunks_most = pool / s->chunk_bytes;
    s->log_most = pool / LOG_PART < LOG_MOST ? pool / LOG_PART : LOG_MOST;
    s->bucket_bits = 1;
    while (s->bucket_bits < BITS_MOST && (size_t)CHUNKS_EACH << (s->bucket_bits + 1) <= s->chunks_most)
        s->bucket_bits++;
    s->bucket = arena_new(mem, Bucket, (size_t)1 << s->bucket_bits);
    return s;
}

uint64_t sort_runs(const Sort *s) { return s->run_count; }

static void buffers_done(Sort *s)
{
    pages_done(&s->log);
    pages_done(&s->pool);
    pages_done(&s->pairs);
}

void sort_close(Sort **s)
{
    if (!*s)
        return;
    buffers_done(*s);
    pages_done(&(*s)->writing);
    if ((*s)->fd >= 0)
        close((*s)->fd);
    *s = NULL;
}

/* ---- Sorting in memory --------------------------------------------------------------------------------- */

/* What pairs point into. */
static const uint8_t *records_at(const Sort *s) { return s->in_buckets ? s->pool.at : s->log.at; }
static Pair *pairs_at(const Sort *s) { return (Pair *)(void *)s->pairs.at; }

const uint8_t *sort_records(const Sort *s, size_t *bytes)
{
    *bytes = s->in_buckets ? s->pool.len : s->log.len;
    return records_at(s);
}

static Chunk *chunk_at(const Sort *s, uint32_t number)
{
    return (Chunk *)(void *)(s->pool.at + (size_t)number * s->chunk_bytes);
}

static uint32_t chunk_used(const Sort *s, const Bucket *b)
{
    return (uint32_t)(s->chunk_bytes - sizeof(Chunk)) - b->room;
}

static size_t bucket_pairs(const Sort *s, const Bucket *b, Pair *p)
{
    size_t n = 0;
    if (!b->chunk)
        return 0;
    chunk_at(s, b->chunk - 1)->used = chunk_used(s, b);
    for (uint32_t c = b->chunk; c; c = chunk_at(s, c - 1)->next) {
        const Chunk *chunk = chunk_at(s, c - 1);
        for (const uint8_t *r = chunk->data, *end = r + chunk->used; r < end; r += s->order.length(r))
            p[n++] = (Pair){ s->order.prefix(r), (uint64_t)(r - s->pool.at) };
    }
    return n;
}

static bool emit_pairs(const Sort *s, size_t n, int bits_done, const SortTaker *taker, Err *err)
{
    const uint8_t *records = records_at(s);
    const PairOrder order = { s->order.compare, s->order.ctx, records, false };
    Pair *p = pairs_at(s);
    p = pairs_sort(&order, p, p + n, n, bits_done);
    if (taker->many)
        return taker->many(taker->ctx, records, p, n, err);
    for (size_t i = 0; i < n; i++) {
        const uint8_t *soon = records + p[i + AHEAD < n ? i + AHEAD : i].at;
        for (int line = 0; line < AHEAD_LINES; line++)
            __builtin_prefetch(soon + line * 64);
        if (!taker->seen(taker->ctx, records + p[i].at, err))
            return false;
    }
    return true;
}

static void pairs_room(Sort *s, size_t records)
{
    if (s->pairs.len >= 2 * records * sizeof(Pair))
        return;
    pages_done(&s->pairs);
    s->pairs = pages_new(2 * records * sizeof(Pair));
}

static bool emit_sorted(Sort *s, const SortTaker *taker, Err *err)
{
    if (!s->in_buckets)
        return emit_pairs(s, s->records, 0, taker, err);
    size_t most = 0, buckets = (size_t)1 << s->bucket_bits;
    for (size_t b = 0; b < buckets; b++)
        most = s->bucket[b].records > most ? s->bucket[b].records : most;
    pairs_room(s, most);
    for (size_t b = 0; b < buckets; b++) {
        size_t n = bucket_pairs(s, &s->bucket[b], pairs_at(s));
        if (n && !emit_pairs(s, n, (int)s->bucket_bits, taker, err))
            return false;
    }
    return true;
}

/* ---- Spilling ------------------------------------------------------------------------------------------ */

static bool write_all(int fd, const uint8_t *at, size_t len, Err *err)
{
    while (len) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return err_set(err, ERR_STORE, "Sorting could not write beside the set: %s.", strerror(errno));
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static bool spill_flush(Sort *s, Err *err)
{
    bool ok = write_all(s->fd, s->writing.at, s->unwritten, err);
    s->spilled += s->unwritten;
    s->unwritten = 0;
    return ok;
}

static bool spill_record(void *ctx, const uint8_t *record, Err *err)
{
    Sort *s = ctx;
    size_t len = s->order.length(record);
    if (s->unwritten + len > WRITE_BYTES && !spill_flush(s, err))
        return false;
    memcpy(s->writing.at + s->unwritten, record, len);
    s->unwritten += len;
    return true;
}

static bool spill_begin(Sort *s, Err *err)
{
    if (s->fd >= 0)
        return true;
    s->fd = mkostemp(s->spill_path, O_CLOEXEC);      /* another build may be making the same set */
    if (s->fd < 0)
        return err_set(err, ERR_STORE, "Sorting could not write beside the set: %s.", strerror(errno));
    unlink(s->spill_path);
    s->writing = pages_new(WRITE_BYTES);
    return true;
}

bool sort_run_begin(Sort *s, Err *err)
{
    s->run_from = s->spilled;
    return spill_begin(s, err);
}

bool sort_run_add(Sort *s, const uint8_t *record, Err *err) { return spill_record(s, record, err); }

bool sort_run_end(Sort *s, Err *err)
{
    if (!spill_flush(s, err))
        return false;
    *arena_push(s->mem, s->runs, s->run_count, s->run_cap) = (Run){ s->run_from, s->spilled };
    return true;
}

static bool spill_run(Sort *s, Err *err)
{
    const SortTaker into_run = { .seen = spill_record, .ctx = s };
    if (!sort_run_begin(s, err) || !emit_sorted(s, &into_run, err) || !sort_run_end(s, err))
        return false;
    memset(s->bucket, 0, sizeof *s->bucket << s->bucket_bits);
    s->chunks = 0;
    s->logged = s->records = 0;
    return true;
}

/* A fresh chunk for the bucket; a spilled run frees all of them. */
static bool bucket_grow(Sort *s, Bucket *b, Err *err)
{
    if (!s->pool.at)
        s->pool = pages_new(s->chunks_most * s->chunk_bytes);
    if (s->chunks == s->chunks_most && !spill_run(s, err))
        return false;
    if (b->chunk)
        chunk_at(s, b->chunk - 1)->used = chunk_used(s, b);
    Chunk *fresh = chunk_at(s, s->chunks);
    fresh->next = b->chunk;
    b->chunk = ++s->chunks;
    b->room = (uint32_t)(s->chunk_bytes - sizeof(Chunk));
    b->at = fresh->data;
    return true;
}

static bool bucket_add(Sort *s, const uint8_t *record, size_t len, Err *err)
{
    Bucket *b = &s->bucket[s->order.prefix(record) >> (64 - s->bucket_bits)];
    if (b->room < len && !bucket_grow(s, b, err))
        return false;
    memcpy(b->at, record, len);
    b->at += len;
    b->room -= (uint32_t)len;
    b->records++;
    s->records++;
    return true;
}

static bool log_into_buckets(Sort *s, Err *err)
{
    const uint8_t *r = s->log.at, *end = r + s->logged;
    s->in_buckets = true;
    s->records = 0;
    for (size_t len; r < end; r += len) {
        len = s->order.length(r);
        if (!bucket_add(s, r, len, err))
            return false;
    }
    pages_done(&s->log);
    pages_done(&s->pairs);
    return true;
}

/* In the log, pairs are written as records come. */
void sort_took(Sort *s, uint64_t prefix, size_t len)
{
    pairs_at(s)[s->records++] = (Pair){ prefix, s->logged };
    s->logged += len;
}

uint8_t *sort_room(const Sort *s)
{
    return s->log.at && s->logged + SORT_RECORD_MAX <= s->log_most ? s->log.at + s->logged : NULL;
}

bool sort_add(Sort *s, const uint8_t *record, size_t len, Err *err)
{
    if (s->in_buckets)
        return bucket_add(s, record, len, err);
    if (s->logged + len > s->log_most)
        return log_into_buckets(s, err) && bucket_add(s, record, len, err);
    if (!s->log.at) {
        s->log = pages_new(s->log_most);
        pairs_room(s, s->log_most / RECORD_MIN + 1);
    }
    memcpy(s->log.at + s->logged, record, len);
    sort_took(s, s->order.prefix(record), len);
    return true;
}

/* ---- Merging ------------------------------------------------------------------------------------------- */

/* One run being read: `at` is its next record, whole in the buffer. */
typedef struct Cursor {
    uint8_t *buffer;
    size_t   at, filled;
    uint64_t file_at, file_end, prefix;
} Cursor;

typedef struct Merge { Sort *s; Cursor *cursor; uint32_t *heap; size_t n, buffer_bytes; Pages pages; } Merge;

static bool cursor_fill(Merge *m, Cursor *c, Err *err)
{
    size_t kept = c->filled - c->at;
    memmove(c->buffer, c->buffer + c->at, kept);
    c->at = 0;
    c->filled = kept;
    while (c->filled < m->buffer_bytes && c->file_at < c->file_end) {
        uint64_t left = c->file_end - c->file_at, room = m->buffer_bytes - c->filled;
        ssize_t n = pread(m->s->fd, c->buffer + c->filled, left < room ? left : room, (off_t)c->file_at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return err_set(err, ERR_STORE, "Sorting could not read back what it wrote: %s.", strerror(errno));
        c->filled += (size_t)n;
        c->file_at += (uint64_t)n;
    }
    return true;
}

/* Readies the record at the cursor; false in `*more` at the end of the run. */
static bool cursor_ready(Merge *m, Cursor *c, bool *more, Err *err)
{
    if (c->filled - c->at < SORT_RECORD_MAX && c->file_at < c->file_end && !cursor_fill(m, c, err))
        return false;
    *more = c->at < c->filled;
    if (*more)
        c->prefix = m->s->order.prefix(c->buffer + c->at);
    return true;
}

static bool cursor_before(const Merge *m, uint32_t a, uint32_t b)
{
    const Cursor *x = &m->cursor[a], *y = &m->cursor[b];
    if (x->prefix != y->prefix)
        return x->prefix < y->prefix;
    return m->s->order.compare(m->s->order.ctx, x->buffer + x->at, y->buffer + y->at) < 0;
}

static void heap_sink(Merge *m, size_t i)
{
    for (size_t child; (child = 2 * i + 1) < m->n; i = child) {
        if (child + 1 < m->n && cursor_before(m, m->heap[child + 1], m->heap[child]))
            child++;
        if (!cursor_before(m, m->heap[child], m->heap[i]))
            return;
        uint32_t swap = m->heap[i];
        m->heap[i] = m->heap[child];
        m->heap[child] = swap;
    }
}

static bool merge_begin(Merge *m, Sort *s, Err *err)
{
    size_t each = s->budget / (s->run_count + 1) / READ_MIN * READ_MIN;
    m->s = s;
    m->buffer_bytes = each < READ_MIN ? READ_MIN : each > 8 * WRITE_BYTES ? 8 * WRITE_BYTES : each;
    m->pages = pages_new(m->buffer_bytes * s->run_count);
    m->cursor = arena_new(s->mem, Cursor, s->run_count);
    m->heap = arena_new(s->mem, uint32_t, s->run_count);
    for (size_t i = 0; i < s->run_count; i++) {
        bool more;
        m->cursor[i] = (Cursor){ .buffer = m->pages.at + i * m->buffer_bytes,
                                 .file_at = s->runs[i].at, .file_end = s->runs[i].end };
        if (!cursor_ready(m, &m->cursor[i], &more, err))
            return false;
        if (more)
            m->heap[m->n++] = (uint32_t)i;
    }
    for (size_t i = m->n; i-- > 0;)
        heap_sink(m, i);
    return true;
}

static void merge_done(Merge *m) { pages_done(&m->pages); }

static bool merge_runs(Sort *s, const SortTaker *taker, Err *err)
{
    CLEANUP(merge_done) Merge m = {0};
    if (!merge_begin(&m, s, err))
        return false;
    while (m.n) {
        Cursor *c = &m.cursor[m.heap[0]];
        bool more;
        if (!taker->seen(taker->ctx, c->buffer + c->at, err))
            return false;
        c->at += s->order.length(c->buffer + c->at);
        if (!cursor_ready(&m, c, &more, err))
            return false;
        if (!more)
            m.heap[0] = m.heap[--m.n];
        heap_sink(&m, 0);
    }
    return true;
}

bool sort_end(Sort *s, const SortTaker *taker, Err *err)
{
    if (s->run_count == 0)
        return s->records == 0 || emit_sorted(s, taker, err);
    if (s->records && !spill_run(s, err))
        return false;
    buffers_done(s);
    return merge_runs(s, taker, err);
}
