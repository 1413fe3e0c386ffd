/* files.c: received files by digest, in compressed pieces, so that a file of any size is kept and read in
 * bounded memory. */
#include <string.h>
#include <zstd.h>
#include "base/source.h"
#include "ledger/inside.h"

enum { FILE_LEVEL = 3 }; /* zstd's own default: text shrinks about sixfold at hundreds of MB a second */

bool ledger_file_chunk_put(Tx *tx, const Sha256 *digest, int64_t idx, Str plain, Err *err)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    size_t cap = ZSTD_compressBound(plain.len);
    char *packed = arena_new(&mem, char, cap);
    size_t len = ZSTD_compress(packed, cap, plain.at, plain.len, FILE_LEVEL);
    if (ZSTD_isError(len))
        return err_set(err, ERR_BUG, "A piece of the file could not be compressed.");
    return db_run(tx, &ledger_sql[LEDGER_CHUNK_NEW],
                  VALUES(sql_blob(digest->bytes, 32), sql_int(idx), sql_blob(packed, len)), err);
}

bool ledger_file_finish(Tx *tx, const Sha256 *digest, int64_t size, int64_t chunks, Err *err)
{
    return db_run(tx, &ledger_sql[LEDGER_FILE_NEW],
                  VALUES(sql_blob(digest->bytes, 32), sql_int(size), sql_int(chunks)), err);
}

bool ledger_file_put(Tx *tx, Arena *mem, Str bytes, Sha256 *digest, Err *err)
{
    (void)mem;
    *digest = sha256_of(bytes.at, bytes.len);
    int64_t idx = 0;
    for (size_t at = 0; at < bytes.len; at += LEDGER_FILE_CHUNK, idx++) {
        size_t len = bytes.len - at < LEDGER_FILE_CHUNK ? bytes.len - at : LEDGER_FILE_CHUNK;
        if (!ledger_file_chunk_put(tx, digest, idx, (Str){ bytes.at + at, len }, err))
            return false;
    }
    return ledger_file_finish(tx, digest, (int64_t)bytes.len, idx, err);
}

static bool chunk_unpack(Db *db, const Sha256 *digest, int64_t idx, char *bytes, size_t *len, Err *err)
{
    CLEANUP(rows_done) Rows rows = { 0 };
    bool more = false;
    if (!db_query(db, &ledger_sql[LEDGER_CHUNK], VALUES(sql_blob(digest->bytes, 32), sql_int(idx)), &rows,
                  err) ||
        !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "Piece %lld of a received file is missing.", (long long)idx);
    Str packed = row_blob(&rows, 0);
    *len = ZSTD_decompress(bytes, LEDGER_FILE_CHUNK, packed.at, packed.len);
    if (ZSTD_isError(*len))
        return err_set(err, ERR_STORE, "Piece %lld of a received file is damaged.", (long long)idx);
    return true;
}

bool ledger_file_chunk(Db *db, Arena *mem, const Sha256 *digest, int64_t idx, Str *plain, Err *err)
{
    char *bytes = arena_new(mem, char, LEDGER_FILE_CHUNK);
    *plain = (Str){ bytes, 0 };
    return chunk_unpack(db, digest, idx, bytes, &plain->len, err);
}

typedef struct FileReading {
    Db *db;
    Sha256 digest;
    int64_t size, at;
    char *chunk; /* room for one, in the caller's arena */
    size_t chunk_len;
    int64_t chunk_idx;
} FileReading;

static bool reading_more(void *ctx, void *buf, size_t cap, size_t *got, Err *err)
{
    FileReading *r = ctx;
    *got = 0;
    if (r->at >= r->size)
        return true;
    int64_t idx = r->at / LEDGER_FILE_CHUNK;
    if (idx != r->chunk_idx) {
        if (!chunk_unpack(r->db, &r->digest, idx, r->chunk, &r->chunk_len, err))
            return false;
        r->chunk_idx = idx;
    }
    size_t from = (size_t)(r->at % LEDGER_FILE_CHUNK);
    if (from >= r->chunk_len)
        return err_set(err, ERR_STORE, "A received file is shorter than its record says.");
    size_t len = r->chunk_len - from < cap ? r->chunk_len - from : cap;
    memcpy(buf, r->chunk + from, len);
    r->at += (int64_t)len;
    *got = len;
    return true;
}

bool ledger_file_source(Db *db, Arena *mem, const Sha256 *digest, uint64_t offset, Source **out, Err *err)
{
    CLEANUP(rows_done) Rows rows = { 0 };
    bool more = false;
    if (!db_query(db, &ledger_sql[LEDGER_FILE], VALUES(sql_blob(digest->bytes, 32)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "A received file is not in the store.");
    FileReading *r = arena_new(mem, FileReading, 1);
    *r = (FileReading){ .db = db,
                        .digest = *digest,
                        .size = row_int(&rows, 0),
                        .at = (int64_t)offset,
                        .chunk = arena_new(mem, char, LEDGER_FILE_CHUNK),
                        .chunk_idx = -1 };
    *out = source_custom(mem, reading_more, r);
    return true;
}
