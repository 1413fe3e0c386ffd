/* disk.c: files of a folder become contents in memory, or digests where they are large.
 *
 * All bytes pass through room that is the worker's, since new memory costs more than digesting what is in it.
 * (1) Small files lie there close together, one after another; no file takes more than ROOM_BYTES.
 * (2) Large files are read in turn, a piece of each, so that their digests are taken side by side. Pieces
 *     lie at the end of the room: a large file leaves as much free there as it would have taken when small.
 * (3) A disk with a moving head must not jump for each piece: what comes next is asked for in long runs. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "reader/marks.h"
#include "triage/inside.h"

enum {
    ROOM_BYTES = SMALL_BYTES + 4096,
    SIDE_BY_SIDE = 16,                         /* large files open in turn: what fills the lanes */
    PIECE_BYTES = 256 << 10,                   /* stays in cache from read to digest */
    PIECE_APART = PIECE_BYTES + 320,           /* as engine/digest/digests.h asks */
    RUN_BYTES = 4 << 20,                       /* asked of the disk at once, one run ahead */
};
_Static_assert(PIECE_APART <= ROOM_BYTES, "what a large file leaves free holds a piece of it (2)");

Disk disk_new(int root, _Atomic uint64_t *bytes_seen)
{
    Pages room = pages_new((size_t)JOBS_BATCH * ROOM_BYTES);
    return (Disk){ .root = root, .bytes_seen = bytes_seen, .room = room };
}

void disk_done(Disk *d) { pages_done(&d->room); }

static void unread(Job *job, const char *why)
{
    TriageFile *f = job->file;
    f->state = f->size ? TRIAGE_PART : TRIAGE_UNREAD;
    f->why = unit_text(job->unit, why, strlen(why));
}

/* 0 at the end, and when the disk fails, which is told. */
static size_t piece_read(Job *job, uint8_t *to, size_t most)
{
    ssize_t n;
    do
        n = read(job->spool, to, most);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        unread(job, "The disk could not read all of it.");
    return n > 0 ? (size_t)n : 0;
}

/* `size` is what it was when opened. One byte more is asked for, so that a file that has grown is read on. */
static void read_small(Disk *d, Job *job, size_t size)
{
    TriageFile *f = job->file;
    size_t room = size + 1, n;
    job->at = d->room.at + d->used;
    do {
        n = piece_read(job, job->at + f->size, room - f->size);
        f->size += n;
    } while (n > 0 && f->size != size && f->size < room);
    job->len = f->size < room ? f->size : size;
    f->size = job->len;
    d->used += (room + 63) & ~(size_t)63;
    atomic_fetch_add(d->bytes_seen, f->size);
}

/* ---- large files ---- */

typedef struct Turn {                          /* a large file being read */
    Job          *job;                         /* NULL: this place is free */
    DigestStream *stream;
    uint8_t      *piece;
    size_t        len;                         /* of the piece; 0: it has ended */
} Turn;

static void turn_begin(Turn *t, Job *job)
{
    t->job = job;
    t->stream = digests_begin(&job->mem);
    job->at = arena_new(&job->mem, uint8_t, MARKS_BYTES);
    (void)posix_fadvise(job->spool, 0, 0, POSIX_FADV_SEQUENTIAL);
}

/* Asks for the run after the one that begins here; in parts, since no more of one request is heeded. */
static void ask_ahead(const Job *job)
{
    off_t from = (off_t)job->file->size + (job->file->size ? RUN_BYTES : 0);
    size_t len = job->file->size ? RUN_BYTES : 2 * RUN_BYTES;
    for (size_t done = 0; done < len; done += PIECE_BYTES)
        (void)posix_fadvise(job->spool, from + (off_t)done, PIECE_BYTES, POSIX_FADV_WILLNEED);
}

static void turn_read(Disk *d, Turn *t)
{
    Job *job = t->job;
    TriageFile *f = job->file;
    if (f->size % RUN_BYTES == 0)
        ask_ahead(job);
    t->len = piece_read(job, t->piece, PIECE_BYTES);
    if (f->size == 0)
        memcpy(job->at, t->piece, job->len = t->len < MARKS_BYTES ? t->len : MARKS_BYTES);
    f->size += t->len;
    atomic_fetch_add(d->bytes_seen, t->len);
}

static void turn_end(Turn *t)
{
    t->job->file->digests = digests_end(t->stream);
    t->job->digested = true;
    t->job = NULL;
}

static void read_large(Disk *d, Job *const *jobs, size_t count)
{
    Turn turn[SIDE_BY_SIDE] = { 0 };
    DigestStream *streams[SIDE_BY_SIDE];
    const void *at[SIDE_BY_SIDE];
    size_t len[SIDE_BY_SIDE], places = count < SIDE_BY_SIDE ? count : SIDE_BY_SIDE, next = 0, live;
    do {
        live = 0;
        for (size_t i = 0; i < places; i++) {
            Turn *t = &turn[i];
            t->piece = d->room.at + d->room.len - (i + 1) * PIECE_APART;
            if (!t->job && next < count)
                turn_begin(t, jobs[next++]);
            if (!t->job)
                continue;
            turn_read(d, t);
            streams[live] = t->stream;
            at[live] = t->piece;
            len[live++] = t->len;
        }
        digests_add_many(streams, at, len, live);
        for (size_t i = 0; i < places; i++)
            if (turn[i].job && turn[i].len == 0)
                turn_end(&turn[i]);
    } while (live > 0);
}

void disk_read(Disk *d, Job *const *jobs, size_t n)
{
    Job *large[JOBS_BATCH];
    size_t count = 0;
    assert(n <= JOBS_BATCH);
    d->used = 0;
    for (size_t i = 0; i < n; i++) {
        struct stat s;
        if (!jobs[i]->on_disk)
            continue;
        jobs[i]->spool = walk_open(d->root, jobs[i]->file->path.at, &s);
        if (jobs[i]->spool < 0)
            unread(jobs[i], "It may not be opened.");
        else if (s.st_size <= SMALL_BYTES)
            read_small(d, jobs[i], (size_t)s.st_size);
        else
            large[count++] = jobs[i];
    }
    read_large(d, large, count);
}
