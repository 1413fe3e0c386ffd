/* run.c: one run from opening the source to the finished report.
 *
 * (1) Units are numbered in the order of the walk, so that threads change nothing in the report.
 * (2) A unit is in the journal only when all of it is finished; a run that goes on takes whole units from
 *     there and reads the others again.
 * (3) What the sets say is asked at the end, of all files together, whichever run read them. */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "engine/digest/sha256.h"
#include "reader/marks.h"
#include "triage/inside.h"

enum { RESTARTS_MAX = 1000, SAMPLE_BYTES = 64 * 1024 };

/* A unit of an earlier run. Open addressing by the hash of its key. */
typedef struct Kept { uint64_t key, stamp[2], at; } Kept;
typedef struct KeptTable { Kept *at; size_t count, cap; } KeptTable;

typedef struct Run {
    const TriageOptions *o;
    Arena        *mem;
    TriageReport *out;
    Sets          sets;
    Journal      *journal;
    KeptTable     kept;
    Work         *work;
    size_t        file_cap, trouble_cap, volume_cap;
    int           root;                        /* of a folder, or the folder of a file */
    int          *fds;
    size_t        fd_count;
    const char   *name;                        /* of the file in its folder */
    bool          folder, archive;
    uint64_t      number, total;
    /* an image or archive being read */
    Take          take;
    Unit         *unit;
    bool          skip, begun;
    uint32_t      volume;
    uint64_t      ordinal;
} Run;

/* ---- what is kept for the report ---- */

static bool matters(const Run *r, const TriageFile *f)
{
    return r->o->all_files || f->state != TRIAGE_READ || f->media != MEDIA_NONE || f->near_count;
}

static void total_add(TriageTotals *t, const TriageFile *f)
{
    t->files++;
    t->bytes += f->size;
    t->deleted += (f->flags & READER_DELETED) != 0;
    t->orphans += (f->flags & READER_ORPHAN) != 0;
    t->in_archives += f->depth > 0;
    t->unread += f->state == TRIAGE_UNREAD;
    t->part += f->state == TRIAGE_PART;
    t->by_media[f->media]++;
}

static Str text_keep(Run *r, Str s)
{
    return (Str){ s.len ? str_copy_n(r->mem, s.at, s.len) : "", s.len };
}

static bool unit_collect(Run *r, const Unit *u, Err *err)
{
    for (size_t i = 0; i < u->count; i++) {
        const TriageFile *f = u->files[i];
        bool known = false;
        total_add(&r->out->totals, f);
        if (!matters(r, f) && (!f->size || (triage_sets_know(&r->sets, &f->digests, &known, err) && !known)))
            continue;
        if (err->kind != ERR_NONE)
            return false;
        TriageFile *kept = arena_push(r->mem, r->out->files, r->out->file_count, r->file_cap);
        *kept = *f;
        kept->unit = u->number;
        kept->path = text_keep(r, f->path);
        kept->why = *f->why ? str_copy(r->mem, f->why) : "";
        kept->undecoded = str_copy(r->mem, f->undecoded);
        kept->near = arena_new(r->mem, TriageNear, f->near_count);
        if (f->near_count)
            memcpy(kept->near, f->near, f->near_count * sizeof *f->near);
    }
    for (size_t i = 0; i < u->trouble_count; i++)
        *arena_push(r->mem, r->out->troubles, r->out->trouble_count, r->trouble_cap) =
            (TriageTrouble){ text_keep(r, u->troubles[i].path), u->troubles[i].volume,
                             str_copy(r->mem, u->troubles[i].why) };
    return true;
}

static bool unit_finished(void *ctx, Unit *u, Err *err)
{
    Run *r = ctx;
    return (!r->journal || journal_add(r->journal, u, err)) && unit_collect(r, u, err);
}

/* ---- going on ---- */

static uint64_t hash_of(Str key)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < key.len; i++)
        h = (h ^ (uint8_t)key.at[i]) * 1099511628211u;
    return h ? h : 1;
}

