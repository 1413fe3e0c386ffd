/* list.c: children for people to see, those in most danger first. What is not theirs is not found. */
#include "base/limits.h"
#include "clock/words.h"
#include "safeguard/inside.h"

static ChildRow row_read(const Rows *r, Arena *mem)
{
    return (ChildRow){
        .id = row_int(r, 0),
        .nominal = row_int(r, 1),
        .force = row_int(r, 2),
        .owner = row_int(r, 3),
        .label = row_copy(r, 4, mem),
        .ref = row_copy(r, 5, mem),
        .relation = row_copy(r, 6, mem),
        .access = row_copy(r, 7, mem),
        .state = row_copy(r, 8, mem),
        .mechanism = row_copy(r, 9, mem),
        .agency = row_copy(r, 10, mem),
        .plan = row_copy(r, 11, mem),
        .force_tile = row_copy(r, 12, mem),
        .nominal_name = row_copy(r, 13, mem),
        .band = row_copy(r, 14, mem),
        .owner_name = row_copy(r, 15, mem),
        .next_says = row_null(r, 16) ? NULL : clock_next(mem, row_text(r, 16)),
        .age = row_int(r, 17),
        .immediate_risk = row_bool(r, 18),
        .known_on = row_date(r, 19),
        .safeguarded_on = row_date(r, 20),
        .next_due = row_when(r, 21),
    };
}

static bool referrals_read(Db *db, Arena *mem, ChildRow *child, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    size_t cap = 0;
    bool more = false;
    if (!db_query(db, SQL(REFERRALS), VALUES(sql_int(child->id)), &r, err))
        return false;
    for (;;) {
        if (!rows_next(&r, &more, err))
            return false;
        if (!more)
            return true;
        *arena_push(mem, child->referrals, child->referral_count, cap) = (ChildReferralRow){
            .id = row_int(&r, 0), .route = row_copy(&r, 1, mem), .agency = row_copy(&r, 2, mem),
            .outcome = row_copy(&r, 3, mem), .sent = row_date(&r, 4), .acknowledged = row_date(&r, 5),
            .decided = row_date(&r, 6),
        };
    }
}

#define EYES(v) sql_int((v)->person), sql_bool((v)->role == ROLE_COORDINATOR), \
                sql_int((v)->role == ROLE_FORCE_SUPERVISOR ? (v)->agency : -1)

static bool rows_read(Rows *r, Arena *mem, ChildRow **out, size_t *count, Err *err)
{
    size_t cap = 0;
    bool more = false;
    for (;;) {
        if (!rows_next(r, &more, err))
            return false;
        if (!more)
            return true;
        *arena_push(mem, *out, *count, cap) = row_read(r, mem);
    }
}

bool child_list(Db *db, Arena *mem, const Viewer *v, const ChildFilter *f, ChildRow **out, size_t *count,
                Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    int64_t scope = viewer_scope(v, PERM_CHILD_READ);
    *out = NULL;
    *count = 0;
    if (scope < 0 || (scope && f->force && scope != f->force))
        return true;
    if (!db_query(db, SQL(LIST),
                  VALUES(EYES(v), sql_id(f->operation), sql_id(scope ? scope : f->force), sql_id(f->nominal),
                         sql_text(f->state), sql_bool(f->immediate_only), sql_bool(f->no_plan_only),
                         sql_id(f->after_id), sql_int((int64_t)(f->limit ? f->limit : LIMIT_PAGE_ROWS))),
                  &r, err) ||
        !rows_read(&r, mem, out, count, err))
        return err_while(err, "listing children");
    rows_done(&r);
    for (size_t i = 0; i < *count; i++)
        if (!referrals_read(db, mem, &(*out)[i], err))
            return err_while(err, "listing children");
    return true;
}

bool child_fetch(Db *db, Arena *mem, const Viewer *v, int64_t id, ChildRow *out, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    ChildRow *rows = NULL;
    size_t count = 0;
    int64_t scope = viewer_scope(v, PERM_CHILD_READ);
    if (!db_query(db, SQL(FETCH), VALUES(EYES(v), sql_int(id), sql_id(scope)), &r, err)
        || !rows_read(&r, mem, &rows, &count, err))
        return err_while(err, "reading a child's record");
    if (count == 0)
        return err_set(err, ERR_NOT_FOUND, "There is no such child's record.");
    rows_done(&r);
    *out = rows[0];
    return referrals_read(db, mem, out, err) || err_while(err, "reading a child's record");
}
