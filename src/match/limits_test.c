/* limits_test.c: the limits of matching follow the day, and a bad table is refused. */
#include "match/limits.h"
#include "base/test.h"
#include "engine/picture/pdq.h"

#define HEAD "from,flood_referrals,near_distance,near_quality,source\n"

TEST(the_row_in_force_on_the_day_holds)
{
    static const struct { const char *day; int64_t want; } cases[] = {
        { "2010-01-01", 50 },                /* before the first: the first */
        { "2014-01-01", 50 },  { "2026-02-28", 50 },  { "2026-03-01", 80 },  { "2027-12-31", 80 },
        { "2028-01-01", 20 },
    };
    static const char table[] = HEAD "2014-01-01,50,31,50,a\n2028-01-01,20,31,50,c\n2026-03-01,80,30,50,b\n";
    FOR_EACH (c, cases) {
        CLEANUP(arena_done) Arena mem = {0};
        Err err = {0};
        Date day;
        KnownLimits limits;
        CHECK(date_parse(str_of(c->day), &day));
        CHECK_OK(known_limits_read(&mem, str_of(table), day, &limits, &err), &err);
        CHECK_INT(limits.flood_referrals, c->want);
    }
}

TEST(a_table_that_cannot_be_read_is_refused)
{
    static const char *const tables[] = {
        "", HEAD, HEAD "2014-01-01,0,31,50,a\n", HEAD "2014-01-01,many,31,50,a\n",
        HEAD "one day,50,31,50,a\n",
        HEAD "2014-01-01,50,64,50,a\n", HEAD "2014-01-01,50,31,101,a\n", HEAD "2014-01-01,50,31,50\n",
        HEAD "2014-01-01,50,31,50,\n",
    };
    FOR_EACH (t, tables) {
        CLEANUP(arena_done) Arena mem = {0};
        Err err = {0};
        KnownLimits limits;
        CHECK_FAILS(known_limits_read(&mem, str_of(*t), 0, &limits, &err), &err, ERR_INVALID);
    }
}

TEST(the_table_built_in_is_good)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    KnownLimits limits;
    CHECK_OK(known_limits_on(&mem, date_of(2026, 5, 14), &limits, &err), &err);
    CHECK(limits.flood_referrals >= 2);
    CHECK_INT(limits.near_distance, PDQ_DISTANCE);           /* as published with the algorithm */
    CHECK_INT(limits.near_quality, PDQ_QUALITY_MIN);
}

TEST_MAIN(the_row_in_force_on_the_day_holds, a_table_that_cannot_be_read_is_refused,
          the_table_built_in_is_good)
