#include "match/view.h"
#include "match/match_sql.h"

static int64_t or_less(const Rows *r, int col) { return row_null(r, col) ? -1 : row_int(r, col); }

/* ---- sets ---- */

static SetFileRow set_file_row(const Rows *r, Arena *mem)
{
    return (SetFileRow){ .id = row_int(r, 0),
                         .name = row_copy(r, 1, mem),
                         .version = row_copy(r, 2, mem),
                         .root = row_copy(r, 3, mem),
                         .entries = row_int(r, 4),
                         .conflicts = row_int(r, 5),
                         .bytes = row_int(r, 6),
                         .digests = row_copy(r, 7, mem),
                         .signed_by = row_copy(r, 8, mem),
                         .at = row_when(r, 9),
                         .replaces = row_int(r, 10),
                         .retired = !row_null(r, 11),
                         .matched = row_int(r, 12) };
}

bool set_file_list(Db *db, Arena *mem, SetFileRow **out, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    size_t cap = 0;
    *out = NULL;
    *count = 0;
    if (!db_query(db, &match_sql[MATCH_SET_FILE_LIST], NO_VALUES, &r, err))
        return err_while(err, "listing set files");
    while (rows_next(&r, &more, err) && more)
        *arena_push(mem, *out, *count, cap) = set_file_row(&r, mem);
    return err->kind == ERR_NONE || err_while(err, "listing set files");
}

bool set_file_fetch(Db *db, Arena *mem, int64_t id, SetFileRow *out, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    if (!db_query(db, &match_sql[MATCH_SET_FILE_ONE], VALUES(sql_int(id)), &r, err) ||
        !rows_next(&r, &more, err))
        return err_while(err, "finding a set file");
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such set of known files.");
    *out = set_file_row(&r, mem);
    return true;
}

/* ---- one match ---- */

static ReasonRow reason_row(const Rows *r, Arena *mem)
{
    return (ReasonRow){
        .set = row_copy(r, 0, mem), .version = row_copy(r, 1, mem), .kind = row_copy(r, 2, mem),
        .digest = row_copy(r, 3, mem), .distance = row_int(r, 4), .quality = or_less(r, 5),
        .found = row_copy(r, 6, mem), .grade = row_copy(r, 7, mem), .scale = row_copy(r, 8, mem),
        .series = row_copy(r, 9, mem), .votes = or_less(r, 10), .trusted = row_bool(r, 11),
        .victim_identified = row_bool(r, 12), .provisional = row_bool(r, 13), .entry = row_int(r, 14),
        .counts = row_bool(r, 15), .set_file = row_int(r, 16) };
}

bool match_explain(Db *db, Arena *mem, int64_t file_hash, MatchExplained *out, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    size_t cap = 0;
    if (!db_query(db, &match_sql[MATCH_FILE_ONE], VALUES(sql_int(file_hash)), &r, err) ||
        !rows_next(&r, &more, err))
        return err_while(err, "finding a file hash");
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such file hash.");
    *out = (MatchExplained){ .file_hash = row_int(&r, 0),
                             .referral = row_int(&r, 1),
                             .kind = row_copy(&r, 2, mem),
                             .value = row_copy(&r, 3, mem),
                             .classification = row_copy(&r, 4, mem),
                             .looked = !row_null(&r, 5),
                             .held = row_int(&r, 6),
                             .held_state = row_copy(&r, 7, mem) };
    if (!db_query(db, &match_sql[MATCH_REASONS_OF], VALUES(sql_int(file_hash)), &r, err))
        return err_while(err, "explaining a match");
    while (rows_next(&r, &more, err) && more)
        *arena_push(mem, out->reasons, out->count, cap) = reason_row(&r, mem);
    return err->kind == ERR_NONE || err_while(err, "explaining a match");
}

/* ---- what is held ---- */

bool held_list(Db *db, Arena *mem, HeldRow **out, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    size_t cap = 0;
    *out = NULL;
    *count = 0;
    if (!db_query(db, &match_sql[MATCH_HELD_LIST], NO_VALUES, &r, err))
        return err_while(err, "listing held hashes");
    while (rows_next(&r, &more, err) && more)
        *arena_push(mem, *out, *count, cap) = (HeldRow){
            .id = row_int(&r, 0), .kind = row_copy(&r, 1, mem), .value = row_copy(&r, 2, mem),
            .referrals = row_int(&r, 3), .nominals = row_int(&r, 4), .set = row_copy(&r, 5, mem),
            .version = row_copy(&r, 6, mem), .at = row_when(&r, 7), .state = row_copy(&r, 8, mem),
            .person = row_copy(&r, 9, mem), .reason = row_copy(&r, 10, mem), .now = row_int(&r, 11),
            .grade = row_copy(&r, 12, mem) };
    return err->kind == ERR_NONE || err_while(err, "listing held hashes");
}

/* ---- jobs ---- */

static JobRow job_row(const Rows *r, Arena *mem)
{
    const char *state = row_copy(r, 5, mem);
    return (JobRow){ .id = row_int(r, 0),
                     .kind = row_copy(r, 1, mem),
                     .subject = row_int(r, 2),
                     .says = row_copy(r, 3, mem),
                     .person = row_copy(r, 4, mem),
                     .state = str_same(state, "running") && !row_null(r, 12) ? "stopping" : state,
                     .done = row_int(r, 6),
                     .total = row_int(r, 7),
                     .found = row_int(r, 9),
                     .started = row_when(r, 10),
                     .moved = row_when(r, 11) };
}

bool job_list(Db *db, Arena *mem, JobRow **out, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    size_t cap = 0;
    *out = NULL;
    *count = 0;
    if (!db_query(db, &match_sql[MATCH_JOB_LIST], NO_VALUES, &r, err))
        return err_while(err, "listing jobs");
    while (rows_next(&r, &more, err) && more)
        *arena_push(mem, *out, *count, cap) = job_row(&r, mem);
    return err->kind == ERR_NONE || err_while(err, "listing jobs");
}

bool job_fetch(Db *db, Arena *mem, int64_t id, JobRow *out, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    if (!db_query(db, &match_sql[MATCH_JOB_ONE], VALUES(sql_int(id)), &r, err) || !rows_next(&r, &more, err))
        return err_while(err, "finding a job");
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such job.");
    *out = job_row(&r, mem);
    return true;
}

double job_rate(const JobRow *job, Instant now)
{
    Instant until = str_same(job->state, "running") && now > job->moved ? now : job->moved;
    return until > job->started ? (double)job->done * (double)US_PER_SECOND / (double)(until - job->started)
                                : 0;
}

/* ---- victim series ---- */

bool series_list(Db *db, Arena *mem, SeriesRow **out, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    size_t cap = 0;
    *out = NULL;
    *count = 0;
    if (!db_query(db, &match_sql[MATCH_SERIES_LIST], NO_VALUES, &r, err))
        return err_while(err, "listing victim series");
    while (rows_next(&r, &more, err) && more)
        *arena_push(mem, *out, *count, cap) = (SeriesRow){ row_copy(&r, 0, mem), row_int(&r, 1),
                                                           row_int(&r, 2), row_int(&r, 3), row_bool(&r, 4) };
    return err->kind == ERR_NONE || err_while(err, "listing victim series");
}

bool match_coverage(Db *db, MatchCoverage *out, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    if (!db_query(db, &match_sql[MATCH_COVERAGE], NO_VALUES, &r, err) || !rows_next(&r, &more, err))
        return err_while(err, "counting what was compared");
    *out = (MatchCoverage){ row_int(&r, 0), row_int(&r, 1), row_int(&r, 2), row_int(&r, 3) };
    return true;
}
