/* decode.c: the pool: who is idle, who is late, and what a lost child means for the file it had.
 *
 * A file that needs no child (nothing that is known, or too large) takes an idle place all the same and is
 * ready at once, so that callers meet one way of getting results. */
#include "triage/decode.h"
#include <assert.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include "base/str.h"
#include "triage/confined.h"
#include "triage/decode_child.h"

enum {
    CHILDREN_MAX = 256,
    FILES_A_CHILD = 4000, /* then a fresh one: what libraries leak or keep does not pile up */
    START_MS = 20000,
    VIDEO_LEAST_MS = 60 * 1000,
    VIDEO_MS_A_MIB = 5000,
};

typedef struct Place {
    DecodeChild child;
    bool        busy, ready;                   /* has a file; and its result */
    void       *tag;
    Instant     deadline;
    DecodeState state;
    MediaKind   media;
    const char *reason;                        /* of results that are ours */
} Place;

struct DecodePool {
    DecodeOptions opt;
    Place        *places;
    size_t        count;
    DecodeCounts  counts;
};

static const DecodeOptions usual = {
    .children = 1,
    .picture_ms = 20 * 1000,
    .video_ms = 15 * 60 * 1000,
    .bytes_max = UINT64_C(256) << 20,
    .pixels_max = UINT64_C(256) << 20,
    .frame_every_us = 1000000,
    .frames_max = 4 * 3600,
};

#define OR_USUAL(o, field) ((o)->field = (o)->field ? (o)->field : usual.field)

static void settle(DecodeOptions *o)
{
    OR_USUAL(o, children);
    OR_USUAL(o, picture_ms);
    OR_USUAL(o, video_ms);
    OR_USUAL(o, bytes_max);
    OR_USUAL(o, pixels_max);
    OR_USUAL(o, frame_every_us);
    OR_USUAL(o, frames_max);
    o->children = o->children < CHILDREN_MAX ? o->children : CHILDREN_MAX;
    o->frames_max = o->frames_max < DECODE_FRAMES_MAX ? o->frames_max : DECODE_FRAMES_MAX;
    if (o->every_frame)
        o->frame_every_us = 0;
}

static Instant now(const DecodePool *pool) { return pool->opt.clock(pool->opt.clock_ctx); }

static bool start(DecodePool *pool, Place *p, Err *err)
{
    if (p->child.pid > 0 && p->child.files >= FILES_A_CHILD)
        decode_child_end(&p->child);
    if (p->child.pid > 0)
        return true;
    if (!decode_child_start(&p->child, err))
        return err_while(err, "starting a decoder");
    pool->counts.children_started++;
    return true;
}

/* Nothing at all is asked about, to see that children can run here before files are blamed for their deaths.
 */
static bool try_one(DecodePool *pool, Err *err)
{
    Place *p = &pool->places[0];
    DecodeInput nothing = { .fd = -1, .at = "" };
    struct pollfd poll_for = { p->child.socket, POLLIN, 0 };
    if (decode_child_send(&p->child, &nothing, &(DecodeRequest){ 0 }, 60) &&
        poll(&poll_for, 1, START_MS) == 1 && decode_child_hear(&p->child, 0) == HEARD_ALL &&
        p->child.reply.state == DECODE_NOT_MEDIA)
        return true;
    err_set(err, ERR_STORE, "The picture decoder cannot run on this machine.");
    return err_hint(err, "It needs a kernel with seccomp filters and room for 1 GiB of addresses.");
}

bool decode_open(Arena *mem, const DecodeOptions *options, DecodePool **out, Err *err)
{
    DecodePool *pool = arena_new(mem, DecodePool, 1);
    const char *program = options->program;
    assert(options->clock);
    pool->opt = *options;
    settle(&pool->opt);
    if (!program && !confined_find(mem, "muster-decoder", &program, err))
        return false;
    pool->count = (size_t)pool->opt.children;
    pool->places = arena_new(mem, Place, pool->count);
    for (size_t i = 0; i < pool->count; i++)
        pool->places[i].child = (DecodeChild){ .program = program, .socket = -1, .memory = -1 };
    bool good = true;
    for (size_t i = 0; good && i < pool->count; i++)
        good = start(pool, &pool->places[i], err);
    if (!good || !try_one(pool, err)) {
        decode_close(pool);
        return false;
    }
    *out = pool;
    return true;
}

