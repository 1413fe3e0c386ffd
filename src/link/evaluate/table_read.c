/* table_read.c: files of people to rows of codes.
 *
 * A file is read some rows at a time. While one thread reads the next rows, the fields of the rows before are
 * turned into codes: the fields of one dictionary are one task. Each task goes through its rows in order, so
 * values get their codes in the order of the file whichever thread does it; then the rows are put in place.
 */
#include <assert.h>
#include <sys/stat.h>
#include "engine/linkage/linkage_team.h"
#include "link/evaluate/table_inside.h"

enum { THREADS_MOST = 16, BATCH = 64, SCRATCH_BYTES = 16 * 1024 };

typedef struct Group {            /* the fields of one dictionary */
    size_t fields[LINK_FIELDS_MAX], count;
} Group;

typedef struct Reading Reading;
typedef struct Worker {
    Reading    *r;
    PersonTools tools;
    Arena       mem, scratch;
} Worker;

struct Reading {
    ChunkReader  reader;
    Table       *table;
    Arena       *mem;             /* of what stays */
    Chunk        chunks[2];
    size_t       current;         /* which of them is being turned into codes */
    Memo         memos[LINK_FIELDS_MAX];
    Group        groups[LINK_FIELDS_MAX];
    size_t       group_count;
    Worker       workers[THREADS_MOST];
    size_t       worker_count;
};

/* ---- fields to codes */

typedef struct Item { Str text; uint64_t hash; uint32_t *code; uint32_t field; } Item;
typedef struct Batch {
    Item     items[BATCH];
    size_t   count;
    uint32_t entry[BATCH];
    LinkAsk  asks[BATCH];
    uint32_t asked_field[BATCH], asked_entry[BATCH];
    size_t   asked;
} Batch;

static Str normal_of(Worker *w, size_t field, Str text)
{
    const TableMap *map = w->r->reader.map;
    PersonKind      kind = map->fields[field].person;
    if (table_date_in_parts(map, kind))
        return text;
    return str_of(person_normal(&w->tools, &w->scratch, kind, text.at));
}

static void batch_look_ahead(const Reading *r, Batch *b)
{
    for (size_t i = 0; i < b->count; i++) {
        b->items[i].hash = memo_hash(b->items[i].text);
        memo_ask_slot(&r->memos[b->items[i].field], b->items[i].hash);
    }
    for (size_t i = 0; i < b->count; i++)
        memo_ask_entry(&r->memos[b->items[i].field], b->items[i].hash);
    for (size_t i = 0; i < b->count; i++)
        memo_ask_text(&r->memos[b->items[i].field], b->items[i].hash);
}

/* Without a memo: of this batch, nothing is known. */
static void batch_ask_all(Worker *w, Batch *b)
{
    const Reading *r = w->r;
    for (size_t i = 0; i < b->count; i++) {
        const Item *item = &b->items[i];
        b->asks[i] = (LinkAsk){ normal_of(w, item->field, item->text),
                                (uint32_t)r->table->field_of[item->field], LINK_BLANK };
    }
    link_columns_codes(r->table->columns, b->asks, b->count);
    for (size_t i = 0; i < b->count; i++)
        *b->items[i].code = b->asks[i].code;
}

/* Every text of the batch to its code: first its entry in the memo, then, at once, the codes of what is new.
 */
static void batch_remember(Worker *w, Batch *b)
{
    Reading *r = w->r;
    batch_look_ahead(r, b);
    for (size_t i = 0; i < b->count; i++) {
        const Item *item = &b->items[i];
        bool        is_new;
        b->entry[i] = memo_find(&r->memos[item->field], item->text, item->hash, &is_new);
        if (!is_new)
            continue;
        b->asks[b->asked] = (LinkAsk){ normal_of(w, item->field, item->text),
                                       (uint32_t)r->table->field_of[item->field], LINK_BLANK };
        b->asked_field[b->asked] = item->field;
        b->asked_entry[b->asked++] = b->entry[i];
    }
    link_columns_codes(r->table->columns, b->asks, b->asked);
    for (size_t i = 0; i < b->asked; i++)
        r->memos[b->asked_field[i]].entries[b->asked_entry[i]].code = b->asks[i].code;
    for (size_t i = 0; i < b->count; i++)
        *b->items[i].code = r->memos[b->items[i].field].entries[b->entry[i]].code;
}

static void batch_end(Worker *w, Batch *b, bool remember)
{
    if (remember)
        batch_remember(w, b);
    else
        batch_ask_all(w, b);
    b->count = b->asked = 0;
    if (w->scratch.used_bytes > SCRATCH_BYTES)      /* small blocks stay with the process when freed */
        arena_reset(&w->scratch);
}

static void group_codes(Worker *w, const Group *g)
{
    Reading     *r = w->r;
    const Chunk *chunk = &r->chunks[r->current];
    bool         remember = g->count > 1 || memo_pays(&r->memos[g->fields[0]], chunk->rows);
    Batch        b;
    b.count = b.asked = 0;
    for (size_t row = 0; row < chunk->rows; row++)
        for (size_t k = 0; k < g->count; k++) {
            size_t    field = g->fields[k];
            Cell      cell = chunk->cells[field][row];
            uint32_t *code = &chunk->codes[r->table->field_of[field]][row];
            *code = LINK_BLANK;
            if (!cell.len)
                continue;
            b.items[b.count++] = (Item){ chunk_text(chunk, cell), 0, code, (uint32_t)field };
            if (b.count == BATCH)
                batch_end(w, &b, remember);
        }
    batch_end(w, &b, remember);
}

/* ---- tasks */

