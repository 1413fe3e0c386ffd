/* thresholds.c: when two records are linked, when a person is asked: data/link/thresholds.csv, by day. */
#include <stdlib.h>
#include "base/csv.h"
#include "base/embedded.h"
#include "link/base.h"

static bool bits_read(Str text, double *out)
{
    int64_t whole = 0;
    if (!str_int(text, -50, 200, &whole)) /* whole bits: finer than that nobody can say why */
        return false;
    *out = (double)whole;
    return true;
}

static bool row_take(const CsvRow *row, Arena *mem, Thresholds *t, Err *err)
{
    if (row->count == 5 && date_parse(row->fields[0], &t->from) && bits_read(row->fields[1], &t->link_bits) &&
        bits_read(row->fields[2], &t->review_bits) && str_int(row->fields[3], 2, INT64_MAX, &t->people) &&
        t->link_bits > t->review_bits) {
        t->note = str_from(mem, row->fields[4]);
        return true;
    }
    return err_set(err, ERR_INVALID, "Line %zu of data/link/thresholds.csv cannot be read.", row->line);
}

bool thresholds_on(Arena *mem, Date day, Thresholds *out, Err *err)
{
    const Embedded *file = embedded_find("data/link/thresholds.csv");
    if (!file)
        return err_set(err, ERR_BUG, "The thresholds of linking are not in this program.");
    Csv *csv = csv_new(mem, source_memory(mem, embedded_str(file)), ',');
    bool end = false, found = false, head = true;
    CsvRow row;
    *out = (Thresholds){ 0 };
    while (csv_next(csv, &row, &end, err) && !end) {
        Thresholds t = { 0 };
        if (!head && !row_take(&row, mem, &t, err))
            return false;
        /* The latest that is in force; before the first, the first. */
        if (!head && (!found || (t.from <= day && t.from >= out->from))) {
            *out = t;
            found = true;
        }
        head = false;
    }
    if (err->kind)
        return err_while(err, "reading the thresholds of linking");
    return found || err_set(err, ERR_INVALID, "data/link/thresholds.csv names no thresholds.");
}
