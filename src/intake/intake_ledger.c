/* intake_ledger.c */
#include "intake/intake_ledger.h"
#include <assert.h>
#include <string.h>
#include "intake/intake_sql.h"
#include "intake/place.h"

#define SQL(name) (&intake_sql[INTAKE_##name])

/* ---- a received file ---- */

typedef struct FileState {
    int64_t operation, next_offset, next_line;
    const char *format, *state;
    Sha256 stored;
} FileState;

static bool file_state(Db *db, int64_t file, Arena *mem, FileState *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(db, SQL(FILE), VALUES(sql_id(file)), &rows, err) || !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such received file.");
    Str digest = row_blob(&rows, 2);
    if (digest.len != sizeof out->stored.bytes)
        return err_set(err, ERR_BUG, "A received file has no digest.");
    *out = (FileState){ row_int(&rows, 0), row_int(&rows, 4), row_int(&rows, 5), row_copy(&rows, 1, mem),
                        row_copy(&rows, 3, mem), {{0}} };
    memcpy(out->stored.bytes, digest.at, digest.len);
    return true;
}

static bool stored_open(void *ctx, Arena *mem, uint64_t offset, Source **out, Err *err)
{
    StoredFile *file = ctx;
    return ledger_file_source(file->db, mem, &file->digest, offset, out, err);
}

ReaderFrom stored_file(StoredFile *file)
{
    return (ReaderFrom){ stored_open, file };
}

static bool digest_of(const Json *body, const char *key, uint8_t out[32], Err *err)
{
    return hex_read(str_of(json_text(body, key)), out, 32) ||
           err_set(err, ERR_INVALID, "A file's digest is malformed.");
}

static bool apply_received(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    uint8_t source[32], stored[32];
    (void)mem;
    return digest_of(e->body, "source_digest", source, err) &&
           digest_of(e->body, "stored_digest", stored, err) &&
           db_run(tx, SQL(FILE_NEW),
                  VALUES(sql_id(e->seq), sql_id(e->operation), sql_text(json_text(e->body, "name")),
                         sql_text(json_text(e->body, "format")), sql_blob(source, 32), sql_blob(stored, 32),
                         sql_int(json_int(e->body, "source_bytes", 0)),
                         sql_int(json_int(e->body, "stored_bytes", 0)), sql_int(e->at),
                         sql_int(json_int(e->body, "owner", e->actor))),
                  err);
}

/* ---- reading its rows ---- */

typedef struct Counts { int64_t of[4], media; } Counts;         /* by Outcome */

static bool rejected(const Place *p, int64_t line, const char *reason, Err *err)
{
    return db_run(p->tx, SQL(REJECTION_NEW), VALUES(sql_id(p->file), sql_int(line), sql_text(reason)), err);
}

static bool pending_add(const Place *p, const ReadRow *row, const char *waits_for, Arena *mem, Err *err)
{
    const char *where =
        str_fmt(mem, "{\"from\":%llu,\"line\":%zu}", (unsigned long long)row->from, row->line);
    return db_run(p->tx, SQL(PENDING_NEW),
                  VALUES(sql_id(p->file), sql_int((int64_t)row->line),
                         sql_text("The report it belongs to is not here yet."), sql_text(waits_for),
                         sql_text(where)),
                  err);
}

static bool media_note(const Place *p, const ReadRow *row, Counts *counts, Err *err)
{
    for (size_t i = 0; i < json_count(row->dropped); i++) {
        const Json *one = json_at(row->dropped, i);
        counts->media++;
        if (!db_run(p->tx, SQL(DROPPED_NEW),
                    VALUES(sql_id(p->file), sql_int((int64_t)row->line), sql_text(json_text(one, "sha256")),
                           sql_int(json_int(one, "bytes", 0))), err))
            return false;
    }
    return true;
}

static bool row_place(const Place *p, const ReadRow *row, Arena *mem, Counts *counts, Err *err)
{
    Outcome outcome = ROW_REJECTED;
    const char *waits_for = NULL, *reason = row->refused;
    if (!media_note(p, row, counts, err))
        return false;
    if (!row->refused && !place_record(p, row, mem, &outcome, &waits_for, &reason, err))
        return err_while(err, "placing line %zu", row->line);
    counts->of[outcome]++;
    if (outcome == ROW_REJECTED)
        return rejected(p, (int64_t)row->line, reason, err);
    return outcome != ROW_PENDING || row->record.kind == RECORD_RETURN ||
           pending_add(p, row, waits_for, mem, err);
}

