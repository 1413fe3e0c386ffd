/* When things are due: working days with bank holidays, nights the clocks change, and rules that change. */
#include "clock/clock.h"
#include "base/test.h"
#include "base/source.h"

static const char header[] = "kind,says,letter,amount,unit,calendar,band,from,escalate_after\n";

static Str file_of(Arena *mem, const char *path)
{
    Err err = {0};
    Str text;
    CHECK_OK(file_read(mem, path, 1 << 20, &text, &err), &err);
    return text;
}

static ClockRules *rules_real(Arena *mem)
{
    Err err = {0};
    ClockRules *rules;
    CHECK_OK(clock_rules_load(mem, file_of(mem, "data/clocks.csv"),
                              file_of(mem, "data/calendars/bank_holidays.csv"), &rules, &err),
             &err);
    return rules;
}

static Instant at(const char *text)
{
    Stamp s;
    CHECK(stamp_parse(str_of(text), &s) && s.offset_known);
    return s.instant;
}

TEST(each_rule_ends_when_it_should)
{
    static const struct { const char *kind, *band, *nation, *from, *due; } cases[] = {
        /* working days until 17:00 in London; 2026-05-14 is a Thursday */
        { "package.receipt", "high", "", "2026-05-14T09:00:00Z", "2026-05-15T16:00:00Z" },
        { "package.receipt", "medium", "", "2026-05-14T09:00:00Z", "2026-05-18T16:00:00Z" },
        { "package.receipt", "high", "england", "2026-05-15T20:00:00Z", "2026-05-18T16:00:00Z" },
        { "package.receipt", "high", "wales", "2026-05-16T09:00:00Z", "2026-05-18T16:00:00Z" }, /* Saturday */
        { "package.receipt", "high", "uk", "2026-01-15T09:00:00Z", "2026-01-16T17:00:00Z" }, /* winter */
        /* bank holidays: 12 July only in Northern Ireland, 2 January only in Scotland */
        { "package.receipt", "high", "england", "2026-05-22T09:00:00Z", "2026-05-26T16:00:00Z" },
        { "package.receipt", "high", "england", "2026-07-10T09:00:00Z", "2026-07-13T16:00:00Z" },
        { "package.receipt", "high", "northern-ireland", "2026-07-10T09:00:00Z", "2026-07-14T16:00:00Z" },
        { "package.receipt", "high", "england", "2025-12-31T09:00:00Z", "2026-01-02T17:00:00Z" },
        { "package.receipt", "high", "scotland", "2025-12-31T09:00:00Z", "2026-01-05T17:00:00Z" },
        { "nominal.access-check", "high", "", "2026-12-24T09:00:00Z", "2026-12-30T17:00:00Z" },
        { "nominal.access-check", "", "", "2026-05-14T09:00:00Z", "2026-05-21T16:00:00Z" },
        /* hours are hours, also on the night the clocks go forward */
        { "package.receipt", "very-high", "", "2026-03-28T23:00:00Z", "2026-03-29T03:00:00Z" },
        { "child.plan", "immediate", "", "2026-10-24T23:30:00Z", "2026-10-25T03:30:00Z" },
        { "child.plan", "", "", "2026-05-14T09:00:00Z", "2026-05-15T16:00:00Z" },
        /* days keep the time of day in London: 23 hours in March, 25 in October */
        { "nominal.action", "very-high", "", "2026-03-28T12:00:00Z", "2026-03-29T11:00:00Z" },
        { "nominal.action", "very-high", "", "2026-10-24T11:00:00Z", "2026-10-25T12:00:00Z" },
        { "nominal.action", "very-high", "", "2026-03-28T01:30:00Z", "2026-03-29T01:30:00Z" }, /* no 01:30 */
        { "nominal.action", "very-high", "", "2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z" }, /* the first */
        { "nominal.action", "high", "", "2026-05-14T09:00:00Z", "2026-05-21T09:00:00Z" },
        { "nominal.action", "medium", "", "2026-05-14T09:00:00Z", "2026-05-28T09:00:00Z" },
        { "nominal.action", "low", "", "2026-05-14T09:00:00Z", "2026-06-13T09:00:00Z" },
        { "package.update", "low", "", "2026-05-14T09:00:00Z", "2026-06-11T09:00:00Z" },
        /* months end on the last day there is; the day's end is midnight in London */
        { "warrant.expiry", "", "", "2026-11-30T09:00:00Z", "2027-02-28T09:00:00Z" },
        { "welfare.assessment", "", "", "2026-05-14T20:00:00Z", "2026-05-14T23:00:00Z" },
        { "welfare.assessment", "", "", "2026-01-14T20:00:00Z", "2026-01-15T00:00:00Z" },
        { "bail.end", "", "", "2026-08-01T22:59:00Z", "2026-08-01T22:59:00Z" },
    };
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    ClockRules *rules = rules_real(&mem);
    FOR_EACH(c, cases) {
        Instant due;
        CHECK_OK(clock_due(rules, c->kind, c->band, c->nation, at(c->from), &due, &err), &err);
        if (due != at(c->due))
            print_error("%s %s from %s: %s, not %s\n", c->kind, c->band, c->from, instant_iso(&mem, due),
                        c->due);
        CHECK(due == at(c->due));
    }
}

