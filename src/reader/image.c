/* image.c: a disk image in any container, as libtsk wants it.
 *
 * The containers' libraries are asked to read through descriptors that the parent opened (libbfio with our
 * own reading), never by name. */
#define HAVE_LIBBFIO 1                         /* their headers ask for it */
#include <libbfio.h>
#include <libewf.h>
#include <libqcow.h>
#include <libvhdi.h>
#include <libvmdk.h>
#include <string.h>
#include <unistd.h>
#include "reader/inside.h"

/* ---- a descriptor as a libbfio handle ---- */

typedef struct Opened { int fd; off64_t at; off64_t size; } Opened;

static int io_free(intptr_t **io, libbfio_error_t **e) { (void)e; *io = NULL; return 1; }
static int io_clone(intptr_t **to, intptr_t *from, libbfio_error_t **e) { (void)e; *to = from; return 1; }
static int io_open(intptr_t *io, int flags, libbfio_error_t **e)
{
    (void)e;
    ((Opened *)io)->at = 0;
    return flags & LIBBFIO_ACCESS_FLAG_WRITE ? -1 : 1;
}
static int io_close(intptr_t *io, libbfio_error_t **e) { (void)io; (void)e; return 0; }
static ssize_t io_read(intptr_t *io, uint8_t *to, size_t n, libbfio_error_t **e)
{
    Opened *o = (Opened *)io;
    (void)e;
    size_t have = 0;
    while (have < n) {
        ssize_t got = pread(o->fd, to + have, n - have, o->at);
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        have += (size_t)got;
        o->at += got;
    }
    return (ssize_t)have;
}
static ssize_t io_write(intptr_t *io, const uint8_t *from, size_t n, libbfio_error_t **e)
{
    (void)io; (void)from; (void)n; (void)e;
    return -1;
}
static off64_t io_seek(intptr_t *io, off64_t to, int whence, libbfio_error_t **e)
{
    Opened *o = (Opened *)io;
    off64_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? o->at : o->size, at;
    (void)e;
    if (__builtin_add_overflow(from, to, &at) || at < 0)
        return -1;
    o->at = at;
    return at;
}
static int io_yes(intptr_t *io, libbfio_error_t **e) { (void)io; (void)e; return 1; }
static int io_size(intptr_t *io, size64_t *size, libbfio_error_t **e)
{
    (void)e;
    *size = (size64_t)((Opened *)io)->size;
    return 1;
}

static libbfio_handle_t *io_of(Opened *o, int fd)
{
    libbfio_handle_t *h = NULL;
    *o = (Opened){ fd, 0, lseek(fd, 0, SEEK_END) };
    return o->size >= 0 && libbfio_handle_initialize(&h, (intptr_t *)o, io_free, io_clone, io_open, io_close,
                                                     io_read, io_write, io_seek, io_yes, io_yes, io_size,
                                                     LIBBFIO_FLAG_IO_HANDLE_NON_MANAGED, NULL) == 1
               ? h
               : NULL;
}

/* ---- containers ---- */

typedef struct Container Container;
typedef ssize_t ReadAt(Container *c, uint8_t *to, size_t n, off64_t at);
struct Container {
    TSK_IMG_INFO tsk;                          /* first: libtsk is given this whole struct */
    ReadAt      *read;
    void        *handle;
    Opened      *files;                        /* one more than `count` of them */
    size_t       count;
    uint64_t     size;
};

static void container_is(Container *c, ReadAt *read, void *handle, uint64_t size)
{
    c->read = read;
    c->handle = handle;
    c->size = size;
}

static ssize_t read_raw(Container *c, uint8_t *to, size_t n, off64_t at)
{
    size_t have = 0;
    for (size_t i = 0; i < c->count && have < n; i++) {          /* segments lie end to end */
        const Opened *f = &c->files[i];
        while (have < n && at < f->size) {
            size_t want = n - have < (size_t)(f->size - at) ? n - have : (size_t)(f->size - at);
            ssize_t got = pread(f->fd, to + have, want, at);
            if (got <= 0)
                return have ? (ssize_t)have : -1;
            have += (size_t)got;
            at += got;
        }
        at = at >= f->size ? at - f->size : 0;
    }
    return (ssize_t)have;
}

