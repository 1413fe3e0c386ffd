#include "base/json.h"
#define json_type jansson_type   /* jansson's own json_type, a type and a macro, would hide ours */
#include <jansson.h>
#undef json_type
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/limits.h"

/* jansson gives NULL for no memory, which stops the process as in an arena. */
static Json *made(Json *j)
{
    if (!j) {
        fputs("muster: out of memory\n", stderr);
        abort();
    }
    return j;
}

/* jansson recurses up to its own, far deeper limit; this one is checked before it starts. */
static bool too_deep(Str text)
{
    size_t depth = 0;
    bool   quoted = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == '"')
            quoted = !quoted;
        else if (quoted)
            i += c == '\\';
        else if ((c == '[' || c == '{') && ++depth > LIMIT_JSON_DEPTH)
            return true;
        else if ((c == ']' || c == '}') && depth > 0)
            depth--;
    }
    return false;
}

/* jansson's own message quotes the text around the fault, which may be personal. */
static bool refuse(const json_error_t *fault, Err *err)
{
    static const struct { enum json_error_code code; const char *told; } faults[] = {
        { json_error_duplicate_key,           "gives the same key twice" },
        { json_error_invalid_utf8,            "is not UTF-8 text" },
        { json_error_null_byte_in_key,        "has a NUL character in a key" },
        { json_error_null_character,          "has a NUL character" },
        { json_error_numeric_overflow,        "has a number that is too large" },
        { json_error_premature_end_of_input,  "ends too early" },
    };
    const char *told = "is not valid JSON";
    FOR_EACH(f, faults)
        if (json_error_code(fault) == f->code)
            told = f->told;
    return err_set(err, ERR_INVALID, "Line %d of the JSON %s.", fault->line > 0 ? fault->line : 1, told);
}

bool json_read(Str text, Json **out, Err *err)
{
    if (text.len > LIMIT_JSON_BYTES)
        return err_set(err, ERR_LIMIT, "The JSON is larger than %d bytes.", LIMIT_JSON_BYTES);
    if (too_deep(text))
        return err_set(err, ERR_LIMIT, "The JSON is nested more than %d deep.", LIMIT_JSON_DEPTH);
    json_error_t fault;
    Json *j = json_loadb(text.len ? text.at : "", text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &fault);
    if (!j)
        return refuse(&fault, err);
    *out = j;
    return true;
}

/* An object's keys in byte order; the caller frees the list. */
typedef struct Member { const char *key; const Json *value; } Member;

static int member_order(const void *a, const void *b)
{
    return strcmp(((const Member *)a)->key, ((const Member *)b)->key);
}

static Member *members_sorted(const Json *object, size_t *count)
{
    size_t  n = json_object_size(object), i = 0;
    Member *members = calloc(n ? n : 1, sizeof *members);
    if (!members)
        abort();
    Json *walked = (Json *)(uintptr_t)object;   /* jansson's iterators ask for more than they change */
    for (void *it = json_object_iter(walked); it; it = json_object_iter_next(walked, it))
        members[i++] = (Member){ json_object_iter_key(it), json_object_iter_value(it) };
    assert(i == n);
    qsort(members, n, sizeof *members, member_order);
    *count = n;
    return members;
}

/* RFC 8785 section 3.2.2.2. */
static void write_text(StrBuf *buf, const char *text)
{
    static const char escapes[32] = { ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r' };
    buf_char(buf, '"');
    for (const char *p = text; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c == '"' || c == '\\' || (c < 32 && escapes[c])) {
            buf_char(buf, '\\');
            buf_char(buf, c < 32 ? escapes[c] : *p);
        } else if (c < 32) {
            buf_fmt(buf, "\\u%04x", c);
        } else {
            buf_char(buf, *p);
        }
    }
    buf_char(buf, '"');
}

/* Fewest digits that read back as the same number. Ours never holds one; what others send may. */
static void write_real(StrBuf *buf, double d)
{
    char text[40];
    if (fabs(d) < 0x1p53 && d == floor(d)) {
        buf_fmt(buf, "%" PRId64, (int64_t)d);
        return;
    }
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, d);
        if (strtod(text, NULL) == d)
            break;
    }
    buf_add(buf, text);
}

static void write_value(StrBuf *buf, const Json *j);

static void write_list(StrBuf *buf, const Json *list)
{
    buf_char(buf, '[');
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (i)
            buf_char(buf, ',');
        write_value(buf, json_array_get(list, i));
    }
    buf_char(buf, ']');
}

static void write_object(StrBuf *buf, const Json *object)
{
    size_t  count;
    Member *members = members_sorted(object, &count);
    buf_char(buf, '{');
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_char(buf, ',');
        write_text(buf, members[i].key);
        buf_char(buf, ':');
        write_value(buf, members[i].value);
    }
    buf_char(buf, '}');
    free(members);
}

