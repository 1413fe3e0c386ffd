/* work.c: contents in, finished files out, on several threads.
 *
 * One thread hands jobs over; workers take as many as fill the lanes of the digests at a time, ask the sets,
 * have pictures and videos decoded by children of their own, and open archives found in a folder through a
 * reader of their own. Bytes in hand are bounded by a budget, so that a fast disk cannot fill memory. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/map.h"
#include "reader/marks.h"
#include "triage/confined.h"
#include "triage/inside.h"

enum { JOBS_WAITING = 1024, INLINE_BYTES = 32 << 20 };

typedef struct Worker {
    Work       *work;
    pthread_t   thread;
    DecodePool *decode;                        /* NULL until the first picture */
    Reading    *reading;
    Arena       mem;                           /* as long as the worker */
    Arena       batch;                         /* of one batch */
    Disk        disk;
} Worker;

struct Work {
    const TriageOptions *o;
    const Sets      *sets;
    Sink             sink;
    int              root;
    const char      *undecoded;
    pthread_mutex_t  lock, sink_lock;
    pthread_cond_t   more, room;
    Job             *first, *last;
    size_t           waiting, in_hand, bytes;  /* bytes: of both */
    bool             ending, failed;
    Err              err;
    Worker          *workers;
    size_t           count, started;
    _Atomic uint64_t files_seen, bytes_seen, bytes_total, known;
};

/* ---- units ---- */

Unit *unit_new(uint64_t number, Str key)
{
    Arena mem = { 0 };
    Unit *u = arena_new(&mem, Unit, 1);
    u->key = (Str){ str_copy_n(&mem, key.at, key.len), key.len };
    u->mem = mem;
    u->number = number;
    u->left = 1;
    pthread_mutex_init(&u->lock, NULL);
    return u;
}

void unit_free(Unit *u)
{
    Arena mem = u->mem;
    pthread_mutex_destroy(&u->lock);
    arena_done(&mem);
}

TriageFile *unit_file(Unit *u)
{
    pthread_mutex_lock(&u->lock);
    TriageFile *f = arena_new(&u->mem, TriageFile, 1);
    f->member = (uint32_t)u->count;
    *arena_push(&u->mem, u->files, u->count, u->cap) = f;
    u->left++;
    pthread_mutex_unlock(&u->lock);
    return f;
}

const char *unit_text(Unit *u, const char *at, size_t len)
{
    pthread_mutex_lock(&u->lock);
    const char *text = len ? str_copy_n(&u->mem, at, len) : "";
    pthread_mutex_unlock(&u->lock);
    return text;
}

void unit_trouble(Unit *u, Str path, uint32_t volume, const char *why)
{
    TriageTrouble t = { { unit_text(u, path.at, path.len), path.len },
                        volume,
                        unit_text(u, why, strlen(why)) };
    pthread_mutex_lock(&u->lock);
    *arena_push(&u->mem, u->troubles, u->trouble_count, u->trouble_cap) = t;
    pthread_mutex_unlock(&u->lock);
}

bool unit_release(Work *w, Unit *u, Err *err)
{
    if (atomic_fetch_sub(&u->left, 1) > 1)
        return true;
    pthread_mutex_lock(&w->sink_lock);
    bool good = w->sink.unit(w->sink.ctx, u, err);
    if (w->o->progress)
        w->o->progress(w->o->progress_ctx,
                       &(TriageProgress){ w->files_seen, w->bytes_seen, w->bytes_total, w->known });
    pthread_mutex_unlock(&w->sink_lock);
    unit_free(u);
    return good;
}

void unit_drop(Unit *u)
{
    if (atomic_fetch_sub(&u->left, 1) == 1)
        unit_free(u);
}

Job *job_new(Unit *unit, TriageFile *file)
{
    pthread_mutex_lock(&unit->lock);
    Job *job = arena_new(&unit->mem, Job, 1);
    pthread_mutex_unlock(&unit->lock);
    *job = (Job){ .unit = unit, .file = file, .spool = -1 };
    return job;
}

void job_free(Job *job)
{
    if (job->spool >= 0)
        close(job->spool);
    arena_done(&job->mem);
}

static void job_drop(Job *job)
{
    Unit *u = job->unit;
    job_free(job);
    unit_drop(u);
}

/* ---- one file ---- */

/* Starting and trying a decoder takes as long as digesting many megabytes: not before there is a picture. */
static bool decoder_ready(Worker *me, Err *err)
{
    const TriageOptions *o = me->work->o;
    DecodeOptions d = { .children = 1, .clock = o->clock, .clock_ctx = o->clock_ctx };
    return me->decode || decode_open(&me->mem, &d, &me->decode, err);
}

