/* Files that list known files become entries, whatever their traps; what is malformed leaves nothing. */
#include "base/rng.h"
#include "base/test.h"
#include "match/read/json_scan.h"
#include "match/read/known_read.h"
#include "store/store_testing.h"

#define MD5_A "0cc175b9c0f1b6a831c399e269772661"
#define MD5_B "92eb5ffee6ae2fec3ad71c777531578f"
#define SHA1_A "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"
#define SHA256_A "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
#define MD5_EMPTY "d41d8cd98f00b204e9800998ecf8427e"
#define CONTEXT                                                                                              \
    "\"@odata.context\":\"http://example.invalid/ProjectVic/DataModels/2.0.xml/UK/$metadata#Media\""
#define VICS(media) "{" CONTEXT ",\"value\":[" media "]}"

enum { KEPT_MAX = 64 };
typedef struct Kept { KnownEntry at[KEPT_MAX]; size_t count; Arena mem; } Kept;

static bool keep(void *ctx, const KnownEntry *entry, Err *err)
{
    Kept *k = ctx;
    (void)err;
    CHECK(k->count < KEPT_MAX);
    KnownEntry *e = &k->at[k->count++];
    *e = *entry;
    for (int d = 0; d < DIGEST__COUNT; d++)
        if (entry->digest[d])
            e->digest[d] = (const uint8_t *)hex_write(&k->mem, entry->digest[d], digest_bytes((DigestKind)d));
    e->grade = str_copy(&k->mem, entry->grade ? entry->grade : "");
    e->series = str_copy(&k->mem, entry->series ? entry->series : "");
    e->scale = str_copy(&k->mem, entry->scale ? entry->scale : "");
    e->source = str_copy(&k->mem, entry->source ? entry->source : "");
    e->version = str_copy(&k->mem, entry->version ? entry->version : "");
    return true;
}

static void kept_done(Kept *k) { arena_done(&k->mem); }

static bool read_text(Kept *k, const char *text, const KnownReadOptions *given, KnownReadReport *report,
                      Err *err)
{
    KnownReadOptions options = given ? *given : KNOWN_READ_DEFAULT;
    k->count = 0;
    return known_read_bytes(str_of(text), "set.txt", &options, keep, k, &k->mem, report, err);
}

static void check_balance(const KnownReadReport *r)
{
    CHECK_INT(r->rows, r->entries + r->rejected + r->ignored);
}

static const char *digest_text(const KnownEntry *e, DigestKind kind)
{
    return e->digest[kind] ? (const char *)e->digest[kind] : "";
}

