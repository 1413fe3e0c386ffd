#include "base/csv.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/rng.h"
#include "base/test.h"

/* Rows as one text: fields in brackets, each row led by its line and offset; a refusal as its kind. */
static char *all_rows(Arena *mem, Csv *csv)
{
    StrBuf out = { .mem = mem };
    for (int calls = 0; calls < 100000; calls++) {
        CsvRow row;
        bool   end;
        Err    err = {0};
        if (!csv_next(csv, &row, &end, &err)) {
            CHECK(err.told[0]);
            buf_fmt(&out, "!%s(%s)", err_kind_name(err.kind), err.told);
            continue;
        }
        if (end)
            return buf_text(&out);
        buf_fmt(&out, "%zu@%d", row.line, (int)row.offset);
        for (size_t i = 0; i < row.count; i++)
            buf_fmt(&out, "[" STR_FMT "]", STR_ARG(row.fields[i]));
    }
    fail_msg("the reader does not end");
    return NULL;
}

static const struct { const char *name; Str in; const char *want; } cases[] = {
    { "empty",                     STR(""),                        ""                          },
    { "only a mark",               STR("\xEF\xBB\xBF"),            ""                          },
    { "two rows",                  STR("a,b\nc,d\n"),              "1@0[a][b]2@4[c][d]"        },
    { "no last line ending",       STR("a,b\nc"),                  "1@0[a][b]2@4[c]"           },
    { "carriage returns",          STR("a\r\nb\r\n"),              "1@0[a]2@3[b]"              },
    { "mark is skipped",           STR("\xEF\xBB\xBF" "a\nb"),     "1@3[a]2@5[b]"              },
    { "mark before a quote",       STR("\xEF\xBB\xBF\"a\",b"),     "1@3[a][b]"                 },
    { "half a mark",               STR("\xEF\xBB"),                "1@0[\xEF\xBB]"             },
    { "empty fields",              STR(",\n,,"),                   "1@0[][]2@2[][][]"          },
    { "quoted empty",              STR("\"\"\n\"\",x"),            "1@0[]2@3[][x]"             },
    { "blank lines",               STR("\n\r\na\n\n\nb\n\n"),      "3@3[a]6@7[b]"              },
    { "escaped quotes",            STR("\"a\"\"b\"\"\",\"\"\"\""), "1@0[a\"b\"][\"]"           },
    { "newline in quotes",         STR("\"a\nb\",c\nd"),           "1@0[a\nb][c]3@8[d]"        },
    { "crlf in quotes",            STR("\"a\r\nb\"\r\nd"),         "1@0[a\r\nb]3@8[d]"         },
    { "quote inside plain",        STR("a\"b,c\"\n"),              "1@0[a\"b][c\"]"            },
    { "lone carriage return",      STR("a\rb,c\r"),                "1@0[a\rb][c\r]"            },
    { "spaces are kept",           STR(" a , \"b\"\n"),            "1@0[ a ][ \"b\"]"          },
    { "unclosed at the end",       STR("a\n\"b\nc\nd"),
      "1@0[a]!invalid(Line 2 has an opening quote that is never closed.)3@5[c]4@7[d]" },
    { "unclosed last line",        STR("a\n\"b"),
      "1@0[a]!invalid(Line 2 has an opening quote that is never closed.)" },
    { "lone quote", STR("\""), "!invalid(Line 1 has an opening quote that is never closed.)" },
    { "text after a quote",        STR("\"a\"b,c\nd,e"),
      "!invalid(Line 1 has text after a closing quote.)2@7[d][e]" },
    { "stray after lines",         STR("\"a\nb\"c\nd"),
      "!invalid(Line 1 has text after a closing quote.)2@3[b\"c]3@7[d]" },
};
TEST(rows_are_read_with_their_line_and_offset)
{
    CLEANUP(arena_done) Arena mem = {0};
    FOR_EACH(c, cases) {
        char *got = all_rows(&mem, csv_new(&mem, source_memory(&mem, c->in), ','));
        if (strcmp(got, c->want) != 0)
            fail_msg("%s: got %s", c->name, got);
    }
}

