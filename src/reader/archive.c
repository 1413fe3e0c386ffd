/* archive.c: archives and what is in them, and archives in those, within bounds.
 *
 * One budget of bytes, files and memory covers a file and everything packed inside it, however deep, so that
 * an archive made to swell ends with a sentence. Members are streamed; an archive in an archive is held in
 * memory while it is read, since most kinds cannot be read from front to back alone. Names are sent as they
 * stand and are never used to open anything. */
#include <archive.h>
#include <archive_entry.h>
#include <string.h>
#include <sys/mman.h>
#include "base/str.h"
#include "reader/inside.h"
#include "reader/marks.h"

/* ---- telling an archive ---- */

bool archive_known(const Bytes *b)
{
    uint8_t head[MARKS_BYTES];
    ssize_t n = b->read(b, 0, head, b->size < sizeof head ? (size_t)b->size : sizeof head);
    return n > 0 && archive_marked(head, (size_t)n);
}

/* ---- libarchive over Bytes ---- */

enum { READ_BLOCK = 64 * 1024 };
typedef struct Feed {
    const Bytes *b;
    uint64_t     at;
    uint8_t      block[READ_BLOCK];
} Feed;

static la_ssize_t feed_read(struct archive *a, void *ctx, const void **out)
{
    Feed *f = ctx;
    ssize_t n;
    (void)a;
    if (f->at >= f->b->size)
        return 0;
    n = f->b->read(f->b, f->at, f->block,
                   f->b->size - f->at < READ_BLOCK ? (size_t)(f->b->size - f->at) : READ_BLOCK);
    if (n < 0) {
        archive_set_error(a, -1, "unreadable");
        return -1;
    }
    f->at += (uint64_t)n;
    *out = f->block;
    return n;
}

static la_int64_t feed_skip(struct archive *a, void *ctx, la_int64_t by)
{
    Feed *f = ctx;
    (void)a;
    if (by <= 0)
        return 0;
    uint64_t left = f->b->size - (f->at < f->b->size ? f->at : f->b->size),
             n = (uint64_t)by < left ? (uint64_t)by : left;
    f->at += n;
    return (la_int64_t)n;
}

static la_int64_t feed_seek(struct archive *a, void *ctx, la_int64_t to, int whence)
{
    Feed *f = ctx;
    la_int64_t from = whence == SEEK_SET   ? 0
                      : whence == SEEK_CUR ? (la_int64_t)f->at
                                           : (la_int64_t)f->b->size,
               at;
    (void)a;
    if (__builtin_add_overflow(from, to, &at) || at < 0)
        return ARCHIVE_FATAL;
    f->at = (uint64_t)at;
    return at;
}

/* Everything that reads bytes alone: no outside programs, nothing that names files elsewhere (mtree). */
static struct archive *opened(Feed *f)
{
    struct archive *a = archive_read_new();
    int (*const support[])(struct archive *) = {
        archive_read_support_filter_bzip2, archive_read_support_filter_compress,
        archive_read_support_filter_gzip,  archive_read_support_filter_lz4,
        archive_read_support_filter_lzip,  archive_read_support_filter_lzma,
        archive_read_support_filter_rpm,   archive_read_support_filter_xz,
        archive_read_support_filter_zstd,  archive_read_support_format_7zip,
        archive_read_support_format_ar,    archive_read_support_format_cab,
        archive_read_support_format_cpio,  archive_read_support_format_empty,
        archive_read_support_format_iso9660, archive_read_support_format_lha,
        archive_read_support_format_rar,   archive_read_support_format_rar5,
        archive_read_support_format_tar,   archive_read_support_format_xar,
        archive_read_support_format_zip,   archive_read_support_format_raw,
    };
    if (!a)
        return NULL;
    FOR_EACH (s, support)
        (void)(*s)(a);
    archive_read_set_read_callback(a, feed_read);
    archive_read_set_skip_callback(a, feed_skip);
    archive_read_set_seek_callback(a, feed_seek);
    archive_read_set_callback_data(a, f);
    return a;
}

/* ---- members ---- */

typedef struct Member {
    Arena    mem;
    char    *path;
    uint8_t *kept;                             /* its bytes, when it may be an archive itself */
    uint64_t kept_bytes, kept_cap;
    bool     keep, keep_refused;
} Member;

static void member_done(Member *m)
{
    if (m->kept)
        munmap(m->kept, m->kept_cap);
    arena_done(&m->mem);
}