static bool decode(Worker *me, Job *job, Err *err)
{
    TriageFile *f = job->file;
    DecodeResult r = { 0 };
    DecodeInput in = { .fd = job->spool, .length = f->size };
    if (me->work->undecoded) {
        f->undecoded = me->work->undecoded;
        return true;
    }
    if (!job->digested)
        in = (DecodeInput){ .fd = -1, .at = job->at, .length = job->len };
    else if (!job->on_disk && f->size > SPOOL_BYTES)
        in.length = SPOOL_BYTES;
    if (in.fd < 0 && !in.at) {
        f->undecoded = "It could not be kept in memory to be decoded.";
        return true;
    }
    if (!decoder_ready(me, err) || !decode_file(me->decode, &in, &me->batch, &r, err))
        return false;
    if (r.state != DECODE_OK) {
        f->undecoded = unit_text(job->unit, r.reason ? r.reason : "", strlen(r.reason ? r.reason : ""));
        return true;
    }
    f->media = r.media != MEDIA_NONE ? r.media : f->media;
    f->hashed = true;
    f->quality = r.quality;
    TriageFile found = *f;
    bool good = true;
    found.near = NULL;
    if (f->media != MEDIA_VIDEO)
        memcpy(found.pdq.bytes, r.pdq[0], sizeof found.pdq.bytes);
    if (f->media == MEDIA_VIDEO)
        good = triage_sets_near_frames(me->work->sets, r.frames, r.frame_count, &me->batch, &found, err);
    else if (r.frame_count)
        good = triage_sets_near_moving(me->work->sets, r.pdq, r.quality >= PDQ_QUALITY_MIN, r.frames,
                                       r.frame_count, &me->batch, &found, err);
    else if (r.quality >= PDQ_QUALITY_MIN)
        good = triage_sets_near_picture(me->work->sets, r.pdq, &me->batch, &found, err);
    pthread_mutex_lock(&job->unit->lock);
    TriageNear *near = arena_new(&job->unit->mem, TriageNear, found.near_count + 1);
    pthread_mutex_unlock(&job->unit->lock);
    if (found.near_count)
        memcpy(near, found.near, found.near_count * sizeof *near);
    found.near = near;
    *f = found;
    return good;
}

static bool jobs_finish(Worker *me, Job **jobs, size_t n, Err *err);

static size_t job_bytes(const Job *job)
{
    return job->on_disk ? 0 : job->cap + (job->spool >= 0 ? (size_t)job->file->size : 0);
}

/* The files of an archive wait until they fill the lanes of the digests, or are many bytes. */
typedef struct Gather {
    Worker *me;
    Job    *jobs[JOBS_BATCH];
    size_t  count, bytes;
} Gather;

static bool gather_finish(Gather *g, Err *err)
{
    size_t n = g->count;
    g->count = g->bytes = 0;
    atomic_fetch_add(&g->me->work->files_seen, n);
    return jobs_finish(g->me, g->jobs, n, err);
}

static bool gather_add(void *ctx, Job *job, Err *err)
{
    Gather *g = ctx;
    g->jobs[g->count++] = job;
    g->bytes += job_bytes(job);
    return (g->count < JOBS_BATCH && g->bytes < INLINE_BYTES) || gather_finish(g, err);
}

static void gather_done(Gather *g)             /* what a run that failed has left */
{
    for (size_t i = 0; i < g->count; i++)
        job_drop(g->jobs[i]);
    g->count = 0;
}

static bool take_seen(void *ctx, const ReadingEvent *e, Err *err)
{
    return take_event(ctx, e, err);
}

/* An archive, or a container of a disk, found in a folder: what is in it belongs to the same unit. */
static bool unpack(Worker *me, Job *job, ReaderWhat what, Err *err)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    ReadingEnd end = READING_DONE;
    Digests whole;
    CLEANUP(gather_done) Gather inside = { .me = me };
    const char *path = str_copy_n(&mem, job->file->path.at, job->file->path.len);
    Take t = { .unit = job->unit, .prefix = path, .depth_more = what == READER_IMAGE ? 1 : 0,
               .volume = job->file->volume, .whole = &whole, .give = gather_add, .ctx = &inside };
    size_t count = 1;
    int *fds = arena_new(&mem, int, 1);
    fds[0] = job->spool;
    if ((what == READER_IMAGE && !segments_open(me->work->root, path, &mem, &fds, &count, err)) ||
        (!me->reading && !reading_open(&me->mem, NULL, &me->reading, err)))
        return false;
    ReadingAsk ask = { .what = what, .fds = fds, .count = count, .depth = job->file->depth };
    bool good =
        reading_run(me->reading, &ask, take_seen, &t, &end, err) &&
        take_end(&t, reading_end_says(end), err) && gather_finish(&inside, err);
    if (good && end != READING_DONE)
        unit_trouble(job->unit, job->file->path, job->file->volume, reading_end_says(end));
    take_done(&t);
    segments_close(fds, count, 1);
    return good;
}

