/* testing.h: archives made and unpacked for tests, here and in later folders. */
#pragma once
#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/test.h"

/* An archive being written to a memory file. */
typedef struct Packing { struct archive *a; int fd; } Packing;

static inline la_ssize_t packed_write(struct archive *a, void *ctx, const void *at, size_t n)
{
    (void)a;
    return write(*(int *)ctx, at, n);
}

static inline Packing pack_begin(int (*format)(struct archive *), int (*filter)(struct archive *), int *fd)
{
    Packing p = { archive_write_new(), memfd_create("test", MFD_CLOEXEC) };
    *fd = p.fd;
    CHECK_INT(format(p.a), ARCHIVE_OK);
    if (filter)
        CHECK_INT(filter(p.a), ARCHIVE_OK);
    archive_write_set_bytes_in_last_block(p.a, 1);
    CHECK_INT(archive_write_open(p.a, fd, NULL, packed_write, NULL), ARCHIVE_OK);
    return p;
}

static inline void pack_add(Packing *p, const char *name, const void *at, size_t n)
{
    struct archive_entry *e = archive_entry_new();
    archive_entry_set_pathname(e, name);
    archive_entry_set_size(e, (la_int64_t)n);
    archive_entry_set_filetype(e, AE_IFREG);
    archive_entry_set_perm(e, 0644);
    archive_entry_set_mtime(e, 1400000000, 0);
    CHECK_INT(archive_write_header(p->a, e), ARCHIVE_OK);
    CHECK(n == 0 || archive_write_data(p->a, at, n) == (la_ssize_t)n);
    archive_entry_free(e);
}

static inline void pack_end(Packing *p)
{
    CHECK_INT(archive_write_close(p->a), ARCHIVE_OK);
    archive_write_free(p->a);
}

/* Opens a file, or what a .gz holds, in memory. */
static inline int open_unpacked(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t n = strlen(path);
    if (fd < 0 || n < 3 || strcmp(path + n - 3, ".gz") != 0)
        return fd;
    struct archive *a = archive_read_new();
    struct archive_entry *e;
    int out = memfd_create("test", MFD_CLOEXEC);
    archive_read_support_filter_gzip(a);
    archive_read_support_format_raw(a);
    CHECK_INT(archive_read_open_fd(a, fd, 65536), ARCHIVE_OK);
    CHECK_INT(archive_read_next_header(a, &e), ARCHIVE_OK);
    CHECK_INT(archive_read_data_into_fd(a, out), ARCHIVE_OK);
    archive_read_free(a);
    close(fd);
    return out;
}
