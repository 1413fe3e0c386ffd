/* viewer.c: who someone is, which agency answers, and how far a person sees. */
#include "access/access.h"
#include "access/access_sql.h"

static bool viewer_read(Db *db, Arena *mem, const Sql *sql, Value key, Viewer *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(db, sql, VALUES(key), &rows, err) || !rows_next(&rows, &more, err))
        return err_while(err, "finding a person");
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no active person with that login.");
    *out = (Viewer){
        .person = row_int(&rows, 0),
        .agency = row_int(&rows, 1),
        .role = role_read(row_text(&rows, 2)),
        .login = row_copy(&rows, 3, mem),
        .name = row_copy(&rows, 4, mem),
        .agency_short = row_copy(&rows, 5, mem),
        .agency_name = row_copy(&rows, 6, mem),
        .agency_kind = row_copy(&rows, 7, mem),
    };
    return true;
}

bool viewer_load(Db *db, Arena *mem, const char *login, Viewer *out, Err *err)
{
    return viewer_read(db, mem, &access_sql[ACCESS_VIEWER_BY_LOGIN], sql_text(login), out, err);
}

bool viewer_by_id(Db *db, Arena *mem, int64_t person, Viewer *out, Err *err)
{
    return viewer_read(db, mem, &access_sql[ACCESS_VIEWER_BY_ID], sql_int(person), out, err);
}

bool viewer_first(Db *db, Arena *mem, Viewer *out, Err *err)
{
    return viewer_read(db, mem, &access_sql[ACCESS_VIEWER_FIRST], sql_text(role_key(ROLE_COORDINATOR)), out,
                       err);
}

Hand viewer_hand(const Viewer *v, int64_t operation, Instant at)
{
    return (Hand){ .actor = v->person, .agency = v->agency, .operation = operation, .at = at };
}

/* ---- agencies ---- */

static Agency agency_of(const Rows *rows, Arena *mem)
{
    return (Agency){
        .id = row_int(rows, 0),
        .short_id = row_copy(rows, 1, mem),
        .kind = row_copy(rows, 2, mem),
        .ons_code = row_copy(rows, 3, mem),
        .name = row_copy(rows, 4, mem),
        .tile = row_copy(rows, 5, mem),
        .nation = row_copy(rows, 6, mem),
        .tile_row = (int)row_int(rows, 7),
        .tile_column = (int)row_int(rows, 8),
    };
}

static bool agency_read(Db *db, Arena *mem, const Sql *sql, Value key, Agency *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(db, sql, VALUES(key), &rows, err) || !rows_next(&rows, &more, err))
        return err_while(err, "finding an agency");
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such agency.");
    *out = agency_of(&rows, mem);
    return true;
}

bool agency_by_short(Db *db, Arena *mem, const char *short_id_or_ons, Agency *out, Err *err)
{
    return agency_read(db, mem, &access_sql[ACCESS_AGENCY_BY_NAME], sql_text(short_id_or_ons), out, err);
}

bool agency_by_id(Db *db, Arena *mem, int64_t id, Agency *out, Err *err)
{
    return agency_read(db, mem, &access_sql[ACCESS_AGENCY_BY_ID], sql_int(id), out, err);
}

bool agency_list(Db *db, Arena *mem, Agency **out, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    size_t cap = 0;
    bool more = false;
    *out = NULL;
    *count = 0;
    if (!db_query(db, &access_sql[ACCESS_AGENCIES], NO_VALUES, &rows, err))
        return err_while(err, "listing agencies");
    for (;;) {
        if (!rows_next(&rows, &more, err))
            return err_while(err, "listing agencies");
        if (!more)
            return true;
        *arena_push(mem, *out, *count, cap) = agency_of(&rows, mem);
    }
}

bool agency_duty(Db *db, int64_t agency, int64_t *person, Err *err)
{
    bool found = false;
    *person = 0;
    return db_int(db, &access_sql[ACCESS_DUTY], VALUES(sql_int(agency)), person, &found, err)
        && (found || coordination_duty(db, person, err));
}

bool operation_lead(Db *db, int64_t operation, int64_t *agency, Err *err)
{
    bool found = false;
    *agency = 0;
    return db_int(db, &access_sql[ACCESS_LEAD], VALUES(sql_int(operation)), agency, &found, err);
}

bool coordination_duty(Db *db, int64_t *person, Err *err)
{
    bool found = false;
    *person = 0;
    return db_int(db, &access_sql[ACCESS_DUTY_LAST], NO_VALUES, person, &found, err);
}

bool agency_supervisor(Db *db, int64_t agency, int64_t *person, Err *err)
{
    bool found = false;
    *person = 0;
    return db_int(db, &access_sql[ACCESS_SUPERVISOR], VALUES(sql_int(agency)), person, &found, err);
}

/* ---- how far ---- */

bool viewer_may(const Viewer *v, Permission p)
{
    return permission_reach(v->role, p) != REACH_NONE;
}

bool viewer_may_on(const Viewer *v, Permission p, int64_t force)
{
    switch (permission_reach(v->role, p)) {
    case REACH_NONE: return false;
    case REACH_OWN:  return force != 0 && force == v->agency;
    case REACH_ALL:  return true;
    }
    return false;
}

int64_t viewer_scope(const Viewer *v, Permission p)
{
    switch (permission_reach(v->role, p)) {
    case REACH_NONE: return -1;
    case REACH_OWN:  return v->agency ? v->agency : -1;
    case REACH_ALL:  return 0;
    }
    return -1;
}

bool viewer_sees_restricted(Db *db, const Viewer *v, int64_t subject, int64_t force, bool *sees, Err *err)
{
    int64_t one = 0;
    *sees = v->role == ROLE_COORDINATOR
         || (v->role == ROLE_FORCE_SUPERVISOR && force != 0 && force == v->agency);
    if (*sees)
        return true;
    return db_int(db, &access_sql[ACCESS_RESTRICTED_TO], VALUES(sql_int(subject), sql_int(v->person)), &one,
                  sees, err);
}
