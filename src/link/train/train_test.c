#include "link/train/train.h"
#include <math.h>
#include "base/embedded.h"
#include "base/test.h"
#include "link/train/made.h"
#include "link/train/spoil.h"

typedef struct Shipped {
    Arena     mem;
    LinkModel model;
} Shipped;

static void shipped_open(Shipped *s)
{
    Err err = { 0 };
    const Embedded *file = embedded_find("data/link/model.json");
    CHECK(file != NULL);
    CHECK_OK(link_model_read(embedded_str(file), &s->model, &err), &err);
}

static void shipped_done(Shipped *s)
{
    link_model_done(&s->model);
    arena_done(&s->mem);
}

static const LinkComparison *of_aspect(const LinkModel *model, size_t a)
{
    for (size_t i = 0; i < model->comparison_count; i++)
        if (str_same(model->comparisons[i].name, aspects[a].field.name) &&
            model->comparisons[i].kind == aspects[a].field.kind)
            return &model->comparisons[i];
    return NULL;
}

static bool of_both_names(const LinkKindSpec *spec, size_t level)
{
    return str_same(spec->levels[level].key, "crossed") || str_same(spec->levels[level].key, "swapped");
}

static void weights_check(const LinkModel *model)
{
    for (size_t a = 0; a < ASPECT__COUNT; a++) {
        const LinkComparison *k = of_aspect(model, a);
        CHECK(k != NULL);
        const LinkKindSpec *spec = &link_kind_specs[k->kind];
        double before = -100;
        for (size_t l = 1; l < spec->level_count; l++) {
            const LinkLevelFit *fit = &k->levels[l];
            CHECK(fit->m > 0 && fit->u > 0 && fabs(fit->weight_bits) <= MODEL_BITS_MOST + 0.01);
            CHECK(fabs(fit->weight_bits - log2(fit->m / fit->u)) < 0.01 || l == LINK_LEVEL_DIFFERS);
            if (of_both_names(spec, l))
                continue;
            CHECK(fit->weight_bits >= before - 0.01);
            before = fit->weight_bits;
        }
        CHECK(k->levels[LINK_LEVEL_DIFFERS].weight_bits < -1);
        CHECK(before > 4);
    }
}

TEST(the_model_that_ships_covers_every_aspect_and_says_nothing_absurd)
{
    CLEANUP(shipped_done) Shipped s = { 0 };
    shipped_open(&s);
    CHECK(!str_blank(s.model.name) && !str_same(s.model.name, "set by hand"));
    CHECK_INT(s.model.comparison_count, ASPECT__COUNT);
    weights_check(&s.model);
    CHECK(json_int(s.model.report, "pairs_of_one_person", 0) > 10000);
    CHECK(json_get(s.model.report, "not_estimated") != NULL);
    CHECK(json_int(json_get(s.model.report, "without_the_truth"), "rounds", 0) > 0);
}

/* A household's members agree in all of these and are strangers: together they must weigh little more than
 * the heaviest alone. */
TEST(what_a_household_shares_is_not_weighed_three_times)
{
    CLEANUP(shipped_done) Shipped s = { 0 };
    shipped_open(&s);
    static const Aspect home[] = { ASPECT_FAMILY, ASPECT_CITY, ASPECT_POSTCODE, ASPECT_ADDRESS };
    double sum = 0, most = 0;
    for (size_t i = 0; i < COUNT_OF(home); i++) {
        const LinkComparison *k = of_aspect(&s.model, home[i]);
        double bits = k->levels[link_kind_specs[k->kind].level_count - 1].weight_bits;
        sum += bits;
        most = fmax(most, bits);
    }
    for (size_t i = 0; i < s.model.dependence_count; i++) {
        const LinkDependence *d = &s.model.dependences[i];
        size_t a = link_kind_specs[s.model.comparisons[d->a].kind].level_count - 1;
        size_t b = link_kind_specs[s.model.comparisons[d->b].kind].level_count - 1;
        bool in[2] = { false, false };
        for (size_t k = 0; k < COUNT_OF(home); k++) {
            in[0] |= str_same(s.model.comparisons[d->a].name, aspects[home[k]].field.name);
            in[1] |= str_same(s.model.comparisons[d->b].name, aspects[home[k]].field.name);
        }
        sum += in[0] && in[1] ? (double)d->bits[a][b] : 0;
    }
    CHECK(sum > most && sum < most + 14);
}

