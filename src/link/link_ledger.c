#include "link/link_ledger.h"
#include "base/ref.h"
#include "clock/clock.h"
#include "link/inside.h"
#include "link/nominal_apply.h"
#include "link/pairs_sql.h"

/* Runs a statement that takes a key and a nominal for every key the sighting offers. */
static bool keys_write(Tx *tx, const Sighted *s, int statement, int64_t nominal, Err *err)
{
    for (size_t i = 0; i < s->key_count; i++) {
        const Key *k = &s->keys[i];
        if (k->offered &&
            !db_run(tx, &link_sql[statement],
                    VALUES(sql_text(k->kind), sql_text(k->service), sql_text(k->normal), sql_int(nominal)),
                    err))
            return false;
    }
    return true;
}

static bool attach(Tx *tx, const Entry *e, const Sighted *s, int64_t holder, int64_t kept, Err *err)
{
    int64_t changed = 0;
    if (!db_run_count(tx, &link_sql[LINK_ATTACH], VALUES(sql_int(s->id), sql_int(kept)), &changed, err))
        return false;
    if (changed != 1)
        return err_set(err, ERR_CONFLICT, "That sighting already belongs to a nominal.")
            || err_hint(err, "Reload the page and look again.");
    const char *kind = json_text(e->body, "kind"), *reason = json_text(e->body, "reason");
    return db_run(tx, &link_sql[LINK_NEW],
                  VALUES(sql_int(e->seq), sql_int(holder), sql_int(s->id), sql_text(reason), sql_text(kind)),
                  err) &&
           keys_write(tx, s, LINK_KEY_NEW, holder, err);
}

static bool files_of(Tx *tx, int64_t sighting, int64_t *files, Err *err)
{
    bool found = false;
    return db_int(tx->db, &link_sql[LINK_FILES_OF], VALUES(sql_int(sighting)), files, &found, err);
}

static const char *display_name(const Sighted *s)
{
    return !str_blank(s->name) ? s->name : !str_blank(s->account) ? s->account : "Name not known";
}

static bool sighting_for(Tx *tx, Arena *mem, const Entry *e, Sighted *s, Err *err)
{
    static const char *const linked_roles[] = { "account_holder", "reported" };
    if (!sighted_load(tx->db, mem, json_int(e->body, "sighting", 0), s, err))
        return false;
    FOR_EACH(role, linked_roles)
        if (str_same(*role, s->role))
            return true;
    return err_set(err, ERR_INVALID, "Only a reported person's sighting can be linked.");
}

static bool apart_add(Tx *tx, const Entry *e, int64_t a, int64_t b, Err *err)
{
    return db_run(tx, &link_sql[LINK_APART_NEW], VALUES(sql_int(a), sql_int(b), sql_int(e->seq)), err);
}

static bool bundle_again(Tx *tx, int64_t id, Err *err)
{
    return db_run(tx, &link_sql[LINK_SET_BUNDLE], VALUES(sql_int(id)), err);
}

static bool apply_opened(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    Sighted s = {0};
    int64_t files = 0;
    if (!sighting_for(tx, mem, e, &s, err) || !files_of(tx, s.id, &files, err))
        return false;
    const char *name = str_blank(s.family) && !str_blank(s.account) ? s.account : display_name(&s);
    if (!db_run(tx, &link_sql[LINK_OPEN],
                VALUES(sql_int(e->seq), sql_int(s.operation), sql_text(name),
                       sql_text(s.family ? s.given : NULL), sql_text(s.family), sql_date(s.born),
                       sql_text(s.occupation), sql_int(s.seen), sql_int(files)), err)
        || !attach(tx, e, &s, e->seq, e->seq, err) || !bundle_again(tx, e->seq, err))
        return false;
    int64_t other = json_int(e->body, "apart_from", 0);
    return !other || (apart_add(tx, e, e->seq, other, err) /* it leaves another: its household comes along */
                      && db_run(tx, &link_sql[LINK_UNMERGE_PLACES], VALUES(sql_int(e->seq)), err) &&
                      nominal_place_again(tx, e, e->seq, false, err));
}

