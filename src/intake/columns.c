/* columns.c */
#include "intake/columns.h"
#include <string.h>
#include "intake/normal.h"

/* ---- one field ---- */

static bool refuse(const char **why, const char *reason)
{
    *why = reason;
    return false;
}

bool column_text(Arena *mem, const char *text, void *to, const char **why)
{
    (void)mem, (void)why;
    *(const char **)to = text;
    return true;
}

bool column_date(Arena *mem, const char *text, void *to, const char **why)
{
    (void)mem;
    return date_parse(str_of(text), to) || refuse(why, "is not a date (use YYYY-MM-DD)");
}

bool column_instant(Arena *mem, const char *text, void *to, const char **why)
{
    bool readable;
    *(WhenText *)to = when_text(mem, text, &readable);
    return readable || refuse(why, "is not a time (use YYYY-MM-DDThh:mm:ss with an offset)");
}

bool column_address(Arena *mem, const char *text, void *to, const char **why)
{
    const char *address = normal_address(mem, text);
    if (address)
        *(const char **)to = address;
    return address || refuse(why, "is not an internet address");
}

static bool number(const char *text, int64_t least, int64_t most, void *to)
{
    return str_int(str_of(text), least, most, to);
}

bool column_port(Arena *mem, const char *text, void *to, const char **why)
{
    (void)mem;
    return number(text, 0, 65535, to) || refuse(why, "is not a port (0 to 65535)");
}

bool column_count(Arena *mem, const char *text, void *to, const char **why)
{
    (void)mem;
    return number(text, 0, 1000000000, to) || refuse(why, "is not a whole number");
}

bool column_yes_no(Arena *mem, const char *text, void *to, const char **why)
{
    static const struct { const char *text; int value; } words[] = {
        { "0", 0 }, { "1", 1 }, { "false", 0 }, { "n", 0 }, { "no", 0 }, { "true", 1 }, { "y", 1 }, { "yes", 1 },
    };
    const char *word = str_lower_ascii(mem, text);
    FOR_EACH(w, words)
        if (str_same(word, w->text)) {
            *(int *)to = w->value;
            return true;
        }
    return refuse(why, "is neither yes nor no");
}

bool column_phone(Arena *mem, const char *text, void *to, const char **why)
{
    *(const char **)to = text;
    return normal_phone(mem, text, NULL) || refuse(why, "is not a phone number");
}

bool column_email(Arena *mem, const char *text, void *to, const char **why)
{
    *(const char **)to = text;
    return normal_email(mem, text) || refuse(why, "is not an e-mail address");
}

bool column_postcode(Arena *mem, const char *text, void *to, const char **why)
{
    (void)why;
    const char *normal = normal_postcode(mem, text);
    *(const char **)to = normal ? normal : text;
    return true;
}

static bool hash(Arena *mem, const char *kind, const char *text, void *to, const char **why)
{
    const char *value = normal_hash(mem, &kind, text);
    if (value)
        *(const char **)to = value;
    return value || refuse(why, "does not have the right length or digits");
}

bool column_md5(Arena *mem, const char *t, void *to, const char **why)
{
    return hash(mem, "md5", t, to, why);
}
bool column_sha1(Arena *mem, const char *t, void *to, const char **why)
{
    return hash(mem, "sha1", t, to, why);
}
bool column_sha256(Arena *mem, const char *t, void *to, const char **why)
{
    return hash(mem, "sha256", t, to, why);
}

/* ---- the header ---- */

static bool ignorable(char c) { return c == ' ' || c == '-' || c == '_' || c == '\t'; }

bool column_is(Str header, const char *name)
{
    size_t i = 0;
    for (;;) {
        while (i < header.len && ignorable(header.at[i]))
            i++;
        while (*name && ignorable(*name))
            name++;
        if (i == header.len || !*name)
            return i == header.len && !*name;
        char c = header.at[i++];
        c = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
        if (c != *name++)
            return false;
    }
}

