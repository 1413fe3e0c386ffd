/* server.c: the one file that knows libmicrohttpd. Fills an Incoming from a connection, lets the chain
 * answer, sends it.
 *
 * Invariants: (1) everything that comes in is bounded before it is kept: headers by the connection's memory,
 * bodies by limits.h, connections and their idle time by constants here; (2) no upload is spooled for someone
 * who could not send it in; (3) a worker's reader and arena serve one request at a time and are reset after
 * it. */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "base/limits.h"
#include "web/crew.h"
#include "web/inside.h"
#include "web/listen.h"
#include "web/live.h"
#include "web/receive.h"
#include "web/ticker.h"
#include "web/workers.h"

enum {
    CONNECTIONS_MAX = 2000,
    CONNECTION_IDLE_S = 30,
    MULTIPART_BUFFER = 64 * 1024,
    CREW_THREADS = 8,                        /* also how many slow password hashes run at once, 64 MiB each */
    DRAIN_SECONDS = 10,
};

typedef struct Server {
    Front           front;
    Arena           mem;
    struct MHD_Daemon *daemon;
    Live           *live;
    Ticker         *ticker;
    Crew           *crew;                    /* answers what waits for the disk */
    const char     *spool;                   /* uploads are kept beside the database, never elsewhere */
    Workers        *workers;
    atomic_int      busy;                    /* requests begun and not sent, live pages aside */
} Server;

typedef struct Conn { /* one request from its first byte to its last; lives in its own arena */
    Arena       mem;
    Server     *server;
    struct MHD_Connection *connection;
    const char *target;
    Method      method;
    bool        begun, is_json, uncounted;
    Receive     body;
    struct MHD_PostProcessor *parts;         /* multipart only */
    CrewJob     job;
    struct MHD_Response *response;           /* ready to be sent */
    unsigned    status;
} Conn;

/* ---- sending ---- */

typedef struct Header { const char *name, *value; } Header;
static const Header always[] = {
    { "Content-Security-Policy", PAGE_CSP },
    { "Cross-Origin-Opener-Policy", "same-origin" },
    { "Cross-Origin-Resource-Policy", "same-origin" },
    { "Permissions-Policy", "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
                            "microphone=(), payment=(), usb=()" },
    { "Referrer-Policy", "no-referrer" },
    { "X-Content-Type-Options", "nosniff" },
    { "X-Frame-Options", "DENY" },
};

static void header(struct MHD_Response *response, const char *name, const char *value)
{
    if (value && MHD_add_response_header(response, name, value) != MHD_YES)
        abort(); /* only a line break in it, or no memory: never to be sent half */
}

static const char *file_name(Arena *mem, const char *name)
{
    char *safe = str_copy(mem, name);
    for (char *at = safe; *at; at++)
        if (!((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') ||
              *at == '-' || *at == '_' || (*at == '.' && at > safe)))
            *at = '-';
    return safe;
}

static void cookies(struct MHD_Response *response, Arena *mem, const char *lines)
{
    for (Str rest = str_of(lines); rest.len;) {
        const char *end = memchr(rest.at, '\n', rest.len);
        size_t len = end ? (size_t)(end - rest.at) : rest.len;
        header(response, "Set-Cookie", str_copy_n(mem, rest.at, len));
        rest = (Str){ rest.at + len + (end ? 1 : 0), rest.len - len - (end ? 1 : 0) };
    }
}

static const char *cache_of(const Response *out)
{
    if (!out->etag)
        return "no-store";
    return out->keeps ? "public, max-age=31536000, immutable" : "public, max-age=300";
}

static void headers(const Server *s, struct MHD_Response *response, Arena *mem, const Response *out)
{
    FOR_EACH(h, always)
    header(response, h->name, h->value);
    if (!s->front.insecure_cookies)
        header(response, "Strict-Transport-Security", "max-age=63072000; includeSubDomains");
    header(response, "Cache-Control", cache_of(out));
    header(response, "Content-Type", out->type ? out->type : "text/html; charset=utf-8");
    header(response, "ETag", out->etag);
    header(response, "Allow", out->allow);
    header(response, "Location", url_text(out->redirect));
    header(response, "Vary", out->etag ? NULL : "Accept, Cookie");
    if (out->status == 503)
        header(response, "Retry-After", "30");
    if (out->download)
        header(response, "Content-Disposition",
               str_fmt(mem, "attachment; filename=\"%s\"", file_name(mem, out->download)));
    cookies(response, mem, out->cookie);
}

static void live_sleep(void *connection) { MHD_suspend_connection(connection); }
static void live_wake(void *connection) { MHD_resume_connection(connection); }

static ssize_t live_send(void *ctx, uint64_t position, char *to, size_t cap)
{
    (void)position;
    ssize_t got = live_read(ctx, to, cap);
    return got < 0 ? MHD_CONTENT_READER_END_OF_STREAM : got;
}

static void live_over(void *ctx) { live_leave(ctx); }

static struct MHD_Response *response_of(Conn *c, Response *out)
{
    if (out->live) {
        LiveClient *client = live_join(c->server->live, c->connection);
        if (client) {
            atomic_fetch_sub(&c->server->busy, 1);
            c->uncounted = true;
            return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 1024, live_send, client, live_over);
        }
        out->status = 503;
    }
    return MHD_create_response_from_buffer(out->body.len, (void *)(uintptr_t)out->body.at,
                                           MHD_RESPMEM_MUST_COPY);
}

