/* fuzz_form.c: any bytes as a form, an address and a cookie header. What is read is text without NUL, and
 * encoded again reads back as itself. */
#include <assert.h>
#include <string.h>
#include "base/limits.h"
#include "web/inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void encode(StrBuf *buf, const char *text)
{
    for (; *text; text++)
        buf_fmt(buf, "%%%02X", (unsigned char)*text);
}

static void check_again(Arena *mem, const Pair *pairs, size_t n)
{
    StrBuf buf = { .mem = mem };
    Err    err = { 0 };
    Pair  *again = NULL;
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        buf_add(&buf, i ? "&" : "");
        encode(&buf, pairs[i].name);
        buf_char(&buf, '=');
        encode(&buf, pairs[i].value);
    }
    bool read = form_read(mem, (Str){ buf_text(&buf), buf.len }, &again, &count, &err);
    assert(read && count == n);
    for (size_t i = 0; i < n; i++)
        assert(str_same(pairs[i].name, again[i].name) && str_same(pairs[i].value, again[i].value));
}

static void check_form(Arena *mem, Str body, bool (*read)(Arena *, Str, Pair **, size_t *, Err *))
{
    Err    err = { 0 };
    Pair  *pairs = NULL;
    size_t n = 0;
    if (!read(mem, body, &pairs, &n, &err)) {
        assert(err.kind == ERR_INVALID || err.kind == ERR_LIMIT);
        return;
    }
    assert(n <= FORM_FIELDS_MAX);
    for (size_t i = 0; i < n; i++)
        assert(utf8_valid(str_of(pairs[i].name)) && utf8_valid(str_of(pairs[i].value)));
    check_again(mem, pairs, n);
}

static bool nothing(Request *r, Response *out, Err *err)
{
    (void)r, (void)out, (void)err;
    return true;
}

static void check_path(Arena *mem, Str path)
{
    static const Route routes[] = {
        { GET, "/a/:x", PERM_PUBLIC, EVENT_BOARD, nothing, "a", "" },
        { GET, "/:x/:y/b", PERM_PUBLIC, EVENT_BOARD, nothing, "b", "" },
        { GET, "/files/*rest", PERM_PUBLIC, EVENT_BOARD, nothing, "f", "" },
    };
    const Front front = { .routes = routes, .route_count = COUNT_OF(routes) };
    Pair  *params = NULL;
    size_t n = 0;
    const char *allow;
    if (!route_find(&front, mem, GET, path, &params, &n, &allow))
        return;
    for (size_t i = 0; i < n; i++)
        assert(params[i].value && utf8_valid(str_of(params[i].value)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    Str all = { (const char *)data, size };
    const Front front = { .insecure_cookies = size % 2 };
    check_form(&mem, all, form_read);
    check_form(&mem, all, form_read_json);
    check_path(&mem, all);
    const char *cookie = cookie_read(&front, &mem, str_from(&mem, all), COOKIE_SESSION);
    assert(!cookie || strlen(cookie) < size);
    return 0;
}
