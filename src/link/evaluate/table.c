#include "link/evaluate/table.h"
#include <stdio.h>
#include <string.h>
#include "base/csv.h"
#include "base/limits.h"
#include "intake/columns.h"

/* ---- the map */

typedef struct KindRow { PersonKind person; LinkKind link; } KindRow;
static const KindRow kind_rows[] = {
    { PERSON_GIVEN, LINK_GIVEN },           { PERSON_FAMILY, LINK_FAMILY },     { PERSON_NAME, LINK_NAME },
    { PERSON_BIRTH_DATE, LINK_DATE },       { PERSON_BIRTH_YEAR, LINK_YEAR },   { PERSON_BIRTH_MONTH, LINK_CODE },
    { PERSON_BIRTH_DAY, LINK_CODE },        { PERSON_BIRTH_PLACE, LINK_PLACE }, { PERSON_AGE, LINK_YEAR },
    { PERSON_SEX, LINK_CODE },              { PERSON_CITY, LINK_PLACE },        { PERSON_REGION, LINK_PLACE },
    { PERSON_POSTCODE, LINK_POSTCODE },     { PERSON_ADDRESS, LINK_ADDRESS },   { PERSON_HOUSE_NUMBER, LINK_NUMBER },
    { PERSON_EMAIL, LINK_EMAIL },           { PERSON_PHONE, LINK_PHONE },       { PERSON_ACCOUNT, LINK_TOKEN },
    { PERSON_USERNAME, LINK_HANDLE },       { PERSON_DEVICE, LINK_TOKEN },      { PERSON_FOOTPRINT, LINK_TOKEN },
    { PERSON_NATIONAL_ID, LINK_NUMBER },    { PERSON_OCCUPATION, LINK_WORDS },  { PERSON_OTHER, LINK_WORDS },
};

/* What people call these columns elsewhere. */
typedef struct Alias { const char *said, *key; } Alias;
static const Alias aliases[] = {
    { "country", "region" },        { "county", "region" },    { "date_of_birth", "birth_date" },
    { "dob", "birth_date" },        { "first_name", "given" }, { "forename", "given" },
    { "full_name", "name" },        { "gender", "sex" },       { "given_name", "given" },
    { "house", "house_number" },    { "ip", "footprint" },     { "job", "occupation" },
    { "last_name", "family" },      { "middle", "other" },     { "place_of_birth", "birth_place" },
    { "ssn", "national_id" },       { "state", "region" },     { "street", "address" },
    { "street_number", "house_number" }, { "suburb", "city" }, { "surname", "family" },
    { "telephone", "phone" },       { "town", "city" },        { "type", "occupation" },
    { "zip", "postcode" },
};

static PersonKind kind_said(Arena *mem, const char *said, const char **key)
{
    *key = said;
    FOR_EACH(alias, aliases)
        if (str_same(alias->said, said))
            *key = alias->key;
    if (str_starts(said, "other."))
        return PERSON_OTHER;
    PersonKind kind = person_kind(*key);
    if (kind == PERSON_OTHER)      /* there may be several: each keeps its own name */
        *key = str_fmt(mem, "other.%s", said);
    return kind;
}

static LinkKind link_kind_of(PersonKind person)
{
    FOR_EACH(row, kind_rows)
        if (row->person == person)
            return row->link;
    return LINK_WORDS;
}

static bool field_read(Arena *mem, Str part, TableMap *map, Err *err)
{
    const char *text = str_from(mem, part), *sign = strchr(text, '=');
    if (!sign || sign == text || !sign[1])
        return err_set(err, ERR_INVALID, "Part \"%.60s\" of the map is not field=column.", text);
    const char *said = str_copy_n(mem, text, (size_t)(sign - text)), *key;
    TableField  field = { .person = kind_said(mem, said, &key) };
    if (field.person == PERSON_NONE) {
        (void)err_set(err, ERR_INVALID, "There is no field \"%.60s\".", said);
        return err_hint(err, "Fields: given, family, name, birth_date, sex, city, postcode, address, email, "
                             "phone, "
                             "national_id, occupation, other.NAME...");
    }
    field.name = key;
    field.link = link_kind_of(field.person);
    for (size_t i = 0; i < map->count; i++)
        if (str_same(map->fields[i].name, key))
            return err_set(err, ERR_INVALID, "The map gives the field \"%.60s\" twice.", key);
    for (const char *at = sign + 1; *at;) {
        size_t len = strcspn(at, "+");
        if (field.column_count == TABLE_JOINED)
            return err_set(err, ERR_LIMIT, "Field \"%.60s\" joins more than %d columns.", key, TABLE_JOINED);
        field.columns[field.column_count++] = str_from(mem, str_trim((Str){ at, len }));
        at += len + (at[len] == '+');
    }
    if (map->count == LINK_FIELDS_MAX)
        return err_set(err, ERR_LIMIT, "The map has more than %d fields.", LINK_FIELDS_MAX);
    map->fields[map->count++] = field;
    return true;
}

