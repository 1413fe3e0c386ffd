#include "engine/linkage/linkage_keep.h"
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/map.h"

enum { FIRST_PAIRS = 1 << 16, THREADS_MAX = 64, MERGE_PAIRS = 1 << 14 };

typedef struct Kept { Pages pages; size_t count, cap; } Kept;

struct LinkKeeper {
    LinkStore *store;
    Kept       kept, fresh;
    size_t     most;                      /* so many kept go to disk */
    bool       remembers;
};

typedef struct Run { uint64_t at, count; } Run;       /* in pairs */

struct LinkStore {
    Arena           mem;
    LinkKeeper      keepers[THREADS_MAX];
    unsigned        threads;
    char            path[256];
    int             file;
    uint64_t        file_pairs;
    Run            *runs;
    size_t          run_count, run_cap;
    pthread_mutex_t lock;
};

struct LinkPairs {
    Arena           mem;
    Pages           pages;
    void           *mapped;
    size_t          mapped_len;
    const LinkPair *at;
    size_t          count;
};

LinkStore *link_store_new(unsigned threads, size_t memory_bytes, const char *folder)
{
    Arena      mem = { 0 };
    LinkStore *s = arena_new(&mem, LinkStore, 1);
    s->mem = mem;
    s->threads = threads < THREADS_MAX ? threads : THREADS_MAX;
    s->file = -1;
    pthread_mutex_init(&s->lock, NULL);
    const char *tmp = folder ? folder : getenv("TMPDIR");
    snprintf(s->path, sizeof s->path, "%s/muster-pairs-XXXXXX", tmp ? tmp : "/tmp");
    /* Half for what is kept, half for sorting it. */
    size_t most = memory_bytes ? memory_bytes / 2 / s->threads / sizeof(LinkPair) : SIZE_MAX;
    for (unsigned i = 0; i < s->threads; i++)
        s->keepers[i] = (LinkKeeper){ .store = s, .most = most < 1024 ? 1024 : most };
    return s;
}

LinkKeeper *link_store_keeper(LinkStore *s, unsigned thread)
{
    return &s->keepers[thread % THREADS_MAX];
}

bool link_store_spilled(const LinkStore *s)
{
    return s->run_count > 0;
}

/* ---- sorting by a, then b */

static uint64_t key_of(const LinkPair *p)
{
    return (uint64_t)p->a << 32 | p->b;
}

static void radix_pass(const LinkPair *from, LinkPair *to, size_t n, unsigned shift)
{
    enum { BUCKETS = 1 << 11 };
    size_t at[BUCKETS] = { 0 };
    for (size_t i = 0; i < n; i++)
        at[key_of(&from[i]) >> shift & (BUCKETS - 1)]++;
    for (size_t b = 0, sum = 0; b < BUCKETS; b++) {
        size_t here = at[b];
        at[b] = sum;
        sum += here;
    }
    for (size_t i = 0; i < n; i++)
        to[at[key_of(&from[i]) >> shift & (BUCKETS - 1)]++] = from[i];
}

static void sort_pairs(LinkPair *p, size_t n)
{
    Pages     spare = pages_new((n + 1) * sizeof *p);
    LinkPair *from = p, *to = (LinkPair *)(void *)spare.at;
    for (unsigned shift = 0; shift < 64; shift += 11) {
        radix_pass(from, to, n, shift);
        LinkPair *was = from;
        from = to;
        to = was;
    }
    if (from != p)
        memcpy(p, from, n * sizeof *p);
    pages_done(&spare);
}

/* ---- keeping and spilling */

static LinkPair *pairs_of(const Kept *k)
{
    return (LinkPair *)(void *)k->pages.at;
}

static bool write_all(int file, const void *at, size_t len, uint64_t offset, Err *err)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = pwrite(file, (const char *)at + done, len - done, (off_t)(offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return err_set(err, ERR_STORE, "The temporary file of pairs could not be written.");
        done += (size_t)n;
    }
    return true;
}

static bool spill_file(LinkStore *s, Err *err)
{
    if (s->file >= 0)
        return true;
    s->file = mkstemp(s->path);
    if (s->file < 0)
        return err_set(err, ERR_STORE, "No temporary file could be made for pairs.");
    (void)unlink(s->path);
    return true;
}

static bool spill(LinkKeeper *keeper, Err *err)
{
    LinkStore *s = keeper->store;
    Kept      *k = &keeper->kept;
    sort_pairs(pairs_of(k), k->count);
    pthread_mutex_lock(&s->lock);
    bool ok = spill_file(s, err) && write_all(s->file, k->pages.at, k->count * sizeof(LinkPair),
                                              s->file_pairs * sizeof(LinkPair), err);
    if (ok) {
        Run *run = arena_push(&s->mem, s->runs, s->run_count, s->run_cap);
        *run = (Run){ s->file_pairs, k->count };
        s->file_pairs += k->count;
        k->count = 0;
    }
    pthread_mutex_unlock(&s->lock);
    return ok;
}

static void kept_widen(Kept *k)
{
    size_t cap = k->cap ? k->cap * 2 : FIRST_PAIRS;
    Pages  wider = pages_new(cap * sizeof(LinkPair));
    if (k->count)
        memcpy(wider.at, k->pages.at, k->count * sizeof(LinkPair));
    pages_done(&k->pages);
    k->pages = wider;
    k->cap = cap;
}

static void kept_add(Kept *k, LinkPair pair)
{
    if (k->count == k->cap)
        kept_widen(k);
    pairs_of(k)[k->count++] = pair;
}

bool link_keep(LinkKeeper *k, LinkPair pair, Err *err)
{
    if (k->kept.count >= k->most && !spill(k, err))
        return false;
    kept_add(&k->kept, pair);
    if (k->remembers)
        kept_add(&k->fresh, pair);
    return true;
}

