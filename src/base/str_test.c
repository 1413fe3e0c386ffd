#include "base/str.h"
#include "base/json.h"
#include "base/rng.h"
#include "base/source.h"
#include "base/test.h"

TEST(views_compare_and_trim)
{
    CHECK(str_eq(str_of(NULL), STR("")));
    CHECK(!str_eq(STR("a"), STR("b")) && !str_eq(STR("a"), STR("ab")));
    CHECK(str_same(NULL, NULL) && !str_same(NULL, "") && str_same("a", "a"));
    CHECK(str_eq(str_trim(STR(" \t\r\n a b \v\f")), STR("a b")));
    CHECK(str_eq(str_trim(STR("  ")), STR("")));
    CHECK(str_starts("muster", "mus") && !str_starts("mu", "mus") && str_starts("x", ""));
    CHECK(str_blank(NULL) && str_blank(" \n") && !str_blank(" x"));
}

TEST(copies_are_independent)
{
    CLEANUP(arena_done) Arena mem = {0};
    CHECK(str_copy(&mem, NULL) == NULL);
    CHECK_TEXT(str_copy_n(&mem, "abc", 2), "ab");
    CHECK_TEXT(str_fmt(&mem, "%d-%s", 5, "x"), "5-x");
    CHECK_TEXT(str_lower_ascii(&mem, "AbZ[@É"), "abz[@É");
    CHECK_TEXT(str_upper_ascii(&mem, "abz{`é9"), "ABZ{`é9");
    CHECK(str_lower_ascii(&mem, NULL) == NULL);
}

static const struct { const char *in; size_t max; const char *want; } clips[] = {
    { "abc",    3, "abc"  },
    { "abcd",   3, "ab…"  },
    { "abcd",   1, "…"    },
    { "abcd",   0, ""     },
    { "",       0, ""     },
    { "ééé",    3, "ééé"  },
    { "éééé",   3, "éé…"  },
    { "a\U0001F600b", 2, "a…" },
    { "a\U0001F600b", 3, "a\U0001F600b" },
};
TEST(clipping_keeps_whole_characters)
{
    CLEANUP(arena_done) Arena mem = {0};
    FOR_EACH(c, clips)
        CHECK_TEXT(str_clip(&mem, c->in, c->max), c->want);
}

static const struct { Str in; bool valid; const char *clean; } texts[] = {
    { STR("plain \t\n"),            true,  "plain \t\n"              },
    { STR("é€\U0001F600"),          true,  "é€\U0001F600"            },
    { STR("\xEF\xBF\xBF"),          true,  "\xEF\xBF\xBF"            },
    { STR("\xF4\x8F\xBF\xBF"),      true,  "\xF4\x8F\xBF\xBF"        },
    { STR("a\xC0\x80" "b"),         false, "a\uFFFD\uFFFDb"          },
    { STR("\xC1\xBF"),              false, "\uFFFD\uFFFD"            },
    { STR("\xE0\x80\x80"),          false, "\uFFFD\uFFFD\uFFFD"      },
    { STR("\xED\xA0\x80"),          false, "\uFFFD\uFFFD\uFFFD"      },
    { STR("\xF4\x90\x80\x80"),      false, "\uFFFD\uFFFD\uFFFD\uFFFD" },
    { STR("\xF8\x88\x80\x80\x80"),  false, "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD" },
    { STR("\xE2\x82"),              false, "\uFFFD\uFFFD"            },
    { STR("\xE2\x82" "A"),          false, "\uFFFD\uFFFDA"           },
    { STR("\xFF" "a"),              false, "\uFFFDa"                 },
    { STR("a\0b\x1b"),              true,  "a\uFFFDb\uFFFD"          },
    { STR("one\r\ntwo\rthree"),     true,  "one\ntwo\uFFFDthree"     },
    { STR("\x7F\xC2\x85"),          true,  "\uFFFD\uFFFD"            },
};
TEST(text_is_judged_and_cleaned)
{
    CLEANUP(arena_done) Arena mem = {0};
    FOR_EACH(t, texts) {
        CHECK_INT(utf8_valid(t->in), t->valid);
        CHECK_TEXT(utf8_clean(&mem, t->in), t->clean);
    }
}

TEST(cleaning_twice_equals_once)
{
    CLEANUP(arena_done) Arena mem = {0};
    Rng rng = rng_seed(20260514);
    for (int i = 0; i < 20000; i++) {
        char   bytes[24];
        size_t n = (size_t)rng_below(&rng, sizeof bytes);
        for (size_t k = 0; k < n; k++)
            bytes[k] = (char)(rng_below(&rng, 2) ? 0x80 + rng_below(&rng, 128) : rng_below(&rng, 128));
        char *once = utf8_clean(&mem, (Str){ bytes, n });
        CHECK(utf8_valid(str_of(once)));
        CHECK_TEXT(utf8_clean(&mem, str_of(once)), once);
        char *clipped = str_clip(&mem, once, 5);
        CHECK(utf8_valid(str_of(clipped)));
        CHECK_TEXT(str_clip(&mem, clipped, 5), clipped);
        arena_reset(&mem);
    }
}

