#include "link/evaluate/fairness.h"
#include "base/source.h"
#include "base/test.h"
#include "link/person/person.h"
#include "link/profile.h"

static const FairnessOptions usual = { .day = 16300, .seed = 3, .people = 60 };     /* a day of 2014 */

static Json *run(Arena *mem, const FairnessOptions *o)
{
    Json *report = NULL;
    Err   err = {0};
    CHECK_OK(fairness(mem, o, &report, &err), &err);
    return report;
}

static const Json *group(const Json *report, const char *of, const char *name)
{
    const Json *list = json_get(report, of);
    for (size_t i = 0; i < json_count(list); i++)
        if (strcmp(json_text(json_at(list, i), "group"), name) == 0)
            return json_at(list, i);
    return NULL;
}

TEST(every_origin_and_script_is_measured)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(json_done) Json *report = run(&mem, &usual);
    static const char *const scripts[] = { "Latn", "Cyrl", "Arab", "Deva", "Hani", "Hang", "Grek", "all" };
    FOR_EACH(s, scripts)
        CHECK(group(report, "scripts", *s));
    const Json *english = group(report, "origins", "English"), *all = group(report, "origins", "all");
    CHECK_INT(json_int(english, "pairs_of_one", 0), 60);
    CHECK_INT(json_int(english, "pairs_of_two", 0), 60);
    CHECK(json_number(all, "missed", 1) < 0.6 && json_number(all, "joined", 1) < 0.05);
    CHECK(json_number(all, "name_bits_same", 0) > json_number(all, "name_bits_different", 0) + 5);
    CHECK(json_count(json_get(report, "weaker")) >= 1);
}

TEST(the_same_seed_gives_the_same_report)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(json_done) Json *a = run(&mem, &usual), *b = run(&mem, &usual);
    CHECK(json_same(a, b));
    FairnessOptions other = usual;
    other.seed = 4;
    CLEANUP(json_done) Json *c = run(&mem, &other);
    CHECK(!json_same(a, c));
}

static char *written(Arena *mem, const char *name, const char *text)
{
    const char *folder = getenv("TMPDIR");
    char       *path = str_fmt(mem, "%s/%s", folder ? folder : "/tmp", name);
    Err         err = {0};
    CHECK_OK(file_write(path, str_of(text), &err), &err);
    return path;
}

/* One list of names under two origins: whatever it says of one, it must not call the other weaker by much. A
 * third whose romanisation has nothing of the name must be called weaker. */
TEST(a_weaker_origin_is_named)
{
    CLEANUP(arena_done) Arena mem = {0};
    static const char *const names[] = { "Marlowe", "Pettigrew", "Oakley", "Tindall", "Summers", "Hathaway" };
    static const char *const wrong[] = { "Xuqo", "Ziv", "Bukabuka", "Ewe", "Jyf", "Qiq" };
    StrBuf csv = { .mem = &mem };
    buf_add(&csv, "origin,name,romanised\n");
    for (size_t i = 0; i < COUNT_OF(names); i++)
        buf_fmt(&csv, "first,%s,%s\nsecond,%s,%s\nthird,%s,%s\n", names[i], names[i], names[i], names[i],
                names[i], wrong[i]);
    FairnessOptions o = usual;
    o.people = 400;
    o.names_path = written(&mem, "muster_fairness_names.csv", buf_text(&csv));
    CLEANUP(json_done) Json *report = run(&mem, &o);
    remove(o.names_path);
    CHECK(json_bool(group(report, "origins", "third"), "weaker", false));
    double first = json_number(group(report, "origins", "first"), "missed", 0),
           second = json_number(group(report, "origins", "second"), "missed", 0),
           third = json_number(group(report, "origins", "third"), "missed", 0);
    CHECK(first - second < 0.1 && second - first < 0.1 && third > first + 0.1);
}

TEST(what_cannot_be_read_is_refused)
{
    CLEANUP(arena_done) Arena mem = {0};
    Json           *report = NULL;
    Err             err = {0};
    FairnessOptions o = usual;
    o.names_path = "/nowhere/names.csv";
    CHECK(!fairness(&mem, &o, &report, &err));
    err_clear(&err);
    o.names_path = written(&mem, "muster_fairness_bad.csv", "name,romanised\nA,A\n");
    CHECK_FAILS(fairness(&mem, &o, &report, &err), &err, ERR_INVALID);
    o.names_path = written(&mem, "muster_fairness_bad.csv", "origin,name\nx,A\nx,B\n");
    CHECK_FAILS(fairness(&mem, &o, &report, &err), &err, ERR_INVALID);
    remove(o.names_path);
    o = usual;
    o.people = 1000000;
    CHECK_FAILS(fairness(&mem, &o, &report, &err), &err, ERR_LIMIT);
}

/* Neither what linking compares nor what the report lists is of this kind. */
TEST(no_aspect_is_nationality_ethnicity_or_religion)
{
    static const char *const never[] = { "nationality", "ethnic", "race", "relig", "faith", "caste", "tribe",
                                         "origin", "citizen", "country", "language", "script" };
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(json_done) Json *report = run(&mem, &usual);
    const Json *list = json_get(report, "aspects");
    CHECK(json_count(list) == ASPECT__COUNT);
    for (size_t i = 0; i < ASPECT__COUNT; i++)
        FOR_EACH(word, never)
            CHECK(!strstr(aspects[i].field.name, *word) && !strstr(json_text_of(json_at(list, i)), *word));
    CHECK(strstr(json_text(report, "never"), "nationality") != NULL);
}

TEST(names_of_the_world)
{
    CLEANUP(arena_done) Arena mem = {0};
    const char *shared = getenv("MUSTER_SHARED");
    if (!shared)
        skip();
    FairnessOptions o = usual;
    o.names_path = str_fmt(&mem, "%s/names/common-forenames-by-country.csv", shared);
    o.surnames_path = str_fmt(&mem, "%s/names/common-surnames-by-country.csv", shared);
    CLEANUP(json_done) Json *report = run(&mem, &o);
    CHECK(json_count(json_get(report, "origins")) > 20);
    const Json *weaker = json_get(report, "weaker");
    for (size_t i = 0; i < json_count(weaker); i++)
        print_message("%s\n", json_text_of(json_at(weaker, i)));
}

TEST_MAIN(every_origin_and_script_is_measured, the_same_seed_gives_the_same_report, a_weaker_origin_is_named,
          what_cannot_be_read_is_refused, no_aspect_is_nationality_ethnicity_or_religion, names_of_the_world)