static bool rows_place(const Place *p, Reader *reader, int64_t rows, Counts *counts, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    for (int64_t i = 0; i < rows; i++) {
        bool end = false;
        ReadRow row;
        if (!reader_next(reader, &mem, &row, &end, err))
            return false;
        if (end)
            return err_set(err, ERR_BUG, "A received file has fewer rows than its entry says.");
        bool ok = row_place(p, &row, &mem, counts, err);
        record_done(&row.record);
        json_done(&row.dropped);
        if (!ok)
            return false;
        arena_reset(&mem);
    }
    return true;
}

static bool progress(const Place *p, const Json *body, const Counts *c, Err *err)
{
    int64_t changed = 0, rows = json_int(body, "rows", 0);
    assert(c->of[ROW_TAKEN] + c->of[ROW_MERGED] + c->of[ROW_REJECTED] + c->of[ROW_PENDING] == rows);
    if (!db_run_count(p->tx, SQL(FILE_PROGRESS),
                      VALUES(sql_id(p->file), sql_int(json_int(body, "to_offset", 0)),
                             sql_int(json_int(body, "to_line", 0)), sql_int(rows), sql_int(c->of[ROW_TAKEN]),
                             sql_int(c->of[ROW_MERGED]), sql_int(c->of[ROW_REJECTED]),
                             sql_int(c->of[ROW_PENDING]), sql_int(c->media)),
                      &changed, err))
        return false;
    return changed == 1 || err_set(err, ERR_CONFLICT, "The file is no longer being read.");
}

static bool apply_read(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    FileState file;
    Counts counts = {0};
    Reader *reader = NULL;
    int64_t from = json_int(e->body, "from_offset", -1);
    if (!file_state(tx->db, e->subject, mem, &file, err))
        return false;
    if (!str_same(file.state, "reading") || from != file.next_offset)
        return err_set(err, ERR_CONFLICT, "Someone else read that part of the file first.");
    StoredFile stored = { tx->db, file.stored };
    Place place = { tx, e, e->subject, file.operation, file.stored };
    bool ok = reader_open(mem, format_named(file.format), stored_file(&stored), (uint64_t)from,
                          (size_t)json_int(e->body, "from_line", 1), &reader, err)
        && rows_place(&place, reader, json_int(e->body, "rows", 0), &counts, err);
    reader_close(reader);
    return ok && progress(&place, e->body, &counts, err);
}

static bool apply_finished(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    return db_run(tx, SQL(FILE_STATE), VALUES(sql_id(e->subject), sql_text("finished")), err);
}

/* ---- rows that waited ---- */

static bool counts_move(Tx *tx, int64_t file, Settled to, Err *err)
{
    return db_run(tx, SQL(FILE_SETTLE),
                  VALUES(sql_id(file), sql_int(to == SETTLED_TAKEN), sql_int(to == SETTLED_MERGED),
                         sql_int(to == SETTLED_REJECTED)),
                  err);
}

typedef struct Waiting { int64_t id, file, line, from; } Waiting;

static bool waiting_get(Tx *tx, int64_t id, Waiting *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    CLEANUP(json_done) Json *where = NULL;
    bool more = false;
    if (!db_query(tx->db, SQL(PENDING), VALUES(sql_id(id)), &rows, err) || !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_CONFLICT, "That row was settled already.");
    if (!json_read(str_of(row_text(&rows, 2)), &where, err))
        return false;
    *out = (Waiting){ id, row_int(&rows, 0), row_int(&rows, 1), json_int(where, "from", 0) };
    return true;
}

/* Reads the row again from its file and places it now. */
static bool waiting_place(Tx *tx, const Entry *e, const Waiting *w, Arena *mem, Outcome *outcome,
                          const char **reason, Err *err)
{
    FileState file;
    Reader *reader = NULL;
    ReadRow row;
    bool end = false;
    const char *waits_for = NULL;
    if (!file_state(tx->db, w->file, mem, &file, err))
        return false;
    StoredFile stored = { tx->db, file.stored };
    Place place = { tx, e, w->file, file.operation, file.stored };
    bool ok = reader_open(mem, format_named(file.format), stored_file(&stored), (uint64_t)w->from,
                          (size_t)w->line, &reader, err) &&
              reader_next(reader, mem, &row, &end, err);
    if (ok) {
        ok = end || row.refused ? err_set(err, ERR_BUG, "A waiting row could not be read again.")
                                : place_record(&place, &row, mem, outcome, &waits_for, reason, err);
        record_done(&row.record);
        json_done(&row.dropped);
    }
    reader_close(reader);
    return ok;
}