void decode_close(DecodePool *pool)
{
    for (size_t i = 0; pool && i < pool->count; i++)
        decode_child_done(&pool->places[i].child);
    if (pool)
        pool->count = 0;
}

size_t decode_busy(const DecodePool *pool)
{
    size_t busy = 0;
    for (size_t i = 0; i < pool->count; i++)
        busy += pool->places[i].busy;
    return busy;
}

size_t decode_idle(const DecodePool *pool) { return pool->count - decode_busy(pool); }

DecodeCounts decode_counts(const DecodePool *pool) { return pool->counts; }

static void ready(Place *p, DecodeState state, const char *reason)
{
    p->ready = true;
    p->state = state;
    p->reason = reason;
}

static MediaKind sniff(const DecodeInput *input)
{
    uint8_t first[MEDIA_SNIFF_BYTES];
    size_t want = input->length < sizeof first ? (size_t)input->length : sizeof first;
    if (input->at)
        return media_sniff(input->at, want);
    ssize_t got = pread(input->fd, first, want, (off_t)input->offset);
    return media_sniff(first, got > 0 ? (size_t)got : 0);
}

/* Whether the file needs no child. */
static bool settled_here(const DecodePool *pool, Place *p, const DecodeInput *input)
{
    bool whole = p->media != MEDIA_VIDEO || input->at;           /* must it be in memory at once? */
    if (p->media == MEDIA_NONE)
        ready(p, DECODE_NOT_MEDIA, "This is no kind of picture or video that is known here.");
    else if ((whole && input->length > pool->opt.bytes_max) || input->length > INT64_MAX)
        ready(p, DECODE_REFUSED, "The file is larger than is read.");
    return p->ready;
}

/* A small video cannot need long, so a hostile one cannot hold a child for long. */
static int time_for(const DecodePool *pool, const Place *p, const DecodeInput *input)
{
    uint64_t by_size = VIDEO_LEAST_MS + (input->length >> 20) * VIDEO_MS_A_MIB;
    if (p->media != MEDIA_VIDEO)
        return pool->opt.picture_ms;
    return by_size < (uint64_t)pool->opt.video_ms ? (int)by_size : pool->opt.video_ms;
}

static bool hand_over(DecodePool *pool, Place *p, const DecodeInput *input, Err *err)
{
    int ms = time_for(pool, p, input);
    DecodeRequest request = {
        .stop_after_ms = (uint32_t)(ms - ms / 8), /* a video's frames so far are better than none */
        .pixels_max = pool->opt.pixels_max,
        .frame_every_us = pool->opt.frame_every_us,
        .frames_max = pool->opt.frames_max,
    };
    for (int attempt = 0; attempt < 2; attempt++) { /* an idle child may have been ended from outside */
        if (!start(pool, p, err))
            return false;
        p->deadline = now(pool) + (Instant)ms * 1000;
        if (decode_child_send(&p->child, input, &request, 2 * ms / 1000))
            return true;
        decode_child_end(&p->child);
        pool->counts.children_lost++;
    }
    return err_set(err, ERR_STORE, "The picture decoder takes no work.");
}

bool decode_send(DecodePool *pool, const DecodeInput *input, void *tag, Err *err)
{
    Place *p = NULL;
    for (size_t i = 0; !p && i < pool->count; i++)
        p = pool->places[i].busy ? NULL : &pool->places[i];
    if (!p)
        return err_set(err, ERR_LIMIT, "Every decoder is busy.");
    p->ready = false;
    p->tag = tag;
    p->media = sniff(input);
    p->busy = settled_here(pool, p, input) || hand_over(pool, p, input, err);
    return p->busy;
}

static const char *why_lost(int died_of)
{
    switch (died_of) {
    case SIGSYS:  return "The decoder tried what it may not do and was stopped.";
    case SIGXCPU: return "The decoder used more processor time than a file may take.";
    case SIGABRT: return "The decoder ran out of memory or found itself at fault.";
    case 0:       return "The decoder said what cannot be true and was stopped.";
    }
    return "The decoder crashed.";
}

static void lose(DecodePool *pool, Place *p, DecodeState state)
{
    int died_of = decode_child_end(&p->child);
    pool->counts.children_lost++;
    ready(p, died_of == SIGXCPU ? DECODE_TIMED_OUT : state,
          state == DECODE_TIMED_OUT ? "The file took longer than it may." : why_lost(died_of));
}

