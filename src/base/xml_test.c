#include "base/xml.h"
#include <dirent.h>
#include "base/digest.h"
#include "base/limits.h"
#include "base/rng.h"
#include "base/test.h"

static const char *const records[] = { "report", "fileDetails", NULL };

/* A tree as one text: name(attributes){text children}. */
static void show(StrBuf *out, const XmlNode *n)
{
    buf_fmt(out, "%s", n->name);
    for (const XmlAttr *a = n->attrs; a; a = a->next)
        buf_fmt(out, "(%s=%s)", a->name, a->value);
    buf_fmt(out, "{%s", n->text);
    for (const XmlNode *c = n->child; c; c = c->next) {
        CHECK(c->parent == n);
        show(out, c);
    }
    buf_char(out, '}');
}

static void xml_done(Xml **xml)
{
    xml_close(*xml);
}

/* All records, each led by its line, and a refusal as its kind and sentence. */
static char *all_records(Arena *mem, Str text)
{
    CLEANUP(xml_done) Xml *xml = NULL;
    StrBuf out = { .mem = mem };
    Err    err = {0};
    if (!xml_open(mem, source_memory(mem, text), records, &xml, &err))
        return str_fmt(mem, "!%s(%s)", err_kind_name(err.kind), err.told);
    for (int calls = 0; calls < 1000; calls++) {
        XmlNode *record = NULL;
        bool     end;
        if (!xml_next(xml, mem, &record, &end, &err)) {
            CHECK(err.told[0]);
            buf_fmt(&out, "!%s(%s)", err_kind_name(err.kind), err.told);
            continue;
        }
        if (end)
            return buf_text(&out);
        buf_fmt(&out, "%zu:", record->line);
        show(&out, record);
    }
    fail_msg("the reader does not end");
    return NULL;
}

static const struct { const char *name; Str in; const char *want; } cases[] = {
    { "root is the record", STR("<report><a>1</a></report>"), "1:report{a{1}}" },
    { "a wrapper of many",    STR("<all>\n<report>x</report>\n<skip/><report/>\n</all>"),
      "2:report{x}3:report{}" },
    { "deep inside",          STR("<a><b><c><report i='1'/></c></b><report i='2'/></a>"),
      "1:report(i=1){}1:report(i=2){}" },
    { "outermost only", STR("<report><fileDetails/><report/></report>"), "1:report{fileDetails{}report{}}" },
    { "both names", STR("<a><fileDetails>f</fileDetails><report/></a>"), "1:fileDetails{f}1:report{}" },
    { "namespaces are dropped", STR("<n:report xmlns:n='urn:x' n:k='v'><n:a/></n:report>"),
      "1:report(k=v){a{}}" },
    { "undeclared prefix", STR("<n:report n:k='v'/>"), "1:report(k=v){}" },
    { "text is trimmed and joined",
      STR("<report> a <b/> <![CDATA[<c>]]> &amp;&#233; <!-- no --><?no no?></report>"),
      "1:report{a  <c> &éb{}}" },
    { "entities in attributes", STR("<report a='&lt;&quot;&#x20AC;'/>"), "1:report(a=<\"€){}" },
    { "other encodings",      STR("<?xml version='1.0' encoding='ISO-8859-1'?><report>\xE9</report>"),
      "1:report{é}" },
    { "byte-order mark", STR("\xEF\xBB\xBF<report/>"), "1:report{}" },
    { "no records", STR("<a><b/></a>"), "" },
    { "not closed", STR("<a>\n<report/>\n<b>"), "2:report{}!invalid(Line 3 is not valid XML.)" },
    { "crossed", STR("<a>\n<report>\n</a></report>"), "!invalid(Line 3 is not valid XML.)" },
    { "empty", STR(""), "!invalid(Line 1 is not valid XML.)" },
    { "not XML", STR("MZ\0\0"), "!invalid(Line 1 is not valid XML.)" },
    { "bad UTF-8", STR("<report>\xFF</report>"), "!invalid(Line 1 is not valid XML.)" },
    { "control character", STR("<report>\x01</report>"), "!invalid(Line 1 is not valid XML.)" },
    { "two roots", STR("<report/>\n<report/>"), "!invalid(Line 2 is not valid XML.)" },
    { "unknown entity", STR("<report>&nbsp;</report>"), "!invalid(Line 1 is not valid XML.)" },
    { "same attribute twice", STR("<report a='1' a='2'/>"), "!invalid(Line 1 is not valid XML.)" },
    { "a document type",      STR("<?xml version='1.0'?>\n<!DOCTYPE report>\n<report/>"),
      "!invalid(A document type or entity is declared by line 3, which is not accepted.)" },
    { "an outside entity",
      STR("<!DOCTYPE report [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>\n<report>&x;</report>"),
      "!invalid(A document type or entity is declared by line 2, which is not accepted.)" },
};
TEST(records_are_pulled_out_as_trees)
{
    FOR_EACH(c, cases) {
        CLEANUP(arena_done) Arena mem = {0};
        char *got = all_records(&mem, c->in);
        if (strcmp(got, c->want) != 0)
            fail_msg("%s: got %s", c->name, got);
    }
}

