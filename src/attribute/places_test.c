/* Which force a postcode belongs to: never a guess, and never silently wrong. */
#include "attribute/attribute.h"
#include <unistd.h>
#include "base/csv.h"
#include "base/source.h"
#include "base/test.h"

static Str file_of(Arena *mem, const char *path)
{
    Err err = {0};
    Str text;
    CHECK_OK(file_read(mem, path, 8 << 20, &text, &err), &err);
    return text;
}

static PlaceHit find(const Places *p, Arena *mem, const char *postcode)
{
    Err err = {0};
    PlaceHit hit;
    CHECK_OK(places_find(p, mem, postcode, &hit, &err), &err);
    return hit;
}

static Places *built_in(Arena *mem)
{
    Err err = {0};
    Places *p = NULL;
    CHECK_OK(places_load(mem, file_of(mem, "data/postcodes.csv"), file_of(mem, "data/towns.csv"), &p, &err),
             &err);
    return p;
}

TEST(the_small_tables_find_a_force_a_town_and_their_date)
{
    CLEANUP(arena_done) Arena mem = {0};
    Places *p = built_in(&mem);
    PlaceHit hit = find(p, &mem, "ab24 1xx");
    CHECK(hit.found && !hit.split);
    CHECK_TEXT(hit.force_short, "scotland");
    CHECK_TEXT(hit.lad, "S12000033");
    CHECK(strstr(hit.basis, "2025-10-20"));
    hit = find(p, &mem, "CR0 1AA");
    CHECK_TEXT(hit.town, "Croydon");
    CHECK_TEXT(hit.force_short, "metropolitan");
}

static const struct { const char *postcode, *basis;
} nowhere[] = {
    { "JE2 3AB", "Jersey" },
    { "GY1 1AA", "Guernsey" },
    { "IM1 1AA", "Isle of Man" },
    { "GX11 1AA", "Gibraltar" },
    { "BF1 2AA", "forces post office" },
    { "GIR 0AA", "bank" },
    { "CH1", "not a full postcode" },
    { "", "No postcode" },
    { "nonsense", "not a full postcode" },
    { "ZE9 9ZZ", "not in the table" },
};

TEST(what_lies_in_no_force_area_is_said_and_never_guessed)
{
    CLEANUP(arena_done) Arena mem = {0};
    Places *p = built_in(&mem);
    FOR_EACH(n, nowhere) {
        PlaceHit hit = find(p, &mem, n->postcode);
        CHECK(!hit.found && hit.force_short == NULL);
        if (!strstr(hit.basis, n->basis))
            print_error("%s: %s\n", n->postcode, hit.basis);
        CHECK(strstr(hit.basis, n->basis) != NULL);
    }
    CHECK_TEXT(find(p, &mem, "BT99 9ZZ").force_short, "northern-ireland");
}

TEST(a_split_sector_names_no_force)
{
    static const char sectors[] =
        "sector,lad_code,pfa_code,postcodes\nAA1 1,L1,F1,900\nAA1 1,L2,F2,1\nAA1 2,L1,F1,9\nAA1 2,L3,F1,9\n"
        "AA1 3,L1,F1,1\nAA1 3,L2,F2,1\nAA1 3,L1,F1,1\n";
    static const char lads[] = "lad_code,lad_name,pfa_code,basis\nL1,One,F1,x\nL2,Two,F2,x\nL3,Three,F1,x\n";
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    Places *p = NULL;
    CHECK_OK(places_load(&mem, str_of(sectors), str_of(lads), &p, &err), &err);
    PlaceHit hit = find(p, &mem, "AA1 1AA");
    CHECK(hit.found && hit.split && !hit.force_short && !hit.lad);
    hit = find(p, &mem, "AA1 2AA");
    CHECK(hit.found && !hit.split && !hit.lad);          /* two authorities, one force */
    CHECK_TEXT(hit.force_short, "F1");
    CHECK(find(p, &mem, "AA1 3AA").split);
    CHECK_FAILS(places_load(&mem, STR("a,b\n1,2\n"), str_of(lads), &p, &err), &err, ERR_INVALID);
}

TEST(twenty_thousand_real_postcodes_never_get_a_wrong_force)
{
    CLEANUP(arena_done) Arena mem = {0};
    const char *shared = getenv("MUSTER_SHARED");
    if (!shared || access(str_fmt(&mem, "%s/geo/sector_to_lad.csv", shared), R_OK) != 0)
        skip();
    Err err = {0};
    Places *p = NULL;
    CHECK_OK(places_load(&mem, file_of(&mem, str_fmt(&mem, "%s/geo/sector_to_lad.csv", shared)),
                         file_of(&mem, str_fmt(&mem, "%s/geo/lad_to_force.csv", shared)), &p, &err), &err);
    Str text = file_of(&mem, str_fmt(&mem, "%s/geo/postcode_sample_dev.csv", shared));
    Csv *csv = csv_new(&mem, source_memory(&mem, text), ',');
    CsvRow row;
    bool end = false;
    size_t settled = 0, split = 0, unknown = 0, n = 0;
    for (; csv_next(csv, &row, &end, &err) && !end; n++) {
        CLEANUP(arena_done) Arena one = {0};
        if (n == 0)
            continue;
        PlaceHit hit = find(p, &one, str_from(&one, row.fields[0]));
        Str force = row.fields[5];
        bool spans = str_eq(row.fields[6], STR("1"));
        if (hit.force_short) {
            CHECK_TEXT(hit.force_short, str_from(&one, force));
            CHECK(!spans);
            settled++;
        } else {
            *(hit.split ? &split : &unknown) += 1;
        }
    }
    CHECK_INT(n, 20001);
    CHECK_INT(settled + split + unknown, 20000);
    CHECK(split >= 1600 && unknown < 20);
}

TEST_MAIN(the_small_tables_find_a_force_a_town_and_their_date,
          what_lies_in_no_force_area_is_said_and_never_guessed, a_split_sector_names_no_force,
          twenty_thousand_real_postcodes_never_get_a_wrong_force)