/* Leaves what is to be sent in `c`; NULL there: not even that could be made. */
static void response_make(Conn *c, Arena *mem, Response *out)
{
    c->response = response_of(c, out);
    if (!c->response)
        return;
    headers(c->server, c->response, mem, out);
    c->status = (unsigned)out->status;
}

static enum MHD_Result send_out(Conn *c)
{
    if (!c->response)
        return MHD_NO;
    enum MHD_Result queued = MHD_queue_response(c->connection, c->status, c->response);
    MHD_destroy_response(c->response);
    c->response = NULL;
    return queued;
}

/* For what is refused before the chain can look at it. */
static void plain_make(Conn *c, int status, const char *text, const char *allow)
{
    Response out = {
        .status = status, .type = "text/plain; charset=utf-8", .body = str_of(text), .allow = allow
    };
    response_make(c, &c->mem, &out);
}

static enum MHD_Result send_plain(Conn *c, int status, const char *text, const char *allow)
{
    plain_make(c, status, text, allow);
    return send_out(c);
}

/* ---- who is at the other end ---- */

static const char *request_header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static bool is_loopback(const struct sockaddr *a)
{
    if (a->sa_family == AF_INET)
        return (ntohl(((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr) >> 24) == 127;
    return a->sa_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)a)->sin6_addr);
}

/* A proxy on this machine says whom it speaks for, in the last part of the header: the parts before it are
 * the caller's own claims. */
static const char *forwarded_for(Arena *mem, struct MHD_Connection *connection)
{
    unsigned char address[16];
    const char *said = request_header(connection, "X-Forwarded-For");
    const char *comma = said ? strrchr(said, ',') : NULL;
    const char *last = said ? str_from(mem, str_trim(str_of(comma ? comma + 1 : said))) : NULL;
    bool is_address =
        last && (inet_pton(AF_INET, last, address) == 1 || inet_pton(AF_INET6, last, address) == 1);
    return is_address ? last : NULL;
}

static const char *remote(Arena *mem, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *a = info ? info->client_addr : NULL;
    char text[INET6_ADDRSTRLEN] = "";
    if (!a)
        return "";
    const char *said = is_loopback(a) ? forwarded_for(mem, connection) : NULL;
    if (said)
        return said;
    if (a->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)a)->sin_addr, text, sizeof text);
    else if (a->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr, text, sizeof text);
    return str_copy(mem, text);
}

static Incoming incoming(Arena *mem, const Conn *c)
{
    struct MHD_Connection *connection = c->connection;
    return (Incoming){ .method = c->method,
                       .target = c->target,
                       .from = remote(mem, connection),
                       .cookie = request_header(connection, "Cookie"),
                       .accept = request_header(connection, "Accept"),
                       .origin = request_header(connection, "Origin"),
                       .host = request_header(connection, "Host"),
                       .fetch_site = request_header(connection, "Sec-Fetch-Site"),
                       .csrf = request_header(connection, "X-CSRF"),
                       .refresh = request_header(connection, "X-Refresh"),
                       .if_none_match = request_header(connection, "If-None-Match"),
                       .form = c->body.fields,
                       .form_count = c->body.count,
                       .form_bad = c->body.bad,
                       .upload_path = c->body.path,
                       .upload_name = c->body.file_name };
}

