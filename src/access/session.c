/* session.c: signing in and staying signed in.
 *
 * Invariants:
 *  1. The token is nowhere but in the cookie: its SHA-256 is what is stored and looked up.
 *  2. Argon2 never runs on the writer thread, where everyone would wait for it.
 *  3. A login nobody has costs the same try, the same throttle and the same answer as a wrong password.
 *  4. The throttle is looked at again on the writer, so tries sent all at once gain nothing. */
#include <string.h>
#include "access/access.h"
#include "access/access_sql.h"
#include "access/inside.h"
#include "access/password.h"
#include "access/throttle.h"
#include "base/digest.h"

enum { CSRF_BYTES = 24, LOGIN_MAX_BYTES = 200 };
static const Instant idle_us = SESSION_IDLE_MINUTES * 60 * US_PER_SECOND;
static const Instant whole_us = SESSION_HOURS * US_PER_HOUR;
static const Instant seen_step_us = 60 * US_PER_SECOND;    /* how exactly the last use is kept */

static Sha256 token_key(const uint8_t token[32])
{
    return sha256_of(token, 32);
}

static bool not_signed_in(Err *err)
{
    err_set(err, ERR_DENIED, "You are not signed in.");
    return err_hint(err, "Sign in, then go on.");
}

static void session_fresh(Arena *mem, Session *s)
{
    uint8_t csrf[CSRF_BYTES];
    random_fill(s->token, sizeof s->token);
    random_fill(csrf, sizeof csrf);
    s->csrf = hex_write(mem, csrf, sizeof csrf);
}

bool session_csrf_same(const Session *s, const char *given)
{
    size_t want = strlen(s->csrf);
    return given && strlen(given) == want && bytes_same(s->csrf, given, want);
}

static bool session_insert(Tx *tx, const Session *s, Instant now, Err *err)
{
    Sha256 key = token_key(s->token);
    return db_run(tx, &access_sql[ACCESS_SESSIONS_EXPIRE],
                  VALUES(sql_int(now - whole_us), sql_int(now - idle_us)), err) &&
           db_run(tx, &access_sql[ACCESS_SESSION_NEW],
                  VALUES(sql_blob(key.bytes, 32), sql_int(s->person), sql_text(s->csrf), sql_int(now)), err);
}

/* ---- sign-in ---- */

typedef struct SignIn {
    const char *login;
    Throttle    by_login, by_address;
    int64_t     person, agency;            /* 0: nobody */
    const char *hash;
    bool        fits, must_change;
    bool        refused;                   /* told on the writer: wrong password */
    Instant     now;
    Session    *out;
} SignIn;

static bool credential_read(Db *db, Arena *mem, SignIn *in, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(db, &access_sql[ACCESS_CREDENTIAL], VALUES(sql_text(in->login)), &rows, err)
        || !rows_next(&rows, &more, err))
        return false;
    in->hash = more ? row_copy(&rows, 2, mem) : password_dummy(mem, PASSWORD_COST);     /* invariant 3 */
    if (more) {
        in->person = row_int(&rows, 0);
        in->agency = row_int(&rows, 1);
        in->must_change = row_bool(&rows, 3);
    }
    return true;
}

static bool sign_in_refuse(Tx *tx, SignIn *in, Err *err)
{
    Hand hand = { .at = in->now };
    int64_t by_login = 0, by_address = 0;
    if (!throttle_failed(tx, &in->by_login, in->now, &by_login, err)
        || !throttle_failed(tx, &in->by_address, in->now, &by_address, err))
        return false;
    in->refused = true;
    Json *body = json_new_object();
    json_set_bool(body, "known", in->person != 0);
    if (in->person)
        json_set_int(body, "person", in->person);
    json_set_text(body, "key", in->by_login.key);
    json_set_int(body, "failures", by_login);
    return ledger_append(tx, &hand, "session.refused", 0, body, NULL, err);
}

static bool sign_in(Tx *tx, void *ctx, Err *err)
{
    SignIn *in = ctx;
    if (!throttle_check(tx->db, &in->by_login, in->now, err) ||
        !throttle_check(tx->db, &in->by_address, in->now, err))
        return false;                                                                   /* invariant 4 */
    if (!in->fits)
        return sign_in_refuse(tx, in, err);
    Hand hand = { .actor = in->person, .agency = in->agency, .at = in->now };
    return throttle_forget(tx, &in->by_login, err) && session_insert(tx, in->out, in->now, err)
        && ledger_append(tx, &hand, "session.started", in->person, json_new_object(), NULL, err);
}

/* Everything slow: the throttle first, because a try that is not allowed need not cost anything. */
static bool sign_in_try(Ledger *ledger, Arena *mem, SignIn *in, const char *password, Err *err)
{
    CLEANUP(reader_done) Db *db = NULL;
    if (!store_reader(ledger_store(ledger), &db, err) || !throttle_check(db, &in->by_login, in->now, err)
        || !throttle_check(db, &in->by_address, in->now, err) || !credential_read(db, mem, in, err))
        return false;
    in->fits = password_fits(in->hash, password) && in->person != 0;                    /* invariant 2 */
    return true;
}