/* Named after the first sighting that has a name, a dated one before an undated; else after its account. */
static bool name_again(Tx *tx, Arena *mem, int64_t id, Err *err)
{
    static const int choices[] = { LINK_BEST_NAMED, LINK_BEST_ACCOUNT };
    Value values[6] = { sql_int(id), sql_text("Name not known"), sql_null(), sql_null(), sql_null(),
                        sql_null() };
    bool more = false;
    for (size_t i = 0; i < COUNT_OF(choices) && !more; i++) {
        CLEANUP(rows_done) Rows rows = {0};
        if (!db_query(tx->db, &link_sql[choices[i]], VALUES(sql_int(id)), &rows, err) ||
            !rows_next(&rows, &more, err))
            return false;
        if (more) {
            for (int col = 0; col < 3; col++)
                values[col + 1] = sql_text(row_copy(&rows, col, mem));
            values[4] = sql_date(row_date(&rows, 3));
            if (str_blank(row_text(&rows, 0)))
                values[1] = sql_text("Name not known");
        }
    }
    CLEANUP(rows_done) Rows work = {0};
    if (!db_query(tx->db, &link_sql[LINK_BEST_WORK], VALUES(sql_int(id)), &work, err) ||
        !rows_next(&work, &more, err))
        return false;
    values[5] = more ? sql_text(row_copy(&work, 0, mem)) : sql_null();
    rows_done(&work);
    return db_run(tx, &link_sql[LINK_NAME_AGAIN], (Values){ values, COUNT_OF(values) }, err);
}

static bool count_again(Tx *tx, const Entry *e, Arena *mem, int64_t id, Err *err)
{
    return db_run(tx, &link_sql[LINK_RECOUNT], VALUES(sql_int(id), sql_int(e->seq)), err)
        && db_run(tx, &link_sql[LINK_SET_CHILDREN], VALUES(sql_int(id), sql_int(e->seq)), err)
        && name_again(tx, mem, id, err);
}

/* The usual case counts on from what is there, so that a thousandth sighting costs no more than the second.
 */
static bool grow(Tx *tx, const Entry *e, Arena *mem, const Sighted *s, int64_t kept, Err *err)
{
    int64_t siblings = 0, files = 0;
    bool found = false;
    if (!db_int(tx->db, &link_sql[LINK_SIBLINGS], VALUES(sql_int(s->referral), sql_int(kept), sql_int(s->id)),
                &siblings, &found, err))
        return false;
    if (siblings || s->superseded)
        return count_again(tx, e, mem, kept, err);
    return files_of(tx, s->id, &files, err) &&
           db_run(tx, &link_sql[LINK_GROW],
                  VALUES(sql_int(kept), sql_int(files), sql_int(s->seen), sql_int(e->seq)), err) &&
           name_again(tx, mem, kept, err);
}

static bool apply_linked(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    Sighted s = {0};
    int64_t kept = 0, holder = json_int(e->body, "holder", e->subject), of_holder = 0;
    if (!sighting_for(tx, mem, e, &s, err) || !nominal_kept(tx->db, e->subject, &kept, err)
        || !nominal_kept(tx->db, holder, &of_holder, err))
        return false;
    if (kept != of_holder)
        return err_set(err, ERR_BUG, "The link's evidence lies with another nominal.");
    return attach(tx, e, &s, holder, kept, err) && grow(tx, e, mem, &s, kept, err) &&
           elimination_end(tx, e, kept, err) && bundle_again(tx, kept, err);
}