static Kept *kept_place(const KeptTable *t, uint64_t key)
{
    size_t i = (size_t)key & (t->cap - 1);
    while (t->at[i].key && t->at[i].key != key)
        i = (i + 1) & (t->cap - 1);
    return &t->at[i];
}

static bool kept_add(void *ctx, const Unit *u, Err *err)
{
    Run *r = ctx;
    KeptTable *t = &r->kept;
    (void)err;
    if (t->count * 2 >= t->cap) {
        KeptTable more = { .cap = t->cap ? t->cap * 2 : 1024, .count = t->count };
        more.at = arena_new(r->mem, Kept, more.cap);
        for (size_t i = 0; i < t->cap; i++)
            if (t->at[i].key)
                *kept_place(&more, t->at[i].key) = t->at[i];
        *t = more;
    }
    Kept *k = kept_place(t, hash_of(u->key));
    t->count += k->key == 0;
    *k = (Kept){ hash_of(u->key), { u->stamp[0], u->stamp[1] }, u->at };
    return true;
}

/* Takes a unit from the earlier run, if it is there and unchanged. */
static bool kept_take(Run *r, Str key, uint64_t size, uint64_t time, bool *taken, Err *err)
{
    *taken = false;
    if (!r->kept.count)
        return true;
    const Kept *k = kept_place(&r->kept, hash_of(key));
    if (!k->key || k->stamp[0] != size || k->stamp[1] != time)
        return true;
    Unit *u = journal_again(r->journal, k->at);
    if (!u)
        return true;
    bool good = true, same = str_eq(u->key, key);
    if (same) {
        u->number = r->number++;
        work_hold(r->work);
        good = unit_collect(r, u, err);
        work_let(r->work);
        work_seen(r->work, u->count, size);
        *taken = true;
    }
    unit_free(u);
    return good;
}

/* What a run's journal is only good for: this source, these sets, this way of reading. */
static bool identity_of(Run *r, uint8_t out[32])
{
    CLEANUP(arena_done) Arena mem = { 0 };
    StrBuf b = { .mem = &mem };
    char *place = arena_new(&mem, char, PATH_MAX), *real = realpath(r->o->path, place);
    buf_fmt(&b, "muster %s\n%s\n%d %d %d\n", MUSTER_VERSION, real ? real : r->o->path, r->folder,
            r->o->all_files, r->sets.distance);
    for (size_t i = 0; i < r->sets.count; i++)
        buf_add_n(&b, (const char *)r->sets.at[i].root.bytes, 32);
    for (size_t i = 0; i < r->fd_count; i++) {
        uint8_t *sample = arena_new(&mem, uint8_t, SAMPLE_BYTES);
        off_t size = lseek(r->fds[i], 0, SEEK_END);
        ssize_t n = pread(r->fds[i], sample, SAMPLE_BYTES, 0);
        buf_fmt(&b, "\n%lld ", (long long)size);
        buf_add_n(&b, (const char *)sample, n > 0 ? (size_t)n : 0);
        n = pread(r->fds[i], sample, SAMPLE_BYTES, size > SAMPLE_BYTES ? size - SAMPLE_BYTES : 0);
        buf_add_n(&b, (const char *)sample, n > 0 ? (size_t)n : 0);
    }
    Sha256 d = sha256_of(buf_text(&b), b.len);
    memcpy(out, d.bytes, sizeof d.bytes);
    return true;
}

/* ---- a folder ---- */

static bool folder_count(void *ctx, const char *path, uint64_t size, Instant modified, const char *trouble,
                         Err *err)
{
    (void)path; (void)modified; (void)trouble; (void)err;
    ((Run *)ctx)->total += size;
    return true;
}

