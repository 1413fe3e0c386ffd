#include "web/inside.h"
#include "base/limits.h"
#include "base/test.h"

static const struct { const char *name, *body, *want; } cases[] = {
    { "pairs",                       "a=1&b=2",            "a=1;b=2;"       },
    { "no value",                    "a&b=",               "a=;b=;"         },
    { "empty pieces are nothing",    "&&a=1&&",            "a=1;"           },
    { "plus is a space",             "a=x+y%2B",           "a=x y+;"        },
    { "equals inside a value",       "a=b=c",              "a=b=c;"         },
    { "encoded names",               "%61%3D=%26",         "a==&;"          },
    { "text of any tongue",          "n=%C5%81ukasz",      "n=\xC5\x81ukasz;" },
    { "the first of two stands",     "a=1&a=2",            "a=1;a=2;"       },
    { "a cut escape is refused",     "a=%4",               NULL             },
    { "a lone percent is refused",   "a=100%",             NULL             },
    { "bad digits are refused",      "a=%zz",              NULL             },
    { "NUL is refused",              "a=x%00y",            NULL             },
    { "bad UTF-8 is refused",        "a=%ff",              NULL             },
    { "overlong UTF-8 is refused",   "a=%c0%af",           NULL             },
    { "bad names are refused too",   "%ff=a",              NULL             },
};

static const char *joined(Arena *mem, const Pair *pairs, size_t n)
{
    StrBuf buf = { .mem = mem };
    for (size_t i = 0; i < n; i++)
        buf_fmt(&buf, "%s=%s;", pairs[i].name, pairs[i].value);
    return buf_text(&buf);
}

TEST(a_form_is_read_whole_or_refused)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    FOR_EACH(c, cases)
    {
        Err    err = { 0 };
        Pair  *pairs = NULL;
        size_t n = 0;
        bool read = form_read(&mem, str_of(c->body), &pairs, &n, &err);
        if (read != (c->want != NULL) || (read && !str_same(joined(&mem, pairs, n), c->want)))
            fail_msg("%s: %s", c->name, read ? joined(&mem, pairs, n) : err.told);
        if (!read)
            CHECK_INT(err.kind, ERR_INVALID);
    }
}

TEST(fields_are_bounded)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    StrBuf buf = { .mem = &mem };
    Err    err = { 0 };
    Pair  *pairs;
    size_t n;
    for (int i = 0; i < FORM_FIELDS_MAX; i++)
        buf_add(&buf, "a=1&");
    CHECK_OK(form_read(&mem, str_of(buf_text(&buf)), &pairs, &n, &err), &err);
    CHECK_INT(n, FORM_FIELDS_MAX);
    buf_add(&buf, "a=1");
    CHECK_FAILS(form_read(&mem, str_of(buf_text(&buf)), &pairs, &n, &err), &err, ERR_LIMIT);
}

TEST(a_json_body_is_a_flat_object)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    Err    err = { 0 };
    Pair  *pairs;
    size_t n;
    CHECK_OK(form_read_json(&mem, STR("{\"band\":\"high\",\"n\":12}"), &pairs, &n, &err), &err);
    CHECK_TEXT(joined(&mem, pairs, n), "band=high;n=12;");
    CHECK_FAILS(form_read_json(&mem, STR("[1]"), &pairs, &n, &err), &err, ERR_INVALID);
    CHECK_FAILS(form_read_json(&mem, STR("{\"a\":{}}"), &pairs, &n, &err), &err, ERR_INVALID);
    CHECK_FAILS(form_read_json(&mem, STR("{\"a\":\"x\\u0000y\"}"), &pairs, &n, &err), &err, ERR_INVALID);
}

static bool nothing(Request *r, Response *out, Err *err)
{
    (void)r, (void)out, (void)err;
    return true;
}

static const Route routes[] = {
    { GET,  "/",              PERM_PUBLIC, EVENT_BOARD,  nothing, "root",    "" },
    { GET,  "/a/:x",          PERM_PUBLIC, EVENT_BOARD,  nothing, "any",     "" },
    { GET,  "/a/fixed",       PERM_PUBLIC, EVENT_BOARD,  nothing, "fixed",   "" },
    { POST, "/a/:x/go",       PERM_PUBLIC, EVENT_CHANGE, nothing, "go",      "" },
    { GET,  "/files/*name",   PERM_PUBLIC, EVENT_BOARD,  nothing, "files",   "" },
};

