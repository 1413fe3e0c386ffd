/* columns.h: a CSV format as a table of columns, one row per column.
 *
 * The header row is matched without regard to case, spaces, hyphens and underscores; unknown columns are
 * refused by name, so that nothing is silently lost. A field is parsed by its column's function into a struct
 * at an offset. Reasons name the line and the column, never the value. */
#pragma once
#include <stddef.h>
#include "base/csv.h"
#include "base/limits.h"
#include "intake/record.h"
#include "ledger/ledger.h"

/* `text` is trimmed, valid UTF-8 and not empty. Writes to `to`. *why completes "date_of_birth ...". */
typedef bool ColumnParse(Arena *mem, const char *text, void *to, const char **why);
typedef struct Column {
    const char  *name;
    Need         need;
    ColumnParse *parse;
    size_t       offset;
} Column;

ColumnParse column_text;         /* const char * */
ColumnParse column_date;         /* Date */
ColumnParse column_instant;      /* WhenText */
ColumnParse column_address;      /* const char *, canonical IPv4 or IPv6 */
ColumnParse column_port;         /* int64_t */
ColumnParse column_count;        /* int64_t, 0 and up */
ColumnParse column_yes_no;       /* int: 1, 0 */
ColumnParse column_phone;        /* const char *, verbatim; refused when it is no number */
ColumnParse column_email;        /* const char *, verbatim */
ColumnParse column_postcode;     /* const char *, normal; a foreign one is kept as written */
ColumnParse column_md5, column_sha1, column_sha256;      /* const char *, lower-case hex */

typedef struct ColumnMap {
    const Column *columns;       /* ends with {0} */
    const char   *format;
    size_t        count;         /* fields in the file's header */
    const Column *at[LIMIT_CSV_COLUMNS];
} ColumnMap;

bool column_is(Str header, const char *name);            /* the loose comparison of names */
char column_delimiter(Str header); /* ',' ';' or tab, whichever the header row holds most */
MUST_USE bool columns_map(const Column *columns, const char *format, const CsvRow *header, ColumnMap *map,
                          Err *err);
/* Fills the struct at `into`, which the caller has set to "not said" values. */
MUST_USE bool columns_read(const ColumnMap *map, const CsvRow *row, size_t line, Arena *mem, void *into,
                           Err *err);
/* All non-empty fields as texts by column name. */
Json *columns_json(const ColumnMap *map, const CsvRow *row, Arena *mem);