/* name, document, entries, rejected, ignored, then of the first entry: grade, series, victim, md5 */
static const struct {
    const char *name, *text;
    uint64_t entries, rejected, ignored;
    const char *grade, *series;
    bool victim;
    const char *md5;
} vics[] = {
    { "byte-order mark", "\xEF\xBB\xBF" VICS("{\"MD5\":\"" MD5_A "\",\"Category\":1}"), 1, 0, 0, "1", "",
      false, MD5_A },
    { "upper-case digest", VICS("{\"MD5\":\"0CC175B9C0F1B6A831C399E269772661\",\"Category\":2}"), 1, 0, 0,
      "2", "", false, MD5_A },
    { "case of names", VICS("{\"md5\":\"" MD5_A "\",\"CATEGORY\":3,\"victimIdentified\":true}"), 1, 0, 0, "3",
      "", true, MD5_A },
    { "false as text", VICS("{\"MD5\":\"" MD5_A "\",\"Category\":1,\"VictimIdentified\":\"false\"}"), 1, 0, 0,
      "1", "", false, MD5_A },
    { "False as text", VICS("{\"MD5\":\"" MD5_A "\",\"Category\":1,\"VictimIdentified\":\"False\"}"), 1, 0, 0,
      "1", "", false, MD5_A },
    { "True as text", VICS("{\"MD5\":\"" MD5_A "\",\"Category\":1,\"VictimIdentified\":\"True\"}"), 1, 0, 0,
      "1", "", true, MD5_A },
    { "series as object",
      VICS("{\"MD5\":\"" MD5_A "\",\"Category\":1,\"Series\":{\"Id\":3,\"Name\":\"blue\"}}"), 1, 0, 0, "1",
      "blue", false, MD5_A },
    { "series with escapes",
      VICS("{\"Series\":\"a \\\"b\\\" \\u00e9 ] }\",\"MD5\":\"" MD5_A "\",\"Category\":1}"), 1, 0, 0, "1",
      "a \"b\" \xC3\xA9 ] }", false, MD5_A },
    { "only Category is a verdict",
      VICS("{\"MD5\":\"" MD5_A "\",\"Category\":null,\"IsPrecategorized\":true}"), 1, 0, 0, "", "", false,
      MD5_A },
    { "the empty file",
      VICS("{\"MD5\":\"" MD5_EMPTY "\",\"Category\":1},{\"MD5\":\"" MD5_A "\",\"Category\":1}"), 1, 0, 1, "1",
      "", false, MD5_A },
    { "a digest of wrong length",
      VICS("{\"MD5\":\"AA\",\"Category\":1},{\"MD5\":\"" MD5_B "\",\"Category\":1}"), 1, 1, 0, "1", "", false,
      MD5_B },
    { "SHA-256 said to be SHA-1",
      VICS("{\"SHA1\":\"" SHA256_A "\",\"Category\":1},{\"MD5\":\"" MD5_B "\",\"Category\":1}"), 1, 1, 0, "1",
      "", false, MD5_B },
    { "listed twice with two categories",
      VICS("{\"MD5\":\"" MD5_A "\",\"Category\":1},{\"MD5\":\"" MD5_A "\",\"Category\":2}"), 2, 0, 0, "1", "",
      false, MD5_A },
    { "a member twice", VICS("{\"MD5\":\"" MD5_A "\",\"MD5\":\"" MD5_B "\"}"), 0, 1, 0, "", "", false, "" },
    { "no digest", VICS("{\"MD5\":\"\",\"SHA1\":\"\",\"Category\":1}"), 0, 1, 0, "", "", false, "" },
    { "media within cases",
      "{\"value\":[{\"CaseID\":\"{1}\",\"Media\":[{\"MD5\":\"" MD5_A "\",\"Category\":1,\"MediaFiles\":[{"
                                                                     "\"MD5\":\"" MD5_B "\",\"FilePath\":"
                                                                                        "\"a\\\\b\"}]}]}]"
                                                                                        "," CONTEXT "}",
      1, 0, 0, "1", "", false, MD5_A },
    { "nothing in it", VICS(""), 0, 0, 0, "", "", false, "" },
};

/* Any case, and in half of them one character that is none, anywhere. */
static void digits_fill(Rng *rng, const char *set, char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        text[i] = set[rng_below(rng, strlen(set))];
    if (rng_below(rng, 2))
        text[rng_below(rng, n)] = (char)rng_below(rng, 256);
}

TEST(digits_are_read_alike_on_every_level)
{
    Rng rng = rng_seed(20260524);
    for (int i = 0; i < 40000; i++) {
        DigestKind kind = (DigestKind)rng_below(&rng, DIGEST__COUNT);
        bool base64 = kind == DIGEST_PHOTODNA && rng_below(&rng, 2);
        uint8_t want[144], got[144];
        char text[288];
        size_t n = base64 ? 192 : 2 * digest_bytes(kind);
        digits_fill(&rng,
                    base64 ? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
                           : "0123456789abcdefABCDEF",
                    text, n);
        bool good = digest_parse_by(CPU_PORTABLE, kind, (Str){ text, n }, want);
        for (int level = CPU_AVX2; level < CPU__COUNT; level++) {
            if (!cpu_here((Cpu)level))
                continue;
            CHECK(digest_parse_by((Cpu)level, kind, (Str){ text, n }, got) == good);
            CHECK(!good || memcmp(got, want, digest_bytes(kind)) == 0);
        }
    }
}

