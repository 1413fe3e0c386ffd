#include "base/map.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HUGE_BYTES = 2 * 1024 * 1024 };

bool map_fd(int fd, Map *map, Err *err)
{
    struct stat s;
    if (fstat(fd, &s) != 0)
        return err_set(err, ERR_STORE, "The file could not be read: %s.", strerror(errno));
    if (!S_ISREG(s.st_mode))
        return err_set(err, ERR_INVALID, "This is not a plain file.");
    *map = (Map){ NULL, (size_t)s.st_size };
    if (map->len == 0)
        return true;
    void *at = mmap(NULL, map->len, PROT_READ, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) {
        *map = (Map){0};
        return err_set(err, ERR_STORE, "The file could not be mapped: %s.", strerror(errno));
    }
    map->at = at;
    return true;
}

bool map_file(const char *path, Map *map, Err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return err_set(err, errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_STORE,
                       "The file could not be opened: %s.", strerror(errno));
    bool ok = map_fd(fd, map, err);
    close(fd);
    return ok;
}

static void advise(const Map *map, size_t at, size_t len, int advice)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), start = at / page * page;
    if (map->at && at < map->len && len <= map->len - at)
        (void)madvise((void *)(uintptr_t)(map->at + start), len + (at - start), advice);
}

void map_will_need(const Map *map, size_t at, size_t len) { advise(map, at, len, MADV_WILLNEED); }

void map_read_in(const Map *map, size_t at, size_t len)
{
#ifdef MADV_POPULATE_READ
    advise(map, at, len, MADV_POPULATE_READ);
#else
    map_will_need(map, at, len);
#endif
}

void map_done(Map *map)
{
    if (map->at)
        munmap((void *)(uintptr_t)map->at, map->len);
    *map = (Map){0};
}

/* Aligned to a huge page at both ends, or the first and last part could not be one. */
Pages pages_new(size_t len)
{
    if (len == 0)
        return (Pages){0};
    size_t   page = len >= HUGE_BYTES ? HUGE_BYTES : (size_t)sysconf(_SC_PAGESIZE);
    size_t   used = (len + page - 1) / page * page, whole = used + HUGE_BYTES;
    uint8_t *at = used < len || whole < used ? MAP_FAILED
                              : mmap(NULL, whole, PROT_READ | PROT_WRITE,
                                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) {
        fputs("muster: out of memory\n", stderr);
        abort();
    }
    size_t skip = (HUGE_BYTES - (uintptr_t)at % HUGE_BYTES) % HUGE_BYTES;
    if (skip)
        munmap(at, skip);
    if (whole > skip + used)
        munmap(at + skip + used, whole - skip - used);
    (void)madvise(at + skip, used, MADV_HUGEPAGE);
    return (Pages){ at + skip, len };
}

void pages_forget(Pages *pages, size_t at, size_t len)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), start = (at + page - 1) / page * page;
    size_t end = (at + len) / page * page;
    if (pages->at && at <= pages->len && len <= pages->len - at && start < end)
        (void)madvise(pages->at + start, end - start, MADV_DONTNEED);
}

void pages_done(Pages *pages)
{
    size_t page = pages->len >= HUGE_BYTES ? HUGE_BYTES : (size_t)sysconf(_SC_PAGESIZE);
    if (pages->at)
        munmap(pages->at, (pages->len + page - 1) / page * page);
    *pages = (Pages){0};
}
