/* people.c: agencies, people, their passwords, and who may see a restricted record. */
#include <string.h>
#include "access/access.h"
#include "access/access_sql.h"
#include "access/inside.h"
#include "access/password.h"
#include "base/csv.h"
#include "base/limits.h"

enum { NAME_MAX_BYTES = 200, PURPOSE_MAX_BYTES = 500 };

/* ---- agencies ---- */

enum { COL_SHORT, COL_KIND, COL_ONS, COL_NAME, COL_TILE, COL_NATION, COL_ROW, COL_COLUMN, COL__COUNT };
static const struct { const char *name; bool number; Need need; } agency_columns[COL__COUNT] = {
    [COL_SHORT]  = { "short_id",    false, REQUIRED },
    [COL_KIND]   = { "kind",        false, REQUIRED },
    [COL_ONS]    = { "ons_code",    false, OPTIONAL },
    [COL_NAME]   = { "name",        false, REQUIRED },
    [COL_TILE]   = { "tile",        false, REQUIRED },
    [COL_NATION] = { "nation",      false, REQUIRED },
    [COL_ROW]    = { "tile_row",    true,  OPTIONAL },
    [COL_COLUMN] = { "tile_column", true,  OPTIONAL },
};

typedef struct AddAgencies { const Hand *hand; Str csv; size_t *added; } AddAgencies;

static bool agencies_header(Arena *mem, Csv *csv, Err *err)
{
    CsvRow row;
    bool end = false;
    if (!csv_next(csv, &row, &end, err))
        return false;
    bool good = !end && row.count == COL__COUNT;
    for (size_t i = 0; good && i < COL__COUNT; i++)
        good = str_same(str_from(mem, str_trim(row.fields[i])), agency_columns[i].name);
    if (good)
        return true;
    err_set(err, ERR_INVALID, "The list of agencies does not have the expected columns.");
    return err_hint(err, "short_id, kind, ons_code, name, tile, nation, tile_row, tile_column.");
}

static bool agency_body(Arena *mem, const CsvRow *row, Json *body, Err *err)
{
    if (row->count != COL__COUNT)
        return err_set(err, ERR_INVALID, "Line %zu of the agencies does not have %d columns.", row->line,
                       COL__COUNT);
    for (size_t i = 0; i < COL__COUNT; i++) {
        Str field = str_trim(row->fields[i]);
        int64_t n = 0;
        if (field.len == 0 && agency_columns[i].need == REQUIRED)
            return err_set(err, ERR_INVALID, "Line %zu of the agencies has no %s.", row->line,
                           agency_columns[i].name);
        if (field.len == 0)
            continue;
        if (!agency_columns[i].number)
            json_set_text(body, agency_columns[i].name, str_from(mem, field));
        else if (str_int(field, 0, 1000, &n))
            json_set_int(body, agency_columns[i].name, n);
        else
            return err_set(err, ERR_INVALID, "Line %zu of the agencies: %s is not a number.", row->line,
                           agency_columns[i].name);
    }
    return true;
}

/* An agency that is there already is left as it is, so that the list can be added again after it grew. */
static bool agency_add(Tx *tx, Arena *mem, const AddAgencies *a, const CsvRow *row, Err *err)
{
    CLEANUP(json_done) Json *body = json_new_object();
    Agency there;
    if (!agency_body(mem, row, body, err))
        return false;
    if (agency_by_short(tx->db, mem, json_text(body, "short_id"), &there, err))
        return true;
    if (err->kind != ERR_NOT_FOUND)
        return false;
    err_clear(err);
    ++*a->added;
    return ledger_append(tx, a->hand, "agency.added", 0, json_keep(body), NULL, err);
}

static bool add_agencies(Tx *tx, void *ctx, Err *err)
{
    const AddAgencies *a = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    Csv *csv = csv_new(&mem, source_memory(&mem, a->csv), ',');
    CsvRow row;
    bool end = false;
    *a->added = 0;
    if (!agencies_header(&mem, csv, err))
        return false;
    for (;;) {
        if (!csv_next(csv, &row, &end, err))
            return false;
        if (end)
            return true;
        if (!agency_add(tx, &mem, a, &row, err))
            return false;
    }
}

