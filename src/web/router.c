/* router.c: from an address to its row. Paths are compared segment by segment, split before decoding, so that
 * an encoded slash stays inside its segment. */
#include "web/inside.h"
#include <assert.h>
#include <string.h>

enum { SEGMENTS_MAX = 8, PARAMS_MAX = 4 };
typedef struct Path { Str at[SEGMENTS_MAX]; size_t count; } Path;

/* "/" has no segment; "/a" has one. An empty segment, as in "/a/", names nothing. */
static bool path_split(Str text, Path *out)
{
    out->count = 0;
    if (!text.len || text.at[0] != '/')
        return false;
    if (text.len == 1)
        return true;
    while (text.len) {
        text = (Str){ text.at + 1, text.len - 1 };
        const char *slash = text.len ? memchr(text.at, '/', text.len) : NULL;
        size_t len = slash ? (size_t)(slash - text.at) : text.len;
        if (!len || out->count == SEGMENTS_MAX)
            return false;
        out->at[out->count++] = (Str){ text.at, len };
        text = (Str){ text.at + len, text.len - len };
    }
    return true;
}

typedef struct Fit { Pair params[PARAMS_MAX]; size_t count, literals; } Fit;

static bool fit_param(Arena *mem, Str name, Str value, Fit *fit)
{
    assert(fit->count < PARAMS_MAX);
    Pair *p = &fit->params[fit->count++];
    p->name = str_from(mem, (Str){ name.at + 1, name.len - 1 });
    return form_decode(mem, value, false, &p->value);
}

static bool fits(Arena *mem, const char *pattern, Str whole, const Path *path, Fit *fit)
{
    Path want;
    *fit = (Fit){ 0 };
    if (!path_split(str_of(pattern), &want))
        return false;
    for (size_t i = 0; i < want.count; i++) {
        Str piece = want.at[i];
        if (i >= path->count)
            return false;
        if (piece.at[0] == '*')
            return fit_param(mem, piece,
                             (Str){ path->at[i].at, (size_t)(whole.at + whole.len - path->at[i].at) }, fit);
        if (piece.at[0] == ':' ? !fit_param(mem, piece, path->at[i], fit) : !str_eq(piece, path->at[i]))
            return false;
        fit->literals += piece.at[0] != ':';
    }
    return want.count == path->count;
}

const Route *route_find(const Front *front, Arena *mem, Method method, Str text, Pair **params, size_t *count,
                        const char **allow)
{
    Path path;
    Fit  best = { 0 };
    const Route *found = NULL;
    bool other[2] = { false, false };
    *allow = NULL;
    if (!path_split(text, &path))
        return NULL;
    for (size_t i = 0; i < front->route_count; i++) {
        const Route *route = &front->routes[i];
        Fit fit;
        if (!fits(mem, route->path, text, &path, &fit))
            continue;
        other[route->method] = true;
        if (route->method != method || (found && fit.literals <= best.literals))
            continue;
        found = route;
        best = fit;
    }
    if (!found && (other[GET] || other[POST]))
        *allow = other[GET] && other[POST] ? "GET, HEAD, POST" : other[GET] ? "GET, HEAD" : "POST";
    *params = arena_new(mem, Pair, PARAMS_MAX);
    *count = found ? best.count : 0;
    memcpy(*params, best.params, best.count * sizeof(Pair));
    return found;
}