bool table_map_read(Arena *mem, const char *text, TableMap *map, Err *err)
{
    *map = (TableMap){ 0 };
    for (const char *at = text ? text : ""; *at;) {
        size_t len = strcspn(at, ",");
        Str    part = str_trim((Str){ at, len });
        if (part.len && !field_read(mem, part, map, err))
            return false;
        at += len + (at[len] == ',');
    }
    return map->count || err_set(err, ERR_INVALID, "The map names no field.");
}

static const TableField *mapped(const TableMap *map, PersonKind kind)
{
    for (size_t i = 0; i < map->count; i++)
        if (map->fields[i].person == kind)
            return &map->fields[i];
    return NULL;
}

/* Year, month and day apart are a date if there is no date; a house number is a part of its address; a whole
 * name beside its parts says nothing more, and weighed beside them would say it twice. */
static bool joins_another(const TableMap *map, PersonKind kind)
{
    bool dates =
        !mapped(map, PERSON_BIRTH_DATE) && mapped(map, PERSON_BIRTH_YEAR) && mapped(map, PERSON_BIRTH_MONTH);
    bool names = mapped(map, PERSON_GIVEN) && mapped(map, PERSON_FAMILY);
    return ((kind == PERSON_BIRTH_MONTH || kind == PERSON_BIRTH_DAY) && dates) ||
           (kind == PERSON_NAME && names) || (kind == PERSON_HOUSE_NUMBER && mapped(map, PERSON_ADDRESS));
}

static bool is_date_in_parts(const TableMap *map, PersonKind kind)
{
    return kind == PERSON_BIRTH_YEAR && joins_another(map, PERSON_BIRTH_MONTH);
}

static size_t linked_fields(const TableMap *map, LinkField out[LINK_FIELDS_MAX],
                            size_t field_of[LINK_FIELDS_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < map->count; i++) {
        const TableField *f = &map->fields[i];
        bool              parts = is_date_in_parts(map, f->person);
        field_of[i] = SIZE_MAX;
        if (joins_another(map, f->person))
            continue;
        field_of[i] = n;
        out[n++] = (LinkField){ parts ? "birth_date" : f->name, parts ? LINK_DATE : f->link };
    }
    return n;
}

size_t table_map_fields(const TableMap *map, LinkField out[LINK_FIELDS_MAX])
{
    size_t field_of[LINK_FIELDS_MAX];
    return linked_fields(map, out, field_of);
}

/* ---- reading */

/* Raw values to codes: each different text is normalised once. */
typedef struct RawCode { uint64_t hash; uint32_t code; } RawCode;      /* side by side: one miss a look-up */
typedef struct Raws { RawCode *at; size_t slots, used; } Raws;

typedef struct Reading {
    const PersonTools *tools;
    const TableMap    *map;
    Table             *table;
    Arena             *mem;
    Arena              scratch;
    size_t             at[LINK_FIELDS_MAX][TABLE_JOINED];     /* a field's columns in this file */
    size_t             id_at, truth_at;
    Raws               raws[LINK_FIELDS_MAX];
    Arena              raw_mem;
} Reading;

void table_begin(Arena *mem, const PersonTools *tools, const TableMap *map, Table *table)
{
    LinkField fields[LINK_FIELDS_MAX];
    *table = (Table){ .map = *map };
    size_t n = linked_fields(map, fields, table->field_of);
    table->columns = link_columns_new(mem, fields, n, person_nicknames, tools->rules);
}

static bool column_find(const CsvRow *header, const char *name, size_t *at, Err *err)
{
    for (size_t i = 0; i < header->count; i++)
        if (str_eq(str_trim(header->fields[i]), str_of(name))) {
            *at = i;
            return true;
        }
    (void)err_set(err, ERR_INVALID, "The file has no column \"%.80s\".", name);
    return err_hint(err, "Column names must be written as in the file's first line.");
}