TEST(vics_traps_are_met)
{
    CLEANUP(kept_done) Kept k = {0};
    FOR_EACH(c, vics) {
        Err err = {0};
        KnownReadReport r;
        if (!read_text(&k, c->text, NULL, &r, &err))
            fail_msg("%s: %s", c->name, err.told);
        if (r.entries != c->entries || r.rejected != c->rejected || r.ignored != c->ignored)
            fail_msg("%s: %d %d %d", c->name, (int)r.entries, (int)r.rejected, (int)r.ignored);
        CHECK_TEXT(r.format, "vics");
        check_balance(&r);
        CHECK_INT(k.count, c->entries);
        if (!k.count)
            continue;
        CHECK_TEXT(k.at[0].grade, c->grade);
        CHECK_TEXT(k.at[0].scale, "VICS UK");
        CHECK_TEXT(k.at[0].series, c->series);
        CHECK_INT(k.at[0].victim_identified, c->victim);
        CHECK_TEXT(digest_text(&k.at[0], DIGEST_MD5), c->md5);
    }
}

TEST(dates_of_any_shape_give_their_day)
{
    static const char *const shapes[] = { "2025-01-02T03:04:05-05:00", "2025-01-02T03:04:05.1234",
                                          "2025-01-02", "2025-01-02T03:04:05.1234567+01:00Z",
                                          "2025-01-02 03:04" };
    CLEANUP(kept_done) Kept k = {0};
    FOR_EACH(shape, shapes) {
        Err err = {0};
        KnownReadReport r;
        char *text = str_fmt(&k.mem, VICS("{\"MD5\":\"" MD5_A "\",\"DateUpdated\":\"%s\"}"), *shape);
        CHECK_OK(read_text(&k, text, NULL, &r, &err), &err);
        CHECK_INT(k.at[0].first_seen, date_of(2025, 1, 2));
    }
}

TEST(malformed_documents_are_refused)
{
    static const char *const documents[] = {
        "{\"value\": [{\"MD5\": \"AA\"}, {\"MD5\": \"BB\"}", "{\"value\": [{\"MD5\": \"AA\"},]}",
        "{\"value\": [{\"MD5\": \"AA\"} {\"MD5\": \"BB\"}]}", "[1, 2", "[1, 2]", "{\"value\": 3}", "{}", "{",
        "{\"value\": []} x", "{\"value\": [{\"MD5\": \"A\x01\"}]}", "{\"value\": [{\"MD5\": \"\\q\"}]}",
        "{\"value\": [{\"MD5\": \"\xC3\"}]}", "{\"value\": [{\"a\": 01}]}", "{\"value\": [{\"a\": 1.}]}",
        "{\"value\": [{\"a\": tru}]}", "{\"value\": [{\"a\" 1}]}", "{\"value\": [{,}]}", "{\"value\": [}",
        "{\"value\": [{\"a\": nul", "{\"value\": [{\"a\": \"b", "{\"value\": [], \"value\": []}",
    };
    CLEANUP(kept_done) Kept k = {0};
    FOR_EACH(document, documents) {
        Err err = {0};
        KnownReadReport r;
        if (read_text(&k, *document, NULL, &r, &err))
            fail_msg("was read: %s", *document);
        CHECK_INT(err.kind, ERR_INVALID);
    }
}

TEST(depth_is_bounded)
{
    CLEANUP(kept_done) Kept k = {0};
    Err err = {0};
    KnownReadReport r;
    StrBuf text = { .mem = &k.mem };
    buf_add(&text, "{\"value\":[{\"a\":");
    for (int i = 0; i < 100000; i++)
        buf_char(&text, '[');
    CHECK_FAILS(read_text(&k, buf_text(&text), NULL, &r, &err), &err, ERR_LIMIT);
}

/* Every kernel takes the same documents and stops at the same byte. The blanks move each across the edges of
 * what a kernel looks at in one step. */
static bool scan_whole(Cpu level, Str bytes, uint64_t *at)
{
    CLEANUP(arena_done) Arena mem = {0};
    Scan *scan = NULL;
    Err err = {0};
    bool ok = scan_open_by(level, &mem, source_memory(&mem, bytes), &scan, &err) && scan_skip(scan, &err) &&
              scan_close(scan, &err);
    *at = scan_offset(scan);
    return ok;
}

