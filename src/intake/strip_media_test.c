/* Media goes, everything else stays byte for byte. */
#include "intake/strip_media.h"
#include "base/digest.h"
#include "base/rng.h"
#include "base/test.h"

static const char *stripped(Arena *mem, const char *text, bool xml)
{
    Err err = {0};
    StrBuf out = { .mem = mem };
    char buf[777];
    size_t got = 0;
    CLEANUP(strip_done) Strip *strip = strip_new(mem, source_memory(mem, str_of(text)), xml);
    do {
        CHECK_OK(source_read(strip_source(strip), buf, sizeof buf, &got, &err), &err);
        buf_add_n(&out, buf, got);
    } while (got > 0);
    return buf_text(&out);
}

static const char *picture(Arena *mem, size_t bytes, const char *line_end, const char **sha256)
{
    Rng rng = rng_seed(5);
    uint8_t *raw = arena_new(mem, uint8_t, bytes);
    StrBuf out = { .mem = mem };
    for (size_t i = 0; i < bytes; i++)
        raw[i] = (uint8_t)rng_next(&rng);
    Sha256 digest = sha256_of(raw, bytes);
    *sha256 = sha256_hex(mem, &digest);
    const char *text = base64_write(mem, raw, bytes);
    for (size_t i = 0; text[i]; i++) {
        buf_char(&out, text[i]);
        if (line_end && i % 76 == 75)
            buf_add(&out, line_end);
    }
    return buf_text(&out);
}

TEST(what_is_not_media_passes_unchanged)
{
    static const char *const xml[] = {
        "<a>hello</a>",
        "<a/>",
        "<a b='c'>  <b><![CDATA[x]]></b> \n </a>",
        "<a>&#65;&amp;&lt;</a>",
        "<a><b></b>AAAA<c/></a>",
        "<a>QUJD</a><!-- QUJD --><?pi QUJD?>",
        "<",
        "<a",
        "<a><![CDATA[",
        "<a>AAAA",
        "<a>\n<",
        "<a><",
        "<a><!",
        "",
        "no markup",
    };
    CLEANUP(arena_done) Arena mem = {0};
    FOR_EACH(x, xml)
        CHECK_TEXT(stripped(&mem, *x, true), *x);
    CHECK_TEXT(stripped(&mem, "a,b\n\"x\ny\",QUJD\n,\n", false), "a,b\n\"x\ny\",QUJD\n,\n");
    StrBuf prose = { .mem = &mem };
    for (int i = 0; i < 3000; i++)
        buf_add(&prose, "plain words ");
    CHECK_TEXT(stripped(&mem, buf_text(&prose), true), buf_text(&prose));
    CHECK_TEXT(stripped(&mem, buf_text(&prose), false), buf_text(&prose));
}

static void marked(Arena *mem, const char *before, const char *after, bool xml, const char *line_end,
                   bool attribute)
{
    const char *sha256, *image = picture(mem, 6000, line_end, &sha256);
    const char *got = stripped(mem, str_fmt(mem, "%s%s%s", before, image, after), xml);
    if (strlen(got) > 400 || !strstr(got, sha256) ||
        (strstr(got, "muster-dropped-sha256=\"") != NULL) != attribute)
        fail_msg("%s...%s gives %.500s", before, after, got);
    CHECK_TEXT(stripped(mem, got, xml), got);
}

TEST(media_leaves_only_its_digest)
{
    CLEANUP(arena_done) Arena mem = {0};
    marked(&mem, "<a><b>", "</b></a>", true, NULL, true);
    marked(&mem, "<a><b>", "</b></a>", true, "\n", true);
    marked(&mem, "<a><b>\n  ", "\n</b></a>", true, "\r\n", true);
    marked(&mem, "<a><b>", "</b></a>", true, "&#13;\n", true);
    marked(&mem, "<a><b>", "</b></a>", true, "&#xD;", true);
    marked(&mem, "<a><b><![CDATA[", "]]></b></a>", true, NULL, true);
    marked(&mem, "<a b=\"", "\"/>", true, NULL, false);
    marked(&mem, "<a>data:image/png;base64,", "</a>", true, NULL, false);
    marked(&mem, "<!--", "-->", true, NULL, false);
    marked(&mem, "<a><b/>", "</a>", true, NULL, false);
    marked(&mem, "a,b\n1,", ",2\n", false, NULL, false);
    marked(&mem, "a,b\n1,\"", "\"\n", false, "\r\n", false);
}

TEST(a_short_data_address_goes_too)
{
    CLEANUP(arena_done) Arena mem = {0};
    const char *sha256, *image = picture(&mem, 200, NULL, &sha256);
    CHECK(strstr(stripped(&mem, str_fmt(&mem, "a\n\"data:image/gif;base64,%s\"\n", image), false), sha256));
    CHECK(strstr(stripped(&mem, str_fmt(&mem, "<a>data:image/gif;base64,%s</a>", image), true), sha256));
    CHECK(strstr(stripped(&mem, str_fmt(&mem, "<a>%s</a>", image), true), image));
}

TEST(a_csv_row_ends_where_it_ended)
{
    CLEANUP(arena_done) Arena mem = {0};
    const char *sha256, *image = picture(&mem, 6000, NULL, &sha256);
    const char *got = stripped(&mem, str_fmt(&mem, "a\n%s\nnext\n", image), false);
    CHECK(strstr(got, "\nnext\n"));
}

TEST(a_stripped_element_stays_well_formed)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    const char *sha256, *image = picture(&mem, 6000, NULL, &sha256);
    const char *text = stripped(
        &mem, str_fmt(&mem, "<r><a>%s</a><b><![CDATA[%s]]></b><c d='%s'>x</c></r>", image, image, image),
        true);
    const char *const names[] = { "r", NULL };
    Xml *xml = NULL;
    XmlNode *node = NULL;
    bool end = false;
    CHECK_OK(xml_open(&mem, source_memory(&mem, str_of(text)), names, &xml, &err), &err);
    CHECK_OK(xml_next(xml, &mem, &node, &end, &err), &err);
    CLEANUP(json_done) Json *dropped = NULL;
    strip_marks_xml(node, &dropped);
    CHECK_INT(json_count(dropped), 3);
    CHECK_TEXT(json_text(json_at(dropped, 0), "sha256"), sha256);
    CHECK_INT(json_int(json_at(dropped, 0), "bytes", 0), 6000);
    CHECK_TEXT(xml_text(node, "c"), "x");
    xml_close(xml);
}

TEST(a_nul_byte_refuses_the_file)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    char buf[16];
    size_t got;
    CLEANUP(strip_done) Strip *strip = strip_new(&mem, source_memory(&mem, (Str){ "a\0b", 3 }), false);
    CHECK_FAILS(source_read(strip_source(strip), buf, sizeof buf, &got, &err), &err, ERR_INVALID);
}

TEST_MAIN(what_is_not_media_passes_unchanged, media_leaves_only_its_digest, a_short_data_address_goes_too,
          a_csv_row_ends_where_it_ended, a_stripped_element_stays_well_formed, a_nul_byte_refuses_the_file)
