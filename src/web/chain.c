/* chain.c: one request from what was sent to an answer: address, session, permission, anti-forgery, handler.
 *
 * Invariants: (1) a handler runs only for a viewer whom its route lets in; (2) what a viewer may not reach
 * answers exactly as an address that does not exist; (3) a POST changes something only if the page it came
 * from was ours. */
#include "web/inside.h"
#include <string.h>
#include "base/digest.h"

enum { FLASH_BYTES_MAX = 600, FLASH_SECONDS = 60 };

typedef struct Chain { Inside inside; Session session; } Chain;

/* ---- who is asking ---- */

static bool sends_json(const char *accept)
{
    return accept && strstr(accept, "application/json") && !strstr(accept, "text/html");
}

static bool token_of(const Front *front, Arena *mem, const Incoming *in, uint8_t token[32])
{
    if (in->token) {
        memcpy(token, in->token, 32);
        return true;
    }
    const char *hex = cookie_read(front, mem, in->cookie, COOKIE_SESSION);
    return hex && hex_read(str_of(hex), token, 32);
}

/* What a live page asks by itself does not keep an unwatched session alive. */
static bool person_asks(const Incoming *in) { return !in->refresh && !str_starts(in->target, "/live/"); }

/* Not being signed in is no error here; a database that cannot be read is. */
static bool session_resolve(Request *r, Chain *chain, Err *err)
{
    uint8_t token[32];
    chain->inside.visit = cookie_read(chain->inside.front, r->mem, chain->inside.in->cookie, COOKIE_VISIT);
    r->csrf = chain->inside.visit;
    if (!token_of(chain->inside.front, r->mem, chain->inside.in, token))
        return true;
    Err why = { 0 };
    if (session_find(r->db, r->mem, token, r->now, &chain->session, &r->viewer, &why)) {
        chain->inside.session = &chain->session;
        r->csrf = chain->session.csrf;
        if (person_asks(chain->inside.in))
            session_seen(r->db, &chain->session, r->now);
        return true;
    }
    r->viewer = (Viewer){ 0 };
    if (why.kind == ERR_DENIED || why.kind == ERR_NOT_FOUND)
        return true;
    *err = why;
    return err_while(err, "finding the session");
}

static bool operation_resolve(Request *r, Err *err)
{
    if (!r->viewer.person || operation_current(r->db, r->mem, &r->operation, err))
        return true;
    r->operation = (Operation){ 0 };
    if (err->kind != ERR_NOT_FOUND)
        return false;
    err_clear(err);
    return true;
}

static const char *flash_read(const Request *r)
{
    uint8_t *bytes;
    size_t n;
    const char *text = cookie_read(r->inside->front, r->mem, r->inside->in->cookie, COOKIE_FLASH);
    if (!text || strlen(text) > FLASH_BYTES_MAX * 2 || !base64_read(r->mem, str_of(text), &bytes, &n) || !n)
        return NULL;
    return utf8_clean(r->mem, (Str){ (const char *)bytes, n });
}

/* ---- may it go on ---- */

static bool is_sign_in(const Route *route)
{
    return route->handle == page_sign_in || route->handle == page_sign_in_post;
}

static Url sign_in_url(const Request *r)
{
    const char *target = r->inside->in->target;
    bool worth = r->method == GET && !str_same(target, "/");
    return url_query(r->mem, url_lit("/sign-in"), "next", worth ? target : NULL);
}

static bool refuse_stranger(Request *r, Response *out)
{
    if (!r->wants_json) {
        respond_redirect(r, out, sign_in_url(r), NULL);
        return false;
    }
    Err err = { 0 };
    err_set(&err, ERR_DENIED, "You are not signed in.");
    err_hint(&err, "POST login and password to /sign-in, and send the cookie with each request.");
    respond_error(r, out, &err);
    out->status = 401;
    return false;
}

static bool refuse(Request *r, Response *out, ErrKind kind, const char *told)
{
    Err err = { 0 };
    err_set(&err, kind, "%s", told);
    respond_error(r, out, &err);
    return false;
}

/* A first password is good for one thing: choosing another. */
static bool must_change_first(Request *r, const Route *route, Response *out)
{
    const Session *s = r->inside->session;
    if (!s || !s->must_change || route->needs == PERM_PUBLIC || route->handle == page_password ||
        route->handle == page_password_post || route->handle == page_sign_out)
        return true;
    if (r->wants_json)
        return refuse(r, out, ERR_DENIED, "Choose a password of your own at /password first.");
    respond_redirect(r, out, url_lit("/password"), NULL);
    return false;
}

static bool may_pass(Request *r, const Route *route, Response *out)
{
    if (!route) {
        if (!out->allow)
            return refuse(r, out, ERR_NOT_FOUND, "No such address.");
        refuse(r, out, ERR_NOT_FOUND, "No such method.");
        out->status = 405;
        return false;
    }
    if (route->needs == PERM_PUBLIC)
        return true;
    if (!r->viewer.person)
        return refuse_stranger(r, out);
    if (!must_change_first(r, route, out))
        return false;
    return viewer_may(&r->viewer, route->needs) || refuse(r, out, ERR_NOT_FOUND, "No such address.");
}

