#include "engine/linkage/linkage_run.h"
#include <math.h>
#include "base/test.h"
#include "engine/linkage/linkage_index.h"
#include "engine/linkage/linkage_testing.h"

typedef struct Linked {
    LinkPlan      plan;
    LinkModel     prior, model;
    LinkPairs    *pairs;
    LinkRunCounts counts;
} Linked;

static void link_all(const LinkColumns *c, LinkRunOptions options, bool every_pair, Linked *l)
{
    Err        err = { 0 };
    LinkLimits limits = link_limits_default(link_columns_rows(c));
    *l = (Linked){ 0 };
    limits.threads = options.threads;
    limits.pairs_per_row = 100;
    if (!every_pair)
        limits.all_pairs = 0;
    CHECK_OK(link_model_default(c, &l->prior, &err), &err);
    l->plan = link_plan_make(c, &l->prior, false, limits, 1);
    CHECK_OK(link_model_train(c, &l->plan, &l->prior, &options, &l->model, &err), &err);
    CHECK_OK(link_pairs(c, &l->model, &l->plan, &options, &l->pairs, &l->counts, &err), &err);
}

static void linked_done(Linked *l)
{
    link_pairs_done(l->pairs);
    link_plan_done(&l->plan);
    link_model_done(&l->model);
    link_model_done(&l->prior);
}

static const LinkRunOptions usual = { .threads = 1, .seed = 1, .keep_bits = -4 };

TEST(training_recovers_how_the_records_were_spoilt)
{
    Arena      mem = { 0 };
    MadePeople made = made_people(&mem, 3000, 11, 11, false);
    Linked     l;
    double     exact = 0, both = 0;
    link_all(made.columns, usual, false, &l);
    for (uint32_t a = 0; a < made.rows; a++)
        for (uint32_t b = a + 1; b < made.rows; b++) {
            const uint32_t *x = link_columns_row(made.columns, a), *y = link_columns_row(made.columns, b);
            if (made.person[a] == made.person[b] && x[MADE_BORN] && y[MADE_BORN]) {
                both++;
                exact += x[MADE_BORN] == y[MADE_BORN];
            }
        }
    const LinkLevelFit *born =
        &l.model.comparisons[MADE_BORN].levels[link_kind_specs[LINK_DATE].level_count - 1];
    CHECK(fabs(born->m - exact / both) < 0.03);
    CHECK(born->u < 0.002);
    double pairs = (double)made.rows * (double)made.rows / 2, truth = 0;
    for (uint32_t a = 0; a < made.rows; a++)
        for (uint32_t b = a + 1; b < made.rows; b++)
            truth += made.person[a] == made.person[b];
    CHECK(fabs(l.model.match_share * pairs / truth - 1) < 0.15);
    linked_done(&l);
    arena_done(&mem);
}

TEST(linked_pairs_are_nearly_all_right_and_nearly_all_there)
{
    Arena      mem = { 0 };
    MadePeople made = made_people(&mem, 1200, 5, 5, false);
    Linked     l;
    size_t     n, right = 0, found = 0, truth = 0;
    link_all(made.columns, usual, true, &l);
    const LinkPair *p = link_pairs_all(l.pairs, &n);
    for (size_t i = 0; i < n; i++) {
        found += p[i].weight_bits >= 2;
        right += p[i].weight_bits >= 2 && made.person[p[i].a] == made.person[p[i].b];
    }
    for (uint32_t a = 0; a < made.rows; a++)
        for (uint32_t b = a + 1; b < made.rows; b++)
            truth += made.person[a] == made.person[b];
    CHECK(right * 100 >= found * 98);
    CHECK(right * 100 >= truth * 97);
    linked_done(&l);
    arena_done(&mem);
}

TEST(the_same_seed_gives_the_same_model_on_any_number_of_threads)
{
    Arena          mem = { 0 };
    MadePeople     made = made_people(&mem, 1500, 7, 7, false);
    LinkRunOptions three = usual;
    Linked         a, b;
    size_t         n, m;
    three.threads = 3;
    link_all(made.columns, usual, false, &a);
    link_all(made.columns, three, false, &b);
    CHECK(memcmp(a.model.comparisons, b.model.comparisons, sizeof a.model.comparisons) == 0);
    CHECK(memcmp(&a.model.match_share, &b.model.match_share, sizeof(double)) == 0);
    CHECK_INT(a.counts.candidate_pairs, b.counts.candidate_pairs);
    const LinkPair *p = link_pairs_all(a.pairs, &n), *q = link_pairs_all(b.pairs, &m);
    CHECK_INT(n, m);
    CHECK(memcmp(p, q, n * sizeof *p) == 0);
    linked_done(&a);
    linked_done(&b);
    arena_done(&mem);
}

