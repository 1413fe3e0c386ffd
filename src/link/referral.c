#include "link/referral.h"
#include "link/referral_sql.h"

/* ---- one referral ---- */
static bool referral_read(Db *db, Arena *mem, int64_t id, Referral *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = { 0 };
    bool more = false;
    if (!db_query(db, &referral_sql[REFERRAL_ONE], VALUES(sql_int(id)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such referral.");
    out->row = (ReferralRow){ .id = row_int(&rows, 0),
                              .file = row_int(&rows, 1),
                              .line = row_int(&rows, 2),
                              .source = row_copy(&rows, 3, mem),
                              .source_ref = row_copy(&rows, 4, mem),
                              .provider = row_copy(&rows, 5, mem),
                              .incident_type = row_copy(&rows, 6, mem),
                              .priority_reason = row_copy(&rows, 7, mem),
                              .summary = row_copy(&rows, 8, mem),
                              .sensitive_text = row_copy(&rows, 9, mem),
                              .missing = row_copy(&rows, 10, mem),
                              .received_at = row_when(&rows, 11),
                              .incident_at = row_when(&rows, 12),
                              .completeness = (int)row_int(&rows, 13),
                              .bundled = row_bool(&rows, 14) };
    out->operation = row_int(&rows, 15);
    out->merged_into = row_int(&rows, 16);
    out->incident_verbatim = row_copy(&rows, 17, mem);
    out->annotations = row_copy(&rows, 18, mem);
    out->grading = row_copy(&rows, 19, mem);
    out->file_name = row_copy(&rows, 20, mem);
    out->outcome = row_copy(&rows, 21, mem);
    out->outcome_reason = row_copy(&rows, 22, mem);
    out->to_assess = row_bool(&rows, 23);
    return true;
}

/* One nominal that is not for the viewer hides the whole referral: everything in it is about the same event.
 */
static bool referral_for(Db *db, Arena *mem, const Viewer *v, int64_t id, bool *theirs, Err *err)
{
    CLEANUP(rows_done) Rows rows = { 0 };
    struct {
        int64_t id, force;
        bool restricted;
    } *seen = NULL;
    size_t count = 0, cap = 0;
    bool more = false, sees = true;
    if (!db_query(db, &referral_sql[REFERRAL_NOMINALS], VALUES(sql_int(id)), &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more) {
        __typeof__(seen) one = arena_push(mem, seen, count, cap);
        one->id = row_int(&rows, 0);
        one->force = row_int(&rows, 1);
        one->restricted = row_bool(&rows, 2);
    }
    *theirs = viewer_scope(v, PERM_REFERRAL_READ) == 0;
    for (size_t i = 0; i < count && err->kind == ERR_NONE; i++) {
        *theirs = *theirs || viewer_may_on(v, PERM_REFERRAL_READ, seen[i].force);
        if (seen[i].restricted && !viewer_sees_restricted(db, v, seen[i].id, seen[i].force, &sees, err))
            return false;
        if (!sees) {
            *theirs = false;
            return true;
        }
    }
    return err->kind == ERR_NONE;
}

static bool people_read(Db *db, Arena *mem, Referral *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = { 0 };
    size_t cap = 0;
    bool more = false;
    if (!db_query(db, &referral_sql[REFERRAL_PEOPLE], VALUES(sql_int(out->row.id)), &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more)
        *arena_push(mem, out->people, out->person_count, cap) =
            (ReferralPerson){ .id = row_int(&rows, 0),
                              .nominal = row_int(&rows, 1),
                              .age = row_int(&rows, 2),
                              .role = row_copy(&rows, 3, mem),
                              .name = row_copy(&rows, 4, mem),
                              .address = row_copy(&rows, 5, mem),
                              .postcode = row_copy(&rows, 6, mem),
                              .town = row_copy(&rows, 7, mem),
                              .country = row_copy(&rows, 8, mem),
                              .occupation = row_copy(&rows, 9, mem),
                              .service = row_copy(&rows, 10, mem),
                              .account = row_copy(&rows, 11, mem),
                              .born = row_date(&rows, 12),
                              .seen = row_when(&rows, 13),
                              .force = row_int(&rows, 14) };
    return err->kind == ERR_NONE;
}

static bool identifiers_read(Db *db, Arena *mem, Referral *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = { 0 };
    size_t cap = 0;
    bool more = false;
    if (!db_query(db, &referral_sql[REFERRAL_IDENTIFIERS], VALUES(sql_int(out->row.id)), &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more)
        *arena_push(mem, out->identifiers, out->identifier_count, cap) =
            (ReferralIdentifier){ .sighting = row_int(&rows, 0),
                                  .role = row_copy(&rows, 1, mem),
                                  .kind = row_copy(&rows, 2, mem),
                                  .service = row_copy(&rows, 3, mem),
                                  .verbatim = row_copy(&rows, 4, mem),
                                  .strong = row_bool(&rows, 5),
                                  .verified = row_bool(&rows, 6) };
    return err->kind == ERR_NONE;
}

static bool footprints_read(Db *db, Arena *mem, Referral *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = { 0 };
    size_t cap = 0, roles = 0, role_cap = 0;
    bool more = false;
    if (!db_query(db, &referral_sql[REFERRAL_FOOTPRINTS], VALUES(sql_int(out->row.id)), &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more) {
        *arena_push(mem, out->footprints, out->footprint_count, cap) =
            (FootprintRow){ .id = row_int(&rows, 0),
                            .referral = row_int(&rows, 1),
                            .address = row_copy(&rows, 2, mem),
                            .verbatim = row_copy(&rows, 3, mem),
                            .event = row_copy(&rows, 4, mem),
                            .operator_name = row_copy(&rows, 5, mem),
                            .operator_as_of = row_copy(&rows, 6, mem),
                            .answer_ref = row_copy(&rows, 7, mem),
                            .port = row_null(&rows, 8) ? -1 : row_int(&rows, 8),
                            .asn = row_int(&rows, 9),
                            .at = row_when(&rows, 10),
                            .proxy = row_bool(&rows, 11),
                            .resolved = !row_null(&rows, 10),
                            .attributed = row_bool(&rows, 12) };
        *arena_push(mem, out->footprint_roles, roles, role_cap) = row_copy(&rows, 13, mem);
    }
    return err->kind == ERR_NONE;
}

static int64_t stated(const Rows *rows, int col) { return row_null(rows, col) ? -1 : row_int(rows, col); }

static bool files_read(Db *db, Arena *mem, Referral *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = { 0 };
    size_t cap = 0;
    bool more = false;
    if (!db_query(db, &referral_sql[REFERRAL_FILES], VALUES(sql_int(out->row.id)), &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more)
        *arena_push(mem, out->files, out->file_count, cap) =
            (ReferralFile){ .id = row_int(&rows, 0),
                            .kind = row_copy(&rows, 1, mem),
                            .value = row_copy(&rows, 2, mem),
                            .classification = row_copy(&rows, 3, mem),
                            .relevance = row_copy(&rows, 4, mem),
                            .name = row_copy(&rows, 5, mem),
                            .viewed = stated(&rows, 6),
                            .public_file = stated(&rows, 7),
                            .matched = row_copy(&rows, 8, mem) };
    return err->kind == ERR_NONE;
}

bool referral_fetch(Db *db, Arena *mem, const Viewer *viewer, int64_t id, Referral *out, Err *err)
{
    bool theirs = false;
    *out = (Referral){ 0 };
    if (!referral_read(db, mem, id, out, err) || !referral_for(db, mem, viewer, id, &theirs, err))
        return err_while(err, "reading a referral");
    if (!theirs)
        return err_set(err, ERR_NOT_FOUND, "There is no such referral.");
    return (people_read(db, mem, out, err) && identifiers_read(db, mem, out, err) &&
            footprints_read(db, mem, out, err) && files_read(db, mem, out, err)) ||
           err_while(err, "reading a referral");
}

/* ---- what was joined lately ---- */
static bool recent(Db *db, Arena *mem, const Viewer *v, int statement, const RecentFilter *f,
                   RecentLink **out, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows rows = { 0 };
    size_t cap = 0;
    bool more = false;
    int64_t supervises = v->role == ROLE_FORCE_SUPERVISOR ? v->agency : 0;
    *out = NULL;
    *count = 0;
    if (f->force < 0)
        return true;
    if (!db_query(db, &referral_sql[statement],
                  VALUES(sql_int(v->person), sql_bool(v->role == ROLE_COORDINATOR), sql_id(supervises),
                         sql_int(f->operation), sql_id(f->force), sql_int(f->before ? f->before : INT64_MAX),
                         sql_int((int64_t)f->limit)),
                  &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more)
        *arena_push(mem, *out, *count, cap) = (RecentLink){ .id = row_int(&rows, 0),
                                                            .entry = row_int(&rows, 1),
                                                            .nominal = row_int(&rows, 2),
                                                            .referral = row_int(&rows, 3),
                                                            .merged = row_int(&rows, 4),
                                                            .force = row_int(&rows, 5),
                                                            .name = row_copy(&rows, 6, mem),
                                                            .kind = row_copy(&rows, 7, mem),
                                                            .reason = row_copy(&rows, 8, mem),
                                                            .source = row_copy(&rows, 9, mem),
                                                            .source_ref = row_copy(&rows, 10, mem),
                                                            .force_tile = row_copy(&rows, 11, mem),
                                                            .at = row_when(&rows, 12),
                                                            .undone = row_bool(&rows, 13) };
    return err->kind == ERR_NONE;
}

bool recent_links(Db *db, Arena *mem, const Viewer *viewer, const RecentFilter *f, RecentLink **out,
                  size_t *count, Err *err)
{
    return recent(db, mem, viewer, REFERRAL_RECENT_LINKS, f, out, count, err) ||
           err_while(err, "listing recent links");
}

bool recent_merges(Db *db, Arena *mem, const Viewer *viewer, const RecentFilter *f, RecentLink **out,
                   size_t *count, Err *err)
{
    return recent(db, mem, viewer, REFERRAL_RECENT_MERGES, f, out, count, err) ||
           err_while(err, "listing recent merges");
}

bool merge_nominal(Db *db, int64_t merge, int64_t *nominal, Err *err)
{
    bool found = false;
    if (!db_int(db, &referral_sql[REFERRAL_MERGE_KEPT], VALUES(sql_int(merge)), nominal, &found, err))
        return false;
    return found || err_set(err, ERR_NOT_FOUND, "There is no such merge.");
}
