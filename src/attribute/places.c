/* places.c: postcode -> sector -> local authority -> force. A sector that several forces share names none of
 * them: one address in a hundred would go to the wrong door. Northern Ireland's postcodes are not in the open
 * table, but there is one force for all of BT. */
#include <stdlib.h>
#include <string.h>
#include "attribute/attribute.h"
#include "base/csv.h"
#include "intake/normal.h"

enum { PLACES_ROWS_MAX = 4 * 1000 * 1000 };

typedef struct Sector {
    char        name[8];                /* "NE69 7" */
    const char *lad, *force;            /* NULL: several */
    const char *as_of;
    bool        split;
} Sector;
typedef struct Authority { const char *lad, *name, *force; } Authority;
typedef struct Town { char sector[8]; const char *name; } Town;

struct Places {
    Sector    *sectors;
    Authority *authorities;
    Town      *towns;
    size_t     sector_count, sector_cap, authority_count, authority_cap, town_count, town_cap;
};

enum { COL_SECTOR, COL_LAD, COL_FORCE, COL_AS_OF, COL_LAD_NAME, COL_TOWN, COL_SECTORS, COL__COUNT };
static const struct { const char *name; int column;
} headings[] = {
    { "as_of", COL_AS_OF },
    { "force", COL_FORCE },
    { "lad_code", COL_LAD },
    { "lad_name", COL_LAD_NAME },
    { "local_authority", COL_LAD_NAME },
    { "pfa_code", COL_FORCE },
    { "sector", COL_SECTOR },
    { "sectors", COL_SECTORS },
    { "town", COL_TOWN },
};
typedef struct Columns { int at[COL__COUNT]; } Columns;         /* -1: not in this table */

static Columns columns_of(const CsvRow *head)
{
    Columns c;
    for (int i = 0; i < COL__COUNT; i++)
        c.at[i] = -1;
    for (size_t i = 0; i < head->count; i++)
        FOR_EACH(h, headings)
            if (str_eq(str_trim(head->fields[i]), str_of(h->name)))
                c.at[h->column] = (int)i;
    return c;
}

static Str cell(const Columns *c, const CsvRow *row, int column)
{
    int at = c->at[column];
    return at >= 0 && (size_t)at < row->count ? str_trim(row->fields[at]) : (Str){ "", 0 };
}

static bool sector_copy(char out[8], Str s)
{
    if (s.len == 0 || s.len > 7)
        return false;
    memset(out, 0, 8);
    memcpy(out, s.at, s.len);
    return true;
}

static bool take_sector(Places *p, Arena *mem, const Columns *c, const CsvRow *row, Err *err)
{
    Sector s = {0};
    Str force = cell(c, row, COL_FORCE), lad = cell(c, row, COL_LAD), as_of = cell(c, row, COL_AS_OF);
    if (!sector_copy(s.name, cell(c, row, COL_SECTOR)))
        return err_set(err, ERR_INVALID, "Line %zu has no postcode sector.", row->line);
    s.lad = lad.len ? str_from(mem, lad) : NULL;
    s.force = force.len ? str_from(mem, force) : NULL;
    s.as_of = as_of.len ? str_from(mem, as_of) : NULL;
    *arena_push(mem, p->sectors, p->sector_count, p->sector_cap) = s;
    return true;
}

static void take_town(Places *p, Arena *mem, Str town, Str sectors)
{
    const char *name = str_from(mem, town);
    while (sectors.len) {
        const char *semicolon = memchr(sectors.at, ';', sectors.len);
        size_t len = semicolon ? (size_t)(semicolon - sectors.at) : sectors.len;
        Town t = { .name = name };
        if (sector_copy(t.sector, str_trim((Str){ sectors.at, len })))
            *arena_push(mem, p->towns, p->town_count, p->town_cap) = t;
        size_t used = semicolon ? len + 1 : len;
        sectors = (Str){ sectors.at + used, sectors.len - used };
    }
}

static bool take_authority(Places *p, Arena *mem, const Columns *c, const CsvRow *row, Err *err)
{
    Str lad = cell(c, row, COL_LAD), name = cell(c, row, COL_LAD_NAME), force = cell(c, row, COL_FORCE);
    if (lad.len == 0)
        return err_set(err, ERR_INVALID, "Line %zu has no authority code.", row->line);
    *arena_push(mem, p->authorities, p->authority_count, p->authority_cap) =
        (Authority){ str_from(mem, lad), str_from(mem, name), force.len ? str_from(mem, force) : NULL };
    take_town(p, mem, cell(c, row, COL_TOWN), cell(c, row, COL_SECTORS));
    return true;
}

typedef bool Take(Places *p, Arena *mem, const Columns *c, const CsvRow *row, Err *err);

static bool table_read(Places *p, Arena *mem, Str text, int needed, Take *take, Err *err)
{
    CLEANUP(arena_done) Arena scratch = {0};
    Csv *csv = csv_new(&scratch, source_memory(&scratch, text), ',');
    Columns columns = {0};
    CsvRow row;
    bool end = false;
    for (size_t n = 0; csv_next(csv, &row, &end, err) && !end; n++) {
        if (n > PLACES_ROWS_MAX)
            return err_set(err, ERR_LIMIT, "The table has too many lines.");
        if (n == 0) {
            columns = columns_of(&row);
            if (columns.at[needed] < 0)
                return err_set(err, ERR_INVALID, "The table's first line does not name its columns.");
        } else if (!take(p, mem, &columns, &row, err)) {
            return false;
        }
    }
    return err->kind == ERR_NONE;
}

