/* Whose network an address was in: by tables of ranges and by databases, hostile ones included. */
#include "attribute/attribute.h"
#include <dirent.h>
#include <unistd.h>
#include "base/csv.h"
#include "base/source.h"
#include "base/test.h"

static OperatorHit find(const Operators *o, Arena *mem, const char *address)
{
    Err err = {0};
    OperatorHit hit;
    CHECK_OK(operators_find(o, mem, address, &hit, &err), &err);
    return hit;
}

TEST(an_address_belongs_to_the_range_that_holds_it_and_to_no_other)
{
    static const char v4[] =
        "3325256704,3325256831,64501,\"Example, Mobile\"\n192.0.2.10,192.0.2.20,64500,Example Broadband\n"
        "10.0.0.0,10.255.255.255,1,Nobody\n";
    static const char v6[] = "2001:db8::,2001:db8::ff,64502,Example Six\n";
    static const struct { const char *address; int64_t asn;
    } cases[] = {
        { "192.0.2.9", 0 },      { "192.0.2.10", 64500 },   { "192.0.2.20", 64500 },
        { "192.0.2.21", 0 },     { "198.51.100.0", 64501 }, { "198.51.100.127", 64501 },
        { "198.51.100.128", 0 }, { "10.1.2.3", 0 },         { "100.64.0.1", 0 },
        { "127.0.0.1", 0 },      { "2001:db8::", 64502 },   { "2001:db8::ff", 64502 },
        { "2001:db8::100", 0 },  { "fe80::1", 0 },          { "::1", 0 },
        { "0.0.0.0", 0 },        { "255.255.255.255", 0 },
    };
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    Operators *o = NULL;
    CHECK_OK(operators_read(str_of(v4), str_of(v6), "2026-05-01", &o, &err), &err);
    FOR_EACH(c, cases) {
        OperatorHit hit = find(o, &mem, c->address);
        CHECK_INT(hit.asn, c->asn);
        CHECK_INT(hit.found, c->asn != 0);
    }
    CHECK_TEXT(find(o, &mem, "198.51.100.1").name, "Example, Mobile");
    CHECK_TEXT(find(o, &mem, "198.51.100.1").as_of, "2026-05-01");
    OperatorHit hit;
    CHECK_FAILS(operators_find(o, &mem, "not an address", &hit, &err), &err, ERR_INVALID);
    operators_close(o);
}

TEST(a_line_that_is_no_range_is_refused_by_its_number)
{
    static const char *const bad[] = { "1,2,3\n",       "x,2,3,n\n",          "2,1,3,n\n",
                                       "1,2,-3,n\n",    "1,4294967296,3,n\n", "1,2,3,n,more\n",
                                       "::1,::2,3,n\n", "1,2,3,\"n\n" };
    FOR_EACH(b, bad) {
        Err err = {0};
        Operators *o = NULL;
        CHECK_FAILS(operators_read(str_of(*b), STR(""), "", &o, &err), &err, ERR_INVALID);
        CHECK(o == NULL);
    }
}

TEST(an_empty_table_knows_nobody)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    Operators *o = NULL;
    CHECK_OK(operators_load(NULL, NULL, "", &o, &err), &err);
    CHECK(operators_empty(o));
    CHECK(!find(o, &mem, "192.0.2.1").found);
    operators_close(o);
    operators_close(NULL);
}

static const char *shared_path(Arena *mem, const char *name)
{
    const char *shared = getenv("MUSTER_SHARED");
    if (!shared)
        skip();
    const char *path = str_fmt(mem, "%s/ip/%s", shared, name);
    if (access(path, R_OK) != 0)
        skip();
    return path;
}

TEST(the_published_table_gives_the_expected_networks)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    Str text;
    Operators *o = NULL;
    const char *expected = shared_path(&mem, "expected_lookups.csv");
    const char *table = shared_path(&mem, "asn_uk_consumer_isps_ipv4.csv");
    /* The whole table, unpacked, if someone has it; else that of a few networks. */
    const char *whole = getenv("MUSTER_ASN_V4");
    CHECK_OK(operators_load(whole ? whole : table, NULL, "2026-06-17", &o, &err), &err);
    CHECK_OK(file_read(&mem, expected, 1 << 20, &text, &err), &err);
    Csv *csv = csv_new(&mem, source_memory(&mem, text), ',');
    CsvRow row;
    bool end = false;
    size_t checked = 0;
    for (size_t n = 0; csv_next(csv, &row, &end, &err) && !end; n++) {
        OperatorHit hit;
        int64_t asn = 0;
        if (n == 0)
            continue;
        CHECK_OK(operators_find(o, &mem, str_from(&mem, row.fields[0]), &hit, &err), &err);
        bool none = row.fields[1].len == 0;
        CHECK(none || str_int(row.fields[1], 0, UINT32_MAX, &asn));
        if (none)
            CHECK(!hit.found);
        else if (whole || hit.found) {
            CHECK_INT(hit.asn, asn);
            CHECK_TEXT(hit.name, str_from(&mem, row.fields[2]));
            checked++;
        }
    }
    CHECK(checked >= 5);
    operators_close(o);
}

TEST(an_agencys_own_database_is_read_and_damaged_ones_are_refused)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    Operators *o = NULL;
    CHECK_OK(operators_load(shared_path(&mem, "maxmind-test/GeoLite2-ASN-Test.mmdb"), NULL, NULL, &o, &err),
             &err);
    CHECK_INT(find(o, &mem, "1.128.0.0").asn, 1221);
    CHECK(find(o, &mem, "1.128.0.0").as_of[0] != 0);
    CHECK(!find(o, &mem, "10.0.0.1").found);
    operators_close(o);

    const char *folder = shared_path(&mem, "mmdb-bad");
    DIR *dir = opendir(folder);
    struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        Operators *bad = NULL;
        if (entry->d_name[0] == '.')
            continue;
        if (!operators_load(str_fmt(&mem, "%s/%s", folder, entry->d_name), NULL, NULL, &bad, &err)) {
            CHECK_INT(err.kind, ERR_INVALID);
            err_clear(&err);
            continue;
        }
        static const char *const addresses[] = { "1.1.1.1", "216.160.83.56", "2001:218::1", "81.2.69.142" };
        FOR_EACH(a, addresses) {                 /* opened: whatever it says must not harm */
            OperatorHit hit;
            if (!operators_find(bad, &mem, *a, &hit, &err))
                err_clear(&err);
        }
        operators_close(bad);
    }
    if (dir)
        closedir(dir);
}

TEST_MAIN(an_address_belongs_to_the_range_that_holds_it_and_to_no_other,
          a_line_that_is_no_range_is_refused_by_its_number, an_empty_table_knows_nobody,
          the_published_table_gives_the_expected_networks,
          an_agencys_own_database_is_read_and_damaged_ones_are_refused)
