/* known_open.c: opening a set, and checking that it is what was built.
 *
 * Opening reads the header and the sums, one digest over a thousandth of the file, and compares every size
 * and bound there; no other byte is touched. What is read later is checked block by block as it is first
 * used. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/digest.h"
#include "engine/known/known_format.h"

size_t digest_bytes(DigestKind kind) { return known_bytes_of[kind]; }

const char *digest_name(DigestKind kind)
{
    static const char *const names[DIGEST__COUNT] = {
        [DIGEST_MD5] = "MD5", [DIGEST_SHA1] = "SHA-1", [DIGEST_SHA256] = "SHA-256", [DIGEST_PDQ] = "PDQ",
        [DIGEST_PHOTODNA] = "PhotoDNA",
    };
    return names[kind];
}

bool digest_of_empty_file(DigestKind kind, const uint8_t *digest)
{
    static const uint8_t md5[] = "\xd4\x1d\x8c\xd9\x8f\x00\xb2\x04\xe9\x80\x09\x98\xec\xf8\x42\x7e";
    static const uint8_t sha1[] = "\xda\x39\xa3\xee\x5e\x6b\x4b\x0d\x32\x55\xbf\xef\x95\x60\x18\x90\xaf\xd8"
                                  "\x07\x09";
    static const uint8_t sha256[] = "\xe3\xb0\xc4\x42\x98\xfc\x1c\x14\x9a\xfb\xf4\xc8\x99\x6f\xb9\x24"
                                    "\x27\xae\x41\xe4\x64\x9b\x93\x4c\xa4\x95\x99\x1b\x78\x52\xb8\x55";
    static const uint8_t *const empty[DIGEST__COUNT] = {
        [DIGEST_MD5] = md5, [DIGEST_SHA1] = sha1, [DIGEST_SHA256] = sha256,
    };
    return empty[kind] && memcmp(digest, empty[kind], known_bytes_of[kind]) == 0;
}

bool known_altered(Err *err)
{
    err_set(err, ERR_INVALID, "This known-file set was altered or damaged after it was made.");
    return err_hint(err, "Fetch it again from where it came, or build it again.");
}

static bool refuse(Err *err, const char *why)
{
    err_set(err, ERR_INVALID, "This is not a known-file set that can be used: %s.", why);
    return err_hint(err, "Fetch it again from where it came, or build it again.");
}

/* ---- The header --------------------------------------------------------------------------------------- */

/* Parts by what must hold of their bytes. */
typedef enum Shape { SHAPE_NONE, SHAPE_DIGESTS, SHAPE_LINES, SHAPE_PACKED, SHAPE_FIXED, SHAPE_BYTES } Shape;
static const struct { Shape shape; uint32_t each; bool by_kind; } parts[PART__COUNT] = {
    [PART_DIGESTS]   = { SHAPE_DIGESTS, 0, true },
    [PART_LINES]     = { SHAPE_LINES, KNOWN_LINE_BYTES, true },
    [PART_ROWS]      = { SHAPE_PACKED, 0, true },
    [PART_BACK]      = { SHAPE_PACKED, 0, true },
    [PART_LABEL]     = { SHAPE_PACKED, 0, false },
    [PART_SERIES]    = { SHAPE_PACKED, 0, false },
    [PART_VOTES]     = { SHAPE_PACKED, 0, false },
    [PART_SEEN]      = { SHAPE_PACKED, 0, false },
    [PART_QUALITY]   = { SHAPE_PACKED, 0, false },
    [PART_LABELS]    = { SHAPE_FIXED, sizeof(KnownStoredLabel), false },
    [PART_TEXTS]     = { SHAPE_BYTES, 1, false },
    [PART_OFFSETS]   = { SHAPE_FIXED, sizeof(uint32_t), false },
    [PART_CONFLICTS] = { SHAPE_FIXED, sizeof(KnownStoredConflict), false },
    [PART_SUMS]      = { SHAPE_FIXED, sizeof(Hash32), false },
};

static bool section_bounded(const KnownSection *s, size_t len)
{
    if (s->part == PART_NONE || s->part >= PART__COUNT || s->kind >= DIGEST__COUNT)
        return false;
    if (!parts[s->part].by_kind && s->kind != 0)
        return false;
    if (s->at % KNOWN_LINE_BYTES || s->at < KNOWN_DATA_AT || s->at > len || s->bytes > len - s->at)
        return false;
    if (s->width > 32 || s->count > UINT32_MAX)
        return false;
    switch (parts[s->part].shape) {
    case SHAPE_DIGESTS:
        return s->bytes == s->count * known_bytes_of[s->kind] && s->count <= KNOWN_ENTRIES_MAX;
    case SHAPE_PACKED:  return s->bytes == known_packed_bytes(s->count, s->width);
    case SHAPE_LINES:
    case SHAPE_FIXED:
    case SHAPE_BYTES:   return s->bytes == s->count * parts[s->part].each;
    case SHAPE_NONE:    break;
    }
    return false;
}

