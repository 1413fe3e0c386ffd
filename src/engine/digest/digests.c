/* digests.c: streams, padding, and which stream is in which lane.
 *
 * A call turns what it is given into jobs: at most two runs of whole blocks for each stream (what was left of
 * the last piece made whole, then this piece in place), and a tail that is kept. Jobs go through the lanes;
 * one that ends makes room for the next. Each step takes as many blocks as the shortest job in the lanes has,
 * and few enough that what MD5 has just read is still in cache when the SHA instructions read it. */
#include "engine/digest/digests.h"
#include <assert.h>
#include <string.h>
#include "engine/digest/digests_kernels.h"

enum { STEP_BLOCKS = 64 };                     /* 4 KiB a lane, 64 KiB in all */

struct DigestStream {
    DigestState state;
    uint64_t    size;
    uint8_t     part[2 * DIGEST_BLOCK];        /* the tail so far; with its padding at the end */
};

static const DigestState START = {
    .md5 = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 },
    .sha1 = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 },
    .sha256 = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab,
                0x5be0cd19 },
};

typedef struct Run {
    const uint8_t *at;
    size_t         blocks;
} Run;

typedef struct Job {
    DigestStream  *s;
    Run            run[2];                     /* run[0] is spent first */
    const uint8_t *tail;
    size_t         tail_len;
} Job;

/* `at` needs to last until the job is done. */
static Job job_add(DigestStream *s, const uint8_t *at, size_t len)
{
    size_t have = s->size % DIGEST_BLOCK, need = have ? DIGEST_BLOCK - have : 0;
    Job job = { .s = s };
    s->size += len;
    if (len < need) {
        if (len)
            memcpy(s->part + have, at, len);
        return job;
    }
    if (need) {
        memcpy(s->part + have, at, need);
        job.run[0] = (Run){ s->part, 1 };
        at += need;
        len -= need;
    }
    job.run[1] = (Run){ at, len / DIGEST_BLOCK };
    job.tail_len = len % DIGEST_BLOCK;
    job.tail = job.tail_len ? at + (len - job.tail_len) : NULL;
    return job;
}

static void put64(uint8_t *to, uint64_t x, bool big)
{
    for (int i = 0; i < 8; i++)
        to[i] = (uint8_t)(x >> 8 * (big ? 7 - i : i));
}

/* Ends the tail with its padding and returns how many blocks that makes. MD5 wants the length low byte first,
 * the others high byte first. */
static size_t pad(DigestStream *s, bool big)
{
    size_t have = s->size % DIGEST_BLOCK, blocks = have + 9 <= DIGEST_BLOCK ? 1 : 2;
    memset(s->part + have, 0, blocks * DIGEST_BLOCK - have);
    s->part[have] = 0x80;
    put64(s->part + blocks * DIGEST_BLOCK - 8, s->size * 8, big);
    return blocks;
}

static void job_done(const Job *job)
{
    if (job->tail_len)
        memcpy(job->s->part, job->tail, job->tail_len);
}

static void job_alone(const DigestKernels *k, Job *job)
{
    for (Run *r = job->run; r < job->run + 2; r++)
        if (r->blocks)
            k->all(&job->s->state, r->at, r->blocks);
    job_done(job);
}

/* ---- lanes ---- */

typedef struct Lanes {
    const DigestKernels *k;
    Job                  job[DIGEST_LANES_MAX];
    bool                 live[DIGEST_LANES_MAX];
    uint32_t             md5[4 * DIGEST_LANES_MAX] __attribute__((aligned(64)));
} Lanes;

static Run *job_run(Job *job) { return job->run[0].blocks ? &job->run[0] : &job->run[1]; }

static void lane_take(Lanes *l, size_t lane, const Job *job)
{
    l->job[lane] = *job;
    l->live[lane] = true;
    for (size_t i = 0; i < 4; i++)
        l->md5[i * l->k->lanes + lane] = job->s->state.md5[i];
}

static void lane_give(Lanes *l, size_t lane)
{
    for (size_t i = 0; i < 4; i++)
        l->job[lane].s->state.md5[i] = l->md5[i * l->k->lanes + lane];
    l->live[lane] = false;
}

static void lanes_advance(Lanes *l, size_t blocks)
{
    for (size_t i = 0; i < l->k->lanes; i++)
        if (l->live[i]) {
            Run *r = job_run(&l->job[i]);
            r->at += blocks * DIGEST_BLOCK;
            r->blocks -= blocks;
        }
}

/* An idle lane reads what a live one reads, and its result is dropped. */
static void lanes_step(Lanes *l, size_t live)
{
    DigestState  dropped = START, *state[DIGEST_LANES_MAX];
    const uint8_t *at[DIGEST_LANES_MAX], *any = NULL;
    size_t blocks = STEP_BLOCKS;
    for (size_t i = 0; i < l->k->lanes; i++)
        if (l->live[i]) {
            Run *r = job_run(&l->job[i]);
            any = at[i] = r->at;
            blocks = r->blocks < blocks ? r->blocks : blocks;
        }
    for (size_t i = 0; i < l->k->lanes; i++) {
        at[i] = l->live[i] ? at[i] : any;
        state[i] = l->live[i] ? &l->job[i].s->state : &dropped;
    }
    if (l->k->all_lanes && live >= l->k->full) {
        l->k->all_lanes(l->md5, state, at, blocks);
    } else {
        l->k->md5_lanes(l->md5, at, blocks);
        for (size_t i = 0; i < l->k->lanes; i++)
            if (l->live[i])
                l->k->shas(state[i], at[i], blocks);
    }
    lanes_advance(l, blocks);
}