TEST(kernels_agree)
{
    static const char *const documents[] = {
        "{\"a\\\\\\\"b\":[1,-2.5e+3,true,null,\"\\u00e9\\\\\"],\"c\":{}}",
        "{\"a\":\"\\x\"}",
        "[\"\\ud83d\\ude00 \xC3\xA9\"]",
        "[\"a\tb\"]",
        "[1 2]",
        "[\"a\" \"b\"]",
        "[\"a\"\"b\"]",
        "[01]",
        "[tru]",
        "[nullx]",
        "[\"abc",
        "[\"\\\\\\",
        "\\\"[]",
        "[1]\\",
        "",
        "[\"\xC3(\"]",
        "{\"a\":1,}",
        "[[[[]]]]",
        "\"\\u12",
        "[12",
        "12",
    };
    CLEANUP(arena_done) Arena mem = {0};
    FOR_EACH(document, documents)
        for (int blanks = 0; blanks < 70; blanks++) {
            char *text = str_fmt(&mem, "%*s%s%*s", blanks, "", *document, blanks % 3, "");
            uint64_t want = 0, got = 0;
            bool good = scan_whole(CPU_PORTABLE, str_of(text), &want);
            for (int level = CPU_AVX2; level < CPU__COUNT; level++)
                if (cpu_here((Cpu)level) &&
                    (scan_whole((Cpu)level, str_of(text), &got) != good || got != want))
                    fail_msg("%s: %s differs", text, cpu_name((Cpu)level));
        }
}

#if defined(__SANITIZE_ADDRESS__)
enum { BYTE_STEP = 3 }; /* opening a reader is slow there; each place still meets a third of the bytes */
#else
enum { BYTE_STEP = 1 };
#endif

/* Any byte in place of any other: kernels that look for characters in tables could take one for another. */
TEST(kernels_agree_on_every_byte)
{
    static const char document[] = "{\"a\":[1, \"b\",{\"c\" :\n2}],\t\"d\\n\":\"\xC3\xA9\"}\r ";
    for (size_t at = 0; at < sizeof document - 1; at++)
        for (int byte = (int)(at % BYTE_STEP); byte < 256; byte += BYTE_STEP) {
            char text[sizeof document];
            uint64_t want = 0, got = 0;
            memcpy(text, document, sizeof text);
            text[at] = (char)byte;
            Str bytes = { text, sizeof document - 1 };
            bool good = scan_whole(CPU_PORTABLE, bytes, &want);
            for (int level = CPU_AVX2; level < CPU__COUNT; level++)
                if (cpu_here((Cpu)level) && (scan_whole((Cpu)level, bytes, &got) != good || got != want))
                    fail_msg("byte %d at %zu: %s differs", byte, at, cpu_name((Cpu)level));
        }
}

/* The window is far smaller than this document, and entries lie across its ends. */
static bool count_only(void *ctx, const KnownEntry *entry, Err *err)
{
    (void)err;
    CHECK(entry->digest[DIGEST_MD5] && str_same(entry->series, "a \"long\" series \xE2\x9C\x93"));
    return ++*(uint64_t *)ctx, true;
}

TEST(a_long_document_is_read_through_a_small_window)
{
    CLEANUP(arena_done) Arena mem = {0};
    StrBuf text = { .mem = &mem };
    Err err = {0};
    KnownReadReport r;
    KnownReadOptions options = KNOWN_READ_DEFAULT;
    uint64_t n = 0;
    buf_add(&text, "{" CONTEXT ", \"value\" : [");
    for (int i = 0; i < 20000; i++)
        buf_fmt(&text,
                "%s\n{ \"MediaID\" : %d , \"MD5\" : \"%032x\", \"Category\": 1, \"Exifs\": [ "
                "{\"a\":[1.5e3,true,null]} ],"
                " \"Series\": \"a \\\"long\\\" series \xE2\x9C\x93\" }",
                i ? "," : "", i, i);
    buf_add(&text, "] }\r\n");
    CHECK_OK(known_read_bytes((Str){ text.at, text.len }, "x", &options, count_only, &n, &mem, &r, &err),
             &err);
    CHECK_INT(n, 20000);
    CHECK_INT(r.entries, 20000);
}