/* Weights sorted: rows have other numbers, so pairs cannot be compared one by one. */
static int by_weight(const void *x, const void *y)
{
    float a = *(const float *)x, b = *(const float *)y;
    return (a > b) - (a < b);
}

static float *weights_of(Arena *mem, const Linked *l, size_t *n)
{
    const LinkPair *p = link_pairs_all(l->pairs, n);
    float          *w = arena_new(mem, float, *n + 1);
    for (size_t i = 0; i < *n; i++)
        w[i] = p[i].weight_bits;
    qsort(w, *n, sizeof *w, by_weight);
    return w;
}

TEST(the_order_of_rows_changes_no_score)
{
    for (int every_pair = 0; every_pair < 2; every_pair++) {
        Arena      mem = { 0 };
        MadePeople one = made_people(&mem, 700, 9, 1, false), two = made_people(&mem, 700, 9, 2, false);
        Linked     a, b;
        size_t     n, m;
        link_all(one.columns, usual, every_pair, &a);
        link_all(two.columns, usual, every_pair, &b);
        float *x = weights_of(&mem, &a, &n), *y = weights_of(&mem, &b, &m);
        CHECK_INT(n, m);
        CHECK(memcmp(x, y, n * sizeof *x) == 0);
        linked_done(&a);
        linked_done(&b);
        arena_done(&mem);
    }
}

TEST(a_score_is_the_same_explained_and_turned_round)
{
    Arena      mem = { 0 };
    MadePeople made = made_people(&mem, 900, 4, 4, false);
    Linked     l;
    size_t     n;
    link_all(made.columns, usual, true, &l);
    const LinkPair *p = link_pairs_all(l.pairs, &n);
    CHECK(n > 300);
    for (size_t i = 0; i < n; i++) {
        LinkScore there, back;
        link_model_score(&l.model, made.columns, p[i].a, p[i].b, &there);
        link_model_score(&l.model, made.columns, p[i].b, p[i].a, &back);
        double sum = there.prior_bits + there.overlap_bits - there.withheld_bits;
        for (size_t f = 0; f < MADE_FIELDS; f++)
            sum += there.level_bits[f] + there.term_bits[f];
        CHECK((float)there.weight_bits == p[i].weight_bits);
        CHECK(there.weight_bits == back.weight_bits);
        CHECK(fabs(sum - there.weight_bits) < 1e-4);
    }
    linked_done(&l);
    arena_done(&mem);
}

TEST(spilling_to_disk_changes_nothing)
{
    Arena          mem = { 0 };
    MadePeople     made = made_people(&mem, 1000, 6, 6, false);
    LinkRunOptions small = usual;
    Err            err = { 0 };
    LinkPairs     *spilled = NULL;
    LinkRunCounts  counts;
    Linked         l;
    size_t         n, m;
    LinkRunOptions wide = usual;
    wide.keep_bits = small.keep_bits = -60;
    link_all(made.columns, wide, true, &l);
    small.memory_bytes = 1;
    small.threads = 2;
    CHECK_OK(link_pairs(made.columns, &l.model, &l.plan, &small, &spilled, &counts, &err), &err);
    CHECK(counts.spilled && !l.counts.spilled);
    const LinkPair *p = link_pairs_all(l.pairs, &n), *q = link_pairs_all(spilled, &m);
    CHECK_INT(n, m);
    CHECK(n > 2048);
    CHECK(memcmp(p, q, n * sizeof *p) == 0);
    link_pairs_done(spilled);
    linked_done(&l);
    arena_done(&mem);
}

static bool stop_at_once(void *ctx, uint64_t done, uint64_t all)
{
    (void)ctx;
    return done > all;      /* never */
}

TEST(a_run_can_be_stopped)
{
    Arena          mem = { 0 };
    MadePeople     made = made_people(&mem, 700, 6, 6, false);
    LinkRunOptions stopped = usual;
    Err            err = { 0 };
    LinkPairs     *pairs = NULL;
    LinkRunCounts  counts;
    Linked         l;
    link_all(made.columns, usual, true, &l);
    stopped.progress = stop_at_once;
    CHECK_FAILS(link_pairs(made.columns, &l.model, &l.plan, &stopped, &pairs, &counts, &err), &err,
                ERR_CONFLICT);
    linked_done(&l);
    arena_done(&mem);
}

