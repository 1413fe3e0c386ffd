#include "match/match.h"
#include "match/match_ledger.h"
#include "match/match_sql.h"

enum { FILES_PER_FACT = 500, VOTES_TO_TRUST = 3 }; /* fewer than three undisputed votes: provisional */

typedef struct Hash { int64_t id; const char *kind, *value; } Hash;

/* Columns from `col` on: grade, scale, series, votes. */
static Json *match_json(const Rows *r, int col, int64_t file_hash, int64_t set)
{
    Json *m = json_new_object();
    json_set_int(m, "file_hash", file_hash);
    json_set_int(m, "hash_set", set);
    json_set_text(m, "grade", row_text(r, col));
    json_set_text(m, "scale", row_text(r, col + 1));
    json_set_text(m, "series", row_text(r, col + 2));
    json_set_bool(m, "provisional", !row_null(r, col + 3) && row_int(r, col + 3) < VOTES_TO_TRUST);
    return m;
}

/* All known sets that hold it; or, if any benign set does, only the benign ones, which come first. */
static bool look_up(Db *db, const Hash *h, Json *matches, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false, benign = false;
    if (!db_query(db, &match_sql[MATCH_LOOKUP], VALUES(sql_text(h->kind), sql_text(h->value)), &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more) {
        benign = benign || row_bool(&rows, 5);
        if (benign && !row_bool(&rows, 5))
            break;
        json_push(matches, match_json(&rows, 1, h->id, row_int(&rows, 0)));
    }
    return err->kind == ERR_NONE;
}

typedef struct Look {
    const Hand *hand;
    size_t      looked;
} Look;

static bool todo_read(Db *db, Arena *mem, Hash **out, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    size_t cap = 0;
    if (!db_query(db, &match_sql[MATCH_TODO], VALUES(sql_int(FILES_PER_FACT)), &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more)
        *arena_push(mem, *out, *count, cap) =
            (Hash){ row_int(&rows, 0), row_copy(&rows, 1, mem), row_copy(&rows, 2, mem) };
    return err->kind == ERR_NONE;
}

static bool look_batch(Tx *tx, void *ctx, Err *err)
{
    Look *look = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(json_done) Json *matches = json_new_list();
    Hash *hashes = NULL;
    size_t count = 0;
    look->looked = 0;
    if (!todo_read(tx->db, &mem, &hashes, &count, err) || count == 0)
        return err->kind == ERR_NONE;
    for (size_t i = 0; i < count; i++)
        if (!look_up(tx->db, &hashes[i], matches, err))
            return false;
    Json *body = json_new_object();
    json_set_int(body, "from", hashes[0].id);
    json_set_int(body, "upto", hashes[count - 1].id);
    json_set(body, "matches", json_keep(matches));
    look->looked = count;
    return ledger_append(tx, look->hand, "files.matched", 0, body, NULL, err);
}

typedef struct Again {
    const Hand *hand;
    int64_t     set, entries, after;
    bool        more;
} Again;

/* Files received before a set are compared with it once it is here. */
static bool again_batch(Tx *tx, void *ctx, Err *err)
{
    Again *a = ctx;
    CLEANUP(rows_done) Rows rows = {0};
    CLEANUP(json_done) Json *matches = json_new_list();
    bool more = false;
    if (!db_query(tx->db, &match_sql[MATCH_AGAIN],
                  VALUES(sql_int(a->set), sql_int(a->after), sql_int(FILES_PER_FACT)), &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more) {
        json_push(matches, match_json(&rows, 1, row_int(&rows, 0), a->set));
        a->after = row_int(&rows, 0);
    }
    rows_done(&rows);
    a->more = json_count(matches) == FILES_PER_FACT;
    Json *body = json_new_object();
    json_set(body, "matches", json_keep(matches));
    if (!a->more) {
        json_set_int(body, "set", a->set);
        json_set_int(body, "entries", a->entries);
    }
    return err->kind == ERR_NONE ? ledger_append(tx, a->hand, "files.matched", 0, body, NULL, err)
                                 : (json_done(&body), false);
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

static bool sets_again(Ledger *ledger, Db *db, const Hand *hand, Err *err)
{
    for (;;) {
        Again a = { .hand = hand };
        bool found = false;
        if (!set_grown(db, &a, &found, err))
            return false;
        if (!found)
            return true;
        do
            if (!writer_run(ledger_store(ledger), again_batch, &a, err))
                return err_while(err, "comparing earlier files with a new set");
        while (a.more);
    }
}

bool match_pending(Ledger *ledger, Db *db, const Hand *hand, size_t *looked, Err *err)
{
    Look look = { .hand = hand };
    *looked = 0;
    do {
        if (!writer_run(ledger_store(ledger), look_batch, &look, err))
            return err_while(err, "matching files with known sets");
        *looked += look.looked;
    } while (look.looked);
    return sets_again(ledger, db, hand, err);
}

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
            (HashSetRow){ row_int(&r, 0),       row_copy(&r, 1, mem), row_copy(&r, 2, mem),
                          row_copy(&r, 3, mem), row_int(&r, 4),       row_when(&r, 5) };
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
