/* table.h: any CSV of people as columns that can be linked.
 *
 * A map says which column is which field ("given=first_name,family=surname"); columns joined by + are one
 * value ("address=street_number+address_1"). Values are normalised by person.h, each different one once. The
 * delimiter is told from the first line (comma, semicolon, tab, bar); blanks after it do not matter. The
 * number of threads changes nothing but the time. */
#pragma once
#include "engine/linkage/linkage_columns.h"
#include "link/person/person.h"

enum { TABLE_JOINED = 6 };

typedef struct TableField {
    const char *name;              /* the person kind's key; "other.COLUMN" where there may be several */
    PersonKind  person;
    LinkKind    link;
    const char *columns[TABLE_JOINED];
    size_t      column_count;
} TableField;

typedef struct TableMap {
    TableField fields[LINK_FIELDS_MAX];
    size_t     count;
} TableMap;

/* Reads "field=column,field=column+column". ERR_INVALID names a field that is not known, or given twice. */
MUST_USE bool table_map_read(Arena *mem, const char *text, TableMap *map, Err *err);
/* The fields that linking will have: parts of a birth date are one date, a house number joins its address. */
size_t table_map_fields(const TableMap *map, LinkField out[LINK_FIELDS_MAX]);

typedef struct Table {
    LinkColumns *columns;
    TableMap     map;
    size_t       field_of[LINK_FIELDS_MAX];    /* of each mapped field: its column in `columns` */
    const char **ids;                          /* one a row, as written; NULL where none was asked for */
    const char **truths;                       /* the same of the truth column */
    size_t       rows, id_cap, truth_cap;
    unsigned     threads;                      /* that may read; 1 unless the caller says more */
} Table;

typedef struct TableColumns {                  /* beside the map; may be NULL */
    const char *id, *truth;
} TableColumns;

/* Begins an empty table; files are added one after the other, each as the source of the next number. */
void table_begin(Arena *mem, const PersonTools *tools, const TableMap *map, Table *table);
/* Adds a file. ERR_INVALID names a column that the file does not have. `id` NULL: ids are not kept. */
MUST_USE bool table_add(Table *table, const PersonTools *tools, const TableMap *map,
                        const TableColumns *extra, const char *path, uint8_t source, Arena *mem, Err *err);
/* The first line's column names, for messages and for finding an id column. */
MUST_USE bool table_header(Arena *mem, const char *path, const char ***names, size_t *count, Err *err);
