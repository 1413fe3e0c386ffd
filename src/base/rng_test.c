#include "base/rng.h"
#include "base/test.h"

/* The first outputs for a state of 1, 2, 3, 4, from the authors' own code. */
TEST(it_is_the_published_generator)
{
    static const uint64_t want[] = { 11520, 0, 1509978240, 1215971899390074240u };
    Rng r = { { 1, 2, 3, 4 } };
    FOR_EACH(w, want)
        CHECK(rng_next(&r) == *w);
}

TEST(one_seed_always_gives_one_sequence)
{
    Rng a = rng_seed(5), b = rng_seed(5), c = rng_seed(6);
    bool differs = false;
    for (int i = 0; i < 100; i++) {
        uint64_t n = rng_next(&a);
        CHECK(n == rng_next(&b));
        differs |= n != rng_next(&c);
    }
    CHECK(differs);
}

TEST(draws_are_in_range_and_even)
{
    Rng r = rng_seed(9);
    int seen[7] = {0};
    double sum = 0;
    for (int i = 0; i < 70000; i++) {
        uint64_t n = rng_below(&r, 7);
        CHECK(n < 7);
        seen[n]++;
        double u = rng_unit(&r);
        CHECK(u >= 0 && u < 1);
        sum += u;
    }
    FOR_EACH(s, seen)
        CHECK(*s > 9500 && *s < 10500);
    CHECK(sum > 34500 && sum < 35500);
    CHECK(rng_below(&r, 1) == 0);
}

TEST_MAIN(it_is_the_published_generator, one_seed_always_gives_one_sequence, draws_are_in_range_and_even)
