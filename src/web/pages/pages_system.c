/* pages_system.c: what the service says of itself: styles and scripts, health, its description. */
#include "base/embedded.h"
#include "web/inside.h"

bool page_asset(Request *r, Response *out, Err *err)
{
    const Embedded *e = embedded_find(str_fmt(r->mem, "web/dist/%s", request_param(r, "name")));
    if (!e)
        return err_set(err, ERR_NOT_FOUND, "There is no such style or script.");
    out->type = e->mime;
    out->body = embedded_str(e);
    out->etag = str_fmt(r->mem, "\"%s\"", e->etag);
    out->keeps = request_query(r, "v") != NULL;
    return true;
}

/* Up means: can read. The ledger's length is nobody's business without a session. */
bool page_health(Request *r, Response *out, Err *err)
{
    EntryRow *rows;
    size_t n;
    if (!ledger_entries(r->db, r->mem, &(EntryFilter){ .limit = 1 }, &rows, &n, err))
        return false;
    Json *j = json_new_object();
    json_set_text(j, "status", "up");
    json_set_text(j, "version", MUSTER_VERSION);
    respond_json(r, out, j);
    return true;
}

bool page_openapi(Request *r, Response *out, Err *err)
{
    (void)err;
    respond_json(r, out, web_openapi(r->mem));
    return true;
}

static bool page_live(Response *out)
{
    out->type = "text/event-stream";
    out->live = true;
    return true;
}

bool page_picture_live(Request *r, Response *out, Err *err)
{
    (void)r, (void)err;
    return page_live(out);
}

bool page_intake_live(Request *r, Response *out, Err *err)
{
    (void)r, (void)err;
    return page_live(out);
}
