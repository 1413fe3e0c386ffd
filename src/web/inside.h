/* inside.h: what the files of the chain share: what came in, who answers, cookies. Pages do not include it,
 * except those of signing in.
 *
 * The chain of one request (chain.c): address -> session -> permission -> anti-forgery -> handler -> answer.
 * It knows no socket: server.c fills an Incoming and sends the Response, web_try does the same for tests. */
#pragma once
#include "web/web.h"

typedef struct Live Live;
typedef struct Front {                   /* one per server, constant while it runs */
    App         *app;
    const Route *routes; size_t route_count;
    bool         insecure_cookies;
} Front;

typedef struct Incoming {
    Method      method;
    const char *target;                  /* as sent: path and query, still percent-encoded */
    const char *from;
    const char *cookie, *accept, *origin, *host, *fetch_site, *csrf,
        *if_none_match; /* headers; NULL: not sent */
    const char *refresh; /* X-Refresh: a page asks for itself again, nobody touched a key */
    Pair       *form; size_t form_count;
    const char *upload_path, *upload_name;
    bool        form_bad;                /* the body could not be read as a form */
    const uint8_t *token; /* web_try: instead of the cookie, and with the right anti-forgery token */
    bool        trusted;
} Incoming;

typedef struct Inside {
    const Front    *front;
    const Incoming *in;
    const Route    *route;               /* NULL: no such address */
    const Session  *session;             /* NULL: not signed in */
    const char *visit; /* the anti-forgery token of someone not signed in, from their cookie */
} Inside;

/* chain.c */
/* All that can be refused before a body is read. False: *out is the refusal. `r` and `in` must outlive the
 * answer. */
bool web_admit(const Front *front, Db *db, Arena *mem, const Incoming *in, Request *r, Response *out);
/* Whether answering waits for the disk: something is recorded before anything is sent. */
bool web_waits(const Front *front, Arena *mem, const Incoming *in);
void web_answer(const Front *front, Db *db, Arena *mem, const Incoming *in, Response *out);
bool origin_same(const char *fetch_site, const char *origin, const char *host);

/* router.c: the row for a path, its parameters decoded. A literal segment wins over a parameter; "*name"
 * takes all the rest. NULL: none; then *allow names the methods that the path does have, or is NULL. */
const Route *route_find(const Front *front, Arena *mem, Method method, Str path, Pair **params, size_t *count,
                        const char **allow);

/* form.c: "a=1&b=2". Refuses NUL, bad UTF-8, bad escapes (ERR_INVALID) and too many fields (ERR_LIMIT). */
enum { FORM_FIELDS_MAX = 200 };
MUST_USE bool form_read(Arena *mem, Str body, Pair **out, size_t *count, Err *err);
MUST_USE bool form_read_json(Arena *mem, Str body, Pair **out, size_t *count, Err *err);   /* a flat object */
MUST_USE bool form_decode(Arena *mem, Str text, bool plus_is_space, const char **out);
bool form_text_fits(Str text);           /* no NUL, valid UTF-8 */
const char *pair_find(const Pair *pairs, size_t count, const char *name);

/* cookie.c */
typedef enum CookieName { COOKIE_SESSION, COOKIE_FLASH, COOKIE_VISIT } CookieName;
const char *cookie_read(const Front *front, Arena *mem, const char *header,
                        CookieName name); /* NULL if absent */
void cookie_set(const Request *r, Response *out, CookieName name, const char *value,
                int max_age_s); /* 0: the browser's run */
void cookie_drop(const Request *r, Response *out, CookieName name);

/* errors.c: an Err as a page or as JSON, with its status; logs what is ours to mend. */
void respond_error(const Request *r, Response *out, const Err *err);
int  error_status(ErrKind kind);
