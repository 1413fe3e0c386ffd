/* chain_test.c: who gets through to a handler, and what the others see. */
#include "web/web_testing.h"

static bool show(Request *r, Response *out, Err *err)
{
    (void)err;
    Html h = html_new(r->mem);
    Page page = request_page(r, "A page", NAV_NONE);
    page_begin(&h, &page);
    page_end(&h, &page);
    respond_html(r, out, &h);
    return true;
}

static bool change(Request *r, Response *out, Err *err)
{
    if (str_same(request_form(r, "fail"), "invalid"))
        return err_set(err, ERR_INVALID, "Enter a reason.");
    if (str_same(request_form(r, "fail"), "store"))
        return err_set(err, ERR_STORE, "The disk said no.");
    respond_redirect(r, out, url_lit("/secret"), "It is done.");
    return true;
}

static bool hidden(Request *r, Response *out, Err *err)
{
    int64_t id;
    (void)out;
    return request_ref(r, "ref", 'N', &id, err) && err_set(err, ERR_NOT_FOUND, "No such nominal.");
}

static const Route routes[] = {
    { GET,  "/",                    PERM_SIGNED_IN,      EVENT_BOARD,       show,                     "Home",     "" },
    { GET,  "/nominals/:ref",       PERM_NOMINAL_READ,   EVENT_LOOK,        hidden,                   "Hidden",   "" },
    { GET,  "/password",            PERM_SIGNED_IN,      EVENT_BOARD,       page_password,            "Password", "" },
    { POST, "/password",            PERM_SIGNED_IN,      EVENT_CHANGE,      page_password_post,       "Password", "" },
    { GET,  "/secret",              PERM_LEDGER_READ,    EVENT_BOARD,       show,                     "Secret",   "" },
    { POST, "/secret/change",       PERM_LEDGER_READ,    EVENT_CHANGE,      change,                   "Change",   "" },
    { GET,  "/sign-in",             PERM_PUBLIC,         EVENT_NONE_PUBLIC, page_sign_in,             "Sign in",  "" },
    { POST, "/sign-in",             PERM_PUBLIC,         EVENT_CHANGE,      page_sign_in_post,        "Sign in",  "" },
    { POST, "/sign-out",            PERM_SIGNED_IN,      EVENT_CHANGE,      page_sign_out,            "Sign out", "" },
    { POST, "/sign-out-everywhere", PERM_SIGNED_IN,      EVENT_CHANGE,      page_sign_out_everywhere, "Sign out", "" },
    { GET,  "/style",               PERM_PUBLIC,         EVENT_NONE_PUBLIC, page_health,              "Public",   "" },
};

static void open(TestWeb *w)
{
    test_web_open(w, routes, COUNT_OF(routes));
    test_web_person(w, "reader", ROLE_AUDITOR, "coordinator", false);
    test_web_person(w, "press", ROLE_PRESS_OFFICER, "coordinator", false);
    test_web_person(w, "fresh", ROLE_AUDITOR, "coordinator", true);
}

static bool has(const Response *out, const char *text)
{
    return out->body.len && strstr(out->body.at, text);
}

TEST(a_stranger_is_led_to_sign_in_and_back)
{
    CLEANUP(test_web_done) TestWeb w = { 0 };
    open(&w);
    Response out = test_web_ask(&w, (Incoming){ .target = "/secret?after=N-1%26x" });
    CHECK_INT(out.status, 303);
    CHECK_TEXT(url_text(out.redirect), "/sign-in?next=%2Fsecret%3Fafter%3DN-1%2526x");
    out = test_web_ask(&w, (Incoming){ .target = "/secret", .accept = "application/json" });
    CHECK_INT(out.status, 401);
    CHECK(has(&out, "\"denied\""));
    out = test_web_ask(&w, (Incoming){ .target = "/secret", .cookie = "muster=00ff" });
    CHECK_INT(out.status, 303);
    out = test_web_ask(&w, (Incoming){ .method = POST, .target = "/secret/change" });
    CHECK_TEXT(url_text(out.redirect), "/sign-in");
}

