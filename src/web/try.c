/* try.c: a request without a socket, for tests and the table of roles. It carries the right anti-forgery
 * token. */
#include "web/inside.h"

bool web_try(App *app, Db *db, Arena *mem, const WebTry *t, Response *out, Err *err)
{
    Front front = {
        .app = app, .routes = web_routes, .route_count = web_route_count, .insecure_cookies = true
    };
    Incoming in = { .method = t->method,
                    .target = t->query ? str_fmt(mem, "%s?%s", t->path, t->query) : t->path,
                    .accept = t->json ? "application/json" : "text/html",
                    .token = t->session_token,
                    .trusted = true,
                    .from = "192.0.2.1",
                    .form_count = t->form_count };
    if (!t->path || t->path[0] != '/')
        return err_set(err, ERR_BUG, "A path starts with a slash.");
    in.form = arena_new(mem, Pair, t->form_count + 1);
    for (size_t i = 0; i < t->form_count; i++)
        in.form[i] = t->form[i];
    web_answer(&front, db, mem, &in, out);
    return true;
}
