/* form.c: percent-encoding and form bodies. Fuzzed by tests/fuzz/fuzz_form.c.
 *
 * Invariants: (1) nothing decoded holds a NUL or bad UTF-8; (2) what form_read gives, encoded again, reads
 * back equal. */
#include "web/inside.h"
#include <string.h>
#include "base/limits.h"

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

bool form_text_fits(Str text)
{
    return (!text.len || !memchr(text.at, 0, text.len)) && utf8_valid(text);
}

bool form_decode(Arena *mem, Str text, bool plus_is_space, const char **out)
{
    char  *to = arena_new(mem, char, text.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == '%') {
            int high = i + 2 < text.len ? hex_digit(text.at[i + 1]) : -1;
            int low = i + 2 < text.len ? hex_digit(text.at[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        to[n++] = c;
    }
    *out = to;
    return form_text_fits((Str){ to, n });
}

static bool pair_decode(Arena *mem, Str piece, Pair *out, Err *err)
{
    const char *equals = memchr(piece.at, '=', piece.len);
    size_t name_len = equals ? (size_t)(equals - piece.at) : piece.len;
    Str    name = { piece.at, name_len };
    Str    value = equals ? (Str){ equals + 1, piece.len - name_len - 1 } : (Str){ "", 0 };
    return (form_decode(mem, name, true, &out->name) && form_decode(mem, value, true, &out->value)) ||
           err_set(err, ERR_INVALID, "The form holds characters that are not text.");
}

bool form_read(Arena *mem, Str body, Pair **out, size_t *count, Err *err)
{
    Pair  *pairs = NULL;
    size_t n = 0, cap = 0;
    while (body.len) {
        const char *end = memchr(body.at, '&', body.len);
        Str piece = { body.at, end ? (size_t)(end - body.at) : body.len };
        size_t used = piece.len + (end ? 1 : 0);
        body = (Str){ body.at + used, body.len - used };
        if (!piece.len)
            continue;
        if (n == FORM_FIELDS_MAX)
            return err_set(err, ERR_LIMIT, "The form has more than %d fields.", FORM_FIELDS_MAX);
        if (!pair_decode(mem, piece, arena_push(mem, pairs, n, cap), err))
            return false;
    }
    *out = pairs;
    *count = n;
    return true;
}

typedef struct Flat { Arena *mem; Pair *pairs; size_t n, cap; } Flat;

static const char *flat_text(Arena *mem, const Json *value)
{
    switch (json_type(value)) {
    case JSON_TYPE_TEXT: return str_copy(mem, json_text_of(value));
    case JSON_TYPE_INT:  return str_fmt(mem, "%lld", (long long)json_int_of(value));
    case JSON_TYPE_NONE: case JSON_TYPE_NULL: case JSON_TYPE_BOOL: case JSON_TYPE_REAL: case JSON_TYPE_LIST:
    case JSON_TYPE_OBJECT:
        break;
    }
    return NULL;
}

static bool flat_add(void *ctx, const char *key, const Json *value)
{
    Flat *flat = ctx;
    const char *text = flat_text(flat->mem, value);
    if (!text || flat->n == FORM_FIELDS_MAX || !form_text_fits(str_of(text)))
        return false;
    *arena_push(flat->mem, flat->pairs, flat->n, flat->cap) = (Pair){ str_copy(flat->mem, key), text };
    return true;
}

bool form_read_json(Arena *mem, Str body, Pair **out, size_t *count, Err *err)
{
    CLEANUP(json_done) Json *j = NULL;
    Flat flat = { .mem = mem };
    if (!json_read(body, &j, err))
        return false;
    if (json_type(j) != JSON_TYPE_OBJECT || !json_each(j, flat_add, &flat))
        return err_set(err, ERR_INVALID, "The body must be one JSON object of texts and whole numbers.");
    *out = flat.pairs;
    *count = flat.n;
    return true;
}

const char *pair_find(const Pair *pairs, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (str_same(pairs[i].name, name))
            return pairs[i].value;
    return NULL;
}
