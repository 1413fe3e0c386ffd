/* nominal_apply.c: single changes of a nominal row, for apply functions. */
#include "link/nominal_apply.h"
#include "link/inside.h"

enum { MERGES_DEEP = 10000 };       /* a chain longer than that is a loop */

bool nominal_kept(Db *db, int64_t id, int64_t *kept, Err *err)
{
    int64_t start = id;
    *kept = id;
    for (int step = 0; step < MERGES_DEEP; step++) {
        int64_t next = 0;
        bool found = false;
        if (!db_int(db, &link_sql[LINK_KEPT], VALUES(sql_int(*kept)), &next, &found, err))
            return false;
        if (!found)
            return err_set(err, ERR_BUG, "There is no nominal %lld.", (long long)*kept);
        if (next == 0)
            return true;
        *kept = next;
    }
    return err_set(err, ERR_BUG, "The merges of nominal %lld go round in a circle.", (long long)start);
}

bool nominal_touch(Tx *tx, const Entry *e, int64_t nominal, Err *err)
{
    int64_t id = 0;
    return nominal_kept(tx->db, nominal, &id, err)
        && db_run(tx, &link_sql[LINK_TOUCH], VALUES(sql_int(id), sql_int(e->seq)), err);
}

/* One statement of the form (id, value, seq). */
static bool set_one(Tx *tx, const Entry *e, int64_t nominal, int statement, Value value, Err *err)
{
    int64_t id = 0;
    return nominal_kept(tx->db, nominal, &id, err)
        && db_run(tx, &link_sql[statement], VALUES(sql_int(id), value, sql_int(e->seq)), err);
}

bool nominal_set_stage(Tx *tx, const Entry *e, int64_t nominal, const char *stage, Err *err)
{
    return set_one(tx, e, nominal, LINK_SET_STAGE, sql_text(stage), err);
}

int stage_order(const char *stage)
{
    static const char *const order[] = { "reported", "at-address", "packaged", "actioned", "closed" };
    for (size_t i = 0; i < COUNT_OF(order); i++)
        if (str_same(order[i], stage))
            return (int)i;
    return -1;
}

bool nominal_advance_stage(Tx *tx, const Entry *e, int64_t nominal, const char *stage, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    NominalState now = {0};
    int64_t id = 0;
    if (!nominal_kept(tx->db, nominal, &id, err) || !nominal_state(tx->db, &mem, id, &now, err))
        return false;
    if (stage_order(stage) <= stage_order(now.stage))
        return nominal_touch(tx, e, id, err);
    return nominal_set_stage(tx, e, id, stage, err);
}

