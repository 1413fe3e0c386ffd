#include "match/match.h"
#include "match/compare.h"
#include "match/limits.h"
#include "match/match_ledger.h"
#include "match/match_sql.h"
#include "match/sets.h"

enum { FILES_PER_FACT = 500, FILES_PER_STEP = 5000 };

typedef struct Look {
    const MatchRun *run;
    const ActiveSets *sets;
    size_t looked;
    bool stale;                              /* sets were added or retired since they were opened */
} Look;

/* ---- the flood guard ---- */

static bool held_append(Tx *tx, const Look *look, const FileHash *f, int64_t referrals, int64_t set, Err *err)
{
    const MatchRun *run = look->run;
    int64_t nominals = 0;
    bool found = false;
    Instant due = run->hand->at + 2 * US_PER_DAY;
    if (!db_int(tx->db, &match_sql[MATCH_COMMON_NOMINALS], VALUES(sql_text(f->kind), sql_text(f->value)),
                &nominals, &found, err) ||
        (run->rules && !clock_due(run->rules, "hash.held-decision", "", "", run->hand->at, &due, err)))
        return false;
    Json *body = json_new_object();
    json_set_text(body, "kind", f->kind);
    json_set_text(body, "value", f->value);
    json_set_int(body, "referrals", referrals);
    json_set_int(body, "nominals", nominals);
    json_set_int(body, "hash_set", set);
    json_set_int(body, "due", due);
    json_set_int(body, "limit", run->limits.flood_referrals);
    return ledger_append(tx, run->hand, "match.held", 0, body, NULL, err);
}

static const FileHash *file_of(const FileHash *files, size_t count, int64_t id)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (files[mid].id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low < count && files[low].id == id ? &files[low] : NULL;
}

/* Counts one known file, unless its hash is decided about already. */
static bool flood_hold(Tx *tx, const Look *look, const FileHash *f, int64_t set, Err *err)
{
    int64_t referrals = 0, one = 0;
    bool counts = false, decided = false;
    Value kind = sql_text(f->kind), value = sql_text(f->value);
    if (!db_int(tx->db, &match_sql[MATCH_COUNTS], VALUES(sql_int(f->id)), &one, &counts, err) ||
        (counts && !db_int(tx->db, &match_sql[MATCH_HELD_STATE], VALUES(kind, value), &one, &decided, err)))
        return false;
    if (!counts || decided)
        return true;
    return db_int(tx->db, &match_sql[MATCH_COMMON], VALUES(kind, value), &referrals, &counts, err) &&
           (referrals <= look->run->limits.flood_referrals || held_append(tx, look, f, referrals, set, err));
}

/* Of the files just matched, those whose hash too many referrals have. */
static bool floods_hold(Tx *tx, const Look *look, const FileHash *files, size_t count, const Json *matches,
                        Err *err)
{
    for (size_t i = 0; i < json_count(matches); i++) {
        const Json *m = json_at(matches, i);
        const FileHash *f = file_of(files, count, json_int(m, "file_hash", 0));
        if (f && !flood_hold(tx, look, f, json_int(m, "hash_set", 0), err))
            return false;
    }
    return true;
}

/* ---- files on arrival ---- */

