/* A run that was stopped or killed goes on and ends in the same report. */
#include <signal.h>
#include <sys/wait.h>
#include "triage/testing.h"

static bool stop_at(void *ctx)
{
    return ++*(int *)ctx > 6;
}

static bool die_at(void *ctx)
{
    if (++*(int *)ctx > 6) {
        usleep(0);
        raise(SIGKILL);
    }
    return false;
}

TEST(a_run_that_was_stopped_or_killed_ends_in_the_same_report)
{
    Err err = { 0 };
    CLEANUP(place_done) Place p = { 0 };
    CLEANUP(triage_done) TriageReport whole = { 0 };
    place_begin(&p);
    Device d = device_make(&p);
    TriageOptions o = options_of(p.device, sets_make(&p, &d));
    CHECK_OK(triage_run(&o, &p.mem, &whole, &err), &err);
    Str want = written(&p, &whole, REPORT_JSON, "whole.json");
    o.journal = str_fmt(&p.mem, "%s/report.journal", p.folder);
    for (int killed = 0; killed < 2; killed++) {
        CLEANUP(triage_done) TriageReport r = { 0 };
        int count = 0, status = 0;
        o.stop_ctx = &count;
        o.stop = killed ? die_at : stop_at;
        o.resume = false;
        if (killed) {
            pid_t pid = fork();
            if (pid == 0) {
                bool good = triage_run(&o, &p.mem, &r, &err);
                _exit(good ? 0 : 1);
            }
            CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
        } else {
            CHECK_FAILS(triage_run(&o, &p.mem, &r, &err), &err, ERR_CONFLICT);
        }
        CHECK_INT(access(o.journal, F_OK), 0);
        o.stop = NULL;
        o.resume = true;
        CHECK_OK(triage_run(&o, &p.mem, &r, &err), &err);
        CHECK(str_eq(written(&p, &r, REPORT_JSON, "again.json"), want));
    }
}

TEST(a_journal_of_other_sets_is_not_gone_on_with)
{
    Err err = { 0 };
    CLEANUP(place_done) Place p = { 0 };
    CLEANUP(triage_done) TriageReport r = { 0 };
    CLEANUP(triage_done) TriageReport again = { 0 };
    place_begin(&p);
    Device d = device_make(&p);
    TriageOptions o = options_of(p.device, sets_make(&p, &d));
    o.journal = str_fmt(&p.mem, "%s/report.journal", p.folder);
    o.resume = true;
    CHECK_OK(triage_run(&o, &p.mem, &r, &err), &err);
    o.set_count = 1;                           /* the second set alone knew two of the files */
    CHECK_OK(triage_run(&o, &p.mem, &again, &err), &err);
    CHECK(count_named(&again.by_grade, "1", "VICS UK") == NULL);
}

TEST_MAIN(a_run_that_was_stopped_or_killed_ends_in_the_same_report,
          a_journal_of_other_sets_is_not_gone_on_with)