static const struct { const char *in; bool good; int64_t want; } ints[] = {
    { "0", true, 0 }, { "007", true, 7 }, { "-5", true, -5 },
    { "9223372036854775807", true, INT64_MAX }, { "-9223372036854775808", true, INT64_MIN },
    { "9223372036854775808", false, 0 }, { "-9223372036854775809", false, 0 },
    { "99999999999999999999", false, 0 },
    { "", false, 0 }, { "-", false, 0 }, { "+5", false, 0 }, { " 5", false, 0 }, { "5 ", false, 0 },
    { "-0", false, 0 },
    { "5x", false, 0 }, { "0x5", false, 0 }, { "--5", false, 0 }, { "1.0", false, 0 },
};
TEST(whole_numbers_are_read_strictly)
{
    FOR_EACH(c, ints) {
        int64_t n = 99;
        CHECK_INT(str_int(str_of(c->in), INT64_MIN, INT64_MAX, &n), c->good);
        CHECK(n == (c->good ? c->want : 99));
    }
    int64_t n;
    CHECK(!str_int(STR("11"), 1, 10, &n) && !str_int(STR("0"), 1, 10, &n) && str_int(STR("10"), 1, 10, &n));
}

TEST(hex_and_base64_read_back_what_they_wrote)
{
    CLEANUP(arena_done) Arena mem = {0};
    Rng rng = rng_seed(3);
    for (size_t n = 0; n < 200; n++) {
        uint8_t bytes[200], back[200], *out;
        size_t  len;
        for (size_t k = 0; k < n; k++)
            bytes[k] = (uint8_t)rng_next(&rng);
        CHECK(hex_read(str_of(str_upper_ascii(&mem, hex_write(&mem, bytes, n))), back, n));
        CHECK(n == 0 || memcmp(bytes, back, n) == 0);
        CHECK(base64_read(&mem, str_of(base64_write(&mem, bytes, n)), &out, &len));
        CHECK_INT(len, n);
        CHECK(n == 0 || memcmp(bytes, out, n) == 0);
        arena_reset(&mem);
    }
}

static const struct { const char *in; const char *want; } base64_cases[] = {
    /* RFC 4648 */
    { "", "" }, { "Zg==", "f" }, { "Zm8=", "fo" }, { "Zm9v", "foo" }, { "Zm9vYmE=", "fooba" },
    { " Zm9v\r\nYmFy ", "foobar" },
    { "Zg", NULL }, { "Zg=", NULL }, { "Zg===", NULL }, { "Z", NULL }, { "Zh==", NULL }, { "Zm9=", NULL },
    { "Zg==Zg==", NULL }, { "Zm9*", NULL }, { "=", NULL }, { "Zm9v====", NULL },
};
TEST(only_well_formed_base64_is_read)
{
    CLEANUP(arena_done) Arena mem = {0};
    FOR_EACH(c, base64_cases) {
        uint8_t *out = NULL;
        size_t   n = 0;
        CHECK_INT(base64_read(&mem, str_of(c->in), &out, &n), c->want != NULL);
        if (c->want)
            CHECK_TEXT(str_copy_n(&mem, (char *)out, n), c->want);
    }
    uint8_t byte;
    CHECK(!hex_read(STR("0"), &byte, 1) && !hex_read(STR("0g"), &byte, 1) && !hex_read(STR("000"), &byte, 1));
}

TEST(a_buffer_grows_by_any_step)
{
    CLEANUP(arena_done) Arena mem = {0};
    StrBuf buf = { .mem = &mem };
    CHECK_TEXT(buf_text(&buf), "");
    size_t want = 0;
    for (int i = 0; i < 3000; i++) {
        buf_char(&buf, 'a');
        buf_fmt(&buf, "%0*d", i % 400 + 1, 0);
        buf_add(&buf, i % 7 ? "xy" : NULL);
        want += 2 + (size_t)(i % 400) + (i % 7 ? 2 : 0);
        if (i % 100 == 0)
            arena_new(&mem, char, 10);
    }
    CHECK_INT(buf.len, want);
    CHECK_INT(strlen(buf_text(&buf)), want);
}

TEST(naughty_strings_are_cleaned_without_loss_of_words)
{
    CLEANUP(arena_done) Arena mem = {0};
    const char *shared = getenv("MUSTER_SHARED");
    Err  err = {0};
    Str  all;
    char *path = str_fmt(&mem, "%s/hostile/blns/blns.json", shared ? shared : "/nowhere");
    if (!file_read(&mem, path, 1 << 20, &all, &err))
        skip();
    CLEANUP(json_done) Json *list = NULL;
    CHECK_OK(json_read(all, &list, &err), &err);
    CHECK(json_count(list) > 400);
    for (size_t i = 0; i < json_count(list); i++) {
        const char *text = json_text_of(json_at(list, i));
        char *clean = utf8_clean(&mem, str_of(text));
        CHECK(utf8_valid(str_of(clean)));
        CHECK_TEXT(utf8_clean(&mem, str_of(clean)), clean);
        CHECK(utf8_valid(str_of(str_clip(&mem, clean, 7))));
        CLEANUP(json_done) Json *written = json_new_text(text);
        CLEANUP(json_done) Json *back = NULL;
        CHECK_OK(json_read(str_of(json_canonical(&mem, written)), &back, &err), &err);
        CHECK_TEXT(json_text_of(back), text);
    }
}

TEST_MAIN(views_compare_and_trim, copies_are_independent, clipping_keeps_whole_characters,
          text_is_judged_and_cleaned, cleaning_twice_equals_once, whole_numbers_are_read_strictly,
          hex_and_base64_read_back_what_they_wrote, only_well_formed_base64_is_read,
          a_buffer_grows_by_any_step, naughty_strings_are_cleaned_without_loss_of_words)
