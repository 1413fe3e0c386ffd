/* returns.c: finding where returned rows belong, and settling them. */
#include "operate/returns.h"
#include "access/access.h"
#include "base/ref.h"
#include "base/zone.h"
#include "dispatch/package_apply.h"
#include "link/nominal.h"
#include "link/nominal_apply.h"
#include "operate/operate_sql.h"

#define SQL(name) (&operate_sql[OPERATE_##name])

/* ---- a row ---- */

bool return_row_read(Db *db, Arena *mem, int64_t id, ReturnRow *out, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    *out = (ReturnRow){ .on = DATE_NONE };
    if (!db_query(db, SQL(RETURN), VALUES(sql_int(id)), &r, err) || !rows_next(&r, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_BUG, "There is no returned row %lld.", (long long)id);
    *out = (ReturnRow){
        .id = row_int(&r, 0),
        .file = row_int(&r, 1),
        .line = row_int(&r, 2),
        .operation = row_int(&r, 3),
        .force = row_copy(&r, 4, mem),
        .event = row_copy(&r, 5, mem),
        .subject_ref = row_copy(&r, 6, mem),
        .ref = row_copy(&r, 7, mem),
        .state = row_copy(&r, 8, mem),
        .text = row_copy(&r, 9, mem),
        .on = DATE_NONE,
    };
    if (!json_read(str_of(out->text), &out->row, err))
        return err_while(err, "reading a returned row");
    (void)date_parse(str_of(json_text(out->row, "date")), &out->on);
    return true;
}

void return_row_done(ReturnRow *row) { json_done(&row->row); }

/* ---- days and instants ---- */

bool nation_of(Db *db, Arena *mem, int64_t agency, const char **nation, Err *err)
{
    Agency a = {0};
    if (!agency_by_id(db, mem, agency, &a, err))
        return false;
    *nation = str_same(a.nation, "scotland") || str_same(a.nation, "northern-ireland") ? a.nation : "";
    return true;
}

Instant event_start(Date on, Instant recorded)
{
    return on == london_date(recorded) ? recorded : london_start(on);
}

bool due_or_none(const ClockRules *rules, const char *kind, const char *band, const char *nation,
                 Instant from, Instant *due, Err *err)
{
    *due = INSTANT_NONE;
    if (clock_due(rules, kind, band, nation, from, due, err))
        return true;
    if (err->kind != ERR_INVALID)
        return false;
    err_clear(err);
    *due = INSTANT_NONE;
    return true;
}

/* ---- where a row belongs ---- */

static bool force_find(Db *db, Arena *mem, const ReturnRow *row, ReturnPlace *place, Err *err)
{
    Agency a = {0};
    if (!agency_by_short(db, mem, row->force, &a, err)) {
        if (err->kind != ERR_NOT_FOUND)
            return false;
        err_clear(err);
        place->refused = "The force is not one that is known here.";
        return true;
    }
    if (!str_same(a.kind, "force")) {
        place->refused = "The agency named as the force is not a force.";
        return true;
    }
    place->force = a.id;
    return nation_of(db, mem, a.id, &place->nation, err);
}

/* A package reference this installation gave. *is false: the text is something else, such as a source's
 * number. */
static bool package_find(Db *db, Arena *mem, const ReturnRow *row, ReturnPlace *place, bool *is, Err *err)
{
    PackageHolder holder = {0};
    Err ignored = {0};
    bool found = false;
    *is = false;
    if (!ref_read(str_of(row->subject_ref), 'P', &place->package, &ignored)) {
        place->package = 0;
        return true;
    }
    if (!package_holder(db, mem, place->package, &holder, &found, err))
        return false;
    *is = found;
    if (!found)
        place->package = 0;
    else if (holder.force != place->force)
        place->refused = "The package is not with this force.";
    else
        place->nominal = holder.nominal;
    return true;
}

static bool subject_find(Db *db, Arena *mem, const ReturnRow *row, ReturnPlace *place, Err *err)
{
    bool is_package = false;
    if (!package_find(db, mem, row, place, &is_package, err))
        return false;
    if (place->refused)
        return true;
    if (!is_package && !nominal_of_source(db, row->operation, row->subject_ref, &place->nominal, err))
        return false;
    if (place->nominal == 0) {
        place->waits = "Nobody has sent the reference of its subject yet.";
        return true;
    }
    return nominal_kept(db, place->nominal, &place->nominal, err)
        && (is_package || package_of_force(db, place->nominal, place->force, &place->package, err));
}

static bool band_find(Db *db, Arena *mem, ReturnPlace *place, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    if (!db_query(db, SQL(BAND), VALUES(sql_int(place->nominal)), &r, err) || !rows_next(&r, &more, err))
        return false;
    place->band = more ? row_copy(&r, 0, mem) : "";
    return true;
}

static bool place_find(Db *db, Arena *mem, const ReturnRow *row, ReturnPlace *place, Err *err)
{
    *place = (ReturnPlace){ .nation = "", .band = "" };
    if (row->on == DATE_NONE) {
        place->refused = "The date cannot be read.";
        return true;
    }
    return force_find(db, mem, row, place, err)
        && (place->refused || subject_find(db, mem, row, place, err))
        && (place->refused || place->waits || band_find(db, mem, place, err));
}

/* ---- the run ---- */

typedef struct Batch {
    const ReturnsJob *job;
    const ClockRules *rules;
    const Hand *hand;
    const char *state;                   /* waiting, then pending */
    int64_t after;
    size_t read, placed, still;
} Batch;

static Json *item_of(const ReturnRow *row, const ReturnPlace *place)
{
    Json *item = json_new_object();
    json_set_int(item, "row", row->id);
    json_set_int(item, "force", place->force);
    json_set_int(item, "nominal", place->nominal);
    if (place->package)
        json_set_int(item, "package", place->package);
    return item;
}

static Json *item_unplaced(const ReturnRow *row, const ReturnPlace *place)
{
    Json *item = json_new_object();
    json_set_int(item, "row", row->id);
    json_set_text(item, "refused", place->refused);
    json_set_text(item, "waits", place->refused ? NULL : place->waits);
    return item;
}

static bool row_resolve(Tx *tx, Arena *mem, Batch *b, int64_t id, Json *items, Err *err)
{
    CLEANUP(return_row_done) ReturnRow row = {0};
    CLEANUP(json_done) Json *item = NULL;
    ReturnPlace place;
    ReturnsRun run = { b->rules, b->hand, items };
    if (!return_row_read(tx->db, mem, id, &row, err) || !place_find(tx->db, mem, &row, &place, err))
        return false;
    if (!place.refused && !place.waits) {
        item = item_of(&row, &place);
        if (!b->job->fill(tx->db, mem, &run, &row, &place, item, err))
            return false;
    }
    if (place.waits && !place.refused) {
        b->still++;
        if (str_same(row.state, "pending"))          /* nothing new to say about it */
            return true;
    }
    if (place.refused || place.waits)
        json_push(items, item_unplaced(&row, &place));
    else {
        b->placed++;
        json_push(items, json_keep(item));
    }
    return true;
}

static bool ids_next(Tx *tx, const Batch *b, int64_t *ids, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    *count = 0;
    if (!db_query(
            tx->db, b->job->children ? SQL(NEXT_CHILDREN) : SQL(NEXT_ACTIONS),
            VALUES(sql_text(b->state), sql_id(b->hand->operation), sql_int(b->after), sql_int(RETURNS_BATCH)),
            &rows, err))
        return false;
    for (;;) {
        if (!rows_next(&rows, &more, err))
            return false;
        if (!more)
            return true;
        ids[(*count)++] = row_int(&rows, 0);
    }
}

static bool batch_run(Tx *tx, void *ctx, Err *err)
{
    Batch *b = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(json_done) Json *body = json_new_object();
    Json *items = json_new_list();
    int64_t ids[RETURNS_BATCH];
    Instant due = INSTANT_NONE;
    json_set(body, "rows", items);
    if (!ids_next(tx, b, ids, &b->read, err) ||
        !due_or_none(b->rules, "pending-row.place", "", "", b->hand->at, &due, err))
        return false;
    if (due != INSTANT_NONE)
        json_set_int(body, "due_pending", due);
    for (size_t i = 0; i < b->read; i++, b->after = ids[i - 1])
        if (!row_resolve(tx, &mem, b, ids[i], items, err))
            return err_while(err, "placing returned row %lld", (long long)ids[i]);
    return json_count(items) == 0 || ledger_append(tx, b->hand, b->job->kind, 0, json_keep(body), NULL, err);
}

bool returns_run(Ledger *ledger, const ClockRules *rules, const Hand *hand, const ReturnsJob *job,
                 size_t *placed, size_t *pending, Err *err)
{
    static const char *const states[] = { "waiting", "pending" };
    *placed = *pending = 0;
    FOR_EACH(state, states) {
        Batch b = { .job = job, .rules = rules, .hand = hand, .state = *state };
        do {
            b.still = 0;
            b.placed = 0;
            if (!writer_run(ledger_store(ledger), batch_run, &b, err))
                return err_while(err, "placing what forces returned");
            *placed += b.placed;
            if (str_same(*state, "pending"))         /* those just found to wait are counted there too */
                *pending += b.still;
        } while (b.read == RETURNS_BATCH);
    }
    return true;
}

/* ---- inside apply ---- */

static bool file_waits(Tx *tx, const Entry *e, const ReturnRow *row, Err *err)
{
    int64_t owner = 0, running = 0;
    bool found = false, runs = false;
    Instant due = json_int(e->body, "due_pending", INSTANT_NONE);
    if (due == INSTANT_NONE ||
        !db_int(tx->db, SQL(FILE_OWNER), VALUES(sql_int(row->file)), &owner, &found, err) ||
        !db_int(tx->db, SQL(RUNNING), VALUES(sql_int(row->file), sql_text("pending-row.place")), &running,
                &runs, err))
        return err->kind == ERR_NONE;
    ClockStart s = { "pending-row.place", row->file, 'F', 0, 0, owner, due };
    return runs || clock_start(tx, e, &s, err);
}

static bool file_waits_no_more(Tx *tx, const Entry *e, const ReturnRow *row, Err *err)
{
    int64_t left = 0;
    bool found = false;
    return db_int(tx->db, SQL(FILE_PENDING), VALUES(sql_int(row->file)), &left, &found, err)
        && (left > 0 || clock_stop(tx, e, row->file, "pending-row.place", "Every row is placed", err));
}

static bool item_apply(Tx *tx, const Entry *e, Arena *mem, const Json *item, ReturnPut *put, void *ctx,
                       Err *err)
{
    CLEANUP(return_row_done) ReturnRow row = {0};
    Settled settled = SETTLED_TAKEN;
    const char *reason = NULL, *refused = json_text(item, "refused"), *waits = json_text(item, "waits");
    if (!return_row_read(tx->db, mem, json_int(item, "row", 0), &row, err))
        return false;
    if (refused || waits) {
        settled = refused ? SETTLED_REJECTED : SETTLED_PENDING;
        reason = refused ? refused : waits;
    } else if (!put(ctx, tx, e, &row, item, &settled, &reason, err)) {
        return err_while(err, "placing returned row %lld", (long long)row.id);
    }
    if (!intake_return_settle(tx, e, row.id, settled, reason, err))
        return false;
    if (settled == SETTLED_PENDING)
        return file_waits(tx, e, &row, err);
    return !str_same(row.state, "pending") || file_waits_no_more(tx, e, &row, err);
}

bool returns_apply(Tx *tx, const Entry *e, Arena *mem, ReturnPut *put, void *ctx, Err *err)
{
    const Json *items = json_get(e->body, "rows");
    for (size_t i = 0; i < json_count(items); i++)
        if (!item_apply(tx, e, mem, json_at(items, i), put, ctx, err))
            return false;
    return true;
}

const Field returns_fields[] = { { "rows", REQUIRED, FIELD_LIST },
                                 { "due_pending", OPTIONAL, FIELD_INSTANT },
                                 { 0 } };