TEST(every_kind_that_is_promised_has_a_rule)
{
    static const char *const kinds[] = {
        "bail.end", "band.review", "child-referral.acknowledge", "child-referral.decide",
        "child-referral.decide-lado", "child.plan",
        "exhibit.examine", "nominal.access-check", "nominal.action",
        "nominal.error-review", "nominal.household-check",
        "nominal.occupation-check", "nominal.register-check", "package.accept", "package.first-action",
        "package.hold-decision",
        "package.receipt", "package.returned", "package.send", "package.update", "pending-row.place",
        "referral.assess",
        "warrant.expiry", "welfare.assessment",
    };
    static const char *const bands[] = { "", "very-high", "high", "medium", "low" };
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    ClockRules *rules = rules_real(&mem);
    FOR_EACH(k, kinds) {
        CHECK(strcmp(clock_says(rules, *k), *k) != 0);
        FOR_EACH(b, bands) {
            Instant due, from = at("2026-05-14T09:00:00Z");
            CHECK_OK(clock_due(rules, *k, *b, "", from, &due, &err), &err);
            CHECK(due >= from);
        }
    }
    CHECK_TEXT(clock_says(rules, "package.receipt"), "Receipt of the package");
}

TEST(a_more_dangerous_band_is_never_given_longer)
{
    static const char *const kinds[] = { "exhibit.examine", "nominal.access-check", "nominal.action",
                                         "package.accept",  "package.first-action", "package.receipt",
                                         "package.send" };
    static const char *const bands[] = { "very-high", "high", "medium", "low" };
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    ClockRules *rules = rules_real(&mem);
    for (Instant from = at("2026-03-20T00:10:00Z"); from < at("2026-04-20T00:00:00Z");
         from += 7 * US_PER_HOUR)
        FOR_EACH(k, kinds) {
            Instant last = from;
            FOR_EACH(b, bands) {
                Instant due;
                CHECK_OK(clock_due(rules, *k, *b, "", from, &due, &err), &err);
                CHECK(due > from);
                CHECK(due >= last);
                last = due;
            }
        }
}

