/* places.c: the forces and towns of data/, as the sample needs them. */
#include "simulate/world.h"
#include "base/csv.h"
#include "base/embedded.h"

static bool row_reader(World *w, const char *path, Csv **csv, Err *err)
{
    const Embedded *file = embedded_find(path);
    if (!file)
        return err_set(err, ERR_BUG, "The built-in table %s is missing.", path);
    *csv = csv_new(w->mem, source_memory(w->mem, embedded_str(file)), ',');
    return true;
}

static bool force_row(World *w, const CsvRow *row, Err *err)
{
    if (row->count < 3 || !str_eq(row->fields[1], STR("force")))
        return true;
    if (w->force_count == FORCES_MAX)
        return err_set(err, ERR_BUG, "There are more forces than the sample can hold.");
    w->forces[w->force_count++] = (Force){ .short_id = str_from(w->mem, row->fields[0]),
                                           .ons_code = str_from(w->mem, row->fields[2]) };
    return true;
}

static size_t force_named(const World *w, Str id)
{
    for (size_t i = 0; i < w->force_count; i++)
        if (str_eq(str_of(w->forces[i].short_id), id))
            return i;
    return SIZE_MAX;
}

static void split_sectors(World *w, Town *town, Str list)
{
    while (list.len && town->sector_count < SECTORS_MAX) {
        const char *semi = memchr(list.at, ';', list.len);
        size_t      n = semi ? (size_t)(semi - list.at) : list.len;
        town->sectors[town->sector_count++] = str_copy_n(w->mem, list.at, n);
        n += semi ? 1 : 0;
        list = (Str){ list.at + n, list.len - n };
    }
}

static bool town_row(World *w, const CsvRow *row, Err *err)
{
    if (row->line == 1)
        return true;
    size_t force = row->count >= 5 ? force_named(w, row->fields[3]) : SIZE_MAX;
    if (force == SIZE_MAX)
        return err_set(err, ERR_BUG, "Line %zu of the built-in towns names no force.", row->line);
    Town *town = arena_push(w->mem, w->towns, w->town_count, w->town_cap);
    *town = (Town){ .name = str_from(w->mem, row->fields[0]), .authority = str_from(w->mem, row->fields[1]),
                    .force = force };
    split_sectors(w, town, row->fields[4]);
    Force *f = &w->forces[force];
    if (!f->town_count++)
        f->first_town = w->town_count - 1;
    return true;
}

static bool each_row(World *w, const char *path, bool (*take)(World *, const CsvRow *, Err *), Err *err)
{
    Csv *csv = NULL;
    if (!row_reader(w, path, &csv, err))
        return false;
    for (;;) {
        CsvRow row = { 0 };
        bool   end = false;
        if (!csv_next(csv, &row, &end, err))
            return err_while(err, "reading %s", path);
        if (end)
            return true;
        if (!take(w, &row, err))
            return false;
    }
}

bool world_places_load(World *w, Err *err)
{
    if (!each_row(w, "data/agencies.csv", force_row, err) || !each_row(w, "data/towns.csv", town_row, err))
        return false;
    for (size_t i = 0; i < w->force_count; i++)
        if (!w->forces[i].town_count)
            return err_set(err, ERR_BUG, "A force has no town in the built-in table.");
    return true;
}