/* name, text, format, entries, rejected, kind of the first digest, grade, scale, benign */
static const struct {
    const char *name, *text, *format;
    uint64_t entries, rejected;
    DigestKind kind;
    const char *digest, *grade, *scale;
    bool benign;
} texts[] = {
    { "md5sum", MD5_A "  a.bin\n" MD5_B " *b.bin\nnot one\n", "list", 2, 1, DIGEST_MD5, MD5_A, "", "",
      false },
    { "md5sum, odd name", "\\" MD5_A "  a\\nb\n", "list", 1, 0, DIGEST_MD5, MD5_A, "", "", false },
    { "sha1sum", SHA1_A "  a.bin", "list", 1, 0, DIGEST_SHA1, SHA1_A, "", "", false },
    { "sha256sum", "# c\n\n" SHA256_A "  a.bin\r\n", "list", 1, 0, DIGEST_SHA256, SHA256_A, "", "", false },
    { "BSD", "SHA1 (a = b) = " SHA1_A "\n", "list", 1, 0, DIGEST_SHA1, SHA1_A, "", "", false },
    { "muster pdq", SHA256_A "\t97\ta.jpg\n", "list", 1, 0, DIGEST_PDQ, SHA256_A, "", "", false },
    { "hashdeep",
      "%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n## x\n3," MD5_A "," SHA256_A ",a,b\n3,zz\n", "list",
      1, 1, DIGEST_MD5, MD5_A, "", "", false },
    { "NSRL 2",
      "\"SHA-1\",\"MD5\",\"CRC32\",\"FileName\",\"FileSize\",\"ProductCode\",\"OpSystemCode\","
      "\"SpecialCode\"\r\n\"" SHA1_A "\",\"" MD5_A "\",\"EBD105A0\",\"a,b\",1,2,\"WIN\",\"\"\r\n",
      "nsrl2", 1, 0, DIGEST_SHA1, SHA1_A, "", "", true },
    { "ICSE",
      "MD5;SHA1;PhotoDNA;Image ID;Is distributed;Victim identified;Offender identified;Series name;Number of "
      "submissions;File Available;Media Type;Baseline\n" MD5_A ";;;1;True;False;;s;3;x;Image;True\n" MD5_B
      ";;;1;True;maybe;;s;3;x;Image;True\n",
      "icse", 1, 1, DIGEST_MD5, MD5_A, "Baseline", "ICSE", false },
    { "Muster's own",
      "md5,grade,scale,series,votes,kind,set_name,set_version\n" MD5_A ",A,UK,s,2,benign,N,1\n" MD5_B ",B,UK,"
                                                                                                      ",x,"
                                                                                                      "known,"
                                                                                                      "N,1\n",
      "csv", 1, 1, DIGEST_MD5, MD5_A, "A", "UK", true },
};

TEST(lists_and_tables_are_read)
{
    CLEANUP(kept_done) Kept k = {0};
    FOR_EACH(c, texts) {
        Err err = {0};
        KnownReadReport r;
        if (!read_text(&k, c->text, NULL, &r, &err))
            fail_msg("%s: %s", c->name, err.told);
        if (r.entries != c->entries || r.rejected != c->rejected || !str_same(r.format, c->format))
            fail_msg("%s: %s %d %d", c->name, r.format, (int)r.entries, (int)r.rejected);
        check_balance(&r);
        CHECK_TEXT(digest_text(&k.at[0], c->kind), c->digest);
        CHECK_TEXT(k.at[0].grade, c->grade);
        CHECK_TEXT(k.at[0].scale, c->scale);
        CHECK_INT(k.at[0].benign, c->benign);
    }
}

TEST(rejections_name_line_and_place)
{
    CLEANUP(kept_done) Kept k = {0};
    Err err = {0};
    KnownReadReport r;
    CHECK_OK(read_text(&k, texts[0].text, NULL, &r, &err), &err);
    CHECK_INT(r.rejections[0].line, 3);
    CHECK_INT(r.rejections[0].offset, 2 * 40);
    CHECK_TEXT(r.rejections[0].why, "does not begin with a digest");
}