static bool open_raw(Container *c, Image *out, const char **why)
{
    (void)why; (void)out;
    c->read = read_raw;
    for (size_t i = 0; i < c->count; i++)
        c->size += (uint64_t)c->files[i].size;
    return true;
}

static ssize_t read_ewf(Container *c, uint8_t *to, size_t n, off64_t at)
{
    return libewf_handle_read_random(c->handle, to, n, at, NULL);
}

static bool open_ewf(Container *c, Image *out, const char **why)
{
    libbfio_pool_t *pool = NULL;
    libewf_handle_t *h = NULL;
    size64_t size = 0;
    if (libbfio_pool_initialize(&pool, 0, 0, NULL) != 1 || libewf_handle_initialize(&h, NULL) != 1) {
        *why = "The image library could not start.";
        return false;
    }
    for (size_t i = 0; i < c->count; i++) {
        int entry = 0;
        libbfio_handle_t *io = io_of(&c->files[i], c->files[i].fd);
        if (!io || libbfio_pool_append_handle(pool, &entry, io, LIBBFIO_OPEN_READ, NULL) != 1) {
            *why = "The image's parts could not be read.";
            return false;
        }
    }
    if (libewf_handle_open_file_io_pool(h, pool, LIBEWF_OPEN_READ, NULL) != 1 ||
        libewf_handle_get_media_size(h, &size, NULL) != 1) {
        *why = "The E01 image is broken, or some of its parts are missing.";
        return false;
    }
    out->has_md5 = libewf_handle_get_md5_hash(h, out->md5, sizeof out->md5, NULL) == 1;
    container_is(c, read_ewf, h, size);
    return true;
}

static ssize_t read_qcow(Container *c, uint8_t *to, size_t n, off64_t at)
{
    return libqcow_file_read_buffer_at_offset(c->handle, to, n, at, NULL);
}

static bool open_qcow(Container *c, Image *out, const char **why)
{
    libqcow_file_t *h = NULL;
    size64_t size = 0;
    libbfio_handle_t *io = io_of(&c->files[0], c->files[0].fd);
    (void)out;
    if (!io || libqcow_file_initialize(&h, NULL) != 1 ||
        libqcow_file_open_file_io_handle(h, io, LIBQCOW_OPEN_READ, NULL) != 1 ||
        libqcow_file_get_media_size(h, &size, NULL) != 1) {
        *why = "The QCOW2 image cannot be read; make a raw one of it with qemu-img convert -O raw.";
        return false;
    }
    container_is(c, read_qcow, h, size);
    return true;
}

static ssize_t read_vhd(Container *c, uint8_t *to, size_t n, off64_t at)
{
    return libvhdi_file_read_buffer_at_offset(c->handle, to, n, at, NULL);
}

static bool open_vhd(Container *c, Image *out, const char **why)
{
    libvhdi_file_t *h = NULL;
    size64_t size = 0;
    libbfio_handle_t *io = io_of(&c->files[0], c->files[0].fd);
    (void)out;
    if (!io || libvhdi_file_initialize(&h, NULL) != 1 ||
        libvhdi_file_open_file_io_handle(h, io, LIBVHDI_OPEN_READ, NULL) != 1 ||
        libvhdi_file_get_media_size(h, &size, NULL) != 1) {
        *why = "The VHD image is broken, or is a difference to another image.";
        return false;
    }
    container_is(c, read_vhd, h, size);
    return true;
}

static ssize_t read_vmdk(Container *c, uint8_t *to, size_t n, off64_t at)
{
    return libvmdk_handle_read_buffer_at_offset(c->handle, to, n, at, NULL);
}

