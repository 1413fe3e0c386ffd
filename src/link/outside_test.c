#include "link/outside.h"
#include "link/testing.h"
#include "link/weigh.h"

static const Kind *const tables[] = { FIELD_KINDS, pair_kinds, NULL };

#define LIST "list_ref,family_name,given_names,date_of_birth,address,town,postcode,email\n"
#define REGISTER "register_ref,family_name,given_names,date_of_birth,address,postcode,force\n"

typedef struct Bench { Ground g; LinkBase *base; } Bench;

static void bench_open(Bench *b)
{
    ground_open(&b->g, tables);
    b->base = link_base_new();
    ground_take(&b->g, "list.csv",
                LIST "L1,Ashdown,Robert,1984-05-12,12 High Street,Alnwick,NE69 7AW,\n"
                     "L2,Beckwith,John,1950-03-04,3 Church Lane,Otley,LS21 1AA,\n");
    ground_link(&b->g);
}

static void bench_done(Bench *b)
{
    link_base_done(b->base);
    ground_done(&b->g);
}

static size_t told(Bench *b, LinkOutside kind, const char *ref, OutsideHit **hits)
{
    Err err = { 0 };
    size_t count = 0;
    Viewer v = crew_viewer(&b->g.c, b->g.c.coordinator);
    CHECK_OK(outside_hits(b->g.c.db, &b->g.c.mem, b->base, &v, kind, ground_who(&b->g, ref),
                          date_of(2026, 6, 1), hits, &count, &err),
             &err);
    return count;
}

static size_t hits_of(Bench *b, const char *ref, OutsideHit **hits)
{
    return told(b, OUTSIDE_REGISTER, ref, hits);
}

TEST(an_entry_under_a_short_name_and_a_slip_brings_up_the_nominal)
{
    CLEANUP(bench_done) Bench b = { 0 };
    OutsideHit *hits = NULL;
    bench_open(&b);
    CHECK_INT(hits_of(&b, "L1", &hits), 0);
    ground_take(&b.g, "register.csv",
                REGISTER "R1,Ashdowne,Bob,1984-05-12,12 High St,NE69 7AW,northumbria\n"
                         "R2,Ackroyd,Peter,1961-01-09,4 Mill Lane,CM1 1AA,essex\n");
    CHECK_INT(hits_of(&b, "L1", &hits), 1);
    CHECK_TEXT(hits[0].ref, "R1");
    CHECK_TEXT(hits[0].given, "Bob");
    CHECK_TEXT(hits[0].weighed.outcome, "review");
    CHECK(hits[0].weighed.weight > 5000 && !str_blank(hits[0].model) &&
          strstr(hits[0].weighed.reason, "date of birth"));
    CHECK_INT(hits_of(&b, "L2", &hits), 0);
}

TEST(how_far_apart_two_postcodes_lie_is_told)
{
    CLEANUP(bench_done) Bench b = { 0 };
    OutsideHit *hits = NULL;
    bench_open(&b);
    ground_take(&b.g, "register.csv",
                REGISTER "R1,Beckwith,John,1950-03-04,9 Mill Lane,LS1 4AP,west-yorkshire\n");
    CHECK_INT(hits_of(&b, "L2", &hits), 1);
    CHECK_TEXT(hits[0].weighed.aspects[ASPECT_POSTCODE].says, "the same area, about 16 km apart");
    CHECK(!strstr(hits[0].weighed.aspects[ASPECT_FAMILY].says, "km"));
}

/* The very same person by every aspect: still only told, and no fact follows. */
TEST(an_entry_is_never_joined)
{
    CLEANUP(bench_done) Bench b = { 0 };
    OutsideHit *hits = NULL;
    Err err = { 0 };
    size_t done = 0;
    bench_open(&b);
    ground_take(&b.g, "register.csv",
                REGISTER "R1,Ashdown,Robert,1984-05-12,12 High St,NE69 7AW,northumbria\n");
    Hand system = { .operation = b.g.hand.operation, .at = b.g.hand.at };
    CHECK_OK(weigh_pending(b.g.c.ledger, b.g.c.db, b.base, &system, &done, &err), &err);
    CHECK_INT(hits_of(&b, "L1", &hits), 1);
    CHECK_TEXT(hits[0].weighed.outcome, "review");
    PairRow *pairs = NULL;
    size_t count = 0;
    CHECK_OK(pair_all(b.g.c.db, &b.g.c.mem, b.g.hand.operation, &pairs, &count, &err), &err);
    CHECK_INT(count, 0);
    LinkFound *found = NULL;
    Thresholds t;
    CHECK_OK(thresholds_on(&b.g.c.mem, date_of(2026, 6, 1), &t, &err), &err);
    CHECK_OK(link_base_begin(b.base, b.g.c.db, &t, &err), &err);
    link_base_find(b.base, ground_who(&b.g, "L1"), -100, &b.g.c.mem, &found, &count);
    for (size_t i = 0; i < count; i++)
        CHECK(found[i].record > 0);
    CHECK_INT(link_base_records(b.base), 2);
    link_base_end(b.base);
}

/* A household's other member on the register is not this nominal: the same address and family name are not
 * enough to ask. */
TEST(a_household_alone_brings_nobody_up)
{
    CLEANUP(bench_done) Bench b = { 0 };
    OutsideHit *hits = NULL;
    bench_open(&b);
    ground_take(&b.g, "register.csv",
                REGISTER "R1,Ashdown,Mildred,1951-11-30,12 High St,NE69 7AW,northumbria\n");
    CHECK_INT(hits_of(&b, "L1", &hits), 0);
}

TEST_MAIN(an_entry_under_a_short_name_and_a_slip_brings_up_the_nominal, an_entry_is_never_joined,
          how_far_apart_two_postcodes_lie_is_told, a_household_alone_brings_nobody_up)