/* ---- the form came from our own page ---- */

/* Browsers that say where a request comes from settle it. An Origin of "null" says nothing: our own
 * Referrer-Policy makes browsers send that with every form. */
bool origin_same(const char *fetch_site, const char *origin, const char *host)
{
    if (fetch_site)
        return str_same(fetch_site, "same-origin");
    if (!origin || str_same(origin, "null"))
        return true;
    const char *after = strstr(origin, "://");
    return after && str_same(after + 3, host);
}

static bool token_fits(const Request *r, const char *given)
{
    const Inside *inside = r->inside;
    if (inside->session)
        return session_csrf_same(inside->session, given);
    size_t n =
        inside->visit ? strlen(inside->visit) : 0; /* double submit: only our origin can set the cookie */
    return n >= 32 && given && strlen(given) == n && bytes_same(given, inside->visit, n);
}

static bool form_is_ours(const Request *r)
{
    const Incoming *in = r->inside->in;
    if (in->trusted)
        return true;
    const char *given = in->csrf ? in->csrf : pair_find(r->form, r->form_count, "csrf");
    return origin_same(in->fetch_site, in->origin, in->host) && token_fits(r, given);
}

/* ---- the chain ---- */

static bool target_read(Request *r, Str *path, Err *err)
{
    const char *target = r->inside->in->target;
    size_t len = strcspn(target, "?");
    const char *decoded;
    *path = (Str){ target, len };
    r->path = str_copy_n(r->mem, target, len);
    if (!form_decode(r->mem, *path, false, &decoded))
        return err_set(err, ERR_INVALID, "The address holds characters that are not text.");
    return !target[len] || form_read(r->mem, str_of(target + len + 1), &r->query, &r->query_count, err);
}

bool web_admit(const Front *front, Db *db, Arena *mem, const Incoming *in, Request *r, Response *out)
{
    Chain *chain = arena_new(mem, Chain, 1);
    Str    path;
    Err    err = { 0 };
    chain->inside = (Inside){ .front = front, .in = in };
    *out = (Response){ 0 };
    *r = (Request){ .app = front->app,
                    .db = db,
                    .mem = mem,
                    .now = app_now(front->app),
                    .method = in->method,
                    .from = in->from ? in->from : "",
                    .wants_json = sends_json(in->accept),
                    .inside = &chain->inside,
                    .form = in->form,
                    .form_count = in->form_count,
                    .upload_path = in->upload_path,
                    .upload_name = in->upload_name };
    bool read = target_read(r, &path, &err);
    if (read)
        chain->inside.route =
            route_find(front, mem, in->method, path, &r->params, &r->param_count, &out->allow);
    const Route *route = chain->inside.route;
    bool nobody = route && route->event == EVENT_NONE_PUBLIC &&
                  !is_sign_in(route); /* assets ask nothing of the store */
    if (read && !nobody)
        read = session_resolve(r, chain, &err) && operation_resolve(r, &err);
    r->flash = nobody ? NULL : flash_read(r);
    if (!read)
        respond_error(r, out, &err);
    return read && may_pass(r, route, out);
}

static void finish(const Request *r, Response *out)
{
    bool page = out->type && str_starts(out->type, "text/html");
    if (!out->status)
        out->status = 200;
    if (out->flash) {
        const char *clipped = str_clip(r->mem, out->flash, FLASH_BYTES_MAX / 4);
        const char *text = base64_write(r->mem, (const uint8_t *)clipped, strlen(clipped));
        cookie_set(r, out, COOKIE_FLASH, text, FLASH_SECONDS);
    } else if (r->flash && page && out->status != 303) {
        cookie_drop(r, out, COOKIE_FLASH);                                             /* shown once */
    }
    const char *has = r->inside->in->if_none_match;
    if (out->etag && has && out->status == 200 && strstr(has, out->etag)) {
        out->status = 304;
        out->body = (Str){ NULL, 0 };
    }
}

static void handle(Request *r, Response *out)
{
    Err err = { 0 };
    if (r->method == POST && r->inside->in->form_bad)
        err_set(&err, ERR_INVALID, "What was sent could not be read as a form.");
    else if (r->method == POST && !form_is_ours(r)) {
        err_set(&err, ERR_DENIED, "That form is no longer valid, so nothing was changed.");
        err_hint(&err, "Go back, load the page again and send it once more.");
    } else if (r->inside->route->handle(r, out, &err))
        return;
    respond_error(r, out, &err);
}

bool web_waits(const Front *front, Arena *mem, const Incoming *in)
{
    Pair *params;
    size_t count;
    const char *allow;
    Str path = { in->target, strcspn(in->target, "?") };
    const Route *route = route_find(front, mem, in->method, path, &params, &count, &allow);
    return route &&
           (route->event == EVENT_LOOK || route->event == EVENT_EXPORT || route->event == EVENT_CHANGE);
}

void web_answer(const Front *front, Db *db, Arena *mem, const Incoming *in, Response *out)
{
    Request r;
    if (web_admit(front, db, mem, in, &r, out))
        handle(&r, out);
    finish(&r, out);
}
