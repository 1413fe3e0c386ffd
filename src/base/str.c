#include "base/str.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>

Str str_of(const char *text)
{
    return text ? (Str){ text, strlen(text) } : (Str){ "", 0 };
}

bool str_eq(Str a, Str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool str_same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

Str str_trim(Str s)
{
    while (s.len && is_space(s.at[0]))
        s.at++, s.len--;
    while (s.len && is_space(s.at[s.len - 1]))
        s.len--;
    return s;
}

bool str_starts(const char *text, const char *prefix)
{
    return text && prefix && strncmp(text, prefix, strlen(prefix)) == 0;
}

bool str_blank(const char *text)
{
    return str_trim(str_of(text)).len == 0;
}

char *str_copy(Arena *mem, const char *text)
{
    return text ? str_copy_n(mem, text, strlen(text)) : NULL;
}

char *str_copy_n(Arena *mem, const char *at, size_t len)
{
    char *copy = arena_new(mem, char, len + 1);
    if (len)
        memcpy(copy, at, len);
    return copy;
}

char *str_from(Arena *mem, Str s)
{
    return str_copy_n(mem, s.at, s.len);
}

char *str_vfmt(Arena *mem, const char *fmt, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    assert(n >= 0);
    char *text = arena_new(mem, char, (size_t)n + 1);
    vsnprintf(text, (size_t)n + 1, fmt, args);
    return text;
}

char *str_fmt(Arena *mem, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *text = str_vfmt(mem, fmt, args);
    va_end(args);
    return text;
}

static char *shift_case(Arena *mem, const char *text, char first, char last)
{
    char *copy = str_copy(mem, text);
    for (char *p = copy; p && *p; p++)
        if (*p >= first && *p <= last)
            *p = (char)(*p ^ 0x20);
    return copy;
}

char *str_lower_ascii(Arena *mem, const char *text)
{
    return shift_case(mem, text, 'A', 'Z');
}

char *str_upper_ascii(Arena *mem, const char *text)
{
    return shift_case(mem, text, 'a', 'z');
}

bool str_int(Str s, int64_t min, int64_t max, int64_t *out)
{
    bool   minus = s.len && s.at[0] == '-';
    size_t i = minus ? 1 : 0;
    if (i == s.len)
        return false;
    int64_t n = 0;   /* built below zero, where there is room for INT64_MIN */
    for (; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9' || __builtin_mul_overflow(n, 10, &n) ||
            __builtin_sub_overflow(n, s.at[i] - '0', &n))
            return false;
    }
    if (!minus && __builtin_sub_overflow(0, n, &n))
        return false;
    if (n < min || n > max || (minus && n == 0))
        return false;
    *out = n;
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool hex_read(Str s, uint8_t *out, size_t out_bytes)
{
    if (s.len != out_bytes * 2)
        return false;
    for (size_t i = 0; i < out_bytes; i++) {
        int high = hex_digit(s.at[2 * i]), low = hex_digit(s.at[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

char *hex_write(Arena *mem, const uint8_t *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    char *text = arena_new(mem, char, 2 * n + 1);
    for (size_t i = 0; i < n; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    return text;
}

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64_write(Arena *mem, const uint8_t *bytes, size_t n)
{
    char *text = arena_new(mem, char, (n + 2) / 3 * 4 + 1), *p = text;
    for (size_t i = 0; i < n; i += 3) {
        size_t   left = n - i;
        uint32_t v = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                     (left > 2 ? bytes[i + 2] : 0);
        *p++ = base64_digits[v >> 18];
        *p++ = base64_digits[v >> 12 & 63];
        *p++ = left > 1 ? base64_digits[v >> 6 & 63] : '=';
        *p++ = left > 2 ? base64_digits[v & 63] : '=';
    }
    return text;
}

static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool base64_read(Arena *mem, Str s, uint8_t **out, size_t *n)
{
    uint8_t *bytes = arena_new(mem, uint8_t, s.len / 4 * 3 + 3);
    size_t   count = 0, digits = 0, pads = 0;
    uint32_t bits = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (is_space(s.at[i]))
            continue;
        if (s.at[i] == '=') {
            pads++;
            continue;
        }
        int d = base64_digit(s.at[i]);
        if (d < 0 || pads)
            return false;
        bits = bits << 6 | (uint32_t)d;
        if (++digits % 4 == 0) {
            bytes[count++] = (uint8_t)(bits >> 16);
            bytes[count++] = (uint8_t)(bits >> 8);
            bytes[count++] = (uint8_t)bits;
            bits = 0;
        }
    }
    /* Bits left over must be zero, or two texts would read as the same bytes. */
    size_t rest = digits % 4;
    if (rest == 1 || pads != (4 - rest) % 4 || (rest == 2 && (bits & 15)) || (rest == 3 && (bits & 3)))
        return false;
    if (rest == 2)
        bytes[count++] = (uint8_t)(bits >> 4);
    if (rest == 3) {
        bytes[count++] = (uint8_t)(bits >> 10);
        bytes[count++] = (uint8_t)(bits >> 2);
    }
    *out = bytes;
    *n = count;
    return true;
}

/* Makes room for `more` bytes and a NUL. */
static void buf_room(StrBuf *buf, size_t more)
{
    size_t need = buf->len + more + 1;
    if (need > buf->cap && need > 2 * buf->cap) {   /* too far for doubling once */
        char *grown = arena_new(buf->mem, char, need + need / 2);
        if (buf->len)
            memcpy(grown, buf->at, buf->len);
        buf->at = grown;
        buf->cap = need + need / 2;
    } else if (need > buf->cap) {
        buf->at = arena_grow(buf->mem, buf->at, buf->len, &buf->cap, 1);
    }
}

void buf_add_n(StrBuf *buf, const char *at, size_t len)
{
    buf_room(buf, len);
    if (len)
        memcpy(buf->at + buf->len, at, len);
    buf->len += len;
    buf->at[buf->len] = 0;
}

void buf_add(StrBuf *buf, const char *text)
{
    if (text)
        buf_add_n(buf, text, strlen(text));
}

void buf_char(StrBuf *buf, char c)
{
    buf_add_n(buf, &c, 1);
}

void buf_fmt(StrBuf *buf, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    assert(n >= 0);
    buf_room(buf, (size_t)n);
    vsnprintf(buf->at + buf->len, (size_t)n + 1, fmt, args);
    va_end(args);
    buf->len += (size_t)n;
}

char *buf_text(StrBuf *buf)
{
    buf_room(buf, 0);
    buf->at[buf->len] = 0;
    return buf->at;
}
