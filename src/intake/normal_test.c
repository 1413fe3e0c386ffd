/* Normal forms: what compares equal, what is refused, and that normalising twice equals once. */
#include "intake/normal.h"
#include "base/json.h"
#include "base/rng.h"
#include "base/source.h"
#include "base/test.h"

typedef const char *Normal(Arena *mem, const char *text);

static const char *phone(Arena *mem, const char *text) { return normal_phone(mem, text, NULL); }

static const struct { Normal *normal; const char *name, *in, *want; } cases[] = {
    { phone, "spaces are dropped",               "07700 900 123",       "+447700900123" },
    { phone, "brackets and hyphens are dropped", "(01632) 960-123",     "+441632960123" },
    { phone, "the 0 in brackets is not dialled", "+44 (0)7700 900123",  "+447700900123" },
    { phone, "00 is a plus",                     "0044 7700 900123",    "+447700900123" },
    { phone, "a country without plus",           "447700900123",        "+447700900123" },
    { phone, "another country is kept",          "+1 202 555 0143",     "+12025550143"  },
    { phone, "too short is refused",             "0770",                NULL            },
    { phone, "too long is refused",              "+4477009001234567890", NULL           },
    { phone, "letters are refused",              "07700 90O123",        NULL            },
    { phone, "nothing is refused",               "",                    NULL            },
    { normal_email, "lower case, trimmed",       " Adam@Example.ORG ",  "adam@example.org" },
    { normal_email, "a plus tag is kept",        "a+b@example.org",     "a+b@example.org"  },
    { normal_email, "no at sign",                "example.org",         NULL },
    { normal_email, "no domain",                 "adam@",               NULL },
    { normal_email, "two addresses",             "a@example.org, b@example.org", NULL },
    { normal_account, "lower case, trimmed",     " Heron_7 ",           "heron_7" },
    { normal_account, "blank is nothing",        "  ",                  NULL },
    { normal_device, "separators are dropped",   "35-209900-176148-1",  "352099001761481" },
    { normal_device, "a MAC address",            "00:1a:2B:3c:4d:5e",   "001A2B3C4D5E" },
    { normal_device, "nothing",                  "--",                  NULL },
    { normal_address, "IPv4",                    "192.0.2.7",           "192.0.2.7" },
    { normal_address, "IPv6 is shortened",       "2001:0DB8:0:0:0:0:0:1", "2001:db8::1" },
    { normal_address, "a mapped IPv4 is IPv4",   "::ffff:192.0.2.7",    "192.0.2.7" },
    { normal_address, "out of range",            "192.0.2.300",         NULL },
    { normal_address, "a leading zero is not guessed", "192.0.02.7",    NULL },
    { normal_address, "a name is no address",    "example.org",         NULL },
    { normal_address, "a port is not part of it", "192.0.2.7:443",      NULL },
    { normal_postcode, "a space is put in",      "ne697aw",             "NE69 7AW" },
    { normal_postcode, "a letter after the digit", "w1a 0ax",           "W1A 0AX" },
    { normal_postcode, "half a postcode",        "NE69",                NULL },
    { normal_postcode, "an American code",       "62701",               NULL },
};

TEST(normal_forms)
{
    CLEANUP(arena_done) Arena mem = {0};
    FOR_EACH(c, cases) {
        const char *got = c->normal(&mem, c->in);
        if ((got == NULL) != (c->want == NULL) || (got && strcmp(got, c->want) != 0))
            fail_msg("%s: got %s", c->name, got ? got : "nothing");
        if (got)
            CHECK_TEXT(c->normal(&mem, got), got);
    }
}

TEST(a_stated_country_is_used)
{
    CLEANUP(arena_done) Arena mem = {0};
    CHECK_TEXT(normal_phone(&mem, "202-555-0143", "+1"), "+12025550143");
    CHECK_TEXT(normal_phone(&mem, "07700 900123", "44"), "+447700900123");
    CHECK(!normal_phone(&mem, "202-555-0143", NULL));
}

TEST(a_hash_must_have_the_length_of_its_kind)
{
    CLEANUP(arena_done) Arena mem = {0};
    const char *kind = "SHA-1";
    CHECK_TEXT(normal_hash(&mem, &kind, "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709"),
               "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    CHECK_TEXT(kind, "sha1");
    kind = "MD5";
    CHECK(!normal_hash(&mem, &kind, "1234567890"));
    kind = "CRC32";
    CHECK(!normal_hash(&mem, &kind, "12345678"));
    kind = "PhotoDNA";
    uint8_t raw[144] = { 1, 2, 3 };
    const char *hex = hex_write(&mem, raw, 144);
    CHECK_TEXT(normal_hash(&mem, &kind, base64_write(&mem, raw, 144)), hex);
    CHECK_TEXT(normal_hash(&mem, &kind, hex), hex);
}

/* Whatever is normalised, doing it again changes nothing. */
TEST(normalising_twice_equals_once)
{
    static Normal *const all[] = { phone,         normal_email,   normal_account,
                                   normal_device, normal_address, normal_postcode };
    static const char letters[] = "0123456789 +-().aAbB@:.:fF";
    Rng rng = rng_seed(20260514);
    for (int i = 0; i < 20000; i++) {
        CLEANUP(arena_done) Arena mem = {0};
        char text[24] = {0};
        for (uint64_t n = rng_below(&rng, sizeof text - 1), k = 0; k < n; k++)
            text[k] = letters[rng_below(&rng, sizeof letters - 1)];
        FOR_EACH(normal, all) {
            const char *once = (*normal)(&mem, text);
            if (once)
                CHECK_TEXT((*normal)(&mem, once), once);
        }
    }
}

static void postcode_file(Arena *mem, const char *shared, const char *name, bool validity)
{
    Err err = {0};
    Str text;
    CLEANUP(json_done) Json *doc = NULL;
    CHECK_OK(file_read(mem, str_fmt(mem, "%s/geo/postcode_parsing/%s", shared, name), 1 << 20, &text, &err),
             &err);
    CHECK_OK(json_read(text, &doc, &err), &err);
    const Json *tests = json_get(doc, "tests");
    CHECK(json_count(tests) > 5);
    for (size_t i = 0; i < json_count(tests); i++) {
        const Json *t = json_at(tests, i);
        const char *got = normal_postcode(mem, json_text(t, "base")), *want = json_text(t, "expected");
        if (validity ? (got != NULL) != json_bool(t, "expected", false) : !str_same(got, want))
            fail_msg("%s: %s gives %s", name, json_text(t, "base"), got ? got : "nothing");
    }
}

TEST(postcodes_agree_with_the_published_cases)
{
    CLEANUP(arena_done) Arena mem = {0};
    const char *shared = getenv("MUSTER_SHARED");
    if (!shared)
        skip();
    postcode_file(&mem, shared, "normalisation.json", false);
    postcode_file(&mem, shared, "validation.json", true);
}

TEST_MAIN(normal_forms, a_stated_country_is_used, a_hash_must_have_the_length_of_its_kind,
          normalising_twice_equals_once, postcodes_agree_with_the_published_cases)