/* Down to the byte, so that the answer says nothing about what is there. */
TEST(what_one_may_not_see_looks_like_nothing)
{
    CLEANUP(test_web_done) TestWeb w = { 0 };
    open(&w);
    Session press = test_web_session(&w, "press"), reader = test_web_session(&w, "reader");
    static const char *const asked[] = { "/secret", "/nominals/N-3Z1B", "/nominals/x", "/no/such/address",
                                         "/secret/" };
    const char *first = NULL;
    FOR_EACH(target, asked)
    {
        Response out =
            test_web_ask(&w, (Incoming){ .target = *target, .cookie = test_web_cookie(&w, &press) });
        CHECK_INT(out.status, 404);
        first = first ? first : out.body.at;
        CHECK_TEXT(out.body.at, first);
    }
    Response hidden_one =
        test_web_ask(&w, (Incoming){ .target = "/nominals/N-1", .cookie = test_web_cookie(&w, &reader) });
    Response none =
        test_web_ask(&w, (Incoming){ .target = "/no/such", .cookie = test_web_cookie(&w, &reader) });
    CHECK_TEXT(hidden_one.body.at, none.body.at);
    Response seen =
        test_web_ask(&w, (Incoming){ .target = "/secret", .cookie = test_web_cookie(&w, &reader) });
    CHECK_INT(seen.status, 200);
}

TEST(a_page_that_refreshes_itself_does_not_keep_an_unwatched_session_alive)
{
    static const struct { const char *refresh; int status; } cases[] = { { NULL, 200 }, { "live", 303 } };
    FOR_EACH(c, cases)
    {
        CLEANUP(test_web_done) TestWeb w = { 0 };
        open(&w);
        Session s = test_web_session(&w, "reader");
        Incoming ask = { .target = "/secret", .cookie = test_web_cookie(&w, &s), .refresh = c->refresh };
        w.app.opt.fixed_now = TESTING_NOW + 20 * 60 * US_PER_SECOND;
        CHECK_INT(test_web_ask(&w, ask).status, 200);
        w.app.opt.fixed_now = TESTING_NOW + 40 * 60 * US_PER_SECOND;
        CHECK_INT(test_web_ask(&w, ask).status, c->status);
    }
}

TEST(a_wrong_method_names_the_right_one)
{
    CLEANUP(test_web_done) TestWeb w = { 0 };
    open(&w);
    Response out = test_web_ask(&w, (Incoming){ .method = POST, .target = "/secret" });
    CHECK_INT(out.status, 405);
    CHECK_TEXT(out.allow, "GET, HEAD");
}

TEST(a_first_password_opens_nothing_else)
{
    CLEANUP(test_web_done) TestWeb w = { 0 };
    open(&w);
    Session s = test_web_session(&w, "fresh");
    const char *cookie = test_web_cookie(&w, &s);
    Response out = test_web_ask(&w, (Incoming){ .target = "/secret", .cookie = cookie });
    CHECK_TEXT(url_text(out.redirect), "/password");
    out = test_web_ask(&w, (Incoming){ .target = "/secret", .cookie = cookie, .accept = "application/json" });
    CHECK_INT(out.status, 403);
    out = test_web_ask(&w, (Incoming){ .target = "/password", .cookie = cookie });
    CHECK_INT(out.status, 200);
    Pair form[] = { { "csrf", s.csrf },
                    { "current", TESTING_PASSWORD },
                    { "password", "four other plain words" },
                    { "again", "four other plain words" } };
    out = test_web_ask(&w, (Incoming){ .method = POST, .target = "/password", .cookie = cookie, .form = form,
                                       .form_count = COUNT_OF(form) });
    CHECK_TEXT(url_text(out.redirect), "/");
    const char *fresh = strstr(out.cookie, "muster=");
    out = test_web_ask(
        &w, (Incoming){ .target = "/secret", .cookie = str_copy_n(&w.mem, fresh, strcspn(fresh, ";")) });
    CHECK_INT(out.status, 200);
    out = test_web_ask(&w, (Incoming){ .target = "/secret", .cookie = cookie });
    CHECK_TEXT(url_text(out.redirect), "/sign-in?next=%2Fsecret");
}