bool nominal_state(Db *db, Arena *mem, int64_t id, NominalState *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(db, &link_sql[LINK_NOMINAL], VALUES(sql_int(id)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such nominal.");
    *out = (NominalState){ row_int(&rows, 0), row_copy(&rows, 1, mem), row_copy(&rows, 2, mem) };
    return true;
}

bool nominal_set_status(Tx *tx, const Entry *e, int64_t nominal, const char *status, Err *err)
{
    return set_one(tx, e, nominal, LINK_SET_STATUS, sql_text(status), err);
}

bool nominal_set_occupation(Tx *tx, const Entry *e, int64_t nominal, const char *occupation, Err *err)
{
    return set_one(tx, e, nominal, LINK_SET_OCCUPATION, sql_text(occupation), err);
}

bool nominal_set_access(Tx *tx, const Entry *e, int64_t nominal, const char *access, Err *err)
{
    return set_one(tx, e, nominal, LINK_SET_ACCESS, sql_text(access), err);
}

bool nominal_set_restricted(Tx *tx, const Entry *e, int64_t nominal, bool restricted, Err *err)
{
    return set_one(tx, e, nominal, LINK_SET_RESTRICTED, sql_bool(restricted), err);
}

bool nominal_set_child_count(Tx *tx, const Entry *e, int64_t nominal, Err *err)
{
    int64_t id = 0;
    return nominal_kept(tx->db, nominal, &id, err)
        && db_run(tx, &link_sql[LINK_SET_CHILDREN], VALUES(sql_int(id), sql_int(e->seq)), err);
}

bool nominal_set_flags(Tx *tx, const Entry *e, int64_t nominal, int registered, int position_of_trust,
                       Err *err)
{
    int64_t id = 0;
    return nominal_kept(tx->db, nominal, &id, err)
        && db_run(tx, &link_sql[LINK_SET_FLAGS],
                  VALUES(sql_int(id), sql_int(registered), sql_int(position_of_trust), sql_int(e->seq)), err);
}

bool nominal_set_force(Tx *tx, const Entry *e, int64_t nominal, int64_t agency, const char *basis, Err *err)
{
    int64_t id = 0;
    return nominal_kept(tx->db, nominal, &id, err)
        && db_run(tx, &link_sql[LINK_SET_FORCE],
                  VALUES(sql_int(id), sql_id(agency), sql_text(basis), sql_int(e->seq)), err);
}

bool nominal_set_place(Tx *tx, const Entry *e, int64_t nominal, const NominalPlace *p, Err *err)
{
    int64_t id = 0;
    return nominal_kept(tx->db, nominal, &id, err) &&
           db_run(tx, &link_sql[LINK_SET_PLACE],
                  VALUES(sql_int(id), sql_text(p->address), sql_text(p->postcode), sql_text(p->town),
                         sql_text(p->area), sql_id(p->force), sql_text(p->force_basis), sql_int(p->answers),
                         sql_int(e->seq)),
                  err);
}

bool nominal_set_score(Tx *tx, const Entry *e, int64_t nominal, const NominalScore *s, int band_rank,
                       Err *err)
{
    (void)e;
    int64_t id = 0;
    return nominal_kept(tx->db, nominal, &id, err) &&
           db_run(tx, &link_sql[LINK_SET_SCORE],
                  VALUES(sql_int(id), sql_text(s->suggested), sql_int(s->points), sql_text(s->why),
                         sql_text(s->access), sql_bool(s->registered), sql_bool(s->position_of_trust),
                         sql_int(band_rank), sql_int(s->seen)),
                  err);
}

bool nominal_set_band(Tx *tx, const Entry *e, int64_t nominal, const char *band, int band_rank, Err *err)
{
    (void)e;
    int64_t id = 0;
    return nominal_kept(tx->db, nominal, &id, err)
        && db_run(tx, &link_sql[LINK_SET_BAND], VALUES(sql_int(id), sql_text(band), sql_int(band_rank)), err);
}

static bool stage_move(Tx *tx, const Entry *e, int64_t id, const char *from, const char *to, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    NominalState now = {0};
    return nominal_state(tx->db, &mem, id, &now, err)
        && (!str_same(now.stage, from) || nominal_set_stage(tx, e, id, to, err));
}

bool nominal_place_again(Tx *tx, const Entry *e, int64_t nominal, bool clear, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(rows_done) Rows r = {0};
    int64_t id = 0;
    bool more = false;
    if (!nominal_kept(tx->db, nominal, &id, err) ||
        !db_query(tx->db, &link_sql[LINK_PLACE_BEST], VALUES(sql_int(id)), &r, err) ||
        !rows_next(&r, &more, err))
        return false;
    if (!more)
        return !clear || (db_run(tx, &link_sql[LINK_PLACE_CLEAR], VALUES(sql_int(id)), err)
                          && stage_move(tx, e, id, "at-address", "reported", err));
    NominalPlace p = { row_copy(&r, 0, &mem), row_copy(&r, 1, &mem), row_copy(&r, 2, &mem),
                       row_copy(&r, 3, &mem), row_copy(&r, 5, &mem), row_int(&r, 4),
                       row_int(&r, 6) };
    /* Two doors in two forces with as many events each: a person decides, nobody is sent to either. */
    if (!rows_next(&r, &more, err))
        return false;
    if (more && row_int(&r, 6) == p.answers && row_int(&r, 4) != p.force) {
        p.force = 0;
        p.force_basis = "Two households in two forces, as many events each: for a person to decide";
    }
    rows_done(&r);
    return nominal_set_place(tx, e, id, &p, err) && stage_move(tx, e, id, "reported", "at-address", err);
}
