/* route_check.c: zero never means allowed. A forgotten cell stops the server from starting. */
#include "web/web.h"
#include <string.h>

static const char *row_wrong(const Route *r)
{
    if (!r->path || r->path[0] != '/')
        return "its path does not start with a slash";
    if (r->method != GET && r->method != POST)
        return "it has no method";
    if (r->needs <= PERM_UNSET || r->needs >= PERM__COUNT)
        return "it names no permission";
    if (r->event <= EVENT_UNSET || r->event > EVENT_EXPORT)
        return "it names no ledger event";
    if (r->event == EVENT_NONE_PUBLIC && r->needs != PERM_PUBLIC)
        return "it leaves no entry but is not public";
    if (r->method == POST && r->event != EVENT_CHANGE)
        return "it changes something but does not say so";
    if (r->method == GET && r->event == EVENT_CHANGE)
        return "it would change something on a GET";
    if (!r->handle)
        return "it has no handler";
    if (str_blank(r->says) || !r->fields)
        return "it does not say what it is for";
    return NULL;
}

bool web_check_routes(const Route *routes, size_t count, Err *err)
{
    for (size_t i = 0; i < count; i++) {
        const char *wrong = row_wrong(&routes[i]);
        for (size_t j = 0; j < i && !wrong; j++)
            if (routes[i].method == routes[j].method && str_same(routes[i].path, routes[j].path))
                wrong = "the same method and path stand there twice";
        if (wrong)
            return err_set(err, ERR_BUG, "Route %zu (%s): %s.", i + 1, routes[i].path ? routes[i].path : "?",
                           wrong);
    }
    return true;
}