TEST(only_our_own_forms_change_anything)
{
    CLEANUP(test_web_done) TestWeb w = { 0 };
    open(&w);
    Session s = test_web_session(&w, "reader"), other = test_web_session(&w, "press");
    Pair good = { "csrf", s.csrf }, wrong = { "csrf", other.csrf },
         cut = { "csrf", str_copy_n(&w.mem, s.csrf, 8) };
    const struct { const char *name; Pair *form; const char *header, *site; int status; } tries[] = {
        { "its own token",          &good,  NULL,   NULL,          303 },
        { "from our own origin",    &good,  NULL,   "same-origin", 303 },
        { "in the header",          NULL,   s.csrf, NULL,          303 },
        { "no token",               NULL,   NULL,   "same-origin", 403 },
        { "another's token",        &wrong, NULL,   NULL,          403 },
        { "half a token",           &cut,   NULL,   NULL,          403 },
        { "from another site",      &good,  NULL,   "cross-site",  403 },
    };
    FOR_EACH(t, tries)
    {
        Response out = test_web_ask(&w, (Incoming){ .method = POST,
                                                    .target = "/secret/change",
                                                    .form = t->form,
                                                    .form_count = t->form ? 1 : 0,
                                                    .csrf = t->header,
                                                    .fetch_site = t->site,
                                                    .cookie = test_web_cookie(&w, &s) });
        if (out.status != t->status)
            fail_msg("%s: %d", t->name, out.status);
    }
}

static Response post_change(TestWeb *w, const Session *s, const char *fail, bool json)
{
    Pair form[] = { { "csrf", s->csrf }, { "fail", fail } };
    return test_web_ask(w, (Incoming){ .method = POST,
                                       .target = "/secret/change",
                                       .cookie = test_web_cookie(w, s),
                                       .form = form,
                                       .form_count = COUNT_OF(form),
                                       .accept = json ? "application/json" : "text/html" });
}

TEST(errors_are_told_by_kind)
{
    CLEANUP(test_web_done) TestWeb w = { 0 };
    open(&w);
    Session s = test_web_session(&w, "reader");
    Response out = post_change(&w, &s, "invalid", false);
    CHECK_INT(out.status, 400);
    CHECK(has(&out, "Enter a reason.") && has(&out, "<title>Error: ") && has(&out, "href=\"/secret\""));
    out = post_change(&w, &s, "invalid", true);
    CHECK(has(&out, "\"told\": \"Enter a reason.\""));
    out = post_change(&w, &s, "store", false);
    CHECK_INT(out.status, 503);
    CHECK(!has(&out, "The disk said no.") && has(&out, "the reference "));
    out = post_change(&w, &s, "store", true);
    CHECK(!has(&out, "The disk said no.") && has(&out, "\"reference\""));
}

TEST(a_message_is_shown_once)
{
    CLEANUP(test_web_done) TestWeb w = { 0 };
    open(&w);
    Session s = test_web_session(&w, "reader");
    Response out = post_change(&w, &s, "", false);
    const char *flash = strstr(out.cookie, "muster-flash=");
    CHECK(flash && strstr(out.cookie, "HttpOnly"));
    const char *both = str_fmt(&w.mem, "%s; %.*s", test_web_cookie(&w, &s), (int)strcspn(flash, ";"), flash);
    out = test_web_ask(&w, (Incoming){ .target = "/secret", .cookie = both });
    CHECK(has(&out, "It is done."));
    CHECK(strstr(out.cookie, "muster-flash=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"));
    out = test_web_ask(&w, (Incoming){ .target = "/secret", .cookie = test_web_cookie(&w, &s) });
    CHECK(!has(&out, "It is done.") && !out.cookie);
}

TEST(a_planted_message_cannot_be_markup)
{
    CLEANUP(test_web_done) TestWeb w = { 0 };
    open(&w);
    static const char evil[] = "<script>x</script>\xff";
    const char *planted = str_fmt(&w.mem, "muster-flash=%s",
                                  base64_write(&w.mem, (const uint8_t *)evil, sizeof evil - 1));
    Response out = test_web_ask(&w, (Incoming){ .target = "/sign-in", .cookie = planted });
    CHECK(has(&out, "&lt;script&gt;x") && !has(&out, "<script>x"));
}

/* ---- signing in as a browser does ---- */