static bool folder_file(void *ctx, const char *path, uint64_t size, Instant modified, const char *trouble,
                        Err *err)
{
    Run *r = ctx;
    bool taken = false;
    if (!trouble && !kept_take(r, str_of(path), size, (uint64_t)modified, &taken, err))
        return false;
    if (taken)
        return !work_stopped(r->work, err);
    Unit *u = unit_new(r->number++, str_of(path));
    u->stamp[0] = size;
    u->stamp[1] = (uint64_t)modified;
    if (trouble) {
        unit_trouble(u, str_of(path), 0, trouble);
        return unit_release(r->work, u, err);
    }
    TriageFile *f = unit_file(u);
    *f = (TriageFile){ .path = { unit_text(u, path, strlen(path)), strlen(path) },
                       .modified = modified,
                       .accessed = INSTANT_NONE,
                       .changed = INSTANT_NONE,
                       .created = INSTANT_NONE,
                       .why = "" };
    Job *job = job_new(u, f);
    job->on_disk = true;
    if (work_give(r->work, job, err))
        return unit_release(r->work, u, err);
    unit_drop(u);
    return false;
}

static bool run_folder(Run *r, Err *err)
{
    r->out->kind = "folder";
    if (r->o->progress && !walk_folder(r->root, folder_count, r, err))
        return false;                          /* what there is altogether is for whoever watches */
    work_total(r->work, r->total);
    return walk_folder(r->root, folder_file, r, err);
}

/* ---- an image or an archive ---- */

static bool unit_leave(Run *r, Err *err)
{
    Unit *u = r->unit;
    r->unit = NULL;
    return !u || unit_release(r->work, u, err);
}

static bool unit_enter(Run *r, const ReaderEvent *e, Err *err)
{
    char key[64];
    bool taken = false;
    int n = snprintf(key, sizeof key, "%u/%llu", e->volume, (unsigned long long)e->ordinal);
    Str name = { key, (size_t)n };
    if (!unit_leave(r, err) || !kept_take(r, name, e->size, (uint64_t)e->modified, &taken, err))
        return false;
    r->skip = taken;
    if (taken)
        return true;
    r->unit = unit_new(r->number++, name);
    r->unit->stamp[0] = e->size;
    r->unit->stamp[1] = (uint64_t)e->modified;
    r->take.unit = r->unit;
    return true;
}

static bool medium_event(Run *r, const ReadingEvent *e)
{
    r->begun = true;
    work_hold(r->work);
    r->out->kind = str_from(r->mem, e->text);
    work_let(r->work);
    r->out->medium_bytes = e->is.size;
    r->out->stored_md5_known = e->is.length == 16;
    memcpy(r->out->stored_md5, e->is.stored_md5, sizeof r->out->stored_md5);
    work_total(r->work, e->is.size * (r->o->verify ? 2 : 1));
    return true;
}

static void volume_event(Run *r, const ReadingEvent *e)
{
    for (size_t i = 0; i < r->out->volume_count; i++)
        if (r->out->volumes[i].number == e->is.volume)
            return;
    work_hold(r->work);
    *arena_push(r->mem, r->out->volumes, r->out->volume_count, r->volume_cap) =
        (TriageVolume){ e->is.volume, e->is.start, e->is.size, str_from(r->mem, e->text) };
    work_let(r->work);
}

static bool give(void *ctx, Job *job, Err *err)
{
    return work_give(((Run *)ctx)->work, job, err);
}

/* Trouble that belongs to no file: the volume's own, or the image's. */
static bool own_trouble(Run *r, uint32_t volume, const char *path, const char *why, Err *err)
{
    Unit *u = unit_new(r->number++, STR(""));
    unit_trouble(u, str_of(path), volume, why);
    work_hold(r->work);
    bool good = unit_collect(r, u, err);       /* told again by every run: not for the journal */
    work_let(r->work);
    unit_free(u);
    return good;
}