static int by_sector(const void *a, const void *b)
{
    return memcmp(((const Sector *)a)->name, ((const Sector *)b)->name, 8);
}
static int by_town(const void *a, const void *b)
{
    return memcmp(((const Town *)a)->sector, ((const Town *)b)->sector, 8);
}
static int by_lad(const void *a, const void *b)
{
    return strcmp(((const Authority *)a)->lad, ((const Authority *)b)->lad);
}

/* Several rows of one sector become one: what they agree on stays. */
static void sectors_fold(Places *p)
{
    size_t kept = 0;
    if (p->sector_count)
        qsort(p->sectors, p->sector_count, sizeof *p->sectors, by_sector);
    for (size_t i = 0; i < p->sector_count; i++) {
        Sector *s = &p->sectors[i], *last = kept ? &p->sectors[kept - 1] : NULL;
        if (!last || by_sector(last, s) != 0) {
            p->sectors[kept++] = *s;
            continue;
        }
        if (!str_same(last->lad, s->lad))
            last->lad = NULL;
        if (!str_same(last->force, s->force)) {
            last->force = NULL;
            last->split = true;
        }
    }
    p->sector_count = kept;
}

bool places_load(Arena *mem, Str postcodes_csv, Str towns_csv, Places **out, Err *err)
{
    Places *p = arena_new(mem, Places, 1);
    if (!table_read(p, mem, postcodes_csv, COL_SECTOR, take_sector, err))
        return err_while(err, "reading the table of postcodes");
    if (!table_read(p, mem, towns_csv, COL_LAD, take_authority, err))
        return err_while(err, "reading the table of places");
    sectors_fold(p);
    if (p->town_count)
        qsort(p->towns, p->town_count, sizeof *p->towns, by_town);
    if (p->authority_count)
        qsort(p->authorities, p->authority_count, sizeof *p->authorities, by_lad);
    *out = p;
    return true;
}

static const struct { const char *prefix, *says; } outside[] = {
    { "BF",   "A forces post office address: in no force area." },
    { "GIR",  "A bank's own postcode: in no force area." },
    { "GX",   "Gibraltar: in no force area of the United Kingdom." },
    { "GY",   "Guernsey: in no force area of the United Kingdom." },
    { "IM",   "Isle of Man: in no force area of the United Kingdom." },
    { "JE",   "Jersey: in no force area of the United Kingdom." },
};

static bool is_outside(const char *postcode, PlaceHit *out)
{
    FOR_EACH(o, outside)
        if (str_starts(postcode, o->prefix)) {
            out->basis = o->says;
            return true;
        }
    return false;
}

static const char *authority_name(const Places *p, const char *lad)
{
    if (!lad || !p->authority_count)
        return NULL;
    Authority key = { .lad = lad };
    const Authority *a = bsearch(&key, p->authorities, p->authority_count, sizeof key, by_lad);
    return a && a->name[0] ? a->name : NULL;
}

static void sector_hit(const Places *p, Arena *mem, const Sector *s, PlaceHit *out)
{
    Town key = {0};
    memcpy(key.sector, s->name, sizeof key.sector);
    const Town *town = p->town_count ? bsearch(&key, p->towns, p->town_count, sizeof key, by_town) : NULL;
    const char *as_of = s->as_of ? str_fmt(mem, ", table of %s", s->as_of) : "";
    out->found = true;
    out->split = s->split;
    out->lad = s->lad;
    out->lad_name = authority_name(p, s->lad);
    out->town = town ? town->name : out->lad_name;
    out->force_short = s->force;
    out->basis = s->split    ? str_fmt(mem, "Sector %s lies in more than one force%s: a person settles it.",
                                       s->name, as_of)
                 : !s->force ? str_fmt(mem, "Sector %s has no force in the table%s.", s->name, as_of)
                             : str_fmt(mem, "Full postcode, sector %s%s", s->name, as_of);
}

bool places_find(const Places *p, Arena *mem, const char *postcode, PlaceHit *out, Err *err)
{
    (void)err;
    *out = (PlaceHit){0};
    const char *normal = postcode ? normal_postcode(mem, postcode) : NULL;
    if (postcode && is_outside(normal ? normal : str_upper_ascii(mem, postcode), out))
        return true;
    if (!normal) {
        out->basis = str_blank(postcode) ? "No postcode is given." : "What is given is not a full postcode.";
        return true;
    }
    Sector key = {0}, *s = NULL;
    if (sector_copy(key.name, (Str){ normal, strlen(normal) - 2 }) && p->sector_count)
        s = bsearch(&key, p->sectors, p->sector_count, sizeof key, by_sector);
    if (s)
        sector_hit(p, mem, s, out);
    else if (str_starts(normal, "BT") && normal[2] >= '0' && normal[2] <= '9')
        *out = (PlaceHit){ .found = true, .force_short = "northern-ireland",
                           .basis = "Full postcode: all of BT is one force area" };
    else
        out->basis = str_fmt(mem, "Sector %s is not in the table of postcodes.", key.name);
    return true;
}
