/* respond.c: how handlers answer. */
#include "web/inside.h"
#include <string.h>
#include "base/embedded.h"

void respond_html(const Request *r, Response *out, Html *h)
{
    (void)r;
    out->type = "text/html; charset=utf-8";
    out->body.at = html_done(h, &out->body.len);
}

void respond_json(const Request *r, Response *out, Json *j)
{
    out->type = "application/json";
    out->body = str_of(json_pretty(r->mem, j));
    json_done(&j);
}

void respond_redirect(const Request *r, Response *out, Url to, const char *flash)
{
    if (r->wants_json) {                     /* what a browser would be sent on to see, a program is told */
        Json *j = json_new_object();
        json_set_text(j, "done", flash ? flash : "Done.");
        json_set_text(j, "at", url_text(to));
        respond_json(r, out, j);
        return;
    }
    out->status = 303;
    out->redirect = to;
    out->flash = flash;
    out->type = "text/html; charset=utf-8";
}

static const char *asset_tag(Arena *mem)
{
    const Embedded *css = embedded_find("web/dist/muster.css"), *js = embedded_find("web/dist/muster.js");
    return str_fmt(mem, "%.8s%.8s", css ? css->etag : "", js ? js->etag : "");
}

/* Only what the viewer's own lists would show as late. A count is no reason to withhold a page. */
static int64_t late_count(const Request *r)
{
    Err ignored = { 0 };
    WaitingCount *counts = NULL;
    size_t n = 0;
    int64_t late = 0, scope = viewer_scope(&r->viewer, PERM_WAITING_READ);
    if (scope < 0 || !r->operation.id ||
        !waiting_counts(r->db, r->mem, r->operation.id, r->now, &counts, &n, &ignored))
        return 0;
    for (size_t i = 0; i < n; i++)
        late += scope == 0 || counts[i].agency == scope ? counts[i].late : 0;
    return late;
}

static const char *exercise_of(const Request *r)
{
    if (!r->operation.id || !r->operation.exercise)
        return NULL;
    return str_starts(r->operation.name, "Operation") ? r->operation.name
                                                      : str_fmt(r->mem, "Operation %s", r->operation.name);
}

/* A link to a page that would not be found is left out. */
static unsigned nav_hidden(const Viewer *v)
{
    static const Permission needs[NAV__COUNT] = {
        [NAV_PICTURE] = PERM_PICTURE_READ,  [NAV_QUEUE] = PERM_NOMINAL_READ,
        [NAV_PACKAGES] = PERM_PACKAGE_READ, [NAV_CHILDREN] = PERM_CHILD_READ,
        [NAV_LINKS] = PERM_NOMINAL_DECIDE,  [NAV_FIGURES] = PERM_FIGURES_READ,
        [NAV_INTAKE] = PERM_INTAKE_READ,    [NAV_LEDGER] = PERM_LEDGER_READ,
    };
    unsigned hidden = 0;
    for (int place = NAV_PICTURE; place < NAV__COUNT; place++)
        hidden |= viewer_may(v, needs[place]) ? 0 : 1u << place;
    return hidden;
}

Url home_of(const Viewer *v)
{
    static const struct { Permission needs; const char *path; } homes[] = {
        { PERM_PICTURE_READ, "/" }, { PERM_CHILD_READ, "/children" }, { PERM_FIGURES_READ, "/figures" },
        { PERM_PEOPLE_MANAGE, "/people" },
    };
    FOR_EACH (home, homes)
        if (viewer_may(v, home->needs))
            return (Url){ home->path };
    return url_lit("/account");
}

Page request_page(const Request *r, const char *title, NavPlace nav)
{
    bool known = r->viewer.person != 0;
    return (Page){ .title = title,
                   .nav = nav,
                   .exercise = exercise_of(r),
                   .user_name = known ? r->viewer.name : NULL,
                   .agency = known ? r->viewer.agency_name : NULL,
                   .csrf = r->csrf,
                   .asset_tag = asset_tag(r->mem),
                   .flash = r->flash,
                   .late_count = known ? late_count(r) : 0,
                   .nav_hidden = known ? nav_hidden(&r->viewer) : 0,
                   .home = known ? home_of(&r->viewer) : (Url){ 0 } };
}