bool access_add_agencies(Ledger *ledger, const Hand *hand, Str agencies_csv, size_t *added, Err *err)
{
    AddAgencies a = { hand, agencies_csv, added };
    return writer_run(ledger_store(ledger), add_agencies, &a, err) || err_while(err, "adding agencies");
}

/* ---- people ---- */

static bool login_acceptable(const char *login, Err *err)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789.-_@";
    if (login && *login && strlen(login) <= 64 && login[strspn(login, allowed)] == 0)
        return true;
    err_set(err, ERR_INVALID, "A login is made of small letters, digits and . - _ @, at most 64 of them.");
    return err_hint(err, "For example a.shaw");
}

static bool name_acceptable(const char *name, Err *err)
{
    if (!str_blank(name) && strlen(name) <= NAME_MAX_BYTES)
        return true;
    return err_set(err, ERR_INVALID, "A person needs a name of at most %d characters.", NAME_MAX_BYTES);
}

typedef struct PersonJob {
    const Hand *hand;
    const NewPerson *p;
    int64_t person, *id;
    const char *reason;
} PersonJob;

static bool person_body(Tx *tx, Arena *mem, const NewPerson *p, Json *body, Err *err)
{
    Agency agency;
    if (!name_acceptable(p->name, err))
        return false;
    if (p->role == ROLE_NONE || p->role >= ROLE__COUNT)
        return err_set(err, ERR_INVALID, "There is no such role.");
    if (!agency_by_short(tx->db, mem, p->agency_short, &agency, err))
        return false;
    json_set_int(body, "agency", agency.id);
    json_set_text(body, "name", p->name);
    json_set_text(body, "role", role_key(p->role));
    return true;
}

static bool add_person(Tx *tx, void *ctx, Err *err)
{
    const PersonJob *job = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(json_done) Json *body = json_new_object();
    CLEANUP(rows_done) Rows rows = {0};
    bool taken = false;
    if (!login_acceptable(job->p->login, err) || !person_body(tx, &mem, job->p, body, err)
        || !db_query(tx->db, &access_sql[ACCESS_LOGIN_TAKEN], VALUES(sql_text(job->p->login)), &rows, err)
        || !rows_next(&rows, &taken, err))
        return false;
    rows_done(&rows);
    if (taken)
        return err_set(err, ERR_CONFLICT, "That login is taken.");
    json_set_text(body, "login", job->p->login);
    return ledger_append(tx, job->hand, "person.added", 0, json_keep(body), job->id, err);
}

bool person_add(Ledger *ledger, const Hand *hand, const NewPerson *p, int64_t *id, Err *err)
{
    PersonJob job = { .hand = hand, .p = p, .id = id };
    return writer_run(ledger_store(ledger), add_person, &job, err) || err_while(err, "adding a person");
}

static bool change_person(Tx *tx, void *ctx, Err *err)
{
    const PersonJob *job = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(json_done) Json *body = json_new_object();
    Viewer who;
    return viewer_by_id(tx->db, &mem, job->person, &who, err) && person_body(tx, &mem, job->p, body, err)
        && ledger_append(tx, job->hand, "person.changed", job->person, json_keep(body), NULL, err);
}

bool person_change(Ledger *ledger, const Hand *hand, int64_t person, const NewPerson *p, Err *err)
{
    PersonJob job = { .hand = hand, .p = p, .person = person };
    return writer_run(ledger_store(ledger), change_person, &job, err) || err_while(err, "changing a person");
}

static bool stand_down(Tx *tx, void *ctx, Err *err)
{
    const PersonJob *job = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    Viewer who;
    if (!viewer_by_id(tx->db, &mem, job->person, &who, err))
        return false;
    Json *body = json_new_object();
    json_set_text(body, "reason", job->reason);
    return ledger_append(tx, job->hand, "person.stood-down", job->person, body, NULL, err)
        && db_run(tx, &access_sql[ACCESS_SESSIONS_DROP], VALUES(sql_int(job->person)), err)
        && db_run(tx, &access_sql[ACCESS_CREDENTIAL_DROP], VALUES(sql_int(job->person)), err);
}

