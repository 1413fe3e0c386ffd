/* import.c
 *
 * A file is read twice from where it lies: once to know it (format, header, digests of each piece after media
 * is taken out), once to store those pieces; a file that changed in between is refused by its pieces'
 * digests. Its rows are then read from what was stored, a batch to a command. */
#include "intake/import.h"
#include <string.h>
#include "base/limits.h"
#include "intake/intake_ledger.h"
#include "intake/intake_sql.h"
#include "intake/strip_media.h"

#define SQL(name) (&intake_sql[INTAKE_##name])

enum { BATCH_ROWS = 2000, BATCH_BYTES = 1024 * 1024, SETTLED_AT_ONCE = 1000 };

typedef struct Survey {
    const Format *format;
    Sha256        source, stored;
    int64_t       source_bytes, stored_bytes;
    Sha256       *chunks;                /* of the stored file */
    size_t        chunk_count, chunk_cap;
} Survey;

typedef struct Import {
    Ledger              *ledger;
    Store               *store;
    const Hand          *hand;
    const ImportOptions *options;
    const char          *path;
    Arena               *mem;
    Db                  *db;
    Survey               survey;
    int64_t              file, rows_done;
    ImportProgress      *progress;
    void                *progress_ctx;
} Import;

/* ---- may it be taken in? ---- */

