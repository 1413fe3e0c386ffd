/* journal.c: what a run has finished, so that a stopped one can go on.
 *
 * A header with the run's identity, then one record for each finished unit: its length, a sum, its bytes.
 * Records are only ever added. Reading ends at the first byte that is not sound, which is where a stopped run
 * was writing, and writing goes on from there. It holds digests, hashes and paths; never contents. It is a
 * file of this machine, not for exchange: numbers lie as they do in memory. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "base/map.h"
#include "triage/inside.h"

enum { FORMAT = 1, RECORD_MAX = 256 << 20, FILES_MAX = 4 << 20 };
static const char mark[8] = "MUSTRJ1\n";
typedef struct Head { char mark[8]; uint32_t format, spare; uint8_t identity[32]; } Head;
typedef struct RecordHead { uint32_t length; uint32_t sum; } RecordHead;

struct Journal {
    const char *path;
    int         fd;
    Map         before;                        /* what an earlier run wrote */
    Arena       scratch;
};

/* Enough to notice half a record; nobody forges a journal of their own run. */
static uint32_t sum_of(const void *at, size_t n)
{
    Sha256 d = sha256_of(at, n);
    uint32_t sum;
    memcpy(&sum, d.bytes, sizeof sum);
    return sum;
}

/* ---- writing ---- */

static void put(StrBuf *b, const void *at, size_t n) { buf_add_n(b, at, n); }
static void put_32(StrBuf *b, uint64_t v) { uint32_t n = (uint32_t)v; put(b, &n, sizeof n); }
static void put_64(StrBuf *b, uint64_t v) { put(b, &v, sizeof v); }
static void put_text(StrBuf *b, Str s)
{
    put_32(b, s.len);
    put(b, s.at, s.len);
}

static void put_file(StrBuf *b, const TriageFile *f)
{
    const uint32_t small[] = { f->volume, f->depth, f->flags, f->state, f->media, f->hashed,
                               (uint32_t)f->quality, f->frames, f->near_count, f->undecoded != NULL };
    const int64_t big[] = { (int64_t)f->size, f->modified, f->accessed, f->changed, f->created };
    put(b, small, sizeof small);
    put(b, big, sizeof big);
    put(b, &f->digests, sizeof f->digests);
    put(b, &f->pdq, sizeof f->pdq);
    for (uint32_t i = 0; i < f->near_count; i++)
        put(b, &f->near[i], sizeof f->near[i]);
    put_text(b, f->path);
    put_text(b, str_of(f->why));
    put_text(b, str_of(f->undecoded));
}

static void put_unit(StrBuf *b, const Unit *u)
{
    put_64(b, u->number);
    put_text(b, u->key);
    put(b, u->stamp, sizeof u->stamp);
    put_32(b, u->count);
    put_32(b, u->trouble_count);
    for (size_t i = 0; i < u->count; i++)
        put_file(b, u->files[i]);
    for (size_t i = 0; i < u->trouble_count; i++) {
        put_text(b, u->troubles[i].path);
        put_32(b, u->troubles[i].volume);
        put_text(b, str_of(u->troubles[i].why));
    }
}