static bool kind_complete(KnownSet *set, DigestKind k)
{
    const KnownSection *digests = set->part[PART_DIGESTS][k], *lines = set->part[PART_LINES][k];
    const KnownSection *rows = set->part[PART_ROWS][k], *back = set->part[PART_BACK][k];
    uint64_t n = set->header->digests[k], entries = set->header->entries;
    if (n > entries || !digests != !n || !lines != !n)
        return false;
    if (n == 0)
        return !rows && !back;
    bool lead = set->lead == DIGEST__COUNT;
    if (lead)
        set->lead = k;
    if (digests->count != n || lines->count != known_line_count(n) || !rows != lead || !back != lead)
        return false;
    if (!lead && (rows->count != n || back->count != entries))
        return false;
    set->table[k] = (KnownTable){ set->at + digests->at,
                                  (const KnownLine *)(const void *)(set->at + lines->at), (uint32_t)n,
                                  (uint32_t)lines->count, known_bytes_of[k] };
    return true;
}

static bool columns_complete(const KnownSet *set)
{
    for (KnownPart p = PART_LABEL; p <= PART_QUALITY; p++)
        if (!set->part[p][0] || set->part[p][0]->count != set->header->entries)
            return false;
    for (KnownPart p = PART_LABELS; p <= PART_SUMS; p++)
        if (!set->part[p][0])
            return false;
    const KnownSection *sums = set->part[PART_SUMS][0], *offsets = set->part[PART_OFFSETS][0];
    return offsets->count > 0 && sums->at + sums->bytes == set->len
        && sums->count == (sums->at - KNOWN_DATA_AT + KNOWN_BLOCK_BYTES - 1) / KNOWN_BLOCK_BYTES
        && set->part[PART_CONFLICTS][0]->count == set->header->conflicts;
}

static bool find_sections(KnownSet *set, Err *err)
{
    const KnownHeader *h = set->header;
    uint64_t sums_at = 0;
    if (h->sections > KNOWN_SECTIONS_MAX || h->entries > KNOWN_ENTRIES_MAX)
        return refuse(err, "its table of sections is wrong");
    for (uint32_t i = 0; i < h->sections; i++) {
        const KnownSection *s = &h->section[i];
        if (!section_bounded(s, set->len) || set->part[s->part][s->kind])
            return refuse(err, "its table of sections is wrong");
        set->part[s->part][s->kind] = s;
        sums_at = s->part == PART_SUMS ? s->at : sums_at;
    }
    for (uint32_t i = 0; i < h->sections; i++)
        if (h->section[i].part != PART_SUMS && h->section[i].at + h->section[i].bytes > sums_at)
            return refuse(err, "its table of sections is wrong");
    set->lead = DIGEST__COUNT;
    for (DigestKind k = 0; k < DIGEST__COUNT; k++)
        if (!kind_complete(set, k))
            return refuse(err, "its table of sections is incomplete");
    return columns_complete(set) || refuse(err, "its table of sections is incomplete");
}

Hash32 known_root_of(const uint8_t *header, const uint8_t *sums, size_t bytes)
{
    static const Hash32 none = {0};
    CLEANUP(arena_done) Arena mem = {0};
    Sha256Stream *s = sha256_begin(&mem);
    Hash32 root;
    sha256_add(s, header, offsetof(KnownHeader, root));
    sha256_add(s, &none, sizeof none);
    sha256_add(s, header + offsetof(KnownHeader, root) + sizeof none,
               KNOWN_HEADER_BYTES - offsetof(KnownHeader, root) - sizeof none);
    sha256_add(s, sums, bytes);
    Sha256 d = sha256_end(s);
    memcpy(root.bytes, d.bytes, sizeof root.bytes);
    return root;
}

static bool header_plausible(const uint8_t *at, size_t len, Err *err)
{
    const KnownHeader *h = (const KnownHeader *)(const void *)at;
    if (len < KNOWN_DATA_AT || memcmp(h->magic, KNOWN_MAGIC, sizeof h->magic) != 0)
        return refuse(err, "it does not begin as one");
    if (h->format != KNOWN_FORMAT)
        return refuse(err, "it is of a format this version does not read");
    if (h->file_bytes > len)
        return refuse(err, "it was cut short");
    if (h->file_bytes != len)
        return refuse(err, "it is longer than it says");
    if (!memchr(h->name, 0, sizeof h->name) || !memchr(h->version, 0, sizeof h->version))
        return refuse(err, "its name has no end");
    return true;
}