TEST(an_entity_bomb_is_refused_before_it_grows)
{
    CLEANUP(arena_done) Arena mem = {0};
    StrBuf bomb = { .mem = &mem };
    buf_add(&bomb, "<!DOCTYPE report [<!ENTITY e0 'xxxxxxxxxx'>");
    for (int i = 1; i < 30; i++)
        buf_fmt(&bomb, "<!ENTITY e%d '&e%d;&e%d;&e%d;&e%d;'>", i, i - 1, i - 1, i - 1, i - 1);
    buf_add(&bomb, "]><report a='&e29;'>&e29;</report>");
    char *got = all_records(&mem, str_of(buf_text(&bomb)));
    CHECK(str_starts(got, "!invalid(") && strchr(got + 1, '!') == NULL);
}

TEST(lines_are_counted_past_sixteen_bits)
{
    CLEANUP(arena_done) Arena mem = {0};
    StrBuf text = { .mem = &mem };
    buf_add(&text, "<a>");
    for (int i = 0; i < 70000; i++)
        buf_char(&text, '\n');
    buf_add(&text, "<report>x</report>");
    for (int i = 0; i < 1000; i++)   /* libxml2 sees a fault some way ahead */
        buf_add(&text, "<b/>");
    buf_add(&text, "\n</b>");
    char *got = all_records(&mem, str_of(buf_text(&text)));
    CHECK_TEXT(got, "70001:report{x}!invalid(Line 70002 is not valid XML.)");
}

/* `bytes` of pseudo-random media in base 64, cut into lines if `width`. */
static char *media(Arena *mem, uint8_t *bytes, size_t n, size_t width)
{
    Rng rng = rng_seed(n);
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)rng_next(&rng);
    char *plain = base64_write(mem, bytes, n);
    if (!width)
        return plain;
    StrBuf lines = { .mem = mem };
    for (size_t at = 0, len = strlen(plain); at < len; at += width)
        buf_fmt(&lines, "%.*s\r\n", (int)(len - at < width ? len - at : width), plain + at);
    return buf_text(&lines);
}

TEST(media_leaves_only_its_digest)
{
    static const struct { const char *before, *after; size_t bytes, width; } shapes[] = {
        { "<report><f>",                  "</f></report>",            4000,            0  },
        { "<report><f>",                  "</f></report>",            4001,            76 },
        { "<report><f> \n ",              "\n</f></report>",          5 * 1024 * 1024, 64 },
        { "<report><f><![CDATA[",         "]]></f></report>",         50000,           0  },
        { "<report><f>data:image/jpeg;base64,", "</f></report>",      50000,           0  },
        { "<report><f a='",               "'/></report>",             50000,           0  },
    };
    FOR_EACH(s, shapes) {
        CLEANUP(arena_done) Arena mem = {0};
        uint8_t *bytes = arena_new(&mem, uint8_t, s->bytes);
        char    *text = str_fmt(&mem, "%s%s%s", s->before, media(&mem, bytes, s->bytes, s->width), s->after);
        Sha256   digest = sha256_of(bytes, s->bytes);
        CLEANUP(arena_done) Arena kept = {0};
        CLEANUP(xml_done) Xml *xml = NULL;
        Err      err = {0};
        XmlNode *record = NULL;
        bool     end;
        CHECK_OK(xml_open(&mem, source_memory(&mem, str_of(text)), records, &xml, &err), &err);
        CHECK_OK(xml_next(xml, &kept, &record, &end, &err), &err);
        const XmlNode *f = xml_child(record, "f");
        CHECK_TEXT(f->text, "");
        CHECK_TEXT(xml_attr(f, "muster-dropped-sha256"), sha256_hex(&mem, &digest));
        CHECK_TEXT(xml_attr(f, "muster-dropped-bytes"), str_fmt(&mem, "%zu", s->bytes));
        CHECK(kept.used_bytes < 2048);   /* nothing of the media stays behind */
    }
}

