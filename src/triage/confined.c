#include "triage/confined.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/str.h"

enum { FIRST_FD = 3, FDS_MAX = 4 };

static const char *own_folder(Arena *mem)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    while (n > 0 && path[n - 1] != '/')
        n--;
    return n > 1 ? str_copy_n(mem, path, (size_t)n - 1) : ".";
}

bool confined_find(Arena *mem, const char *name, const char **path, Err *err)
{
    const char *given = getenv("MUSTER_LIBEXEC"), *own = own_folder(mem);
    const char *const places[] = {
        given ? str_fmt(mem, "%s/%s", given, name) : NULL,
        str_fmt(mem, "%s/%s", own, name),
        str_fmt(mem, "%s/src/%s", own, name),
        str_fmt(mem, "%s/../libexec/muster/%s", own, name),
    };
    FOR_EACH (p, places)
        if (*p && access(*p, X_OK) == 0) {
            *path = *p;
            return true;
        }
    err_set(err, ERR_NOT_FOUND, "The program %s is not installed.", name);
    return err_hint(err, "It belongs in ../libexec/muster beside muster; or set MUSTER_LIBEXEC.");
}

bool confined_start(const char *path, const int *fds, size_t count, pid_t *pid, Err *err)
{
    char *const argv[] = { (char *)path, NULL }, *const none[] = { NULL };
    int high[FDS_MAX] = { 0 };
    posix_spawn_file_actions_t actions;
    bool good = count <= FDS_MAX && posix_spawn_file_actions_init(&actions) == 0;
    if (!good)
        return err_set(err, ERR_STORE, "A confined program could not be started.");
    /* First well above where they go, so that putting one in its place overwrites no other. */
    for (size_t i = 0; i < count; i++)
        good = good && (high[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, FIRST_FD + FDS_MAX)) >= 0 &&
               posix_spawn_file_actions_adddup2(&actions, high[i], FIRST_FD + (int)i) == 0;
    good = good && posix_spawn(pid, path, &actions, NULL, argv, none) == 0;
    posix_spawn_file_actions_destroy(&actions);
    for (size_t i = 0; i < count; i++)
        if (high[i] > 0)
            close(high[i]);
    return good || err_set(err, ERR_STORE, "A confined program could not be started.");
}

int confined_end(pid_t pid)
{
    int status = 0;
    pid_t got;
    kill(pid, SIGKILL);
    do {
        got = waitpid(pid, &status, 0);
    } while (got < 0 && errno == EINTR);
    return got == pid && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}
