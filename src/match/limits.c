#include "match/limits.h"
#include "base/csv.h"
#include "base/embedded.h"
#include "engine/picture/near.h"

enum { REFERRALS_MAX = 1000000, QUALITY_MAX = 100 };

static bool row_take(const CsvRow *row, KnownLimits *out, Err *err)
{
    return (row->count == 5 && date_parse(row->fields[0], &out->from) &&
            str_int(row->fields[1], 1, REFERRALS_MAX, &out->flood_referrals) &&
            str_int(row->fields[2], 1, NEAR_DISTANCE_MAX, &out->near_distance) &&
            str_int(row->fields[3], 1, QUALITY_MAX, &out->near_quality) && row->fields[4].len > 0) ||
           err_set(err, ERR_INVALID, "Line %zu of data/known/limits.csv cannot be read.", row->line);
}

bool known_limits_read(Arena *mem, Str csv, Date day, KnownLimits *out, Err *err)
{
    Csv *reader = csv_new(mem, source_memory(mem, csv), ',');
    bool end = false, found = false;
    CsvRow row;
    for (bool head = true;; head = false) {
        KnownLimits l = {0};
        if (!csv_next(reader, &row, &end, err))
            return err_while(err, "reading the limits of matching");
        if (end)
            return found || err_set(err, ERR_INVALID, "data/known/limits.csv names no limits.");
        if (!head && !row_take(&row, &l, err))
            return false;
        if (!head && (!found || (l.from <= day && l.from >= out->from))) {
            *out = l;
            found = true;
        }
    }
}

bool known_limits_on(Arena *mem, Date day, KnownLimits *out, Err *err)
{
    const Embedded *table = embedded_find("data/known/limits.csv");
    return table ? known_limits_read(mem, embedded_str(table), day, out, err)
                 : err_set(err, ERR_BUG, "The limits of matching are not in this program.");
}
