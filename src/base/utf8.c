/* utf8.c keeps the promises str.h makes about UTF-8. */
#include "base/str.h"
#include <string.h>

/* Overlong forms, surrogates and values past U+10FFFF are refused (Unicode table 3-7). */
size_t utf8_point(Str s, size_t i, uint32_t *value)
{
    static const struct { unsigned char first, last, least, most; size_t bytes; } forms[] = {
        /* lead       second byte           */
        { 0xC2, 0xDF, 0x80, 0xBF, 2 },
        { 0xE0, 0xE0, 0xA0, 0xBF, 3 },
        { 0xE1, 0xEC, 0x80, 0xBF, 3 },
        { 0xED, 0xED, 0x80, 0x9F, 3 },
        { 0xEE, 0xEF, 0x80, 0xBF, 3 },
        { 0xF0, 0xF0, 0x90, 0xBF, 4 },
        { 0xF1, 0xF3, 0x80, 0xBF, 4 },
        { 0xF4, 0xF4, 0x80, 0x8F, 4 },
    };
    const unsigned char *at = (const unsigned char *)s.at + i;
    size_t left = s.len - i;
    if (at[0] < 0x80) {
        *value = at[0];
        return 1;
    }
    FOR_EACH(f, forms) {
        if (at[0] < f->first || at[0] > f->last)
            continue;
        if (left < f->bytes || at[1] < f->least || at[1] > f->most)
            return 0;
        uint32_t v = at[0] & (0x7Fu >> f->bytes);
        for (size_t k = 1; k < f->bytes; k++) {
            if ((at[k] & 0xC0) != 0x80)
                return 0;
            v = v << 6 | (at[k] & 0x3F);
        }
        *value = v;
        return f->bytes;
    }
    return 0;
}

/* Most text is ASCII, which eight bytes tell of at once. */
static size_t ascii_skip(Str s, size_t i)
{
    uint64_t word;
    for (; s.len - i >= sizeof word; i += sizeof word) {
        memcpy(&word, s.at + i, sizeof word);
        if (word & UINT64_C(0x8080808080808080))
            break;
    }
    while (i < s.len && (unsigned char)s.at[i] < 0x80)
        i++;
    return i;
}

bool utf8_valid(Str s)
{
    uint32_t value;
    for (size_t i = 0, n; (i = ascii_skip(s, i)) < s.len; i += n)
        if ((n = utf8_point(s, i, &value)) == 0)
            return false;
    return true;
}

static bool is_control(uint32_t c)
{
    return (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7F && c <= 0x9F);
}

char *utf8_clean(Arena *mem, Str s)
{
    char *text = arena_new(mem, char, 3 * s.len + 1), *p = text;
    for (size_t i = 0; i < s.len;) {
        uint32_t value = 0;
        size_t   n = utf8_point(s, i, &value);
        bool     line_end = value == '\r' && i + 1 < s.len && s.at[i + 1] == '\n';
        if (line_end) {
            i++;
        } else if (n == 0 || is_control(value)) {
            memcpy(p, "\xEF\xBF\xBD", 3);
            p += 3;
            i += n ? n : 1;
        } else {
            memcpy(p, s.at + i, n);
            p += n;
            i += n;
        }
    }
    return text;
}

char *str_clip(Arena *mem, const char *text, size_t max_chars)
{
    Str      s = str_of(text);
    uint32_t value;
    size_t   chars = 0, keep = 0, i = 0;   /* `keep`: where max_chars - 1 characters end */
    while (i < s.len) {
        if (chars + 1 == max_chars)
            keep = i;
        if (chars == max_chars)
            break;
        size_t n = utf8_point(s, i, &value);
        i += n ? n : 1;
        chars++;
    }
    if (i == s.len)
        return str_from(mem, s);
    return max_chars ? str_fmt(mem, STR_FMT "…", (int)keep, s.at) : str_copy(mem, "");
}
