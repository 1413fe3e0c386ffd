#include "link/evaluate/table.h"
#include <stdio.h>
#include <string.h>
#include "base/csv.h"
#include "intake/columns.h"
#include "link/evaluate/table_inside.h"

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

const TableField *table_mapped(const TableMap *map, PersonKind kind)
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
    bool dates = !table_mapped(map, PERSON_BIRTH_DATE) && table_mapped(map, PERSON_BIRTH_YEAR) &&
                 table_mapped(map, PERSON_BIRTH_MONTH);
    bool names = table_mapped(map, PERSON_GIVEN) && table_mapped(map, PERSON_FAMILY);
    return ((kind == PERSON_BIRTH_MONTH || kind == PERSON_BIRTH_DAY) && dates) ||
           (kind == PERSON_NAME && names) ||
           (kind == PERSON_HOUSE_NUMBER && table_mapped(map, PERSON_ADDRESS));
}

bool table_date_in_parts(const TableMap *map, PersonKind kind)
{
    return kind == PERSON_BIRTH_YEAR && joins_another(map, PERSON_BIRTH_MONTH);
}

static size_t linked_fields(const TableMap *map, LinkField out[LINK_FIELDS_MAX],
                            size_t field_of[LINK_FIELDS_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < map->count; i++) {
        const TableField *f = &map->fields[i];
        bool              parts = table_date_in_parts(map, f->person);
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

/* ---- files */

void table_begin(Arena *mem, const PersonTools *tools, const TableMap *map, Table *table)
{
    LinkField fields[LINK_FIELDS_MAX];
    *table = (Table){ .map = *map, .threads = 1 };
    size_t n = linked_fields(map, fields, table->field_of);
    table->columns = link_columns_new(mem, fields, n, person_nicknames, tools->rules);
    link_columns_locate(table->columns, person_where);
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

bool table_csv(Arena *mem, const char *path, Source **src, Csv **csv, CsvRow *header, Err *err)
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

bool table_header(Arena *mem, const char *path, const char ***names, size_t *count, Err *err)
{
    Source *src = NULL;
    Csv    *csv = NULL;
    CsvRow  header;
    bool    ok = table_csv(mem, path, &src, &csv, &header, err);
    for (size_t i = 0; ok && i < header.count; i++) {
        if (i == 0)
            *names = arena_new(mem, const char *, header.count);
        (*names)[i] = str_from(mem, str_trim(header.fields[i]));
    }
    *count = ok ? header.count : 0;
    source_close(src);
    return ok;
}