TEST(the_same_seed_makes_the_same_model)
{
    Arena mem = { 0 };
    Err err = { 0 };
    TrainOptions o = { .people = 600, .seed = 3, .name = "test", .threads = 1 };
    char *text[3];
    for (int i = 0; i < 3; i++) {
        LinkModel model = { 0 };
        o.seed = i == 2 ? 4 : 3;
        CHECK_OK(train_model(&mem, &o, &model, &err), &err);
        weights_check(&model);
        CLEANUP(json_done) Json *j = link_model_json(&model);
        text[i] = json_pretty(&mem, j);
        link_model_done(&model);
    }
    CHECK_TEXT(text[0], text[1]);
    CHECK(!str_same(text[0], text[2]));
    arena_done(&mem);
}

TEST(made_up_people_agree_as_often_as_people_do)
{
    Arena mem = { 0 };
    Err err = { 0 };
    MadeRecord *r = NULL;
    size_t count = 0;
    double both[ASPECT__COUNT] = { 0 }, same[ASPECT__COUNT] = { 0 };
    CHECK_OK(made_people(&mem, 4000, 9, &r, &count, &err), &err);
    CHECK(count > 8000 && count < 12000);
    for (size_t i = 1; i < count; i++)
        for (int a = 0; a < ASPECT__COUNT && r[i].person == r[i - 1].person; a++)
            if (r[i].value[a] && r[i - 1].value[a]) {
                both[a]++;
                same[a] += str_same(r[i].value[a], r[i - 1].value[a]);
            }
    /* Winkler 1994: 75 to 82 given names of 100, 85 to 88 family names. */
    CHECK(same[ASPECT_GIVEN] / both[ASPECT_GIVEN] > 0.73 && same[ASPECT_GIVEN] / both[ASPECT_GIVEN] < 0.82);
    CHECK(same[ASPECT_FAMILY] / both[ASPECT_FAMILY] > 0.83 &&
          same[ASPECT_FAMILY] / both[ASPECT_FAMILY] < 0.90);
    CHECK(!made_people(&mem, 1, 9, &r, &count, &err));
    CHECK_INT(err.kind, ERR_INVALID);
    arena_done(&mem);
}

TEST(a_list_of_made_up_people_holds_no_number_of_anyone)
{
    Arena mem = { 0 };
    Err err = { 0 };
    MadeRecord *r = NULL;
    size_t count = 0;
    CHECK_OK(made_people(&mem, 50, 9, &r, &count, &err), &err);
    char *list = made_list(&mem, r, count, 1);
    CHECK(str_starts(list, "list_ref,") && strstr(list, "P000049-"));
    for (size_t i = 0; i < count; i++)
        CHECK(!r[i].value[ASPECT_PHONE] || !strstr(list, r[i].value[ASPECT_PHONE]));
    CHECK_TEXT(list, made_list(&mem, r, count, 1));
    arena_done(&mem);
}

TEST(a_table_of_spoiling_that_is_wrong_is_refused)
{
    static const struct { const char *rows, *says; } cases[] = {
        { "what,share,per,source\nfalse_details,2,record,x\n", "Line 2" },
        { "what,share,per,source\nno_such,0.1,record,x\n", "Line 2" },
        { "what,share,per,source\nfalse_details,0.1,record,x\nfalse_details,0.1,record,x\n", "Line 3" },
        { "what,share,per,source\nfalse_details,0.1,record,x\n", "no row given_nickname" },
    };
    FOR_EACH(c, cases) {
        Arena mem = { 0 };
        Err err = { 0 };
        Spoiling s;
        CHECK(!spoiling_read(&mem, str_of(c->rows), &s, &err));
        CHECK(strstr(err.told, c->says) != NULL);
        arena_done(&mem);
    }
}

TEST_MAIN(the_model_that_ships_covers_every_aspect_and_says_nothing_absurd,
          what_a_household_shares_is_not_weighed_three_times, the_same_seed_makes_the_same_model,
          made_up_people_agree_as_often_as_people_do, a_list_of_made_up_people_holds_no_number_of_anyone,
          a_table_of_spoiling_that_is_wrong_is_refused)
