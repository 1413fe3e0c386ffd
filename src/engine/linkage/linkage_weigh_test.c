#include "engine/linkage/linkage_weigh.h"
#include <math.h>
#include "base/test.h"

static const LinkField fields[] = { { "family", LINK_FAMILY }, { "birth_date", LINK_DATE } };

static uint32_t add(LinkColumns *c, const char *family)
{
    uint32_t codes[LINK_FIELDS_MAX] = { link_columns_code(c, 0, str_of(family)),
                                        link_columns_code(c, 1, STR("19840512")) };
    return link_columns_add(c, codes, 0);
}

typedef struct Names {
    Arena        mem;
    LinkColumns *c;
    LinkModel    model;
    uint32_t     smith, smyth, quillfeather, quilfeather;
} Names;

static void names_make(Names *n)
{
    n->c = link_columns_new(&n->mem, fields, COUNT_OF(fields), NULL, NULL);
    n->smith = add(n->c, "smith");
    n->smyth = add(n->c, "smyth");
    n->quillfeather = add(n->c, "quillfeather");
    n->quilfeather = add(n->c, "quilfeather");
    for (int i = 0; i < 200; i++)
        add(n->c, i % 2 ? "smith" : "smyth");
    link_columns_count(n->c);
    link_model_by_hand(n->c, &n->model);
}

static LinkScore score(const Names *n, uint32_t a, uint32_t b)
{
    LinkScore s;
    link_model_score(&n->model, n->c, a, b, &s);
    return s;
}

TEST(a_rare_name_that_is_close_weighs_more_than_a_common_one)
{
    Names n = { 0 };
    names_make(&n);
    LinkScore common = score(&n, n.smith, n.smyth), rare = score(&n, n.quillfeather, n.quilfeather);
    CHECK_INT(common.level[0], rare.level[0]);
    CHECK_INT(common.level[0], link_kind_specs[LINK_FAMILY].near_level);
    CHECK(common.term_bits[0] < -1 && rare.term_bits[0] > common.term_bits[0] + 1);
    CHECK(fabs(common.term_bits[0]) <= 3 && fabs(rare.term_bits[0]) <= 3);
    CHECK(rare.weight_bits > common.weight_bits);
    arena_done(&n.mem);
}

TEST(a_close_name_never_gains_what_the_same_name_would)
{
    Names n = { 0 };
    names_make(&n);
    uint32_t again = add(n.c, "quillfeather");
    CHECK(score(&n, n.quillfeather, again).term_bits[0] >
          score(&n, n.quillfeather, n.quilfeather).term_bits[0]);
    CHECK(score(&n, n.smith, n.smyth).weight_bits == score(&n, n.smyth, n.smith).weight_bits);
    CHECK(score(&n, n.smith, n.quillfeather).term_bits[0] == 0);
    arena_done(&n.mem);
}

TEST(bounds_hold_whatever_the_names)
{
    Names n = { 0 };
    names_make(&n);
    LinkComparer x = link_comparer(n.c, (LinkMemo){ 0 });
    for (uint32_t a = 0; a < 8; a++)
        for (uint32_t b = 0; b < 8; b++) {
            float low, high;
            if (a == b)
                continue;
            link_weigh_bounds(&n.model, link_pattern(&x, link_columns_row(n.c, a), link_columns_row(n.c, b)),
                              &low, &high);
            CHECK(score(&n, a, b).weight_bits >= (double)low && score(&n, a, b).weight_bits <= (double)high);
        }
    arena_done(&n.mem);
}

TEST_MAIN(a_rare_name_that_is_close_weighs_more_than_a_common_one,
          a_close_name_never_gains_what_the_same_name_would, bounds_hold_whatever_the_names)