/* Rows linked one by one as they come, against all rows linked at once. */
TEST(the_index_gives_what_a_full_run_gives)
{
    Arena         mem = { 0 };
    MadePeople    made = made_people(&mem, 1200, 8, 8, false);
    LinkPairs    *full = NULL;
    LinkRunCounts counts;
    Err           err = { 0 };
    Linked        l;
    size_t        n, given = 0;
    Rng           rng = rng_seed(3);
    link_all(made.columns, usual, false, &l);
    LinkIndex *index = link_index_new(&mem, made.columns, &l.model, &l.plan);
    size_t     before = made.rows;
    for (uint32_t i = 0; i < 200; i++) { /* strangers with values never seen, and known people once more */
        MadeRow row = made_person(&rng, i);
        for (size_t f = 0; f < MADE_FIELDS && i % 2; f++)
            snprintf(row.text[f], sizeof row.text[f], STR_FMT,
                     STR_ARG(link_columns_text(made.columns, f, i * 3)));
        made_spoil(&rng, &row);
        made_add(made.columns, &row, 0);
    }
    LinkPair *live = arena_new(&mem, LinkPair, 100000);
    for (size_t row = before; row < link_columns_rows(made.columns); row++) {
        LinkPair *found;
        size_t    count;
        link_index_find(index, (uint32_t)row, usual.keep_bits, &mem, &found, &count);
        if (count)
            memcpy(live + given, found, count * sizeof *found);
        given += count;
        link_index_add(index, (uint32_t)row);
    }
    link_plan_count(&l.plan, made.columns, l.plan.limits);
    CHECK_OK(link_pairs(made.columns, &l.model, &l.plan, &usual, &full, &counts, &err), &err);
    const LinkPair *p = link_pairs_all(full, &n);
    size_t          wanted = 0;
    for (size_t i = 0; i < n; i++) {
        bool there = p[i].b < before;
        wanted += p[i].b >= before;
        for (size_t k = 0; k < given && !there; k++)
            there = live[k].a == p[i].a && live[k].b == p[i].b && live[k].weight_bits == p[i].weight_bits;
        CHECK(there);
    }
    CHECK_INT(given, wanted);
    CHECK(given > 0);
    link_pairs_done(full);
    link_index_done(index);
    linked_done(&l);
    arena_done(&mem);
}

TEST(a_model_reads_back_as_it_was_written)
{
    Arena                 mem = { 0 };
    Err                   err = { 0 };
    MadePeople            made = made_people(&mem, 700, 2, 2, false);
    CLEANUP(json_done) Json *j = NULL, *k = NULL;
    Linked                l;
    LinkModel             read;
    link_all(made.columns, usual, true, &l);
    j = link_model_json(&l.model);
    CHECK_OK(link_model_read(str_of(json_pretty(&mem, j)), &read, &err), &err);
    link_model_fit(&read, made.columns);
    for (size_t f = 0; f < MADE_FIELDS; f++)
        for (size_t i = 1; i < LINK_LEVELS_MAX; i++)
            CHECK(fabs(read.comparisons[f].levels[i].weight_bits -
                       l.model.comparisons[f].levels[i].weight_bits) < 1e-9);
    CHECK_INT(read.dependence_count, l.model.dependence_count);
    link_model_done(&read);
    CHECK_FAILS(link_model_read(STR("{\"version\":1,\"match_share\":2}"), &read, &err), &err, ERR_INVALID);
    link_model_done(&read);
    linked_done(&l);
    arena_done(&mem);
}

/* Counting a plan anew forgets what planning drew: training then draws the same rows itself. */
TEST(training_learns_the_same_from_what_planning_drew)
{
    Arena      mem = { 0 };
    MadePeople made = made_people(&mem, 6000, 12, 12, false);
    Err        err = { 0 };
    LinkModel  again;
    Linked     l;
    link_all(made.columns, usual, false, &l);
    link_plan_count(&l.plan, made.columns, l.plan.limits);
    CHECK_OK(link_model_train(made.columns, &l.plan, &l.prior, &usual, &again, &err), &err);
    CHECK(memcmp(l.model.comparisons, again.comparisons, sizeof again.comparisons) == 0);
    link_model_done(&again);
    linked_done(&l);
    arena_done(&mem);
}

TEST_MAIN(training_learns_the_same_from_what_planning_drew, training_recovers_how_the_records_were_spoilt,
          linked_pairs_are_nearly_all_right_and_nearly_all_there,
          the_same_seed_gives_the_same_model_on_any_number_of_threads, the_order_of_rows_changes_no_score,
          a_score_is_the_same_explained_and_turned_round, spilling_to_disk_changes_nothing,
          a_run_can_be_stopped, the_index_gives_what_a_full_run_gives, a_model_reads_back_as_it_was_written)