static bool files_read(Db *db, Arena *mem, const Sql *sql, Values values, FileHash **out, size_t *count,
                       Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    size_t cap = 0;
    *count = 0;
    if (!db_query(db, sql, values, &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more)
        *arena_push(mem, *out, *count, cap) =
            (FileHash){ row_int(&rows, 0), row_copy(&rows, 1, mem), row_copy(&rows, 2, mem) };
    return err->kind == ERR_NONE;
}

static bool look_batch(Tx *tx, void *ctx, Err *err)
{
    Look *look = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(json_done) Json *matches = json_new_list();
    FileHash *files = NULL;
    size_t count = 0;
    bool same = true;
    look->looked = 0;
    if (!sets_current(tx->db, look->sets, &same, err) ||
        !files_read(tx->db, &mem, &match_sql[MATCH_TODO], VALUES(sql_int(FILES_PER_FACT)), &files, &count,
                    err))
        return false;
    look->stale = !same;
    if (count == 0 || look->stale)
        return true;
    if (!compare_rows(tx->db, files, count, matches, err) ||
        !compare_sets(look->sets, 0, files, count, matches, err))
        return false;
    Json *body = json_new_object();
    json_set_int(body, "from", files[0].id);
    json_set_int(body, "upto", files[count - 1].id);
    json_set(body, "matches", json_keep(matches));
    look->looked = count;
    return ledger_append(tx, look->run->hand, "files.matched", 0, body, NULL, err) &&
           floods_hold(tx, look, files, count, matches, err);
}

/* ---- earlier files with a set that came as rows ---- */

typedef struct Again {
    const MatchRun *run;
    int64_t     set, entries, after;
    bool        more;
} Again;

static Json *again_json(const Rows *r)
{
    int64_t votes = row_null(r, 6) ? -1 : row_int(r, 6);
    Json *m = json_new_object();
    json_set_int(m, "file_hash", row_int(r, 0));
    json_set_text(m, "digest", row_text(r, 1));
    json_set_int(m, "hash_set", row_int(r, 2));
    json_set_text(m, "grade", row_text(r, 3));
    json_set_text(m, "scale", row_text(r, 4));
    json_set_text(m, "series", row_text(r, 5));
    if (votes >= 0)
        json_set_int(m, "votes", votes);
    if (row_bool(r, 7))
        json_set_bool(m, "victim_identified", true);
    json_set_bool(m, "provisional", votes >= 0 && votes < 3);
    return m;
}

/* Files received before a set are compared with it once it is here. */
static bool again_batch(Tx *tx, void *ctx, Err *err)
{
    Again *a = ctx;
    CLEANUP(rows_done) Rows rows = {0};
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(json_done) Json *matches = json_new_list();
    FileHash *files = NULL;
    size_t count = 0, cap = 0;
    bool more = false;
    if (!db_query(tx->db, &match_sql[MATCH_AGAIN],
                  VALUES(sql_int(a->set), sql_int(a->after), sql_int(FILES_PER_FACT)), &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more) {
        json_push(matches, again_json(&rows));
        a->after = row_int(&rows, 0);
        *arena_push(&mem, files, count, cap) =
            (FileHash){ a->after, row_copy(&rows, 1, &mem), row_copy(&rows, 8, &mem) };
    }
    rows_done(&rows);
    a->more = json_count(matches) == FILES_PER_FACT;
    Json *body = json_new_object();
    json_set(body, "matches", json_keep(matches));
    if (!a->more) {
        json_set_int(body, "set", a->set);
        json_set_int(body, "entries", a->entries);
    }
    if (err->kind != ERR_NONE)
        return json_done(&body), false;
    return ledger_append(tx, a->run->hand, "files.matched", 0, body, NULL, err) &&
           floods_hold(tx, &(Look){ .run = a->run }, files, count, matches, err);
}

static bool set_grown(Db *db, Again *a, bool *found, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    int64_t arriving = 0;
    if (!db_int(db, &match_sql[MATCH_SETS_ARRIVING], NO_VALUES, &arriving, found, err))
        return false;
    if (*found) {                           /* wait until the whole set is here */
        *found = false;
        return true;
    }
    if (!db_query(db, &match_sql[MATCH_SETS_GROWN], NO_VALUES, &rows, err) || !rows_next(&rows, found, err))
        return false;
    if (*found) {
        a->set = row_int(&rows, 0);
        a->entries = row_int(&rows, 1);
    }
    return true;
}

static bool sets_again(const MatchRun *run, Err *err)
{
    for (;;) {
        Again a = { .run = run };
        bool found = false;
        if (!set_grown(run->db, &a, &found, err))
            return false;
        if (!found)
            return true;
        do
            if (!writer_run(ledger_store(run->ledger), again_batch, &a, err))
                return err_while(err, "comparing earlier files with a new set");
        while (a.more);
    }
}

/* ---- earlier files with a set file: jobs ---- */

typedef struct Job { int64_t id, set_file, cursor, done, total, cancel; } Job;
typedef struct Step {
    Look look;
    Job  job;
    bool more;
} Step;

static bool job_next(Db *db, Job *job, bool *found, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    if (!db_query(db, &match_sql[MATCH_JOB_NEXT], NO_VALUES, &rows, err) || !rows_next(&rows, found, err))
        return false;
    if (*found)
        *job = (Job){ row_int(&rows, 0), row_int(&rows, 1), row_int(&rows, 2),
                      row_int(&rows, 3), row_int(&rows, 4), row_int(&rows, 5) };
    return true;
}

static bool job_end(Tx *tx, const Step *s, const char *state, Err *err)
{
    Json *body = json_new_object();
    int64_t replaces = 0;
    bool found = false;
    json_set_text(body, "state", state);
    if (str_same(state, "done") && !db_int(tx->db, &match_sql[MATCH_SET_REPLACED],
                                           VALUES(sql_int(s->job.set_file)), &replaces, &found, err))
        return json_done(&body), false;
    if (found)
        json_set_int(body, "replaces", replaces);
    return ledger_append(tx, s->look.run->hand, "job.ended", s->job.id, body, NULL, err);
}

static bool files_compare(Tx *tx, const Step *s, const FileHash *files, size_t count, Err *err)
{
    CLEANUP(json_done) Json *matches = json_new_list();
    if (!compare_sets(s->look.sets, s->job.set_file, files, count, matches, err))
        return false;
    Json *body = json_new_object();
    json_set_int(body, "job", s->job.id);
    json_set_int(body, "cursor", files[count - 1].id);
    json_set_int(body, "looked", (int64_t)count);
    json_set(body, "matches", json_keep(matches));
    return ledger_append(tx, s->look.run->hand, "files.matched", 0, body, NULL, err) &&
           floods_hold(tx, &s->look, files, count, matches, err);
}

static bool set_in_use(const ActiveSets *sets, int64_t id)
{
    for (size_t i = 0; i < sets->count; i++)
        if (sets->at[i].id == id)
            return true;
    return false;
}

static bool job_step(Tx *tx, void *ctx, Err *err)
{
    Step *s = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    FileHash *files = NULL;
    size_t count = 0;
    bool same = true;
    if (!job_next(tx->db, &s->job, &s->more, err) || !s->more ||
        !sets_current(tx->db, s->look.sets, &same, err))
        return err->kind == ERR_NONE;
    s->look.stale = !same;
    if (s->look.stale)
        return true;
    if (s->job.cancel || !set_in_use(s->look.sets, s->job.set_file))
        return job_end(tx, s, "cancelled", err);
    if (!files_read(tx->db, &mem, &match_sql[MATCH_JOB_FILES],
                    VALUES(sql_int(s->job.cursor), sql_int(s->job.set_file), sql_int(FILES_PER_STEP)), &files,
                    &count, err))
        return false;
    s->job.done += (int64_t)count;
    return count ? files_compare(tx, s, files, count, err) : job_end(tx, s, "done", err);
}

static bool jobs_run(const MatchRun *run, const ActiveSets *sets, bool *stale, Err *err)
{
    Step s = { .look = { .run = run, .sets = sets }, .more = true };
    while (s.more && !s.look.stale) {
        if (!writer_run(ledger_store(run->ledger), job_step, &s, err))
            return err_while(err, "comparing earlier files with a set file");
        if (s.more && run->progress)
            run->progress(run->ctx, s.job.done, s.job.total);
    }
    *stale = s.look.stale;
    return true;
}

/* ---- the stage ---- */

/* Most calls have nothing to do, and cost no turn of the writer and no open file. */
static bool anything(Db *db, bool *out, Err *err)
{
    int64_t one = 0;
    Job job;
    return db_int(db, &match_sql[MATCH_TODO_ANY], NO_VALUES, &one, out, err) &&
           (*out || job_next(db, &job, out, err));
}

static bool run_once(const MatchRun *run, size_t *looked, bool *stale, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(sets_close) ActiveSets sets = {0};
    Look look = { .run = run, .sets = &sets };
    if (!sets_open_active(run->db, store_path(ledger_store(run->ledger)), &mem, &sets, err))
        return err_while(err, "opening the sets in use");
    sets.near = (NearLimits){ (int)run->limits.near_distance, (int)run->limits.near_quality };
    do {
        if (!writer_run(ledger_store(run->ledger), look_batch, &look, err))
            return err_while(err, "matching files with known sets");
        *looked += look.looked;
    } while (look.looked);
    *stale = look.stale;
    return *stale || jobs_run(run, &sets, stale, err);
}

/* A run without limits of its own takes those of its day. */
static bool limits_settle(MatchRun *run, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    KnownLimits own = run->limits;
    if (!known_limits_on(&mem, instant_date_utc(run->hand->at), &run->limits, err))
        return false;
    if (own.flood_referrals)
        run->limits.flood_referrals = own.flood_referrals;
    if (own.near_distance)
        run->limits.near_distance = own.near_distance;
    if (own.near_quality)
        run->limits.near_quality = own.near_quality;
    return true;
}

bool match_run(const MatchRun *run, size_t *looked, Err *err)
{
    MatchRun settled = *run;
    bool busy = false, stale = true;
    *looked = 0;
    if (!limits_settle(&settled, err) || !anything(run->db, &busy, err))
        return false;
    while (busy && stale)
        if (!run_once(&settled, looked, &stale, err))
            return false;
    return sets_again(&settled, err);
}

bool match_pending(Ledger *ledger, Db *db, const Hand *hand, size_t *looked, Err *err)
{
    MatchRun run = { .ledger = ledger, .db = db, .hand = hand };
    return match_run(&run, looked, err);
}

/* ---- decisions ---- */

typedef struct Decide {
    const Hand *hand;
    int64_t id;
    bool release;
    const char *reason;
} Decide;

static bool held_decide_in(Tx *tx, void *ctx, Err *err)
{
    const Decide *d = ctx;
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(tx->db, &match_sql[MATCH_HELD_ONE], VALUES(sql_int(d->id)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such held hash.");
    if (!str_same(row_text(&rows, 8), "held"))
        return err_set(err, ERR_CONFLICT, "That hash is decided already.");
    rows_done(&rows);
    Json *body = json_new_object();
    json_set_bool(body, "release", d->release);
    json_set_text(body, "reason", d->reason);
    return ledger_append(tx, d->hand, "match.released", d->id, body, NULL, err);
}

bool held_decide(Ledger *ledger, const Hand *hand, int64_t held, bool release, const char *reason, Err *err)
{
    Decide d = { hand, held, release, reason };
    if (str_blank(reason))
        return err_set(err, ERR_INVALID, "Say why, in a sentence.");
    return writer_run(ledger_store(ledger), held_decide_in, &d, err) || err_while(err, "deciding about a "
                                                                                       "held hash");
}

static bool job_cancel_in(Tx *tx, void *ctx, Err *err)
{
    const Decide *d = ctx;
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(tx->db, &match_sql[MATCH_JOB_ONE], VALUES(sql_int(d->id)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such job.");
    if (!str_same(row_text(&rows, 5), "running") || !row_null(&rows, 12))
        return err_set(err, ERR_CONFLICT, "That job has ended, or is stopping already.");
    rows_done(&rows);
    Json *body = json_new_object();
    json_set_text(body, "reason", d->reason);
    return ledger_append(tx, d->hand, "job.cancelled", d->id, body, NULL, err);
}

bool job_cancel(Ledger *ledger, const Hand *hand, int64_t job, const char *reason, Err *err)
{
    Decide d = { hand, job, false, reason };
    if (str_blank(reason))
        return err_set(err, ERR_INVALID, "Say why, in a sentence.");
    return writer_run(ledger_store(ledger), job_cancel_in, &d, err) || err_while(err, "stopping a job");
}

/* ---- lists ---- */

bool hashset_list(Db *db, Arena *mem, HashSetRow **out, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    size_t cap = 0;
    *out = NULL;
    *count = 0;
    if (!db_query(db, &match_sql[MATCH_SET_LIST], NO_VALUES, &r, err))
        return err_while(err, "listing hash sets");
    while (rows_next(&r, &more, err) && more)
        *arena_push(mem, *out, *count, cap) =
            (HashSetRow){ row_int(&r, 0), row_copy(&r, 1, mem), row_copy(&r, 2, mem), row_copy(&r, 3, mem),
                          row_int(&r, 4), row_int(&r, 6), row_when(&r, 5) };
    return err->kind == ERR_NONE || err_while(err, "listing hash sets");
}

bool match_of_nominal(Db *db, Arena *mem, int64_t nominal, MatchRow **out, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    size_t cap = 0;
    *out = NULL;
    *count = 0;
    if (!db_query(db, &match_sql[MATCH_OF_NOMINAL], VALUES(sql_int(nominal)), &r, err))
        return err_while(err, "listing known files");
    while (rows_next(&r, &more, err) && more)
        *arena_push(mem, *out, *count, cap) = (MatchRow){
            .file_hash = row_int(&r, 0), .referral = row_int(&r, 1), .kind = row_copy(&r, 2, mem),
            .value = row_copy(&r, 3, mem), .set = row_copy(&r, 4, mem), .version = row_copy(&r, 5, mem),
            .grade = row_copy(&r, 6, mem), .scale = row_copy(&r, 7, mem), .series = row_copy(&r, 8, mem),
            .provisional = row_bool(&r, 9) };
    return err->kind == ERR_NONE || err_while(err, "listing known files");
}
