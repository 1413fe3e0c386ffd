/* known_sort.c: one pass to put records into buckets by their first bits, each bucket then small enough to be
 * sorted in the cache; runs that do not fit are spilled and merged.
 *
 * Digests are even, so buckets are too and every step is a stream. Where they are not (a hostile list), a
 * bucket is split again by its next bits, and records alike in all 64 bits are merge-sorted by comparing:
 * slower, never quadratic. Memory: two buffers of a third of the budget, and pairs of (prefix, offset) which
 * are never more than the last third, as a record has at least the 24 bytes that a pair and its share of
 * scratch need. */
#include "engine/known_sort.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "base/map.h"
#include "base/str.h"

enum {
    BUCKET_BITS = 13,               /* the first three often say only the kind of digest */
    BUCKETS     = 1 << BUCKET_BITS,
    SMALL       = 40,               /* records that are quickest sorted by insertion */
    SPLIT_BITS  = 12,
    WRITE_BYTES = 1 << 20,
    READ_MIN    = 4096,
};

typedef struct Pair { uint64_t prefix; uint64_t at; } Pair;
typedef struct Run { uint64_t at, end; } Run;

struct Sort {
    SortOrder order;
    Arena    *mem;
    char     *spill_path;
    int       fd;                       /* -1 until a run is spilled */
    size_t    budget, capacity;         /* of one buffer */
    Pages     in, out, pairs, writing;
    size_t    used, unwritten;
    size_t   *bucket_bytes, *bucket_records;
    Run      *runs;
    size_t    run_count, run_cap;
    uint64_t  spilled;
};

Sort *sort_new(const SortOrder *order, const char *spill_path, size_t budget_bytes, Arena *mem)
{
    Sort *s = arena_new(mem, Sort, 1);
    s->order = *order;
    s->mem = mem;
    s->spill_path = str_copy(mem, spill_path);
    s->fd = -1;
    s->budget = budget_bytes > SORT_BUDGET_MIN ? budget_bytes : SORT_BUDGET_MIN;
    s->capacity = s->budget / 10 * 3;
    s->bucket_bytes = arena_new(mem, size_t, BUCKETS + 1);
    s->bucket_records = arena_new(mem, size_t, BUCKETS + 1);
    return s;
}

uint64_t sort_runs(const Sort *s) { return s->run_count; }

static void buffers_done(Sort *s)
{
    pages_done(&s->in);
    pages_done(&s->out);
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

static bool pair_before(const Sort *s, const Pair *a, const Pair *b)
{
    if (a->prefix != b->prefix)
        return a->prefix < b->prefix;
    return s->order.compare(s->order.ctx, s->out.at + a->at, s->out.at + b->at) < 0;
}

static void sort_small(const Sort *s, Pair *p, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        Pair moved = p[i];
        size_t j = i;
        for (; j > 0 && pair_before(s, &moved, &p[j - 1]); j--)
            p[j] = p[j - 1];
        p[j] = moved;
    }
}

/* Bottom-up merge sort, for records whose prefixes do not tell them apart. */
static void sort_by_merging(const Sort *s, Pair *p, Pair *scratch, size_t n)
{
    Pair *from = p, *to = scratch;
    for (size_t i = 0; i < n; i += SMALL)
        sort_small(s, p + i, n - i < SMALL ? n - i : SMALL);
    for (size_t width = SMALL; width < n; width *= 2) {
        for (size_t i = 0; i < n; i += 2 * width) {
            size_t a = i, mid = i + width < n ? i + width : n, b = mid,
                   end = mid + width < n ? mid + width : n;
            for (size_t o = i; o < end; o++)
                to[o] = b == end || (a < mid && !pair_before(s, &from[b], &from[a])) ? from[a++] : from[b++];
        }
        Pair *swap = from;
        from = to;
        to = swap;
    }
    if (from != p)
        memcpy(p, from, n * sizeof *p);
}

/* By the bits below `bits_done`, about eight records to a part. */
static void sort_pairs(const Sort *s, Pair *p, Pair *scratch, size_t n, int bits_done)
{
    if (n <= SMALL) {
        sort_small(s, p, n);
        return;
    }
    if (bits_done >= 64) {
        sort_by_merging(s, p, scratch, n);
        return;
    }
    int bits = 63 - __builtin_clzll(n) - 2;
    bits = bits > SPLIT_BITS ? SPLIT_BITS : bits;
    bits = bits > 64 - bits_done ? 64 - bits_done : bits;
    int shift = 64 - bits_done - bits;
    uint32_t start[(1 << SPLIT_BITS) + 1], parts = 1u << bits, mask = parts - 1;
    memset(start, 0, (parts + 1) * sizeof *start);
    for (size_t i = 0; i < n; i++)
        start[(p[i].prefix >> shift & mask) + 1]++;
    for (uint32_t b = 0; b < parts; b++)
        start[b + 1] += start[b];
    for (size_t i = 0; i < n; i++)
        scratch[start[p[i].prefix >> shift & mask]++] = p[i];
    memcpy(p, scratch, n * sizeof *p);
    for (uint32_t b = 0, from = 0; b < parts; from = start[b++])
        if (start[b] - from > 1)
            sort_pairs(s, p + from, scratch + from, start[b] - from, bits_done + bits);
}