Unpacking unpacking_of(const Wire *w, uint64_t size)
{
    uint64_t by_size, least = w->ask.unpack_least;
    if (__builtin_mul_overflow(size, w->ask.unpack_ratio, &by_size) || by_size > w->ask.unpack_most)
        by_size = w->ask.unpack_most;
    return (Unpacking){ by_size > least ? by_size : least, w->ask.members_max, w->ask.nested_max };
}

static int64_t stamp(bool set, time_t t, long ns)
{
    int64_t us;
    if (!set || __builtin_mul_overflow((int64_t)t, INT64_C(1000000), &us))
        return READER_TIME_NONE;
    return us + ns / 1000;
}

static void member_say(Wire *w, struct archive_entry *e, const char *path, uint32_t depth)
{
    ReaderEvent v = {
        .kind = READER_FILE,
        .depth = depth,
        .size =
            archive_entry_size_is_set(e) && archive_entry_size(e) > 0 ? (uint64_t)archive_entry_size(e) : 0,
        .modified = stamp(archive_entry_mtime_is_set(e), archive_entry_mtime(e), archive_entry_mtime_nsec(e)),
        .accessed = stamp(archive_entry_atime_is_set(e), archive_entry_atime(e), archive_entry_atime_nsec(e)),
        .changed = stamp(archive_entry_ctime_is_set(e), archive_entry_ctime(e), archive_entry_ctime_nsec(e)),
        .created = stamp(archive_entry_birthtime_is_set(e), archive_entry_birthtime(e),
                         archive_entry_birthtime_nsec(e)),
    };
    wire_say(w, &v, path, strlen(path));
}

