/* volumes.c: partitions and file systems, file by file, as libtsk gives them.
 *
 * Files with names, deleted ones, and those that are found without a name. What a file system keeps for
 * itself (its tables, its journal) is left out: those files are no one's. */
#include <string.h>
#include "reader/inside.h"
#include "base/str.h"

/* A file may say that it is far bigger than the medium it is on: sparse files honestly, hostile ones to keep
 * us busy. */
enum { SPARSE_TIMES = 16 };

typedef struct Walk {
    Wire        *w;
    TSK_FS_INFO *fs;
    uint64_t     image_bytes;
    Arena        mem;                          /* of one file */
} Walk;

/* ---- one file ---- */

static int64_t time_us(time_t t, uint32_t ns)
{
    int64_t us;
    if (t == 0 || __builtin_mul_overflow((int64_t)t, INT64_C(1000000), &us))
        return READER_TIME_NONE;
    return us + (ns < 1000000000u ? (int64_t)(ns / 1000) : 0);
}

static void times_of(const TSK_FS_META *m, ReaderEvent *e)
{
    e->modified = m ? time_us(m->mtime, m->mtime_nano) : READER_TIME_NONE;
    e->accessed = m ? time_us(m->atime, m->atime_nano) : READER_TIME_NONE;
    e->changed = m ? time_us(m->ctime, m->ctime_nano) : READER_TIME_NONE;
    e->created = m ? time_us(m->crtime, m->crtime_nano) : READER_TIME_NONE;
}

static uint32_t flags_of(const Walk *k, const TSK_FS_FILE *f, const char *path)
{
    uint32_t flags = 0;
    if ((f->name && (f->name->flags & TSK_FS_NAME_FLAG_UNALLOC)) ||
        (f->meta && (f->meta->flags & TSK_FS_META_FLAG_UNALLOC)))
        flags |= READER_DELETED;
    if (str_starts(path, "$OrphanFiles/"))
        flags |= READER_ORPHAN | READER_DELETED;
    if (f->name && f->meta && (f->name->flags & TSK_FS_NAME_FLAG_UNALLOC) &&
        (f->meta->flags & TSK_FS_META_FLAG_ALLOC))
        flags |= READER_REALLOCATED;
    if (TSK_FS_TYPE_ISFAT(k->fs->ftype))
        flags |= READER_LOCAL_TIME;
    return flags;
}

static ssize_t read_attr(const Bytes *b, uint64_t at, void *to, size_t len)
{
    return at >= b->size ? 0 : tsk_fs_attr_read(b->ctx, (TSK_OFF_T)at, to, len, TSK_FS_FILE_READ_FLAG_NONE);
}

static const char *contents_send(Walk *k, const Bytes *b)
{
    uint64_t most = k->image_bytes > UINT64_MAX / SPARSE_TIMES ? UINT64_MAX : k->image_bytes * SPARSE_TIMES;
    for (uint64_t at = 0; at < b->size;) {
        uint8_t *slot = wire_slot(k->w);
        size_t want = b->size - at < READER_SLOT_BYTES ? (size_t)(b->size - at) : READER_SLOT_BYTES;
        if (at >= most)
            return "It says that it is far bigger than the disk it is on; the rest was left out.";
        ssize_t got = b->read(b, at, slot, want);
        if (got <= 0)
            return at ? "Only its beginning could be read." : "Its contents could not be read.";
        wire_bytes(k->w, (size_t)got);
        at += (uint64_t)got;
    }
    return "";
}

static bool left_out(Wire *w)
{
    return w->volume < w->ask.from_volume ||
           (w->volume == w->ask.from_volume && w->ordinal < w->ask.from_ordinal);
}

static void stream_send(Walk *k, const TSK_FS_FILE *f, const TSK_FS_ATTR *attr, const char *path,
                        bool further)
{
    ReaderEvent e = { .kind = READER_FILE, .size = attr && attr->size > 0 ? (uint64_t)attr->size : 0,
                      .flags = flags_of(k, f, path) | (further ? READER_STREAM : 0) };
    Bytes b = { read_attr, (void *)attr, e.size };
    if (!left_out(k->w)) {
        times_of(f->meta, &e);
        wire_say(k->w, &e, path, strlen(path));
        wire_end(k->w, !attr ? "Only its name is left." : contents_send(k, &b));
        if (attr && archive_known(&b)) {
            Unpacking u = unpacking_of(k->w, b.size);
            archive_walk(k->w, &u, &b, path, 0);
        }
    }
    k->w->ordinal++;
}

static bool named_stream(const TSK_FS_ATTR *a)
{
    return a->type == TSK_FS_ATTR_TYPE_NTFS_DATA && a->name && a->name[0];
}