TEST(media_that_does_not_decode_is_dropped_all_the_same)
{
    CLEANUP(arena_done) Arena mem = {0};
    char  *odd = arena_new(&mem, char, 8002), *hex = arena_new(&mem, char, 10001);
    memset(odd, 'Q', 8001);
    memset(hex, 'A', 10000);
    Sha256 of_text = sha256_of(odd, 8001);
    char   decoded[5000];
    memset(decoded, 0xAA, sizeof decoded);
    Sha256 of_hex = sha256_of(decoded, sizeof decoded);
    CHECK_TEXT(all_records(&mem, str_of(str_fmt(&mem, "<report>%s</report>", odd))),
               str_fmt(&mem, "1:report(muster-dropped-sha256=%s)(muster-dropped-bytes=8001){}",
                       sha256_hex(&mem, &of_text)));
    CHECK_TEXT(all_records(&mem, str_of(str_fmt(&mem, "<report>%s</report>", hex))),
               str_fmt(&mem, "1:report(muster-dropped-sha256=%s)(muster-dropped-bytes=5000){}",
                       sha256_hex(&mem, &of_hex)));
}

TEST(long_words_of_people_are_kept)
{
    CLEANUP(arena_done) Arena mem = {0};
    StrBuf prose = { .mem = &mem }, chat = { .mem = &mem };
    for (int i = 0; i < 1000; i++) {
        buf_add(&prose, "hello there how are you");
        buf_add(&prose, i < 999 ? " " : "");
        buf_add(&chat, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!");
    }
    CHECK_TEXT(all_records(&mem, str_of(str_fmt(&mem, "<report>%s</report>", buf_text(&prose)))),
               str_fmt(&mem, "1:report{%s}", buf_text(&prose)));
    CHECK_TEXT(all_records(&mem, str_of(str_fmt(&mem, "<report>%s</report>", buf_text(&chat)))),
               str_fmt(&mem, "1:report{%s}", buf_text(&chat)));
}

static void repeat(StrBuf *buf, const char *text, int times)
{
    while (times-- > 0)
        buf_add(buf, text);
}

/* A record past a limit is refused alone; the next one is still read. */
TEST(a_record_past_a_limit_costs_only_itself)
{
    CLEANUP(arena_done) Arena mem = {0};
    StrBuf deep = { .mem = &mem }, many = { .mem = &mem }, wide = { .mem = &mem };
    repeat(&deep, "<d>", LIMIT_XML_DEPTH);
    repeat(&deep, "</d>", LIMIT_XML_DEPTH);
    repeat(&many, "<m/>", LIMIT_XML_RECORD_FIELDS + 1);
    buf_add(&wide, "<w ");
    for (int i = 0; i <= LIMIT_XML_RECORD_FIELDS; i++)
        buf_fmt(&wide, "a%d='' ", i);
    buf_add(&wide, "/>");
    const struct { const char *body, *told; } bad[] = {
        { buf_text(&deep), "!limit(Line 2: elements are nested too deep.)" },
        { buf_text(&many), "!limit(Line 2: a record has too many elements.)" },
        { buf_text(&wide), "!limit(Line 2: a record has too many elements.)" },
    };
    FOR_EACH(b, bad)
        CHECK_TEXT(all_records(&mem, str_of(str_fmt(&mem, "<a>\n<report>%s</report>\n<report>y</report></a>",
                                                    b->body))),
                   str_fmt(&mem, "%s3:report{y}", b->told));
    char *big = arena_new(&mem, char, LIMIT_XML_TEXT_BYTES + 2);
    memset(big, '!', LIMIT_XML_TEXT_BYTES + 1);
    CHECK_TEXT(
        all_records(&mem, str_of(str_fmt(&mem, "<a>\n<report>%s</report>\n<report>y</report></a>", big))),
        "!limit(Line 2: a text is too long.)3:report{y}");
    big[LIMIT_XML_TEXT_BYTES / 2] = 0;
    CHECK_TEXT(all_records(&mem, str_of(str_fmt(&mem,
                                                "<a><report><b>%s</b><c>%s</c>!</report>"
                                                "\n<report>y</report></a>",
                                                big, big))),
               "!limit(Line 1: a record is too long.)2:report{y}");
}

TEST(depth_outside_records_ends_the_file)
{
    CLEANUP(arena_done) Arena mem = {0};
    StrBuf deep = { .mem = &mem };
    repeat(&deep, "<d>", 5000);
    CHECK_TEXT(all_records(&mem, str_of(buf_text(&deep))), "!limit(Line 1: elements are nested too deep.)");
}

TEST(children_are_found_by_name)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(xml_done) Xml *xml = NULL;
    Err      err = {0};
    XmlNode *r = NULL;
    bool     end;
    CHECK_OK(xml_open(&mem, source_memory(&mem, STR("<report k='v'><a>1</a><b/><a>2</a></report>")), records,
                      &xml, &err),
             &err);
    CHECK_OK(xml_next(xml, &mem, &r, &end, &err), &err);
    const XmlNode *a = xml_child(r, "a");
    CHECK_TEXT(a->text, "1");
    CHECK_TEXT(xml_next_same(a)->text, "2");
    CHECK(xml_next_same(xml_next_same(a)) == NULL && xml_next_same(NULL) == NULL);
    CHECK_TEXT(xml_text(r, "a"), "1");
    CHECK(xml_text(r, "b") == NULL && xml_text(r, "c") == NULL && xml_text(NULL, "a") == NULL);
    CHECK_TEXT(xml_attr(r, "k"), "v");
    CHECK(xml_attr(r, "x") == NULL && xml_attr(NULL, "k") == NULL && xml_child(NULL, "a") == NULL);
    xml_close(NULL);
}

