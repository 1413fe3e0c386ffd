/* Every format's column table, walked row by row; reasons never tell the value. */
#include "intake/columns.h"
#include "base/test.h"
#include "intake/formats.h"

static const struct { const char *format; const Column *columns; } tables[] = {
    { "answers", answers_columns }, { "footprints", footprints_columns }, { "hashset", hashset_columns },
    { "list", list_columns },       { "register", register_columns },     { "returns", returns_columns },
};

TEST(columns_are_sorted_and_named_once)
{
    FOR_EACH(t, tables)
        for (const Column *c = t->columns; c[1].name; c++)
            if (strcmp(c[0].name, c[1].name) >= 0 && !str_same(c[0].name, "port"))
                fail_msg("%s: %s before %s", t->format, c[0].name, c[1].name);
}

TEST(names_are_compared_loosely)
{
    CHECK(column_is(STR("Date of-Birth"), "date_of_birth"));
    CHECK(column_is(STR("DATEOFBIRTH"), "date_of_birth"));
    CHECK(!column_is(STR("date_of_birt"), "date_of_birth"));
    CHECK(!column_is(STR("date_of_births"), "date_of_birth"));
    CHECK(!column_is(STR(""), "date_of_birth"));
}

TEST(the_delimiter_is_found_from_the_header)
{
    CHECK_INT(column_delimiter(STR("a,b,c\n1;2;3;4;5\n")), ',');
    CHECK_INT(column_delimiter(STR("a;b;c\r\n")), ';');
    CHECK_INT(column_delimiter(STR("a\tb\tc")), '\t');
}

typedef struct Cell { const char *text; Date date; WhenText when; int64_t number; int flag; } Cell;

static const struct { ColumnParse *parse; size_t offset; const char *good, *bad; } fields[] = {
    { column_address,  offsetof(Cell, text),   "192.0.2.1",            "secret.words"  },
    { column_count,    offsetof(Cell, number), "12",                   "secret-12"     },
    { column_date,     offsetof(Cell, date),   "2026-02-28",           "2026-02-30"    },
    { column_email,    offsetof(Cell, text),   "a@example.org",        "secret"        },
    { column_instant,  offsetof(Cell, when),   "2026-02-28T10:00:00Z", "secret time"   },
    { column_md5,      offsetof(Cell, text),   "0123456789abcdef0123456789abcdef", "secret" },
    { column_phone,    offsetof(Cell, text),   "07700 900123",         "secret"        },
    { column_port,     offsetof(Cell, number), "65535",                "65536"         },
    { column_yes_no,   offsetof(Cell, flag),   "Yes",                  "secret"        },
};

TEST(each_kind_of_field_takes_the_good_and_explains_the_bad)
{
    FOR_EACH(f, fields) {
        CLEANUP(arena_done) Arena mem = {0};
        const Column columns[] = { { "the_column", REQUIRED, f->parse, f->offset }, {0} };
        Str header[] = { STR("The Column") }, good[] = { str_of(f->good) }, bad[] = { str_of(f->bad) },
            none[] = { STR(" ") };
        ColumnMap map;
        Cell cell = {0};
        Err err = {0};
        CHECK_OK(columns_map(columns, "test", &(CsvRow){ 1, 0, 1, header }, &map, &err), &err);
        CHECK_OK(columns_read(&map, &(CsvRow){ 2, 0, 1, good }, 2, &mem, &cell, &err), &err);
        assert_false(columns_read(&map, &(CsvRow){ 3, 0, 1, bad }, 3, &mem, &cell, &err));
        CHECK(strstr(err.told, "Line 3: the_column ") == err.told);
        CHECK(!strstr(err.told, f->bad));
        CHECK_FAILS(columns_read(&map, &(CsvRow){ 4, 0, 1, none }, 4, &mem, &cell, &err), &err, ERR_INVALID);
    }
}

TEST(a_row_of_another_width_is_refused)
{
    CLEANUP(arena_done) Arena mem = {0};
    const Column columns[] = { { "a", OPTIONAL, column_text, 0 }, {0} };
    Str header[] = { STR("a") }, row[] = { STR("1"), STR("2") };
    ColumnMap map;
    Cell cell = {0};
    Err err = {0};
    CHECK_OK(columns_map(columns, "test", &(CsvRow){ 1, 0, 1, header }, &map, &err), &err);
    CHECK_FAILS(columns_read(&map, &(CsvRow){ 2, 0, 2, row }, 2, &mem, &cell, &err), &err, ERR_INVALID);
    CHECK_FAILS(columns_map(columns, "test", &(CsvRow){ 1, 0, 2, (Str[]){ STR("a"), STR("A") } }, &map, &err),
                &err, ERR_INVALID);
}

TEST(text_that_is_not_utf8_is_refused_rather_than_changed)
{
    CLEANUP(arena_done) Arena mem = {0};
    const Column columns[] = { { "name", OPTIONAL, column_text, 0 }, {0} };
    ColumnMap map;
    Cell cell = {0};
    Err err = {0};
    CHECK_OK(columns_map(columns, "test", &(CsvRow){ 1, 0, 1, (Str[]){ STR("name") } }, &map, &err), &err);
    CHECK_FAILS(columns_read(&map, &(CsvRow){ 2, 0, 1, (Str[]){ STR("Ren\xe9") } }, 2, &mem, &cell, &err),
                &err, ERR_INVALID);
}

TEST(formats_are_known_by_their_content)
{
    static const struct { const char *head, *want; } cases[] = {
        { "\xEF\xBB\xBFList Ref;Family Name\n",            "list"       },
        { "event_ref,ip_address,seen_at\n",                "footprints" },
        { "event,force,subject_ref,ref,date\n",            "returns"    },
        { "md5,grade,scale,set_name,set_version\n",        "hashset"    },
        { "operator_ref\toperator\n",                      "answers"    },
        { "register_ref\n",                                "register"   },
        { "<?xml version='1.0'?>\n<!-- x --><a><ns:Report/>", "cybertip" },
        { "<fileDetails>",                                 "cybertip"   },
        { "<html></html>",                                 NULL         },
        { "name,born\n",                                   NULL         },
        { "",                                              NULL         },
    };
    FOR_EACH(c, cases) {
        Err err = {0};
        const Format *f = NULL;
        bool found = format_detect(str_of(c->head), &f, &err);
        if (found != (c->want != NULL) || (found && !str_same(f->name, c->want)))
            fail_msg("%s: %s", c->head, found ? f->name : "nothing");
    }
}

TEST_MAIN(columns_are_sorted_and_named_once, names_are_compared_loosely,
          the_delimiter_is_found_from_the_header, each_kind_of_field_takes_the_good_and_explains_the_bad,
          a_row_of_another_width_is_refused, text_that_is_not_utf8_is_refused_rather_than_changed,
          formats_are_known_by_their_content)
