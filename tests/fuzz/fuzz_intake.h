/* fuzz_intake.h: any bytes as a received file of one format: media removed, then read from start to end and,
 * from each row's start, again. Whatever the bytes, a row is a record or a refusal, and where reading begins
 * changes nothing. */
#pragma once
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "intake/reader.h"
#include "intake/strip_media.h"

static bool fuzz_open(void *ctx, Arena *mem, uint64_t offset, Source **out, Err *err)
{
    const Str *file = ctx;
    (void)err;
    size_t skip = offset < file->len ? (size_t)offset : file->len;
    *out = source_memory(mem, (Str){ file->at + skip, file->len - skip });
    return true;
}

static inline bool fuzz_strip(Arena *mem, Str bytes, bool xml, Str *out)
{
    Err err = {0};
    char buf[4096];
    size_t got = 0;
    StrBuf kept = { .mem = mem };
    CLEANUP(strip_done) Strip *strip = strip_new(mem, source_memory(mem, bytes), xml);
    do {
        if (!source_read(strip_source(strip), buf, sizeof buf, &got, &err))
            return false;
        buf_add_n(&kept, buf, got);
    } while (got > 0);
    *out = (Str){ buf_text(&kept), kept.len };
    return true;
}

static inline void fuzz_row_done(ReadRow *row)
{
    record_done(&row->record);
    json_done(&row->dropped);
}

/* The row that begins where a batch ended must be the same as when it was reached by reading on. */
static inline void fuzz_again(const Format *format, Str *file, uint64_t offset, size_t line,
                              const ReadRow *want)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    Reader *reader = NULL;
    ReadRow row;
    bool end = false;
    if (!reader_open(&mem, format, (ReaderFrom){ fuzz_open, file }, offset, line, &reader, &err))
        abort();
    if (!reader_next(reader, &mem, &row, &end, &err) || end)
        abort();
    assert(row.line == want->line && row.from == want->from && row.to == want->to);
    assert(row.record.kind == want->record.kind && !row.refused == !want->refused);
    fuzz_row_done(&row);
    reader_close(reader);
}

static inline void fuzz_read(const Format *format, Str *file)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    Reader *reader = NULL;
    bool end = false;
    if (!reader_open(&mem, format, (ReaderFrom){ fuzz_open, file }, 0, 1, &reader, &err))
        return;
    for (int rows = 0; rows < 100; rows++) {
        CLEANUP(arena_done) Arena row_mem = {0};
        ReadRow row;
        uint64_t offset = reader_offset(reader);
        size_t line = reader_line(reader);
        if (!reader_next(reader, &row_mem, &row, &end, &err) || end)
            break;
        assert(row.to > row.from && row.to <= file->len);
        assert(row.refused || row.record.kind != RECORD_NONE);
        fuzz_again(format, file, offset, line, &row);
        fuzz_row_done(&row);
    }
    reader_close(reader);
}

static inline int fuzz_format(const char *name, const uint8_t *data, size_t size)
{
    CLEANUP(arena_done) Arena mem = {0};
    const Format *format = format_named(name), *found = NULL;
    Err err = {0};
    Str bytes = { (const char *)data, size }, file;
    if (!format_detect(bytes, &found, &err))
        err_clear(&err);
    if (fuzz_strip(&mem, bytes, format->records, &file))
        fuzz_read(format, &file);
    return 0;
}

#define FUZZ_FORMAT(name) \
    int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size); \
    int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_format(name, data, size); }
