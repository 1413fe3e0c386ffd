#include "intake/intake_view.h"
#include "base/limits.h"
#include "intake/intake_view_sql.h"

static ReceivedFile received_read(const Rows *r, Arena *mem)
{
    return (ReceivedFile){ .id = row_int(r, 0),
                           .operation = row_int(r, 1),
                           .owner = row_int(r, 2),
                           .name = row_copy(r, 3, mem),
                           .format = row_copy(r, 4, mem),
                           .state = row_copy(r, 5, mem),
                           .source_digest = row_copy(r, 6, mem),
                           .stored_digest = row_copy(r, 7, mem),
                           .owner_name = row_copy(r, 8, mem),
                           .agency_tile = row_copy(r, 9, mem),
                           .source_bytes = row_int(r, 10),
                           .stored_bytes = row_int(r, 11),
                           .read_bytes = row_int(r, 12),
                           .received = row_int(r, 13),
                           .taken = row_int(r, 14),
                           .merged = row_int(r, 15),
                           .rejected = row_int(r, 16),
                           .pending = row_int(r, 17),
                           .media_dropped = row_int(r, 18),
                           .at = row_int(r, 19) };
}

bool received_list(Db *db, Arena *mem, int64_t operation, int64_t before, size_t limit, ReceivedFile **out,
                   size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows rows = { 0 };
    size_t cap = 0;
    bool more = false;
    *out = NULL;
    *count = 0;
    if (!db_query(db, &intake_view_sql[INTAKE_VIEW_FILES],
                  VALUES(sql_int(operation), sql_int(before ? before : INT64_MAX), sql_int((int64_t)limit)),
                  &rows, err))
        return err_while(err, "listing received files");
    while (rows_next(&rows, &more, err) && more)
        *arena_push(mem, *out, *count, cap) = received_read(&rows, mem);
    return err->kind == ERR_NONE || err_while(err, "listing received files");
}

bool received_fetch(Db *db, Arena *mem, int64_t id, ReceivedFile *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = { 0 };
    bool more = false;
    if (!db_query(db, &intake_view_sql[INTAKE_VIEW_FILE], VALUES(sql_int(id)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return err_while(err, "finding a received file");
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such file.");
    *out = received_read(&rows, mem);
    return true;
}

static bool rows_of(Db *db, int statement, int64_t file, Rows *rows, Err *err)
{
    return db_query(db, &intake_view_sql[statement],
                    VALUES(sql_int(file), sql_int(LIMIT_REJECTIONS_SHOWN)), rows, err);
}

static bool rejected_read(Db *db, Arena *mem, int64_t file, ReceivedRows *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = { 0 };
    size_t cap = 0;
    bool more = false;
    if (!rows_of(db, INTAKE_VIEW_REJECTED, file, &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more)
        *arena_push(mem, out->rejected, out->rejected_count, cap) =
            (RejectedRow){ .line = row_int(&rows, 0), .reason = row_copy(&rows, 1, mem) };
    return err->kind == ERR_NONE;
}

static bool pending_read(Db *db, Arena *mem, int64_t file, ReceivedRows *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = { 0 };
    size_t cap = 0;
    bool more = false;
    if (!rows_of(db, INTAKE_VIEW_PENDING, file, &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more)
        *arena_push(mem, out->pending, out->pending_count, cap) =
            (PendingRow){ .line = row_int(&rows, 0),
                          .reason = row_copy(&rows, 1, mem),
                          .waits_for = row_copy(&rows, 2, mem) };
    return err->kind == ERR_NONE;
}

static bool dropped_read(Db *db, Arena *mem, int64_t file, ReceivedRows *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = { 0 };
    size_t cap = 0;
    bool more = false;
    if (!rows_of(db, INTAKE_VIEW_DROPPED, file, &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more)
        *arena_push(mem, out->dropped, out->dropped_count, cap) =
            (DroppedMedia){ .line = row_int(&rows, 0),
                            .sha256 = row_copy(&rows, 1, mem),
                            .bytes = row_int(&rows, 2) };
    return err->kind == ERR_NONE;
}

bool received_rows(Db *db, Arena *mem, int64_t file, ReceivedRows *out, Err *err)
{
    *out = (ReceivedRows){ 0 };
    return (rejected_read(db, mem, file, out, err) && pending_read(db, mem, file, out, err) &&
            dropped_read(db, mem, file, out, err)) ||
           err_while(err, "reading what became of a file's rows");
}

bool hash_set_list(Db *db, Arena *mem, HashSetRow **out, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows rows = { 0 };
    size_t cap = 0;
    bool more = false;
    *out = NULL;
    *count = 0;
    if (!db_query(db, &intake_view_sql[INTAKE_VIEW_SETS], NO_VALUES, &rows, err))
        return err_while(err, "listing known-file sets");
    while (rows_next(&rows, &more, err) && more)
        *arena_push(mem, *out, *count, cap) = (HashSetRow){ .id = row_int(&rows, 0),
                                                            .name = row_copy(&rows, 1, mem),
                                                            .version = row_copy(&rows, 2, mem),
                                                            .kind = row_copy(&rows, 3, mem),
                                                            .entries = row_int(&rows, 4),
                                                            .compared = row_int(&rows, 5),
                                                            .at = row_int(&rows, 6),
                                                            .matches = row_int(&rows, 7) };
    return err->kind == ERR_NONE || err_while(err, "listing known-file sets");
}
