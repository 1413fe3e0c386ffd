/* server_test.c: the server over real sockets: its headers, its bounds, its streams and its end. */
#include "web/web_testing.h"
#include <arpa/inet.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/socket.h>
#include "base/limits.h"

typedef struct Serving {
    TestWeb   w;
    pthread_t thread;
    sem_t     ready;
    int       port;
    bool      good;
    Err       err;
} Serving;

static void told_ready(void *ctx, int port)
{
    Serving *s = ctx;
    s->port = port;
    sem_post(&s->ready);
}

static void *serve(void *ctx)
{
    Serving *s = ctx;
    WebOptions opt = { .bind = "127.0.0.1", .threads = 2, .insecure_cookies = true };
    s->good = web_serve(&s->w.app, &opt, told_ready, s, &s->err);
    if (!s->good)
        sem_post(&s->ready);
    return NULL;
}

static void serving_begin(Serving *s)
{
    sigset_t held;
    sigemptyset(&held);
    sigaddset(&held, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &held, NULL); /* so that it reaches the thread that waits for it */
    test_web_open(&s->w, web_routes, web_route_count);
    test_web_person(&s->w, "reader", ROLE_AUDITOR, "coordinator", false);
    test_web_person(&s->w, "taker", ROLE_RESEARCHER, "coordinator", false);
    sem_init(&s->ready, 0, 0);
    CHECK_INT(pthread_create(&s->thread, NULL, serve, s), 0);
    sem_wait(&s->ready);
    CHECK(s->port > 0);
}

static void serving_stop(Serving *s)
{
    pthread_kill(s->thread, SIGTERM);
    pthread_join(s->thread, NULL);
    CHECK_OK(s->good, &s->err);
}

static void serving_end(Serving *s)
{
    serving_stop(s);
    sem_destroy(&s->ready);
    test_web_done(&s->w);
}

