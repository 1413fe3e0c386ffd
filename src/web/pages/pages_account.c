/* pages_account.c: signing in and out, one's own password and account. */
#include "access/password.h"
#include "base/digest.h"
#include "base/zone.h"
#include "web/components/components.h"
#include "web/inside.h"

enum { VISIT_BYTES = 16 };

/* Spaces at either end may be part of a password, so nothing is trimmed. */
static const char *password_of(const Request *r, const char *name)
{
    const char *given = pair_find(r->form, r->form_count, name);
    return given && given[0] ? given : NULL;
}

static void session_cookie(const Request *r, Response *out, const Session *s)
{
    cookie_set(r, out, COOKIE_SESSION, hex_write(r->mem, s->token, sizeof s->token), 0);
}

/* ---- sign in ---- */

/* Gives someone not signed in yet the token that their form must bring back. */
static void visit_begin(Request *r, Response *out)
{
    uint8_t bytes[VISIT_BYTES];
    if (r->csrf && strlen(r->csrf) == VISIT_BYTES * 2)
        return;
    random_fill(bytes, sizeof bytes);
    r->csrf = hex_write(r->mem, bytes, sizeof bytes);
    cookie_set(r, out, COOKIE_VISIT, r->csrf, 0);
}

typedef struct SignInPage {
    const char *login, *next;
    const Err *err;
} SignInPage;

static void problem_draw(Html *h, const Err *err, const char *field_id)
{
    error_summary(h, &(ErrorSummary){ .errors = ITEMS(ErrorLine, { .text = err->told,
                                                                   .href = url_anchor(h->mem, field_id) }),
                                      .description = err->hint[0] ? err->hint : NULL });
}

static void sign_in_draw(const Request *r, Html *h, const SignInPage *p)
{
    Page page = request_page(r, "Sign in", NAV_NONE);
    page.narrow = true;
    page.own_heading = true;
    page.is_error = p->err != NULL;
    page_begin(h, &page);
    if (p->err)
        problem_draw(h, p->err, "login");
    html_leaf(h, EL_H1, "Sign in to Muster", ATTR_CLASS, "govuk-heading-l");
    form_open(h, url_lit("/sign-in"));
    form_hidden(h, "next", p->next);
    input(h, &(Input){ .id = "login",
                       .name = "login",
                       .label = "Login",
                       .value = p->login,
                       .autocomplete = "username",
                       .autocapitalize = "none",
                       .spellcheck = TRI_FALSE,
                       .classes = "govuk-input--width-20",
                       .error = p->err && p->err->kind == ERR_INVALID ? p->err->told : NULL });
    password_input(h, &(PasswordInput){ .id = "password",
                                        .name = "password",
                                        .label = "Password",
                                        .autocomplete = "current-password" });
    button_submit(h, "Sign in");
    form_close(h);
    details(h, &(Details){ .summary = "Problems signing in",
                           .text = "Ask the administrator of your agency's accounts for a new password. "
                                   "After several "
                                   "wrong tries, signing in is held for some minutes." });
    page_end(h, &page);
}

static bool sign_in_show(Request *r, Response *out, const SignInPage *p)
{
    visit_begin(r, out);
    if (r->wants_json) {
        Json *j = json_new_object();
        json_set_text(j, "csrf", r->csrf);
        respond_json(r, out, j);
        return true;
    }
    Html h = html_new(r->mem);
    sign_in_draw(r, &h, p);
    respond_html(r, out, &h);
    return true;
}

bool page_sign_in(Request *r, Response *out, Err *err)
{
    (void)err;
    const char *next = request_query(r, "next");
    if (r->viewer.person && !r->wants_json) {
        respond_redirect(r, out, url_local(r->mem, next), r->flash);
        return true;
    }
    return sign_in_show(r, out, &(SignInPage){ .next = next });
}

/* Wrong and too often are answers to a person, drawn on the page they came from; the rest is an error. */
static bool sign_in_again(Request *r, Response *out, const char *login, Err *err)
{
    static const int statuses[] = { [ERR_INVALID] = 400, [ERR_DENIED] = 401, [ERR_LIMIT] = 429 };
    bool told = err->kind == ERR_INVALID || err->kind == ERR_DENIED || err->kind == ERR_LIMIT;
    if (!told)
        return false;
    SignInPage page = { .login = login, .next = request_form(r, "next"), .err = err };
    if (r->wants_json)
        respond_error(r, out, err);
    else
        sign_in_show(r, out, &page);
    out->status = statuses[err->kind];
    return true;
}

bool page_sign_in_post(Request *r, Response *out, Err *err)
{
    Session s;
    const char *login = request_form(r, "login"), *password = password_of(r, "password");
    bool both = login && password;
    if (!both)
        err_set(err, ERR_INVALID, "Enter your login and your password.");
    if (!both || !session_start(r->app->ledger, r->mem, login, password, r->from, r->now, &s, err))
        return sign_in_again(r, out, login, err);
    session_cookie(r, out, &s);
    cookie_drop(r, out, COOKIE_VISIT);
    if (r->wants_json) {
        Json *j = json_new_object();
        json_set_text(j, "csrf", s.csrf);
        json_set_bool(j, "must_change", s.must_change);
        respond_json(r, out, j);
        return true;
    }
    Viewer who;
    Url next = url_local(r->mem, request_form(r, "next"));
    if (str_same(url_text(next), "/") && viewer_by_id(r->db, r->mem, s.person, &who, err))
        next = home_of(&who);
    respond_redirect(r, out, s.must_change ? url_lit("/password") : next, NULL);
    return true;
}

