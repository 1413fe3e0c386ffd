/* errors.c: one row for each kind of error: its status and what the page says. */
#include "web/inside.h"
#include <string.h>
#include "base/digest.h"
#include "web/components/components.h"

typedef struct Says { int status; const char *title, *body; bool ours; } Says;
static const Says kinds[] = {
    [ERR_NONE] = { 500, "Sorry, there is a problem with the service", NULL, true },
    [ERR_INVALID] = { 400, "There is a problem", NULL, false },
    /* One text for all: what someone may not see looks like what was never there. */
    [ERR_NOT_FOUND] = { 404, "Page not found", "There is nothing at this address that you may see.", false },
    [ERR_DENIED] = { 403, "You cannot do this", NULL, false },
    [ERR_CONFLICT] = { 409, "Someone changed this first", NULL, false },
    [ERR_LIMIT] = { 413, "That is more than the service takes", NULL, false },
    [ERR_STORE] = { 503, "Sorry, the service cannot save or read just now", "Try again in a minute.", true },
    [ERR_BUG] = { 500, "Sorry, there is a problem with the service", "Nothing was changed.", true },
};

int error_status(ErrKind kind)
{
    return kinds[kind].status;
}

/* Where a form was sent from, without a Referer: the nearest address above it that is a page. */
static Url back_of(const Request *r)
{
    const char *path = r->path ? r->path : "/";
    const char *last = strrchr(path, '/');
    for (size_t len = last ? (size_t)(last - path) : 0; len > 0;) {
        Pair *params;
        size_t count;
        const char *allow;
        Str above = { path, len };
        if (route_find(r->inside->front, r->mem, GET, above, &params, &count, &allow))
            return url_local(r->mem, str_from(r->mem, above));
        while (len > 0 && path[--len] != '/')
            ;
    }
    return url_lit("/");
}

static void error_draw(const Request *r, Html *h, const Says *says, const Err *err, const char *reference)
{
    Page page = request_page(r, says->title, NAV_NONE);
    page.narrow = true;
    page.is_error = err->kind == ERR_INVALID;
    page.own_heading = err->kind == ERR_INVALID;
    page_begin(h, &page);
    if (err->kind == ERR_INVALID) {
        html_leaf(h, EL_H1, says->title, ATTR_CLASS, "govuk-heading-l");
        inset_text(h, NULL, err->told);
    } else {
        html_p(h, says->body ? says->body : err->told);
    }
    if (err->hint[0] && err->kind != ERR_NOT_FOUND)
        html_p(h, err->hint);
    if (err->kind == ERR_NOT_FOUND)
        html_p(h, "If you typed or pasted the address, check that it is whole.");
    if (reference)
        html_p(h,
               str_fmt(r->mem, "If it goes on, tell whoever runs this service the reference %s.", reference));
    if (r->method == POST && err->kind != ERR_NOT_FOUND)
        html_link(h, back_of(r), "Go back");
    page_end(h, &page);
}

/* Joins the page that someone reads out to the line in the log. */
static const char *log_ours(const Request *r, const Err *err)
{
    uint8_t bytes[4];
    random_fill(bytes, sizeof bytes);
    const char *reference = hex_write(r->mem, bytes, sizeof bytes);
    const char *route = r->inside->route ? r->inside->route->path : "none";
    log_event(&r->app->log, r->now, LOG_ERROR, "web.error",
              LOG_FIELDS({ "reference", reference, 0 }, { "route", route, 0 },
                         { "kind", err_kind_name(err->kind), 0 }, { "told", err->told, 0 },
                         { "trail", err->trail, 0 }));
    return reference;
}

static Json *error_json(const Says *says, const Err *err, const char *reference)
{
    Json *j = json_new_object();
    bool hidden = err->kind == ERR_NOT_FOUND;
    json_set_text(j, "error", err_kind_name(err->kind));
    json_set_text(j, "told", hidden || says->ours ? says->body ? says->body : says->title : err->told);
    json_set_text(j, "hint", hidden || !err->hint[0] ? NULL : err->hint);
    json_set_text(j, "reference", reference);
    return j;
}

void respond_error(const Request *r, Response *out, const Err *err)
{
    const Says *says = &kinds[err->kind];
    const char *reference = says->ours ? log_ours(r, err) : NULL;
    *out = (Response){ .status = says->status, .allow = out->allow };
    if (r->wants_json) {
        respond_json(r, out, error_json(says, err, reference));
        return;
    }
    Html h = html_new(r->mem);
    error_draw(r, &h, says, err, reference);
    respond_html(r, out, &h);
}
