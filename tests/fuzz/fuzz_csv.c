/* fuzz_csv.c: any bytes as rows. The reader must come to an end, its offsets and lines must only grow and
 * agree with the bytes, and a row must read the same when reading is taken up at its offset. */
#include <assert.h>
#include "base/csv.h"
#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t lines_before(Str all, uint64_t offset)
{
    size_t lines = 1;
    for (uint64_t i = 0; i < offset; i++)
        lines += all.at[i] == '\n';
    return lines;
}

static void check_resumed(Str all, char delimiter, const CsvRow *row)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err    err = {0};
    CsvRow again;
    bool   end;
    Csv *csv =
        csv_new(&mem, source_memory(&mem, (Str){ all.at + row->offset, all.len - row->offset }), delimiter);
    csv_at(csv, row->offset, row->line);
    bool read = csv_next(csv, &again, &end, &err);
    assert(read && !end && again.offset == row->offset && again.line == row->line &&
           again.count == row->count);
    for (size_t i = 0; i < row->count; i++)
        assert(str_eq(row->fields[i], again.fields[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_done) Arena mem = {0};
    char delimiter = size && data[0] % 3 == 1 ? ';' : size && data[0] % 3 == 2 ? '\t' : ',';
    Str  all = { (const char *)data, size };
    Csv *csv = csv_new(&mem, source_memory(&mem, all), delimiter);
    bool end = false;
    for (size_t rows = 0; !end; rows++) {
        assert(rows <= size);
        Err      err = {0};
        CsvRow   row;
        uint64_t before = csv_offset(csv);
        if (csv_next(csv, &row, &end, &err) && !end) {
            assert(row.count >= 1 && row.count <= LIMIT_CSV_COLUMNS && row.offset >= before);
            assert(row.line == lines_before(all, row.offset));
            if (rows < 3 && row.offset > 0)   /* each costs a reader */
                check_resumed(all, delimiter, &row);
        } else if (!end) {
            assert(err.kind == ERR_INVALID || err.kind == ERR_LIMIT);
        }
        assert(end || (csv_offset(csv) > before && csv_offset(csv) <= size));
    }
    return 0;
}