TEST(a_map_names_the_columns)
{
    static const struct { const char *map, *text; uint64_t entries; bool ok; } cases[] = {
        { "md5=Fingerprint,grade=Level", "Level,Fingerprint\nX," MD5_A "\n", 1, true },
        { "md5=2,grade=1", "X," MD5_A "\nX," MD5_B "\n", 2, true },
        { "md5=2,grade=1", "level|hash\nX|" MD5_A "\n", 1, true },
        { "md5=5", "a,b\n", 0, false },
        { "colour=1", "a,b\n", 0, false },
        { "grade=1", "a,b\n", 0, false },
    };
    CLEANUP(kept_done) Kept k = {0};
    FOR_EACH(c, cases) {
        Err err = {0};
        KnownReadReport r;
        KnownReadOptions options = KNOWN_READ_DEFAULT;
        options.map = c->map;
        CHECK_INT(read_text(&k, c->text, &options, &r, &err), c->ok);
        if (!c->ok)
            continue;
        CHECK_INT(r.entries, c->entries);
        CHECK_TEXT(k.at[0].grade, "X");
    }
}

TEST(options_decide_what_the_file_leaves_open)
{
    CLEANUP(kept_done) Kept k = {0};
    Err err = {0};
    KnownReadReport r;
    KnownReadOptions options = KNOWN_READ_DEFAULT;
    options.source = "Own";
    options.version = "7";
    options.scale = "UK";
    options.grade = "C";
    options.digest = DIGEST_PDQ;
    options.stance = STANCE_NEGATIVE;
    options.stance_given = true;
    CHECK_OK(read_text(&k, SHA256_A "\n", &options, &r, &err), &err);
    CHECK(k.at[0].digest[DIGEST_PDQ] && k.at[0].negative && !k.at[0].benign);
    CHECK_TEXT(k.at[0].source, "Own");
    CHECK_TEXT(k.at[0].grade, "C");
    CHECK_TEXT(k.at[0].scale, "UK");
}

TEST(hash_sharing_xml_is_read)
{
    static const char document[] =
        "<queryResult xmlns=\"https://hashsharing.ncmec.org/hashsharing/v2\"><images count=\"2\" "
        "maxTimestamp=\"2025-01-01T00:00:00Z\"><image><member id=\"4\">Example</member>"
        "<timestamp>2025-01-02T00:00:00Z</timestamp><id>x</id><classification>A1</classification>"
        "<fingerprints><md5>" MD5_A "</md5><sha1>" SHA1_A "</sha1></fingerprints></image>"
        "<image><id>y</id><fingerprints><md5>12</md5></fingerprints></image></images>"
        "<videos count=\"1\"><video><classification>B2</classification><fingerprints><md5>" MD5_B
        "</md5><TMK_PDQF href=\"/x\"/></fingerprints></video></videos></queryResult>";
    CLEANUP(kept_done) Kept k = {0};
    Err err = {0};
    KnownReadReport r;
    CHECK_OK(read_text(&k, document, NULL, &r, &err), &err);
    CHECK_INT(r.entries, 2);
    CHECK_INT(r.rejected, 1);
    check_balance(&r);
    CHECK_TEXT(k.at[0].grade, "A1");
    CHECK_TEXT(k.at[0].scale, "NCMEC");
    CHECK_INT(k.at[0].first_seen, date_of(2025, 1, 2));
    CHECK_TEXT(k.at[1].grade, "B2");
    CHECK_FAILS(read_text(&k, "<other/>", NULL, &r, &err), &err, ERR_INVALID);
}

/* Tables of another's making, in a file of our own store, which closes it before it is read. */
static bool statements_run(Tx *tx, void *ctx, Err *err)
{
    for (const char *const *text = ctx; *text; text++) {
        const Sql sql = { "test.foreign", *text };
        if (!db_run(tx, &sql, NO_VALUES, err))
            return false;
    }
    return true;
}

static void nsrl_make(TestStore *t, const char *const *statements)
{
    Err err = {0};
    testing_open(t);
    CHECK_OK(writer_run(t->store, statements_run, (void *)(uintptr_t)statements, &err), &err);
    store_close(t->store);
    t->store = NULL;
}

