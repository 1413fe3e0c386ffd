#include "base/source.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct Source {
    int fd;         /* -1: memory, or closed */
    Str rest;       /* memory not yet read */
    SourceRead *read;   /* NULL: fd or memory */
    void       *ctx;
};

static void fd_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* The path stays out of the error: file names given by others can hold names of people. */
static bool refuse(Err *err, const char *told, int code)
{
    char reason[96];
    err_set(err, code == ENOENT ? ERR_NOT_FOUND : ERR_STORE, "%s", told);
    return err_while(err, "%s", strerror_r(code, reason, sizeof reason));
}

bool source_open(Arena *mem, const char *path, uint64_t offset, Source **out, Err *err)
{
    CLEANUP(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat about;
    if (fd < 0 || fstat(fd, &about) != 0)
        return refuse(err, "The file could not be opened.", errno);
    if (S_ISDIR(about.st_mode))
        return err_set(err, ERR_INVALID, "That is a folder, not a file.");
    if (offset > INT64_MAX || (offset && lseek(fd, (off_t)offset, SEEK_SET) < 0))
        return refuse(err, "The file could not be read from where it was left.", errno);
    Source *src = arena_new(mem, Source, 1);
    src->fd = fd;
    fd = -1;
    *out = src;
    return true;
}

Source *source_memory(Arena *mem, Str bytes)
{
    Source *src = arena_new(mem, Source, 1);
    *src = (Source){ .fd = -1, .rest = bytes };
    return src;
}

Source *source_custom(Arena *mem, SourceRead *read, void *ctx)
{
    Source *src = arena_new(mem, Source, 1);
    *src = (Source){ .fd = -1, .read = read, .ctx = ctx };
    return src;
}

bool source_read(Source *src, void *buf, size_t cap, size_t *got, Err *err)
{
    if (src->read)
        return src->read(src->ctx, buf, cap, got, err);
    if (src->fd < 0) {
        *got = cap < src->rest.len ? cap : src->rest.len;
        if (*got)
            memcpy(buf, src->rest.at, *got);
        src->rest = (Str){ src->rest.at + *got, src->rest.len - *got };
        return true;
    }
    ssize_t n;
    do
        n = read(src->fd, buf, cap);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return refuse(err, "The file could not be read.", errno);
    *got = (size_t)n;
    return true;
}

void source_close(Source *src)
{
    if (!src)
        return;
    fd_close(&src->fd);
    src->rest = (Str){ "", 0 };
}

static void source_done(Source **src)
{
    source_close(*src);
}

bool file_read(Arena *mem, const char *path, size_t max_bytes, Str *out, Err *err)
{
    CLEANUP(source_done) Source *src = NULL;
    if (!source_open(mem, path, 0, &src, err))
        return false;
    StrBuf text = { .mem = mem };
    char   piece[16 * 1024];
    size_t got;
    do {
        if (!source_read(src, piece, sizeof piece, &got, err))
            return false;
        if (got > max_bytes - text.len)
            return err_set(err, ERR_LIMIT, "The file is larger than %zu bytes.", max_bytes);
        buf_add_n(&text, piece, got);
    } while (got);
    *out = (Str){ buf_text(&text), text.len };
    return true;
}

static bool write_all(int fd, Str bytes)
{
    while (bytes.len) {
        ssize_t n = write(fd, bytes.at, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        bytes = (Str){ bytes.at + n, bytes.len - (size_t)n };
    }
    return fsync(fd) == 0;
}

/* The rename itself must reach the disk, which takes a flush of the folder. */
static bool flush_folder(Arena *mem, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *folder = !slash ? "." : slash == path ? "/" : str_copy_n(mem, path, (size_t)(slash - path));
    CLEANUP(fd_close) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0;
}

bool file_write(const char *path, Str bytes, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    char *beside = str_fmt(&mem, "%s.XXXXXX", path);
    CLEANUP(fd_close) int fd = mkostemp(beside, O_CLOEXEC);
    if (fd < 0)
        return refuse(err, "The file could not be made.", errno);
    if (!write_all(fd, bytes) || rename(beside, path) != 0) {
        int code = errno;
        unlink(beside);
        return refuse(err, "The file could not be written.", code);
    }
    return flush_folder(&mem, path) || refuse(err, "The file could not be made safe on disk.", errno);
}
