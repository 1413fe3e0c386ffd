/* digests.c: streams, padding, and which stream is in which lane.
 *
 * A call turns what it is given into jobs: at most two runs of whole blocks for each stream. Bytes that are
 * added make what was left of the last piece whole, then go on in this piece in place, and leave a tail.
 * Whole buffers go on in place, then close with the padding. Jobs go through the lanes, the longest first, so
 * that the lanes end together; one that ends makes room for the next. Each step takes as many blocks as the
 * shortest run in the lanes has, and few enough that what is read twice is still in cache the second time. */
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
    bool           closes;                     /* the last block of run[1] is that of the stream */
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

/* Ends the tail with its padding, as MD5 has it, and returns how many blocks that makes. */
static size_t pad(DigestStream *s)
{
    size_t have = s->size % DIGEST_BLOCK, blocks = have + 9 <= DIGEST_BLOCK ? 1 : 2;
    memset(s->part + have, 0, blocks * DIGEST_BLOCK - have);
    s->part[have] = 0x80;
    for (size_t i = 0; i < 8; i++)
        s->part[blocks * DIGEST_BLOCK - 8 + i] = (uint8_t)(s->size * 8 >> 8 * i);
    return blocks;
}

/* The last bytes of a stream that holds whole blocks only, or none at all and its own tail. */
static Job job_close(DigestStream *s, const uint8_t *at, size_t len)
{
    size_t tail = len % DIGEST_BLOCK;
    assert(len == 0 || s->size % DIGEST_BLOCK == 0);
    s->size += len;
    if (tail)
        memcpy(s->part, at + (len - tail), tail);
    return (Job){ .s = s, .run = { { at, len / DIGEST_BLOCK }, { s->part, pad(s) } }, .closes = true };
}

static void job_done(const Job *job)
{
    if (job->tail_len)
        memcpy(job->s->part, job->tail, job->tail_len);
}

static void run_closing(const DigestKernels *k, DigestState *s, const uint8_t *at)
{
    uint8_t shas[DIGEST_BLOCK];
    DigestState md5 = *s;
    k->all(&md5, at, 1);
    digest_closing(at, shas);
    k->shas(s, shas, 1);
    memcpy(s->md5, md5.md5, sizeof s->md5);
}

static void job_alone(const DigestKernels *k, Job *job)
{
    DigestState *s = &job->s->state;
    for (Run *r = job->run; r < job->run + 2; r++) {
        bool closes = job->closes && r == job->run + 1 && r->blocks;
        k->all(s, r->at, r->blocks - closes);
        if (closes)
            run_closing(k, s, r->at + (r->blocks - 1) * DIGEST_BLOCK);
    }
    job_done(job);
}

/* ---- two at a time ---- */

static Run *job_run(Job *job) { return job->run[0].blocks ? &job->run[0] : &job->run[1]; }

/* Whole blocks that come next, but for the last one of a stream that closes. */
static size_t job_plain(Job *job)
{
    const Run *r = job_run(job);
    return r->blocks - (job->closes && r == job->run + 1 && r->blocks);
}

static void job_advance(Job *job, size_t blocks)
{
    Run *r = job_run(job);
    r->at += blocks * DIGEST_BLOCK;
    r->blocks -= blocks;
}

static void pair_step(const DigestKernels *k, Job *const *two)
{
    size_t left[2] = { job_plain(two[0]), job_plain(two[1]) }, blocks = left[0] < left[1] ? left[0] : left[1];
    k->pair((DigestState *const[]){ &two[0]->s->state, &two[1]->s->state },
            (const uint8_t *const[]){ job_run(two[0])->at, job_run(two[1])->at }, blocks);
    job_advance(two[0], blocks);
    job_advance(two[1], blocks);
}