static bool columns_find(Reading *r, const CsvRow *header, const TableColumns *extra, Err *err)
{
    for (size_t i = 0; i < r->map->count; i++)
        for (size_t k = 0; k < r->map->fields[i].column_count; k++)
            if (!column_find(header, r->map->fields[i].columns[k], &r->at[i][k], err))
                return false;
    r->id_at = r->truth_at = SIZE_MAX;
    return (!extra || !extra->id || column_find(header, extra->id, &r->id_at, err)) &&
           (!extra || !extra->truth || column_find(header, extra->truth, &r->truth_at, err));
}

static Str cell(const CsvRow *row, size_t at)
{
    Str s = at < row->count ? str_trim(row->fields[at]) : (Str){ "", 0 };
    return str_eq(s, STR("NA")) || str_eq(s, STR("NULL")) || str_eq(s, STR("\\N")) ? (Str){ "", 0 } : s;
}

static void add_part(StrBuf *buf, Str part, char between)
{
    if (!part.len)
        return;
    if (buf->len)
        buf_char(buf, between);
    buf_add_n(buf, part.at, part.len);
}

/* The text of a field, as one: its columns joined, and what belongs to it from other fields. */
static Str field_text(Reading *r, const CsvRow *row, size_t i)
{
    const TableField *f = &r->map->fields[i];
    if (f->column_count == 1 && !is_date_in_parts(r->map, f->person) && f->person != PERSON_ADDRESS)
        return cell(row, r->at[i][0]);
    StrBuf            buf = { .mem = &r->scratch };
    const TableField *number = f->person == PERSON_ADDRESS ? mapped(r->map, PERSON_HOUSE_NUMBER) : NULL;
    if (number)
        add_part(&buf, cell(row, r->at[number - r->map->fields][0]), ' ');
    for (size_t k = 0; k < f->column_count; k++)
        add_part(&buf, cell(row, r->at[i][k]), f->person == PERSON_BIRTH_DATE ? '-' : ' ');
    return (Str){ buf_text(&buf), buf.len };
}

static int64_t part_of_date(Reading *r, const CsvRow *row, PersonKind kind)
{
    const TableField *f = mapped(r->map, kind);
    int64_t           n = 0;
    return f && str_int(cell(row, r->at[f - r->map->fields][0]), 0, 9999, &n) ? n : 0;
}

static const char *normal_of(Reading *r, size_t i, Str raw)
{
    return person_normal(r->tools, &r->scratch, r->map->fields[i].person, str_from(&r->scratch, raw));
}

static uint64_t raw_hash(Str s)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.at[i]) * 1099511628211u;
    h ^= h >> 31;
    return h ? h : 1;
}

static void raws_widen(Reading *r, Raws *raws)
{
    Raws old = *raws;
    raws->slots = old.slots ? old.slots * 4 : 4096;
    raws->at = arena_new(&r->raw_mem, RawCode, raws->slots);
    for (size_t i = 0; i < old.slots; i++) {
        size_t at = (size_t)old.at[i].hash & (raws->slots - 1);
        while (old.at[i].hash && raws->at[at].hash)
            at = (at + 1) & (raws->slots - 1);
        if (old.at[i].hash)
            raws->at[at] = old.at[i];
    }
}

static uint32_t code_of(Reading *r, size_t i, Str raw)
{
    Raws    *raws = &r->raws[i];
    uint64_t h = raw_hash(raw);
    if (raws->used * 2 >= raws->slots)
        raws_widen(r, raws);
    size_t at = (size_t)h & (raws->slots - 1);
    while (raws->at[at].hash && raws->at[at].hash != h)
        at = (at + 1) & (raws->slots - 1);
    RawCode *known = &raws->at[at];
    if (!known->hash) {
        raws->used++;
        known->hash = h;
        known->code =
            link_columns_code(r->table->columns, r->table->field_of[i], str_of(normal_of(r, i, raw)));
    }
    return known->code;
}