/* ---- sign out ---- */

static bool signed_out(Request *r, Response *out, const char *flash)
{
    cookie_drop(r, out, COOKIE_SESSION);
    respond_redirect(r, out, url_lit("/sign-in"), flash);
    return true;
}

bool page_sign_out(Request *r, Response *out, Err *err)
{
    return session_end(r->app->ledger, r->inside->session->token, r->now, err) &&
           signed_out(r, out, "You have signed out.");
}

bool page_sign_out_everywhere(Request *r, Response *out, Err *err)
{
    return session_end_all(r->app->ledger, r->viewer.person, r->now, err) &&
           signed_out(r, out, "You have signed out on every device.");
}

/* ---- a new password ---- */

static void password_draw(const Request *r, Html *h, const Err *wrong)
{
    bool first = r->inside->session->must_change;
    Page page = request_page(r, first ? "Choose a password of your own" : "Change your password", NAV_NONE);
    page.narrow = true;
    page.own_heading = true;
    page.is_error = wrong != NULL;
    page.back = first ? (Url){ 0 } : url_lit("/account");
    page_begin(h, &page);
    if (wrong)
        problem_draw(h, wrong, "password");
    html_leaf(h, EL_H1, page.title, ATTR_CLASS, "govuk-heading-l");
    html_p(h, str_fmt(h->mem,
                      "At least %d characters. Four or more unrelated words are easy to keep in mind and "
                      "hard to "
                      "guess. Your other sessions end.",
                      PASSWORD_MIN));
    form_open(h, url_lit("/password"));
    password_input(
        h, &(PasswordInput){ .id = "current",
                             .name = "current",
                             .autocomplete = "current-password",
                             .label = first ? "The password you were given" : "Your present password" });
    password_input(h, &(PasswordInput){ .id = "password",
                                        .name = "password",
                                        .label = "New password",
                                        .autocomplete = "new-password",
                                        .error = wrong ? wrong->told : NULL });
    password_input(h, &(PasswordInput){ .id = "again",
                                        .name = "again",
                                        .label = "New password again",
                                        .autocomplete = "new-password" });
    button_submit(h, "Save the new password");
    form_close(h);
    page_end(h, &page);
}

static void password_show(Request *r, Response *out, const Err *wrong)
{
    Html h = html_new(r->mem);
    password_draw(r, &h, wrong);
    respond_html(r, out, &h);
}

bool page_password(Request *r, Response *out, Err *err)
{
    (void)err;
    password_show(r, out, NULL);
    return true;
}

static bool password_change(Request *r, Session *s, Err *err)
{
    const char *current = password_of(r, "current"), *fresh = password_of(r, "password");
    if (!current || !fresh)
        return err_set(err, ERR_INVALID, "Enter your present password and the new one.");
    if (!str_same(fresh, password_of(r, "again")))
        return err_set(err, ERR_INVALID, "The new password and its repetition differ.");
    return session_change_password(r->app->ledger, r->mem, r->inside->session->token, current, fresh, r->now,
                                   s, err);
}

bool page_password_post(Request *r, Response *out, Err *err)
{
    Session s;
    if (password_change(r, &s, err)) {
        session_cookie(r, out, &s);
        respond_redirect(r, out, home_of(&r->viewer),
                         "Your new password is in use. Your other sessions have ended.");
        return true;
    }
    if (r->wants_json || (err->kind != ERR_INVALID && err->kind != ERR_LIMIT))
        return false;
    password_show(r, out, err);
    out->status = error_status(err->kind);
    return true;
}

/* ---- the account ---- */

static void account_draw(const Request *r, Html *h)
{
    Page page = request_page(r, "Your account", NAV_NONE);
    page.narrow = true;
    page_begin(h, &page);
    summary_open(h, NULL);
    summary_row(h, "Name", r->viewer.name);
    summary_row(h, "Login", r->viewer.login);
    summary_row(h, "Agency", r->viewer.agency_name);
    summary_row(h, "Role", role_name(r->viewer.role));
    summary_close(h);
    html_open(h, EL_P, ATTR_CLASS, "govuk-body");
    html_link(h, url_lit("/password"), "Change your password");
    html_close(h, EL_P);
    heading(h, EL_H2, "m", "Sessions");
    html_p(h, str_fmt(h->mem,
                      "A session ends %d minutes after its last page, and %d hours after signing in. If a "
                      "device "
                      "that you signed in on may be in other hands, end them all.",
                      SESSION_IDLE_MINUTES, SESSION_HOURS));
    form_open(h, url_lit("/sign-out-everywhere"));
    button_warning(h, "Sign out everywhere");
    form_close(h);
    page_end(h, &page);
}

static Json *account_json(const Request *r)
{
    Json *j = json_new_object();
    json_set_text(j, "name", r->viewer.name);
    json_set_text(j, "login", r->viewer.login);
    json_set_text(j, "agency", r->viewer.agency_short);
    json_set_text(j, "role", role_key(r->viewer.role));
    json_set_text(j, "csrf", r->csrf);
    return j;
}

bool page_account(Request *r, Response *out, Err *err)
{
    (void)err;
    if (r->wants_json) {
        respond_json(r, out, account_json(r));
        return true;
    }
    Html h = html_new(r->mem);
    account_draw(r, &h);
    respond_html(r, out, &h);
    return true;
}
