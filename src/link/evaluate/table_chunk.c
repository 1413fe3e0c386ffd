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

bool chunk_columns(ChunkReader *r, const CsvRow *header, const TableColumns *extra, Err *err)
{
    for (size_t i = 0; i < r->map->count; i++)
        for (size_t k = 0; k < r->map->fields[i].column_count; k++)
            if (!column_find(header, r->map->fields[i].columns[k], &r->at[i][k], err))
                return false;
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
    Str s = at < row->count ? str_trim(row->fields[at]) : (Str){ "", 0 };
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
        add_field(r, row, i, bytes);
        chunk->cells[i][n] = cell_end(bytes, begin);
    }
    const struct {
        Cell *cells;
        size_t at;
    } extra[] = { { chunk->ids, r->id_at }, { chunk->truths, r->truth_at } };
    FOR_EACH(e, extra) {
        size_t begin = bytes->len;
        if (!e->cells)
            continue;
        add_part(bytes, begin, cell_of(row, e->at), ' ');
        e->cells[n] = cell_end(bytes, begin);
    }
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
