/* confine_test.c: each door that must be shut is tried from inside, in a process of its own. */
#include "decoder/confine.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/test.h"

enum { SURVIVED = 42, NOT_CONFINED = 43, REFUSED = 44 };

static int socket_of_child;                    /* the test is one thread, and set before each fork */

typedef void Attempt(void);

/* How a confined process that makes the attempt ends: the signal, or minus its exit code. */
static int outcome(Attempt *attempt)
{
    int pair[2], status = 0;
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        Err err = {0};
        socket_of_child = pair[1];
        if (!confine_follow(pair[1], &err) || !confine_enter(pair[1], &err))
            _exit(NOT_CONFINED);
        attempt();
        _exit(SURVIVED);
    }
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
    close(pair[0]);
    close(pair[1]);
    return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

static void opens_a_file(void) { (void)open("/etc/hostname", O_RDONLY); }
static void opens_by_the_old_call(void) { syscall(SYS_open, "/etc/hostname", O_RDONLY); }
static void makes_a_file(void) { (void)syscall(SYS_creat, "/tmp/x", 0600); }
static void asks_about_a_file(void) { (void)access("/etc/hostname", R_OK); }
static void removes_a_file(void) { unlink("/tmp/x"); }
static void reaches_the_network(void) { socket(AF_INET, SOCK_STREAM, 0); }
static void starts_a_program(void) { execl("/bin/true", "true", NULL); }
static void starts_a_process(void) { syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }
static void forks(void) { syscall(SYS_fork); }
static void traces(void) { ptrace(PTRACE_ATTACH, getppid(), 0, 0); }
static void reads_its_parent(void) { syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0); }
static void signals_its_parent(void) { kill(getppid(), 0); }
static void signals_a_thread_of_its_parent(void) { syscall(SYS_tgkill, getppid(), getppid(), 0); }
static void makes_memory_that_runs(void)
{
    mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
static void makes_memory_run(void)
{
    void *at = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(at, 4096, PROT_READ | PROT_EXEC);
}
static void shares_memory(void)
{
    mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}
static void writes_to_a_descriptor(void) { (void)!write(STDOUT_FILENO, "x", 1); }
static void answers_elsewhere(void) { sendmsg(STDOUT_FILENO, &(struct msghdr){0}, 0); }
static void raises_its_limits(void)
{
    setrlimit(RLIMIT_CPU, &(struct rlimit){ RLIM_INFINITY, RLIM_INFINITY });
}
static void makes_itself_dumpable(void) { syscall(SYS_prctl, 4, 1, 0, 0, 0); }
static void lifts_the_filter(void) { syscall(SYS_seccomp, 0, 0, NULL); }

TEST(every_other_door_ends_the_process)
{
    static const struct { const char *name; Attempt *attempt; } doors[] = {
        { "answers elsewhere",        answers_elsewhere              },
        { "asks about a file",        asks_about_a_file              },
        { "forks",                    forks                          },
        { "lifts the filter",         lifts_the_filter               },
        { "makes a file",             makes_a_file                   },
        { "makes itself dumpable",    makes_itself_dumpable          },
        { "makes memory run",         makes_memory_run               },
        { "makes memory that runs",   makes_memory_that_runs         },
        { "opens a file",             opens_a_file                   },
        { "opens by the old call",    opens_by_the_old_call          },
        { "raises its limits",        raises_its_limits              },
        { "reaches the network",      reaches_the_network            },
        { "reads its parent",         reads_its_parent               },
        { "removes a file",           removes_a_file                 },
        { "shares memory",            shares_memory                  },
        { "signals its parent",       signals_its_parent             },
        { "signals a thread of it",   signals_a_thread_of_its_parent },
        { "starts a process",         starts_a_process               },
        { "starts a program",         starts_a_program               },
        { "traces",                   traces                         },
        { "writes to a descriptor",   writes_to_a_descriptor         },
    };
    FOR_EACH (d, doors) {
        int how = outcome(d->attempt);
        if (how != SIGSYS)
            fail_msg("%s: ended by %d", d->name, how);
    }
}

static void does_nothing(void) {}
static void answers(void)
{
    char byte = 1;
    struct iovec part = { &byte, 1 };
    if (sendmsg(socket_of_child, &(struct msghdr){ .msg_iov = &part, .msg_iovlen = 1 }, 0) != 1)
        _exit(REFUSED);
}
static void computes(void)
{
    uint8_t *at = mmap(NULL, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (size_t i = 0; at != MAP_FAILED && i < 8 << 20; i += 4096)
        at[i] = 1;
    if (at == MAP_FAILED || munmap(at, 8 << 20) != 0)
        _exit(REFUSED);
}

TEST(its_own_work_goes_on)
{
    CHECK_INT(outcome(does_nothing), -SURVIVED);
    CHECK_INT(outcome(answers), -SURVIVED);
    CHECK_INT(outcome(computes), -SURVIVED);
}

#if !CONFINE_SANITIZED
static void takes_memory_for_ever(void)
{
    for (int i = 0; i < 64; i++)
        if (mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
            _exit(REFUSED);
}

/* An arena never gives NULL: it ends the process, which is what a bomb comes to. */
static void fills_an_arena(void)
{
    Arena mem = {0};
    for (int i = 0; i < 64; i++)
        memset(arena_new(&mem, uint8_t, 64 << 20), 1, 1);
}
#endif

static void opens_many(void)
{
    for (int i = 0; i < 4 * CONFINE_DESCRIPTORS; i++)
        if (fcntl(STDIN_FILENO, F_DUPFD, 0) < 0)
            _exit(REFUSED);
}

TEST(memory_is_bounded)
{
#if CONFINE_SANITIZED
    skip();
#else
    CHECK_INT(outcome(takes_memory_for_ever), -REFUSED);
    CHECK_INT(outcome(fills_an_arena), SIGABRT);
#endif
    CHECK_INT(outcome(opens_many), SIGSYS);
}

static void runs_for_ever(void)
{
    for (volatile unsigned i = 0;; i++)
        ;
}

static void says_so_and_runs_for_ever(void)
{
    answers();
    runs_for_ever();
}

/* The limit is moved to a second from outside, as the parent moves it with each file. */
TEST(processor_time_is_bounded)
{
    int pair[2], status;
    char byte;
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        Err err = {0};
        socket_of_child = pair[1];
        if (!confine_enter(pair[1], &err))
            _exit(NOT_CONFINED);
        says_so_and_runs_for_ever();
    }
    CHECK(recv(pair[0], &byte, 1, 0) == 1);    /* it has set its own limit */
    CHECK(prlimit(pid, RLIMIT_CPU, &(struct rlimit){ 1, RLIM_INFINITY }, NULL) == 0);
    CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
    CHECK_INT(WTERMSIG(status), SIGXCPU);
    close(pair[0]);
    close(pair[1]);
}

TEST_MAIN(every_other_door_ends_the_process, its_own_work_goes_on, memory_is_bounded,
          processor_time_is_bounded)
