/* table_inside.h: what the files of table share. No other module includes it. */
#pragma once
#include "base/csv.h"
#include "link/evaluate/table.h"

/* The field of the map that is of this kind; NULL: none. */
const TableField *table_mapped(const TableMap *map, PersonKind kind);
/* Whether this field, a year, stands for the whole date of which month and day are fields too. */
bool table_date_in_parts(const TableMap *map, PersonKind kind);
/* Opens a file as rows, past its header. The caller closes `src`, also on failure. */
MUST_USE bool table_csv(Arena *mem, const char *path, Source **src, Csv **csv, CsvRow *header, Err *err);

/* ---- table_chunk.c: some rows of a file, put together as one text a field */

enum { CHUNK_ROWS = 8192, CHUNK_BYTES = 4 * 1024 * 1024 };

typedef struct Cell {
    uint32_t at, len;
} Cell; /* in the chunk's bytes, a NUL after them; len 0: blank */

typedef struct Chunk {
    Arena    mem;
    StrBuf   bytes;
    Cell    *cells[LINK_FIELDS_MAX];                 /* by field of the map; NULL where it is not linked */
    Cell    *ids, *truths;                           /* NULL where none was asked for */
    uint32_t *codes[LINK_FIELDS_MAX];                /* by column */
    size_t   rows;
    bool     end, failed;                            /* nothing comes after it; because of `err` */
    Err      err;
} Chunk;

typedef struct ChunkReader {
    const TableMap *map;
    const Table    *table;
    Csv            *csv;
    size_t          at[LINK_FIELDS_MAX][TABLE_JOINED];       /* a field's columns in this file */
    bool            plain[LINK_FIELDS_MAX];                  /* the text of one column, as it is */
    size_t          id_at, truth_at;                         /* SIZE_MAX: none */
} ChunkReader;

MUST_USE bool chunk_columns(ChunkReader *r, const CsvRow *header, const TableColumns *extra, Err *err);
void chunk_begin(const ChunkReader *r, Chunk *chunk);
/* Reads the next rows over those it held. A failure is kept in the chunk, after the rows before it. */
void chunk_read(ChunkReader *r, Chunk *chunk);
static inline Str chunk_text(const Chunk *chunk, Cell cell)
{
    return (Str){ chunk->bytes.at + cell.at, cell.len };
}

/* ---- table_memo.c: what was written to codes, so that each different text is normalised once */

typedef struct MemoEntry { const char *at; uint32_t len, code; } MemoEntry;

typedef struct Memo {
    Arena      mem;
    uint64_t  *slots;         /* 0, or the upper half of the hash beside the entry's number + 1 */
    size_t     slot_count, count, cap;
    unsigned   shift;
    MemoEntry *entries;
    char      *texts;
    size_t     text_room, text_block;
    size_t     looked_up;
    bool       idle;          /* given up: it held little that came again */
} Memo;

uint64_t memo_hash(Str text);
/* For the processor, in this order and well apart: will look for this text. */
void memo_ask_slot(const Memo *memo, uint64_t hash);
void memo_ask_entry(const Memo *memo, uint64_t hash);
void memo_ask_text(const Memo *memo, uint64_t hash);
/* The number of the text's entry; *is_new when it had none: its code is then 0. */
uint32_t memo_find(Memo *memo, Str text, uint64_t hash, bool *is_new);
/* Counts look-ups that were or will be made. False, from some count on, of a memo in which most texts were
 * new: e-mail addresses hardly repeat, and normalising them costs less than remembering them all. */
bool memo_pays(Memo *memo, size_t looked_up);
void memo_done(Memo *memo);
