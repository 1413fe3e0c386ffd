#include "link/evaluate/table.h"
#include "base/csv.h"
#include "base/test.h"
#include "base/source.h"
#include "engine/linkage/linkage_testing.h"
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

/* ---- reading in chunks, on threads and with memory of what was met gives what the plain way gives */

/* What files hold besides: quotes, breaks inside them, CR LF, gaps, placeholders, other scripts, bytes that
 * are no UTF-8, rows too short and too long. */
static const char *const odd_rows[] = {
    "\"Mary \"\"Ann\"\"\",O'Brien,12/05/1984,\"12, High St,\n Alnwick, NE66 1AA\",J.Smith@EXAMPLE.org,07700 "
    "900123\r\n",
    "\r\n",
    "unknown,n/a,01/01/1900,NA,none,0000000\n",
    ",,,,,\n",
    "Борис,Ельцин,1.2.1931,ул. Ленина 5,boris@example.org,+44 7700 900123\n",
    "caf\xff,\xc3(,,NULL,\\N,x\n",
    "  padded ,\t tab\t,5 May 84,flat 2 12 high street,a@b,447700900123\n",
    "a\"b,cr\rinside,20001301,1 st john st,@,12\n",
    "short\n",
    "long,long,1999,1 long lane,long@example.org,07700900199,and,more\n",
    "Dr Smith OBE,Dr Smith OBE,19840512,no 5 the rd,x.y@example.org,07700900123 ext 5\n",
};
static const char *const odd_fields[] = { "given", "family", "birth_date", "address", "email", "phone" };
enum { ODD_FIELDS = COUNT_OF(odd_fields), ODD_ROWS = 90000 };
static const char odd_map[] = "given=g,family=f,birth_date=b,address=a,email=e,phone=p";

static char *odd_text(Arena *mem, size_t rows)
{
    Rng    rng = rng_seed(7);
    StrBuf buf = { .mem = mem };
    buf_add(&buf, "\xEF\xBB\xBFg,f,b,a,e,p\n");
    for (size_t i = 0; i < rows; i++) {
        MadeRow m = made_person(&rng, i);
        made_spoil(&rng, &m);
        if (rng_below(&rng, 50) == 0)
            buf_add(&buf, odd_rows[rng_below(&rng, COUNT_OF(odd_rows))]);
        else
            buf_fmt(&buf, "%s,%s,%s,%d %s Rd,%s,07700 9%05d\n", m.text[MADE_GIVEN], m.text[MADE_FAMILY],
                    m.text[MADE_BORN], (int)rng_below(&rng, 99), m.text[MADE_CITY], m.text[MADE_EMAIL],
                    (int)rng_below(&rng, 100000));
    }
    return buf_text(&buf);
}

static const char *plain_normal(const PersonTools *tools, Arena *scratch, size_t field, Str raw)
{
    Str s = str_trim(raw);
    if (str_eq(s, STR("NA")) || str_eq(s, STR("NULL")) || str_eq(s, STR("\\N")))
        return NULL;
    return person_normal(tools, scratch, person_kind(odd_fields[field]), str_from(scratch, s));
}

/* Every value of every row normalised, one after the other. */
static LinkColumns *plain_columns(Arena *mem, const char *text, const PersonTools *tools)
{
    TableMap  map;
    LinkField fields[LINK_FIELDS_MAX];
    Err       err = { 0 };
    CsvRow    row;
    bool      end = false;
    CHECK_OK(table_map_read(mem, odd_map, &map, &err), &err);
    LinkColumns *c =
        link_columns_new(mem, fields, table_map_fields(&map, fields), person_nicknames, tools->rules);
    Csv         *csv = csv_new(mem, source_memory(mem, str_of(text)), ',');
    CHECK_OK(csv_next(csv, &row, &end, &err), &err);
    for (;;) {
        CLEANUP(arena_done) Arena scratch = { 0 };
        uint32_t                  codes[LINK_FIELDS_MAX] = { 0 };
        CHECK_OK(csv_next(csv, &row, &end, &err), &err);
        if (end)
            return c;
        for (size_t f = 0; f < ODD_FIELDS && f < row.count; f++)
            codes[f] = link_columns_code(c, f, str_of(plain_normal(tools, &scratch, f, row.fields[f])));
        link_columns_add(c, codes, 0);
    }
}

static bool same_value(const LinkColumns *a, const LinkColumns *b, size_t field, uint32_t code)
{
    const LinkValue *x = link_columns_value(a, field, code), *y = link_columns_value(b, field, code);
    size_t           derived = offsetof(LinkValue, len);
    return str_same(x->text, y->text) &&
           memcmp((const char *)x + derived, (const char *)y + derived, sizeof *x - derived) == 0 &&
           memcmp(link_columns_tokens(a, field, x), link_columns_tokens(b, field, y),
                  x->token_count * sizeof(uint32_t)) == 0;
}

static void check_same(const LinkColumns *a, const LinkColumns *b)
{
    CHECK_INT(link_columns_rows(a), link_columns_rows(b));
    for (uint32_t row = 0; row < link_columns_rows(a); row++)
        CHECK(memcmp(link_columns_row(a, row), link_columns_row(b, row), ODD_FIELDS * sizeof(uint32_t)) == 0);
    for (size_t f = 0; f < ODD_FIELDS; f++) {
        CHECK_INT(link_columns_values(a, f), link_columns_values(b, f));
        for (uint32_t code = 1; code < link_columns_values(a, f); code++)
            CHECK(same_value(a, b, f, code));
    }
}

TEST(any_number_of_threads_gives_the_codes_of_the_plain_way)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    char                      path[] = "/tmp/muster-table-XXXXXX";
    PersonRules              *rules = NULL;
    Err                       err = { 0 };
    TableMap                  map;
    int                       file = mkstemp(path);
    CHECK(file >= 0);
    close(file);
    char *text = odd_text(&mem, ODD_ROWS);
    write_file(path, text);
    CHECK_OK(person_rules_load(&mem, &rules, &err), &err);
    CHECK_OK(table_map_read(&mem, odd_map, &map, &err), &err);
    CLEANUP(fold_done) Fold *fold = fold_new(&mem);
    PersonTools              tools = { rules, fold };
    LinkColumns             *plain = plain_columns(&mem, text, &tools);
    for (unsigned threads = 1; threads <= 3; threads++) {
        CLEANUP(arena_done) Arena own = { 0 };
        Table                     table;
        table_begin(&own, &tools, &map, &table);
        table.threads = threads;
        CHECK_OK(table_add(&table, &tools, &map, NULL, path, 0, &own, &err), &err);
        check_same(plain, table.columns);
    }
    unlink(path);
}

TEST_MAIN(tables_are_read_as_they_come, what_is_not_there_is_refused_by_name,
          any_number_of_threads_gives_the_codes_of_the_plain_way)
