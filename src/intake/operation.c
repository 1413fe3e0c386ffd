#include "intake/operation.h"
#include "base/zone.h"
#include "intake/operation_sql.h"

static bool apply_opened(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    const Json *b = e->body;
    return db_run(tx, &operation_sql[OPERATION_NEW],
                  VALUES(sql_int(e->seq), sql_int(e->agency), sql_text(json_text(b, "name")),
                         sql_text(json_text(b, "lawful_basis")), sql_text(json_text(b, "document")),
                         sql_text(json_text(b, "necessity")), sql_text(json_text(b, "proportionality")),
                         sql_text(json_text(b, "authorised_by")), sql_text(json_text(b, "classification")),
                         sql_text(json_text(b, "handling")), sql_text(json_text(b, "handling_conditions")),
                         sql_int(json_int(b, "from", 0)), sql_int(json_int(b, "until", 0)),
                         sql_bool(json_bool(b, "exercise", false))),
                  err);
}

static bool apply_closed(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    (void)mem;
    return db_run(tx, &operation_sql[OPERATION_CLOSE], VALUES(sql_int(e->subject), sql_int(e->at)), err);
}

static const Field opened_fields[] = {
    { "name", REQUIRED, FIELD_TEXT },
    { "lawful_basis", REQUIRED, FIELD_TEXT },
    { "document", REQUIRED, FIELD_TEXT },
    { "necessity", REQUIRED, FIELD_TEXT },
    { "proportionality", REQUIRED, FIELD_TEXT },
    { "authorised_by", REQUIRED, FIELD_TEXT },
    { "classification", REQUIRED, FIELD_TEXT },
    { "handling", REQUIRED, FIELD_TEXT },
    { "handling_conditions", REQUIRED, FIELD_TEXT },
    { "exercise", REQUIRED, FIELD_BOOL },
    { "from", REQUIRED, FIELD_INSTANT },
    { "until", REQUIRED, FIELD_INSTANT },
    { 0 },
};
static const Field closed_fields[] = { { "reason", REQUIRED, FIELD_TEXT }, { 0 } };
const Kind operation_kinds[] = {
    { "operation.opened", "Operation opened under its lawful basis", opened_fields, apply_opened, true,
      false },
    { "operation.closed", "Operation closed", closed_fields, apply_closed, false, false },
    { 0 },
};

/* What an authority must say, and what is assumed when it does not. */
static const struct {
    const char *key, *otherwise;
} authority_parts[] = {
    { "name", NULL },
    { "lawful_basis", NULL },
    { "document", NULL },
    { "necessity", NULL },
    { "proportionality", NULL },
    { "authorised_by", NULL },
    { "classification", "OFFICIAL-SENSITIVE" },
    { "handling", "P" },
    { "handling_conditions", "" },
};

static bool authority_date(const Json *from, const char *key, int day_offset, Json *body, Err *err)
{
    Date d;
    const char *text = json_text(from, key);
    if (!text || !date_parse(str_of(text), &d))
        return err_set(err, ERR_INVALID, "The authority needs \"%s\" as a date (YYYY-MM-DD).", key);
    json_set_int(body, key, london_start(d + day_offset));
    return true;
}

static bool authority_read(Str json, Json *body, Err *err)
{
    CLEANUP(json_done) Json *from = NULL;
    if (!json_read(json, &from, err))
        return err_while(err, "reading the authority");
    FOR_EACH (part, authority_parts) {
        const char *text = json_text(from, part->key);
        if (str_blank(text) && !part->otherwise)
            return err_set(err, ERR_INVALID, "The authority does not say \"%s\".", part->key) ||
                   err_hint(err, "An operation needs its whole lawful basis before anything is taken in.");
        json_set_text(body, part->key, text ? text : part->otherwise);
    }
    json_set_bool(body, "exercise", json_bool(from, "exercise", false));
    /* The authority runs to the end of its last day. */
    return authority_date(from, "from", 0, body, err) && authority_date(from, "until", 1, body, err);
}

bool operation_open(Ledger *ledger, Db *db, const Hand *hand, Str json, int64_t *id, Err *err)
{
    CLEANUP(json_done) Json *body = json_new_object();
    int64_t other = 0;
    bool taken = false;
    if (!authority_read(json, body, err))
        return false;
    if (json_int(body, "until", 0) <= json_int(body, "from", 0))
        return err_set(err, ERR_INVALID, "The authority ends before it begins.");
    if (!db_int(db, &operation_sql[OPERATION_NAMED], VALUES(sql_text(json_text(body, "name"))), &other,
                &taken, err))
        return false;
    if (taken)
        return err_set(err, ERR_CONFLICT, "An operation of that name is open already.");
    return ledger_record(ledger, hand, "operation.opened", 0, json_keep(body), id, err);
}

bool operation_close(Ledger *ledger, const Hand *hand, int64_t id, const char *reason, Err *err)
{
    Json *body = json_new_object();
    json_set_text(body, "reason", str_blank(reason) ? "" : reason);
    return ledger_record(ledger, hand, "operation.closed", id, body, NULL, err);
}

static Operation read_row(const Rows *r, Arena *mem)
{
    return (Operation){
        .id = row_int(r, 0),
        .lead_agency = row_int(r, 1),
        .name = row_copy(r, 2, mem),
        .basis = row_copy(r, 3, mem),
        .document = row_copy(r, 4, mem),
        .necessity = row_copy(r, 5, mem),
        .proportionality = row_copy(r, 6, mem),
        .authorised_by = row_copy(r, 7, mem),
        .classification = row_copy(r, 8, mem),
        .handling = row_copy(r, 9, mem),
        .handling_conditions = row_copy(r, 10, mem),
        .opened = row_int(r, 11),
        .until = row_int(r, 12),
        .closed = row_when(r, 13),
        .exercise = row_bool(r, 14),
    };
}

static bool read_all(Db *db, Arena *mem, int sql, Operation **out, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows rows = { 0 };
    size_t cap = 0;
    bool more = false;
    *out = NULL;
    *count = 0;
    if (!db_query(db, &operation_sql[sql], NO_VALUES, &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more)
        *arena_push(mem, *out, *count, cap) = read_row(&rows, mem);
    return err->kind == ERR_NONE;
}

bool operation_list(Db *db, Arena *mem, Operation **out, size_t *count, Err *err)
{
    return read_all(db, mem, OPERATION_ALL, out, count, err);
}

bool operation_current(Db *db, Arena *mem, Operation *out, Err *err)
{
    Operation *all = NULL;
    size_t n = 0;
    if (!read_all(db, mem, OPERATION_CURRENT, &all, &n, err))
        return false;
    if (!n) {
        err_set(err, ERR_NOT_FOUND, "No operation is open.");
        return err_hint(err, "Open one under its lawful basis: muster operation open --file authority.json");
    }
    *out = all[0];
    return true;
}

bool operation_live(const Operation *o, Instant at, Err *err)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    if (o->closed != INSTANT_NONE)
        return err_set(err, ERR_DENIED, "That operation is closed: nothing more may be taken in.");
    if (at >= o->until)
        return err_set(err, ERR_DENIED, "The operation's authority ended on %s.",
                       date_words(&mem, london_date(o->until - 1))) ||
               err_hint(err, "A renewed authority is needed before anything more is taken in.");
    if (at < o->opened)
        return err_set(err, ERR_DENIED, "The operation's authority begins on %s.",
                       date_words(&mem, london_date(o->opened)));
    return true;
}
