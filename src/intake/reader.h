/* reader.h: the rows of a stored file from any row boundary on: what import cuts into batches and apply reads
 * again.
 *
 * Deterministic: the same stored bytes from the same offset give the same rows. Bounded memory. */
#pragma once
#include "intake/formats.h"
#include "ledger/ledger.h"

typedef struct Reader Reader;
typedef struct ReadRow {
    size_t      line;                    /* where it begins */
    uint64_t    from, to;                /* its bytes in the stored file */
    const char *refused;                 /* NULL, or why it could not be read */
    Record      record;                  /* the caller calls record_done; empty when refused */
    Json       *dropped;                 /* NULL, or list of {"sha256","bytes"}: media removed from it */
} ReadRow;

/* `open` gives a Source over the stored file from an offset, as often as asked. */
typedef bool ReaderOpen(void *ctx, Arena *mem, uint64_t offset, Source **out, Err *err);
typedef struct ReaderFrom { ReaderOpen *open; void *ctx; } ReaderFrom;

/* offset 0 and line 1: the beginning. ERR_INVALID when the header row does not fit the format. */
MUST_USE bool reader_open(Arena *mem, const Format *format, ReaderFrom from, uint64_t offset, size_t line,
                          Reader **out, Err *err);
/* The next row, read and judged, in `mem`. */
MUST_USE bool reader_next(Reader *r, Arena *mem, ReadRow *row, bool *end, Err *err);
/* The next row's place only. */
MUST_USE bool reader_skip(Reader *r, bool *end, Err *err);
uint64_t reader_offset(const Reader *r); /* of the next row */
size_t   reader_line(const Reader *r);
void     reader_close(Reader *r);        /* accepts NULL */