static bool apply_settled(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    Waiting w = {0};
    Outcome outcome = ROW_REJECTED;
    const char *reason = json_text(e->body, "reason");
    if (!waiting_get(tx, json_int(e->body, "row", 0), &w, err))
        return false;
    if (!reason && !waiting_place(tx, e, &w, mem, &outcome, &reason, err))
        return false;
    if (outcome == ROW_PENDING)
        return err_set(err, ERR_CONFLICT, "The report it belongs to is not here yet.");
    Place place = { .tx = tx, .entry = e, .file = w.file };
    Settled to = outcome == ROW_TAKEN    ? SETTLED_TAKEN
                 : outcome == ROW_MERGED ? SETTLED_MERGED
                                         : SETTLED_REJECTED;
    return (outcome != ROW_REJECTED || rejected(&place, w.line, reason, err))
        && counts_move(tx, w.file, to, err)
        && db_run(tx, SQL(PENDING_SETTLE), VALUES(sql_id(w.id), sql_id(e->seq)), err);
}

static const char *const return_states[] = {
    [SETTLED_TAKEN] = "placed",
    [SETTLED_MERGED] = "placed",
    [SETTLED_REJECTED] = "rejected",
    [SETTLED_PENDING] = "pending",
};

static bool return_get(Tx *tx, int64_t id, int64_t *file, int64_t *line, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(tx->db, SQL(RETURN), VALUES(sql_id(id)), &rows, err) || !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such returned row.");
    if (!str_same(row_text(&rows, 2), "waiting") && !str_same(row_text(&rows, 2), "pending"))
        return err_set(err, ERR_CONFLICT, "That row was settled already.");
    *file = row_int(&rows, 0);
    *line = row_int(&rows, 1);
    return true;
}

bool intake_return_settle(Tx *tx, const Entry *entry, int64_t row_id, Settled settled, const char *reason,
                          Err *err)
{
    int64_t file = 0, line = 0;
    if (!return_get(tx, row_id, &file, &line, err) ||
        !db_run(tx, SQL(RETURN_SET),
                VALUES(sql_id(row_id), sql_text(return_states[settled]), sql_text(reason ? reason : "")),
                err))
        return false;
    if (settled == SETTLED_PENDING)
        return true;
    Place place = { .tx = tx, .entry = entry, .file = file };
    return (settled != SETTLED_REJECTED || rejected(&place, line, reason ? reason : "", err))
        && counts_move(tx, file, settled, err);
}

/* ---- the registry ---- */

static const Field received_fields[] = {
    { "name",          REQUIRED, FIELD_TEXT }, { "format",        REQUIRED, FIELD_TEXT },
    { "source_digest", REQUIRED, FIELD_TEXT }, { "stored_digest", REQUIRED, FIELD_TEXT },
    { "source_bytes",  REQUIRED, FIELD_INT  }, { "stored_bytes",  REQUIRED, FIELD_INT  },
    { "owner",         OPTIONAL, FIELD_ID   }, {0}
};
static const Field read_fields[] = {
    { "from_offset", REQUIRED, FIELD_INT }, { "from_line", REQUIRED, FIELD_INT }, { "to_offset", REQUIRED, FIELD_INT },
    { "to_line",     REQUIRED, FIELD_INT }, { "rows",      REQUIRED, FIELD_INT }, {0}
};
static const Field finished_fields[] = { {0} };
static const Field settled_fields[] = { { "row", REQUIRED, FIELD_INT },
                                        { "reason", OPTIONAL, FIELD_TEXT },
                                        { 0 } };

const Kind intake_kinds[] = {
    { .name = "file.finished",
      .says = "File read to its end",
      .fields = finished_fields,
      .apply = apply_finished },
    { .name = "file.read", .says = "Rows of a file read", .fields = read_fields, .apply = apply_read },
    { .name = "file.received",
      .says = "File received",
      .fields = received_fields,
      .apply = apply_received,
      .creates = true },
    { .name = "row.settled",
      .says = "Waiting row settled",
      .fields = settled_fields,
      .apply = apply_settled },
    { 0 }
};
