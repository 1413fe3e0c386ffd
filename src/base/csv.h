/* csv.h: RFC 4180 rows from a stream, in bounded memory. Quotes, embedded newlines, CRLF or LF, byte-order
 * mark, any delimiter. Counts physical lines, so a rejection can name where its row begins. Wholly empty
 * lines are skipped. A quote inside an unquoted field is an ordinary character, as is a CR without LF. */
#pragma once
#include "base/err.h"
#include "base/source.h"
#include "base/str.h"

typedef struct Csv Csv;
typedef struct CsvRow {
    size_t   line;          /* physical line where the row begins, from 1 */
    uint64_t offset;        /* byte offset in the source where the row begins */
    size_t   count;
    Str     *fields;        /* valid until the next csv_next */
} CsvRow;

Csv *csv_new(Arena *mem, Source *src, char delimiter);
/* One row. *end is set at the end of input. A malformed row (unclosed quote at the end, too long, too many
 * columns) is ERR_INVALID/ERR_LIMIT naming its line; the reader resumes at the next line when called again.
 */
MUST_USE bool csv_next(Csv *csv, CsvRow *row, bool *end, Err *err);
uint64_t csv_offset(const Csv *csv);          /* offset of the next unread row */
size_t   csv_line(const Csv *csv);            /* the physical line it is on */
/* Before the first csv_next: the source was opened at `offset`, which is the start of `line`. So an import
 * that saved csv_offset and csv_line goes on where it stopped. */
void     csv_at(Csv *csv, uint64_t offset, size_t line);
/* Writes one field and its comma or CR LF, quoted if needed; a leading = + - @ tab is NOT altered here (see
 * csv_add_safe). */
void csv_add(StrBuf *buf, const char *field, bool last);
/* The same for files people open in a spreadsheet: formula starters are prefixed with a single quote. */
void csv_add_safe(StrBuf *buf, const char *field, bool last);
