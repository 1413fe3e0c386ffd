#include "triage/priority.h"
#include <string.h>
#include "base/csv.h"
#include "base/embedded.h"
#include "base/source.h"

typedef struct Row { const char *measure, *because; int64_t at_least, points; } Row;

static bool row_read(Arena *mem, const CsvRow *csv, Row *out, Err *err)
{
    if (csv->count != 4 || !str_int(str_trim(csv->fields[1]), 1, INT32_MAX, &out->at_least) ||
        !str_int(str_trim(csv->fields[2]), 0, 1000, &out->points))
        return err_set(err, ERR_INVALID, "Line %zu of the table of priorities cannot be read.", csv->line);
    out->measure = str_from(mem, str_trim(csv->fields[0]));
    out->because = str_from(mem, str_trim(csv->fields[3]));
    return true;
}

static int64_t measure(const Json *counts, const char *name)
{
    const Json *grades = json_get(counts, "grades");
    if (!str_starts(name, "grade:"))
        return json_int(json_get(counts, "totals"), name, 0);
    const char *scale = name + strlen("grade:"), *colon = strrchr(scale, ':');
    for (size_t i = 0; colon && i < json_count(grades); i++) {
        const Json *g = json_at(grades, i);
        const char *of = json_text(g, "scale");
        if (of && strlen(of) == (size_t)(colon - scale) && strncmp(of, scale, (size_t)(colon - scale)) == 0 &&
            str_same(json_text(g, "grade"), colon + 1))
            return json_int(g, "files", 0);
    }
    return 0;
}

/* The highest reached of each measure. */
static void row_weigh(Row *best, size_t *count, size_t cap, const Row *row, const Json *counts)
{
    if (measure(counts, row->measure) < row->at_least)
        return;
    for (size_t i = 0; i < *count; i++)
        if (str_same(best[i].measure, row->measure)) {
            best[i] = row->points > best[i].points ? *row : best[i];
            return;
        }
    if (*count < cap)
        best[(*count)++] = *row;
}

bool priority_by(Str csv, const Json *counts, Arena *mem, Priority *out, Err *err)
{
    Row best[64];
    size_t count = 0;
    Csv *reader = csv_new(mem, source_memory(mem, csv), ',');
    StrBuf why = { .mem = mem };
    for (bool header = true, end = false;; header = false) {
        CsvRow line;
        Row row;
        if (!csv_next(reader, &line, &end, err))
            return err_while(err, "reading the table of priorities");
        if (end)
            break;
        if (header)
            continue;
        if (!row_read(mem, &line, &row, err))
            return false;
        row_weigh(best, &count, COUNT_OF(best), &row, counts);
    }
    *out = (Priority){ 0 };
    for (size_t i = 0; i < count; i++) {
        out->points += best[i].points;
        bool said = false;
        for (size_t k = 0; k < i; k++)
            said = said || str_same(best[k].because, best[i].because);
        if (!said)
            buf_fmt(&why, "%s%s", why.len ? "; " : "", best[i].because);
    }
    out->because = buf_text(&why);
    return true;
}

bool priority_of(const Json *counts, Arena *mem, Priority *out, Err *err)
{
    const Embedded *table = embedded_find("data/triage/priority.csv");
    return table ? priority_by(embedded_str(table), counts, mem, out, err)
                 : err_set(err, ERR_BUG, "The table of priorities is not in this program.");
}