void link_store_remember_fresh(LinkStore *s)
{
    for (unsigned i = 0; i < s->threads; i++)
        s->keepers[i].remembers = true;
}

const LinkPair *link_store_fresh(const LinkStore *s, unsigned thread, size_t *count)
{
    static const LinkPair none[1];
    if (thread >= s->threads)
        return NULL;
    *count = s->keepers[thread].fresh.count;
    return *count ? pairs_of(&s->keepers[thread].fresh) : none;
}

void link_store_forget_fresh(LinkStore *s)
{
    for (unsigned i = 0; i < s->threads; i++)
        s->keepers[i].fresh.count = 0;
}

/* ---- the end: all in memory, or the runs merged */

static LinkPairs *pairs_new(void)
{
    Arena      mem = { 0 };
    LinkPairs *p = arena_new(&mem, LinkPairs, 1);
    p->mem = mem;
    return p;
}

static LinkPairs *gather(LinkStore *s)
{
    LinkPairs *p = pairs_new();
    for (unsigned i = 0; i < s->threads; i++)
        p->count += s->keepers[i].kept.count;
    p->pages = pages_new((p->count + 1) * sizeof(LinkPair));
    LinkPair *at = (LinkPair *)(void *)p->pages.at;
    for (unsigned i = 0; i < s->threads; i++) {
        const Kept *k = &s->keepers[i].kept;
        if (k->count)
            memcpy(at, k->pages.at, k->count * sizeof *at);
        at += k->count;
        pages_done(&s->keepers[i].kept.pages);
    }
    p->at = (const LinkPair *)(const void *)p->pages.at;
    sort_pairs((LinkPair *)(void *)p->pages.at, p->count);
    return p;
}

typedef struct Reader { const LinkPair *at, *end; } Reader;

static void sift(Reader *heap, size_t n, size_t i)
{
    for (;;) {
        size_t least = i, left = 2 * i + 1;
        for (size_t k = left; k < left + 2 && k < n; k++)
            if (key_of(heap[k].at) < key_of(heap[least].at))
                least = k;
        if (least == i)
            return;
        Reader was = heap[i];
        heap[i] = heap[least];
        heap[least] = was;
        i = least;
    }
}

/* Runs are read through one mapping and the merged list is written behind them in the same file. */
static bool merge(LinkStore *s, const LinkPair *runs, Err *err)
{
    Arena     scratch = { 0 };
    Reader   *heap = arena_new(&scratch, Reader, s->run_count);
    LinkPair *out = arena_new(&scratch, LinkPair, MERGE_PAIRS);
    size_t    n = 0, held = 0;
    uint64_t  at = s->file_pairs;
    bool      ok = true;
    for (size_t i = 0; i < s->run_count; i++)
        heap[n++] = (Reader){ runs + s->runs[i].at, runs + s->runs[i].at + s->runs[i].count };
    for (size_t i = n; i-- > 0;)
        sift(heap, n, i);
    while (ok && n) {
        out[held++] = *heap[0].at++;
        if (heap[0].at == heap[0].end)
            heap[0] = heap[--n];
        sift(heap, n, 0);
        if (held == MERGE_PAIRS || !n) {
            ok = write_all(s->file, out, held * sizeof *out, at * sizeof *out, err);
            at += held;
            held = 0;
        }
    }
    arena_done(&scratch);
    return ok;
}

static bool merge_all(LinkStore *s, LinkPairs **pairs, Err *err)
{
    size_t len = s->file_pairs * sizeof(LinkPair);
    void  *runs = mmap(NULL, len, PROT_READ, MAP_SHARED, s->file, 0);
    if (runs == MAP_FAILED)
        return err_set(err, ERR_STORE, "The temporary file of pairs could not be read.");
    bool ok = merge(s, runs, err);
    munmap(runs, len);
    if (!ok)
        return false;
    LinkPairs *p = pairs_new();
    p->mapped_len = 2 * len;
    p->mapped = mmap(NULL, p->mapped_len, PROT_READ, MAP_SHARED, s->file, 0);
    if (p->mapped == MAP_FAILED) {
        p->mapped = NULL;
        link_pairs_done(p);
        return err_set(err, ERR_STORE, "The temporary file of pairs could not be read.");
    }
    p->at = (const LinkPair *)p->mapped + s->file_pairs;
    p->count = s->file_pairs;
    *pairs = p;
    return true;
}

bool link_store_end(LinkStore *s, LinkPairs **pairs, Err *err)
{
    if (!s->run_count) {
        *pairs = gather(s);
        return true;
    }
    for (unsigned i = 0; i < s->threads; i++)
        if (s->keepers[i].kept.count && !spill(&s->keepers[i], err))
            return false;
    return merge_all(s, pairs, err);
}

void link_store_done(LinkStore *s)
{
    for (unsigned i = 0; i < s->threads; i++) {
        pages_done(&s->keepers[i].kept.pages);
        pages_done(&s->keepers[i].fresh.pages);
    }
    if (s->file >= 0)
        close(s->file);
    pthread_mutex_destroy(&s->lock);
    Arena mem = s->mem;
    arena_done(&mem);
}

const LinkPair *link_pairs_all(const LinkPairs *pairs, size_t *count)
{
    *count = pairs->count;
    return pairs->at;
}

void link_pairs_done(LinkPairs *pairs)
{
    if (!pairs)
        return;
    pages_done(&pairs->pages);
    if (pairs->mapped)
        munmap(pairs->mapped, pairs->mapped_len);
    Arena mem = pairs->mem;
    arena_done(&mem);
}
