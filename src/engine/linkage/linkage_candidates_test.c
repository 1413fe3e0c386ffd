#include "engine/linkage/linkage_candidates.h"
#include <string.h>
#include "base/test.h"
#include "engine/linkage/linkage_testing.h"

typedef struct Dealt {
    LinkCandidate *pairs;
    size_t         count, cap, deals;
    uint64_t       given, rule_pairs[LINK_RULES_MAX];
} Dealt;

static LinkPlan three_rules(const LinkColumns *c, bool across)
{
    LinkPlan plan = { .across_only = across, .rule_count = 3 };
    plan.rules[0] = (LinkRule){ .keys = { { MADE_FAMILY, LENS_START } }, .key_count = 1 };
    plan.rules[1] = (LinkRule){ .keys = { { MADE_GIVEN, LENS_SOUND } }, .key_count = 1 };
    plan.rules[2] =
        (LinkRule){ .keys = { { MADE_BORN, LENS_PART0 }, { MADE_CITY, LENS_START } }, .key_count = 2 };
    link_plan_count(&plan, c, (LinkLimits){ .threads = 1 });
    return plan;
}

static Dealt deal_all(Arena *mem, const MadePeople *made, const LinkPlan *plan, uint64_t at_once,
                      unsigned threads)
{
    Dealt           d = { 0 };
    LinkCandidates *x = link_candidates_new(made->columns, plan, 0, plan->rule_count, at_once, threads);
    void           *spare = arena_alloc(mem, 1, link_candidates_room(x) + 1, 8);
    for (size_t n; (n = link_candidates_deal(x)); d.deals++)
        for (size_t bucket = 0; bucket < n; bucket++) {
            LinkBucket b = link_candidates_take(x, bucket, spare, d.rule_pairs);
            d.given += b.given;
            for (size_t i = 0; i < b.count; i++)
                *arena_push(mem, d.pairs, d.count, d.cap) = b.pairs[i];
        }
    CHECK_INT(d.given, link_candidates_all(x));
    link_candidates_done(x);
    return d;
}

/* The rule that holds a pair first, or SIZE_MAX. */
static size_t first_rule(const LinkPlan *plan, const LinkColumns *c, uint32_t a, uint32_t b)
{
    for (size_t rule = 0; rule < plan->rule_count; rule++)
        if (link_rule_holds(plan, rule, c, a, b))
            return rule;
    return SIZE_MAX;
}

static void check_against_all_pairs(const MadePeople *made, const LinkPlan *plan, const Dealt *d)
{
    uint64_t firsts[LINK_RULES_MAX] = { 0 };
    size_t   at = 0;
    for (uint32_t a = 0; a < made->rows; a++)
        for (uint32_t b = a + 1; b < made->rows; b++) {
            size_t rule = first_rule(plan, made->columns, a, b);
            if (rule == SIZE_MAX)
                continue;
            firsts[rule]++;
            CHECK(at < d->count && d->pairs[at].a == a && d->pairs[at].b == b);
            at++;
        }
    CHECK_INT(at, d->count);
    CHECK(memcmp(firsts, d->rule_pairs, sizeof firsts) == 0);
}

TEST(every_pair_comes_once_in_the_order_of_its_rows_under_its_first_rule)
{
    for (int across = 0; across < 2; across++) {
        Arena      mem = { 0 };
        MadePeople made = made_people(&mem, 700, 3, 4, across);
        LinkPlan   plan = three_rules(made.columns, across);
        Dealt      d = deal_all(&mem, &made, &plan, 0, 1);
        CHECK(d.count > 1000 && d.given > d.count);
        CHECK_INT(d.deals, 1);
        check_against_all_pairs(&made, &plan, &d);
        link_plan_done(&plan);
        arena_done(&mem);
    }
}

TEST(dealing_few_at_a_time_or_on_several_threads_gives_the_same_pairs)
{
    Arena      mem = { 0 };
    MadePeople made = made_people(&mem, 900, 5, 6, false);
    LinkPlan   plan = three_rules(made.columns, false);
    Dealt      whole = deal_all(&mem, &made, &plan, 0, 1);
    for (unsigned threads = 1; threads <= 3; threads += 2) {
        Dealt some = deal_all(&mem, &made, &plan, 2000, threads);
        CHECK(some.deals > 3);
        CHECK_INT(some.count, whole.count);
        CHECK(memcmp(some.pairs, whole.pairs, whole.count * sizeof *whole.pairs) == 0);
        CHECK(memcmp(some.rule_pairs, whole.rule_pairs, sizeof whole.rule_pairs) == 0);
    }
    link_plan_done(&plan);
    arena_done(&mem);
}

TEST(where_no_two_rows_share_a_block_there_is_nothing_to_deal)
{
    Arena      mem = { 0 };
    MadePeople made = made_people(&mem, 1, 5, 6, false);
    LinkPlan   plan = three_rules(made.columns, false);
    Dealt      d = deal_all(&mem, &made, &plan, 0, 1);
    CHECK_INT(d.count, 0);
    link_plan_done(&plan);
    arena_done(&mem);
}

TEST_MAIN(every_pair_comes_once_in_the_order_of_its_rows_under_its_first_rule,
          dealing_few_at_a_time_or_on_several_threads_gives_the_same_pairs,
          where_no_two_rows_share_a_block_there_is_nothing_to_deal)