static int dial(const Serving *s)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)s->port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_INT(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static void say(int fd, const char *text, size_t len)
{
    for (ssize_t n; len && (n = send(fd, text, len, MSG_NOSIGNAL)) > 0; text += n)
        len -= (size_t)n;
}

/* Reads to the end, or until `until` has come. */
static const char *hear(Serving *s, int fd, const char *until)
{
    StrBuf buf = { .mem = &s->w.mem };
    char   part[4096];
    for (ssize_t n; !(until && strstr(buf_text(&buf), until)) && (n = recv(fd, part, sizeof part, 0)) > 0;)
        buf_add_n(&buf, part, (size_t)n);
    return buf_text(&buf);
}

static const char *ask(Serving *s, const char *request)
{
    int fd = dial(s);
    say(fd, request, strlen(request));
    const char *heard = hear(s, fd, NULL);
    close(fd);
    return heard;
}

static const char *get(Serving *s, const char *target, const char *more)
{
    return ask(s,
               str_fmt(&s->w.mem, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n", target, more));
}

static const struct { const char *name, *request, *status;
} requests[] = {
    { "health", "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "200" },
    { "HEAD", "HEAD /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "200" },
    { "old HTTP", "GET /health HTTP/1.0\r\n\r\n", "200" },
    { "stranger", "GET /queue HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "303" },
    { "unknown", "GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "404" },
    { "NUL", "GET /assets/muster.css%00x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "400" },
    { "bad UTF-8", "GET /sign-in?next=%ff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "400" },
    { "climbing", "GET /assets/../data/agencies.csv HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      "404" },
    { "climbing encoded",
      "GET /assets/%2e%2e%2f%2e%2e%2fdata/agencies.csv HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      "404" },
    { "a method", "DELETE /queue HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "405" },
    { "no token",
      "POST /sign-in HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 7\r\n"
      "Content-Type: application/x-www-form-urlencoded\r\n\r\nlogin=a",
      "403" },
    { "a strange body",
      "POST /sign-in HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\n"
      "Content-Type: text/xml\r\n\r\nx",
      "415" },
    { "too big a form",
      "POST /sign-in HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 999999\r\n"
      "Content-Type: application/x-www-form-urlencoded\r\n\r\n",
      "413" },
    { "too big a file",
      "POST /intake HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 99999999999\r\n"
      "Content-Type: multipart/form-data; boundary=bound\r\n\r\n",
      "413" },
    { "a stranger's file",
      "POST /intake HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 99999\r\n"
      "Content-Type: multipart/form-data; boundary=bound\r\n\r\n",
      "303" },
};

TEST(each_request_has_its_answer)
{
    Serving s = { 0 };
    serving_begin(&s);
    FOR_EACH(r, requests)
    {
        const char *heard = ask(&s, r->request);
        if (strlen(heard) < 12 || strncmp(heard + 9, r->status, 3) != 0)
            fail_msg("%s: %.40s", r->name, heard);
    }
    serving_end(&s);
}

TEST(every_answer_carries_its_guards)
{
    static const char *const guards[] = {
        "Content-Security-Policy: default-src 'none'", "X-Content-Type-Options: nosniff",
        "Referrer-Policy: no-referrer", "Cross-Origin-Opener-Policy: same-origin", "Permissions-Policy: ",
    };
    Serving s = { 0 };
    serving_begin(&s);
    FOR_EACH(r, requests)
    FOR_EACH(guard, guards)
    {
        const char *heard = ask(&s, r->request);
        if (!strstr(heard, *guard))
            fail_msg("%s: no %s in %s", r->name, *guard, heard);
    }
    CHECK(strstr(get(&s, "/sign-in", ""), "Cache-Control: no-store"));
    CHECK(!strstr(get(&s, "/sign-in", ""), "Strict-Transport-Security"));
    const char *style = get(&s, "/assets/muster.css?v=1", "");
    CHECK(strstr(style, "immutable") && strstr(style, "Content-Type: text/css"));
    CHECK(strstr(get(&s, "/assets/muster.css", ""), "max-age=300"));
    serving_end(&s);
}

TEST(headers_are_bounded)
{
    Serving s = { 0 };
    serving_begin(&s);
    size_t n = LIMIT_HEADER_BYTES * 4;
    char  *many = arena_new(&s.w.mem, char, n + 1);
    memset(many, 'a', n);
    const char *heard = get(&s, "/health", str_fmt(&s.w.mem, "X-Long: %s\r\n", many));
    CHECK(!strstr(heard, "HTTP/1.1 200"));
    CHECK(!strstr(get(&s, str_fmt(&s.w.mem, "/%s", many), ""), "HTTP/1.1 200"));
    CHECK(strstr(get(&s, "/health", ""), "HTTP/1.1 200"));
    serving_end(&s);
}

/* ---- someone signed in ---- */

static const char *cookie_header(Serving *s, const Session *session)
{
    return str_fmt(&s->w.mem, "Cookie: %s\r\n", test_web_cookie(&s->w, session));
}

static const char *multipart(Serving *s, const Session *session, const char *target, const char *parts)
{
    const char *body = str_fmt(&s->w.mem, "%s--bound--\r\n", parts);
    return ask(s, str_fmt(&s->w.mem,
                          "POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%sContent-Length: %zu\r\n"
                          "Content-Type: multipart/form-data; boundary=bound\r\n\r\n%s",
                          target, cookie_header(s, session), strlen(body), body));
}

static size_t files_beside(const Serving *s)
{
    size_t n = 0;
    struct dirent *entry;
    DIR *dir = opendir(s->w.t.folder);
    while (dir && (entry = readdir(dir)))
        n += strstr(entry->d_name, ".upload-") != NULL;
    if (dir)
        closedir(dir);
    return n;
}

static const char file_part[] =
    "--bound\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../../x\"\r\n\r\ncontents\r\n";

static const char *token_part(Serving *s, const Session *session)
{
    return str_fmt(&s->w.mem, "--bound\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n%s\r\n",
                   session->csrf);
}

TEST(a_file_reaches_its_handler_and_is_removed)
{
    Serving s = { 0 };
    serving_begin(&s);
    Session session = test_web_session(&s.w, "taker");
    const char *token = token_part(&s, &session), *heard;
    CHECK(strstr(multipart(&s, &session, "/intake", file_part), "That form is no longer valid"));
    CHECK(strstr(multipart(&s, &session, "/intake", token), "Choose a file"));
    heard = multipart(&s, &session, "/intake", str_fmt(&s.w.mem, "%s%s", token, file_part));
    CHECK(strstr(heard, "HTTP/1.1 403") && strstr(heard, "operation")); /* none is open: told by the intake */
    CHECK_INT(files_beside(&s), 0);
    serving_end(&s);
}

TEST(a_file_where_none_is_taken_is_refused)
{
    Serving s = { 0 };
    serving_begin(&s);
    Session session = test_web_session(&s.w, "taker");
    const char *token = token_part(&s, &session);
    const char *heard = multipart(&s, &session, "/sign-out", str_fmt(&s.w.mem, "%s%s", token, file_part));
    CHECK(strstr(heard, "HTTP/1.1 400"));
    CHECK(strstr(multipart(&s, &session, "/sign-out", token), "HTTP/1.1 303"));
    CHECK(strstr(get(&s, "/account", cookie_header(&s, &session)), "HTTP/1.1 303"));
    serving_end(&s);
}

/* One that goes away in the middle leaves nothing behind. */
TEST(an_upload_cut_short_leaves_no_file)
{
    Serving s = { 0 };
    serving_begin(&s);
    Session session = test_web_session(&s.w, "taker");
    int fd = dial(&s);
    const char *half = str_fmt(&s.w.mem,
                               "POST /intake HTTP/1.1\r\nHost: x\r\n%sContent-Length: 100000\r\n"
                               "Content-Type: multipart/form-data; boundary=bound\r\n\r\n"
                               "--bound\r\nContent-Disposition: form-data; name=\"file\"; "
                               "filename=\"x\"\r\n\r\nhalf of it",
                               cookie_header(&s, &session));
    say(fd, half, strlen(half));
    shutdown(fd, SHUT_WR);
    hear(&s, fd, NULL);
    close(fd);
    CHECK(strstr(get(&s, "/health", ""), "HTTP/1.1 200"));
    serving_stop(&s);                                      /* every connection is over by then */
    CHECK_INT(files_beside(&s), 0);
    test_web_done(&s.w);
}

TEST(a_live_page_hears_of_changes_and_ends_with_the_server)
{
    Serving s = { 0 };
    serving_begin(&s);
    Session session = test_web_session(&s.w, "reader");
    int fd = dial(&s);
    const char *request =
        str_fmt(&s.w.mem, "GET /live/picture HTTP/1.1\r\nHost: x\r\n%s\r\n", cookie_header(&s, &session));
    say(fd, request, strlen(request));
    CHECK(strstr(hear(&s, fd, ": listening\n\n"), "text/event-stream"));
    test_web_person(&s.w, "another", ROLE_AUDITOR, "coordinator", false);
    CHECK(strstr(hear(&s, fd, "\ndata: "), "id: "));
    pthread_kill(s.thread, SIGTERM);
    hear(&s, fd, NULL);                                    /* ends by itself */
    close(fd);
    pthread_join(s.thread, NULL);
    CHECK_OK(s.good, &s.err);
    test_web_done(&s.w);
}

/* A POST that has begun when the server is told to stop is answered. */
TEST(what_was_begun_is_finished)
{
    Serving s = { 0 };
    serving_begin(&s);
    Session session = test_web_session(&s.w, "reader");
    const char *body = str_fmt(&s.w.mem, "csrf=%s", session.csrf);
    const char *head = str_fmt(&s.w.mem,
                               "POST /sign-out HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: "
                               "100-continue\r\n%s"
                               "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "
                               "%zu\r\n\r\n",
                               cookie_header(&s, &session), strlen(body));
    int fd = dial(&s);
    say(fd, head, strlen(head));
    CHECK(strstr(hear(&s, fd, "100 Continue\r\n\r\n"), "100 Continue"));   /* so it has begun */
    pthread_kill(s.thread, SIGTERM);
    say(fd, body, strlen(body));
    CHECK(strstr(hear(&s, fd, NULL), "HTTP/1.1 303"));
    close(fd);
    pthread_join(s.thread, NULL);
    CHECK_OK(s.good, &s.err);
    test_web_done(&s.w);
}

TEST(a_taken_port_is_told)
{
    Serving s = { 0 };
    serving_begin(&s);
    Err err = { 0 };
    WebOptions opt = { .bind = "127.0.0.1", .port = s.port };
    CHECK_FAILS(web_serve(&s.w.app, &opt, NULL, NULL, &err), &err, ERR_CONFLICT);
    opt.bind = "nowhere.invalid";
    CHECK_FAILS(web_serve(&s.w.app, &opt, NULL, NULL, &err), &err, ERR_INVALID);
    serving_end(&s);
}

TEST_MAIN(each_request_has_its_answer, every_answer_carries_its_guards, headers_are_bounded,
          a_file_reaches_its_handler_and_is_removed, a_file_where_none_is_taken_is_refused,
          an_upload_cut_short_leaves_no_file, a_live_page_hears_of_changes_and_ends_with_the_server,
          what_was_begun_is_finished, a_taken_port_is_told)
