#include "link/evaluate/table.h"
#include "base/test.h"
#include "base/source.h"
#include <unistd.h>

static void write_file(const char *path, const char *text)
{
    Err err = { 0 };
    CHECK_OK(file_write(path, str_of(text), &err), &err);
}

static bool read_table(Arena *mem, const char *text, const char *map_text, Table *table, Err *err)
{
    char         path[] = "/tmp/muster-table-XXXXXX";
    PersonRules *rules = NULL;
    TableMap     map;
    int          file = mkstemp(path);
    CHECK(file >= 0);
    close(file);
    write_file(path, text);
    CHECK_OK(person_rules_load(mem, &rules, err), err);
    PersonTools tools = { rules, fold_new(mem) };
    bool        ok = table_map_read(mem, map_text, &map, err);
    if (ok) {
        table_begin(mem, &tools, &map, table);
        ok = table_add(table, &tools, &map, &(TableColumns){ .id = "id" }, path, 0, mem, err);
    }
    fold_done(&tools.fold);
    unlink(path);
    return ok;
}

typedef struct Case { const char *name, *text, *map, *field, *want; } Case;
static const Case cases[] = {
    { "blanks after commas do not matter", "id, fn, sn\n1, Mary , O'Brien\n", "given=fn,family=sn", "given",
      "mary" },
    { "semicolons part columns", "id;fn;sn\n1;Mary;Smith\n", "given=fn,family=sn", "family", "smith" },
    { "tabs part columns", "id\tfn\n1\tMary\n", "given=fn", "given", "mary" },
    { "columns are joined", "id,no,st\n1,12,High Street\n", "address=no+st", "address", "12 high street" },
    { "a house number joins its address", "id,no,st\n1,12,High Street\n", "house_number=no,address=st",
      "address", "12 high street" },
    { "parts of a date are one date", "id,y,m,d\n1,1984,5,12\n", "birth_year=y,birth_month=m,birth_day=d",
      "birth_date", "19840512" },
    { "NA is blank", "id,fn\n1,NA\n", "given=fn", "given", "" },
    { "other words for fields", "id,dob\n1,1984-05-12\n", "dob=dob", "birth_date", "19840512" },
};

TEST(tables_are_read_as_they_come)
{
    FOR_EACH(c, cases) {
        Arena  mem = { 0 };
        Err    err = { 0 };
        Table  table;
        CHECK_OK(read_table(&mem, c->text, c->map, &table, &err), &err);
        size_t field = link_columns_field(table.columns, c->field);
        if (field == SIZE_MAX)
            print_error("%s: no field\n", c->name);
        Str got = link_columns_text(table.columns, field, 0);
        if (!str_eq(got, str_of(c->want)))
            print_error("%s: " STR_FMT "\n", c->name, STR_ARG(got));
        CHECK(str_eq(got, str_of(c->want)));
        CHECK_TEXT(table.ids[0], "1");
        arena_done(&mem);
    }
}

TEST(what_is_not_there_is_refused_by_name)
{
    static const struct { const char *map, *named; } bad[] = {
        { "given=nosuch", "nosuch" }, { "shoe_size=fn", "shoe_size" }, { "given=fn,given=fn", "given" }, { "fn", "fn" },
    };
    FOR_EACH(b, bad) {
        Arena mem = { 0 };
        Err   err = { 0 };
        Table table;
        CHECK(!read_table(&mem, "id,fn\n1,Mary\n", b->map, &table, &err));
        CHECK_INT(err.kind, ERR_INVALID);
        CHECK(strstr(err.told, b->named) != NULL);
        arena_done(&mem);
    }
}

TEST_MAIN(tables_are_read_as_they_come, what_is_not_there_is_refused_by_name)