static bool operation_live(const Import *im, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!im->hand->operation) {
        err_set(err, ERR_DENIED, "Nothing can be taken in without an operation.");
        return err_hint(err, "Open one first, under its recorded lawful basis.");
    }
    if (!db_query(im->db, SQL(OPERATION), VALUES(sql_id(im->hand->operation)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_DENIED, "There is no such operation.");
    if (!row_null(&rows, 1))
        return err_set(err, ERR_DENIED, "The operation is closed: nothing more can be taken in under it.");
    if (im->hand->at > row_when(&rows, 0)) {
        err_set(err, ERR_DENIED,
                "The operation's authority has ended: nothing more can be taken in under it.");
        return err_hint(err, "Renew the authority first.");
    }
    return true;
}

/* ---- knowing the file ---- */

typedef struct Counted { Source *from; Sha256Stream *digest; int64_t bytes; } Counted;

static bool counted_read(void *ctx, void *buf, size_t cap, size_t *got, Err *err)
{
    Counted *c = ctx;
    if (!source_read(c->from, buf, cap, got, err))
        return false;
    sha256_add(c->digest, buf, *got);
    c->bytes += (int64_t)*got;
    return true;
}

static bool chunk_read(Source *src, char *chunk, size_t *len, Err *err)
{
    size_t got = 1;
    for (*len = 0; got > 0 && *len < LEDGER_FILE_CHUNK; *len += got)
        if (!source_read(src, chunk + *len, LEDGER_FILE_CHUNK - *len, &got, err))
            return false;
    return true;
}

static bool head_open(void *ctx, Arena *mem, uint64_t offset, Source **out, Err *err)
{
    const Str *head = ctx;
    (void)err;
    size_t skip = offset < head->len ? (size_t)offset : head->len;
    *out = source_memory(mem, (Str){ head->at + skip, head->len - skip });
    return true;
}

/* The header row is judged before anything is kept. */
static bool head_judge(const Format *format, Str head, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    Reader *reader = NULL;
    bool ok = reader_open(&mem, format, (ReaderFrom){ head_open, &head }, 0, 1, &reader, err);
    reader_close(reader);
    return ok;
}

static bool format_find(const char *path, Survey *s, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    Source *src = NULL;
    char *head = arena_new(&mem, char, FORMAT_HEAD_BYTES);
    size_t len = 0, got = 1;
    if (!source_open(&mem, path, 0, &src, err))
        return false;
    bool ok = true;
    for (; ok && got > 0 && len < FORMAT_HEAD_BYTES; len += got)
        ok = source_read(src, head + len, FORMAT_HEAD_BYTES - len, &got, err);
    source_close(src);
    return ok && format_detect((Str){ head, len }, &s->format, err) &&
           head_judge(s->format, (Str){ head, len }, err);
}

static bool pieces_digest(Import *im, Source *stripped, Arena *mem, Err *err)
{
    Survey *s = &im->survey;
    Sha256Stream *whole = sha256_begin(mem);
    char *chunk = arena_new(mem, char, LEDGER_FILE_CHUNK);
    size_t len;
    do {
        if (!chunk_read(stripped, chunk, &len, err)) {
            (void)sha256_end(whole);
            return false;
        }
        sha256_add(whole, chunk, len);
        s->stored_bytes += (int64_t)len;
        if (len > 0)
            *arena_push(im->mem, s->chunks, s->chunk_count, s->chunk_cap) = sha256_of(chunk, len);
    } while (len == LEDGER_FILE_CHUNK);
    s->stored = sha256_end(whole);
    return true;
}

static bool survey(Import *im, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    Counted counted = {0};
    if (!format_find(im->path, &im->survey, err) || !source_open(&mem, im->path, 0, &counted.from, err))
        return false;
    counted.digest = sha256_begin(&mem);
    CLEANUP(strip_done)
    Strip *strip = strip_new(&mem, source_custom(&mem, counted_read, &counted), im->survey.format->records);
    bool ok = pieces_digest(im, strip_source(strip), &mem, err);
    im->survey.source = sha256_end(counted.digest);
    im->survey.source_bytes = counted.bytes;
    source_close(counted.from);
    return ok;
}

/* ---- keeping it ---- */

typedef struct ChunkPut { const Sha256 *digest; int64_t idx; Str bytes; } ChunkPut;

static bool chunk_command(Tx *tx, void *ctx, Err *err)
{
    const ChunkPut *c = ctx;
    return ledger_file_chunk_put(tx, c->digest, c->idx, c->bytes, err);
}

static bool chunks_store(Import *im, Source *stripped, Arena *mem, Err *err)
{
    const Survey *s = &im->survey;
    char *chunk = arena_new(mem, char, LEDGER_FILE_CHUNK);
    for (size_t i = 0; i < s->chunk_count; i++) {
        ChunkPut put = { &s->stored, (int64_t)i, { chunk, 0 } };
        if (!chunk_read(stripped, chunk, &put.bytes.len, err))
            return false;
        Sha256 digest = sha256_of(chunk, put.bytes.len);
        if (!sha256_same(&digest, &s->chunks[i]))
            return err_set(err, ERR_CONFLICT, "The file changed while it was being read.");
        if (!writer_run(im->store, chunk_command, &put, err))
            return err_while(err, "storing piece %zu of a received file", i);
    }
    return true;
}

static bool stored_already(const Import *im, bool *there, Err *err)
{
    int64_t chunks;
    return db_int(im->db, SQL(STORED), VALUES(sql_blob(im->survey.stored.bytes, 32)), &chunks, there, err);
}

static bool bytes_store(Import *im, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    Source *src = NULL;
    bool there = false;
    if (!stored_already(im, &there, err))
        return false;
    if (there)
        return true;
    if (!source_open(&mem, im->path, 0, &src, err))
        return false;
    CLEANUP(strip_done) Strip *strip = strip_new(&mem, src, im->survey.format->records);
    bool ok = chunks_store(im, strip_source(strip), &mem, err);
    source_close(src);
    return ok;
}

static bool file_find(Db *db, const Import *im, int64_t *file, Err *err)
{
    bool found = false;
    *file = 0;
    return db_int(db, SQL(FILE_BY_SOURCE),
                  VALUES(sql_id(im->hand->operation), sql_blob(im->survey.source.bytes, 32)), file, &found,
                  err);
}

static const char *shown_name(const Import *im)
{
    const char *slash = strrchr(im->path, '/');
    const char *name = im->options->name ? im->options->name : slash ? slash + 1 : im->path;
    return str_clip(im->mem, utf8_clean(im->mem, str_of(name)), 200);
}

static Json *received_body(const Import *im)
{
    const Survey *s = &im->survey;
    Json *body = json_new_object();
    json_set_text(body, "name", shown_name(im));
    json_set_text(body, "format", s->format->name);
    json_set_text(body, "source_digest", sha256_hex(im->mem, &s->source));
    json_set_text(body, "stored_digest", sha256_hex(im->mem, &s->stored));
    json_set_int(body, "source_bytes", s->source_bytes);
    json_set_int(body, "stored_bytes", s->stored_bytes);
    if (im->options->owner)
        json_set_int(body, "owner", im->options->owner);
    return body;
}

static bool receive_command(Tx *tx, void *ctx, Err *err)
{
    Import *im = ctx;
    const Survey *s = &im->survey;
    if (!file_find(tx->db, im, &im->file, err))
        return false;
    return im->file                            /* another import of the same bytes was first */
        || (ledger_file_finish(tx, &s->stored, s->stored_bytes, (int64_t)s->chunk_count, err)
            && ledger_append(tx, im->hand, "file.received", 0, received_body(im), &im->file, err));
}

/* ---- reading its rows ---- */

typedef struct Standing { char state[16]; int64_t offset, line; } Standing;

typedef struct Batch {
    const Import *im;
    uint64_t      from_offset, to_offset;
    size_t        from_line, to_line;
    int64_t       rows;
} Batch;

static Json *batch_body(const Batch *b)
{
    Json *body = json_new_object();
    json_set_int(body, "from_offset", (int64_t)b->from_offset);
    json_set_int(body, "from_line", (int64_t)b->from_line);
    json_set_int(body, "to_offset", (int64_t)b->to_offset);
    json_set_int(body, "to_line", (int64_t)b->to_line);
    json_set_int(body, "rows", b->rows);
    return body;
}

typedef struct Ready { int64_t row, file; } Ready;

static bool ready_find(Tx *tx, const Batch *b, Arena *mem, Ready **ready, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    size_t cap = 0;
    bool more = false;
    if (!db_query(
            tx->db, SQL(PENDING_READY),
            VALUES(sql_id(b->im->file), sql_int((int64_t)b->from_line), sql_int((int64_t)b->to_line + 1)),
            &rows, err))
        return false;
    for (;;) {
        if (!rows_next(&rows, &more, err))
            return false;
        if (!more)
            return true;
        *arena_push(mem, *ready, *count, cap) = (Ready){ row_int(&rows, 0), row_int(&rows, 1) };
    }
}

/* Rows that waited for a report of this batch are placed with it. */
static bool waiting_settle(Tx *tx, const Batch *b, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    Ready *ready = NULL;
    size_t count = 0;
    if (!ready_find(tx, b, &mem, &ready, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        Json *body = json_new_object();
        json_set_int(body, "row", ready[i].row);
        if (!ledger_append(tx, b->im->hand, "row.settled", ready[i].file, body, NULL, err))
            return err_while(err, "placing a row that waited");
    }
    return true;
}

static bool batch_command(Tx *tx, void *ctx, Err *err)
{
    const Batch *b = ctx;
    return ledger_append(tx, b->im->hand, "file.read", b->im->file, batch_body(b), NULL, err) &&
           waiting_settle(tx, b, err);
}

/* How far the next batch goes: so many rows or bytes, one row at least. */
static bool batch_plan(Reader *reader, Batch *b, Err *err)
{
    int64_t most = b->im->options->batch_rows ? b->im->options->batch_rows : BATCH_ROWS;
    bool end = false;
    b->rows = 0;
    b->from_offset = b->to_offset;             /* 0 at first: the header belongs to the first batch */
    b->from_line = b->to_line;
    while (b->rows < most && b->to_offset - b->from_offset < BATCH_BYTES) {
        if (!reader_skip(reader, &end, err))
            return false;
        if (end)
            return true;
        b->rows++;
        b->to_offset = reader_offset(reader);
        b->to_line = reader_line(reader);
    }
    return true;
}

static void tell(Import *im, const Batch *b)
{
    im->rows_done += b->rows;
    if (im->progress)
        im->progress(im->progress_ctx, (int64_t)b->to_offset, im->survey.stored_bytes, im->rows_done);
}

static bool batches_run(Import *im, const Standing *at, Reader *reader, Err *err)
{
    Batch b = { .im = im, .to_offset = (uint64_t)at->offset, .to_line = (size_t)at->line };
    for (;;) {
        if (!batch_plan(reader, &b, err))
            return false;
        if (b.rows == 0)
            return ledger_record(im->ledger, im->hand, "file.finished", im->file, json_new_object(), NULL,
                                 err);
        if (!writer_run(im->store, batch_command, &b, err))
            return err_while(err, "reading a received file from line %zu", b.from_line);
        tell(im, &b);
    }
}

static bool standing_get(const Import *im, Standing *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(im->db, SQL(FILE), VALUES(sql_id(im->file)), &rows, err) || !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_BUG, "A file just received is not there.");
    snprintf(out->state, sizeof out->state, "%s", row_text(&rows, 3));
    out->offset = row_int(&rows, 4);
    out->line = row_int(&rows, 5);
    return true;
}

static bool rows_read(Import *im, const Standing *at, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    StoredFile stored = { im->db, im->survey.stored };
    Reader *reader = NULL;
    bool ok = reader_open(&mem, im->survey.format, stored_file(&stored), (uint64_t)at->offset,
                          (size_t)at->line, &reader, err) &&
              batches_run(im, at, reader, err);
    reader_close(reader);
    return ok;
}

static bool import_run(Import *im, ImportReport *report, Err *err)
{
    Standing at = {0};
    if (!operation_live(im, err) || !survey(im, err) || !file_find(im->db, im, &im->file, err))
        return false;
    if (!im->file && (!bytes_store(im, err) || !writer_run(im->store, receive_command, im, err)))
        return false;
    if (!standing_get(im, &at, err))
        return false;
    bool finished = str_same(at.state, "finished");
    if (!finished && !rows_read(im, &at, err))
        return false;
    if (!intake_report(im->db, im->mem, im->file, report, err))
        return false;
    report->already = finished;
    return true;
}

bool intake_import(Ledger *ledger, Store *store, const Hand *hand, const ImportOptions *options,
                   const char *path, Arena *mem, ImportReport *report, ImportProgress *progress, void *ctx,
                   Err *err)
{
    static const ImportOptions plain = {0};
    Import im = { .ledger = ledger,
                  .store = store,
                  .hand = hand,
                  .options = options ? options : &plain,
                  .path = path,
                  .mem = mem,
                  .progress = progress,
                  .progress_ctx = ctx };
    if (!store_reader(store, &im.db, err))
        return false;
    bool ok = import_run(&im, report, err);
    store_reader_close(im.db);
    return ok || err_while(err, "importing a file");
}

/* ---- the report ---- */

static bool rejections_get(Db *db, Arena *mem, ImportReport *r, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    size_t cap = 0;
    bool more = false;
    if (!db_query(db, SQL(REJECTIONS), VALUES(sql_id(r->file), sql_int(LIMIT_REJECTIONS_SHOWN)), &rows, err))
        return false;
    for (;;) {
        if (!rows_next(&rows, &more, err))
            return false;
        if (!more)
            return true;
        ImportRejection *one = arena_push(mem, r->rejections, r->rejection_count, cap);
        *one = (ImportRejection){ row_int(&rows, 0), row_copy(&rows, 1, mem) };
    }
}

bool intake_report(Db *db, Arena *mem, int64_t file, ImportReport *report, Err *err)
{
    *report = (ImportReport){ .file = file };
    {
        CLEANUP(rows_done) Rows rows = {0};
        bool more = false;
        if (!db_query(db, SQL(FILE), VALUES(sql_id(file)), &rows, err) || !rows_next(&rows, &more, err))
            return false;
        if (!more)
            return err_set(err, ERR_NOT_FOUND, "There is no such received file.");
        report->format = row_copy(&rows, 1, mem);
        report->received = row_int(&rows, 6);
        report->taken = row_int(&rows, 7);
        report->merged = row_int(&rows, 8);
        report->rejected = row_int(&rows, 9);
        report->pending = row_int(&rows, 10);
        report->media_dropped = row_int(&rows, 11);
    }
    return rejections_get(db, mem, report, err);
}
