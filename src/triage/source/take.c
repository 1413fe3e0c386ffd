/* take.c: what a reader says becomes files of one unit, with their contents in memory.
 *
 * A small file is kept whole. A large one is digested as it comes, and kept in a memory file as well when its
 * first bytes are those of a picture or a video, since decoding needs all of it. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "triage/inside.h"

static void job_begin(Take *t, const ReadingEvent *e)
{
    const ReaderEvent *is = &e->is;
    TriageFile *f = unit_file(t->unit);
    Str text = e->text;
    CLEANUP(arena_done) Arena mem = { 0 };
    if (*t->prefix)
        text = str_of(str_fmt(&mem, "%s/%.*s", t->prefix, (int)text.len, text.at));
    *f = (TriageFile){ .path = { unit_text(t->unit, text.at, text.len), text.len },
                       .unit = t->unit->number,
                       .member = f->member,
                       .volume = t->volume + is->volume,
                       .depth = is->depth + t->depth_more,
                       .flags = is->flags,
                       .modified = is->modified,
                       .accessed = is->accessed,
                       .changed = is->changed,
                       .created = is->created,
                       .why = "" };
    t->job = job_new(t->unit, f);
    uint64_t cap = is->size < 4096 ? 4096 : is->size < KEPT_BYTES ? is->size : KEPT_BYTES;
    t->job->at = arena_new(&t->job->mem, uint8_t, cap);
    t->job->cap = (size_t)cap;
}

/* For a file that is larger than it said. */
static void job_grow(Job *job, size_t least)
{
    size_t cap = 2 * job->cap < KEPT_BYTES ? 2 * job->cap : KEPT_BYTES;
    uint8_t *more = arena_new(&job->mem, uint8_t, cap = cap < least ? least : cap);
    memcpy(more, job->at, job->len);
    job->at = more;
    job->cap = cap;
}

static bool spool_add(Job *job, const uint8_t *at, size_t n, uint64_t done)
{
    uint64_t room = done < SPOOL_BYTES ? SPOOL_BYTES - done : 0;
    n = n < room ? n : (size_t)room;
    while (n > 0) {
        ssize_t put = write(job->spool, at, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        at += put;
        n -= (size_t)put;
    }
    return true;
}

/* It is larger than it said, or than is kept: from here on it is digested as it comes. */
static void stream_begin(Take *t)
{
    Job *job = t->job;
    t->stream = digests_begin(&job->mem);
    digests_add(t->stream, job->at, job->len);
    if (media_sniff(job->at, job->len) != MEDIA_NONE) {
        job->spool = memfd_create("muster-triage", MFD_CLOEXEC);
        if (job->spool >= 0 && !spool_add(job, job->at, job->len, 0)) {
            close(job->spool);
            job->spool = -1;
        }
    }
}

static void bytes_add(Take *t, const uint8_t *at, size_t n)
{
    Job *job = t->job;
    if (!t->stream && job->len + n > job->cap) {
        if (job->len + n <= KEPT_BYTES)
            job_grow(job, job->len + n);
        else
            stream_begin(t);
    }
    if (t->stream) {
        digests_add(t->stream, at, n);
        if (job->spool >= 0)
            (void)spool_add(job, at, n, job->file->size);
        if (job->len < MEDIA_SNIFF_BYTES && job->len + n <= job->cap)
            memcpy(job->at + job->len, at, n);
    } else {
        memcpy(job->at + job->len, at, n);
        job->len += n;
    }
    job->file->size += n;
}

static bool job_end(Take *t, const char *why, Err *err)
{
    Job *job = t->job;
    TriageFile *f = job->file;
    f->why = unit_text(t->unit, why, strlen(why));
    f->state = !*why ? TRIAGE_READ : f->size ? TRIAGE_PART : TRIAGE_UNREAD;
    if (t->stream) {
        f->digests = digests_end(t->stream);
        job->digested = true;
        f->media = media_sniff(job->at, job->len);
    }
    t->stream = NULL;
    t->job = NULL;
    return t->give(t->ctx, job, err);
}

bool take_event(Take *t, const ReadingEvent *e, Err *err)
{
    switch ((ReaderEventKind)e->is.kind) {
    case READER_FILE:
        if (e->is.flags & READER_WHOLE) {
            t->stream = digests_begin(&t->mem);
            t->is_whole = true;
        } else {
            job_begin(t, e);
        }
        return true;
    case READER_BYTES:
        if (t->is_whole)
            digests_add(t->stream, e->bytes, e->is.length);
        else
            bytes_add(t, e->bytes, e->is.length);
        return true;
    case READER_END:
        if (!t->is_whole) {
            CLEANUP(arena_done) Arena mem = { 0 };
            return job_end(t, str_from(&mem, e->text), err);
        }
        t->is_whole = false;
        *t->whole = digests_end(t->stream);
        t->stream = NULL;
        return true;
    case READER_TROUBLE: {
        const char *line = memchr(e->text.at, '\n', e->text.len);
        size_t why = line ? (size_t)(line - e->text.at) : e->text.len;
        size_t rest = line ? e->text.len - why - 1 : 0;
        CLEANUP(arena_done) Arena mem = { 0 };
        char *path = *t->prefix ? str_fmt(&mem, "%s%s%.*s", t->prefix, rest ? "/" : "", (int)rest,
                                          line ? line + 1 : "")
                                : str_copy_n(&mem, line ? line + 1 : "", rest);
        unit_trouble(t->unit, str_of(path), t->volume + e->is.volume, str_copy_n(&mem, e->text.at, why));
        return true;
    }
    case READER_MEDIUM:
    case READER_VOLUME:
    case READER_DONE:
    case READER__EVENTS: break;
    }
    return true;
}

bool take_end(Take *t, const char *why, Err *err)
{
    t->is_whole = false;
    return t->job ? job_end(t, why, err) : true;
}

void take_done(Take *t)
{
    if (t->job) {
        Unit *unit = t->job->unit;
        job_free(t->job);
        unit_drop(unit);
    }
    t->job = NULL;
    arena_done(&t->mem);
}
