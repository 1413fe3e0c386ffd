/* normal.c */
#include "intake/normal.h"
#include <arpa/inet.h>
#include <string.h>
#include "base/str.h"

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }
static char upper(char c) { return c >= 'a' && c <= 'z' ? (char)(c - 32) : c; }
static bool digit(char c) { return c >= '0' && c <= '9'; }
static bool letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

static const char *trimmed_lower(Arena *mem, const char *text)
{
    Str s = str_trim(str_of(text));
    return s.len ? str_lower_ascii(mem, str_from(mem, s)) : NULL;
}

const char *normal_account(Arena *mem, const char *text)
{
    return trimmed_lower(mem, text);
}

const char *normal_email(Arena *mem, const char *text)
{
    static const bool refused[256] = { [' '] = true, ['\t'] = true, ['\r'] = true, ['\n'] = true,
                                       ['<'] = true, ['>'] = true,  [','] = true,  [';'] = true };
    Str   s = str_trim(str_of(text));
    char *t = str_copy_n(mem, s.at, s.len), *at = NULL;
    for (char *p = t; *p; p++) {
        if (refused[(unsigned char)*p])
            return NULL;
        *p = lower(*p);
        at = *p == '@' ? p : at;
    }
    return at && at != t && at[1] && s.len <= 254 ? t : NULL;
}

/* Digits of a number as people write it; false when it holds anything a number does not. */
static bool phone_digits(const char *text, char out[20], size_t *count, bool *plus)
{
    *count = 0;
    *plus = false;
    for (const char *p = text; *p; p++) {
        if (digit(*p)) {
            if (*count == 18)
                return false;
            out[(*count)++] = *p;
        } else if (*p == '+' && *count == 0 && !*plus) {
            *plus = true;
        } else if (!strchr(" \t-.()/", *p)) {
            return false;
        }
    }
    out[*count] = 0;
    return *count > 0;
}

static const char *phone_of(Arena *mem, const char *country, const char *rest)
{
    size_t n = strlen(country) + strlen(rest);
    if (n < 8 || n > 15)
        return NULL;
    char *number = arena_new(mem, char, n + 2);
    number[0] = '+';
    memcpy(number + 1, country, strlen(country));
    memcpy(number + 1 + strlen(country), rest, strlen(rest));
    return number;
}

/* "+44 (0)7700 900123" is common in Britain: the 0 in brackets is not dialled after the country. */
static const char *phone_international(Arena *mem, const char *digits)
{
    if (strncmp(digits, "440", 3) == 0)
        return phone_of(mem, "44", digits + 3);
    return digits[0] == '0' ? NULL : phone_of(mem, "", digits);
}

const char *normal_phone(Arena *mem, const char *text, const char *country)
{
    char d[20], c[20] = "44";
    size_t n, cn;
    bool plus, cplus;
    if (!text || !phone_digits(text, d, &n, &plus))
        return NULL;
    bool told = country && phone_digits(country, c, &cn, &cplus);
    if (plus)
        return phone_international(mem, d);
    if (strncmp(d, "00", 2) == 0)
        return phone_international(mem, d + 2);
    if (told && strcmp(c, "44") != 0)
        return phone_of(mem, c, d[0] == '0' ? d + 1 : d);
    if (d[0] == '0' && (n == 10 || n == 11))
        return phone_of(mem, "44", d + 1);
    return strncmp(d, "44", 2) == 0 && n == 12 ? phone_of(mem, "", d) : NULL;
}

const char *normal_device(Arena *mem, const char *text)
{
    StrBuf out = { .mem = mem };
    for (const char *p = text ? text : ""; *p; p++)
        if (digit(*p) || letter(*p))
            buf_char(&out, upper(*p));
    return out.len ? buf_text(&out) : NULL;
}

const char *normal_address(Arena *mem, const char *text)
{
    static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    Str s = str_trim(str_of(text));
    char out[INET6_ADDRSTRLEN];
    uint8_t raw[16];
    if (s.len == 0 || s.len >= INET6_ADDRSTRLEN || memchr(s.at, 0, s.len))
        return NULL;
    const char *t = str_from(mem, s);
    if (inet_pton(AF_INET, t, raw) == 1)
        return str_copy(mem, inet_ntop(AF_INET, raw, out, sizeof out));
    if (inet_pton(AF_INET6, t, raw) != 1)
        return NULL;
    if (memcmp(raw, mapped, sizeof mapped) == 0)
        return str_copy(mem, inet_ntop(AF_INET, raw + 12, out, sizeof out));
    return str_copy(mem, inet_ntop(AF_INET6, raw, out, sizeof out));
}

/* A outward code's shapes: A letter, 9 digit, X either. From Royal Mail's programmers' guide, plus GIR. */
static const char *const outward_shapes[] = { "A9", "A99", "AA9", "AA99", "A9A", "AA9A" };

static bool shape_fits(const char *shape, const char *at, size_t len)
{
    if (strlen(shape) != len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (shape[i] == 'A' ? !letter(at[i]) : !digit(at[i]))
            return false;
    return true;
}

static bool outward_fits(const char *at, size_t len)
{
    FOR_EACH(shape, outward_shapes)
        if (shape_fits(*shape, at, len))
            return true;
    return len == 3 && memcmp(at, "GIR", 3) == 0;
}

const char *normal_postcode(Arena *mem, const char *text)
{
    char p[9];
    size_t n = 0;
    for (const char *t = text ? text : ""; *t; t++) {
        if (*t == ' ' || *t == '\t')
            continue;
        if (n == 7 || !(digit(*t) || letter(*t)))
            return NULL;
        p[n++] = upper(*t);
    }
    if (n < 5 || !shape_fits("9AA", p + n - 3, 3) || !outward_fits(p, n - 3))
        return NULL;
    char *code = arena_new(mem, char, n + 2);
    memcpy(code, p, n - 3);
    code[n - 3] = ' ';
    memcpy(code + n - 2, p + n - 3, 3);
    return code;
}

static const struct { const char *name; size_t bytes; } hash_kinds[] = {
    { "md5",      16  },
    { "pdq",      32  },
    { "photodna", 144 },
    { "sha1",     20  },
    { "sha256",   32  },
};

static bool kind_same(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (*a == '-' || *a == '_' || *a == ' ')
            a++;
        if (lower(*a) != *b)
            return false;
        if (!*b)
            return true;
    }
}

const char *normal_hash(Arena *mem, const char **kind, const char *text)
{
    uint8_t raw[144], *decoded = NULL;
    size_t n = 0;
    Str s = str_trim(str_of(text));
    FOR_EACH(k, hash_kinds) {
        if (!*kind || !kind_same(*kind, k->name))
            continue;
        *kind = k->name;
        if (hex_read(s, raw, k->bytes))
            return hex_write(mem, raw, k->bytes);
        if (k->bytes == 144 && s.len == 192 && base64_read(mem, s, &decoded, &n) && n == 144)
            return hex_write(mem, decoded, n);
    }
    return NULL;
}