/* Takes over the job. Its digests are there. */
static bool job_finish(Worker *me, Job *job, Err *err)
{
    TriageFile *f = job->file;
    Unit *unit = job->unit;
    bool known = false, good = true;
    size_t head = job->len < MARKS_BYTES ? job->len : MARKS_BYTES;
    if (f->state == TRIAGE_READ)
        good = f->size == 0 || triage_sets_know(me->work->sets, &f->digests, &known, err);
    if (job->at && f->media == MEDIA_NONE)
        f->media = media_sniff(job->at, head);
    if (known)
        atomic_fetch_add(&me->work->known, 1);
    else if (good && f->media != MEDIA_NONE && f->size)
        good = decode(me, job, err);
    if (good && job->on_disk && job->spool >= 0 && job->at) {
        if (image_marked(job->at, head))
            good = unpack(me, job, READER_IMAGE, err);
        else if (archive_marked(job->at, head))
            good = unpack(me, job, READER_ARCHIVE, err);
    }
    job_free(job);
    return unit_release(me->work, unit, err) && good;
}

/* Digests what is in memory, side by side, and takes over the jobs. */
static bool jobs_finish(Worker *me, Job **jobs, size_t n, Err *err)
{
    const void *at[JOBS_BATCH] = { 0 };
    size_t len[JOBS_BATCH] = { 0 }, small = 0;
    Job *of[JOBS_BATCH];
    Digests out[JOBS_BATCH];
    bool good = true;
    for (size_t i = 0; i < n; i++) {
        if (jobs[i]->digested || !jobs[i]->at)
            continue;
        at[small] = jobs[i]->at;
        len[small] = jobs[i]->len;
        of[small++] = jobs[i];
    }
    digests_many(at, len, small, out);
    for (size_t i = 0; i < small; i++)
        of[i]->file->digests = out[i];
    for (size_t i = 0; i < n; i++) {
        if (good)
            good = job_finish(me, jobs[i], err);
        else
            job_drop(jobs[i]);
    }
    return good;
}

/* ---- a worker ---- */

/* Files of a folder are listed much faster than read: a worker lets a batch of them come together, so that
 * the first ones are not digested alone. Contents in memory are taken as they come. */
static bool worth_waking(const Work *w)
{
    return w->ending || w->failed || (w->first && (!w->first->on_disk || w->waiting >= JOBS_BATCH));
}

static size_t jobs_take(Work *w, Job **out)
{
    enum { LANES = 16, BATCH_BYTES = 1 << 30 };    /* fill the lanes, but let a stopped run lose little */
    size_t n = 0;
    uint64_t bytes = 0;
    pthread_mutex_lock(&w->lock);
    while (!worth_waking(w))
        pthread_cond_wait(&w->more, &w->lock);
    size_t share = (w->waiting + w->count - 1) / w->count;
    while (w->first && n < JOBS_BATCH && n < share && !w->failed && (n < LANES || bytes < BATCH_BYTES)) {
        out[n] = w->first;
        bytes += out[n]->unit->stamp[0];
        w->first = out[n]->next;
        if (!w->first)
            w->last = NULL;
        w->waiting--;
        w->in_hand++;
        n++;
    }
    pthread_mutex_unlock(&w->lock);
    return n;
}

static void jobs_done(Work *w, size_t n, size_t bytes)
{
    pthread_mutex_lock(&w->lock);
    w->in_hand -= n;
    w->bytes -= bytes;
    pthread_cond_broadcast(&w->room);
    pthread_mutex_unlock(&w->lock);
}

static void fail(Work *w, const Err *err)
{
    pthread_mutex_lock(&w->lock);
    if (!w->failed)
        w->err = *err;
    w->failed = true;
    pthread_cond_broadcast(&w->more);
    pthread_cond_broadcast(&w->room);
    pthread_mutex_unlock(&w->lock);
}

static bool batch_run(Worker *me, Job **jobs, size_t n, Err *err)
{
    disk_read(&me->disk, jobs, n);
    atomic_fetch_add(&me->work->files_seen, n);
    bool good = jobs_finish(me, jobs, n, err);
    arena_reset(&me->batch);
    return good;
}