/* Keeps an archive in an archive, doubling as it grows. */
static void member_keep(Unpacking *u, Member *m, const void *at, size_t n)
{
    if (!m->keep)
        return;
    if (m->kept_bytes + n > m->kept_cap) {
        uint64_t cap = m->kept_cap ? m->kept_cap * 2 : 1u << 20;
        while (cap < m->kept_bytes + n)
            cap *= 2;
        void *more = cap > u->nested_left ? MAP_FAILED
                     : m->kept ? mremap(m->kept, m->kept_cap, cap, MREMAP_MAYMOVE)
                               : mmap(NULL, cap, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (more == MAP_FAILED) {
            m->keep = false;
            m->keep_refused = true;
            return;
        }
        m->kept = more;
        m->kept_cap = cap;
    }
    memcpy(m->kept + m->kept_bytes, at, n);
    m->kept_bytes += n;
}

static ssize_t read_memory(const Bytes *b, uint64_t at, void *to, size_t len)
{
    if (at >= b->size)
        return 0;
    size_t n = b->size - at < len ? (size_t)(b->size - at) : len;
    memcpy(to, (const uint8_t *)b->ctx + at, n);
    return (ssize_t)n;
}

static bool looks_packed(const void *at, size_t n)
{
    Bytes b = { read_memory, (void *)at, n };
    return archive_known(&b);
}

static const char too_much[] = "It unpacks to far more than its size; the rest was left out.";

/* What of a member is not sent yet. Archives give small pieces; whole slots are sent. */
typedef struct Sending {
    Wire      *w;
    Unpacking *u;
    Member    *m;
    uint8_t   *slot;                           /* NULL: none begun */
    size_t     have;
    uint64_t   sent;
} Sending;

static void flush(Sending *s)
{
    if (s->have == 0)
        return;
    if (s->sent == 0)
        s->m->keep = looks_packed(s->slot, s->have);
    member_keep(s->u, s->m, s->slot, s->have);
    s->sent += s->have;
    wire_bytes(s->w, s->have);
    s->slot = NULL;
    s->have = 0;
}

/* Adds bytes, or zeros where `at` is NULL; false when the budget is used up. */
static bool send(Sending *s, const uint8_t *at, uint64_t n)
{
    while (n > 0 && s->u->bytes_left > 0) {
        size_t part = READER_SLOT_BYTES - s->have;
        part = n < part ? (size_t)n : part;
        part = s->u->bytes_left < part ? (size_t)s->u->bytes_left : part;
        if (!s->slot)
            s->slot = wire_slot(s->w);
        if (at)
            memcpy(s->slot + s->have, at, part);
        else
            memset(s->slot + s->have, 0, part);
        at = at ? at + part : NULL;
        s->have += part;
        n -= part;
        s->u->bytes_left -= part;
        if (s->have == READER_SLOT_BYTES)
            flush(s);
    }
    return n == 0;
}

/* Sends one member's bytes. NULL: go on; else why this archive must end here. Offsets are believed of sparse
 * members alone: some formats count them on from the member before. */
static const char *member_send(Wire *w, Unpacking *u, struct archive *a, struct archive_entry *e, Member *m)
{
    Sending s = { w, u, m, NULL, 0, 0 };
    bool sparse = archive_entry_sparse_count(e) > 0, room = true;
    const void *at;
    size_t n = 0;
    la_int64_t offset = 0;
    int got = ARCHIVE_OK;
    while (room && (got = archive_read_data_block(a, &at, &n, &offset)) == ARCHIVE_OK) {
        uint64_t done = s.sent + s.have,
                 gap = sparse && offset > 0 && (uint64_t)offset > done ? (uint64_t)offset - done : 0;
        room = send(&s, NULL, gap) && send(&s, at, n);
    }
    flush(&s);
    if (!room) {
        wire_end(w, too_much);
        return too_much;
    }
    if (got == ARCHIVE_EOF) {
        wire_end(w, "");
        return NULL;
    }
    m->keep = false;
    wire_end(w, archive_read_has_encrypted_entries(a) == 1 ? "It is encrypted."
                : s.sent ? "Only its beginning could be unpacked."
                         : "It could not be unpacked.");
    return got == ARCHIVE_FATAL ? "The archive is broken from here on." : NULL;
}

static const char *name_of(struct archive_entry *e)
{
    const char *name = archive_entry_pathname(e);
    if (!name)
        name = archive_entry_pathname_utf8(e);
    return name ? name : "(name unreadable)";
}

static char *member_path(Arena *mem, struct archive *a, struct archive_entry *e, const char *path)
{
    const char *name = archive_format(a) == ARCHIVE_FORMAT_RAW ? "(unpacked)" : name_of(e);
    return *path ? str_fmt(mem, "%s/%s", path, name) : str_copy(mem, name);
}

/* NULL: go on. */
static const char *member(Wire *w, Unpacking *u, struct archive *a, struct archive_entry *e, const char *path,
                          uint32_t depth)
{
    CLEANUP(member_done) Member m = { 0 };
    const char *stop;
    m.path = member_path(&m.mem, a, e, path);
    member_say(w, e, m.path, depth);
    stop = member_send(w, u, a, e, &m);
    if (m.keep_refused)
        wire_trouble(w, depth, m.path, "An archive in an archive, too large to be opened there.");
    else if (m.keep && !stop) {
        Bytes b = { read_memory, m.kept, m.kept_bytes };
        u->nested_left -= m.kept_cap;
        archive_walk(w, u, &b, m.path, depth);
        u->nested_left += m.kept_cap;
        if (u->bytes_left == 0 || u->members_left == 0)
            stop = too_much;
    }
    return stop;
}

static const char *members(Wire *w, Unpacking *u, struct archive *a, const char *path, uint32_t depth)
{
    struct archive_entry *e;
    const char *stop = NULL;
    size_t seen = 0;
    while (!stop) {
        int got = archive_read_next_header(a, &e);
        if (got == ARCHIVE_EOF)
            return archive_read_has_encrypted_entries(a) == 1 && !seen ? "It is encrypted." : NULL;
        if (got == ARCHIVE_RETRY)
            continue;
        if (got < ARCHIVE_WARN)
            return archive_read_has_encrypted_entries(a) == 1 ? "It is encrypted."
                   : seen                                     ? "The archive is broken from here on."
                          : "It looks like an archive but cannot be read.";
        seen++;
        if (archive_entry_filetype(e) != AE_IFREG && archive_entry_filetype(e) != 0)
            continue;
        if (archive_entry_hardlink(e))
            continue;
        if (u->members_left == 0)
            return "It holds too many files; the rest was left out.";
        u->members_left--;
        stop = member(w, u, a, e, path, depth);
    }
    return stop;
}

void archive_walk(Wire *w, Unpacking *u, const Bytes *b, const char *path, uint32_t depth)
{
    Feed f = { .b = b };
    struct archive *a;
    if (depth >= READER_DEPTH) {
        wire_trouble(w, depth, path, "Archives in archives go deeper than are opened here.");
        return;
    }
    a = opened(&f);
    const char *why = !a || archive_read_open1(a) != ARCHIVE_OK
                          ? "It looks like an archive but cannot be read."
                          : members(w, u, a, path, depth + 1);
    if (why)
        wire_trouble(w, depth, path, why);
    if (a)
        archive_read_free(a);
}