static size_t group_size(const Reading *r, const Group *g)
{
    return link_columns_values(r->table->columns, r->table->field_of[g->fields[0]]);
}

/* The most different texts first: they will have most new ones, and the longest task should not come last. */
static void groups_order(Reading *r)
{
    for (size_t i = 1; i < r->group_count; i++)
        for (size_t j = i; j && group_size(r, &r->groups[j]) > group_size(r, &r->groups[j - 1]); j--) {
            Group was = r->groups[j];
            r->groups[j] = r->groups[j - 1];
            r->groups[j - 1] = was;
        }
}

/* Task 0 reads the next rows, the others are the groups. */
static bool work(void *ctx, unsigned worker, size_t task)
{
    Reading *r = ctx;
    if (task)
        group_codes(&r->workers[worker], &r->groups[task - 1]);
    else if (!r->chunks[r->current].end)
        chunk_read(&r->reader, &r->chunks[!r->current]);
    return true;
}

/* The rows at hand to codes and the next ones read. */
static void round_do(Reading *r)
{
    groups_order(r);
    link_team(r->chunks[r->current].rows > 1 ? (unsigned)r->worker_count : 1, r->group_count + 1, work, r);
}

static void rows_place(Reading *r, const Chunk *chunk, uint8_t source)
{
    uint32_t codes[LINK_FIELDS_MAX] = { 0 };
    Table   *t = r->table;
    for (size_t row = 0; row < chunk->rows; row++) {
        for (size_t f = 0; f < LINK_FIELDS_MAX && chunk->codes[f]; f++)
            codes[f] = chunk->codes[f][row];
        size_t n = t->rows++, again = n;
        link_columns_add(t->columns, codes, source);
        if (chunk->ids)
            *arena_push(r->mem, t->ids, n, t->id_cap) = str_from(r->mem, chunk_text(chunk, chunk->ids[row]));
        if (chunk->truths)
            *arena_push(r->mem, t->truths, again, t->truth_cap) =
                str_from(r->mem, chunk_text(chunk, chunk->truths[row]));
    }
}

/* How many rows there will be, from how far the first ones reach into the file; some too many do no harm. */
static void rows_expect(const Reading *r, const char *path)
{
    struct stat  about;
    const Chunk *first = &r->chunks[0];
    uint64_t     read = csv_offset(r->reader.csv);
    if (first->end || !read || stat(path, &about) != 0)
        return;
    double rows = (double)first->rows * (double)about.st_size / (double)read * 1.05 + CHUNK_ROWS;
    if (rows < UINT32_MAX)
        link_columns_expect(r->table->columns, r->table->rows + (size_t)rows);
}

static bool rows_read(Reading *r, const char *path, uint8_t source, Err *err)
{
    chunk_read(&r->reader, &r->chunks[0]);
    rows_expect(r, path);
    for (;; r->current = !r->current) {
        Chunk *chunk = &r->chunks[r->current];
        if (r->table->rows + chunk->rows >= UINT32_MAX)
            return err_set(err, ERR_LIMIT, "The file has more rows than can be linked at once.");
        round_do(r);
        rows_place(r, chunk, source);
        if (chunk->failed)
            *err = chunk->err;
        if (chunk->end)
            return !chunk->failed;
    }
}

/* ---- a file */

static void groups_make(Reading *r)
{
    const Table *t = r->table;
    for (size_t i = 0; i < r->reader.map->count; i++) {
        if (t->field_of[i] == SIZE_MAX)
            continue;
        size_t number = link_columns_group(t->columns, t->field_of[i]), g = 0;
        while (g < r->group_count &&
               link_columns_group(t->columns, t->field_of[r->groups[g].fields[0]]) != number)
            g++;
        r->group_count += g == r->group_count;
        r->groups[g].fields[r->groups[g].count++] = i;
    }
}

static void reading_begin(Reading *r, const PersonTools *tools)
{
    unsigned wanted = r->table->threads;
    groups_make(r);
    r->worker_count = wanted < 1 ? 1 : wanted > THREADS_MOST ? THREADS_MOST : wanted;
    for (size_t i = 0; i < r->worker_count; i++) {
        Worker *w = &r->workers[i];
        w->r = r;
        w->tools = (PersonTools){ tools->rules, i ? fold_new(&w->mem) : tools->fold };
    }
    for (size_t i = 0; i < COUNT_OF(r->chunks); i++)
        chunk_begin(&r->reader, &r->chunks[i]);
}

static void reading_end(Reading *r)
{
    for (size_t i = 0; i < r->worker_count; i++) {
        Worker *w = &r->workers[i];
        if (i)
            fold_done(&w->tools.fold);
        arena_done(&w->scratch);
        arena_done(&w->mem);
    }
    for (size_t i = 0; i < COUNT_OF(r->chunks); i++)
        arena_done(&r->chunks[i].mem);
    for (size_t i = 0; i < COUNT_OF(r->memos); i++)
        memo_done(&r->memos[i]);
}

bool table_add(Table *table, const PersonTools *tools, const TableMap *map, const TableColumns *extra,
               const char *path, uint8_t source, Arena *mem, Err *err)
{
    Arena    files = { 0 };
    Reading *r = arena_new(&files, Reading, 1);
    Source  *src = NULL;
    CsvRow   header;
    *r = (Reading){ .reader = { .map = map, .table = table }, .table = table, .mem = mem };
    bool ok = table_csv(&files, path, &src, &r->reader.csv, &header, err) &&
              chunk_columns(&r->reader, &header, extra, err);
    if (ok) {
        reading_begin(r, tools);
        ok = rows_read(r, path, source, err);
        reading_end(r);
    }
    source_close(src);
    arena_done(&files);
    return ok || err_while(err, "reading the table");
}
