#include "engine/linkage/linkage_resume.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/source.h"
#include "base/test.h"
#include "engine/linkage/linkage_testing.h"

typedef struct Setting {
    Arena      mem;
    MadePeople made;
    LinkModel  model;
    LinkPlan   plan;
    char       path[200];
} Setting;

static void setting_begin(Setting *s, uint64_t seed)
{
    Err         err = { 0 };
    const char *folder = getenv("MUSTER_TEST_DIR");
    LinkLimits  limits = link_limits_default(1200);
    *s = (Setting){ 0 };
    s->made = made_people(&s->mem, 1200, seed, seed, false);
    limits.all_pairs = 0;
    limits.pairs_per_row = 100;
    CHECK_OK(link_model_default(s->made.columns, &s->model, &err), &err);
    s->plan = link_plan_make(s->made.columns, &s->model, false, limits, 1);
    snprintf(s->path, sizeof s->path, "%s/resume-%d", folder ? folder : "/tmp", (int)getpid());
    (void)unlink(s->path);
}

static void setting_done(Setting *s)
{
    (void)unlink(s->path);
    link_plan_done(&s->plan);
    link_model_done(&s->model);
    arena_done(&s->mem);
}

typedef struct Watch { uint64_t first, all, stop_at; } Watch;      /* stop_at: in 100 */

static bool watch(void *ctx, uint64_t done, uint64_t all)
{
    Watch *w = ctx;
    w->first = w->first ? w->first : done;
    w->all = all;
    return !w->stop_at || done * 100 < all * w->stop_at;
}

static bool run(Setting *s, Watch *w, const char *resume, LinkPairs **pairs, LinkRunCounts *counts, Err *err)
{
    LinkRunOptions o = { .threads = 1, .keep_bits = -4, .resume_path = resume, .at_once = 500,
                         .progress = w ? watch : NULL, .ctx = w };
    return link_pairs(s->made.columns, &s->model, &s->plan, &o, pairs, counts, err);
}

static void stop_half_way(Setting *s)
{
    Watch         w = { .stop_at = 50 };
    LinkPairs    *pairs = NULL;
    LinkRunCounts counts;
    Err           err = { 0 };
    CHECK_FAILS(run(s, &w, s->path, &pairs, &counts, &err), &err, ERR_CONFLICT);
    CHECK(access(s->path, F_OK) == 0);
}

/* What a run from `path` gives, held against a run that nobody stopped; how far it was when it began, in 100.
 */
static uint64_t goes_on_right(Setting *s)
{
    LinkPairs    *pairs = NULL, *whole = NULL;
    LinkRunCounts counts, all;
    Watch         w = { 0 };
    Err           err = { 0 };
    size_t        n, m;
    CHECK_OK(run(s, NULL, NULL, &whole, &all, &err), &err);
    CHECK_OK(run(s, &w, s->path, &pairs, &counts, &err), &err);
    const LinkPair *p = link_pairs_all(pairs, &n), *q = link_pairs_all(whole, &m);
    CHECK(n > 100);
    CHECK_INT(n, m);
    CHECK(memcmp(p, q, n * sizeof *p) == 0);
    CHECK(memcmp(counts.rule_pairs, all.rule_pairs, sizeof all.rule_pairs) == 0);
    CHECK_INT(counts.candidate_pairs, all.candidate_pairs);
    CHECK(access(s->path, F_OK) != 0);      /* finished: nothing is left behind */
    link_pairs_done(pairs);
    link_pairs_done(whole);
    return w.first * 100 / w.all;
}

TEST(a_run_that_was_stopped_goes_on_where_it_was_and_ends_the_same)
{
    Setting s;
    setting_begin(&s, 8);
    CHECK(goes_on_right(&s) < 20);      /* there is no file: from the beginning */
    stop_half_way(&s);
    CHECK(goes_on_right(&s) >= 40);
    setting_done(&s);
}

TEST(a_part_that_was_torn_or_damaged_is_done_again)
{
    Setting     s;
    Err         err = { 0 };
    struct stat about;
    setting_begin(&s, 9);
    stop_half_way(&s);
    CHECK(stat(s.path, &about) == 0);
    for (off_t cut = about.st_size - 1; cut > 24; cut -= about.st_size / 7) {
        stop_half_way(&s);
        CHECK(truncate(s.path, cut) == 0);
        goes_on_right(&s);
    }
    for (off_t at = 24; at < about.st_size; at += about.st_size / 9) {
        Str bytes;
        stop_half_way(&s);
        CHECK_OK(file_read(&s.mem, s.path, 64 << 20, &bytes, &err), &err);
        char *damaged = str_copy_n(&s.mem, bytes.at, bytes.len);
        damaged[(size_t)at < bytes.len ? (size_t)at : bytes.len - 1] ^= 0x40;
        CHECK_OK(file_write(s.path, (Str){ damaged, bytes.len }, &err), &err);
        goes_on_right(&s);
    }
    setting_done(&s);
}

TEST(a_file_of_another_run_or_of_something_else_is_refused_and_left_alone)
{
    Setting       s, other;
    LinkPairs    *pairs = NULL;
    LinkRunCounts counts;
    Err           err = { 0 };
    Str           before, after;
    setting_begin(&s, 8);
    setting_begin(&other, 12);
    stop_half_way(&s);
    CHECK_OK(file_read(&s.mem, s.path, 64 << 20, &before, &err), &err);
    CHECK_FAILS(run(&other, NULL, s.path, &pairs, &counts, &err), &err, ERR_CONFLICT);
    CHECK_OK(file_read(&s.mem, s.path, 64 << 20, &after, &err), &err);
    CHECK(str_eq(before, after));
    CHECK_OK(file_write(s.path, STR("a letter to the editor, of some length"), &err), &err);
    CHECK_FAILS(run(&s, NULL, s.path, &pairs, &counts, &err), &err, ERR_INVALID);
    setting_done(&other);
    setting_done(&s);
}

TEST_MAIN(a_run_that_was_stopped_goes_on_where_it_was_and_ends_the_same,
          a_part_that_was_torn_or_damaged_is_done_again,
          a_file_of_another_run_or_of_something_else_is_refused_and_left_alone)
