#include "link/evaluate/fairness_names.h"
#include <string.h>
#include "base/csv.h"

enum { ORIGIN, NAME, ROMANISED, PART, COLUMNS, ALIASES = 4, NAMES_MOST = 100 };

typedef struct ColumnRow {
    const char *called[ALIASES];
    bool        needed;
} ColumnRow;
static const ColumnRow columns[COLUMNS] = {
    [ORIGIN]    = { { "origin", "country", "group", "language" },                 true  },
    [NAME]      = { { "name", "localized name", "native", "localised name" },     true  },
    [ROMANISED] = { { "romanised", "romanized name", "romanized", "latin" },      false },
    [PART]      = { { "part", "kind", "type", "name part" },                      false },
};

static bool header_read(Arena *mem, const CsvRow *row, const char *path, size_t at[COLUMNS], Err *err)
{
    for (size_t c = 0; c < COLUMNS; c++) {
        at[c] = SIZE_MAX;
        for (size_t k = 0; k < ALIASES && at[c] == SIZE_MAX; k++)
            for (size_t i = 0; i < row->count; i++)
                if (str_same(columns[c].called[k],
                             str_lower_ascii(mem, str_from(mem, str_trim(row->fields[i])))))
                    at[c] = i;
        if (at[c] == SIZE_MAX && columns[c].needed)
            return err_set(err, ERR_INVALID, "%.60s has no column \"%s\".", path, columns[c].called[0]);
    }
    return true;
}

static FairOrigin *origin_of(Arena *mem, FairNames *names, const char *origin)
{
    for (size_t i = 0; i < names->count; i++)
        if (str_same(names->origins[i].origin, origin))
            return &names->origins[i];
    FairOrigin *o = arena_push(mem, names->origins, names->count, names->cap);
    *o = (FairOrigin){ .origin = origin };
    return o;
}

static const char *field(Arena *mem, const CsvRow *row, size_t at)
{
    return at < row->count ? str_from(mem, str_trim(row->fields[at])) : "";
}

static void add(Arena *mem, FairNames *names, const CsvRow *row, const size_t at[COLUMNS], const char *part)
{
    const char *name = field(mem, row, at[NAME]), *romanised = field(mem, row, at[ROMANISED]);
    const char *said = at[PART] < row->count ? field(mem, row, at[PART]) : part;
    if (!*name && !*romanised)
        return;
    FairName    n = { *name ? name : romanised, *romanised ? romanised : name };
    FairOrigin *o = origin_of(mem, names, field(mem, row, at[ORIGIN]));
    if (!str_same(said, "family") && o->given_count < NAMES_MOST)
        *arena_push(mem, o->given, o->given_count, o->given_cap) = n;
    if (!str_same(said, "given") && o->family_count < NAMES_MOST)
        *arena_push(mem, o->family, o->family_count, o->family_cap) = n;
}

bool fair_names_read(Arena *mem, Str text, const char *path, const char *part, FairNames *names, Err *err)
{
    Csv   *csv = csv_new(mem, source_memory(mem, text), ',');
    CsvRow row;
    bool   end = false;
    size_t at[COLUMNS];
    if (!csv_next(csv, &row, &end, err))
        return err_while(err, "reading %s", path);
    if (end)
        return err_set(err, ERR_INVALID, "%.60s is empty.", path);
    if (!header_read(mem, &row, path, at, err))
        return false;
    for (;;) {
        if (!csv_next(csv, &row, &end, err))
            return err_while(err, "reading %s", path);
        if (end)
            return true;
        add(mem, names, &row, at, part);
    }
}