/* ---- answering ---- */

static void log_request(const Server *s, const Incoming *in, const Response *out, Instant took)
{
    const Log *log = &s->front.app->log;
    if (log->least > LOG_DEBUG)
        return; /* addresses hold references only, but the path is left out all the same */
    log_event(log, app_now(s->front.app), LOG_DEBUG, "web.request",
              LOG_FIELDS({ "method", in->method == POST ? "POST" : "GET", 0 },
                         { "status", NULL, out->status }, { "us", NULL, took }));
}

static int64_t clock_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void answer(Conn *c)
{
    Server  *s = c->server;
    Err      err = { 0 };
    Response out = { 0 };
    int64_t  began = clock_us();
    Worker  *w = worker_take(s->workers, &err);
    if (w->db) {
        Incoming in = incoming(&w->mem, c);
        web_answer(&s->front, w->db, &w->mem, &in, &out);
        log_request(s, &in, &out, clock_us() - began);
        response_make(c, &w->mem, &out);
    } else {
        log_err(&s->front.app->log, app_now(s->front.app), "web.reader", &err);
        plain_make(c, 503, "The service cannot read just now. Try again in a minute.\n", NULL);
    }
    worker_give(s->workers, w);
}

/* On a thread of the crew; the connection sleeps until it is done. */
static void answer_apart(void *ctx)
{
    Conn *c = ctx;
    answer(c);
    if (!c->response)
        plain_make(c, 500, "Sorry, there is a problem with the service.\n", NULL);
    MHD_resume_connection(c->connection);
}

/* ---- receiving a body ---- */

static enum MHD_Result part(void *ctx, enum MHD_ValueKind kind, const char *name, const char *file_name,
                            const char *type, const char *encoding, const char *data, uint64_t offset,
                            size_t size)
{
    (void)kind, (void)type, (void)encoding;
    Conn *c = ctx;
    return receive_part(&c->body, name, file_name, data, offset, size) ? MHD_YES : MHD_NO;
}

static bool unreadable(const Conn *c) { return c->body.too_much || c->body.bad || c->body.failed; }

/* What comes after something unreadable is only read away. */
static void body_add(Conn *c, const char *data, size_t size)
{
    if (unreadable(c))
        return;
    if (!c->parts)
        receive_bytes(&c->body, data, size);
    else if (MHD_post_process(c->parts, data, size) != MHD_YES && !unreadable(c))
        c->body.bad = true;
}

static void body_end(Conn *c)
{
    if (!c->parts) {
        receive_form_end(&c->body, c->is_json);
        return;
    }
    bool whole = MHD_destroy_post_processor(c->parts) == MHD_YES;
    c->parts = NULL;
    c->body.bad = c->body.bad || !whole;
    receive_parts_end(&c->body);
}

/* Invariant 2. False: the refusal is ready to be sent. */
static bool admit(Conn *c)
{
    Err err = { 0 };
    Response out = { 0 };
    Request r;
    Worker *w = worker_take(c->server->workers, &err);
    Incoming in = incoming(&w->mem, c);
    bool takes_it = w->db && web_admit(&c->server->front, w->db, &w->mem, &in, &r, &out);
    if (takes_it && str_same(r.inside->route->fields, "file"))
        c->body.spool = c->server->spool;
    if (!w->db)
        plain_make(c, 503, "The service cannot read just now.\n", NULL);
    else if (!takes_it)
        response_make(c, &w->mem, &out);
    worker_give(c->server->workers, w);
    return takes_it;
}

static uint64_t announced(struct MHD_Connection *connection)
{
    int64_t n = 0;
    const char *said = request_header(connection, "Content-Length");
    return said && str_int(str_of(said), 0, INT64_MAX, &n) ? (uint64_t)n : 0;
}

