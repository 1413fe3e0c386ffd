/* known_out.c: writes a set's file once, from front to back, summing each block while it is still in the
 * cache. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "engine/known/known_build.h"

enum { OUT_BLOCKS = OUT_BYTES / KNOWN_BLOCK_BYTES, SPOOLS_MOST = 16 };

static bool cannot_write(Err *err)
{
    return err_set(err, ERR_STORE, "The known-file set could not be written: %s.", strerror(errno));
}

static bool write_at(int fd, const uint8_t *at, size_t len, uint64_t where, Err *err)
{
    while (len) {
        ssize_t n = pwrite(fd, at, len, (off_t)where);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return cannot_write(err);
        at += n;
        len -= (size_t)n;
        where += (uint64_t)n;
    }
    return true;
}

bool out_begin(Out *out, const char *path, Err *err)
{
    *out = (Out){ .fd = -1, .at = KNOWN_DATA_AT };
    out->path = str_copy(&out->mem, path);
    char *part = str_fmt(&out->mem, "%s.partXXXXXX", path);
    out->fd = mkostemp(part, O_CLOEXEC);
    if (out->fd < 0)
        return cannot_write(err);
    out->part_path = part;
    out->buffer = pages_new(OUT_BYTES);
    memcpy(out->header.magic, KNOWN_MAGIC, sizeof out->header.magic);
    out->header.format = KNOWN_FORMAT;
    return true;
}

/* Sums and writes the blocks in the buffer; the last may be short, at the end of all sections only. */
static bool out_flush(Out *out, Err *err)
{
    const void *at[OUT_BLOCKS] = {0};
    size_t len[OUT_BLOCKS] = {0}, n = 0;
    Hash32 sum[OUT_BLOCKS];
    for (size_t from = 0; from < out->used; from += KNOWN_BLOCK_BYTES, n++) {
        at[n] = out->buffer.at + from;
        len[n] = out->used - from < KNOWN_BLOCK_BYTES ? out->used - from : KNOWN_BLOCK_BYTES;
    }
    sha256_many(at, len, n, sum);
    for (size_t i = 0; i < n; i++)
        *arena_push(&out->mem, out->sums, out->sum_count, out->sum_cap) = sum[i];
    if (!write_at(out->fd, out->buffer.at, out->used, out->at, err))
        return false;
    /* Begin writing to the disk now, so that the flush at the end has little left to wait for. */
    (void)sync_file_range(out->fd, (off_t)out->at, (off_t)out->used, SYNC_FILE_RANGE_WRITE);
    out->at += out->used;
    out->used = 0;
    return true;
}

bool out_add_more(Out *out, const void *at, size_t len, Err *err)
{
    const uint8_t *from = at;
    while (len) {
        size_t room = OUT_BYTES - out->used, n = len < room ? len : room;
        memcpy(out->buffer.at + out->used, from, n);
        out->used += n;
        from += n;
        len -= n;
        if (out->used == OUT_BYTES && !out_flush(out, err))
            return false;
    }
    return true;
}

KnownSection *out_section(Out *out, KnownPart part, DigestKind kind)
{
    KnownSection *s = &out->header.section[out->header.sections++];
    assert(out->header.sections <= KNOWN_SECTIONS_MAX);
    *s = (KnownSection){ .part = part, .kind = kind, .at = out->at + out->used };
    return s;
}

bool out_section_end(Out *out, KnownSection *s, uint64_t count, Err *err)
{
    static const uint8_t zeros[KNOWN_LINE_BYTES];
    s->bytes = out->at + out->used - s->at;
    s->count = count;
    return out_add(out, zeros, (size_t)-s->bytes % KNOWN_LINE_BYTES, err);
}

bool out_read(Out *out, uint64_t where, void *into, size_t len, Err *err)
{
    uint8_t *to = into;
    while (len && where < out->at) {
        size_t here = out->at - where < len ? (size_t)(out->at - where) : len;
        ssize_t n = pread(out->fd, to, here, (off_t)where);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return cannot_write(err);
        to += n;
        where += (uint64_t)n;
        len -= (size_t)n;
    }
    if (len)                                         /* the rest is in the buffer */
        memcpy(to, out->buffer.at + (where - out->at), len);
    return true;
}

bool out_visible(Out *out, Map *map, Err *err)
{
    return write_at(out->fd, out->buffer.at, out->used, out->at, err) && map_file(out->part_path, map, err);
}

static bool out_header(Out *out, Err *err)
{
    uint8_t page[KNOWN_DATA_AT] = {0};
    memcpy(page, &out->header, sizeof out->header);
    out->header.root = known_root_of(page, (const uint8_t *)out->sums, out->sum_count * sizeof *out->sums);
    memcpy(page, &out->header, sizeof out->header);
    return write_at(out->fd, page, sizeof page, 0, err);
}

