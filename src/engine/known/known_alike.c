/* known_alike.c: as known_sort.c does it, digests go into buckets by their first bits as they come, after a
 * log of the first; a bucket's digests then fit the cache with the pairs that sort them. */
#include "engine/known/known_alike.h"
#include "engine/known/known_pairs.h"

enum {
    BUCKET_BITS = 11,
    BUCKETS     = 1 << BUCKET_BITS,
    CHUNK_MOST  = 8192,
    CHUNK_MIN   = 512,
    LOG_MOST    = 4 << 20,
    LOG_PART    = 8,                /* of the budget, at most */
    PAIRS_PART  = 7,                /* of it, for the pairs of one bucket */
    PIECE       = 4096,             /* digests handed over at once */
};

typedef struct Chunk { struct Chunk *before; uint8_t data[]; } Chunk;
typedef struct Bucket { uint8_t *at, *end; Chunk *chunk; size_t chunks; } Bucket;

struct Alike {
    size_t   bytes, log_most, logged, chunk_bytes, chunk_room, chunks, chunks_most, bucket_most;
    uint64_t count;
    bool     log_only;
    Pages    log, pool, pairs, out;
    Bucket  *bucket;                /* NULL: all are in the log */
    Arena   *mem;
    PairOrder order;
};

static int compare_16(const void *c, const uint8_t *a, const uint8_t *b) { (void)c; return memcmp(a, b, 16); }
static int compare_20(const void *c, const uint8_t *a, const uint8_t *b) { (void)c; return memcmp(a, b, 20); }
static int compare_32(const void *c, const uint8_t *a, const uint8_t *b) { (void)c; return memcmp(a, b, 32); }
static int compare_144(const void *c, const uint8_t *a, const uint8_t *b)
{
    (void)c;
    return memcmp(a, b, 144);
}

static int (*const compares[DIGEST__COUNT])(const void *, const uint8_t *, const uint8_t *) = {
    [DIGEST_MD5] = compare_16, [DIGEST_SHA1] = compare_20, [DIGEST_SHA256] = compare_32,
    [DIGEST_PDQ] = compare_32, [DIGEST_PHOTODNA] = compare_144,
};

static size_t least(size_t x, size_t y) { return x < y ? x : y; }

Alike *alike_new(DigestKind kind, size_t budget_bytes, Arena *mem)
{
    Alike *a = arena_new(mem, Alike, 1);
    a->mem = mem;
    a->bytes = known_bytes_of[kind];
    a->order.compare = compares[kind];
    size_t pool = budget_bytes / PAIRS_PART * (PAIRS_PART - 1);
    a->chunk_bytes = pool / BUCKETS / 2 / CHUNK_MIN * CHUNK_MIN;
    a->chunk_bytes = a->chunk_bytes < CHUNK_MIN    ? CHUNK_MIN
                     : a->chunk_bytes > CHUNK_MOST ? CHUNK_MOST
                                                   : a->chunk_bytes;
    a->chunk_room = (a->chunk_bytes - sizeof(Chunk)) / a->bytes * a->bytes;
    a->chunks_most = pool / a->chunk_bytes;
    a->bucket_most = budget_bytes / PAIRS_PART / (2 * sizeof(Pair)) / (a->chunk_room / a->bytes) + 1;
    /* With too little for buckets there is only the log, and its pairs. */
    a->log_most = least(least(pool / LOG_PART, LOG_MOST), a->bucket_most * a->chunk_room);
    a->log_only = a->chunks_most < BUCKETS + a->log_most / a->chunk_room + 1;
    if (a->log_only)
        a->log_most = budget_bytes / (1 + 2 * sizeof(Pair) / 16);
    a->log_most -= a->log_most % a->bytes;
    return a;
}

uint64_t alike_count(const Alike *a) { return a->count; }

void alike_close(Alike **a)
{
    if (!*a)
        return;
    pages_done(&(*a)->log);
    pages_done(&(*a)->pool);
    pages_done(&(*a)->pairs);
    pages_done(&(*a)->out);
    *a = NULL;
}

/* ---- Taking in ----------------------------------------------------------------------------------------- */

static bool bucket_grow(Alike *a, Bucket *b)
{
    if (a->chunks == a->chunks_most || b->chunks == a->bucket_most)
        return false;
    Chunk *fresh = (Chunk *)(void *)(a->pool.at + a->chunks++ * a->chunk_bytes);
    fresh->before = b->chunk;
    b->chunk = fresh;
    b->chunks++;
    b->at = fresh->data;
    b->end = fresh->data + a->chunk_room;
    return true;
}

/* The copy is one or two moves where the size is known when compiling, so there is one such loop a size. */
static inline __attribute__((always_inline)) size_t scatter(Alike *a, const uint8_t *digests, size_t n,
                                                            const size_t bytes)
{
    for (size_t i = 0; i < n; i++) {
        const uint8_t *digest = digests + i * bytes;
        Bucket *b = &a->bucket[known_prefix(digest) >> (64 - BUCKET_BITS)];
        if (__builtin_expect(b->at == b->end, 0) && !bucket_grow(a, b))
            return i;
        memcpy(b->at, digest, bytes);
        b->at += bytes;
    }
    return n;
}

static size_t into_buckets(Alike *a, const uint8_t *digests, size_t n)
{
    switch (a->bytes) {
    case 16: return scatter(a, digests, n, 16);
    case 20: return scatter(a, digests, n, 20);
    case 32: return scatter(a, digests, n, 32);
    default: return scatter(a, digests, n, a->bytes);
    }
}

