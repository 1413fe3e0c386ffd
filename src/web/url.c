/* Addresses. A `Url` is a literal path, or one with every outside byte percent-encoded: none can name a
 * scheme. */
#include "web/html.h"
#include <assert.h>
#include <string.h>

/* RFC 3986 unreserved characters stay; every other byte is encoded. */
static bool is_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("-._~", c));
}

static void add_encoded(StrBuf *buf, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";
    for (const char *at = text; *at; at++) {
        unsigned char c = (unsigned char)*at;
        if (is_unreserved(c)) {
            buf_char(buf, *at);
        } else {
            buf_char(buf, '%');
            buf_char(buf, hex[c >> 4]);
            buf_char(buf, hex[c & 15]);
        }
    }
}

/* Browsers walk up at "..", even when its dots are percent-encoded, so such a segment loses its meaning. */
static void add_segment(StrBuf *buf, const char *segment)
{
    bool walks = !*segment || str_same(segment, ".") || str_same(segment, "..");
    if (walks)
        buf_char(buf, '-');
    else
        add_encoded(buf, segment);
}

Url url_of_(Arena *mem, const char *path, ...)
{
    assert(path[0] == '/' && path[1] != '/');
    StrBuf buf = { .mem = mem };
    va_list args;
    va_start(args, path);
    for (const char *at = path; *at; at++) {
        if (*at != '*') {
            buf_char(&buf, *at);
            continue;
        }
        const char *segment = va_arg(args, const char *);
        assert(segment);                              /* fewer segments than stars */
        add_segment(&buf, segment);
    }
    for (const char *segment; (segment = va_arg(args, const char *)); ) {
        if (buf.at[buf.len - 1] != '/')
            buf_char(&buf, '/');
        add_segment(&buf, segment);
    }
    va_end(args);
    return (Url){ buf_text(&buf) };
}

Url url_query_(Arena *mem, Url url, ...)
{
    assert(url.text);
    size_t hash = strcspn(url.text, "#");
    StrBuf buf = { .mem = mem };
    buf_add_n(&buf, url.text, hash);
    bool first = !memchr(url.text, '?', hash);
    va_list args;
    va_start(args, url);
    for (const char *name; (name = va_arg(args, const char *)); ) {
        const char *value = va_arg(args, const char *);
        if (!value)
            continue;
        buf_char(&buf, first ? '?' : '&');
        first = false;
        add_encoded(&buf, name);
        buf_char(&buf, '=');
        add_encoded(&buf, value);
    }
    va_end(args);
    buf_add(&buf, url.text + hash);
    return (Url){ buf_text(&buf) };
}

Url url_fragment(Arena *mem, Url url, const char *id)
{
    StrBuf buf = { .mem = mem };
    if (url.text)
        buf_add_n(&buf, url.text, strcspn(url.text, "#"));
    buf_char(&buf, '#');
    add_encoded(&buf, id);
    return (Url){ buf_text(&buf) };
}

Url url_anchor(Arena *mem, const char *id)
{
    return url_fragment(mem, (Url){0}, id);
}

/* Printable ASCII only, one leading slash (two name another host, and browsers read "\" as "/"). */
static bool is_local(const char *text)
{
    if (!text || text[0] != '/' || text[1] == '/' || strlen(text) > 2000)
        return false;
    for (const char *at = text; *at; at++)
        if (*at <= ' ' || *at >= 0x7f || *at == '\\')
            return false;
    return true;
}

Url url_local(Arena *mem, const char *text)
{
    return (Url){ is_local(text) ? str_copy(mem, text) : "/" };
}
