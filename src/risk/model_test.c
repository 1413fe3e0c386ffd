/* The published model keeps its promises, whatever its numbers are tuned to. */
#include "risk/model.h"
#include "base/rng.h"
#include "base/source.h"
#include "base/test.h"

static RiskModel *published(Arena *mem)
{
    Err err = { 0 };
    Str text;
    RiskModel *m = NULL;
    CHECK_OK(file_read(mem, "data/risk/model.json", 1 << 20, &text, &err), &err);
    CHECK_OK(risk_model_load(mem, text, &m, &err), &err);
    return m;
}

static Suggestion with(const RiskModel *m, Arena *mem, Fact fact)
{
    Measures have = { 0 };
    Suggestion s;
    have.count[fact] = 1;
    model_evaluate(m, &have, mem, &s);
    return s;
}

static const struct {
    Fact fact;
    int at_least;
} floors[] = {
    { FACT_ACCESS_UNKNOWN, 2 },     { FACT_ACCESS_YES, 3 },
    { FACT_CHILDREN_HOME, 3 },      { FACT_CHILDREN_REGULAR, 3 },
    { FACT_POSITION_OF_TRUST, 3 },  { FACT_REGISTERED, 3 },
    { FACT_CHILDREN_IMMEDIATE, 4 }, { FACT_URGENT, 4 },
};

TEST(what_puts_children_at_risk_has_a_floor)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    RiskModel *m = published(&mem);
    FOR_EACH (f, floors)
        CHECK(band_rank(with(m, &mem, f->fact).band) >= f->at_least);
    CHECK_TEXT(with(m, &mem, FACT__COUNT - 1).band, "very-high");
}

/* Low severity, or anything else, never makes a person less of a risk: more facts never lower the band
 * (R-04). */
TEST(another_fact_never_lowers_a_band)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    RiskModel *m = published(&mem);
    Rng r = rng_seed(11);
    for (int round = 0; round < 3000; round++) {
        CLEANUP(arena_done) Arena one = { 0 };
        Measures have = { 0 };
        Suggestion before, after;
        for (int i = 0; i < FACT__COUNT; i++)
            have.count[i] = rng_below(&r, 3) ? 0 : (int64_t)rng_below(&r, 150);
        model_evaluate(m, &have, &one, &before);
        have.count[rng_below(&r, FACT__COUNT)] += (int64_t)rng_below(&r, 50);
        model_evaluate(m, &have, &one, &after);
        CHECK(band_rank(after.band) >= band_rank(before.band));
        CHECK(after.points >= before.points);
        int sum = 0;
        for (size_t i = 0; i < after.factor_count; i++)
            sum += after.factors[i].points;
        CHECK_INT(sum, after.points); /* every point has its factor */
    }
}

TEST(work_is_matched_by_whole_words)
{
    static const struct {
        const char *work;
        bool trusted;
    } cases[] = {
        { "Primary school teacher", true },
        { "GP", true },
        { "Retired headteacher", true },
        { "Foster carer", true },
        { "Schoolteacher", true },
        { "Plumber", false },
        { "Gparts fitter", false },
        { "", false },
        { "Scarer of birds", false },
        { "Teachers", true },
        { "Accountant", false },
    };
    CLEANUP(arena_done) Arena mem = { 0 };
    RiskModel *m = published(&mem);
    FOR_EACH (c, cases)
        CHECK_INT(model_trusts(m, &mem, c->work), c->trusted);
    CHECK(!model_trusts(m, &mem, NULL));
}

#define HEAD "{\"version\":\"x\",\"from\":\"2026-05-01\",\"checks\":[],"
#define BANDS "\"bands\":[{\"band\":\"low\",\"from\":0},{\"band\":\"medium\",\"from\":1}," \
              "{\"band\":\"high\",\"from\":2},{\"band\":\"very-high\",\"from\":3}],"
#define RULE  "\"factors\":[{\"id\":\"a\",\"family\":\"past\",\"because\":\"b\","
#define ONE(fields) HEAD BANDS RULE fields "}]}"

static const char *const broken[] = {
    "{}",
    HEAD BANDS "\"factors\":[]}",
    HEAD "\"bands\":[{\"band\":\"low\",\"from\":0}]," RULE "\"fact\":\"urgent\",\"points\":1}]}",
    ONE("\"fact\":\"stars\",\"points\":1"),               /* asks what is not known here */
    ONE("\"fact\":\"urgent\",\"points\":-1"),             /* nothing takes points away */
    ONE("\"fact\":\"urgent\",\"points\":1,\"floor\":\"extreme\""),
    ONE("\"fact\":\"urgent\",\"points\":1,\"at_least\":0"),
};

TEST(a_model_that_cannot_be_trusted_is_refused)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    Err err = { 0 };
    RiskModel *m = NULL;
    FOR_EACH (b, broken)
        CHECK_FAILS(risk_model_load(&mem, str_of(*b), &m, &err), &err, ERR_INVALID);
    CHECK_OK(risk_model_load(&mem, STR(ONE("\"fact\":\"urgent\",\"points\":1")), &m, &err), &err);
    CHECK_TEXT(risk_model_version(m), "x");
}

TEST_MAIN(what_puts_children_at_risk_has_a_floor, another_fact_never_lowers_a_band,
          work_is_matched_by_whole_words, a_model_that_cannot_be_trusted_is_refused)