static uint32_t date_code(Reading *r, const CsvRow *row, size_t i)
{
    int64_t year = part_of_date(r, row, PERSON_BIRTH_YEAR), month = part_of_date(r, row, PERSON_BIRTH_MONTH),
            day = part_of_date(r, row, PERSON_BIRTH_DAY);
    if (!year && !month && !day)
        return LINK_BLANK;
    return link_columns_code(r->table->columns, r->table->field_of[i],
                             str_of(str_fmt(&r->scratch, "%04d%02d%02d", (int)year, (int)(month % 100),
                                            (int)(day % 100))));
}

static void row_add(Reading *r, const CsvRow *row, uint8_t source)
{
    uint32_t codes[LINK_FIELDS_MAX] = { 0 };
    Table   *t = r->table;
    for (size_t i = 0; i < r->map->count; i++) {
        if (t->field_of[i] == SIZE_MAX)
            continue;
        if (is_date_in_parts(r->map, r->map->fields[i].person)) {
            codes[t->field_of[i]] = date_code(r, row, i);
            continue;
        }
        Str raw = field_text(r, row, i);
        codes[t->field_of[i]] = raw.len ? code_of(r, i, raw) : LINK_BLANK;
    }
    size_t n = t->rows++, again = n;
    link_columns_add(t->columns, codes, source);
    if (r->id_at != SIZE_MAX)
        *arena_push(r->mem, t->ids, n, t->id_cap) = str_from(r->mem, cell(row, r->id_at));
    if (r->truth_at != SIZE_MAX)
        *arena_push(r->mem, t->truths, again, t->truth_cap) = str_from(r->mem, cell(row, r->truth_at));
}

static bool delimiter_tell(Arena *mem, const char *path, char *delimiter, Err *err)
{
    Source *src = NULL;
    char    head[4096];
    size_t  got = 0;
    if (!source_open(mem, path, 0, &src, err))
        return false;
    bool ok = source_read(src, head, sizeof head, &got, err);
    source_close(src);
    const char *end = memchr(head, '\n', got);
    size_t      len = end ? (size_t)(end - head) : got;
    *delimiter =
        memchr(head, '|', len) && !memchr(head, ',', len) ? '|' : column_delimiter((Str){ head, len });
    return ok;
}

static bool csv_begin(Arena *mem, const char *path, Source **src, Csv **csv, CsvRow *header, Err *err)
{
    char delimiter = ',';
    bool end = false;
    if (!delimiter_tell(mem, path, &delimiter, err) || !source_open(mem, path, 0, src, err))
        return false;
    *csv = csv_new(mem, *src, delimiter);
    if (!csv_next(*csv, header, &end, err))
        return false;
    return !end || err_set(err, ERR_INVALID, "The file is empty.");
}

static bool rows_read(Reading *r, Csv *csv, uint8_t source, Err *err)
{
    CsvRow row;
    for (bool end = false;;) {
        if (!csv_next(csv, &row, &end, err))
            return false;
        if (end)
            return true;
        if (r->table->rows == UINT32_MAX - 1)
            return err_set(err, ERR_LIMIT, "The file has more rows than can be linked at once.");
        row_add(r, &row, source);
        if (r->scratch.used_bytes > 16 * 1024)      /* small blocks stay with the process when freed */
            arena_reset(&r->scratch);
    }
}

bool table_add(Table *table, const PersonTools *tools, const TableMap *map, const TableColumns *extra,
               const char *path, uint8_t source, Arena *mem, Err *err)
{
    Arena    files = { 0 };
    Reading *r = arena_new(&files, Reading, 1);
    Source  *src = NULL;
    Csv     *csv = NULL;
    CsvRow   header;
    *r = (Reading){ .tools = tools, .map = map, .table = table, .mem = mem };
    bool ok = csv_begin(&files, path, &src, &csv, &header, err) && columns_find(r, &header, extra, err) &&
              rows_read(r, csv, source, err);
    source_close(src);
    arena_done(&r->scratch);
    arena_done(&r->raw_mem);
    arena_done(&files);
    return ok || err_while(err, "reading the table");
}

bool table_header(Arena *mem, const char *path, const char ***names, size_t *count, Err *err)
{
    Source *src = NULL;
    Csv    *csv = NULL;
    CsvRow  header;
    bool    ok = csv_begin(mem, path, &src, &csv, &header, err);
    for (size_t i = 0; ok && i < header.count; i++) {
        if (i == 0)
            *names = arena_new(mem, const char *, header.count);
        (*names)[i] = str_from(mem, str_trim(header.fields[i]));
    }
    *count = ok ? header.count : 0;
    source_close(src);
    return ok;
}