/* The keys of one sighting go, except those that others of its holder still offer. */
static bool keys_release(Tx *tx, Arena *mem, const Sighted *gone, int64_t holder, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    int64_t *others = NULL;
    size_t count = 0, cap = 0;
    if (!keys_write(tx, gone, LINK_KEY_DROP, holder, err)
        || !db_query(tx->db, &link_sql[LINK_OF_NOMINAL], VALUES(sql_int(holder)), &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more)
        *arena_push(mem, others, count, cap) = row_int(&rows, 0);
    rows_done(&rows);
    for (size_t i = 0; i < count && err->kind == ERR_NONE; i++) {
        Sighted s = {0};
        if (!sighted_load(tx->db, mem, others[i], &s, err) || !keys_write(tx, &s, LINK_KEY_NEW, holder, err))
            return false;
    }
    return err->kind == ERR_NONE;
}

typedef struct OneLink { int64_t holder, sighting, undone; const char *kind; } OneLink;

static bool link_load(Db *db, Arena *mem, int64_t id, OneLink *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(db, &link_sql[LINK_ONE], VALUES(sql_int(id)), &rows, err) || !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such link.");
    *out = (OneLink){ row_int(&rows, 0), row_int(&rows, 1), row_int(&rows, 3), row_copy(&rows, 2, mem) };
    return true;
}

static bool apply_unlinked(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    OneLink link = {0};
    Sighted gone = {0};
    int64_t id = json_int(e->body, "link", 0), kept = 0;
    if (!link_load(tx->db, mem, id, &link, err) || !nominal_kept(tx->db, link.holder, &kept, err))
        return false;
    if (link.undone)
        return err_set(err, ERR_CONFLICT, "That link has already been undone.");
    return sighted_load(tx->db, mem, link.sighting, &gone, err)
        && db_run(tx, &link_sql[LINK_UNDO], VALUES(sql_int(id), sql_int(e->seq)), err)
        && db_run(tx, &link_sql[LINK_DETACH], VALUES(sql_int(link.sighting)), err)
        && db_run(tx, &link_sql[LINK_PLACES_LOOSE], VALUES(sql_int(link.sighting)), err)
        && keys_release(tx, mem, &gone, link.holder, err)
        && count_again(tx, e, mem, kept, err)
        && bundle_again(tx, kept, err)
        && nominal_place_again(tx, e, kept, true, err);
}

/* A closed matter does not close what has just turned out to be open. */
static const char *stage_of_both(const char *kept, const char *merged)
{
    if (str_same(kept, "closed") || str_same(merged, "closed"))
        return str_same(kept, "closed") ? merged : kept;
    return stage_order(merged) > stage_order(kept) ? merged : kept;
}

static const char *status_of_both(const char *kept, const char *merged)
{
    static const char *const order[] = {
        "eliminated", "victim", "reported", "suspect", "charged", "convicted"
    };
    size_t k = 0, m = 0;
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        k = str_same(order[i], kept) ? i : k;
        m = str_same(order[i], merged) ? i : m;
    }
    return order[k > m ? k : m];
}

static bool state_write(Tx *tx, const Entry *e, int64_t id, const char *stage, const char *status, Err *err)
{
    return nominal_set_stage(tx, e, id, stage, err) && nominal_set_status(tx, e, id, status, err);
}

/* Two counts add up unless a referral speaks of both: then all is counted again. Must run before the
 * sightings move. */
static bool counts_add_up(Tx *tx, int64_t kept, int64_t merged, bool *add_up, Err *err)
{
    int64_t shared = 0;
    bool found = false;
    if (!db_int(tx->db, &link_sql[LINK_MERGE_SHARED], VALUES(sql_int(kept), sql_int(merged)), &shared, &found,
                err))
        return false;
    *add_up = shared == 0;
    return true;
}

static bool count_both(Tx *tx, const Entry *e, Arena *mem, int64_t kept, int64_t merged, bool add_up,
                       Err *err)
{
    if (!add_up)
        return count_again(tx, e, mem, kept, err);
    return db_run(tx, &link_sql[LINK_MERGE_ADD], VALUES(sql_int(kept), sql_int(merged), sql_int(e->seq)), err)
        && name_again(tx, mem, kept, err);
}

/* What is open about one of two is open about both. The statuses themselves are written by the merge. */
static bool elimination_close(Tx *tx, const Entry *e, int64_t kept, int64_t merged, Err *err)
{
    return db_run(tx, &link_sql[LINK_ELIMINATION_END], VALUES(sql_int(kept), sql_int(e->seq)), err) &&
           db_run(tx, &link_sql[LINK_ELIMINATION_END], VALUES(sql_int(merged), sql_int(e->seq)), err);
}