static const char too_much[] = "That is more than the service takes.\n";

typedef enum BodyType { BODY_FORM, BODY_JSON, BODY_MULTIPART, BODY_OTHER } BodyType;
static BodyType body_type(struct MHD_Connection *connection)
{
    static const struct { const char *name; BodyType type; } types[] = {
        { "application/x-www-form-urlencoded", BODY_FORM },
        { "application/json", BODY_JSON },
        { "multipart/form-data", BODY_MULTIPART },
    };
    const char *said = request_header(connection, "Content-Type");
    FOR_EACH(t, types)
    if (said && strncasecmp(said, t->name, strlen(t->name)) == 0)
        return t->type;
    return said || announced(connection) ? BODY_OTHER : BODY_FORM;
}

static enum MHD_Result body_begin(Conn *c)
{
    BodyType type = body_type(c->connection);
    uint64_t most =
        type == BODY_MULTIPART ? (uint64_t)LIMIT_UPLOAD_BYTES + LIMIT_FORM_BYTES : LIMIT_FORM_BYTES;
    if (type == BODY_OTHER)
        return send_plain(c, 415, "Send a form, or a JSON object.\n", NULL);
    if (announced(c->connection) > most)
        return send_plain(c, 413, too_much, NULL);
    c->is_json = type == BODY_JSON;
    if (type != BODY_MULTIPART)
        return MHD_YES;
    if (!admit(c))
        return send_out(c);
    c->parts = MHD_create_post_processor(c->connection, MULTIPART_BUFFER, part, c);
    return c->parts ? MHD_YES : send_plain(c, 400, "The form names no boundary.\n", NULL);
}

/* ---- what the library calls ---- */

/* The library's own decoding would let %00 cut an address short, so it gets none: the chain decodes. */
static size_t leave_encoded(void *ctx, struct MHD_Connection *connection, char *text)
{
    (void)ctx, (void)connection;
    return strlen(text);
}

static void *conn_begin(void *ctx, const char *target, struct MHD_Connection *connection)
{
    Arena mem = { 0 };
    Conn *c = arena_new(&mem, Conn, 1);
    const char *kept_target = str_copy(&mem, target);
    *c = (Conn){ .mem = mem, .server = ctx, .connection = connection, .target = kept_target };
    c->body = receive_new(&c->mem, NULL);
    return c;
}

static void conn_end(void *ctx, struct MHD_Connection *connection, void **request,
                     enum MHD_RequestTerminationCode why)
{
    (void)ctx, (void)connection, (void)why;
    Conn *c = *request;
    *request = NULL;
    if (!c)
        return;
    if (c->begun && !c->uncounted)
        atomic_fetch_sub(&c->server->busy, 1);
    if (c->response)
        MHD_destroy_response(c->response);
    if (c->parts)
        MHD_destroy_post_processor(c->parts);
    receive_done(&c->body);
    Arena mem = c->mem;
    arena_done(&mem);
}

static bool method_read(const char *name, Method *out)
{
    *out = str_same(name, "POST") ? POST : GET;
    return *out == POST || str_same(name, "GET") || str_same(name, "HEAD");
}

static enum MHD_Result request_begin(Conn *c, const char *method)
{
    c->begun = true;
    atomic_fetch_add(&c->server->busy, 1);
    if (!method_read(method, &c->method))
        return send_plain(c, 405, "Only GET, HEAD and POST.\n", "GET, HEAD, POST");
    return c->method == POST ? body_begin(c) : MHD_YES;
}

static enum MHD_Result answer_begin(Conn *c)
{
    if (c->method == POST)
        body_end(c);
    if (c->body.too_much)
        return send_plain(c, 413, too_much, NULL);
    if (c->body.failed)
        return send_plain(c, 503, "The file could not be kept. Try again in a minute.\n", NULL);
    Incoming in = { .method = c->method, .target = c->target };
    if (!web_waits(&c->server->front, &c->mem, &in)) {
        answer(c);
        return send_out(c);
    }
    c->job = (CrewJob){ .run = answer_apart, .ctx = c };
    MHD_suspend_connection(c->connection);
    if (crew_give(c->server->crew, &c->job))
        return MHD_YES;
    plain_make(c, 503, "The service is stopping. Try again in a minute.\n", NULL);
    MHD_resume_connection(c->connection);
    return MHD_YES;
}

