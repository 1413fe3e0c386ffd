#include "engine/linkage/linkage_blocking.h"
#include "base/test.h"
#include "engine/linkage/linkage_sweep.h"
#include "engine/linkage/linkage_testing.h"

/* A keeper that remembers every pair it is given. */
struct LinkKeeper { Arena mem; LinkPair *pairs; size_t count, cap; };

static bool remember(LinkKeeper *k, LinkPair pair, Err *err)
{
    (void)err;
    LinkPair *at = arena_push(&k->mem, k->pairs, k->count, k->cap);
    *at = pair;
    return true;
}

static int by_pair(const void *x, const void *y)
{
    const LinkPair *a = x, *b = y;
    return a->a != b->a ? (a->a > b->a) - (a->a < b->a) : (a->b > b->b) - (a->b < b->b);
}

static void sweep_all(const LinkColumns *c, const LinkPlan *plan, LinkKeeper *keeper, LinkSwept *swept,
                      Arena *mem)
{
    Err         err = { 0 };
    LinkModel   model = { 0 };
    CHECK_OK(link_model_default(c, &model, &err), &err);
    LinkTerms   terms = link_terms_make(&model, c, mem);
    LinkKeeper *keepers[1] = { keeper };
    LinkSweep   s = { .c = c, .plan = plan, .rule_to = plan->rule_count, .model = &model, .terms = &terms,
                      .keep_bits = -1e9, .keep = remember, .keepers = keepers, .threads = 1 };
    CHECK_OK(link_sweep(&s, mem, swept, &err), &err);
    qsort(keeper->pairs, keeper->count, sizeof *keeper->pairs, by_pair);
    link_model_done(&model);
}

static const uint8_t some_lenses[MADE_FIELDS][3] = {
    { LENS_EXACT, LENS_SOUND, LENS_START },  { LENS_EXACT, LENS_SOUND, LENS_START },
    { LENS_EXACT, LENS_PART0, LENS_MONTH_DAY }, { LENS_EXACT, LENS_PART0, LENS_PART2 },
    { LENS_EXACT, LENS_START, LENS_SOUND },  { LENS_EXACT, LENS_PART0, LENS_START },
};

static LinkPlan random_plan(Rng *rng, bool across)
{
    LinkPlan plan = { .across_only = across, .rule_count = 1 + rng_below(rng, 6) };
    for (size_t r = 0; r < plan.rule_count; r++) {
        LinkRule *rule = &plan.rules[r];
        rule->key_count = 1 + rng_below(rng, 3);
        for (size_t k = 0; k < rule->key_count; k++) {
            size_t f = (size_t)rng_below(rng, MADE_FIELDS);
            rule->keys[k] = (LinkKey){ (uint8_t)f, some_lenses[f][rng_below(rng, 3)] };
        }
    }
    return plan;
}

TEST(no_pair_is_given_twice_and_none_is_left_out)
{
    for (uint64_t seed = 1; seed <= 12; seed++) {
        Arena      mem = { 0 };
        Rng        rng = rng_seed(seed);
        MadePeople made = made_people(&mem, 300, seed, seed, true);
        LinkPlan   plan = random_plan(&rng, seed % 3 == 0);
        LinkKeeper keeper = { 0 };
        LinkSwept  swept;
        size_t     at = 0;
        link_plan_count(&plan, made.columns, (LinkLimits){ .block_rows = seed % 2 ? 0 : 20 });
        sweep_all(made.columns, &plan, &keeper, &swept, &mem);
        for (uint32_t a = 0; a < made.rows; a++)
            for (uint32_t b = a + 1; b < made.rows; b++) {
                bool wanted = false;
                for (size_t r = 0; r < plan.rule_count; r++)
                    wanted |= link_rule_holds(&plan, r, made.columns, a, b);
                bool given = at < keeper.count && keeper.pairs[at].a == a && keeper.pairs[at].b == b;
                if (given != wanted)
                    print_error("seed %llu: rows %u and %u\n", (unsigned long long)seed, a, b);
                CHECK_INT(given, wanted);
                at += given;
            }
        CHECK_INT(at, keeper.count);
        arena_done(&keeper.mem);
        link_plan_done(&plan);
        arena_done(&mem);
    }
}

TEST(predictions_are_exact)
{
    for (uint64_t seed = 1; seed <= 6; seed++) {
        Arena      mem = { 0 };
        Rng        rng = rng_seed(seed);
        MadePeople made = made_people(&mem, 400, seed, seed, true);
        LinkPlan   plan = random_plan(&rng, seed % 2);
        link_plan_count(&plan, made.columns, (LinkLimits){ 0 });
        for (size_t r = 0; r < plan.rule_count; r++) {
            uint64_t pairs = 0;
            for (uint32_t a = 0; a < made.rows; a++)
                for (uint32_t b = a + 1; b < made.rows; b++)
                    pairs += link_rule_holds(&plan, r, made.columns, a, b);
            CHECK_INT(plan.rules[r].pairs, pairs);
        }
        link_plan_done(&plan);
        arena_done(&mem);
    }
}

