/* formats.h: the formats Muster reads, one row each, found from content and never from a file's name.
 *
 * A reader turns one row (a CSV row, or one XML record element) into a Record. Readers are pure: bytes in, a
 * record or a reason out. Adding a format is a reader and a row of formats[]. */
#pragma once
#include "base/xml.h"
#include "intake/columns.h"
#include "intake/record.h"

typedef bool CsvRead(const ColumnMap *map, const CsvRow *row, size_t line, Arena *mem, Record *out, Err *err);
/* May change the node: what was taken is blanked, so that the rest can be kept as sensitive text. `digest` is
 * the hex SHA-256 of the record's bytes: its number when it has none. */
typedef bool XmlRead(XmlNode *record, size_t line, const char *digest, Arena *mem, Record *out, Err *err);

typedef struct Format {
    const char        *name;
    const char *marks[4]; /* CSV: all of these columns must be in the header; NULL-terminated */
    const Column      *columns;          /* NULL: XML */
    CsvRead           *csv;
    const char *const *records;          /* XML: names of the elements that are one row each, lower case */
    XmlRead           *xml;
} Format;

enum { FORMAT_HEAD_BYTES = 64 * 1024 };

/* From the first FORMAT_HEAD_BYTES. ERR_INVALID tells what was expected. */
MUST_USE bool format_detect(Str head, const Format **out, Err *err);
const Format *format_named(const char *name);            /* NULL if unknown */

extern const Column list_columns[], footprints_columns[], answers_columns[], register_columns[],
    returns_columns[], hashset_columns[];
CsvRead list_read, footprints_read, answers_read, register_read, returns_read, hashset_read;
extern const char *const cybertip_records[];
XmlRead cybertip_read;