static bool image_event(void *ctx, const ReadingEvent *e, Err *err)
{
    Run *r = ctx;
    bool file_level =
        e->is.kind == READER_FILE && !(e->is.flags & READER_WHOLE) && (r->archive || e->is.depth == 0);
    if (e->is.kind == READER_MEDIUM)
        return medium_event(r, e);
    if (e->is.kind == READER_VOLUME) {
        volume_event(r, e);
        r->volume = e->is.volume;
        r->ordinal = 0;
        return unit_leave(r, err);
    }
    if (e->is.kind == READER_BYTES)
        work_seen(r->work, 0, e->is.length);
    if (e->is.kind == READER_FILE) {
        r->begun = true;
        r->volume = e->is.volume;
        r->ordinal = e->is.ordinal;
    }
    if (e->is.kind == READER_FILE && (e->is.flags & READER_WHOLE))
        return take_event(&r->take, e, err);
    if (file_level && !(r->archive && r->unit) && !unit_enter(r, &e->is, err))
        return false;
    if (e->is.kind == READER_TROUBLE && !r->unit && !r->skip) {
        CLEANUP(arena_done) Arena mem = { 0 };
        const char *text = str_from(&mem, e->text), *line = strchr(text, '\n');
        return own_trouble(r, e->is.volume, line ? line + 1 : "",
                           str_copy_n(&mem, text, line ? (size_t)(line - text) : strlen(text)), err);
    }
    return r->skip && !r->take.is_whole ? true : take_event(&r->take, e, err);
}

static bool read_once(Run *r, Reading *reading, const ReadingAsk *ask, ReadingEnd *end, Err *err)
{
    bool good = reading_run(reading, ask, image_event, r, end, err) &&
                take_end(&r->take, reading_end_says(*end), err) && unit_leave(r, err);
    take_done(&r->take);
    if (!good && r->unit)
        unit_drop(r->unit);
    r->unit = NULL;
    r->skip = false;
    return good;
}

static bool run_reader(Run *r, Err *err)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    Reading *reading = NULL;
    ReadingEnd end = READING_CRASHED;
    ReadingAsk ask = { .what = r->archive ? READER_ARCHIVE : READER_IMAGE,
                       .fds = r->fds,
                       .count = r->fd_count,
                       .whole = r->o->verify && !r->archive };
    bool good = reading_open(&mem, NULL, &reading, err);
    r->out->kind = r->archive ? "archive" : "image";
    r->take = (Take){ .prefix = "", .whole = &r->out->medium, .give = give, .ctx = r };
    if (good && r->archive) {
        off_t size = lseek(r->fds[0], 0, SEEK_END);
        work_total(r->work, 0);
        r->out->medium_bytes = size > 0 ? (uint64_t)size : 0;
    }
    for (int i = 0; good && end != READING_DONE && i < RESTARTS_MAX; i++) {
        uint32_t from_volume = ask.from_volume;
        uint64_t from_ordinal = ask.from_ordinal;
        r->begun = false;
        r->volume = from_volume;
        r->ordinal = from_ordinal;
        good = read_once(r, reading, &ask, &end, err);
        if (!good || end == READING_DONE)
            break;
        good = own_trouble(r, r->volume, "", reading_end_says(end), err);
        if (!r->begun || r->archive)
            break;                             /* it cannot even be opened */
        bool further = r->volume > from_volume || r->ordinal > from_ordinal || i == 0;
        ask.from_volume = further ? r->volume : r->volume + 1;
        ask.from_ordinal = further ? r->ordinal + 1 : 0;
        ask.whole = false;
    }
    reading_close(reading);
    r->out->verified =
        r->o->verify && r->out->medium.size_bytes == r->out->medium_bytes && r->out->medium_bytes;
    r->out->agrees = r->out->verified && r->out->stored_md5_known &&
                     memcmp(r->out->medium.md5, r->out->stored_md5, sizeof r->out->stored_md5) == 0;
    return good;
}

/* ---- the whole ---- */

/* An archive is read as one; anything else that is a file is a disk image. */
static bool archive_given(const Run *r)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    uint8_t *head = arena_new(&mem, uint8_t, MARKS_BYTES);
    ssize_t n = pread(r->fds[0], head, MARKS_BYTES, 0);
    return n > 0 && archive_marked(head, (size_t)n) && !image_marked(head, (size_t)n);
}