typedef struct Visit { const char *cookie, *token; } Visit;
static Visit visit(TestWeb *w)
{
    Response out = test_web_ask(w, (Incoming){ .target = "/sign-in" });
    const char *at = strstr(out.cookie, "muster-visit=");
    const char *cookie = str_copy_n(&w->mem, at, strcspn(at, ";"));
    const char *token = cookie + strlen("muster-visit=");
    CHECK(has(&out, str_fmt(&w->mem, "name=\"csrf\" value=\"%s\"", token)));
    return (Visit){ cookie, token };
}

static Response sign_in(TestWeb *w, const Visit *v, const char *login, const char *password, const char *next)
{
    Pair form[] = { { "csrf", v->token }, { "login", login }, { "password", password }, { "next", next } };
    return test_web_ask(w, (Incoming){ .method = POST,
                                       .target = "/sign-in",
                                       .cookie = v->cookie,
                                       .form = form,
                                       .form_count = COUNT_OF(form),
                                       .from = "192.0.2.9" });
}

TEST(signing_in_gives_a_session)
{
    CLEANUP(test_web_done) TestWeb w = { 0 };
    open(&w);
    Visit v = visit(&w);
    Response out = sign_in(&w, &v, "reader", TESTING_PASSWORD, "/secret");
    CHECK_INT(out.status, 303);
    CHECK_TEXT(url_text(out.redirect), "/secret");
    CHECK(strstr(out.cookie, "HttpOnly; SameSite=Strict") && !strstr(out.cookie, "Secure"));
    const char *at = strstr(out.cookie, "muster=");
    const char *cookie = str_copy_n(&w.mem, at, strcspn(at, ";"));
    CHECK_INT(test_web_ask(&w, (Incoming){ .target = "/secret", .cookie = cookie }).status, 200);
    CHECK_TEXT(url_text(test_web_ask(&w, (Incoming){ .target = "/sign-in", .cookie = cookie }).redirect),
               "/");
}

TEST(cookies_are_bound_to_the_host_behind_tls)
{
    CLEANUP(test_web_done) TestWeb w = { 0 };
    open(&w);
    w.front.insecure_cookies = false;
    Response out = test_web_ask(&w, (Incoming){ .target = "/sign-in" });
    CHECK(str_starts(out.cookie, "__Host-muster-visit="));
    CHECK(strstr(out.cookie, "; Path=/; HttpOnly; SameSite=Strict; Secure"));
}

TEST(after_signing_in_one_stays_on_this_site)
{
    CLEANUP(test_web_done) TestWeb w = { 0 };
    open(&w);
    static const char *const evil[] = { "https://example.org/", "//example.org/", "/\\example.org",
                                        "javascript:x", "" };
    FOR_EACH(next, evil)
    {
        Visit v = visit(&w);
        CHECK_TEXT(url_text(sign_in(&w, &v, "reader", TESTING_PASSWORD, *next).redirect), "/");
    }
}

TEST(a_sign_in_form_of_another_site_is_refused)
{
    CLEANUP(test_web_done) TestWeb w = { 0 };
    open(&w);
    Visit v = visit(&w), planted = { NULL, v.token },
          wrong = { v.cookie, "00000000000000000000000000000000" };
    CHECK_INT(sign_in(&w, &planted, "reader", TESTING_PASSWORD, "/").status, 403);
    CHECK_INT(sign_in(&w, &wrong, "reader", TESTING_PASSWORD, "/").status, 403);
    Visit empty = { "muster-visit=", "" };
    CHECK_INT(sign_in(&w, &empty, "reader", TESTING_PASSWORD, "/").status, 403);
}

TEST(a_wrong_password_says_no_more_than_an_unknown_login)
{
    CLEANUP(test_web_done) TestWeb w = { 0 };
    open(&w);
    Visit v = visit(&w);
    Response known = sign_in(&w, &v, "reader", "not the password", "/secret");
    Response unknown = sign_in(&w, &v, "nobody", "not the password", "/secret");
    CHECK_INT(known.status, 401);
    CHECK_INT(unknown.status, 401);
    CHECK_INT(known.body.len, unknown.body.len);      /* both logins have six letters */
    CHECK(has(&known, "value=\"/secret\"") && has(&known, "value=\"reader\"") &&
          !has(&known, "not the password"));
    CHECK_INT(sign_in(&w, &v, "reader", "", "/").status, 400);
}