static bool folder_sync(const char *path, Arena *mem)
{
    const char *slash = strrchr(path, '/');
    const char *folder = slash ? str_copy_n(mem, path, slash == path ? 1 : (size_t)(slash - path)) : ".";
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

bool out_end(Out *out, Err *err)
{
    if (out->used && !out_flush(out, err))
        return false;
    KnownSection *s = out_section(out, PART_SUMS, 0);
    s->count = out->sum_count;
    s->bytes = out->sum_count * sizeof *out->sums;
    if (!write_at(out->fd, (const uint8_t *)out->sums, s->bytes, s->at, err))
        return false;
    out->header.file_bytes = s->at + s->bytes;
    if (!out_header(out, err))
        return false;
    /* Made private to its owner; a finished set is for the group as well. */
    if (fchmod(out->fd, 0640) != 0 || fdatasync(out->fd) != 0 || rename(out->part_path, out->path) != 0)
        return cannot_write(err);
    out->part_path = NULL;
    return folder_sync(out->path, &out->mem) || cannot_write(err);
}

void out_done(Out *out)
{
    if (out->part_path) {
        unlink(out->part_path);
        out->part_path = NULL;
    }
    if (out->fd >= 0)
        close(out->fd);
    out->fd = -1;
    pages_done(&out->buffer);
    arena_done(&out->mem);
}

/* ---- Kept aside ---------------------------------------------------------------------------------------- */

void spool_begin(Spool *s, SpoolRoom *room) { *s = (Spool){ .room = room, .fd = -1 }; }

static void spool_take_room(Spool *s)
{
    SpoolRoom *r = s->room;
    uint32_t place = (uint32_t)__builtin_ctz(~r->taken);
    assert(place < SPOOLS_MOST);
    if (!r->pages.at)
        r->pages = pages_new((size_t)SPOOLS_MOST * SPOOL_BYTES);
    s->memory = r->pages.at + (size_t)place * SPOOL_BYTES;
    r->taken |= 1u << place;
}

static bool spool_flush(Spool *s, Err *err)
{
    if (s->fd < 0) {
        CLEANUP(arena_done) Arena mem = {0};
        char *path = str_fmt(&mem, "%s.partXXXXXX", s->room->beside);
        s->fd = mkostemp(path, O_CLOEXEC);
        if (s->fd < 0)
            return cannot_write(err);
        unlink(path);
    }
    if (!write_at(s->fd, s->memory, s->used, s->written, err))
        return false;
    s->written += s->used;
    s->used = 0;
    return true;
}

bool spool_add_more(Spool *s, const void *at, size_t len, Err *err)
{
    if (!s->memory)
        spool_take_room(s);
    if (s->used + len > SPOOL_BYTES && !spool_flush(s, err))
        return false;
    memcpy(s->memory + s->used, at, len);
    s->used += len;
    return true;
}

bool spool_into(Spool *s, Out *out, Err *err)
{
    if (s->fd < 0)
        return s->used == 0 || out_add(out, s->memory, s->used, err);
    if (s->used && !spool_flush(s, err))
        return false;
    for (uint64_t at = 0; at < s->written;) {
        ssize_t n = pread(s->fd, s->memory, SPOOL_BYTES, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return cannot_write(err);
        if (!out_add(out, s->memory, (size_t)n, err))
            return false;
        at += (uint64_t)n;
    }
    return true;
}

void spool_done(Spool *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    if (s->memory)
        s->room->taken &= ~(1u << ((size_t)(s->memory - s->room->pages.at) / SPOOL_BYTES));
    s->memory = NULL;
}

bool pack_same(Packer *p, uint64_t number, size_t n, Err *err)
{
    if (p->width == 0) {
        p->count += n;
        return true;
    }
    for (; n; n--)
        if (!pack(p, number, err))
            return false;
    return true;
}

/* Straight into the spool's memory where all of them fit. */
bool pack_many(Packer *p, const uint32_t *numbers, size_t n, Err *err)
{
    Spool *spool = &p->spool;
    const uint32_t width = p->width;
    if (width == 0) {
        p->count += n;
        return true;
    }
    if (!spool->memory || spool->used + n * width / 8 + sizeof(uint64_t) > SPOOL_BYTES) {
        for (size_t i = 0; i < n; i++)
            if (!pack(p, numbers[i], err))
                return false;
        return true;
    }
    uint8_t *to = spool->memory + spool->used;
    uint64_t word = p->word;
    uint32_t held = p->held;
    for (size_t i = 0; i < n; i++) {
        word |= (uint64_t)numbers[i] << held;
        held += width;
        uint32_t half = (uint32_t)word, full = held >> 5;      /* of 32 bits: one or none */
        memcpy(to, &half, sizeof half);
        to += full * sizeof half;
        word >>= full * 32;
        held &= 31;
    }
    p->word = word;
    p->held = held;
    p->count += n;
    spool->used = (size_t)(to - spool->memory);
    return true;
}

bool pack_end(Packer *p, Err *err)
{
    uint64_t tail[2] = { p->word, 0 };
    return p->width == 0 || spool_add(&p->spool, tail, (p->held + 7) / 8 + KNOWN_BITS_PAD, err);
}
