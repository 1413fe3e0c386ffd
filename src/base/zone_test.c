#include "base/zone.h"
#include "base/rng.h"
#include "base/test.h"

static const struct { const char *zone, *local; CivilFit fit; const char *first, *second; } readings[] = {
    { "Europe/London",    "2026-05-14T09:32:07", CIVIL_ONCE,  "2026-05-14T08:32:07Z", "" },
    { "Europe/London",    "2026-01-14T09:32:07.5", CIVIL_ONCE, "2026-01-14T09:32:07.5Z", "" },
    { "Europe/London",    "2026-03-29T00:59:59", CIVIL_ONCE,  "2026-03-29T00:59:59Z", "" },
    { "Europe/London",    "2026-03-29T01:00:00", CIVIL_GAP,   "", "" },
    { "Europe/London",    "2026-03-29T01:59:59", CIVIL_GAP,   "", "" },
    { "Europe/London",    "2026-03-29T02:00:00", CIVIL_ONCE,  "2026-03-29T01:00:00Z", "" },
    { "Europe/London",    "2026-10-25T00:59:59", CIVIL_ONCE,  "2026-10-24T23:59:59Z", "" },
    { "Europe/London", "2026-10-25T01:00:00", CIVIL_TWICE, "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z" },
    { "Europe/London", "2026-10-25T01:59:59", CIVIL_TWICE, "2026-10-25T00:59:59Z", "2026-10-25T01:59:59Z" },
    { "Europe/London",    "2026-10-25T02:00:00", CIVIL_ONCE,  "2026-10-25T02:00:00Z", "" },
    /* British Standard Time */
    { "Europe/London",    "1970-01-01T12:00:00", CIVIL_ONCE,  "1970-01-01T11:00:00Z", "" },
    /* double summer time */
    { "Europe/London",    "1945-07-01T12:00:00", CIVIL_ONCE,  "1945-07-01T10:00:00Z", "" },
    { "America/New_York", "2012-11-04T01:30:00", CIVIL_TWICE, "2012-11-04T05:30:00Z",
      "2012-11-04T06:30:00Z" },
    { "Asia/Kathmandu",   "2020-01-01T00:00:00", CIVIL_ONCE,  "2019-12-31T18:15:00Z", "" },
    /* half an hour */
    { "Australia/Lord_Howe", "2023-10-01T02:15:00", CIVIL_GAP, "", "" },
    /* the day left out */
    { "Pacific/Apia",     "2011-12-30T12:00:00", CIVIL_GAP,   "", "" },
    { "Pacific/Kwajalein", "1969-09-30T12:00:00", CIVIL_TWICE, "1969-09-30T01:00:00Z",
      "1969-10-01T00:00:00Z" },
    { "Pacific/Kiritimati", "2026-01-01T00:00:00", CIVIL_ONCE, "2025-12-31T10:00:00Z", "" },
    { "UTC",              "2026-03-29T01:30:00", CIVIL_ONCE,  "2026-03-29T01:30:00Z", "" },
    { "Europe/London",    "0001-01-01T00:00:00", CIVIL_ONCE,  "0001-01-01T00:01:15Z", "" },
    { "Europe/London",    "9999-12-31T23:59:59", CIVIL_ONCE,  "9999-12-31T23:59:59Z", "" },
};
TEST(gaps_and_repeats_are_told_apart)
{
    CLEANUP(arena_done) Arena mem = {0};
    FOR_EACH(r, readings) {
        Stamp       s;
        ZoneReading got;
        Err         err = {0};
        CHECK(stamp_parse(str_of(r->local), &s));
        CHECK_OK(zone_read(r->zone, &s.civil, &got, &err), &err);
        if (got.fit != r->fit)
            fail_msg("%s %s: fit %d", r->zone, r->local, got.fit);
        CHECK_TEXT(instant_iso(&mem, got.first), r->first);
        CHECK_TEXT(instant_iso(&mem, got.second), r->second);
    }
}

TEST(every_instant_is_among_the_readings_of_its_civil_time)
{
    static const char *const zones[] = {
        "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
        "Africa/Casablanca", "Pacific/Apia", "America/St_Johns",
        "Europe/Dublin",
    };
    Rng rng = rng_seed(19);
    Instant least = date_start_utc(date_of(1900, 1, 1)), most = date_start_utc(date_of(2100, 1, 1));
    for (int i = 0; i < 4000; i++) {
        const char *zone = zones[rng_below(&rng, COUNT_OF(zones))];
        Instant     t = least + (Instant)rng_below(&rng, (uint64_t)(most - least));
        Civil       c;
        ZoneReading r;
        int         offset;
        Err         err = {0};
        CHECK_OK(zone_civil(zone, t, &c, &offset, &err), &err);
        CHECK_OK(zone_read(zone, &c, &r, &err), &err);
        CHECK(r.fit == CIVIL_TWICE ? (r.first == t || r.second == t) && r.first < r.second
                                   : r.fit == CIVIL_ONCE && r.first == t && r.second == INSTANT_NONE);
    }
}

TEST(unknown_zones_and_times_are_refused)
{
    static const char *const zones[] = {
        "", "Europe/Londn", "Etc/Unknown", "GMT+5", "Mars/Base", "europe london",
        "é",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    };
    Civil c = { .year = 2026, .month = 5, .day = 14 };
    ZoneReading r;
    int offset;
    Err err = {0};
    FOR_EACH(z, zones) {
        CHECK_FAILS(zone_read(*z, &c, &r, &err), &err, ERR_INVALID);
        CHECK_FAILS(zone_civil(*z, 0, &c, &offset, &err), &err, ERR_INVALID);
    }
    CHECK_FAILS(zone_read(NULL, &c, &r, &err), &err, ERR_INVALID);
    CHECK_FAILS(zone_civil("UTC", INSTANT_NONE, &c, &offset, &err), &err, ERR_INVALID);
    c.day = 32;
    CHECK_FAILS(zone_read("UTC", &c, &r, &err), &err, ERR_INVALID);
}

static Instant at(const char *iso)
{
    Stamp s;
    CHECK(stamp_parse(str_of(iso), &s));
    return s.instant;
}

TEST(people_are_shown_london_time)
{
    CLEANUP(arena_done) Arena mem = {0};
    CHECK_TEXT(london_words(&mem, at("2026-05-14T08:32:07Z")), "14 May 2026, 09:32 BST");
    CHECK_TEXT(london_words(&mem, at("2026-12-31T23:59:59Z")), "31 December 2026, 23:59 GMT");
    CHECK_TEXT(london_words(&mem, INSTANT_NONE), "");
    CHECK_TEXT(london_time(&mem, at("2026-05-14T23:32:07Z")), "00:32");
    CHECK_TEXT(date_iso(&mem, london_date(at("2026-05-14T23:32:07Z"))), "2026-05-15");
    CHECK_TEXT(instant_iso(&mem, london_start(date_of(2026, 5, 14))), "2026-05-13T23:00:00Z");
    CHECK_TEXT(instant_iso(&mem, london_start(date_of(2026, 1, 14))), "2026-01-14T00:00:00Z");
    CHECK_INT(london_date(INSTANT_NONE), DATE_NONE);
    for (Date d = date_of(1990, 1, 1); d < date_of(2040, 1, 1); d += 3)
        CHECK(london_date(london_start(d)) == d && london_date(london_start(d) - 1) == d - 1);
}

TEST_MAIN(gaps_and_repeats_are_told_apart, every_instant_is_among_the_readings_of_its_civil_time,
          unknown_zones_and_times_are_refused, people_are_shown_london_time)