static void write_value(StrBuf *buf, const Json *j)
{
    switch (json_type(j)) {
    case JSON_TYPE_NONE:
    case JSON_TYPE_NULL:   buf_add(buf, "null"); break;
    case JSON_TYPE_BOOL:   buf_add(buf, json_is_true(j) ? "true" : "false"); break;
    case JSON_TYPE_INT:    buf_fmt(buf, "%" PRId64, (int64_t)json_integer_value(j)); break;
    case JSON_TYPE_REAL:   write_real(buf, json_real_value(j)); break;
    case JSON_TYPE_TEXT:   write_text(buf, json_string_value(j)); break;
    case JSON_TYPE_LIST:   write_list(buf, j); break;
    case JSON_TYPE_OBJECT: write_object(buf, j); break;
    }
}

char *json_canonical(Arena *mem, const Json *j)
{
    StrBuf buf = { .mem = mem };
    write_value(&buf, j);
    return buf_text(&buf);
}

char *json_pretty(Arena *mem, const Json *j)
{
    char *text = json_dumps(j, JSON_INDENT(2) | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    if (!text)
        return str_copy(mem, "null");
    char *copy = str_copy(mem, text);
    free(text);
    return copy;
}

void json_done(Json **j)
{
    json_decref(*j);
    *j = NULL;
}

Json *json_keep(Json *j)
{
    return json_incref(j);
}

bool json_same(const Json *a, const Json *b)
{
    return a == b || json_equal(a, b);
}

Json *json_new_object(void)
{
    return made(json_object());
}

Json *json_new_list(void)
{
    return made(json_array());
}

Json *json_new_text(const char *text)
{
    if (!text)
        return made(json_null());
    Str s = str_of(text);
    if (utf8_valid(s))
        return made(json_stringn_nocheck(s.at, s.len));
    CLEANUP(arena_done) Arena mem = {0};
    return made(json_string_nocheck(utf8_clean(&mem, s)));
}

Json *json_new_int(int64_t n)
{
    return made(json_integer(n));
}

Json *json_new_bool(bool b)
{
    return made(json_boolean(b));
}

Json *json_new_real(double d)
{
    return isfinite(d) ? made(json_real(d)) : made(json_null());   /* JSON has no infinity */
}

void json_set(Json *object, const char *key, Json *value)
{
    CLEANUP(arena_done) Arena mem = {0};
    if (!utf8_valid(str_of(key)))
        key = utf8_clean(&mem, str_of(key));
    int failed = json_object_set_new_nocheck(object, key, value ? value : made(json_null()));
    assert(!failed && "set in something that is not an object");
}

void json_set_text(Json *object, const char *key, const char *text)
{
    if (text)
        json_set(object, key, json_new_text(text));
}

void json_set_int(Json *object, const char *key, int64_t n)
{
    json_set(object, key, json_new_int(n));
}

void json_set_bool(Json *object, const char *key, bool b)
{
    json_set(object, key, json_new_bool(b));
}

void json_push(Json *list, Json *value)
{
    int failed = json_array_append_new(list, value ? value : made(json_null()));
    assert(!failed && "pushed to something that is not a list");
}

JsonType json_type(const Json *j)
{
    static const JsonType types[] = {
        [JSON_OBJECT]  = JSON_TYPE_OBJECT,
        [JSON_ARRAY]   = JSON_TYPE_LIST,
        [JSON_STRING]  = JSON_TYPE_TEXT,
        [JSON_INTEGER] = JSON_TYPE_INT,
        [JSON_REAL]    = JSON_TYPE_REAL,
        [JSON_TRUE]    = JSON_TYPE_BOOL,
        [JSON_FALSE]   = JSON_TYPE_BOOL,
        [JSON_NULL]    = JSON_TYPE_NULL,
    };
    return j ? types[json_typeof(j)] : JSON_TYPE_NONE;
}

const Json *json_get(const Json *object, const char *key)
{
    return json_object_get(object, key);
}

const char *json_text(const Json *object, const char *key)
{
    return json_text_of(json_get(object, key));
}

int64_t json_int(const Json *object, const char *key, int64_t otherwise)
{
    const Json *j = json_get(object, key);
    return json_is_integer(j) ? json_integer_value(j) : otherwise;
}

double json_number(const Json *object, const char *key, double otherwise)
{
    const Json *j = json_get(object, key);
    return json_is_number(j) ? json_number_value(j) : otherwise;
}

bool json_bool(const Json *object, const char *key, bool otherwise)
{
    const Json *j = json_get(object, key);
    return json_is_boolean(j) ? json_is_true(j) : otherwise;
}

size_t json_count(const Json *list_or_object)
{
    return json_is_object(list_or_object) ? json_object_size(list_or_object)
                                          : json_array_size(list_or_object);
}

const Json *json_at(const Json *list, size_t i)
{
    return json_array_get(list, i);
}

const char *json_text_of(const Json *text)
{
    return json_string_value(text);
}

double json_number_of(const Json *number)
{
    return json_is_number(number) ? json_number_value(number) : 0;
}

int64_t json_int_of(const Json *number)
{
    return json_integer_value(number);
}

bool json_each(const Json *object, JsonVisit *visit, void *ctx)
{
    size_t  count = 0;
    Member *members = members_sorted(object, &count);
    bool    going = true;
    for (size_t i = 0; going && i < count; i++)
        going = visit(ctx, members[i].key, members[i].value);
    free(members);
    return going;
}
