#include "bench.h"
#include <stdint.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void row_print(const Row *row)
{
    double ratio =
        row->less_is_better ? row->reference_value / row->value : row->value / row->reference_value;
    printf("row\t%s\t%.4g\t%s\t", row->task, row->value, row->unit);
    if (row->reference)
        printf("%s\t%.4g\t%.3g\t", row->reference, row->reference_value, ratio);
    else
        printf("-\t-\t-\t");
    printf("%s\n", row->target ? row->target : "-");
    fflush(stdout);
}

double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void must(bool ok, const Err *err)
{
    if (ok)
        return;
    fprintf(stderr, "bench: %s [%s]\n", err->told, err->trail);
    exit(1);
}

void must_be(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench: %s failed\n", what);
    exit(1);
}

Child child_start(const char *const argv[])
{
    int ends[2];
    must_be(pipe(ends) == 0, "making a pipe");
    fflush(stdout);
    Child child = { .pid = fork() };
    must_be(child.pid >= 0, "starting a process");
    if (child.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execv(argv[0], (char *const *)(uintptr_t)argv);
        perror(argv[0]);
        _exit(127);
    }
    close(ends[1]);
    child.out = fdopen(ends[0], "r");
    must_be(child.out, "reading from a process");
    return child;
}

void child_stop(Child *child)
{
    if (child->pid > 0) {
        kill(child->pid, SIGTERM);
        waitpid(child->pid, NULL, 0);
    }
    if (child->out)
        fclose(child->out);
    *child = (Child){ 0 };
}

int child_port(Child *child)
{
    static const char address[] = "http://127.0.0.1:";
    char line[512];
    while (fgets(line, sizeof line, child->out)) {
        const char *at = strstr(line, address);
        if (at)
            return (int)strtol(at + strlen(address), NULL, 10);
    }
    must_be(false, "starting a server");
    return 0;
}

static FILE *process_file(pid_t pid, const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    return fopen(path, "r");
}

double process_cpu_ms(pid_t pid)
{
    clockid_t clock;
    struct timespec t;
    must_be(clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &t) == 0, "reading a process's "
                                                                                    "time");
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static double memory_line(pid_t pid, const char *file, const char *key)
{
    char line[256];
    double kb = 0;
    FILE *f = process_file(pid, file);
    must_be(f != NULL, "looking at a process");
    while (fgets(line, sizeof line, f))
        if (strncmp(line, key, strlen(key)) == 0)
            kb = strtod(line + strlen(key), NULL);
    fclose(f);
    return kb / 1024.0;
}

double process_memory_mb(pid_t pid) { return memory_line(pid, "smaps_rollup", "Pss:"); }
double process_resident_mb(pid_t pid) { return memory_line(pid, "status", "VmRSS:"); }

const char *muster_program(void)
{
    const char *given = getenv("MUSTER");
    return given ? given : "build/muster";
}
