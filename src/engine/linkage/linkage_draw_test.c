#include "engine/linkage/linkage_draw.h"
#include "base/test.h"
#include "engine/linkage/linkage_testing.h"

enum { ROWS = 20000, DRAWN = 1000 };

TEST(the_order_of_rows_does_not_matter)
{
    Arena      mem = { 0 };
    MadePeople one = made_people(&mem, 3000, 9, 1, false), two = made_people(&mem, 3000, 9, 2, false);
    uint32_t  *x = arena_new(&mem, uint32_t, 200), *y = arena_new(&mem, uint32_t, 200);
    CHECK_INT(link_draw(one.columns, 5, 200, x), 200);
    CHECK_INT(link_draw(two.columns, 5, 200, y), 200);
    for (size_t i = 0; i < 200; i++)
        CHECK(link_row_hash(one.columns, x[i], 0) == link_row_hash(two.columns, y[i], 0));
    arena_done(&mem);
}

TEST(of_few_rows_all_are_drawn_once)
{
    Arena      mem = { 0 };
    MadePeople made = made_people(&mem, 300, 9, 1, false);
    uint32_t  *rows = arena_new(&mem, uint32_t, 1000);
    bool      *seen = arena_new(&mem, bool, 300);
    CHECK_INT(link_draw(made.columns, 5, 1000, rows), 300);
    for (size_t i = 0; i < 300; i++) {
        CHECK(!seen[rows[i]]);
        seen[rows[i]] = true;
    }
    arena_done(&mem);
}

/* Every row is there twice. Drawn for themselves, some 25 of 1,000 rows have their like among the others. */
TEST(rows_that_hold_the_same_are_not_drawn_together)
{
    Arena        mem = { 0 };
    LinkField    field = { "other.number", LINK_CODE };
    LinkColumns *c = link_columns_new(&mem, &field, 1, NULL, NULL);
    uint32_t    *rows = arena_new(&mem, uint32_t, DRAWN);
    uint8_t     *times = arena_new(&mem, uint8_t, ROWS);
    size_t       both = 0;
    for (int i = 0; i < ROWS; i++) {
        char     text[16];
        uint32_t codes[LINK_FIELDS_MAX] = { 0 };
        snprintf(text, sizeof text, "%d", i / 2);
        codes[0] = link_columns_code(c, 0, str_of(text));
        link_columns_add(c, codes, 0);
    }
    CHECK_INT(link_draw(c, 1, DRAWN, rows), DRAWN);
    for (size_t i = 0; i < DRAWN; i++)
        both += times[rows[i] / 2]++ == 1;
    CHECK(both > 5 && both < 70);
    arena_done(&mem);
}

TEST(rows_all_alike_are_drawn_too)
{
    Arena        mem = { 0 };
    LinkField    field = { "other.number", LINK_CODE };
    LinkColumns *c = link_columns_new(&mem, &field, 1, NULL, NULL);
    uint32_t    *rows = arena_new(&mem, uint32_t, DRAWN), codes[LINK_FIELDS_MAX] = { 0 };
    codes[0] = link_columns_code(c, 0, STR("same"));
    for (int i = 0; i < ROWS; i++)
        link_columns_add(c, codes, 0);
    CHECK_INT(link_draw(c, 1, DRAWN, rows), DRAWN);
    arena_done(&mem);
}

TEST_MAIN(the_order_of_rows_does_not_matter, of_few_rows_all_are_drawn_once,
          rows_that_hold_the_same_are_not_drawn_together, rows_all_alike_are_drawn_too)