static size_t log_add(Alike *a, const uint8_t *digests, size_t n)
{
    size_t room = (a->log_most - a->logged) / a->bytes;
    n = least(n, room);
    if (!a->log.at)
        a->log = pages_new(a->log_most);
    memcpy(a->log.at + a->logged, digests, n * a->bytes);
    a->logged += n * a->bytes;
    return n;
}

static void log_into_buckets(Alike *a)
{
    size_t n = a->logged / a->bytes;
    a->bucket = arena_new(a->mem, Bucket, BUCKETS);
    a->pool = pages_new(a->chunks_most * a->chunk_bytes);
    size_t moved = into_buckets(a, a->log.at, n);
    assert(moved == n);             /* even when all are in one bucket */
    a->logged = 0;
    pages_done(&a->log);
}

size_t alike_add(Alike *a, const uint8_t *digests, size_t n)
{
    size_t taken = 0;
    if (!a->bucket) {
        taken = log_add(a, digests, n);
        if (taken < n && !a->log_only)
            log_into_buckets(a);
    }
    if (taken < n && a->bucket)
        taken += into_buckets(a, digests + taken * a->bytes, n - taken);
    a->count += taken;
    return taken;
}

/* ---- Handing over -------------------------------------------------------------------------------------- */

typedef struct Hand {
    Alike     *a;
    AlikeSeen *seen;
    void      *ctx;
    uint64_t  *repeated;
} Hand;

static void pairs_room(Alike *a, size_t n)
{
    if (a->pairs.len >= 2 * n * sizeof(Pair))
        return;
    pages_done(&a->pairs);
    a->pairs = pages_new(2 * n * sizeof(Pair));
}

static size_t pairs_of(const uint8_t *from, const uint8_t *to, size_t bytes, const uint8_t *base, Pair *p)
{
    size_t n = 0;
    for (const uint8_t *d = from; d < to; d += bytes)
        p[n++] = (Pair){ known_prefix(d), (uint64_t)(d - base) };
    return n;
}

static inline __attribute__((always_inline)) size_t gather(const Alike *a, const Pair *p, size_t n,
                                                           uint8_t *out, const size_t bytes)
{
    const uint8_t *records = a->order.records;
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        const uint8_t *digest = records + p[i].at;
        if (i && p[i].prefix == p[i - 1].prefix && memcmp(digest, records + p[i - 1].at, bytes) == 0)
            continue;
        memcpy(out + kept++ * bytes, digest, bytes);
    }
    return kept;
}

static size_t gathered(const Alike *a, const Pair *p, size_t n, uint8_t *out)
{
    switch (a->bytes) {
    case 16: return gather(a, p, n, out, 16);
    case 20: return gather(a, p, n, out, 20);
    case 32: return gather(a, p, n, out, 32);
    default: return gather(a, p, n, out, a->bytes);
    }
}

/* Sorts the pairs of one bucket or of the log. A digest at the end of a piece is alike to the first of the
 * next one at times: pieces are therefore cut where digests differ. */
static bool hand_pairs(const Hand *h, size_t n, int bits_done, Err *err)
{
    Alike *a = h->a;
    Pair *p = (Pair *)(void *)a->pairs.at;
    p = pairs_sort(&a->order, p, p + n, n, bits_done);
    for (size_t from = 0, to; from < n; from = to) {
        to = from + PIECE < n ? from + PIECE : n;
        size_t kept = gathered(a, p + from, to - from, a->out.at), skip = 0;
        if (from)
            skip = memcmp(a->out.at, a->order.records + p[from - 1].at, a->bytes) == 0;
        *h->repeated += to - from - kept + skip;
        if (kept > skip && !h->seen(h->ctx, a->out.at + skip * a->bytes, kept - skip, err))
            return false;
    }
    return true;
}

static bool hand_log(const Hand *h, Err *err)
{
    Alike *a = h->a;
    pairs_room(a, a->logged / a->bytes);
    a->order.records = a->log.at;
    size_t n = pairs_of(a->log.at, a->log.at + a->logged, a->bytes, a->log.at, (Pair *)(void *)a->pairs.at);
    return hand_pairs(h, n, 0, err);
}

static bool hand_bucket(const Hand *h, const Bucket *b, Err *err)
{
    Alike *a = h->a;
    size_t n = 0;
    pairs_room(a, b->chunks * (a->chunk_room / a->bytes));
    Pair *p = (Pair *)(void *)a->pairs.at;
    for (const Chunk *c = b->chunk; c; c = c->before)
        n += pairs_of(c->data, c == b->chunk ? b->at : c->data + a->chunk_room, a->bytes, a->pool.at, p + n);
    return hand_pairs(h, n, BUCKET_BITS, err);
}

static bool hand_all(const Hand *h, Err *err)
{
    Alike *a = h->a;
    if (!a->bucket)
        return hand_log(h, err);
    a->order.records = a->pool.at;
    for (size_t b = 0; b < BUCKETS; b++)
        if (a->bucket[b].chunk && !hand_bucket(h, &a->bucket[b], err))
            return false;
    return true;
}

bool alike_end(Alike *a, AlikeSeen *seen, void *ctx, uint64_t *repeated, Err *err)
{
    if (!a->out.at)
        a->out = pages_new(PIECE * a->bytes);
    bool ok = hand_all(&(Hand){ a, seen, ctx, repeated }, err);
    if (a->bucket)
        memset(a->bucket, 0, BUCKETS * sizeof *a->bucket);
    a->chunks = a->logged = 0;
    a->count = 0;
    return ok;
}