/* Ends all of the jobs: two at a time while there are two. */
static void run_few(const DigestKernels *k, Job *jobs, size_t count)
{
    Job *two[2] = { NULL, NULL };
    size_t next = 0;
    for (;;) {
        for (size_t i = 0; i < 2; i++) {
            if (two[i] && !job_plain(two[i])) {
                job_alone(k, two[i]);
                two[i] = NULL;
            }
            while (!two[i] && next < count) {
                two[i] = &jobs[next++];
                if (k->pair && job_plain(two[i]))
                    break;
                job_alone(k, two[i]);
                two[i] = NULL;
            }
        }
        if (!two[0] || !two[1])
            break;
        pair_step(k, two);
    }
    for (size_t i = 0; i < 2; i++)
        if (two[i])
            job_alone(k, two[i]);
}

/* ---- lanes ---- */

typedef struct Lanes {
    const DigestKernels *k;
    Job                  job[DIGEST_LANES_MAX];
    DigestLanes          in;
} Lanes;

typedef struct Feed {                          /* the jobs of one call */
    DigestStream *const *streams;
    const void *const   *at;                   /* NULL with `len`: nothing is added */
    const size_t        *len;
    size_t               next, count;
    uint8_t              order[DIGESTS_BATCH];
    bool                 close;
} Feed;

static bool lane_live(const Lanes *l, size_t lane) { return l->in.live >> lane & 1; }

static void lane_take(Lanes *l, size_t lane, const Job *job)
{
    uint32_t word[DIGEST_WORDS];
    memcpy(word, &job->s->state, sizeof word);
    l->job[lane] = *job;
    l->in.live |= UINT32_C(1) << lane;
    for (size_t i = 0; i < DIGEST_WORDS; i++)
        l->in.word[i * l->k->lanes + lane] = word[i];
}

static void lane_give(Lanes *l, size_t lane)
{
    uint32_t word[DIGEST_WORDS];
    for (size_t i = 0; i < DIGEST_WORDS; i++)
        word[i] = l->in.word[i * l->k->lanes + lane];
    memcpy(&l->job[lane].s->state, word, sizeof word);
    l->in.live &= ~(UINT32_C(1) << lane);
}

static void lanes_advance(Lanes *l, size_t blocks)
{
    for (size_t i = 0; i < l->k->lanes; i++)
        if (lane_live(l, i))
            job_advance(&l->job[i], blocks);
}

/* An idle lane reads what a live one reads, and its result is dropped. */
static void lanes_step(Lanes *l)
{
    const uint8_t *any = NULL;
    size_t blocks = STEP_BLOCKS;
    for (size_t i = 0; i < l->k->lanes; i++)
        if (lane_live(l, i)) {
            Run *r = job_run(&l->job[i]);
            any = l->in.at[i] = r->at;
            blocks = r->blocks < blocks ? r->blocks : blocks;
        }
    l->in.closing = 0;
    for (size_t i = 0; i < l->k->lanes; i++) {
        Job *job = &l->job[i];
        if (!lane_live(l, i))
            l->in.at[i] = any;
        else if (job->closes && job_run(job) == job->run + 1 && job->run[1].blocks == blocks)
            l->in.closing |= UINT32_C(1) << i;
    }
    l->k->lanes_add(&l->in, blocks, l->k->shas);
    lanes_advance(l, blocks);
}

/* The next job that has a whole block; those without are done at once. */
static bool feed_take(Feed *f, Job *job)
{
    while (f->next < f->count) {
        size_t i = f->order[f->next++];
        const uint8_t *at = f->at ? f->at[i] : NULL;
        size_t len = f->len ? f->len[i] : 0;
        *job = f->close ? job_close(f->streams[i], at, len) : job_add(f->streams[i], at, len);
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
            if (lane_live(&l, i) && !job_run(&l.job[i])->blocks) {
                lane_give(&l, i);
                job_done(&l.job[i]);
            }
            if (!lane_live(&l, i) && feed_take(f, &job))
                lane_take(&l, i, &job);
            live += lane_live(&l, i);
        }
        if (live <= k->drain)
            break;
        lanes_step(&l);
    }
    size_t left = 0;
    for (size_t i = 0; i < k->lanes; i++)
        if (lane_live(&l, i)) {
            lane_give(&l, i);
            l.job[left++] = l.job[i];
        }
    run_few(k, l.job, left);
}