static void hear(DecodePool *pool, Place *p)
{
    switch (decode_child_hear(&p->child, pool->opt.frames_max)) {
    case HEARD_ALL:     ready(p, (DecodeState)p->child.reply.state, NULL); break;
    case HEARD_LOST:    lose(pool, p, DECODE_CRASHED); break;
    case HEARD_NOTHING:
    case HEARD_PART:    break;
    }
}

static void copy_reply(const Place *p, Arena *mem, DecodeResult *out)
{
    const DecodeReply *r = &p->child.reply;
    DecodeFrame *frames = arena_new(mem, DecodeFrame, p->child.frame_count);
    if (p->child.frame_count)
        memcpy(frames, p->child.frames, p->child.frame_count * sizeof *frames);
    *out = (DecodeResult){ .media = (MediaKind)r->media,
                           .reason = str_copy(mem, r->reason),
                           .width = r->width,
                           .height = r->height,
                           .scaled = r->scaled,
                           .quality = r->quality,
                           .frames = frames,
                           .frame_count = p->child.frame_count,
                           .truncated = r->truncated,
                           .duration_us = (Instant)r->duration_us };
    memcpy(out->pdq, r->pdq, sizeof out->pdq);
}

static void deliver(DecodePool *pool, Place *p, Arena *mem, DecodeResult *out)
{
    if (p->reason)
        *out = (DecodeResult){ .media = p->media, .reason = p->reason };
    else
        copy_reply(p, mem, out);
    out->state = p->state;
    out->tag = p->tag;
    p->busy = p->ready = false;
    pool->counts.state[p->state]++;
}

/* Takes what is there and ends what is late. Returns a place with a result, NULL if none. */
static Place *look(DecodePool *pool)
{
    Place *first = NULL;
    Instant at = now(pool);
    for (size_t i = 0; i < pool->count; i++) {
        Place *p = &pool->places[i];
        if (p->busy && !p->ready)
            hear(pool, p);
        if (p->busy && !p->ready && at >= p->deadline)
            lose(pool, p, DECODE_TIMED_OUT);
        if (p->busy && p->ready && !first)
            first = p;
    }
    return first;
}

static int wait_for(const DecodePool *pool, Instant until)
{
    Instant first = until, at = now(pool);
    for (size_t i = 0; i < pool->count; i++)
        if (pool->places[i].busy && pool->places[i].deadline < first)
            first = pool->places[i].deadline;
    Instant ms = first > at ? (first - at) / 1000 + 1 : 0;
    return ms < 60 * 1000 ? (int)ms : 60 * 1000;
}

size_t decode_polls(const DecodePool *pool, struct pollfd *out, size_t cap)
{
    size_t n = 0;
    for (size_t i = 0; i < pool->count && n < cap; i++)
        if (pool->places[i].busy && !pool->places[i].ready)
            out[n++] = (struct pollfd){ pool->places[i].child.socket, POLLIN, 0 };
    return n;
}

bool decode_collect(DecodePool *pool, int wait_ms, Arena *mem, DecodeResult *out, bool *got, Err *err)
{
    struct pollfd polls[CHILDREN_MAX];
    Instant until = wait_ms < 0 ? INT64_MAX : now(pool) + (Instant)wait_ms * 1000;
    Place *p = look(pool);
    (void)err;                                 /* nothing can fail yet; callers are ready for it */
    while (!p && decode_busy(pool) > 0 && now(pool) < until) {
        size_t n = decode_polls(pool, polls, CHILDREN_MAX);
        (void)poll(polls, n, wait_for(pool, until));
        p = look(pool);
    }
    *got = p != NULL;
    if (p)
        deliver(pool, p, mem, out);
    return true;
}

bool decode_file(DecodePool *pool, const DecodeInput *input, Arena *mem, DecodeResult *out, Err *err)
{
    bool got = false;
    assert(decode_busy(pool) == 0);
    if (!decode_send(pool, input, NULL, err) || !decode_collect(pool, -1, mem, out, &got, err))
        return false;
    return got || err_set(err, ERR_BUG, "A file was given to a decoder and never came back.");
}

const char *decode_state_name(DecodeState state)
{
    static const char *const names[DECODE__STATES] = {
        [DECODE_OK] = "ok",           [DECODE_NOT_MEDIA] = "not-media", [DECODE_UNREADABLE] = "unreadable",
        [DECODE_REFUSED] = "refused", [DECODE_CRASHED] = "crashed",     [DECODE_TIMED_OUT] = "timed-out",
    };
    return state >= DECODE_OK && state < DECODE__STATES ? names[state] : "unknown";
}
