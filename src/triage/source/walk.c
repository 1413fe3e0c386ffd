/* walk.c: a folder, in a fixed order, without following a link or leaving its file system. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "triage/inside.h"

enum { FOLDERS_DEEP = 256 };

typedef struct Walking {
    WalkSeen *seen;
    void     *ctx;
    dev_t     device;
    StrBuf    path;
} Walking;

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a folder, sorted: the order of a run must not hang on the order of a disk. */
static bool names_read(int fd, Arena *mem, char ***names, size_t *count)
{
    size_t cap = 0;
    const struct dirent *d;
    DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return false;
    }
    errno = 0;
    while ((d = readdir(dir)))
        if (!str_same(d->d_name, ".") && !str_same(d->d_name, ".."))
            *arena_push(mem, *names, *count, cap) = str_copy(mem, d->d_name);
    bool good = errno == 0;
    closedir(dir);
    if (*count)
        qsort(*names, *count, sizeof **names, by_bytes);
    return good;
}

static bool tell(Walking *w, const char *trouble, Err *err)
{
    return w->seen(w->ctx, buf_text(&w->path), 0, INSTANT_NONE, trouble, err);
}

static bool folder(Walking *w, int fd, int deep, Err *err);

static bool entry(Walking *w, int parent, const char *name, int deep, Err *err)
{
    struct stat s;
    if (fstatat(parent, name, &s, AT_SYMLINK_NOFOLLOW) != 0)
        return tell(w, "It could not be looked at.", err);
    if (S_ISREG(s.st_mode))
        return w->seen(w->ctx, buf_text(&w->path), (uint64_t)s.st_size,
                       (Instant)s.st_mtim.tv_sec * US_PER_SECOND + s.st_mtim.tv_nsec / 1000, NULL, err);
    if (!S_ISDIR(s.st_mode))
        return true;
    if (s.st_dev != w->device)
        return tell(w, "Another file system is mounted here; it was left out.", err);
    if (deep >= FOLDERS_DEEP)
        return tell(w, "Folders in folders go deeper than are opened here.", err);
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? tell(w, "This folder may not be opened.", err) : folder(w, fd, deep + 1, err);
}

/* Closes fd. */
static bool folder(Walking *w, int fd, int deep, Err *err)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    char **names = NULL;
    size_t count = 0, length = w->path.len;
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    bool good = true;
    if (!names_read(fd, &mem, &names, &count))
        good = tell(w, "Part of this folder could not be read.", err);
    for (size_t i = 0; good && own >= 0 && i < count; i++) {
        if (length)
            buf_char(&w->path, '/');
        buf_add(&w->path, names[i]);
        good = entry(w, own, names[i], deep, err);
        w->path.len = length;
        (void)buf_text(&w->path);
    }
    if (own >= 0)
        close(own);
    return good;
}

bool walk_folder(int root, WalkSeen *seen, void *ctx, Err *err)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    struct stat s;
    int fd = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    Walking w = { .seen = seen, .ctx = ctx, .path = { .mem = &mem } };
    if (fd < 0 || fstat(fd, &s) != 0)
        return err_set(err, ERR_NOT_FOUND, "The folder cannot be opened.");
    w.device = s.st_dev;
    return folder(&w, fd, 0, err);
}

int walk_open(int root, const char *path, struct stat *s)
{
    struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
                            .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
    int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
    if (fd < 0 && errno == ENOSYS)
        fd = openat(root, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd >= 0 && (fstat(fd, s) != 0 || !S_ISREG(s->st_mode))) {
        close(fd);
        fd = -1;
    }
    return fd;
}