static bool apply_merged(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    int64_t kept = e->subject, merged = json_int(e->body, "merged", 0), top_kept = 0, top_merged = 0;
    NominalState k = {0}, m = {0};
    if (!nominal_kept(tx->db, kept, &top_kept, err) || !nominal_kept(tx->db, merged, &top_merged, err)
        || !nominal_state(tx->db, mem, kept, &k, err) || !nominal_state(tx->db, mem, merged, &m, err))
        return false;
    if (kept == merged || top_kept != kept || top_merged != merged)
        return err_set(err, ERR_CONFLICT, "One of the two was merged meanwhile.") ||
               err_hint(err, "Reload and look again.");
    if (k.operation != m.operation)
        return err_set(err, ERR_INVALID, "Nominals of two operations cannot be merged.");
    const char *stage = stage_of_both(k.stage, m.stage), *status = status_of_both(k.status, m.status);
    bool open = !str_same(status, "eliminated");
    bool add_up = false;
    return counts_add_up(tx, kept, merged, &add_up, err) &&
           db_run(tx, &link_sql[LINK_MERGE_SIGHTINGS], VALUES(sql_int(kept), sql_int(merged)), err) &&
           db_run(tx, &link_sql[LINK_MERGE_PLACES], VALUES(sql_int(kept), sql_int(merged)), err) &&
           db_run(tx, &link_sql[LINK_MERGE_NEW],
                  VALUES(sql_int(e->seq), sql_int(kept), sql_int(merged),
                         sql_text(json_text(e->body, "reason")), sql_text(k.stage), sql_text(stage),
                         sql_text(k.status), sql_text(status), sql_id(json_int(e->body, "decision", 0)),
                         sql_id(json_int(e->body, "pair", 0))),
                  err) &&
           db_run(tx, &pairs_sql[PAIRS_FOLLOW], VALUES(sql_int(kept), sql_int(merged)), err) &&
           clock_stop_all(tx, e, merged, "nominal.",
                          str_fmt(mem, "Merged into %s", ref_write(mem, 'N', kept)), err) &&
           clock_stop_all(tx, e, merged, "band.", "Merged", err) &&
           db_run(tx, &link_sql[LINK_MERGE_MARK], VALUES(sql_int(merged), sql_int(kept), sql_int(e->seq)),
                  err) &&
           db_run(tx, &link_sql[LINK_ELIMINATION_DROP], VALUES(sql_int(merged), sql_int(e->seq)), err) &&
           (!open || elimination_close(tx, e, kept, merged, err)) &&
           state_write(tx, e, kept, stage, status, err) &&
           count_both(tx, e, mem, kept, merged, add_up, err) && bundle_again(tx, kept, err) &&
           bundle_again(tx, merged, err) && nominal_place_again(tx, e, kept, false, err);
}

typedef struct OneMerge { int64_t kept, merged, undone; const char *stage[2], *status[2]; } OneMerge;