TEST(any_delimiter_will_do)
{
    CLEANUP(arena_done) Arena mem = {0};
    CHECK_TEXT(all_rows(&mem, csv_new(&mem, source_memory(&mem, STR("a;b,c\n\"x;y\";z")), ';')),
               "1@0[a][b,c]2@6[x;y][z]");
    CHECK_TEXT(all_rows(&mem, csv_new(&mem, source_memory(&mem, STR("a\t\tb")), '\t')), "1@0[a][][b]");
}

static char *filled(Arena *mem, size_t n, char c)
{
    char *text = arena_new(mem, char, n + 1);
    memset(text, c, n);
    return text;
}

TEST(the_limits_refuse_one_row_and_reading_goes_on)
{
    CLEANUP(arena_done) Arena mem = {0};
    char *most = filled(&mem, LIMIT_CSV_FIELD_BYTES, 'x'), *commas = filled(&mem, LIMIT_CSV_COLUMNS, ',');
    char *wide = str_copy_n(&mem, commas, LIMIT_CSV_COLUMNS - 1);
    const struct { const char *row; ErrKind kind; size_t count; } rows[] = {
        { most,                                                      ERR_NONE,  1                 },
        { str_fmt(&mem, "\"%s\"", most),                             ERR_NONE,  1                 },
        { str_fmt(&mem, "%sx", most),                                ERR_LIMIT, 0                 },
        { str_fmt(&mem, "\"%sx\"", most),                            ERR_LIMIT, 0                 },
        { wide,                                                      ERR_NONE,  LIMIT_CSV_COLUMNS },
        { commas,                                                    ERR_LIMIT, 0                 },
        { filled(&mem, 3 * 1024 * 1024, 'y'),                        ERR_LIMIT, 0                 },
        { "z",                                                       ERR_NONE,  1                 },
    };
    StrBuf text = { .mem = &mem };
    FOR_EACH(r, rows)
        buf_fmt(&text, "%s\n", r->row);
    Csv *csv = csv_new(&mem, source_memory(&mem, (Str){ text.at, text.len }), ',');
    CsvRow row;
    bool   end;
    Err    err = {0};
    size_t line = 0, offset = 0;
    FOR_EACH(r, rows) {
        line++;
        CHECK(csv_offset(csv) == offset && csv_line(csv) == line);
        if (r->kind) {
            CHECK_FAILS(csv_next(csv, &row, &end, &err), &err, r->kind);
        } else {
            CHECK_OK(csv_next(csv, &row, &end, &err), &err);
            CHECK(!end && row.count == r->count && row.line == line && row.offset == offset);
        }
        offset += strlen(r->row) + 1;
    }
    CHECK_OK(csv_next(csv, &row, &end, &err), &err);
    CHECK(end);
}

/* What is written reads back, and can be taken up again at any row. */
static char *some_field(Arena *mem, Rng *rng)
{
    static const char *const parts[] = { "a", "\"", ",", "\n", "\r\n", "\r", "é", " ", "=", "", "\"\"",
                                         "long enough text" };
    StrBuf buf = { .mem = mem };
    for (uint64_t n = rng_below(rng, 6); n > 0; n--)
        buf_add(&buf, parts[rng_below(rng, COUNT_OF(parts))]);
    return buf_text(&buf);
}

TEST(what_is_written_reads_back_and_resumes)
{
    Rng rng = rng_seed(17);
    for (int round = 0; round < 300; round++) {
        CLEANUP(arena_done) Arena mem = {0};
        enum { ROWS = 20, COLUMNS = 3 };
        char  *fields[ROWS][COLUMNS];
        StrBuf text = { .mem = &mem };
        if (round % 2)
            buf_add(&text, "\xEF\xBB\xBF");
        for (int r = 0; r < ROWS; r++)
            for (int c = 0; c < COLUMNS; c++)
                csv_add(&text, fields[r][c] = some_field(&mem, &rng), c == COLUMNS - 1);
        Str  all = { text.at, text.len };
        Csv *csv = csv_new(&mem, source_memory(&mem, all), ',');
        for (int r = 0; r < ROWS; r++) {
            CsvRow row, again;
            bool   end;
            Err    err = {0};
            uint64_t at = csv_offset(csv);
            size_t   line = csv_line(csv);
            CHECK_OK(csv_next(csv, &row, &end, &err), &err);
            CHECK(!end && row.count == COLUMNS && row.line == line && (r == 0 || row.offset == at));
            Csv *resumed = csv_new(&mem, source_memory(&mem, (Str){ all.at + at, all.len - at }), ',');
            csv_at(resumed, at, line);
            CHECK_OK(csv_next(resumed, &again, &end, &err), &err);
            CHECK(again.line == row.line && again.offset == row.offset && again.count == row.count);
            CHECK(csv_offset(resumed) == csv_offset(csv) && csv_line(resumed) == csv_line(csv));
            for (int c = 0; c < COLUMNS; c++) {
                CHECK(str_eq(row.fields[c], str_of(fields[r][c])));
                CHECK(str_eq(again.fields[c], row.fields[c]));
            }
        }
    }
}

