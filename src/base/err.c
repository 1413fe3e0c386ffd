#include "base/err.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A text cut by a full buffer must not end inside a code point: it will be shown as UTF-8. */
static void drop_partial_code_point(char *text)
{
    size_t len = strlen(text), start = len;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0)
        return;
    unsigned char lead = (unsigned char)text[start - 1];
    size_t need = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    if (len - start < need)
        text[start - 1] = 0;
}

static void print_into(char *text, size_t cap, const char *fmt, va_list args)
{
    int n = vsnprintf(text, cap, fmt, args);
    if (n < 0)
        text[0] = 0;
    else if ((size_t)n >= cap)
        drop_partial_code_point(text);
}

bool err_set(Err *err, ErrKind kind, const char *told, ...)
{
    Err fresh = { .kind = kind };
    va_list args;
    va_start(args, told);
    print_into(fresh.told, sizeof fresh.told, told, args);
    va_end(args);
    *err = fresh;   /* last, so that a message may quote the error it replaces */
    return false;
}

bool err_hint(Err *err, const char *hint, ...)
{
    char text[sizeof err->hint];
    va_list args;
    va_start(args, hint);
    print_into(text, sizeof text, hint, args);
    va_end(args);
    memcpy(err->hint, text, sizeof text);
    return false;
}

bool err_while(Err *err, const char *doing, ...)
{
    char text[sizeof err->trail];
    va_list args;
    va_start(args, doing);
    print_into(text, sizeof text, doing, args);
    va_end(args);
    size_t len = strlen(err->trail), room = sizeof err->trail - len;
    int n = snprintf(err->trail + len, room, "%s%s", len ? "; " : "", text);
    if (n >= 0 && (size_t)n >= room)
        drop_partial_code_point(err->trail);
    return false;
}

void err_clear(Err *err)
{
    *err = (Err){0};
}

const char *err_kind_name(ErrKind kind)
{
    static const char *const names[] = {
        [ERR_NONE]      = "none",
        [ERR_INVALID]   = "invalid",
        [ERR_NOT_FOUND] = "not_found",
        [ERR_DENIED]    = "denied",
        [ERR_CONFLICT]  = "conflict",
        [ERR_LIMIT]     = "limit",
        [ERR_STORE]     = "store",
        [ERR_BUG]       = "bug",
    };
    return (size_t)kind < COUNT_OF(names) ? names[kind] : "unknown";
}
