/* bench.h: what the measures of whole programs share: the line they print, time, and a child process.
 *
 * Every benchmark prints lines of tab-separated fields beginning with "row", which tools/bench lays out:
 *     row  task  value  unit  reference  reference value  ratio  target
 * A field that does not apply is "-". The target is "ratio>=2" or "value<=100"; the reference was measured in
 * the same run. */
#pragma once
#include <stdio.h>
#include <sys/types.h>
#include "base/err.h"

typedef struct Row {
    const char *task, *unit, *reference, *target; /* NULL: none */
    double value, reference_value;                /* the ratio printed is value / reference_value */
    bool less_is_better;                          /* then it is reference_value / value */
} Row;
void row_print(const Row *row);

double seconds_now(void);
void must(bool ok, const Err *err); /* prints what the error told, and ends the program */
void must_be(bool ok, const char *what);

/* A program of our own, ended by child_stop or when this process dies. Its standard output can be read. */
typedef struct Child {
    pid_t pid;
    FILE *out;
} Child;
Child child_start(const char *const argv[]);
void child_stop(Child *child);
int child_port(Child *child);           /* from the address "http://127.0.0.1:PORT" that a server prints */
double process_cpu_ms(pid_t pid);       /* user and system time so far */
double process_memory_mb(pid_t pid);    /* PSS: pages shared with others count in part */
double process_resident_mb(pid_t pid);  /* RSS: pages shared with others count in full */

/* The program measured: $MUSTER, or build/muster. */
const char *muster_program(void);