typedef struct Feed {                          /* the jobs of one call, in order */
    DigestStream *const *streams;
    const void *const   *at;
    const size_t        *len;
    size_t               next, count;
} Feed;

static Job feed_job(Feed *f)
{
    size_t i = f->next++;
    return job_add(f->streams[i], f->at[i], f->len[i]);
}

/* The next job that has a whole block; those without are done at once. */
static bool feed_take(Feed *f, Job *job)
{
    while (f->next < f->count) {
        *job = feed_job(f);
        if (job_run(job)->blocks)
            return true;
        job_done(job);
    }
    return false;
}

static void run_lanes(const DigestKernels *k, Feed *f)
{
    Lanes l = { .k = k };
    for (;;) {
        size_t live = 0;
        for (size_t i = 0; i < k->lanes; i++) {
            Job job;
            if (l.live[i] && !job_run(&l.job[i])->blocks) {
                lane_give(&l, i);
                job_done(&l.job[i]);
            }
            if (!l.live[i] && feed_take(f, &job))
                lane_take(&l, i, &job);
            live += l.live[i];
        }
        if (live <= k->drain)
            break;
        lanes_step(&l, live);
    }
    for (size_t i = 0; i < k->lanes; i++)
        if (l.live[i]) {
            lane_give(&l, i);
            job_alone(k, &l.job[i]);
        }
}

static void run(const DigestKernels *k, Feed *f)
{
    Job job;
    if (k->md5_lanes && f->count > k->drain)
        run_lanes(k, f);
    while (feed_take(f, &job))
        job_alone(k, &job);
}

/* ---- what callers see ---- */

const char *digests_path_name(DigestPath path)
{
    const char *name = digest_kernels(path)->name;
    return name ? name : "absent";
}

bool digests_path_here(DigestPath path)
{
    const DigestKernels *k = digest_kernels(path);
    return k->here && k->here();
}

DigestPath digests_path_best(void)
{
    int path = DIGESTS_PATHS - 1;
    while (!digests_path_here((DigestPath)path))
        path--;
    return (DigestPath)path;
}

DigestStream *digests_begin(Arena *mem)
{
    DigestStream *s = arena_new(mem, DigestStream, 1);
    s->state = START;
    return s;
}

void digests_add_many_by(DigestPath path, DigestStream *const *streams, const void *const *at,
                         const size_t *len, size_t n)
{
    assert(digests_path_here(path));
    run(digest_kernels(path), &(Feed){ streams, at, len, 0, n });
}

static void write_words(uint8_t *to, const uint32_t *words, size_t n, bool big)
{
    for (size_t i = 0; i < 4 * n; i++)
        to[i] = (uint8_t)(words[i / 4] >> 8 * (big ? 3 - i % 4 : i % 4));
}

/* The last block is put together twice, once for each order of the length. It is one block or two a stream,
 * so lanes would gain little. */
static Digests stream_end(const DigestKernels *k, DigestStream *s)
{
    Digests d = { .size_bytes = s->size };
    DigestState md5 = s->state;
    k->all(&md5, s->part, pad(s, false));
    k->shas(&s->state, s->part, pad(s, true));
    write_words(d.md5, md5.md5, 4, false);
    write_words(d.sha1, s->state.sha1, 5, true);
    write_words(d.sha256, s->state.sha256, 8, true);
    s->state = START;
    s->size = 0;
    return d;
}

void digests_end_many_by(DigestPath path, DigestStream *const *streams, size_t n, Digests *out)
{
    assert(digests_path_here(path));
    for (size_t i = 0; i < n; i++)
        out[i] = stream_end(digest_kernels(path), streams[i]);
}

void digests_add_many(DigestStream *const *streams, const void *const *at, const size_t *len, size_t n)
{
    digests_add_many_by(digests_path_best(), streams, at, len, n);
}

void digests_end_many(DigestStream *const *streams, size_t n, Digests *out)
{
    digests_end_many_by(digests_path_best(), streams, n, out);
}

void digests_add(DigestStream *s, const void *at, size_t len) { digests_add_many(&s, &at, &len, 1); }

Digests digests_end(DigestStream *s)
{
    Digests d;
    digests_end_many(&s, 1, &d);
    return d;
}

void digests_many(const void *const *at, const size_t *len, size_t n, Digests *out)
{
    DigestStream space[DIGESTS_BATCH], *streams[DIGESTS_BATCH];
    for (size_t i = 0; i < DIGESTS_BATCH; i++) {
        space[i].state = START;
        space[i].size = 0;
        streams[i] = &space[i];
    }
    for (size_t done = 0; done < n; done += DIGESTS_BATCH) {
        size_t now = n - done < DIGESTS_BATCH ? n - done : DIGESTS_BATCH;
        digests_add_many(streams, at + done, len + done, now);
        digests_end_many(streams, now, out + done);
    }
}