static bool write_all(int fd, const void *at, size_t n, Err *err)
{
    for (const char *p = at; n > 0;) {
        ssize_t put = write(fd, p, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return err_set(err, ERR_STORE, "The journal of the run cannot be written: is the disk full?");
        p += put;
        n -= (size_t)put;
    }
    return true;
}

bool journal_add(Journal *j, const Unit *unit, Err *err)
{
    StrBuf b = { .mem = &j->scratch };
    RecordHead head = { 0 };
    put(&b, &head, sizeof head);
    put_unit(&b, unit);
    head.length = (uint32_t)(b.len - sizeof head);
    head.sum = sum_of(b.at + sizeof head, head.length);
    memcpy(b.at, &head, sizeof head);
    bool good = head.length <= RECORD_MAX ? write_all(j->fd, b.at, b.len, err) : true;
    arena_reset(&j->scratch);
    return good;
}

/* ---- reading ---- */

typedef struct Get { const uint8_t *at; size_t left; bool good; } Get;

static const uint8_t *get(Get *g, size_t n)
{
    static const uint8_t nothing[1];
    const uint8_t *at = g->at;
    if (n > g->left)
        g->good = false;
    if (!g->good)
        return nothing;
    g->at += n;
    g->left -= n;
    return at;
}
static void get_to(Get *g, void *to, size_t n)
{
    const uint8_t *at = get(g, n);
    if (g->good)
        memcpy(to, at, n);
}
static uint32_t get_32(Get *g) { uint32_t v = 0; get_to(g, &v, sizeof v); return v; }
static uint64_t get_64(Get *g) { uint64_t v = 0; get_to(g, &v, sizeof v); return v; }
static Str get_text(Get *g, Arena *mem)
{
    uint32_t n = get_32(g);
    const uint8_t *at = get(g, n);
    return g->good ? (Str){ str_copy_n(mem, (const char *)at, n), n } : (Str){ "", 0 };
}

static void get_file(Get *g, Unit *u, TriageFile *f)
{
    uint32_t small[10] = { 0 };
    int64_t big[5] = { 0 };
    get_to(g, small, sizeof small);
    get_to(g, big, sizeof big);
    get_to(g, &f->digests, sizeof f->digests);
    get_to(g, &f->pdq, sizeof f->pdq);
    if (small[3] > TRIAGE_UNREAD || small[4] >= MEDIA__COUNT || small[8] > 4096)
        g->good = false;
    if (!g->good)
        return;
    f->volume = small[0];
    f->depth = small[1];
    f->flags = small[2];
    f->state = (TriageState)small[3];
    f->media = (MediaKind)small[4];
    f->hashed = small[5] != 0;
    f->quality = (int)small[6];
    f->frames = small[7];
    f->size = (uint64_t)big[0];
    f->modified = big[1];
    f->accessed = big[2];
    f->changed = big[3];
    f->created = big[4];
    f->near_count = small[8];
    f->near = arena_new(&u->mem, TriageNear, f->near_count + 1);
    get_to(g, f->near, f->near_count * sizeof *f->near);
    f->path = get_text(g, &u->mem);
    f->why = get_text(g, &u->mem).at;
    f->undecoded = get_text(g, &u->mem).at;
    if (!small[9])
        f->undecoded = NULL;
}

static Unit *get_unit(Get *g)
{
    uint64_t number = get_64(g);
    uint32_t key_bytes = get_32(g);
    const uint8_t *key = get(g, key_bytes);
    if (!g->good)
        return NULL;
    Unit *u = unit_new(number, (Str){ (const char *)key, key_bytes });
    get_to(g, u->stamp, sizeof u->stamp);
    uint32_t files = get_32(g), troubles = get_32(g);
    g->good = g->good && files <= FILES_MAX && troubles <= FILES_MAX;
    for (uint32_t i = 0; i < files && g->good; i++)
        get_file(g, u, unit_file(u));
    for (uint32_t i = 0; i < troubles && g->good; i++) {
        Str path = get_text(g, &u->mem);
        uint32_t volume = get_32(g);
        unit_trouble(u, path, volume, get_text(g, &u->mem).at);
    }
    g->good = g->good && g->left == 0;
    if (g->good)
        return u;
    unit_free(u);
    return NULL;
}

bool journal_read(Str bytes, const uint8_t identity[32], JournalUnit *seen, void *ctx, size_t *good, Err *err)
{
    Head head;
    *good = 0;
    if (bytes.len < sizeof head)
        return true;
    memcpy(&head, bytes.at, sizeof head);
    if (memcmp(head.mark, mark, sizeof mark) != 0 || head.format != FORMAT ||
        memcmp(head.identity, identity, sizeof head.identity) != 0)
        return true;
    *good = sizeof head;
    for (;;) {
        RecordHead r;
        size_t left = bytes.len - *good;
        if (left < sizeof r)
            return true;
        memcpy(&r, bytes.at + *good, sizeof r);
        const uint8_t *at = (const uint8_t *)bytes.at + *good + sizeof r;
        if (r.length > RECORD_MAX || r.length > left - sizeof r || sum_of(at, r.length) != r.sum)
            return true;
        Get g = { at, r.length, true };
        Unit *u = get_unit(&g);
        if (!u)
            return true;
        u->at = *good;
        bool go = seen(ctx, u, err);
        unit_free(u);
        if (!go)
            return false;
        *good += sizeof r + r.length;
    }
}

Unit *journal_again(const Journal *j, uint64_t at)
{
    RecordHead r;
    if (at > j->before.len || j->before.len - at < sizeof r)
        return NULL;
    memcpy(&r, j->before.at + at, sizeof r);
    if (r.length > j->before.len - at - sizeof r)
        return NULL;
    Get g = { j->before.at + at + sizeof r, r.length, true };
    return get_unit(&g);
}

/* ---- the file ---- */

static bool begin(Journal *j, const uint8_t identity[32], Err *err)
{
    Head head = { .format = FORMAT };
    memcpy(head.mark, mark, sizeof mark);
    memcpy(head.identity, identity, sizeof head.identity);
    return (ftruncate(j->fd, 0) == 0 && lseek(j->fd, 0, SEEK_SET) == 0)
               ? write_all(j->fd, &head, sizeof head, err)
               : err_set(err, ERR_STORE, "The journal of the run cannot be written.");
}

bool journal_open(const char *path, const uint8_t identity[32], bool resume, Arena *mem, JournalUnit *seen,
                  void *ctx, Journal **out, Err *err)
{
    Journal *j = arena_new(mem, Journal, 1);
    size_t good = 0;
    Err ignored = { 0 };
    *j = (Journal){ .path = str_copy(mem, path),
                    .fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600) };
    if (j->fd < 0)
        return err_set(err, ERR_STORE, "The journal of the run cannot be made beside the report.");
    *out = j;
    if (resume && map_file(path, &j->before, &ignored) &&
        !journal_read((Str){ (const char *)j->before.at, j->before.len }, identity, seen, ctx, &good, err))
        return false;
    if (good == 0)
        return begin(j, identity, err);
    return (ftruncate(j->fd, (off_t)good) == 0 && lseek(j->fd, (off_t)good, SEEK_SET) == (off_t)good) ||
           err_set(err, ERR_STORE, "The journal of the run cannot be written.");
}

void journal_close(Journal *j, bool remove)
{
    if (!j)
        return;
    if (j->fd >= 0)
        close(j->fd);
    j->fd = -1;
    map_done(&j->before);
    if (remove)
        (void)unlink(j->path);
    arena_done(&j->scratch);
}
