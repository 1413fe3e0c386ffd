#include "match/match_ledger.h"
#include <stdlib.h>
#include "clock/clock.h"
#include "match/exchange.h"
#include "match/match_sql.h"

#define HELD_CLOCK "hash.held-decision"

typedef struct Ids { int64_t *at; size_t count, cap; } Ids;

static bool ids_query(Tx *tx, Arena *mem, const Sql *sql, Values values, Ids *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(tx->db, sql, values, &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more)
        *arena_push(mem, out->at, out->count, out->cap) = row_int(&rows, 0);
    return err->kind == ERR_NONE;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void ids_unique(Ids *ids)
{
    size_t kept = 0;
    if (ids->count)
        qsort(ids->at, ids->count, sizeof *ids->at, by_number);
    for (size_t i = 0; i < ids->count; i++)
        if (i == 0 || ids->at[i] != ids->at[i - 1])
            ids->at[kept++] = ids->at[i];
    ids->count = kept;
}

/* ---- what counts ---- */

/* After the reasons of these files changed: which of them count, and for whom. */
static bool files_settle(Tx *tx, const Entry *e, Arena *mem, Ids *files, Err *err)
{
    Ids owners = {0};
    ids_unique(files);
    for (size_t i = 0; i < files->count; i++) {
        Value file = sql_int(files->at[i]);
        if (!db_run(tx, &match_sql[MATCH_CLEAR], VALUES(file), err) ||
            !db_run(tx, &match_sql[MATCH_SETTLE], VALUES(file), err) ||
            !ids_query(tx, mem, &match_sql[MATCH_OWNERS], VALUES(file), &owners, err))
            return false;
    }
    ids_unique(&owners);
    for (size_t i = 0; i < owners.count; i++)
        if (!db_run(tx, &match_sql[MATCH_COUNT_AGAIN], VALUES(sql_int(owners.at[i]), sql_int(e->seq)), err))
            return false;
    return true;
}

/* ---- files.matched ---- */

static bool match_write(Tx *tx, const Entry *e, const Json *m, Err *err)
{
    int64_t file = json_int(m, "file_hash", 0), set = json_int(m, "hash_set", 0),
            votes = json_int(m, "votes", -1), quality = json_int(m, "quality", -1);
    /* Facts from before reasons were kept name no digest: it is the kind of the file's own hash. */
    return db_run(tx, &match_sql[MATCH_REASON_CLEAR], VALUES(sql_int(file), sql_int(set), sql_int(e->seq)),
                  err) &&
           db_run(tx, &match_sql[MATCH_REASON_NEW],
                  VALUES(sql_int(file), sql_int(set), sql_text(json_text(m, "digest")),
                         sql_int(json_int(m, "distance", 0)), quality < 0 ? sql_null() : sql_int(quality),
                         sql_text(json_text(m, "found")), sql_text(json_text(m, "grade")),
                         sql_text(json_text(m, "scale")), sql_text(json_text(m, "series")),
                         votes < 0 ? sql_null() : sql_int(votes), sql_bool(json_bool(m, "trusted", false)),
                         sql_bool(json_bool(m, "victim_identified", false)),
                         sql_bool(json_bool(m, "provisional", true)), sql_int(e->seq)),
                  err);
}

static bool apply_matched(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    const Json *matches = json_get(e->body, "matches");
    int64_t from = json_int(e->body, "from", 0), set = json_int(e->body, "set", 0),
            job = json_int(e->body, "job", 0);
    Ids files = {0};
    if (from &&
        !db_run(tx, &match_sql[MATCH_MARK],
                VALUES(sql_int(from), sql_int(json_int(e->body, "upto", from)), sql_int(e->seq)), err))
        return false;
    for (size_t i = 0; i < json_count(matches); i++) {
        const Json *m = json_at(matches, i);
        if (!match_write(tx, e, m, err))
            return false;
        *arena_push(mem, files.at, files.count, files.cap) = json_int(m, "file_hash", 0);
    }
    if (set && !db_run(tx, &match_sql[MATCH_SET_COMPARED],
                       VALUES(sql_int(set), sql_int(json_int(e->body, "entries", 0))), err))
        return false;
    if (!files_settle(tx, e, mem, &files, err))
        return false;
    return !job || db_run(tx, &match_sql[MATCH_JOB_STEP],
                          VALUES(sql_int(job), sql_int(json_int(e->body, "cursor", 0)),
                                 sql_int(json_int(e->body, "looked", 0)), sql_int((int64_t)files.count),
                                 sql_int(e->at)),
                          err);
}

/* ---- set files ---- */

static bool labels_write(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    const Json *labels = json_get(e->body, "labels");
    uint8_t root[32] = {0};
    (void)mem;
    if (!hex_read(str_of(json_text(e->body, "root")), root, sizeof root))
        return err_set(err, ERR_INVALID, "The root of a set is not 64 hexadecimal digits.");
    for (size_t i = 0; i < json_count(labels); i++) {
        const Json *l = json_at(labels, i);
        if (!db_run(tx, &match_sql[MATCH_LABEL_NEW],
                    VALUES(sql_text(json_text(l, "source")), sql_text(json_text(l, "version")),
                           sql_text(json_text(l, "kind")), sql_int(json_int(l, "entries", 0)),
                           sql_blob(root, sizeof root), sql_int(e->at), sql_int(e->seq)),
                    err))
            return false;
    }
    return true;
}

static bool apply_registered(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    const Json *b = e->body;
    return db_run(tx, &match_sql[MATCH_SET_FILE_NEW],
                  VALUES(sql_int(e->seq), sql_text(json_text(b, "name")), sql_text(json_text(b, "version")),
                         sql_text(json_text(b, "root")), sql_int(json_int(b, "entries", 0)),
                         sql_int(json_int(b, "conflicts", 0)), sql_int(json_int(b, "bytes", 0)),
                         sql_text(json_canonical(mem, json_get(b, "digests"))),
                         sql_text(json_text(b, "signed_by")), sql_int(e->at),
                         sql_id(json_int(b, "replaces", 0))),
                  err) &&
           labels_write(tx, e, mem, err);
}

static bool set_end(Tx *tx, const Entry *e, Arena *mem, int64_t set_file, Err *err)
{
    Ids files = {0};
    return ids_query(tx, mem, &match_sql[MATCH_FILES_OF_SET], VALUES(sql_int(set_file)), &files, err) &&
           db_run(tx, &match_sql[MATCH_SET_FILE_RETIRE], VALUES(sql_int(set_file), sql_int(e->seq)), err) &&
           db_run(tx, &match_sql[MATCH_REASONS_DROP], VALUES(sql_int(set_file)), err) &&
           files_settle(tx, e, mem, &files, err);
}

static bool apply_retired(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    return set_end(tx, e, mem, e->subject, err);
}

/* ---- what is held ---- */

static bool hash_settle(Tx *tx, const Entry *e, Arena *mem, const char *kind, const char *value, Err *err)
{
    Ids files = {0};
    return ids_query(tx, mem, &match_sql[MATCH_FILES_OF_HASH], VALUES(sql_text(kind), sql_text(value)),
                     &files, err) &&
           files_settle(tx, e, mem, &files, err);
}

static bool apply_held(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    const Json *b = e->body;
    const char *kind = json_text(b, "kind"), *value = json_text(b, "value");
    ClockStart start = { .kind = HELD_CLOCK, .subject = e->seq, .letter = 'H', .agency = e->agency,
                         .due = json_int(b, "due", 0) };
    bool found = false;
    return db_run(tx, &match_sql[MATCH_HELD_NEW],
                  VALUES(sql_int(e->seq), sql_text(kind), sql_text(value),
                         sql_int(json_int(b, "referrals", 0)), sql_int(json_int(b, "nominals", 0)),
                         sql_int(json_int(b, "hash_set", 0)), sql_int(e->at)),
                  err) &&
           hash_settle(tx, e, mem, kind, value, err) &&
           db_int(tx->db, &match_sql[MATCH_LEAD], VALUES(sql_int(e->operation)), &start.agency, &found,
                  err) &&
           clock_start(tx, e, &start, err);
}

static bool apply_released(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false, release = json_bool(e->body, "release", false);
    if (!db_run(tx, &match_sql[MATCH_HELD_DECIDE],
                VALUES(sql_int(e->subject), sql_text(release ? "released" : "dismissed"), sql_id(e->actor),
                       sql_text(json_text(e->body, "reason")), sql_int(e->seq)),
                err) ||
        !db_query(tx->db, &match_sql[MATCH_HELD_ONE], VALUES(sql_int(e->subject)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_BUG, "A hash was released that is not held.");
    const char *kind = row_copy(&rows, 1, mem), *value = row_copy(&rows, 2, mem);
    rows_done(&rows);
    return hash_settle(tx, e, mem, kind, value, err) &&
           clock_stop(tx, e, e->subject, HELD_CLOCK, release ? "Released" : "Dismissed", err);
}

/* ---- jobs ---- */

static bool apply_job_started(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    return db_run(tx, &match_sql[MATCH_JOB_NEW],
                  VALUES(sql_int(e->seq), sql_text(json_text(e->body, "kind")),
                         sql_int(json_int(e->body, "set_file", 0)), sql_text(json_text(e->body, "says")),
                         sql_int(e->actor), sql_int(json_int(e->body, "total", 0)), sql_int(e->at)),
                  err);
}

static bool apply_job_cancelled(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    return db_run(tx, &match_sql[MATCH_JOB_CANCEL], VALUES(sql_int(e->subject), sql_int(e->seq)), err);
}

/* A comparison that came to its end takes the place of the earlier version's. */
static bool apply_job_ended(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    const char *state = json_text(e->body, "state");
    int64_t replaces = json_int(e->body, "replaces", 0);
    return db_run(tx, &match_sql[MATCH_JOB_END], VALUES(sql_int(e->subject), sql_text(state), sql_int(e->at)),
                  err) &&
           (!replaces || set_end(tx, e, mem, replaces, err));
}

/* ---- the registry ---- */

static const Field matched_fields[] = {
    { "from", OPTIONAL, FIELD_ID }, { "upto", OPTIONAL, FIELD_ID }, { "matches", REQUIRED, FIELD_LIST },
    { "set", OPTIONAL, FIELD_ID }, { "entries", OPTIONAL, FIELD_INT }, { "job", OPTIONAL, FIELD_ID },
    { "cursor", OPTIONAL, FIELD_ID }, { "looked", OPTIONAL, FIELD_INT }, {0} };
static const Field registered_fields[] = {
    { "name", REQUIRED, FIELD_TEXT }, { "version", REQUIRED, FIELD_TEXT }, { "root", REQUIRED, FIELD_TEXT },
    { "entries", REQUIRED, FIELD_INT }, { "conflicts", REQUIRED, FIELD_INT }, { "bytes", REQUIRED, FIELD_INT },
    { "digests", REQUIRED, FIELD_OBJECT }, { "labels", REQUIRED, FIELD_LIST },
    { "signed_by", OPTIONAL, FIELD_TEXT }, { "replaces", OPTIONAL, FIELD_ID }, {0} };
static const Field reason_fields[] = { { "reason", REQUIRED, FIELD_TEXT }, {0} };
static const Field held_fields[] = { { "kind", REQUIRED, FIELD_TEXT },
                                     { "value", REQUIRED, FIELD_TEXT },
                                     { "referrals", REQUIRED, FIELD_INT },
                                     { "nominals", REQUIRED, FIELD_INT },
                                     { "hash_set", REQUIRED, FIELD_ID },
                                     { "due", REQUIRED, FIELD_INSTANT },
                                     { "limit", OPTIONAL, FIELD_INT }, /* what was in force; earlier facts: 50 */
                                     { 0 } };
static const Field released_fields[] = { { "release", REQUIRED, FIELD_BOOL },
                                         { "reason", REQUIRED, FIELD_TEXT },
                                         { 0 } };
static const Field started_fields[] = {
    { "kind", REQUIRED, FIELD_TEXT }, { "set_file", REQUIRED, FIELD_ID }, { "says", REQUIRED, FIELD_TEXT },
    { "total", REQUIRED, FIELD_INT }, {0} };
static const Field ended_fields[] = { { "state", REQUIRED, FIELD_TEXT },
                                      { "replaces", OPTIONAL, FIELD_ID },
                                      { 0 } };

const Kind match_kinds[] = {
    { "exchange.answered", "Grades answered by the national database", exchange_answered_fields,
      exchange_apply_answered, false, false },
    { "exchange.sent", "Grades sent to the national database", exchange_sent_fields, exchange_apply_sent,
      true, false },
    { "file.graded", "File graded by a person", exchange_graded_fields, exchange_apply_graded, true, false },
    { "files.matched", "Files compared with known sets", matched_fields, apply_matched, true, false },
    { "hashset.registered", "Set of known files registered", registered_fields, apply_registered, true, false },
    { "hashset.retired", "Set of known files retired", reason_fields, apply_retired, false, false },
    { "job.cancelled", "Job asked to stop", reason_fields, apply_job_cancelled, false, false },
    { "job.ended", "Job ended", ended_fields, apply_job_ended, false, false },
    { "job.started", "Job started", started_fields, apply_job_started, true, false },
    { "match.held", "Common file hash held for a decision", held_fields, apply_held, true, false },
    { "match.released", "Held file hash decided", released_fields, apply_released, false, false },
    {0},
};
