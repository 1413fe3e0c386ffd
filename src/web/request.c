/* request.c: what handlers ask of a request. */
#include "web/web.h"
#include "base/ref.h"
#include "web/inside.h"

enum { PURPOSE_CHARS = 200 };

const char *request_param(const Request *r, const char *name)
{
    return pair_find(r->params, r->param_count, name);
}

static const char *filled(const Request *r, const char *text)
{
    return str_blank(text) ? NULL : str_from(r->mem, str_trim(str_of(text)));
}

const char *request_query(const Request *r, const char *name)
{
    return filled(r, pair_find(r->query, r->query_count, name));
}

const char *request_form(const Request *r, const char *name)
{
    return filled(r, pair_find(r->form, r->form_count, name));
}

bool request_ref(const Request *r, const char *name, char letter, int64_t *id, Err *err)
{
    Err ignored = { 0 };
    if (ref_read(str_of(request_param(r, name)), letter, id, &ignored))
        return true;
    return err_set(err, ERR_NOT_FOUND, "There is no such reference.");
}

Hand request_hand(const Request *r)
{
    return viewer_hand(&r->viewer, r->operation.id, r->now);
}

bool request_look(const Request *r, int64_t subject, const char *otherwise, Err *err)
{
    const char *given = request_query(r, "purpose");
    if (!given)
        given = request_form(r, "purpose");
    Hand hand = request_hand(r);
    return look_record(r->app->ledger, &hand, subject,
                       given ? str_clip(r->mem, given, PURPOSE_CHARS) : otherwise, err) ||
           err_while(err, "recording a look");
}