char column_delimiter(Str header)
{
    static const char delimiters[] = ",;\t";
    size_t best = 0;
    char found = ',';
    for (const char *d = delimiters; *d; d++) {
        size_t n = 0;
        for (size_t i = 0; i < header.len && header.at[i] != '\n' && header.at[i] != '\r'; i++)
            n += header.at[i] == *d;
        if (n > best) {
            best = n;
            found = *d;
        }
    }
    return found;
}

static const Column *column_find(const Column *columns, Str name)
{
    for (const Column *c = columns; c->name; c++)
        if (column_is(name, c->name))
            return c;
    return NULL;
}

static bool required_there(const ColumnMap *map, Err *err)
{
    for (const Column *c = map->columns; c->name; c++) {
        bool there = c->need == OPTIONAL;
        for (size_t i = 0; i < map->count; i++)
            there = there || map->at[i] == c;
        if (!there)
            return err_set(err, ERR_INVALID, "The column %s is missing from this %s file.", c->name,
                           map->format);
    }
    return true;
}

static bool header_name(const ColumnMap *map, size_t i, Str name, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    const char *shown = str_clip(&mem, utf8_clean(&mem, name), 40);
    if (!map->at[i]) {
        err_set(err, ERR_INVALID, "This %s file has a column Muster does not know: %s.", map->format, shown);
        return err_hint(err, "Rename or remove the column. The columns are listed in docs/formats.md.");
    }
    for (size_t before = 0; before < i; before++)
        if (map->at[before] == map->at[i])
            return err_set(err, ERR_INVALID, "This %s file has the column %s twice.", map->format, shown);
    return true;
}

bool columns_map(const Column *columns, const char *format, const CsvRow *header, ColumnMap *map, Err *err)
{
    *map = (ColumnMap){ .columns = columns, .format = format, .count = header->count };
    if (header->count > LIMIT_CSV_COLUMNS)
        return err_set(err, ERR_LIMIT, "This %s file has too many columns.", format);
    for (size_t i = 0; i < header->count; i++) {
        map->at[i] = column_find(columns, str_trim(header->fields[i]));
        if (!header_name(map, i, header->fields[i], err))
            return false;
    }
    return required_there(map, err);
}

/* ---- a row ---- */

static bool row_shape(const ColumnMap *map, const CsvRow *row, size_t line, Err *err)
{
    if (row->count == map->count)
        return true;
    return err_set(err, ERR_INVALID, "Line %zu: has %zu fields where the header has %zu.", line, row->count,
                   map->count);
}

static bool field_read(const Column *c, Str field, size_t line, Arena *mem, void *into, Err *err)
{
    const char *why = NULL;
    if (!utf8_valid(field))
        return err_set(err, ERR_INVALID, "Line %zu: %s is not UTF-8 text.", line, c->name);
    const char *text = utf8_clean(mem, field);
    if (str_blank(text))
        return c->need == OPTIONAL || err_set(err, ERR_INVALID, "Line %zu: %s is empty.", line, c->name);
    if (c->parse(mem, text, (char *)into + c->offset, &why))
        return true;
    return err_set(err, ERR_INVALID, "Line %zu: %s %s.", line, c->name, why);
}

bool columns_read(const ColumnMap *map, const CsvRow *row, size_t line, Arena *mem, void *into, Err *err)
{
    if (!row_shape(map, row, line, err))
        return false;
    for (size_t i = 0; i < map->count; i++)
        if (!field_read(map->at[i], str_trim(row->fields[i]), line, mem, into, err))
            return false;
    return true;
}

Json *columns_json(const ColumnMap *map, const CsvRow *row, Arena *mem)
{
    Json *out = json_new_object();
    for (size_t i = 0; i < map->count && i < row->count; i++) {
        Str field = str_trim(row->fields[i]);
        if (field.len)
            json_set_text(out, map->at[i]->name, utf8_clean(mem, field));
    }
    return out;
}
