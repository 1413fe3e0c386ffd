/* confine.c: gives up everything but reading what is already open.
 *
 * Opening, making, sending, starting or tracing anything is either answered with an error (where a library
 * asks out of habit: code tables, configuration) or ends the process (where none ever should). */
#include <errno.h>
#include <iconv.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include "reader/inside.h"

#if defined(__SANITIZE_ADDRESS__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/* What reading takes. */
static const int allowed[] = {
    SCMP_SYS(brk), SCMP_SYS(clock_gettime), SCMP_SYS(close), SCMP_SYS(exit), SCMP_SYS(exit_group),
    SCMP_SYS(fstat), SCMP_SYS(futex), SCMP_SYS(getpid), SCMP_SYS(getrandom), SCMP_SYS(gettid),
    SCMP_SYS(gettimeofday), SCMP_SYS(lseek), SCMP_SYS(madvise), SCMP_SYS(mremap), SCMP_SYS(munmap),
    SCMP_SYS(pause), SCMP_SYS(pread64), SCMP_SYS(read), SCMP_SYS(recvmsg), SCMP_SYS(restart_syscall),
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sched_yield),
    SCMP_SYS(sendmsg), SCMP_SYS(sigaltstack),
};
/* What libraries ask for out of habit: no, but live on. */
static const int refused[] = {
    SCMP_SYS(access), SCMP_SYS(faccessat2), SCMP_SYS(fcntl), SCMP_SYS(getcwd), SCMP_SYS(getegid),
    SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getuid), SCMP_SYS(ioctl), SCMP_SYS(lstat),
    SCMP_SYS(newfstatat), SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(readlink), SCMP_SYS(stat),
    SCMP_SYS(statx), SCMP_SYS(sysinfo), SCMP_SYS(uname), SCMP_SYS(unlink), SCMP_SYS(write),
};

static void limit(int what, rlim_t most)
{
    struct rlimit l = { most, most };
    if (setrlimit((__rlimit_resource_t)what, &l) != 0)
        _exit(3);
}

static void filter(void)
{
    scmp_filter_ctx f = seccomp_init(SANITIZED ? SCMP_ACT_ALLOW : SCMP_ACT_KILL_PROCESS);
    bool good = f != NULL;
    /* Under a sanitizer, which has system calls of its own, only what matters most is refused. */
    static const int never[] = { SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(socket), SCMP_SYS(connect),
                                 SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(unlinkat), SCMP_SYS(mkdir) };
    if (SANITIZED)
        FOR_EACH (s, never)
            good = good && seccomp_rule_add(f, SCMP_ACT_KILL_PROCESS, *s, 0) == 0;
    if (!SANITIZED) {
        FOR_EACH (s, allowed)
            good = good && seccomp_rule_add(f, SCMP_ACT_ALLOW, *s, 0) == 0;
        FOR_EACH (s, refused)
            good = good && seccomp_rule_add(f, SCMP_ACT_ERRNO(EACCES), *s, 0) == 0;
        /* Memory, but never memory that can be run. */
        good = good && seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                                        SCMP_A2(SCMP_CMP_MASKED_EQ, 4 /* PROT_EXEC */, 0)) == 0;
        good = good && seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                                        SCMP_A2(SCMP_CMP_MASKED_EQ, 4, 0)) == 0;
    }
    if (!good || seccomp_load(f) != 0)
        _exit(3);
    seccomp_release(f);
}

/* Code tables are files, which cannot be opened later. */
static void tables_load(void)
{
    static const char *const names[] = { "UTF-16BE", "UTF-16LE", "CP437", "CP932", "CP936", "CP1252",
                                         "CP850", "KOI8-R", "EUC-JP" };
    static const char *const towards = "UTF-8";
    FOR_EACH (n, names) {
        iconv_t c = iconv_open(towards, *n);
        (void)c;                               /* kept open, so that its table stays */
    }
}

void confine(void)
{
    if (setenv("TZ", "UTC", 1) != 0)
        _exit(3);
    tzset();
    tables_load();
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
    limit(RLIMIT_NPROC, 0);
    limit(RLIMIT_NOFILE, READER_FILES_MAX + 64);
    if (!SANITIZED)
        limit(RLIMIT_AS, (rlim_t)640 << 20);
    if (prctl(PR_SET_DUMPABLE, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        _exit(3);
    filter();
}
