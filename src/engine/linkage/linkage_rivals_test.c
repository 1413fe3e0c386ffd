#include "engine/linkage/linkage_rivals.h"
#include <math.h>
#include "base/rng.h"
#include "base/test.h"

static void check_near(float got, double want)
{
    if (fabs((double)got - want) > 0.02) {
        print_error("%.4f, not %.4f\n", (double)got, want);
        fail();
    }
}

TEST(a_pair_without_rivals_keeps_its_weight)
{
    Arena     mem = { 0 };
    LinkPair  pairs[] = { { 0, 3, 12 }, { 1, 4, -7 }, { 2, 5, 45 } };
    LinkPair *out = link_rivals_weigh(&mem, pairs, 3, 6);
    for (size_t i = 0; i < 3; i++) {
        CHECK_INT(out[i].b, pairs[i].b);
        check_near(out[i].weight_bits, (double)pairs[i].weight_bits);
    }
    arena_done(&mem);
}

TEST(a_better_partner_shuts_out_a_worse_one)
{
    Arena     mem = { 0 };
    LinkPair  pairs[] = { { 0, 2, 30 }, { 0, 3, 18 }, { 1, 3, -8 } };
    LinkPair *out = link_rivals_weigh(&mem, pairs, 3, 4);
    check_near(out[0].weight_bits, 30 - 18);
    check_near(out[1].weight_bits, 18 - 30);
    CHECK((double)out[2].weight_bits <= -8);
    arena_done(&mem);
}

TEST(of_equal_rivals_none_stands)
{
    Arena     mem = { 0 };
    LinkPair  two[] = { { 0, 1, 40 }, { 0, 2, 40 } };
    LinkPair  ring[] = { { 0, 2, 40 }, { 0, 3, 40 }, { 1, 2, 40 }, { 1, 3, 40 } };
    LinkPair *out = link_rivals_weigh(&mem, two, 2, 3);
    check_near(out[0].weight_bits, 0);
    check_near(out[1].weight_bits, 0);
    out = link_rivals_weigh(&mem, ring, 4, 4);
    for (size_t i = 0; i < 4; i++)
        check_near(out[i].weight_bits, 0);
    arena_done(&mem);
}

TEST(the_middle_of_a_chain_gives_way_to_both_ends)
{
    Arena     mem = { 0 };
    LinkPair  pairs[] = { { 0, 2, 20 }, { 0, 3, 22 }, { 1, 3, 19 } };
    LinkPair *out = link_rivals_weigh(&mem, pairs, 3, 4);
    CHECK((double)out[0].weight_bits > 10);
    CHECK((double)out[1].weight_bits < -10);
    CHECK((double)out[2].weight_bits > 10);
    arena_done(&mem);
}

/* ---- every matching of a small forest, added up */

enum { TREE_ROWS = 9 };

static double odds_by_hand(const LinkPair *pairs, size_t count, size_t of)
{
    double with = 0, without = 0;
    for (uint32_t set = 0; set < 1u << count; set++) {
        uint32_t taken = 0;
        double   bits = 0;
        bool     matching = true;
        for (size_t i = 0; i < count; i++) {
            uint32_t ends = 1u << pairs[i].a | 1u << pairs[i].b;
            if (!(set >> i & 1))
                continue;
            matching &= !(taken & ends);
            taken |= ends;
            bits += (double)pairs[i].weight_bits;
        }
        if (matching)
            *(set >> of & 1 ? &with : &without) += exp2(bits);
    }
    return log2(with / without);
}

static size_t random_tree(Rng *rng, LinkPair *pairs)
{
    size_t count = 0;
    for (uint32_t row = 1; row < TREE_ROWS; row++)
        pairs[count++] = (LinkPair){ (uint32_t)rng_below(rng, row), row, (float)rng_unit(rng) * 24 - 3 };
    return count;
}

TEST(weights_are_those_of_all_matchings)
{
    for (uint64_t seed = 1; seed <= 60; seed++) {
        Arena     mem = { 0 };
        Rng       rng = rng_seed(seed);
        LinkPair  pairs[TREE_ROWS];
        size_t    count = random_tree(&rng, pairs);
        LinkPair *out = link_rivals_weigh(&mem, pairs, count, TREE_ROWS);
        for (size_t i = 0; i < count; i++)
            check_near(out[i].weight_bits, odds_by_hand(pairs, count, i));
        arena_done(&mem);
    }
}

TEST(the_order_of_pairs_changes_nothing)
{
    enum { MANY = 400, ROWS = 120 };
    Arena    mem = { 0 };
    Rng      rng = rng_seed(7);
    LinkPair pairs[MANY], turned[MANY];
    for (size_t i = 0; i < MANY; i++) {
        uint32_t a = (uint32_t)rng_below(&rng, ROWS / 2), b = ROWS / 2 + (uint32_t)rng_below(&rng, ROWS / 2);
        pairs[i] = turned[MANY - 1 - i] = (LinkPair){ a, b, (float)rng_unit(&rng) * 50 - 10 };
    }
    LinkPair *out = link_rivals_weigh(&mem, pairs, MANY, ROWS);
    LinkPair *back = link_rivals_weigh(&mem, turned, MANY, ROWS);
    for (size_t i = 0; i < MANY; i++) {
        check_near(out[i].weight_bits, (double)back[MANY - 1 - i].weight_bits);
        CHECK(out[i].weight_bits <= pairs[i].weight_bits);
    }
    arena_done(&mem);
}

TEST_MAIN(a_pair_without_rivals_keeps_its_weight, a_better_partner_shuts_out_a_worse_one,
          of_equal_rivals_none_stands, the_middle_of_a_chain_gives_way_to_both_ends,
          weights_are_those_of_all_matchings, the_order_of_pairs_changes_nothing)