bool person_stand_down(Ledger *ledger, const Hand *hand, int64_t person, const char *reason, Err *err)
{
    if (str_blank(reason))
        return err_set(err, ERR_INVALID, "Standing someone down needs its reason.");
    PersonJob job = { .hand = hand, .person = person, .reason = reason };
    return writer_run(ledger_store(ledger), stand_down, &job, err)
        || err_while(err, "standing a person down");
}

bool person_list(Db *db, Arena *mem, int64_t agency, PersonRow **out, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    size_t cap = 0;
    bool more = false;
    *out = NULL;
    *count = 0;
    if (!db_query(db, &access_sql[ACCESS_PEOPLE], VALUES(sql_int(agency)), &rows, err))
        return err_while(err, "listing people");
    for (;;) {
        if (!rows_next(&rows, &more, err))
            return err_while(err, "listing people");
        if (!more)
            return true;
        *arena_push(mem, *out, *count, cap) = (PersonRow){
            .id = row_int(&rows, 0),
            .agency = row_int(&rows, 1),
            .login = row_copy(&rows, 2, mem),
            .name = row_copy(&rows, 3, mem),
            .role = role_read(row_text(&rows, 4)),
            .active = row_bool(&rows, 5),
            .agency_name = row_copy(&rows, 6, mem),
        };
    }
}

/* ---- passwords ---- */

typedef struct SetPassword {
    const Hand *hand;
    int64_t person;
    const char *hash;
    bool must_change;
} SetPassword;

static bool set_password(Tx *tx, void *ctx, Err *err)
{
    const SetPassword *s = ctx;
    Json *body = json_new_object();
    json_set_bool(body, "must_change", s->must_change);
    return ledger_append(tx, s->hand, "password.changed", s->person, body, NULL, err)
        && db_run(tx, &access_sql[ACCESS_CREDENTIAL_SET],
                  VALUES(sql_int(s->person), sql_text(s->hash), sql_bool(s->must_change)), err)
        && db_run(tx, &access_sql[ACCESS_SESSIONS_DROP], VALUES(sql_int(s->person)), err);
}

/* Hashing takes long, so it happens before the command is queued. */
bool person_set_password_at(Ledger *ledger, const Hand *hand, int64_t person, const char *password,
                            bool must_change, PasswordCost cost, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(reader_done) Db *db = NULL;
    Viewer who;
    SetPassword s = { .hand = hand, .person = person, .must_change = must_change };
    if (!store_reader(ledger_store(ledger), &db, err) || !viewer_by_id(db, &mem, person, &who, err) ||
        !password_acceptable(password, who.login, err) || !password_hash(&mem, password, cost, &s.hash, err))
        return err_while(err, "setting a password");
    return writer_run(ledger_store(ledger), set_password, &s, err) || err_while(err, "setting a password");
}

bool person_set_password(Ledger *ledger, const Hand *hand, int64_t person, const char *password,
                         bool must_change, Err *err)
{
    return person_set_password_at(ledger, hand, person, password, must_change, PASSWORD_COST, err);
}

/* ---- need to know ---- */

static bool restriction_fact(Ledger *ledger, const Hand *hand, const char *kind, int64_t subject,
                             int64_t person, Err *err)
{
    Json *body = json_new_object();
    json_set_int(body, "person", person);
    return ledger_record(ledger, hand, kind, subject, body, NULL, err);
}

bool record_restrict(Ledger *ledger, const Hand *hand, int64_t subject, int64_t person, Err *err)
{
    return restriction_fact(ledger, hand, "record.restricted", subject, person, err);
}

bool record_unrestrict(Ledger *ledger, const Hand *hand, int64_t subject, int64_t person, Err *err)
{
    return restriction_fact(ledger, hand, "record.unrestricted", subject, person, err);
}

bool look_record(Ledger *ledger, const Hand *hand, int64_t subject, const char *purpose, Err *err)
{
    if (str_blank(purpose))
        return err_set(err, ERR_INVALID, "Say why you are looking at this record.");
    if (strlen(purpose) > PURPOSE_MAX_BYTES)
        return err_set(err, ERR_LIMIT, "The purpose is too long: at most %d characters.", PURPOSE_MAX_BYTES);
    Json *body = json_new_object();
    json_set_text(body, "purpose", purpose);
    return ledger_record(ledger, hand, "record.consulted", subject, body, NULL, err)
        || err_while(err, "recording a look");
}