/* Copies the records into `out`, bucket by bucket. */
static void scatter(Sort *s)
{
    size_t next[BUCKETS], at = 0;
    for (size_t b = 0; b < BUCKETS; b++) {
        next[b] = at;
        at += s->bucket_bytes[b];
    }
    for (const uint8_t *r = s->in.at, *end = r + s->used; r < end;) {
        size_t len = s->order.length(r), b = s->order.prefix(r) >> (64 - BUCKET_BITS);
        memcpy(s->out.at + next[b], r, len);
        next[b] += len;
        r += len;
    }
}

static bool emit_bucket(Sort *s, size_t at, size_t n, SortSeen *seen, void *ctx, Err *err)
{
    Pair *p = (Pair *)(void *)s->pairs.at;
    for (size_t i = 0, r = at; i < n; i++) {
        p[i] = (Pair){ s->order.prefix(s->out.at + r), r };
        r += s->order.length(s->out.at + r);
    }
    sort_pairs(s, p, p + n, n, BUCKET_BITS);
    for (size_t i = 0; i < n; i++)
        if (!seen(ctx, s->out.at + p[i].at, err))
            return false;
    return true;
}

static bool emit_sorted(Sort *s, SortSeen *seen, void *ctx, Err *err)
{
    size_t most = 0, at = 0;
    for (size_t b = 0; b < BUCKETS; b++)
        most = s->bucket_records[b] > most ? s->bucket_records[b] : most;
    if (!s->out.at)
        s->out = pages_new(s->used);
    if (s->pairs.len < 2 * most * sizeof(Pair)) {
        pages_done(&s->pairs);
        s->pairs = pages_new(2 * most * sizeof(Pair));
    }
    scatter(s);
    for (size_t b = 0; b < BUCKETS; b++) {
        if (s->bucket_records[b] && !emit_bucket(s, at, s->bucket_records[b], seen, ctx, err))
            return false;
        at += s->bucket_bytes[b];
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
    s->fd = open(s->spill_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (s->fd < 0)
        return err_set(err, ERR_STORE, "Sorting could not write beside the set: %s.", strerror(errno));
    unlink(s->spill_path);
    s->writing = pages_new(WRITE_BYTES);
    return true;
}

static bool spill_run(Sort *s, Err *err)
{
    if (!spill_begin(s, err))
        return false;
    uint64_t from = s->spilled;
    if (!s->out.at)
        s->out = pages_new(s->capacity);
    if (!emit_sorted(s, spill_record, s, err) || !spill_flush(s, err))
        return false;
    *arena_push(s->mem, s->runs, s->run_count, s->run_cap) = (Run){ from, s->spilled };
    memset(s->bucket_bytes, 0, BUCKETS * sizeof *s->bucket_bytes);
    memset(s->bucket_records, 0, BUCKETS * sizeof *s->bucket_records);
    s->used = 0;
    return true;
}

bool sort_add(Sort *s, const uint8_t *record, size_t len, Err *err)
{
    if (s->used + len > s->capacity && !spill_run(s, err))
        return false;
    if (!s->in.at)
        s->in = pages_new(s->capacity);
    memcpy(s->in.at + s->used, record, len);
    size_t b = s->order.prefix(record) >> (64 - BUCKET_BITS);
    s->bucket_bytes[b] += len;
    s->bucket_records[b]++;
    s->used += len;
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

static bool merge_runs(Sort *s, SortSeen *seen, void *ctx, Err *err)
{
    CLEANUP(merge_done) Merge m = {0};
    if (!merge_begin(&m, s, err))
        return false;
    while (m.n) {
        Cursor *c = &m.cursor[m.heap[0]];
        bool more;
        if (!seen(ctx, c->buffer + c->at, err))
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

bool sort_end(Sort *s, SortSeen *seen, void *ctx, Err *err)
{
    if (s->run_count == 0)
        return s->used == 0 || emit_sorted(s, seen, ctx, err);
    if (s->used && !spill_run(s, err))
        return false;
    buffers_done(s);
    return merge_runs(s, seen, ctx, err);
}