TEST(the_nsrl_database_is_read_and_not_trusted)
{
    static const struct {
        const char *script[5];
        ErrKind     fault;
        uint64_t    entries, rejected;
    } cases[] = {
        { { "CREATE TABLE FILE (sha256 VARCHAR, sha1 VARCHAR, md5 VARCHAR, file_name VARCHAR)",
            "CREATE TABLE VERSION (version VARCHAR, description VARCHAR)",
            "INSERT INTO VERSION VALUES ('2025.03.1', 'x')",
            "INSERT INTO FILE VALUES ('" SHA256_A "', '" SHA1_A "', '" MD5_A "', 'a'),"
            " ('x', 'y', 'z', 'b')" },
          ERR_NONE, 1, 1 },
        { { "CREATE TABLE METADATA (sha1 TEXT, md5 TEXT)",
            "CREATE VIEW FILE AS SELECT sha1, md5 FROM METADATA",
            "INSERT INTO METADATA VALUES ('" SHA1_A "', '" MD5_A "')" }, ERR_NONE, 1, 0 },
        { { "CREATE TABLE other (a)" }, ERR_INVALID, 0, 0 },
        { { "CREATE VIEW FILE AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n)"
            " SELECT i AS md5, i AS sha1, i AS sha256 FROM n WHERE i = 2" }, ERR_LIMIT, 0, 0 },
    };
    CLEANUP(kept_done) Kept k = {0};
    FOR_EACH(c, cases) {
        CLEANUP(testing_done) TestStore t = {0};
        Err err = {0};
        KnownReadReport r;
        KnownReadOptions options = KNOWN_READ_DEFAULT;
        k.count = 0;
        nsrl_make(&t, c->script);
        bool ok = known_read(t.path, &options, keep, &k, &k.mem, &r, &err);
        CHECK_INT(err.kind, c->fault);
        CHECK_INT(ok, c->fault == ERR_NONE);
        if (!ok)
            continue;
        CHECK_INT(r.entries, c->entries);
        CHECK_INT(r.rejected, c->rejected);
        CHECK(k.at[0].benign);
        CHECK_TEXT(digest_text(&k.at[0], DIGEST_MD5), MD5_A);
    }
}

/* Samples of real tools, where they are: MUSTER_SHARED. */
static bool sample(Kept *k, const char *name, KnownReadReport *r, Err *err)
{
    KnownReadOptions options = KNOWN_READ_DEFAULT;
    k->count = 0;
    return known_read(str_fmt(&k->mem, "%s/formats/%s", getenv("MUSTER_SHARED"), name), &options, keep, k,
                      &k->mem, r, err);
}

TEST(samples_of_other_tools_are_read)
{
    static const char *const refused[] = { "0", "2", "4", "6" };
    CLEANUP(kept_done) Kept k = {0};
    Err err = {0};
    KnownReadReport r;
    if (!getenv("MUSTER_SHARED"))
        skip();
    CHECK_OK(sample(&k, "vics/vics20_hashset_40.json", &r, &err), &err);
    CHECK_INT(r.entries, 40);
    CHECK_TEXT(k.at[0].scale, "VICS US");
    CHECK(k.at[0].digest[DIGEST_PHOTODNA] && k.at[0].victim_identified);
    CHECK_OK(sample(&k, "vics/vics20_case.json", &r, &err), &err);
    CHECK_INT(r.entries, 4);
    CHECK_INT(r.ungraded, 3);
    CHECK_OK(sample(&k, "vics/vics13_case_skeleton.json", &r, &err), &err);
    CHECK_INT(r.entries, 0);
    CHECK_OK(sample(&k, "hashlists/nsrl_rdsv2_sample.txt", &r, &err), &err);
    CHECK_INT(r.entries, 4);
    FOR_EACH(n, refused)
        CHECK_FAILS(sample(&k, str_fmt(&k.mem, "vics/must_reject_%s.json", *n), &r, &err), &err, ERR_INVALID);
}

TEST_MAIN(kernels_agree, kernels_agree_on_every_byte, digits_are_read_alike_on_every_level,
          vics_traps_are_met, dates_of_any_shape_give_their_day, malformed_documents_are_refused,
          depth_is_bounded, a_long_document_is_read_through_a_small_window, lists_and_tables_are_read,
          rejections_name_line_and_place, a_map_names_the_columns, options_decide_what_the_file_leaves_open,
          hash_sharing_xml_is_read, the_nsrl_database_is_read_and_not_trusted,
          samples_of_other_tools_are_read)