/* Published malformed and recursive documents: none may crash, hang, or get a declaration through. */
TEST(published_hostile_files_come_to_an_end)
{
    static const char *const folders[] = { "xml-errors", "xml-recurse", "go-fuzz/xml" };
    const char *shared = getenv("MUSTER_SHARED");
    int read = 0, wrong = 0;
    FOR_EACH(f, folders) {
        CLEANUP(arena_done) Arena mem = {0};
        char *folder = str_fmt(&mem, "%s/hostile/%s", shared ? shared : "/nowhere", *f);
        DIR  *dir = opendir(folder);
        if (!dir)
            skip();
        for (struct dirent *e; (e = readdir(dir)); read++) {
            Err err = {0};
            Str text;
            if (!file_read(&mem, str_fmt(&mem, "%s/%s", folder, e->d_name), 1 << 24, &text, &err))
                continue;
            char *got = all_records(&mem, text);
            if (memmem(text.at, text.len, "<!ENTITY", 8))
                CHECK(strstr(got, "!"));
            /* Of the wrong files only these are read: we drop namespaces, and half a character at the end. */
            bool harmless = str_same(e->d_name, "ns-undeclared.xml") ||
                            str_same(e->d_name, "truncated-utf16.xml");
            wrong += str_same(*f, "xml-errors") && !strchr(got, '!') && !harmless;
        }
        closedir(dir);
    }
    CHECK(read > 30);
    CHECK_INT(wrong, 0);
}

TEST_MAIN(records_are_pulled_out_as_trees, an_entity_bomb_is_refused_before_it_grows,
          lines_are_counted_past_sixteen_bits, media_leaves_only_its_digest,
          media_that_does_not_decode_is_dropped_all_the_same, long_words_of_people_are_kept,
          a_record_past_a_limit_costs_only_itself, depth_outside_records_ends_the_file,
          children_are_found_by_name, published_hostile_files_come_to_an_end)