static bool open_vmdk(Container *c, Image *out, const char **why)
{
    libvmdk_handle_t *h = NULL;
    libbfio_pool_t *pool = NULL;
    size64_t size = 0;
    size_t first = c->count > 1 ? 1 : 0;         /* a description on its own, then the extents it names */
    Opened *again = c->files + c->count;
    libbfio_handle_t *io = io_of(again, c->files[0].fd);
    (void)out;
    *why = "The VMDK image is broken, or some of its extents are missing.";
    if (!io || libvmdk_handle_initialize(&h, NULL) != 1 ||
        libvmdk_handle_open_file_io_handle(h, io, LIBVMDK_OPEN_READ, NULL) != 1 ||
        libbfio_pool_initialize(&pool, 0, 0, NULL) != 1)
        return false;
    for (size_t i = first; i < c->count; i++) {
        int entry = 0;
        libbfio_handle_t *part = io_of(&c->files[i], c->files[i].fd);
        if (!part || libbfio_pool_append_handle(pool, &entry, part, LIBBFIO_OPEN_READ, NULL) != 1)
            return false;
    }
    if (libvmdk_handle_open_extent_data_files_file_io_pool(h, pool, NULL) != 1 ||
        libvmdk_handle_get_media_size(h, &size, NULL) != 1)
        return false;
    container_is(c, read_vmdk, h, size);
    return true;
}

/* ---- telling them apart ---- */

typedef struct ContainerKind {
    const char *name;
    off_t       at;                            /* of the mark; < 0: from the end */
    const char *mark;
    size_t      mark_bytes;
    bool      (*open)(Container *c, Image *out, const char **why);
} ContainerKind;

static const ContainerKind kinds[] = {
    { "E01",   0,    "EVF\x09\x0d\x0a\xff\x00",  8, open_ewf  },
    { "E01",   0,    "LVF\x09\x0d\x0a\xff\x00",  8, open_ewf  },
    { "QCOW2", 0,    "QFI\xfb",                  4, open_qcow },
    { "VHDX",  0,    "vhdxfile",                 8, open_vhd  },
    { "VMDK",  0,    "KDMV",                     4, open_vmdk },
    { "VMDK",  0,    "COWD",                     4, open_vmdk },
    { "VMDK",  0,    "# Disk DescriptorFile",   21, open_vmdk },
    { "VHD",   -512, "conectix",                 8, open_vhd  },
    { "VHD",   -511, "conectix",                 8, open_vhd  },
    { "raw",   0,    "",                         0, open_raw  },
};

static bool marked(const ContainerKind *k, const Opened *f)
{
    char at[32];
    off_t from = k->at < 0 ? f->size + k->at : k->at;
    return k->mark_bytes == 0 ||
           (from >= 0 && pread(f->fd, at, k->mark_bytes, from) == (ssize_t)k->mark_bytes &&
            memcmp(at, k->mark, k->mark_bytes) == 0);
}

static ssize_t tsk_read(TSK_IMG_INFO *img, TSK_OFF_T at, char *to, size_t n)
{
    Container *c = (Container *)img;
    if (at < 0 || (uint64_t)at >= c->size)
        return 0;
    if (n > c->size - (uint64_t)at)
        n = (size_t)(c->size - (uint64_t)at);
    return c->read(c, (uint8_t *)to, n, at);
}
static void tsk_close(TSK_IMG_INFO *img) { (void)img; }
static void tsk_stat(TSK_IMG_INFO *img, FILE *out) { (void)img; (void)out; }

bool image_open(Arena *mem, const int *files, size_t count, Image *out, const char **why)
{
    Container *c = arena_new(mem, Container, 1);
    c->files = arena_new(mem, Opened, count + 1);
    c->count = count;
    for (size_t i = 0; i < count; i++)
        c->files[i] = (Opened){ files[i], 0, lseek(files[i], 0, SEEK_END) };
    if (c->files[0].size <= 0) {
        *why = "The image is empty.";
        return false;
    }
    FOR_EACH (k, kinds) {
        if (!marked(k, &c->files[0]))
            continue;
        if (!k->open(c, out, why))
            return false;
        out->kind = k->name;
        out->size = c->size;
        break;
    }
    out->tsk = tsk_img_open_external(c, (TSK_OFF_T)c->size, 512, tsk_read, tsk_close, tsk_stat);
    if (!out->tsk)
        *why = "The image could not be opened.";
    return out->tsk != NULL;
}
