#include "link/evaluate/one_to_one.h"
#include <unistd.h>
#include "base/source.h"
#include "base/test.h"
#include "engine/linkage/linkage_testing.h"
#include "link/evaluate/evaluate.h"

static Instant stopped_clock(void *ctx)
{
    (void)ctx;
    return 0;
}

/* ---- two files: persons 0..299 and 100..399, and in the first a twin of every eighth, of another label */

typedef struct Files { uint32_t persons; bool twins; uint32_t repeat_every; } Files;

static void row_add(StrBuf *buf, const MadeRow *row, uint32_t who)
{
    buf_fmt(buf, "%u", who);
    for (size_t f = 0; f < MADE_FIELDS; f++)
        buf_fmt(buf, ",%s", row->text[f]);
    buf_char(buf, '\n');
}

static MadeRow person(uint32_t who)
{
    Rng rng = rng_seed(who + 1);
    return made_person(&rng, who);
}

static MadeRow twin_of(uint32_t who)
{
    MadeRow row = person(who), other = person(who + 5000);
    memcpy(row.text[MADE_GIVEN], other.text[MADE_GIVEN], sizeof other.text[MADE_GIVEN]);
    row.text[MADE_EMAIL][0] = 0;
    return row;
}

static MadeRow spoilt(uint32_t who, uint64_t copy)
{
    MadeRow row = person(who);
    Rng     rng = rng_seed(who * 7 + copy);
    made_spoil(&rng, &row);
    return row;
}

static const char head[] = "who,fn,sn,dob,pc,town,mail\n";

static char *first_csv(Arena *mem, const Files *f)
{
    StrBuf buf = { .mem = mem };
    buf_add(&buf, head);
    for (uint32_t who = 0; who < f->persons * 3 / 4; who++) {
        MadeRow row = person(who), twin = twin_of(who);
        row_add(&buf, &row, who);
        if (f->twins && who % 8 == 0)
            row_add(&buf, &twin, who + 5000);
    }
    return buf_text(&buf);
}

static char *second_csv(Arena *mem, const Files *f)
{
    StrBuf buf = { .mem = mem };
    buf_add(&buf, head);
    for (uint32_t who = f->persons / 4; who < f->persons; who++)
        for (uint64_t copy = 1; copy <= (f->repeat_every && who % f->repeat_every == 0 ? 2 : 1); copy++) {
            MadeRow row = spoilt(who, copy);
            row_add(&buf, &row, who);
        }
    return buf_text(&buf);
}

static void written(char *path, const char *text, Err *err)
{
    int file = mkstemp(path);
    CHECK(file >= 0);
    close(file);
    CHECK_OK(file_write(path, str_of(text), err), err);
}

static Json *linked(const Files *f, OneToOne asked)
{
    Arena mem = { 0 };
    Err   err = { 0 };
    Json *report = NULL;
    char  first[] = "/tmp/muster-first-XXXXXX", second[] = "/tmp/muster-second-XXXXXX";
    written(first, first_csv(&mem, f), &err);
    written(second, second_csv(&mem, f), &err);
    bool ok = evaluate(&mem,
                       &(EvaluateOptions){
                           .path = first,
                           .second = second,
                           .one_to_one = asked,
                           .map = "given=fn,family=sn,birth_date=dob,postcode=pc,city=town,email=mail",
                           .truth = "who",
                           .truth_part = -1,
                           .threads = 2,
                           .seed = 1,
                           .curve_points = 20,
                           .now = stopped_clock },
                       &report, &err);
    unlink(first);
    unlink(second);
    CHECK_OK(ok, &err);
    arena_done(&mem);
    return report;
}

static double own(const Json *report, const char *what)
{
    return json_number(json_get(report, "pairs_at_own_threshold"), what, -1);
}

static bool applied(const Json *report)
{
    return json_bool(json_get(report, "one_to_one"), "applied", false);
}

TEST(twins_lose_to_the_person_where_each_file_holds_a_person_once)
{
    Files f = { .persons = 400, .twins = true };
    CLEANUP(json_done) Json *as_it_was = linked(&f, ONE_TO_ONE_NO);
    CLEANUP(json_done) Json *told = linked(&f, ONE_TO_ONE_AUTO);
    CHECK(!applied(as_it_was));
    CHECK(applied(told));
    CHECK(json_int(json_get(told, "one_to_one"), "records_with_rivals", 0) > 5);
    CHECK(own(as_it_was, "precision") < 0.96);
    CHECK(own(told, "precision") > 0.985);
    CHECK(own(told, "recall") > own(as_it_was, "recall") - 0.02);
    CHECK(own(told, "f1") > own(as_it_was, "f1") + 0.01);
}

TEST(where_persons_come_twice_nothing_is_shut_out)
{
    static const uint32_t every[] = { 1, 3, 12 };
    for (size_t i = 0; i < COUNT_OF(every); i++) {
        Files f = { .persons = 400, .repeat_every = every[i] };
        CLEANUP(json_done) Json *as_it_was = linked(&f, ONE_TO_ONE_NO);
        CLEANUP(json_done) Json *told = linked(&f, ONE_TO_ONE_AUTO);
        CLEANUP(json_done) Json *forced = linked(&f, ONE_TO_ONE_YES);
        CHECK(!applied(told));
        CHECK(applied(forced));
        CHECK(own(told, "recall") == own(as_it_was, "recall"));
        CHECK(own(told, "precision") == own(as_it_was, "precision"));
        CHECK(own(forced, "recall") < own(told, "recall"));
    }
}

TEST(from_few_records_nothing_is_told)
{
    Files f = { .persons = 40 };
    CLEANUP(json_done) Json *report = linked(&f, ONE_TO_ONE_AUTO);
    CHECK(!applied(report));
    CHECK_TEXT(json_text(json_get(report, "one_to_one"), "because"), "There are too few partners to tell.");
}

TEST(only_three_words_are_known)
{
    Err      err = { 0 };
    OneToOne got = ONE_TO_ONE_NO;
    CHECK_OK(one_to_one_read(NULL, &got, &err), &err);
    CHECK_INT(got, ONE_TO_ONE_AUTO);
    CHECK_OK(one_to_one_read("no", &got, &err), &err);
    CHECK_INT(got, ONE_TO_ONE_NO);
    CHECK_FAILS(one_to_one_read("maybe", &got, &err), &err, ERR_INVALID);
}

TEST_MAIN(twins_lose_to_the_person_where_each_file_holds_a_person_once,
          where_persons_come_twice_nothing_is_shut_out, from_few_records_nothing_is_told,
          only_three_words_are_known)