static void file_send(Walk *k, TSK_FS_FILE *f, const char *path)
{
    const TSK_FS_ATTR *main = f->meta ? tsk_fs_file_attr_get(f) : NULL;
    bool holds = f->meta ? f->meta->type == TSK_FS_META_TYPE_REG || f->meta->type == TSK_FS_META_TYPE_LNK
                         : f->name && f->name->type == TSK_FS_NAME_TYPE_REG;
    if (holds)
        stream_send(k, f, main && !named_stream(main) ? main : NULL, path, false);
    if (!f->meta || !TSK_FS_TYPE_ISNTFS(k->fs->ftype))
        return;
    int n = tsk_fs_file_attr_getsize(f);
    for (int i = 0; i < n; i++) {                     /* a folder may have streams too */
        const TSK_FS_ATTR *a = tsk_fs_file_attr_get_idx(f, i);
        if (a && named_stream(a))
            stream_send(k, f, a, str_fmt(&k->mem, "%s:%s", path, a->name), true);
    }
}

/* ---- one file system ---- */

static bool of_the_system(const Walk *k, const TSK_FS_FILE *f)
{
    if (f->meta && (f->meta->type == TSK_FS_META_TYPE_VIRT || f->meta->type == TSK_FS_META_TYPE_VIRT_DIR))
        return true;
    return TSK_FS_TYPE_ISNTFS(k->fs->ftype) && f->name && f->name->meta_addr < 32 && f->name->name &&
           f->name->name[0] == '$';
}

static TSK_WALK_RET_ENUM seen(TSK_FS_FILE *f, const char *folder, void *ctx)
{
    Walk *k = ctx;
    if (!f->name || !f->name->name || TSK_FS_ISDOT(f->name->name) || of_the_system(k, f) ||
        (TSK_FS_TYPE_ISNTFS(k->fs->ftype) && str_starts(folder, "$Extend/")))
        return TSK_WALK_CONT;
    file_send(k, f, str_fmt(&k->mem, "%s%s", folder, f->name->name));
    arena_reset(&k->mem);
    return TSK_WALK_CONT;
}

static void volume_say(Wire *w, uint64_t start, uint64_t size, const char *says)
{
    ReaderEvent e = { .kind = READER_VOLUME, .size = size, .start = start };
    wire_say(w, &e, says, strlen(says));
}

static void volume_walk(Wire *w, const Image *image, uint64_t start, uint64_t size)
{
    Walk k = { .w = w, .image_bytes = image->size };
    int flags = TSK_FS_DIR_WALK_FLAG_ALLOC | TSK_FS_DIR_WALK_FLAG_UNALLOC | TSK_FS_DIR_WALK_FLAG_RECURSE;
    w->ordinal = 0;
    if (w->volume < w->ask.from_volume)
        return;
    k.fs = tsk_fs_open_img(image->tsk, (TSK_OFF_T)start, TSK_FS_TYPE_DETECT);
    if (!k.fs) {
        volume_say(w, start, size, "");
        wire_trouble(w, 0, "",
                     tsk_error_get_errno() == TSK_ERR_FS_ENCRYPTED
                         ? "This volume is encrypted."
                         : "No file system that is known here was found in this volume.");
        return;
    }
    volume_say(w, start, size, tsk_fs_type_toname(k.fs->ftype));
    if (tsk_fs_dir_walk(k.fs, k.fs->root_inum, (TSK_FS_DIR_WALK_FLAG_ENUM)flags, seen, &k) != 0)
        wire_trouble(w, 0, "", "Some folders of this volume could not be read.");
    tsk_fs_close(k.fs);
    arena_done(&k.mem);
}

/* ---- the whole medium ---- */

static void medium_send(Wire *w, const Image *image)
{
    ReaderEvent e = { .kind = READER_FILE, .size = image->size, .flags = READER_WHOLE,
                      .modified = READER_TIME_NONE, .accessed = READER_TIME_NONE,
                      .changed = READER_TIME_NONE, .created = READER_TIME_NONE };
    const char *why = "";
    wire_say(w, &e, "", 0);
    for (uint64_t at = 0; at < image->size && !*why;) {
        size_t want = image->size - at < READER_SLOT_BYTES ? (size_t)(image->size - at) : READER_SLOT_BYTES;
        ssize_t got = tsk_img_read(image->tsk, (TSK_OFF_T)at, (char *)wire_slot(w), want);
        if (got <= 0) {
            why = "Part of the medium could not be read.";
        } else {
            wire_bytes(w, (size_t)got);
            at += (uint64_t)got;
        }
    }
    wire_end(w, why);
}

/* ---- partitions ---- */

void volumes_walk(Wire *w, const Image *image)
{
    if (w->ask.whole)
        medium_send(w, image);
    TSK_VS_INFO *vs = tsk_vs_open(image->tsk, 0, TSK_VS_TYPE_DETECT);
    if (!vs) {                                 /* no table of partitions: a file system from the start */
        volume_walk(w, image, 0, image->size);
        return;
    }
    for (TSK_PNUM_T i = 0; i < vs->part_count && w->volume < READER_VOLUMES_MAX; i++) {
        const TSK_VS_PART_INFO *p = tsk_vs_part_get(vs, i);
        if (!p || !(p->flags & TSK_VS_PART_FLAG_ALLOC))
            continue;
        volume_walk(w, image, (uint64_t)p->start * vs->block_size, (uint64_t)p->len * vs->block_size);
        w->volume++;
    }
    tsk_vs_close(vs);
}
