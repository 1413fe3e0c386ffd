/* table_chunk.c: rows of a file as one text a field and row. */
#include <string.h>
#include "link/evaluate/table_inside.h"

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

static bool is_plain(const TableMap *map, const TableField *f)
{
    return f->column_count == 1 && !table_date_in_parts(map, f->person) &&
           !(f->person == PERSON_ADDRESS && table_mapped(map, PERSON_HOUSE_NUMBER));
}

bool chunk_columns(ChunkReader *r, const CsvRow *header, const TableColumns *extra, Err *err)
{
    for (size_t i = 0; i < r->map->count; i++)
        for (size_t k = 0; k < r->map->fields[i].column_count; k++)
            if (!column_find(header, r->map->fields[i].columns[k], &r->at[i][k], err))
                return false;
    for (size_t i = 0; i < r->map->count; i++)
        r->plain[i] = is_plain(r->map, &r->map->fields[i]);
    r->id_at = r->truth_at = SIZE_MAX;
    return (!extra || !extra->id || column_find(header, extra->id, &r->id_at, err)) &&
           (!extra || !extra->truth || column_find(header, extra->truth, &r->truth_at, err));
}

void chunk_begin(const ChunkReader *r, Chunk *chunk)
{
    chunk->bytes = (StrBuf){ .mem = &chunk->mem };
    for (size_t i = 0; i < r->map->count; i++) {
        size_t column = r->table->field_of[i];
        if (column == SIZE_MAX)
            continue;
        chunk->cells[i] = arena_new(&chunk->mem, Cell, CHUNK_ROWS);
        chunk->codes[column] = arena_new(&chunk->mem, uint32_t, CHUNK_ROWS);
    }
    chunk->ids = r->id_at == SIZE_MAX ? NULL : arena_new(&chunk->mem, Cell, CHUNK_ROWS);
    chunk->truths = r->truth_at == SIZE_MAX ? NULL : arena_new(&chunk->mem, Cell, CHUNK_ROWS);
}

static Str cell_of(const CsvRow *row, size_t at)
{
    Str s = at < row->count ? row->fields[at] : (Str){ "", 0 };
    if (s.len && (s.at[0] <= ' ' || s.at[s.len - 1] <= ' '))
        s = str_trim(s);
    if (s.len && s.len <= 4 && (s.at[0] == 'N' || s.at[0] == '\\') &&
        (str_eq(s, STR("NA")) || str_eq(s, STR("NULL")) || str_eq(s, STR("\\N"))))
        return (Str){ "", 0 };
    return s;
}

static void add_part(StrBuf *bytes, size_t begin, Str part, char between)
{
    if (!part.len)
        return;
    if (bytes->len > begin)
        buf_char(bytes, between);
    buf_add_n(bytes, part.at, part.len);
}

static int64_t part_of_date(const ChunkReader *r, const CsvRow *row, PersonKind kind)
{
    const TableField *f = table_mapped(r->map, kind);
    int64_t           n = 0;
    return f && str_int(cell_of(row, r->at[f - r->map->fields][0]), 0, 9999, &n) ? n : 0;
}

static void add_date(const ChunkReader *r, const CsvRow *row, StrBuf *bytes)
{
    int64_t year = part_of_date(r, row, PERSON_BIRTH_YEAR), month = part_of_date(r, row, PERSON_BIRTH_MONTH),
            day = part_of_date(r, row, PERSON_BIRTH_DAY);
    if (year || month || day)
        buf_fmt(bytes, "%04d%02d%02d", (int)year, (int)(month % 100), (int)(day % 100));
}

/* The text of a field, as one: its columns joined, and what belongs to it from other fields. */
static void add_field(const ChunkReader *r, const CsvRow *row, size_t i, StrBuf *bytes)
{
    const TableField *f = &r->map->fields[i];
    size_t            begin = bytes->len;
    if (table_date_in_parts(r->map, f->person)) {
        add_date(r, row, bytes);
        return;
    }
    const TableField *number = f->person == PERSON_ADDRESS ? table_mapped(r->map, PERSON_HOUSE_NUMBER) : NULL;
    if (number)
        add_part(bytes, begin, cell_of(row, r->at[number - r->map->fields][0]), ' ');
    for (size_t k = 0; k < f->column_count; k++)
        add_part(bytes, begin, cell_of(row, r->at[i][k]), f->person == PERSON_BIRTH_DATE ? '-' : ' ');
}

/* A text and its NUL. */
static Cell cell_add(StrBuf *bytes, Str text)
{
    size_t begin = bytes->len;
    if (bytes->cap - begin <= text.len + 1) {
        buf_add_n(bytes, text.at, text.len);
        buf_char(bytes, 0);
    } else {
        memcpy(bytes->at + begin, text.at, text.len);
        bytes->at[begin + text.len] = 0;
        bytes->len = begin + text.len + 1;
    }
    return (Cell){ (uint32_t)begin, (uint32_t)text.len };
}

static Cell cell_end(StrBuf *bytes, size_t begin)
{
    Cell cell = { (uint32_t)begin, (uint32_t)(bytes->len - begin) };
    buf_char(bytes, 0);
    return cell;
}

static void row_take(const ChunkReader *r, const CsvRow *row, Chunk *chunk)
{
    StrBuf *bytes = &chunk->bytes;
    size_t  n = chunk->rows++;
    for (size_t i = 0; i < r->map->count; i++) {
        size_t begin = bytes->len;
        if (!chunk->cells[i])
            continue;
        if (r->plain[i]) {
            chunk->cells[i][n] = cell_add(bytes, cell_of(row, r->at[i][0]));
            continue;
        }
        add_field(r, row, i, bytes);
        chunk->cells[i][n] = cell_end(bytes, begin);
    }
    if (chunk->ids)
        chunk->ids[n] = cell_add(bytes, cell_of(row, r->id_at));
    if (chunk->truths)
        chunk->truths[n] = cell_add(bytes, cell_of(row, r->truth_at));
}

void chunk_read(ChunkReader *r, Chunk *chunk)
{
    CsvRow row;
    chunk->rows = chunk->bytes.len = 0;
    while (!chunk->end && chunk->rows < CHUNK_ROWS && chunk->bytes.len < CHUNK_BYTES) {
        chunk->failed = !csv_next(r->csv, &row, &chunk->end, &chunk->err);
        chunk->end |= chunk->failed;
        if (!chunk->end)
            row_take(r, &row, chunk);
    }
}