static bool set_begin(KnownSet *set, const uint8_t *at, size_t len, bool summed, Arena *mem, Err *err)
{
    if (!header_plausible(at, len, err))
        return false;
    set->at = at;
    set->len = len;
    set->header = (const KnownHeader *)(const void *)at;
    if (!find_sections(set, err))
        return false;
    const KnownSection *sums = set->part[PART_SUMS][0];
    if (summed) {
        Hash32 root = known_root_of(at, at + sums->at, sums->bytes);
        if (memcmp(&root, &set->header->root, sizeof root) != 0)
            return known_altered(err);
    }
    set->blocks = sums->count;
    set->checked = arena_new(mem, atomic_uint_fast64_t, set->blocks / 64 + 1);
    for (size_t i = 0; !summed && i <= set->blocks / 64; i++)
        atomic_store(&set->checked[i], UINT64_MAX);
    for (DigestKind k = 0; k < DIGEST__COUNT; k++)
        atomic_store(&set->whole[k], !summed);
    return true;
}

bool known_open(const char *path, Arena *mem, KnownSet **out, Err *err)
{
    KnownSet *set = arena_new(mem, KnownSet, 1);
    *out = NULL;
    set->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (set->fd < 0) {
        err_set(err, errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_STORE,
                "The known-file set could not be opened: %s.", strerror(errno));
    } else if (map_fd(set->fd, &set->map, err) && set_begin(set, set->map.at, set->map.len, true, mem, err)) {
        *out = set;
        return true;
    }
    known_close(&set);
    return err_while(err, "opening a known-file set");
}

static bool open_bytes(const uint8_t *at, size_t len, bool summed, Arena *mem, KnownSet **out, Err *err)
{
    KnownSet *set = arena_new(mem, KnownSet, 1);
    *out = NULL;
    set->fd = -1;
    assert((uintptr_t)at % KNOWN_LINE_BYTES == 0);
    if (!set_begin(set, at, len, summed, mem, err))
        return err_while(err, "opening a known-file set");
    *out = set;
    return true;
}

bool known_open_bytes(const uint8_t *at, size_t len, Arena *mem, KnownSet **out, Err *err)
{
    return open_bytes(at, len, true, mem, out, err);
}

bool known_open_unsummed(const uint8_t *at, size_t len, Arena *mem, KnownSet **out, Err *err)
{
    return open_bytes(at, len, false, mem, out, err);
}

void known_close(KnownSet **set)
{
    if (!*set)
        return;
    for (DigestKind k = 0; k < DIGEST__COUNT; k++)
        pages_done(&(*set)->loaded[k]);
    pages_done(&(*set)->room);
    map_done(&(*set)->map);
    if ((*set)->fd >= 0)
        close((*set)->fd);
    *set = NULL;
}

/* ---- Sums of blocks ------------------------------------------------------------------------------------ */

static bool checked(const KnownSet *set, size_t block)
{
    return atomic_load_explicit(&set->checked[block / 64], memory_order_acquire) >> (block % 64) & 1;
}

enum { BATCH = 32 };            /* enough for the widest hashing, and little enough for the cache */

static size_t block_length(const KnownSet *set, size_t block)
{
    size_t start = KNOWN_DATA_AT + block * KNOWN_BLOCK_BYTES, end = set->part[PART_SUMS][0]->at;
    return end - start < KNOWN_BLOCK_BYTES ? end - start : KNOWN_BLOCK_BYTES;
}

bool known_blocks_right(const KnownSet *set, size_t first, size_t n, const uint8_t *bytes, Err *err)
{
    const uint8_t *sums = set->at + set->part[PART_SUMS][0]->at;
    for (size_t done = 0; done < n; done += BATCH) {
        const void *at[BATCH] = {0};
        size_t len[BATCH] = {0}, count = n - done < BATCH ? n - done : BATCH;
        Hash32 sum[BATCH];
        for (size_t i = 0; i < count; i++) {
            at[i] = bytes + (done + i) * KNOWN_BLOCK_BYTES;
            len[i] = block_length(set, first + done + i);
        }
        sha256_many(at, len, count, sum);
        for (size_t i = 0; i < count; i++) {
            size_t block = first + done + i;
            if (memcmp(&sum[i], sums + block * sizeof(Hash32), sizeof(Hash32)) != 0)
                return known_altered(err);
            atomic_fetch_or_explicit(&set->checked[block / 64], UINT64_C(1) << (block % 64),
                                     memory_order_release);
        }
    }
    return true;
}

