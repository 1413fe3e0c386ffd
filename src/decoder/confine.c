/* confine.c: limits first, then the filter, which cannot be taken back. */
#include "decoder/confine.h"
#include <errno.h>
#include <malloc.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* A system call that is allowed. Where `given` is not 0, its arguments must agree: (argument & mask) ==
 * value. */
typedef struct Agree {
    unsigned argument;
    uint64_t mask, value;
} Agree;
typedef struct Allowed {
    int      call;
    unsigned given;
    Agree    agree[2];
} Allowed;

#define ANY(name)       { SCMP_SYS(name), 0, {{0}} }
#define WHEN(name, ...) { SCMP_SYS(name), COUNT_OF(((Agree[]){ __VA_ARGS__ })), { __VA_ARGS__ } }
#define ALL             UINT64_MAX             /* of the argument's bits */
#define SOCKET          (UINT64_MAX - 1)       /* stand for the descriptor and for this process */
#define SELF            (UINT64_MAX - 2)

/* The flags of clone that make a thread, not a process: libde265 decodes in one. */
enum { CLONE_VM_ = 0x100, CLONE_THREAD_ = 0x10000 };

static const Allowed allowed[] = {
    ANY(brk),
    ANY(clock_getres),
    ANY(clock_gettime),
    WHEN(clone, { 0, CLONE_VM_ | CLONE_THREAD_, CLONE_VM_ | CLONE_THREAD_ }),
    ANY(close),
    ANY(exit),
    ANY(exit_group),
    ANY(futex),
    ANY(getpid),
    ANY(getrandom),
    ANY(gettid),
    ANY(gettimeofday),
    ANY(lseek),
    ANY(madvise),
    WHEN(mmap, { 2, PROT_EXEC, 0 }, { 3, MAP_SHARED, 0 }), /* no code, and nothing that others see */
    WHEN(mprotect, { 2, PROT_EXEC, 0 }),
    ANY(mremap),
    ANY(munmap),
    WHEN(prctl, { 0, ALL, PR_SET_NAME }),
    ANY(pread64),
    WHEN(prlimit64, { 2, ALL, 0 }), /* asking only */
    ANY(read),
    WHEN(recvmsg, { 0, ALL, SOCKET }),
    ANY(restart_syscall),
    ANY(rseq),
    ANY(rt_sigprocmask),
    ANY(rt_sigreturn),
    ANY(sched_getaffinity),
    ANY(sched_yield),
    WHEN(sendmsg, { 0, ALL, SOCKET }),
    ANY(set_robust_list),
    ANY(sysinfo),
    WHEN(tgkill, { 0, ALL, SELF }),         /* abort() */
    WHEN(write, { 0, ALL, STDERR_FILENO }), /* last words before abort(); /dev/null by then */
#if CONFINE_SANITIZED
    ANY(sigaltstack),
    ANY(rt_sigaction),
    ANY(getrusage),
#endif
};

static bool limit(int what, rlim_t soft, rlim_t hard)
{
    return setrlimit(what, &(struct rlimit){ soft, hard }) == 0;
}

static rlim_t mapped_now(void)
{
    unsigned long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    bool read = f && fscanf(f, "%lu", &pages) == 1;
    if (f)
        fclose(f);
    return read ? (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) : 0;
}

static bool limits(void)
{
    rlim_t memory = mapped_now() + CONFINE_MEMORY_BYTES;
    /* One heap: a second one, of a thread, would ask the kernel about overcommitment in a file. */
    mallopt(M_ARENA_MAX, 1);
    return (CONFINE_SANITIZED || limit(RLIMIT_AS, memory, memory)) && limit(RLIMIT_CORE, 0, 0) &&
           limit(RLIMIT_FSIZE, 0, 0) && limit(RLIMIT_NOFILE, CONFINE_DESCRIPTORS, CONFINE_DESCRIPTORS) &&
           limit(RLIMIT_CPU, CONFINE_CPU_SECONDS, RLIM_INFINITY);
}

static bool allow(scmp_filter_ctx filter, const Allowed *a, int socket)
{
    struct scmp_arg_cmp only[COUNT_OF(a->agree)];
    for (unsigned i = 0; i < a->given; i++) {
        const Agree *g = &a->agree[i];
        uint64_t value = g->value == SOCKET ? (uint64_t)socket
                         : g->value == SELF ? (uint64_t)getpid()
                                            : g->value;
        only[i] = g->mask == ALL ? SCMP_CMP(g->argument, SCMP_CMP_EQ, value)
                                 : SCMP_CMP(g->argument, SCMP_CMP_MASKED_EQ, g->mask, value);
    }
    return seccomp_rule_add_exact_array(filter, SCMP_ACT_ALLOW, a->call, a->given, only) == 0;
}

static bool filter_load(int socket)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    bool good = filter != NULL;
    FOR_EACH (a, allowed)
        good = good && allow(filter, a, socket);
    /* Its flags are in memory, where a filter cannot look; glibc then falls back to clone. */
    good = good && seccomp_rule_add_exact(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
    good = good && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return good;
}

bool confine_enter(int socket, Err *err)
{
    if (close_range((unsigned)socket + 1, ~0U, 0) != 0 || !limits() ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return err_set(err, ERR_STORE, "The limits of the decoder cannot be set.");
    if (!CONFINE_SANITIZED && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return err_set(err, ERR_STORE, "The decoder cannot be closed to others.");
    return filter_load(socket) || err_set(err, ERR_STORE, "The kernel does not take the decoder's filter.");
}

bool confine_follow(int socket, Err *err)
{
    struct ucred parent;                       /* whoever made the socket */
    socklen_t size = sizeof parent;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &parent, &size) != 0 ||
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
        return err_set(err, ERR_STORE, "The decoder cannot follow its parent.");
    return getppid() == parent.pid ||
           err_set(err, ERR_STORE, "The program that started the decoder has ended.");
}
