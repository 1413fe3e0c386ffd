#include "link/evaluate/evaluate.h"
#include <math.h>
#include <unistd.h>
#include "base/source.h"
#include "base/test.h"
#include "engine/linkage/linkage_testing.h"

static Instant stopped_clock(void *ctx)
{
    (void)ctx;
    return 0;
}

static double figure(const Json *report, const char *of, const char *what)
{
    return json_number(json_get(report, of), what, -1);
}

static char *people_csv(Arena *mem, size_t rows, uint64_t order)
{
    MadePeople made = made_people(mem, rows, 14, order, false);
    StrBuf     buf = { .mem = mem };
    buf_add(&buf, "who, fn, sn, dob, pc, town, mail\n");
    for (uint32_t i = 0; i < made.rows; i++) {
        buf_fmt(&buf, "%u", made.person[i]);
        for (size_t f = 0; f < MADE_FIELDS; f++)
            buf_fmt(&buf, ", " STR_FMT, STR_ARG(link_columns_text(made.columns, f, i)));
        buf_char(&buf, '\n');
    }
    return buf_text(&buf);
}

static const char made_map[] = "given=fn,family=sn,birth_date=dob,postcode=pc,city=town,email=mail";

static bool evaluate_text(Arena *mem, const char *text, const char *map, const char *truth, Json **report,
                          Err *err)
{
    char path[] = "/tmp/muster-evaluate-XXXXXX";
    int  file = mkstemp(path);
    CHECK(file >= 0);
    close(file);
    CHECK_OK(file_write(path, str_of(text), err), err);
    bool ok = evaluate(mem,
                       &(EvaluateOptions){ .path = path,
                                           .map = map,
                                           .truth = truth,
                                           .truth_part = -1,
                                           .threads = 2,
                                           .seed = 1,
                                           .curve_points = 50,
                                           .now = stopped_clock },
                       report, err);
    unlink(path);
    return ok;
}

TEST(a_made_up_table_is_linked_nearly_without_error)
{
    Arena mem = { 0 };
    Err   err = { 0 };
    CLEANUP(json_done) Json *j = NULL;
    CHECK_OK(evaluate_text(&mem, people_csv(&mem, 900, 1), made_map, "who", &j, &err), &err);
    CHECK(figure(j, "pairs", "f1") > 0.97);
    CHECK(figure(j, "clusters", "f1") > 0.95);
    CHECK(figure(j, "blocking", "recall") > 0.999);
    CHECK(json_count(json_get(j, "curve")) > 5);
    CHECK_INT(json_int(j, "candidate_pairs", 0), 900 * 899 / 2);
    arena_done(&mem);
}

TEST(the_curve_falls_in_recall_as_the_threshold_rises)
{
    Arena mem = { 0 };
    Err   err = { 0 };
    CLEANUP(json_done) Json *j = NULL;
    CHECK_OK(evaluate_text(&mem, people_csv(&mem, 400, 1), made_map, "who", &j, &err), &err);
    const Json *curve = json_get(j, "curve");
    for (size_t i = 1; i < json_count(curve); i++) {
        CHECK(json_number(json_at(curve, i), "recall", 0) >= json_number(json_at(curve, i - 1), "recall", 0));
        CHECK(json_number(json_at(curve, i), "threshold_bits", 0) <
              json_number(json_at(curve, i - 1), "threshold_bits", 0));
    }
    arena_done(&mem);
}

TEST(the_order_of_the_file_changes_no_figure)
{
    Arena mem = { 0 };
    Err   err = { 0 };
    CLEANUP(json_done) Json *a = NULL, *b = NULL;
    CHECK_OK(evaluate_text(&mem, people_csv(&mem, 500, 1), made_map, "who", &a, &err), &err);
    CHECK_OK(evaluate_text(&mem, people_csv(&mem, 500, 2), made_map, "who", &b, &err), &err);
    CHECK(figure(a, "pairs", "f1") == figure(b, "pairs", "f1"));
    CHECK(figure(a, "clusters", "f1") == figure(b, "clusters", "f1"));
    arena_done(&mem);
}

TEST(a_column_that_is_not_there_is_refused)
{
    Arena mem = { 0 };
    Err   err = { 0 };
    Json *j = NULL;
    CHECK(!evaluate_text(&mem, people_csv(&mem, 50, 1), "given=fn,family=nosuch", "who", &j, &err));
    CHECK_INT(err.kind, ERR_INVALID);
    CHECK(strstr(err.told, "nosuch") != NULL);
    arena_done(&mem);
}

/* ---- what was reached on benchmarks must not be lost. They are not in this tree: MUSTER_SHARED names a
 * folder that holds them, else these cases are skipped. Each row is a line that works with muster link
 * evaluate. */

typedef struct Floor {
    const char *file, *second, *map, *truth, *pairs;
    double      pairs_f1, clusters_f1;
} Floor;
static const Floor floors[] = {
    { "linkage/febrl/dataset1.csv", NULL,
      "given=given_name,family=surname,birth_date=date_of_birth,city=suburb,postcode=postcode,address="
      "address_1",
      "rec_id", NULL, 0.995, 0.99 },
    { "linkage/rldata/RLdata500.csv", NULL,
      "given=fname_c1,family=lname_c1,birth_year=by,birth_month=bm,birth_day=bd", "ent_id", NULL, 0.98,
      0.98 },
    { "linkage/restaurants/fodors.csv", "linkage/restaurants/zagats.csv",
      "name=name,address=addr,city=city,phone=phone,type=type", NULL,
      "linkage/restaurants/matches_fodors_zagats.csv", 0.98, 0.97 },
    { "linkage/splink/fake_1000.csv", NULL,
      "given=first_name,family=surname,birth_date=dob,city=city,email=email", "cluster", NULL, 0.96, 0.95 },
    { "linkage/splink/historical_50k_part_a.csv", NULL,
      "given=first_name,family=surname,birth_date=dob,birth_place=birth_place,postcode=postcode_fake,"
      "occupation=occupation",
      "cluster", NULL, 0.955, 0.95 },
};

TEST(benchmarks_keep_what_was_reached)
{
    const char *shared = getenv("MUSTER_SHARED");
    if (!shared)
        skip();
    FOR_EACH(f, floors) {
        Arena mem = { 0 };
        Err   err = { 0 };
        CLEANUP(json_done) Json *j = NULL;
        EvaluateOptions o = { .path = str_fmt(&mem, "%s/%s", shared, f->file),
                              .map = f->map,
                              .truth = f->truth,
                              .truth_part = -1,
                              .threads = 2,
                              .seed = 1,
                              .curve_points = 10,
                              .now = stopped_clock };
        if (f->second)
            o.second = str_fmt(&mem, "%s/%s", shared, f->second);
        if (f->pairs)
            o.pairs_path = str_fmt(&mem, "%s/%s", shared, f->pairs);
        CHECK_OK(evaluate(&mem, &o, &j, &err), &err);
        print_message("%s: pairs %.4f, alone %.4f, clusters %.4f\n", f->file, figure(j, "pairs", "f1"),
                      figure(j, "pairs_alone", "f1"), figure(j, "clusters", "f1"));
        CHECK(figure(j, "pairs", "f1") >= f->pairs_f1);
        CHECK(figure(j, "clusters", "f1") >= f->clusters_f1);
        arena_done(&mem);
    }
}

TEST_MAIN(a_made_up_table_is_linked_nearly_without_error, the_curve_falls_in_recall_as_the_threshold_rises,
          the_order_of_the_file_changes_no_figure, a_column_that_is_not_there_is_refused,
          benchmarks_keep_what_was_reached)
