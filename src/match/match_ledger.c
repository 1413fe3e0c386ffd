#include "match/match_ledger.h"
#include <stdlib.h>
#include "match/match_sql.h"

typedef struct Owners { int64_t *at; size_t count, cap; } Owners;

static bool match_write(Tx *tx, const Entry *e, const Json *m, Err *err)
{
    int64_t file = json_int(m, "file_hash", 0), set = json_int(m, "hash_set", 0);
    return db_run(tx, &match_sql[MATCH_SUPPRESS], VALUES(sql_int(file), sql_int(set)), err) &&
           db_run(tx, &match_sql[MATCH_NEW],
                  VALUES(sql_int(file), sql_int(set), sql_text(json_text(m, "grade")),
                         sql_text(json_text(m, "scale")), sql_text(json_text(m, "series")),
                         sql_bool(json_bool(m, "provisional", true)), sql_int(e->seq)),
                  err);
}

static bool owners_add(Tx *tx, Arena *mem, int64_t file, Owners *owners, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(tx->db, &match_sql[MATCH_OWNERS], VALUES(sql_int(file)), &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more)
        *arena_push(mem, owners->at, owners->count, owners->cap) = row_int(&rows, 0);
    return err->kind == ERR_NONE;
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static bool owners_count(Tx *tx, const Entry *e, const Owners *owners, Err *err)
{
    if (owners->count)
        qsort(owners->at, owners->count, sizeof *owners->at, by_number);
    for (size_t i = 0; i < owners->count; i++)
        if ((i == 0 || owners->at[i] != owners->at[i - 1]) &&
            !db_run(tx, &match_sql[MATCH_COUNT_AGAIN], VALUES(sql_int(owners->at[i]), sql_int(e->seq)), err))
            return false;
    return true;
}

static bool apply_matched(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    const Json *matches = json_get(e->body, "matches");
    int64_t from = json_int(e->body, "from", 0), set = json_int(e->body, "set", 0);
    Owners owners = {0};
    if (from &&
        !db_run(tx, &match_sql[MATCH_MARK],
                VALUES(sql_int(from), sql_int(json_int(e->body, "upto", from)), sql_int(e->seq)), err))
        return false;
    for (size_t i = 0; i < json_count(matches); i++) {
        const Json *m = json_at(matches, i);
        if (!match_write(tx, e, m, err) || !owners_add(tx, mem, json_int(m, "file_hash", 0), &owners, err))
            return false;
    }
    if (set && !db_run(tx, &match_sql[MATCH_SET_COMPARED],
                       VALUES(sql_int(set), sql_int(json_int(e->body, "entries", 0))), err))
        return false;
    return owners_count(tx, e, &owners, err);
}

static const Field matched_fields[] = {
    { "from", OPTIONAL, FIELD_ID }, { "upto", OPTIONAL, FIELD_ID }, { "matches", REQUIRED, FIELD_LIST },
    { "set", OPTIONAL, FIELD_ID }, { "entries", OPTIONAL, FIELD_INT }, {0} };

const Kind match_kinds[] = {
    { "files.matched", "Files compared with known sets", matched_fields, apply_matched, true, false },
    {0},
};