static void *worker_main(void *ctx)
{
    Worker *me = ctx;
    Work *w = me->work;
    Err err = { 0 };
    Job *jobs[JOBS_BATCH];
    size_t n;
    me->disk = disk_new(w->root, &w->bytes_seen);
    while ((n = jobs_take(w, jobs)) > 0) {
        size_t bytes = 0;
        for (size_t i = 0; i < n; i++)
            bytes += job_bytes(jobs[i]);
        bool good = batch_run(me, jobs, n, &err);
        jobs_done(w, n, bytes);
        if (!good)
            fail(w, &err);
    }
    decode_close(me->decode);
    reading_close(me->reading);
    disk_done(&me->disk);
    arena_done(&me->batch);
    arena_done(&me->mem);
    return NULL;
}

/* ---- all of them ---- */

bool work_open(const TriageOptions *o, const Sets *sets, int root, Sink sink, Arena *mem, Work **out,
               Err *err)
{
    Work *w = arena_new(mem, Work, 1);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    const char *program;
    Err missing = { 0 };
    *w = (Work){ .o = o, .sets = sets, .sink = sink, .root = root };
    w->count = o->threads > 0 ? (size_t)o->threads : cores > 0 ? (size_t)cores : 1;
    w->workers = arena_new(mem, Worker, w->count);
    if (!confined_find(mem, "muster-decoder", &program, &missing))
        w->undecoded = "The decoder of pictures and videos is not installed.";
    pthread_mutex_init(&w->lock, NULL);
    pthread_mutex_init(&w->sink_lock, NULL);
    pthread_cond_init(&w->more, NULL);
    pthread_cond_init(&w->room, NULL);
    *out = w;
    for (size_t i = 0; i < w->count; i++, w->started++) {
        w->workers[i].work = w;
        if (pthread_create(&w->workers[i].thread, NULL, worker_main, &w->workers[i]) != 0)
            return err_set(err, ERR_STORE, "The machine cannot start another thread.");
    }
    return true;
}

bool work_stopped(Work *w, Err *err)
{
    if (!w->o->stop || !w->o->stop(w->o->stop_ctx))
        return false;
    err_set(err, ERR_CONFLICT, "The run was stopped.");
    err_hint(err, "Run it again with --resume and it goes on from here.");
    return true;
}

bool work_give(Work *w, Job *job, Err *err)
{
    size_t bytes = job_bytes(job);
    if (work_stopped(w, err)) {
        job_drop(job);
        return false;
    }
    pthread_mutex_lock(&w->lock);
    while (!w->failed && (w->waiting >= JOBS_WAITING || (w->bytes && w->bytes + bytes > BUDGET_BYTES)))
        pthread_cond_wait(&w->room, &w->lock);
    bool good = !w->failed;
    if (good) {
        if (w->last)
            w->last->next = job;
        else
            w->first = job;
        w->last = job;
        w->waiting++;
        w->bytes += bytes;
        if (worth_waking(w))
            pthread_cond_signal(&w->more);
    } else {
        *err = w->err;
    }
    pthread_mutex_unlock(&w->lock);
    if (!good)
        job_drop(job);
    return good;
}

static void join(Work *w)
{
    pthread_mutex_lock(&w->lock);
    w->ending = true;
    pthread_cond_broadcast(&w->more);
    pthread_mutex_unlock(&w->lock);
    for (; w->started > 0; w->started--)
        pthread_join(w->workers[w->started - 1].thread, NULL);
}

bool work_end(Work *w, Err *err)
{
    join(w);
    if (w->failed)
        *err = w->err;
    return !w->failed;
}

void work_close(Work *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->failed = true;
    pthread_mutex_unlock(&w->lock);
    join(w);
    for (Job *job = w->first; job;) {
        Job *next = job->next;
        job_drop(job);
        job = next;
    }
    w->first = NULL;
    pthread_mutex_destroy(&w->lock);
    pthread_mutex_destroy(&w->sink_lock);
    pthread_cond_destroy(&w->more);
    pthread_cond_destroy(&w->room);
}

const char *work_undecoded(const Work *w) { return w->undecoded; }
void work_seen(Work *w, uint64_t files, uint64_t bytes)
{
    atomic_fetch_add(&w->files_seen, files);
    atomic_fetch_add(&w->bytes_seen, bytes);
}
void work_total(Work *w, uint64_t bytes) { atomic_store(&w->bytes_total, bytes); }
void work_hold(Work *w) { pthread_mutex_lock(&w->sink_lock); }
void work_let(Work *w) { pthread_mutex_unlock(&w->sink_lock); }
