/* start_bench.c: how soon Muster answers after it is started, and what it holds while nobody asks anything.
 *
 *   start_bench                     (the program is $MUSTER, or build/muster)
 *
 * The database has a thousand nominals, taken in, linked and scored. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench.h"
#include "load.h"
#include "seed.h"
#include "store/store_testing.h"

enum { STARTS = 15, IDLE_SECONDS = 2, NOMINALS = 1000 };

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *of)
{
    qsort(of, STARTS, sizeof *of, by_size);
    return of[STARTS / 2];
}

static Child server_start(const char *path)
{
    return child_start((const char *[]){ muster_program(), "--db", path, "serve",
                                   "--port", "0", "--insecure-cookies", NULL });
}

/* From the start of the program to the last byte of its first answer. */
static double first_answer_ms(const char *path)
{
    char body[4096];
    double start = seconds_now();
    Child server = server_start(path);
    Load load = { .port = child_port(&server), .accept = "text/html" };
    must_be(load_fetch(&load, "/health", body, sizeof body) == 200, "asking for /health");
    double took = (seconds_now() - start) * 1e3;
    child_stop(&server);
    return took;
}

/* A program run to its end. */
static double run_ms(const char *const program, const char *argument)
{
    char line[4096];
    double start = seconds_now();
    Child child = child_start((const char *[]){ program, argument, NULL });
    while (fgets(line, sizeof line, child.out))
        continue;
    waitpid(child.pid, NULL, 0);
    double took = (seconds_now() - start) * 1e3;
    child.pid = 0;
    child_stop(&child);
    return took;
}

int main(void)
{
    CLEANUP(testing_done) TestStore t = { 0 };
    double answer[STARTS], help[STARTS], shell[STARTS];
    testing_folder(&t);
    seed_operation(t.folder, t.path, NOMINALS);
    for (int i = 0; i < STARTS; i++) {
        answer[i] = first_answer_ms(t.path);
        help[i] = run_ms(muster_program(), "help");
        shell[i] = run_ms("/usr/bin/sqlite3", "-version");
    }
    double sqlite_ms = median(shell);
    row_print(&(Row){ .task = "cold start to first answer",
                      .unit = "ms",
                      .value = median(answer),
                      .less_is_better = true,
                      .reference = "sqlite3 -version",
                      .reference_value = sqlite_ms,
                      .target = "value<=100" });
    row_print(&(Row){ .task = "muster help",
                      .unit = "ms",
                      .value = median(help),
                      .less_is_better = true,
                      .reference = "sqlite3 -version",
                      .reference_value = sqlite_ms,
                      .target = "value<=100" });
    Child server = server_start(t.path);
    child_port(&server);
    sleep(IDLE_SECONDS);
    row_print(&(Row){ .task = "idle memory, own share (PSS)",
                      .unit = "MB",
                      .value = process_memory_mb(server.pid),
                      .target = "value<=50" });
    row_print(&(Row){
        .task = "idle memory, resident (RSS)", .unit = "MB", .value = process_resident_mb(server.pid) });
    child_stop(&server);
    return 0;
}
