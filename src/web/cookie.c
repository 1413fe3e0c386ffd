/* cookie.c: the three cookies. With TLS in front they carry the __Host- prefix, which browsers accept only
 * with Secure, the whole path and no domain: another host of the same domain cannot plant one. */
#include "web/inside.h"
#include <string.h>

static const struct { const char *secure, *plain; } names[] = {
    [COOKIE_SESSION] = { "__Host-muster",       "muster"       },
    [COOKIE_FLASH]   = { "__Host-muster-flash", "muster-flash" },
    [COOKIE_VISIT]   = { "__Host-muster-visit", "muster-visit" },
};

static const char *cookie_name(const Front *front, CookieName name)
{
    return front->insecure_cookies ? names[name].plain : names[name].secure;
}

const char *cookie_read(const Front *front, Arena *mem, const char *header, CookieName name)
{
    Str want = str_of(cookie_name(front, name)), rest = str_of(header);
    while (rest.len) {
        const char *end = memchr(rest.at, ';', rest.len);
        Str piece = str_trim((Str){ rest.at, end ? (size_t)(end - rest.at) : rest.len });
        size_t used = end ? (size_t)(end - rest.at) + 1 : rest.len;
        rest = (Str){ rest.at + used, rest.len - used };
        if (piece.len > want.len && piece.at[want.len] == '=' && str_eq((Str){ piece.at, want.len }, want))
            return str_copy_n(mem, piece.at + want.len + 1, piece.len - want.len - 1);
    }
    return NULL;
}

static void add(const Request *r, Response *out, CookieName name, const char *value, const char *age)
{
    const Front *front = r->inside->front;
    out->cookie = str_fmt(r->mem, "%s%s%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s",
                          out->cookie ? out->cookie : "", out->cookie ? "\n" : "", cookie_name(front, name),
                          value, front->insecure_cookies ? "" : "; Secure", age);
}

void cookie_set(const Request *r, Response *out, CookieName name, const char *value, int max_age_s)
{
    add(r, out, name, value, max_age_s ? str_fmt(r->mem, "; Max-Age=%d", max_age_s) : "");
}

void cookie_drop(const Request *r, Response *out, CookieName name)
{
    add(r, out, name, "", "; Max-Age=0");
}