static const struct { Method method; const char *path, *says, *param, *allow; } paths[] = {
    { GET,  "/",               "root",  NULL,       NULL        },
    { GET,  "/a/b",            "any",   "b",        NULL        },
    { GET,  "/a/fixed",        "fixed", NULL,       NULL        },
    { GET,  "/a/x%2Fy",        "any",   "x/y",      NULL        },
    { GET,  "/a/%2e%2e",       "any",   "..",       NULL        },
    { POST, "/a/b/go",         "go",    "b",        NULL        },
    { GET,  "/a/b/go",         NULL,    NULL,       "POST"      },
    { POST, "/a/b",            NULL,    NULL,       "GET, HEAD" },
    { GET,  "/files/x/y.css",  "files", "x/y.css",  NULL        },
    { GET,  "/files",          NULL,    NULL,       NULL        },
    { GET,  "/a/",             NULL,    NULL,       NULL        },
    { GET,  "//a/b",           NULL,    NULL,       NULL        },
    { GET,  "/a/%00",          NULL,    NULL,       NULL        },
    { GET,  "/a/%ff",          NULL,    NULL,       NULL        },
    { GET,  "/A/b",            NULL,    NULL,       NULL        },
    { GET,  "a",               NULL,    NULL,       NULL        },
    { GET,  "/1/2/3/4/5/6/7/8/9", NULL, NULL,       NULL        },
};

TEST(an_address_has_one_meaning)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    const Front front = { .routes = routes, .route_count = COUNT_OF(routes) };
    FOR_EACH(p, paths)
    {
        Pair  *params;
        size_t n = 0;
        const char *allow;
        const Route *r = route_find(&front, &mem, p->method, str_of(p->path), &params, &n, &allow);
        if (!str_same(r ? r->says : NULL, p->says) || !str_same(r && n ? params[0].value : NULL, p->param) ||
            !str_same(allow, p->allow))
            fail_msg("%s: %s %s %s", p->path, r ? r->says : "-", n ? params[0].value : "-",
                     allow ? allow : "-");
    }
}

TEST(a_cookie_is_found_by_its_whole_name)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    const Front plain = { .insecure_cookies = true }, secure = { .insecure_cookies = false };
    CHECK_TEXT(cookie_read(&plain, &mem, "a=1; muster=abc; b=2", COOKIE_SESSION), "abc");
    CHECK(!cookie_read(&plain, &mem, "xmuster=abc; muster-flash=1", COOKIE_SESSION));
    CHECK(!cookie_read(&plain, &mem, "__Host-muster=abc", COOKIE_SESSION));
    CHECK_TEXT(cookie_read(&secure, &mem, "muster=planted; __Host-muster=abc", COOKIE_SESSION), "abc");
    CHECK(!cookie_read(&secure, &mem, "muster=planted", COOKIE_SESSION));
    CHECK(!cookie_read(&secure, &mem, NULL, COOKIE_SESSION));
}

TEST(another_site_is_told_apart)
{
    static const struct { const char *site, *origin, *host; bool same; } asked[] = {
        { "same-origin", NULL,                     "m.example.org",      true  },
        { "same-origin", "null",                   "m.example.org",      true  },
        { "same-site",   "https://m.example.org",  "m.example.org",      false },
        { "cross-site",  NULL,                     "m.example.org",      false },
        { "none",        NULL,                     "m.example.org",      false },
        { NULL,          NULL,                     "m.example.org",      true  },
        { NULL,          "null",                   "m.example.org",      true  },
        { NULL,          "https://m.example.org",  "m.example.org",      true  },
        { NULL,          "http://127.0.0.1:8080",  "127.0.0.1:8080",     true  },
        { NULL,          "https://n.example.org",  "m.example.org",      false },
        { NULL,          "https://m.example.org",  NULL,                 false },
        { NULL,          "nonsense",               "nonsense",           false },
    };
    FOR_EACH(a, asked)
    CHECK_INT(origin_same(a->site, a->origin, a->host), a->same);
}

TEST_MAIN(a_form_is_read_whole_or_refused, fields_are_bounded, a_json_body_is_a_flat_object,
          an_address_has_one_meaning, a_cookie_is_found_by_its_whole_name, another_site_is_told_apart)
