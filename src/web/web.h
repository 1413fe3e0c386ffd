/* web.h: requests, routes and answers. libmicrohttpd stays behind server.c.
 *
 * A route is one row of routes[] (routes.c): method, path, permission, the ledger event of a look or change,
 * handler. A row with no permission or no event stops the server from starting. A handler fetches into a
 * plain struct, then draws HTML or writes JSON from the same struct, as `request.wants_json` says. Handlers
 * run on a worker thread with its own reader and arena, both reset after each request. What the viewer may
 * not see is ERR_NOT_FOUND. */
#pragma once
#include "flow/app.h"
#include "flow/flow.h"
#include "web/components/components_page.h"
#include "web/html.h"

typedef enum Method { GET, POST } Method;
/* What the ledger keeps of a request. LOOK_* are recorded (record.consulted) and durable before anything is
 * sent. */
typedef enum Event {
    EVENT_UNSET,
    EVENT_NONE_PUBLIC, /* sign-in page, assets, health: nobody's record is shown */
    EVENT_BOARD,       /* counts and lists without personal detail: no entry */
    EVENT_LOOK,        /* one restricted record shown: handler calls request_look before drawing */
    EVENT_CHANGE,      /* the handler appends its own fact */
    EVENT_EXPORT,      /* data leaves as a file: handler calls request_look with purpose "export ..." */
} Event;

typedef struct Pair {
    const char *name, *value;
} Pair;
typedef struct Request {
    App *app;
    Db *db;              /* this worker's reader */
    Arena *mem;          /* reset after the answer */
    Viewer viewer;       /* viewer.person 0: not signed in */
    Operation operation; /* the current one; id 0: none open */
    Instant now;
    Method method;
    const char *path, *from; /* remote address, for throttling only */
    bool wants_json;
    const char *csrf;  /* of the session; forms carry it */
    const char *flash; /* one-time message set by the previous answer */
    Pair *params;
    size_t param_count; /* ":id" in the route's path, by name without the colon */
    Pair *query;
    size_t query_count;
    Pair *form;
    size_t form_count;                     /* POST fields, checked for the anti-forgery token already */
    const char *upload_path, *upload_name; /* a received file, spooled to disk, removed after the answer */
    const struct Inside *inside;           /* the server's own: inside.h */
} Request;
const char *request_param(const Request *r, const char *name); /* NULL if absent */
const char *request_query(const Request *r, const char *name);
const char *request_form(const Request *r, const char *name); /* trimmed; NULL if absent or blank */
/* ":ref" as a reference of this letter; ERR_NOT_FOUND when it is not one. */
MUST_USE bool request_ref(const Request *r, const char *name, char letter, int64_t *id, Err *err);
Hand request_hand(const Request *r);
/* No log, no look: durable before this returns. `purpose` from ?purpose= or the form, else `otherwise`. */
MUST_USE bool request_look(const Request *r, int64_t subject, const char *otherwise, Err *err);

typedef struct Response {
    int status;       /* 200 unless set */
    const char *type; /* text/html; application/json set by respond_* */
    Str body;
    Url redirect;         /* 303 */
    const char *flash;    /* shown once on the next page */
    const char *download; /* file name for Content-Disposition */
    const char *cookie;   /* Set-Cookie values, one a line: cookie.c's own */
    const char *etag;     /* answered 304 when the browser has it already */
    const char *allow;    /* with 405 */
    bool keeps;           /* its address changes when it does: browsers keep it for good */
    bool live;            /* server-sent events: see live.h */
} Response;
void respond_html(const Request *r, Response *out, Html *h);
void respond_json(const Request *r, Response *out, Json *j); /* takes over j */
void respond_redirect(const Request *r, Response *out, Url to, const char *flash);
/* The frame with everything every page needs filled in (exercise, user, csrf, flash, late count). */
/* Where a person starts: the first page that is theirs. */
Url home_of(const Viewer *v);
Page request_page(const Request *r, const char *title, NavPlace nav);

typedef bool Handler(Request *r, Response *out, Err *err);
typedef struct Route {
    Method method;
    const char *path; /* "/nominals/:ref" */
    Permission needs;
    Event event;
    Handler *handle;
    const char *says;   /* one line, for the OpenAPI document and the review table */
    const char *fields; /* POST: "band reason"; GET: query names "after band text"; "" for none */
} Route;
extern const Route web_routes[];
extern const size_t web_route_count;

typedef struct WebOptions {
    const char *bind;
    int port, threads;
    bool insecure_cookies;
} WebOptions;
/* Checks every route, starts, prints the address through `ready`, serves until SIGINT/SIGTERM, then drains.
 */
typedef void WebReady(void *ctx, int port);
MUST_USE bool web_serve(App *app, const WebOptions *opt, WebReady *ready, void *ctx, Err *err);
MUST_USE bool web_check_routes(const Route *routes, size_t count, Err *err);
/* One request through the whole chain (session, permission, handler) without a socket: for tests and the role
 * table. */
typedef struct WebTry {
    Method method;
    const char *path, *query;
    const uint8_t *session_token;
    const Pair *form;
    size_t form_count;
    bool json;
} WebTry;
MUST_USE bool web_try(App *app, Db *db, Arena *mem, const WebTry *t, Response *out, Err *err);
Json *web_openapi(Arena *mem);

/* Handlers, by file. */
Handler page_sign_in, page_sign_in_post, page_sign_out, page_sign_out_everywhere, page_password,
    page_password_post, page_account;          /* pages_account.c */
Handler page_asset, page_openapi, page_health; /* pages_system.c */
Handler page_picture, page_picture_live, page_waiting, page_clock_pause,
    page_clock_resume; /* pages_picture.c, pages_waiting.c */
Handler page_queue;    /* pages_queue.c */
Handler page_attribution, page_attribution_review, page_attribution_withdraw, page_referral_assess,
    page_nominal, page_nominal_history, page_nominal_decide, page_nominal_second, page_check_answer,
    page_eliminate, page_eliminate_second, page_reinstate,
    page_link_undo, page_nominal_merge, page_package_build; /* pages_nominal*.c */
Handler page_review, page_pair, page_pair_decide, page_decision_undo, page_explain,
    page_records, page_elsewhere;       /* pages_review.c, pages_records.c, pages_elsewhere.c */
Handler page_links, page_merge_undo, page_referral;         /* pages_links.c, pages_referral.c */
Handler page_packages, page_package, page_package_send, page_package_receive, page_package_accept,
    page_package_return, page_package_release, page_package_transfer, page_package_close, page_package_export,
    page_action_add;                                                        /* pages_package*.c */
Handler page_exhibit;                                                  /* pages_exhibit.c */
Handler page_children, page_child, page_child_safeguard, page_child_refer;  /* pages_children.c */
Handler page_figures, page_figures_drill, page_figures_publish, page_force; /* pages_figures.c */
Handler page_intake, page_intake_file, page_intake_upload, page_intake_live; /* pages_intake.c */
Handler page_hashsets, page_held, page_held_decide, page_job_cancel, page_jobs,
    page_match;                                                             /* pages_hashset.c */
Handler page_ledger, page_entry, page_ledger_proof, page_ledger_checkpoint; /* pages_ledger.c */
Handler page_people, page_person_add, page_person_stand_down, page_agencies,
    page_operation; /* pages_people.c */
