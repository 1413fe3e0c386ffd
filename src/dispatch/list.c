/* list.c: packages for people to see. What is not theirs is not found. */
#include "base/limits.h"
#include "clock/words.h"
#include "dispatch/inside.h"

static PackageRow row_read(const Rows *r, Arena *mem)
{
    return (PackageRow){
        .id = row_int(r, 0),
        .nominal = row_int(r, 1),
        .force = row_int(r, 2),
        .owner = row_int(r, 3),
        .nominal_name = row_copy(r, 4, mem),
        .force_tile = row_copy(r, 5, mem),
        .force_short = row_copy(r, 6, mem),
        .band = row_copy(r, 7, mem),
        .state = row_copy(r, 8, mem),
        .why = row_copy(r, 9, mem),
        .owner_name = row_copy(r, 10, mem),
        .next_says = row_null(r, 11) ? NULL : clock_next(mem, row_text(r, 11)),
        .next_due = row_when(r, 12),
        .built = row_when(r, 13),
        .sent = row_when(r, 14),
        .received = row_when(r, 15),
        .accepted = row_when(r, 16),
        .first_action = row_when(r, 17),
        .closed = row_when(r, 18),
        .eliminated = !row_null(r, 19),
    };
}

#define EYES(v) sql_int((v)->person), sql_bool((v)->role == ROLE_COORDINATOR), \
                sql_int((v)->role == ROLE_FORCE_SUPERVISOR ? (v)->agency : -1)

typedef struct Page { Arena *mem; PackageRow *rows; size_t count, cap; } Page;

static bool page_add(void *ctx, const Rows *rows, Err *err)
{
    Page *page = ctx;
    (void)err;
    *arena_push(page->mem, page->rows, page->count, page->cap) = row_read(rows, page->mem);
    return true;
}

/* Where a page begins. Those not yet received stand before the others, the closed after them. */
enum { TURN_UNREAD = 2 };
typedef struct Start { int64_t turn, place, id; } Start;

static bool start_after(Db *db, int64_t after_id, Start *start, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    *start = (Start){ TURN_UNREAD, INT64_MIN, 0 };
    if (!after_id)
        return true;
    if (!db_query(db, SQL(LIST_AFTER), VALUES(sql_int(after_id)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    if (more)
        *start = (Start){ row_int(&rows, 0), row_int(&rows, 1), after_id };
    return true;
}

bool package_list(Db *db, Arena *mem, const Viewer *v, const PackageFilter *f, PackageRow **out,
                  size_t *count, Err *err)
{
    Page page = { .mem = mem };
    Start start;
    int64_t scope = viewer_scope(v, PERM_PACKAGE_READ), force = scope ? scope : f->force;
    size_t limit = f->limit ? f->limit : LIMIT_PAGE_ROWS;
    const Sql *sql = f->nominal ? SQL(LIST_OF_NOMINAL) : force ? SQL(LIST_OF_FORCE) : SQL(LIST);
    *out = NULL;
    *count = 0;
    if (scope < 0 || (scope && f->force && scope != f->force))
        return true;
    if (!start_after(db, f->after_id, &start, err))
        return err_while(err, "listing packages");
    for (; start.turn >= 0 && page.count < limit; start = (Start){ start.turn - 1, INT64_MIN, 0 }) {
        Value values[] = { EYES(v), sql_id(f->operation), sql_text(f->state),
                           sql_int((int64_t)(limit - page.count)), sql_int(start.turn),
                           sql_int(start.place), sql_int(start.id), sql_id(f->nominal ? f->nominal : force),
                           sql_id(force) };
        size_t used = f->nominal ? 11 : force ? 10 : 9;
        if (!each_row(db, sql, (Values){ values, used }, page_add, &page, err))
            return err_while(err, "listing packages");
    }
    *out = page.rows;
    *count = page.count;
    return true;
}

bool hit_shown(Db *db, const Viewer *v, int64_t other, bool *shown, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    *shown = false;
    if (!db_query(db, SQL(HIT_OTHER), VALUES(sql_int(other)), &rows, err) || !rows_next(&rows, &more, err))
        return false;
    if (!more || !viewer_may_on(v, PERM_NOMINAL_READ, row_int(&rows, 0)))
        return true;
    *shown = !row_bool(&rows, 1);
    return *shown || viewer_sees_restricted(db, v, other, row_int(&rows, 0), shown, err);
}

static bool hits_fetch(Db *db, Arena *mem, const Viewer *v, Package *p, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    size_t cap = 0;
    bool more = false, shown = false;
    if (!db_query(db, SQL(HITS), VALUES(sql_int(p->row.id)), &rows, err))
        return false;
    for (;;) {
        if (!rows_next(&rows, &more, err))
            return false;
        if (!more)
            return true;
        if (!hit_shown(db, v, row_int(&rows, 1), &shown, err))
            return false;
        __typeof__(p->hits) hit = arena_push(mem, p->hits, p->hit_count, cap);
        hit->id = row_int(&rows, 0);
        hit->other = shown ? row_int(&rows, 1) : 0;
        hit->kind = row_copy(&rows, 2, mem);
        hit->detail = row_copy(&rows, 3, mem);
        hit->decided = !row_null(&rows, 4);
    }
}

bool package_fetch(Db *db, Arena *mem, const Viewer *v, int64_t id, Package *out, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    int64_t scope = viewer_scope(v, PERM_PACKAGE_READ);
    if (!db_query(db, SQL(FETCH), VALUES(EYES(v), sql_int(id), sql_id(scope)), &r, err) ||
        !rows_next(&r, &more, err))
        return err_while(err, "reading a package");
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such package.");
    *out = (Package){
        .row = row_read(&r, mem),
        .handling = row_copy(&r, 20, mem),
        .conditions = row_copy(&r, 21, mem),
        .classification = row_copy(&r, 22, mem),
        .manifest = row_copy(&r, 23, mem),
        .return_reason = row_copy(&r, 24, mem),
        .hold_reason = row_copy(&r, 25, mem),
        .disposition = row_copy(&r, 26, mem),
        .disposition_note = row_copy(&r, 27, mem),
        .version = (int)row_int(&r, 28),
    };
    rows_done(&r);
    return hits_fetch(db, mem, v, out, err) || err_while(err, "reading a package");
}

bool package_rests_on_error(Db *db, Arena *mem, int64_t package, WithdrawnAnswer *out, bool *found, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    if (!db_query(db, SQL(RESTS_ON_ERROR), VALUES(sql_int(package)), &r, err) || !rows_next(&r, found, err))
        return false;
    if (*found)
        *out = (WithdrawnAnswer){ row_int(&r, 0), row_when(&r, 1), row_copy(&r, 2, mem) };
    return true;
}