TEST(a_rule_that_explodes_is_refused_with_its_value)
{
    Arena        mem = { 0 };
    LinkField fields[] = { { "family", LINK_FAMILY }, { "city", LINK_PLACE } };
    LinkColumns *c = link_columns_new(&mem, fields, 2, NULL, NULL);
    for (int i = 0; i < 500; i++) {
        char family[24];
        snprintf(family, sizeof family, "family%d", i);
        uint32_t codes[LINK_FIELDS_MAX] = { link_columns_code(c, 0, i < 200 ? STR("jones") : str_of(family)),
                                            0 };
        link_columns_add(c, codes, 0);
    }
    LinkPlan plan = { .rule_count = 1, .rules = { { .keys = { { 0, LENS_EXACT } }, .key_count = 1 } } };
    link_plan_count(&plan, c, (LinkLimits){ .rule_pairs = 1000 });
    CHECK(plan.rules[0].refused);
    CHECK_TEXT(plan.rules[0].refused_value, "jones");
    CHECK_INT(plan.rules[0].refused_pairs, 200 * 199 / 2);
    CHECK(!link_rule_holds(&plan, 0, c, 0, 1));
    link_plan_done(&plan);
    arena_done(&mem);
}

TEST(a_skewed_block_is_split_by_a_further_key)
{
    Arena        mem = { 0 };
    LinkField fields[] = { { "family", LINK_FAMILY }, { "birth_date", LINK_DATE } };
    LinkColumns *c = link_columns_new(&mem, fields, 2, NULL, NULL);
    for (int i = 0; i < 200; i++) {
        char born[16];
        snprintf(born, sizeof born, "19%02d0304", i % 20);
        uint32_t codes[LINK_FIELDS_MAX] = { link_columns_code(c, 0, STR("jones")),
                                            link_columns_code(c, 1, str_of(born)) };
        link_columns_add(c, codes, 0);
    }
    LinkPlan plan = { .rule_count = 1, .rules = { { .keys = { { 0, LENS_EXACT } }, .key_count = 1 } } };
    link_plan_count(&plan, c, (LinkLimits){ .block_rows = 50, .rule_pairs = 1000 });
    CHECK(!plan.rules[0].refused);
    CHECK_INT(plan.rules[0].blocks_split, 1);
    CHECK_INT(plan.rules[0].pairs, 20 * (10 * 9 / 2));
    CHECK(link_rule_holds(&plan, 0, c, 0, 20));
    CHECK(!link_rule_holds(&plan, 0, c, 0, 1));
    link_plan_done(&plan);
    arena_done(&mem);
}

TEST(a_plan_made_for_the_fields_finds_most_true_pairs)
{
    Arena      mem = { 0 };
    MadePeople made = made_people(&mem, 6000, 3, 3, false);
    LinkLimits limits = link_limits_default(made.rows);
    limits.all_pairs = 0;
    limits.pairs_per_row = 100;
    LinkPlan plan = link_plan_make(made.columns, NULL, false, limits, 1);
    LinkPlan again = link_plan_make(made.columns, NULL, false, limits, 1);
    size_t   all = 0, found = 0;
    for (uint32_t a = 0; a < made.rows; a++)
        for (uint32_t b = a + 1; b < made.rows; b++) {
            bool holds = false;
            if (made.person[a] != made.person[b])
                continue;
            for (size_t r = 0; r < plan.rule_count; r++)
                holds |= link_rule_holds(&plan, r, made.columns, a, b);
            all++;
            found += holds;
        }
    CHECK(found * 100 >= all * 98);
    CHECK_INT(plan.rule_count, again.rule_count);
    CHECK(memcmp(plan.rules, again.rules, sizeof plan.rules) == 0);
    link_plan_done(&plan);
    link_plan_done(&again);
    arena_done(&mem);
}

/* Streets of one word: a lens on the second word sees nothing, and a rule on it would find nothing. */
TEST(a_rule_that_sees_nothing_is_not_planned)
{
    Arena        mem = { 0 };
    LinkField fields[] = { { "family", LINK_FAMILY },
                           { "birth_date", LINK_DATE },
                           { "address", LINK_ADDRESS } };
    LinkColumns *c = link_columns_new(&mem, fields, 3, NULL, NULL);
    Rng          rng = rng_seed(6);
    LinkLimits   limits = link_limits_default(6000);
    limits.all_pairs = 0;
    for (uint32_t i = 0; i < 6000; i++) {
        MadeRow  row = made_person(&rng, i / 2);
        uint32_t codes[LINK_FIELDS_MAX] = { 0 };
        char     street[48];
        made_word(1000 + i / 2, street, sizeof street);
        codes[0] = link_columns_code(c, 0, str_of(row.text[MADE_FAMILY]));
        codes[1] = link_columns_code(c, 1, str_of(row.text[MADE_BORN]));
        codes[2] = link_columns_code(c, 2, str_of(street));
        link_columns_add(c, codes, 0);
    }
    link_columns_count(c);
    LinkPlan plan = link_plan_make(c, NULL, false, limits, 1);
    CHECK(plan.rule_count > 0);
    for (size_t r = 0; r < plan.rule_count; r++)
        CHECK(plan.rules[r].pairs > 0);
    link_plan_done(&plan);
    arena_done(&mem);
}

TEST_MAIN(no_pair_is_given_twice_and_none_is_left_out, predictions_are_exact,
          a_rule_that_explodes_is_refused_with_its_value, a_skewed_block_is_split_by_a_further_key,
          a_plan_made_for_the_fields_finds_most_true_pairs,
          a_rule_that_sees_nothing_is_not_planned)