bool session_start(Ledger *ledger, Arena *mem, const char *login, const char *password, const char *from,
                   Instant now, Session *out, Err *err)
{
    const char *typed = str_lower_ascii(mem, login && strlen(login) <= LOGIN_MAX_BYTES ? login : "");
    SignIn in = { .login = typed, .by_login = throttle_of(THROTTLE_LOGIN, *typed ? typed : "-"),
                  .by_address = throttle_of(THROTTLE_ADDRESS, from), .now = now, .out = out };
    *out = (Session){0};
    if (!sign_in_try(ledger, mem, &in, password ? password : "", err))
        return err_while(err, "signing in");
    session_fresh(mem, out);
    out->person = in.person;
    out->must_change = in.must_change;
    bool done = writer_run(ledger_store(ledger), sign_in, &in, err);
    if (done && !in.refused)
        return true;
    *out = (Session){0};
    if (!done)
        return err_while(err, "signing in");
    err_set(err, ERR_DENIED, "The login or the password is not right.");
    return err_hint(err, "Check both. If you have forgotten the password, ask for a new one.");
}

/* ---- a signed-in request ---- */

typedef struct Kept { int64_t person, agency; const char *csrf; Instant made, seen; bool must_change; } Kept;

static bool session_read(Db *db, Arena *mem, const Sha256 *key, Instant now, Kept *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(db, &access_sql[ACCESS_SESSION], VALUES(sql_blob(key->bytes, 32)), &rows, err)
        || !rows_next(&rows, &more, err))
        return false;
    if (!more)
        return not_signed_in(err);
    *out = (Kept){ .person = row_int(&rows, 0),
                   .csrf = row_copy(&rows, 1, mem),
                   .made = row_int(&rows, 2),
                   .seen = row_int(&rows, 3),
                   .agency = row_int(&rows, 4),
                   .must_change = row_bool(&rows, 5) };
    if (now >= out->made + whole_us || now >= out->seen + idle_us)
        return not_signed_in(err);
    return true;
}

typedef struct Touch { Sha256 key; Instant now; } Touch;

static bool touch(Tx *tx, void *ctx, Err *err)
{
    const Touch *t = ctx;
    return db_run(tx, &access_sql[ACCESS_SESSION_SEEN], VALUES(sql_blob(t->key.bytes, 32), sql_int(t->now)),
                  err);
}

/* A store that cannot be written to still lets people read until their session runs out. */
void session_seen(Db *db, const Session *session, Instant now)
{
    const Ledger *ledger = db_attached(db);
    Touch t = { token_key(session->token), now };
    Err ignored = {0};
    if (ledger && now >= session->seen + seen_step_us &&
        !writer_run(ledger_store(ledger), touch, &t, &ignored))
        err_clear(&ignored);
}

bool session_find(Db *db, Arena *mem, const uint8_t token[32], Instant now, Session *out, Viewer *viewer,
                  Err *err)
{
    Sha256 key = token_key(token);
    Kept kept;
    if (!session_read(db, mem, &key, now, &kept, err) || !viewer_by_id(db, mem, kept.person, viewer, err))
        return false;
    *out = (Session){ .csrf = kept.csrf, .person = kept.person, .must_change = kept.must_change,
                      .seen = kept.seen };
    memcpy(out->token, token, sizeof out->token);
    return true;
}

typedef struct Turn { Sha256 old; Session *out; Instant now; } Turn;

static bool turn(Tx *tx, void *ctx, Err *err)
{
    const Turn *t = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    Sha256 key = token_key(t->out->token);
    Kept kept;
    if (!session_read(tx->db, &mem, &t->old, t->now, &kept, err))
        return false;
    t->out->person = kept.person;
    t->out->must_change = kept.must_change;
    return db_run(
        tx, &access_sql[ACCESS_SESSION_TURN],
        VALUES(sql_blob(t->old.bytes, 32), sql_blob(key.bytes, 32), sql_text(t->out->csrf), sql_int(t->now)),
        err);
}

/* A new token for the same session: the 12 hours go on from sign-in. */
bool session_rotate(Ledger *ledger, Arena *mem, const uint8_t token[32], Instant now, Session *out, Err *err)
{
    Turn t = { token_key(token), out, now };
    *out = (Session){0};
    session_fresh(mem, out);
    return writer_run(ledger_store(ledger), turn, &t, err) || err_while(err, "renewing a session");
}

/* ---- ending ---- */

typedef struct Ending { Sha256 key; int64_t person; Instant now; } Ending;