TEST(a_rule_holds_from_its_date)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    ClockRules *rules;
    Instant due;
    const char *csv = str_fmt(&mem, "%s%s", header,
        "x.wait,Old,N,10,days,civil,,2020-01-01,24 hours\n"
        "x.wait,New,N,2,days,civil,,2026-06-01,24 hours\n"
        "x.wait,New,N,3,days,civil,high,2020-01-01,24 hours\n");
    CHECK_OK(
        clock_rules_load(&mem, str_of(csv), file_of(&mem, "data/calendars/bank_holidays.csv"), &rules, &err),
        &err);
    CHECK_OK(clock_due(rules, "x.wait", "", "", at("2026-05-31T12:00:00Z"), &due, &err), &err);
    CHECK(due == at("2026-06-10T12:00:00Z"));
    /* 1 June in London */
    CHECK_OK(clock_due(rules, "x.wait", "low", "", at("2026-05-31T23:30:00Z"), &due, &err), &err);
    CHECK(due == at("2026-06-02T23:30:00Z"));
    CHECK_OK(clock_due(rules, "x.wait", "high", "", at("2026-06-02T12:00:00Z"), &due, &err), &err);
    CHECK(due == at("2026-06-05T12:00:00Z"));
    CHECK_FAILS(clock_due(rules, "x.wait", "", "", at("2019-12-31T12:00:00Z"), &due, &err), &err,
                ERR_INVALID);
    CHECK_FAILS(clock_due(rules, "x.other", "", "", at("2026-06-02T12:00:00Z"), &due, &err), &err,
                ERR_INVALID);
    CHECK_TEXT(clock_says(rules, "x.wait"), "New");
    CHECK_TEXT(clock_says(rules, "x.other"), "x.other");
}

TEST(a_day_beyond_the_calendar_is_refused)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    Instant due;
    ClockRules *rules = rules_real(&mem);
    CHECK_FAILS(clock_due(rules, "package.receipt", "high", "", at("2061-05-14T09:00:00Z"), &due, &err), &err,
                ERR_INVALID);
}

TEST(a_wrong_table_is_refused_with_its_line)
{
    static const struct { const char *row, *told; } cases[] = {
        { "x,Says,N,1,days,working,,2012-01-01\n", "Line 2 of the clocks does not have 9 columns." },
        { "x,,N,1,days,working,,2012-01-01,24 hours\n", "Line 2 of the clocks: says is not right." },
        { "x,Says,NN,1,days,working,,2012-01-01,24 hours\n", "Line 2 of the clocks: letter is not right." },
        { "x,Says,N,-1,days,working,,2012-01-01,24 hours\n", "Line 2 of the clocks: amount is not right." },
        { "x,Says,N,1,weeks,working,,2012-01-01,24 hours\n", "Line 2 of the clocks: unit is not right." },
        { "x,Says,N,1,hours,working,,2012-01-01,24 hours\n", "Line 2 of the clocks: calendar is not right." },
        { "x,Says,N,1,months,elapsed,,2012-01-01,24 hours\n",
          "Line 2 of the clocks: calendar is not right." },
        { "x,Says,N,0,days,given,,2012-01-01,24 hours\n", "Line 2 of the clocks: calendar is not right." },
        { "x,Says,N,1,days,working,,1 May,24 hours\n",         "Line 2 of the clocks: from is not right." },
        { "x,Says,N,1,days,working,,2012-01-01,soon\n",
          "Line 2 of the clocks: escalate_after is not right." },
    };
    CLEANUP(arena_done) Arena mem = {0};
    Str holidays = file_of(&mem, "data/calendars/bank_holidays.csv");
    FOR_EACH(c, cases) {
        Err err = {0};
        ClockRules *rules;
        assert_false(
            clock_rules_load(&mem, str_of(str_fmt(&mem, "%s%s", header, c->row)), holidays, &rules, &err));
        CHECK_TEXT(err.told, c->told);
    }
    Err err = {0};
    ClockRules *rules;
    CHECK_FAILS(clock_rules_load(&mem, STR("kind,says\n"), holidays, &rules, &err), &err, ERR_INVALID);
}

TEST_MAIN(each_rule_ends_when_it_should, every_kind_that_is_promised_has_a_rule,
          a_more_dangerous_band_is_never_given_longer, a_rule_holds_from_its_date,
          a_day_beyond_the_calendar_is_refused, a_wrong_table_is_refused_with_its_line)
