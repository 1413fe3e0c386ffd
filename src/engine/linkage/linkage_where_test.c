#include "engine/linkage/linkage_where.h"
#include <math.h>
#include "base/rng.h"
#include "base/test.h"

static double radians(double degrees)
{
    return degrees * (M_PI / 180);
}

/* As it is written down everywhere, in full precision. */
static double haversine_km(double a, double b, double c, double d)
{
    double h = pow(sin(radians(c - a) / 2), 2) +
               cos(radians(a)) * cos(radians(c)) * pow(sin(radians(d - b) / 2), 2);
    return 2 * 6371.0088 * asin(sqrt(h));
}

TEST(distances_are_the_haversine_ones_to_half_a_kilometre)
{
    Rng rng = rng_seed(5);
    for (int i = 0; i < 20000; i++) {
        double a = rng_unit(&rng) * 180 - 90, b = rng_unit(&rng) * 360 - 180,
               c = i % 2 ? rng_unit(&rng) * 180 - 90 : a + rng_unit(&rng) * .3,
               d = i % 2 ? rng_unit(&rng) * 360 - 180 : b + rng_unit(&rng) * .3;
        double km = haversine_km(a, b, c, d), far = radians(180) * 6371.0088;
        if (km < far * .9)       /* from there on a line's last digit is worth many kilometres */
            CHECK(fabs(link_where_km(link_where(a, b), link_where(c, d)) - km) < (i % 2 ? 1.5 : 0.5));
    }
}

TEST(within_says_what_the_distance_says)
{
    Rng rng = rng_seed(6);
    for (int i = 0; i < 20000; i++) {
        LinkWhere x = link_where(50 + 8 * rng_unit(&rng), -6 + 7 * rng_unit(&rng)),
                  y = link_where(50 + 8 * rng_unit(&rng), -6 + 7 * rng_unit(&rng));
        double km = 5 + 400 * rng_unit(&rng);
        CHECK(link_where_within(x, y, km) == (link_where_km(x, y) <= km));
        CHECK(link_where_within(x, y, km) == link_where_within(y, x, km));
    }
}

TEST(what_is_not_known_is_nowhere)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    LinkWhere leeds = link_where(53.8, -1.55), york = link_where(53.96, -1.08), nowhere = { 0 };
    CHECK(!link_where_known(nowhere) && link_where_known(leeds) && link_where_known(link_where(0, 0)));
    CHECK_TEXT(link_where_apart(&mem, leeds, york), "about 36 km apart");
    CHECK(!link_where_apart(&mem, leeds, nowhere) && !link_where_apart(&mem, leeds, leeds));
}

TEST_MAIN(distances_are_the_haversine_ones_to_half_a_kilometre, within_says_what_the_distance_says,
          what_is_not_known_is_nowhere)
