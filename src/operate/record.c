/* record.c: one action from a form. It takes the shape of a row of a file, so that both are read and settled
 * alike. */
#include "dispatch/hand.h"
#include "dispatch/package_apply.h"
#include "link/nominal_apply.h"
#include "operate/inside.h"
#include "operate/returns.h"

static bool state_known(const ActionKind *kind, const char *state)
{
    if (!kind->states[0])
        return true;
    if (str_blank(state))
        return !str_same(kind->needs[0], "state");
    FOR_EACH(s, kind->states)
        if (*s && str_same(*s, state))
            return true;
    return false;
}

static bool needs_met(const ActionKind *kind, const Json *row, Err *err)
{
    FOR_EACH(need, kind->needs)
        if (*need && str_blank(json_text(row, *need)))
            return err_set(err, ERR_INVALID, "%s: %s is missing.", kind->says, *need);
    return true;
}

static bool input_check(const ActionInput *in, const Json *row, Err *err)
{
    const ActionKind *kind = action_kind(in->kind);
    if (!kind)
        return err_set(err, ERR_INVALID, "That is not something a force can record.");
    if (in->on == DATE_NONE)
        return err_set(err, ERR_INVALID, "The date it happened is missing.");
    if (str_blank(in->ref))
        return err_set(err, ERR_INVALID, "The force's own reference is missing.");
    if (in->quantity < 0)
        return err_set(err, ERR_INVALID, "The quantity cannot be less than none.");
    if (!state_known(kind, in->state))
        return err_set(err, ERR_INVALID, "%s cannot have that state.", kind->says);
    return needs_met(kind, row, err);
}

static bool detail_copy(void *ctx, const char *key, const Json *value)
{
    json_set(ctx, key, json_keep((Json *)value));
    return true;
}

static Json *row_of(const ActionInput *in, Arena *mem)
{
    Json *row = json_new_object();
    if (in->detail)
        (void)json_each(in->detail, detail_copy, row);
    json_set_text(row, "event", in->kind);
    json_set_text(row, "ref", in->ref);
    json_set_text(row, "date", date_iso(mem, in->on));
    json_set_text(row, "place", str_blank(in->place) ? NULL : in->place);
    json_set_text(row, "state", str_blank(in->state) ? NULL : in->state);
    if (in->quantity > 0)
        json_set_text(row, "quantity", str_fmt(mem, "%lld", (long long)in->quantity));
    json_set_text(row, "registered_offender", in->registered ? "yes" : NULL);
    json_set_text(row, "position_of_trust", in->position_of_trust ? "yes" : NULL);
    return row;
}

typedef struct Recording {
    const ClockRules *rules;
    const Hand *hand;
    const ActionInput *in;
    int64_t *id;
} Recording;
typedef struct Target { int64_t nominal, package, operation; const char *band; } Target;

static bool nominal_find(Db *db, Arena *mem, int64_t id, Target *t, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    if (!nominal_kept(db, id, &t->nominal, err)) {
        if (err->kind != ERR_BUG)
            return false;
        err_clear(err);
        return err_set(err, ERR_NOT_FOUND, "There is no such nominal.");
    }
    if (!db_query(db, SQL(BAND), VALUES(sql_int(t->nominal)), &r, err) || !rows_next(&r, &more, err))
        return false;
    t->band = more ? row_copy(&r, 0, mem) : "";
    return true;
}

static bool target_find(Db *db, Arena *mem, const ActionInput *in, Target *t, Err *err)
{
    PackageHolder holder = {0};
    bool found = false;
    if (!nominal_find(db, mem, in->nominal, t, err))
        return false;
    if (in->package == 0)
        return package_of_force(db, t->nominal, in->force, &t->package, err);
    int64_t whose = 0;
    if (!package_holder(db, mem, in->package, &holder, &found, err))
        return false;
    if (!found || holder.force != in->force)
        return err_set(err, ERR_NOT_FOUND, "There is no such package with this force.");
    t->package = in->package;
    return nominal_kept(db, holder.nominal, &whose, err)
        && (whose == t->nominal || err_set(err, ERR_INVALID, "The package is about someone else."));
}

static bool record_run(Tx *tx, void *ctx, Err *err)
{
    const Recording *r = ctx;
    const ActionInput *in = r->in;
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(json_done) Json *body = json_new_object();
    Json *row = row_of(in, &mem);
    Target t = {0};
    const char *nation = NULL;
    bool found = false;
    json_set(body, "row", row);
    if (!input_check(in, row, err) || !hand_may(tx->db, r->hand, PERM_ACTION_RECORD, in->force, err)
        || !target_find(tx->db, &mem, in, &t, err) || !nation_of(tx->db, &mem, in->force, &nation, err))
        return false;
    json_set_int(body, "nominal", t.nominal);
    json_set_int(body, "force", in->force);
    if (t.package)
        json_set_int(body, "package", t.package);
    ActDues with = { r->rules, nation, t.band, r->hand->at };
    return act_dues(&with, row, body, err) &&
           ledger_append(tx, r->hand, "action.recorded", 0, json_keep(body), NULL, err) &&
           (!r->id || db_int(tx->db, SQL(LIVE),
                             VALUES(sql_int(in->force), sql_text(in->kind), sql_text(in->ref)), r->id, &found,
                             err));
}

bool action_record(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand, const ActionInput *in,
                   int64_t *id, Err *err)
{
    Recording r = { rules, hand, in, id };
    (void)db;
    if (id)
        *id = 0;
    return writer_run(ledger_store(ledger), record_run, &r, err) || err_while(err, "recording an action");
}

bool action_list(Db *db, Arena *mem, int64_t nominal, ActionRow **out, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    size_t cap = 0;
    bool more = false;
    *out = NULL;
    *count = 0;
    if (!db_query(db, SQL(LIST), VALUES(sql_int(nominal)), &r, err))
        return err_while(err, "listing actions");
    for (;;) {
        if (!rows_next(&r, &more, err))
            return err_while(err, "listing actions");
        if (!more)
            return true;
        *arena_push(mem, *out, *count, cap) = (ActionRow){
            .id = row_int(&r, 0),
            .nominal = row_int(&r, 1),
            .package = row_int(&r, 2),
            .force = row_int(&r, 3),
            .entry = row_int(&r, 4),
            .file = row_int(&r, 5),
            .line = row_int(&r, 6),
            .kind = row_copy(&r, 7, mem),
            .ref = row_copy(&r, 8, mem),
            .place = row_copy(&r, 9, mem),
            .state = row_copy(&r, 10, mem),
            .detail = row_copy(&r, 11, mem),
            .force_tile = row_copy(&r, 12, mem),
            .nominal_name = row_copy(&r, 13, mem),
            .says = action_says(mem, row_text(&r, 7), row_text(&r, 10)),
            .on = row_date(&r, 14),
            .quantity = row_int(&r, 15),
            .first_arrest = row_bool(&r, 16),
            .corrected = row_bool(&r, 17),
        };
    }
}