/* Called once for the headers, once for each piece of the body, and then until something is queued. */
static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data, size_t *size,
                                  void **request)
{
    (void)ctx, (void)connection, (void)url, (void)version;
    Conn *c = *request;
    if (!c->begun)
        return request_begin(c, method);
    if (*size) {
        body_add(c, data, *size);
        *size = 0;
        return c->body.too_much ? MHD_NO : MHD_YES; /* more than was announced: not read to its end */
    }
    return c->response ? send_out(c) : answer_begin(c);
}

/* ---- starting and stopping ---- */

static unsigned thread_count(const WebOptions *opt)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    return opt->threads > 0 ? (unsigned)opt->threads : cpus > 2 ? (unsigned)cpus : 2;
}

static bool daemon_start(Server *s, const WebOptions *opt, int fd, Err *err)
{
    s->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, s,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE, thread_count(opt),
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)LIMIT_HEADER_BYTES, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)CONNECTION_IDLE_S,
        MHD_OPTION_URI_LOG_CALLBACK, conn_begin, s, MHD_OPTION_NOTIFY_COMPLETED, conn_end, NULL,
        MHD_OPTION_UNESCAPE_CALLBACK, leave_encoded, NULL, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    if (s->daemon)
        return true;
    close(fd);
    return err_set(err, ERR_STORE, "The server cannot be started.");
}

static void drain(Server *s)
{
    for (int i = 0; i < DRAIN_SECONDS * 100 && atomic_load(&s->busy) > 0; i++)
        nanosleep(&(struct timespec){ .tv_nsec = 10 * 1000 * 1000 }, NULL);
}

/* No new connections; those being answered are; live pages end and will come back to whoever serves next. */
static void server_stop(Server *s)
{
    ticker_stop(s->ticker);
    if (!s->daemon) {
        crew_stop(s->crew);
    } else {
        MHD_socket fd = MHD_quiesce_daemon(s->daemon);
        if (fd != MHD_INVALID_SOCKET)
            close(fd);
        live_finish(s->live);
        drain(s);
        crew_stop(s->crew);                  /* however long: what was begun is finished ... */
        drain(s);                            /* ... and sent */
        MHD_stop_daemon(s->daemon);
    }
    live_done(s->live);
    workers_done(s->workers);
    Arena mem = s->mem;
    arena_done(&mem);
}

static bool server_start(Server *s, App *app, const WebOptions *opt, int *port, Err *err)
{
    int fd = -1;
    s->front = (Front){ .app = app, .routes = web_routes, .route_count = web_route_count,
                        .insecure_cookies = opt->insecure_cookies };
    s->workers = workers_new(&s->mem, app->store);
    s->live = live_new(&s->mem, live_sleep, live_wake);
    s->spool = str_fmt(&s->mem, "%s.upload-XXXXXX", store_path(app->store));
    return crew_start(&s->mem, CREW_THREADS, &s->crew, err) &&
           ticker_start(app, s->live, &s->mem, &s->ticker, err) &&
           listen_at(opt->bind, opt->port, &fd, port, err) && daemon_start(s, opt, fd, err);
}

/* The threads that come to be from here on leave these to us. */
static void signals_hold(sigset_t *held, sigset_t *before)
{
    sigemptyset(held);
    sigaddset(held, SIGINT);
    sigaddset(held, SIGTERM);
    sigaddset(held, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, held, before);
    sigdelset(held, SIGPIPE);
}

bool web_serve(App *app, const WebOptions *opt, WebReady *ready, void *ctx, Err *err)
{
    sigset_t held, before;
    int port = 0, signal = 0;
    Server s = { 0 };
    if (!web_check_routes(web_routes, web_route_count, err))
        return false;
    signals_hold(&held, &before);
    bool started = server_start(&s, app, opt, &port, err);
    if (started) {
        if (ready)
            ready(ctx, port);
        sigwait(&held, &signal);
    }
    server_stop(&s);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started || err_while(err, "starting to serve");
}