TEST(too_many_tries_are_told_to_wait)
{
    CLEANUP(test_web_done) TestWeb w = { 0 };
    open(&w);
    Visit v = visit(&w);
    Response out = { 0 };
    for (int i = 0; i < 30 && out.status != 429; i++)
        out = sign_in(&w, &v, "reader", "not the password", "/");
    CHECK_INT(out.status, 429);
    CHECK_INT(sign_in(&w, &v, "reader", TESTING_PASSWORD, "/").status, 429);
}

TEST(signing_out_ends_sessions)
{
    CLEANUP(test_web_done) TestWeb w = { 0 };
    open(&w);
    Session a = test_web_session(&w, "reader"), b = test_web_session(&w, "reader"),
            c = test_web_session(&w, "reader");
    const Session *all[] = { &a, &b, &c };
    Pair form = { "csrf", a.csrf };
    Response out = test_web_ask(&w, (Incoming){ .method = POST,
                                                .target = "/sign-out",
                                                .form = &form,
                                                .form_count = 1,
                                                .cookie = test_web_cookie(&w, &a) });
    CHECK(strstr(out.cookie, "muster=; Path=/"));
    CHECK_INT(test_web_ask(&w, (Incoming){ .target = "/secret", .cookie = test_web_cookie(&w, &a) }).status,
              303);
    CHECK_INT(test_web_ask(&w, (Incoming){ .target = "/secret", .cookie = test_web_cookie(&w, &b) }).status,
              200);
    form = (Pair){ "csrf", b.csrf };
    test_web_ask(&w, (Incoming){ .method = POST,
                                 .target = "/sign-out-everywhere",
                                 .form = &form,
                                 .form_count = 1,
                                 .cookie = test_web_cookie(&w, &b) });
    FOR_EACH(s, all)
        CHECK_INT(
            test_web_ask(&w, (Incoming){ .target = "/secret", .cookie = test_web_cookie(&w, *s) }).status,
            303);
}

TEST(an_address_that_is_no_text_is_refused)
{
    CLEANUP(test_web_done) TestWeb w = { 0 };
    open(&w);
    static const char *const bad[] = { "/a%00b", "/%ff", "/secret?x=%00", "/secret?x=%", "/%c0%ae" };
    FOR_EACH(target, bad)
    CHECK_INT(test_web_ask(&w, (Incoming){ .target = *target }).status, 400);
}

/* Each write of a sign-in fails in turn: told as our trouble, and no cookie for a session that is not there.
 */
TEST(a_broken_store_signs_nobody_in)
{
    CLEANUP(test_web_done) TestWeb w = { 0 };
    open(&w);
    int failed = 0;
    for (int64_t n = 1; n < 40; n++) {
        Visit v = visit(&w);
        store_fail_after(w.t.store, n);
        Response out = sign_in(&w, &v, "reader", TESTING_PASSWORD, "/");
        store_fail_after(w.t.store, 0);
        if (out.status == 303)
            break;
        CHECK_INT(out.status, 503);
        CHECK(!out.cookie || !strstr(out.cookie, "muster="));
        failed++;
    }
    CHECK(failed > 2 && failed < 39);
}

TEST_MAIN(a_stranger_is_led_to_sign_in_and_back, what_one_may_not_see_looks_like_nothing,
          a_page_that_refreshes_itself_does_not_keep_an_unwatched_session_alive,
          a_page_that_refreshes_itself_does_not_keep_an_unwatched_session_alive,
          a_wrong_method_names_the_right_one, a_first_password_opens_nothing_else,
          only_our_own_forms_change_anything, errors_are_told_by_kind, a_message_is_shown_once,
          a_planted_message_cannot_be_markup, signing_in_gives_a_session,
          cookies_are_bound_to_the_host_behind_tls, after_signing_in_one_stays_on_this_site,
          a_sign_in_form_of_another_site_is_refused, a_wrong_password_says_no_more_than_an_unknown_login,
          too_many_tries_are_told_to_wait, signing_out_ends_sessions, an_address_that_is_no_text_is_refused,
          a_broken_store_signs_nobody_in)