/* Those of blocks `from` up to `to` that were not checked before, as many together as are neighbours. */
static bool check_blocks(const KnownSet *set, size_t from, size_t to, Err *err)
{
    for (size_t b = from; b < to; b++) {
        size_t n = 0;
        while (b + n < to && n < BATCH && !checked(set, b + n))
            n++;
        if (n && !known_blocks_right(set, b, n, set->at + KNOWN_DATA_AT + b * KNOWN_BLOCK_BYTES, err))
            return false;
        b += n ? n - 1 : 0;
    }
    return true;
}

bool known_sound(const KnownSet *set, const void *at, size_t len, Err *err)
{
    uintptr_t from = (uintptr_t)at - (uintptr_t)set->at; /* wraps when it is below: beyond `len` then */
    if (len == 0 || from >= set->len)
        return true;                                            /* loaded: checked when it was copied */
    if (from < KNOWN_DATA_AT || len > set->len - from)
        return known_altered(err);
    size_t first = (from - KNOWN_DATA_AT) / KNOWN_BLOCK_BYTES;
    size_t last = (from + len - 1 - KNOWN_DATA_AT) / KNOWN_BLOCK_BYTES;
    if (first == last && first < set->blocks && checked(set, first))
        return true;
    return check_blocks(set, first, last + 1 < set->blocks ? last + 1 : set->blocks, err);
}

bool known_check(const KnownSet *set, DigestKind kind, Err *err)
{
    const KnownTable *t = &set->table[kind];
    const KnownSection *digests = set->part[PART_DIGESTS][kind], *lines = set->part[PART_LINES][kind];
    if (t->n == 0 || atomic_load_explicit(&set->whole[kind], memory_order_acquire))
        return true;
    map_read_in(&set->map, digests->at, digests->bytes);
    map_read_in(&set->map, lines->at, lines->bytes);
    if (!known_sound(set, t->digests, (size_t)t->n * t->bytes, err)
        || !known_sound(set, t->lines, (size_t)t->line_count * sizeof *t->lines, err))
        return false;
    atomic_store_explicit((atomic_bool *)(uintptr_t)&set->whole[kind], true, memory_order_release);
    return true;
}

typedef struct Share { const KnownSet *set; size_t from, to; bool ok; Err err; pthread_t thread; } Share;

static void *check_share(void *arg)
{
    Share *s = arg;
    s->ok = check_blocks(s->set, s->from, s->to, &s->err);
    return NULL;
}

static bool all_zero(const uint8_t *at, size_t len)
{
    return len == 0 || (at[0] == 0 && memcmp(at, at + 1, len - 1) == 0);
}

bool known_verify(const KnownSet *set, int threads, Err *err)
{
    enum { THREADS_MAX = 64 };
    Share share[THREADS_MAX];
    size_t n = threads < 1 ? 1 : threads > THREADS_MAX ? THREADS_MAX : (size_t)threads;
    size_t started = 0;
    for (size_t i = 0; i < n; i++) {
        share[i] = (Share){ set, set->blocks * i / n, set->blocks * (i + 1) / n, false, {0}, 0 };
        if (i + 1 == n || pthread_create(&share[i].thread, NULL, check_share, &share[i]) != 0) {
            share[i].to = set->blocks;          /* this thread does what is left */
            check_share(&share[i]);
            n = i + 1;
        } else {
            started++;
        }
    }
    for (size_t i = 0; i < started; i++)
        pthread_join(share[i].thread, NULL);
    for (size_t i = 0; i < n; i++)
        if (!share[i].ok) {
            *err = share[i].err;
            return false;
        }
    uint64_t said;
    memcpy(&said, set->at + KNOWN_HEADER_BYTES, sizeof said);
    const uint8_t *note = set->at + KNOWN_HEADER_BYTES + sizeof said;
    if (said > KNOWN_SIGNATURE_MAX || memchr(note, 0, said)
        || !all_zero(note + said, KNOWN_SIGNATURE_MAX - (size_t)said))
        return known_altered(err);
    return true;
}

/* ---- The signature area -------------------------------------------------------------------------------- */

bool known_signature_write(const char *path, const char *note, Err *err)
{
    uint8_t area[KNOWN_DATA_AT - KNOWN_HEADER_BYTES] = {0};
    uint64_t len = strlen(note);
    if (len > KNOWN_SIGNATURE_MAX)
        return err_set(err, ERR_LIMIT, "The signature is longer than the %d bytes there are for it.",
                       KNOWN_SIGNATURE_MAX);
    memcpy(area, &len, sizeof len);
    memcpy(area + sizeof len, note, len);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, ERR_STORE, "The known-file set could not be signed: %s.", strerror(errno));
    bool ok = pwrite(fd, area, sizeof area, KNOWN_HEADER_BYTES) == (ssize_t)sizeof area && fsync(fd) == 0;
    int  why = errno;
    close(fd);
    return ok || err_set(err, ERR_STORE, "The known-file set could not be signed: %s.", strerror(why));
}