static bool ended_fact(Tx *tx, int64_t person, int64_t agency, bool everywhere, Instant now, Err *err)
{
    Hand hand = { .actor = person, .agency = agency, .at = now };
    Json *body = json_new_object();
    json_set_bool(body, "everywhere", everywhere);
    return ledger_append(tx, &hand, "session.ended", person, body, NULL, err);
}

static bool end_one(Tx *tx, void *ctx, Err *err)
{
    const Ending *e = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    Kept kept;
    if (!session_read(tx->db, &mem, &e->key, e->now, &kept, err)) {
        if (err->kind != ERR_DENIED)
            return false;
        err_clear(err);                    /* over already: signing out of nothing is fine */
        return db_run(tx, &access_sql[ACCESS_SESSION_DROP], VALUES(sql_blob(e->key.bytes, 32)), err);
    }
    return db_run(tx, &access_sql[ACCESS_SESSION_DROP], VALUES(sql_blob(e->key.bytes, 32)), err)
        && ended_fact(tx, kept.person, kept.agency, false, e->now, err);
}

bool session_end(Ledger *ledger, const uint8_t token[32], Instant now, Err *err)
{
    Ending e = { .key = token_key(token), .now = now };
    return writer_run(ledger_store(ledger), end_one, &e, err) || err_while(err, "signing out");
}

static bool end_all(Tx *tx, void *ctx, Err *err)
{
    const Ending *e = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    Viewer who;
    return viewer_by_id(tx->db, &mem, e->person, &who, err)
        && db_run(tx, &access_sql[ACCESS_SESSIONS_DROP], VALUES(sql_int(e->person)), err)
        && ended_fact(tx, who.person, who.agency, true, e->now, err);
}

bool session_end_all(Ledger *ledger, int64_t person, Instant now, Err *err)
{
    Ending e = { .person = person, .now = now };
    return writer_run(ledger_store(ledger), end_all, &e, err) || err_while(err, "signing out everywhere");
}

/* ---- a person's own new password ---- */

typedef struct Change { Sha256 old; const char *hash; Session *out; Instant now; } Change;

static bool change_password(Tx *tx, void *ctx, Err *err)
{
    const Change *c = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    Kept kept;
    if (!session_read(tx->db, &mem, &c->old, c->now, &kept, err))
        return false;
    Hand hand = { .actor = kept.person, .agency = kept.agency, .at = c->now };
    Json *body = json_new_object();
    json_set_bool(body, "must_change", false);
    c->out->person = kept.person;
    return ledger_append(tx, &hand, "password.changed", kept.person, body, NULL, err) &&
           db_run(tx, &access_sql[ACCESS_CREDENTIAL_SET],
                  VALUES(sql_int(kept.person), sql_text(c->hash), sql_bool(false)), err) &&
           db_run(tx, &access_sql[ACCESS_SESSIONS_DROP], VALUES(sql_int(kept.person)), err) &&
           session_insert(tx, c->out, c->now, err);
}

/* Wrong old passwords count as wrong sign-ins: a stolen session must not become a place to guess. */
static bool old_password_check(Ledger *ledger, Arena *mem, const Sha256 *key, const char *old, Instant now,
                               Viewer *who, Err *err)
{
    CLEANUP(reader_done) Db *db = NULL;
    Kept kept;
    if (!store_reader(ledger_store(ledger), &db, err) || !session_read(db, mem, key, now, &kept, err)
        || !viewer_by_id(db, mem, kept.person, who, err))
        return false;
    SignIn in = { .login = who->login, .by_login = throttle_of(THROTTLE_LOGIN, who->login),
                  .by_address = throttle_of(THROTTLE_ADDRESS, ""), .now = now };
    if (!throttle_check(db, &in.by_login, now, err) || !credential_read(db, mem, &in, err))
        return false;
    if (password_fits(in.hash, old))
        return true;
    if (!writer_run(ledger_store(ledger), sign_in, &in, err))
        return false;
    return err_set(err, ERR_INVALID, "The old password is not right.");
}

bool session_change_password(Ledger *ledger, Arena *mem, const uint8_t token[32], const char *old_password,
                             const char *new_password, Instant now, Session *out, Err *err)
{
    Change c = { .old = token_key(token), .out = out, .now = now };
    Viewer who;
    *out = (Session){0};
    if (!old_password_check(ledger, mem, &c.old, old_password ? old_password : "", now, &who, err)
        || !password_acceptable(new_password ? new_password : "", who.login, err))
        return err_while(err, "changing a password");
    if (str_same(old_password, new_password))
        return err_set(err, ERR_INVALID, "The new password must differ from the old one.");
    if (!password_hash(mem, new_password, PASSWORD_COST, &c.hash, err))
        return err_while(err, "changing a password");
    session_fresh(mem, out);
    return writer_run(ledger_store(ledger), change_password, &c, err)
        || err_while(err, "changing a password");
}