/* Longest first. Few, and often in order already. */
static void feed_sort(Feed *f)
{
    for (size_t i = 0; i < f->count; i++) {
        size_t to = i;
        for (; to > 0 && f->len && f->len[f->order[to - 1]] < f->len[i]; to--)
            f->order[to] = f->order[to - 1];
        f->order[to] = (uint8_t)i;
    }
}

static void run_batch(const DigestKernels *k, Feed *f)
{
    Job few[DIGESTS_BATCH];
    size_t count = 0;
    feed_sort(f);
    if (k->lanes_add && f->count > k->drain)
        run_lanes(k, f);
    while (feed_take(f, &few[count]))
        count++;
    run_few(k, few, count);
}

static void run(DigestPath path, bool close, DigestStream *const *streams, const void *const *at,
                const size_t *len, size_t n)
{
    assert(digests_path_here(path));
    for (size_t done = 0; done < n; done += DIGESTS_BATCH) {
        Feed f = { .streams = streams + done,
                   .at = at ? at + done : NULL,
                   .len = len ? len + done : NULL,
                   .count = n - done < DIGESTS_BATCH ? n - done : DIGESTS_BATCH,
                   .close = close };
        run_batch(digest_kernels(path), &f);
    }
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
    static const DigestPath quickest_first[] = { DIGESTS_AVX512, DIGESTS_SHANI, DIGESTS_AVX2 };
    for (size_t i = 0; i < sizeof quickest_first / sizeof quickest_first[0]; i++)
        if (digests_path_here(quickest_first[i]))
            return quickest_first[i];
    return DIGESTS_PORTABLE;
}

static void start(DigestStream *s)
{
    s->state = START;
    s->size = 0;
}

DigestStream *digests_begin(Arena *mem)
{
    DigestStream *s = arena_new(mem, DigestStream, 1);
    start(s);
    return s;
}

void digests_add_many_by(DigestPath path, DigestStream *const *streams, const void *const *at,
                         const size_t *len, size_t n)
{
    run(path, false, streams, at, len, n);
}

static void write_words(uint8_t *to, const uint32_t *words, size_t n, bool big)
{
    for (size_t i = 0; i < 4 * n; i++)
        to[i] = (uint8_t)(words[i / 4] >> 8 * (big ? 3 - i % 4 : i % 4));
}

/* What a closed stream came to; it may then be used again. */
static void results(DigestStream *const *streams, size_t n, Digests *out)
{
    for (size_t i = 0; i < n; i++) {
        DigestStream *s = streams[i];
        out[i].size_bytes = s->size;
        write_words(out[i].md5, s->state.md5, 4, false);
        write_words(out[i].sha1, s->state.sha1, 5, true);
        write_words(out[i].sha256, s->state.sha256, 8, true);
        start(s);
    }
}

void digests_end_many_by(DigestPath path, DigestStream *const *streams, size_t n, Digests *out)
{
    run(path, true, streams, NULL, NULL, n);
    results(streams, n, out);
}

void digests_many_by(DigestPath path, const void *const *at, const size_t *len, size_t n, Digests *out)
{
    DigestStream space[DIGESTS_BATCH], *streams[DIGESTS_BATCH];
    for (size_t i = 0; i < DIGESTS_BATCH; i++)
        start(streams[i] = &space[i]);
    for (size_t done = 0; done < n; done += DIGESTS_BATCH) {
        size_t now = n - done < DIGESTS_BATCH ? n - done : DIGESTS_BATCH;
        run(path, true, streams, at + done, len + done, now);
        results(streams, now, out + done);
    }
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
    digests_many_by(digests_path_best(), at, len, n, out);
}