static bool source_open(Run *r, Err *err)
{
    struct stat s;
    const char *slash = strrchr(r->o->path, '/');
    int fd = open(r->o->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &s) != 0)
        return err_set(err, ERR_NOT_FOUND, "What should be triaged is not there, or may not be read.");
    r->folder = S_ISDIR(s.st_mode);
    r->fds = arena_new(r->mem, int, 1);
    if (r->folder) {
        r->root = fd;
        return true;
    }
    r->fds[0] = fd;
    r->fd_count = 1;
    if (!S_ISREG(s.st_mode) && !S_ISBLK(s.st_mode))
        return err_set(err, ERR_INVALID, "Triage reads a folder, a disk image, an archive or a disk.");
    r->name = slash ? slash + 1 : r->o->path;
    r->root = slash ? open(str_copy_n(r->mem, r->o->path, (size_t)(slash - r->o->path) + 1),
                           O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                    : open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    r->archive = archive_given(r);
    return segments_open(r->root, r->name, r->mem, &r->fds, &r->fd_count, err);
}

static void run_done(Run *r)
{
    work_close(r->work);
    r->work = NULL;
    segments_close(r->fds, r->fd_count, 0);
    if (r->root >= 0)
        close(r->root);
}

static int by_unit(const void *a, const void *b)
{
    const TriageFile *x = a, *y = b;
    return x->unit != y->unit ? (x->unit > y->unit) - (x->unit < y->unit)
                              : (x->member > y->member) - (x->member < y->member);
}

static int by_place(const void *a, const void *b)
{
    const TriageTrouble *x = a, *y = b;
    size_t n = x->path.len < y->path.len ? x->path.len : y->path.len;
    int c = x->volume != y->volume ? (x->volume > y->volume) - (x->volume < y->volume)
                                   : n ? memcmp(x->path.at, y->path.at, n) : 0;
    c = c ? c : (x->path.len > y->path.len) - (x->path.len < y->path.len);
    return c ? c : strcmp(x->why, y->why);
}

static bool read_all(Run *r, Err *err)
{
    return (r->folder ? run_folder(r, err) : run_reader(r, err)) && work_end(r->work, err);
}

bool triage_run(const TriageOptions *o, Arena *mem, TriageReport *out, Err *err)
{
    Run r = { .o = o, .mem = mem, .out = out, .root = -1 };
    uint8_t identity[32];
    *out = (TriageReport){ .source = str_copy(mem, o->path), .exhibit = str_copy(mem, o->exhibit), .kind = "",
                           .made = o->made };
    bool good =
        source_open(&r, err) && triage_sets_open(o, mem, &r.sets, err) && identity_of(&r, identity) &&
        (!o->journal || journal_open(o->journal, identity, o->resume, mem, kept_add, &r, &r.journal, err)) &&
        work_open(o, &r.sets, r.root, (Sink){ unit_finished, &r }, mem, &r.work, err) && read_all(&r, err);
    out->unhashed = r.work ? work_undecoded(r.work) : NULL;
    run_done(&r);
    out->sets = r.sets.at;
    out->set_count = r.sets.count;
    if (out->file_count)
        qsort(out->files, out->file_count, sizeof *out->files, by_unit);
    if (out->trouble_count)
        qsort(out->troubles, out->trouble_count, sizeof *out->troubles, by_place);
    good = good && result_match(o, &r.sets, mem, out, err);
    out->sets_open = arena_new(mem, Sets, 1);
    *(Sets *)out->sets_open = r.sets;
    journal_close(r.journal, false);           /* removed by who has written the report */
    if (!good)
        triage_done(out);
    return good || err_while(err, "triaging");
}

void triage_done(TriageReport *report)
{
    if (report->sets_open)
        triage_sets_close(report->sets_open);
    report->sets_open = NULL;
}