static bool merge_load(Db *db, Arena *mem, int64_t id, OneMerge *out, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    if (!db_query(db, &link_sql[LINK_MERGE_ONE], VALUES(sql_int(id)), &r, err) || !rows_next(&r, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such merge.");
    *out = (OneMerge){ row_int(&r, 0),
                       row_int(&r, 1),
                       row_int(&r, 2),
                       { row_copy(&r, 3, mem), row_copy(&r, 4, mem) },
                       { row_copy(&r, 5, mem), row_copy(&r, 6, mem) } };
    return true;
}

/* The kept one gets back what the merge changed, unless work went on from there. */
static bool state_back(Tx *tx, const Entry *e, Arena *mem, const OneMerge *m, int64_t kept, Err *err)
{
    NominalState now = {0};
    if (!nominal_state(tx->db, mem, kept, &now, err))
        return false;
    return state_write(tx, e, kept, str_same(now.stage, m->stage[1]) ? m->stage[0] : now.stage,
                       str_same(now.status, m->status[1]) ? m->status[0] : now.status, err);
}

static bool apply_unmerged(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    OneMerge m = {0};
    int64_t id = json_int(e->body, "merge", 0), kept = 0;
    if (!merge_load(tx->db, mem, id, &m, err))
        return false;
    if (m.undone)
        return err_set(err, ERR_CONFLICT, "That merge has already been taken back.");
    return nominal_kept(tx->db, m.kept, &kept, err)
        && db_run(tx, &link_sql[LINK_MERGE_UNDO], VALUES(sql_int(id), sql_int(e->seq)), err)
        && db_run(tx, &link_sql[LINK_MERGE_MARK], VALUES(sql_int(m.merged), sql_null(), sql_int(e->seq)), err)
        && db_run(tx, &link_sql[LINK_UNMERGE_SIGHTINGS], VALUES(sql_int(m.merged)), err)
        && db_run(tx, &link_sql[LINK_UNMERGE_PLACES], VALUES(sql_int(m.merged)), err)
        && db_run(tx, &pairs_sql[PAIRS_PART], VALUES(sql_int(m.merged), sql_int(kept)), err)
        && (!json_bool(e->body, "apart", true) || apart_add(tx, e, m.kept, m.merged, err))
        && state_back(tx, e, mem, &m, kept, err)
        && db_run(tx, &link_sql[LINK_ELIMINATION_BACK],
                  VALUES(sql_int(id), sql_int(e->seq), sql_int(kept), sql_int(m.merged)), err)
        && count_again(tx, e, mem, kept, err) && count_again(tx, e, mem, m.merged, err)
        && bundle_again(tx, kept, err) && bundle_again(tx, m.merged, err)
        && nominal_place_again(tx, e, kept, true, err) && nominal_place_again(tx, e, m.merged, true, err);
}

static bool apply_apart(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    return apart_add(tx, e, e->subject, json_int(e->body, "other", 0), err);
}

static bool apply_named(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    int64_t id = 0;
    Date born = DATE_NONE;
    const char *said = json_text(e->body, "born");
    if (said && !date_parse(str_of(said), &born))
        return err_set(err, ERR_INVALID, "That is not a date.");
    return nominal_kept(tx->db, e->subject, &id, err) &&
           db_run(tx, &link_sql[LINK_NAME_DECIDED],
                  VALUES(sql_int(id), sql_text(json_text(e->body, "name")),
                         sql_text(json_text(e->body, "given")), sql_text(json_text(e->body, "family")),
                         sql_date(born), sql_int(e->seq)),
                  err);
}

static bool apply_restricted(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    return nominal_set_restricted(tx, e, e->subject, json_bool(e->body, "restricted", true), err);
}

static const Field opened_fields[] = {
    { "sighting", REQUIRED, FIELD_ID }, { "kind", REQUIRED, FIELD_TEXT }, { "reason", REQUIRED, FIELD_TEXT },
    { "apart_from", OPTIONAL, FIELD_ID }, {0} };
static const Field linked_fields[] = {
    { "sighting", REQUIRED, FIELD_ID }, { "kind", REQUIRED, FIELD_TEXT }, { "reason", REQUIRED, FIELD_TEXT },
    { "holder", OPTIONAL, FIELD_ID }, {0} };
static const Field unlinked_fields[] = { { "link", REQUIRED, FIELD_ID },
                                         { "reason", REQUIRED, FIELD_TEXT },
                                         { 0 } };
/* decision: the link.decided it carries out. pair, weight, model: what weighing joined by itself. */
static const Field merged_fields[] = {
    { "merged", REQUIRED, FIELD_ID },   { "reason", REQUIRED, FIELD_TEXT }, { "decision", OPTIONAL, FIELD_ID },
    { "pair", OPTIONAL, FIELD_ID },     { "weight", OPTIONAL, FIELD_INT },  { "model", OPTIONAL, FIELD_TEXT },
    { 0 } };
/* apart false: a decision was undone, which says nothing about the two. */
static const Field unmerged_fields[] = { { "merge", REQUIRED, FIELD_ID },
                                         { "reason", REQUIRED, FIELD_TEXT },
                                         { "apart", OPTIONAL, FIELD_BOOL },
                                         { 0 } };
static const Field apart_fields[] = { { "other", REQUIRED, FIELD_ID },
                                      { "reason", REQUIRED, FIELD_TEXT },
                                      { 0 } };
static const Field named_fields[] = {
    { "name", REQUIRED, FIELD_TEXT }, { "given", OPTIONAL, FIELD_TEXT }, { "family", OPTIONAL, FIELD_TEXT },
    { "born", OPTIONAL, FIELD_DATE }, { "reason", REQUIRED, FIELD_TEXT }, {0} };
static const Field restricted_fields[] = {
    { "restricted", REQUIRED, FIELD_BOOL }, { "reason", REQUIRED, FIELD_TEXT }, {0} };

const Kind link_kinds[] = {
    { "nominal.apart", "Decided that two nominals are not one person", apart_fields, apply_apart, false,
      false },
    { "nominal.linked", "Sighting linked to the nominal", linked_fields, apply_linked, false, false },
    { "nominal.merged", "Two nominals found to be one person", merged_fields, apply_merged, false, false },
    { "nominal.named", "Nominal named", named_fields, apply_named, false, false },
    { "nominal.opened", "Nominal opened for a sighting", opened_fields, apply_opened, true, false },
    { "nominal.restricted", "Need-to-know set or lifted", restricted_fields, apply_restricted, false, false },
    { "nominal.unlinked", "Link undone", unlinked_fields, apply_unlinked, false, false },
    { "nominal.unmerged", "Merge taken back", unmerged_fields, apply_unmerged, false, false },
    { 0 },
};