TEST(formulas_are_disarmed_only_when_asked)
{
    static const struct { const char *in, *plain, *safe; } fields[] = {
        { "=1+1",    "=1+1,",         "'=1+1,"          },
        { "-5",      "-5,",           "'-5,"            },
        { "@a,b",    "\"@a,b\",",     "\"'@a,b\","      },
        { "\tx",     "\"\tx\",",      "\"'\tx\","       },
        { "a=b",     "a=b,",          "a=b,"            },
        { NULL,      ",",             ","               },
        { "say \"x\"", "\"say \"\"x\"\"\",", "\"say \"\"x\"\"\"," },
    };
    FOR_EACH(f, fields) {
        CLEANUP(arena_done) Arena mem = {0};
        StrBuf plain = { .mem = &mem }, safe = { .mem = &mem };
        csv_add(&plain, f->in, false);
        csv_add_safe(&safe, f->in, false);
        CHECK_TEXT(buf_text(&plain), f->plain);
        CHECK_TEXT(buf_text(&safe), f->safe);
    }
}

/* The published cases: each file as a list of objects keyed by the header. Copies of them differ in the
 * line endings inside quotes, so these are compared as LF. */
static void check_spectrum(const char *folder, const char *name)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(json_done) Json *want = NULL;
    Err err = {0};
    Str csv_text, json_file;
    CHECK_OK(file_read(&mem, str_fmt(&mem, "%s/csvs/%s.csv", folder, name), 1 << 20, &csv_text, &err), &err);
    CHECK_OK(file_read(&mem, str_fmt(&mem, "%s/json/%s.json", folder, name), 1 << 20, &json_file, &err),
             &err);
    CHECK_OK(json_read(json_file, &want, &err), &err);
    Csv   *csv = csv_new(&mem, source_memory(&mem, csv_text), ',');
    char  *header[LIMIT_CSV_COLUMNS] = {0};
    size_t rows = 0;
    CsvRow row;
    bool   end;
    CHECK_OK(csv_next(csv, &row, &end, &err), &err);
    for (size_t i = 0; i < row.count; i++)
        header[i] = str_from(&mem, row.fields[i]);
    for (;; rows++) {
        CHECK_OK(csv_next(csv, &row, &end, &err), &err);
        if (end)
            break;
        const Json *object = json_at(want, rows);
        CHECK_INT(json_count(object), row.count);
        for (size_t i = 0; i < row.count; i++)
            CHECK_TEXT(utf8_clean(&mem, row.fields[i]),
                       utf8_clean(&mem, str_of(json_text(object, header[i]))));
    }
    CHECK_INT(rows, json_count(want));
}

TEST(the_published_spectrum_is_read)
{
    static const char *const names[] = { "comma_in_quotes", "empty", "escaped_quotes", "json", "newlines",
                                         "newlines_crlf", "simple", "simple_crlf" };
    const char *shared = getenv("MUSTER_SHARED");
    if (!shared)
        skip();
    CLEANUP(arena_done) Arena mem = {0};
    FOR_EACH(n, names)
        check_spectrum(str_fmt(&mem, "%s/hostile/csv-spectrum", shared), *n);
}

TEST_MAIN(rows_are_read_with_their_line_and_offset, any_delimiter_will_do,
          the_limits_refuse_one_row_and_reading_goes_on, what_is_written_reads_back_and_resumes,
          formulas_are_disarmed_only_when_asked, the_published_spectrum_is_read)
