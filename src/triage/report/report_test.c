/* Every format of the report is whole, the same whatever the threads, and shows nothing. */
#include "match/read/known_read.h"
#include "triage/testing.h"

TEST(threads_change_nothing_in_the_report)
{
    Err err = { 0 };
    CLEANUP(place_done) Place p = { 0 };
    place_begin(&p);
    Device d = device_make(&p);
    TriageOptions o = options_of(p.device, sets_make(&p, &d));
    Str first = { 0 };
    for (int threads = 1; threads <= 5; threads += 2) {
        CLEANUP(triage_done) TriageReport r = { 0 };
        o.threads = threads;
        CHECK_OK(triage_run(&o, &p.mem, &r, &err), &err);
        Str text = written(&p, &r, REPORT_JSON, "report.json");
        if (threads > 1)
            CHECK(str_eq(first, text));
        first = text;
    }
}

TEST(every_format_is_well_formed)
{
    Err err = { 0 };
    CLEANUP(place_done) Place p = { 0 };
    CLEANUP(triage_done) TriageReport r = { 0 };
    CLEANUP(json_done) Json *plain = NULL;
    CLEANUP(json_done) Json *linked = NULL;
    place_begin(&p);
    Device d = device_make(&p);
    static const char odd[] = "\xff\xfe odd \"name\" <script>=1+1";
    on_device(&p, odd, d.known.at, d.known.len);
    TriageOptions o = options_of(p.device, sets_make(&p, &d));
    o.exhibit = "X1";
    CHECK_OK(triage_run(&o, &p.mem, &r, &err), &err);
    CHECK_OK(json_read(written(&p, &r, REPORT_JSON, "r.json"), &plain, &err), &err);
    CHECK_TEXT(json_text(plain, "format"), "muster-triage");
    CHECK_INT(json_int(json_get(plain, "known"), "files", 0), (int64_t)r.totals.known);
    CHECK_OK(json_read(written(&p, &r, REPORT_CASE, "r.jsonld"), &linked, &err), &err);
    CHECK(json_count(json_get(linked, "@graph")) > 4);
    Str page = written(&p, &r, REPORT_PAGE, "r.html");
    CHECK(strstr(page.at, "default-src 'none'") && !strstr(page.at, "<script") && !strstr(page.at, "<img"));
    Str csv = written(&p, &r, REPORT_CSV, "r.csv");
    CHECK(strstr(csv.at, "blue room") != NULL);
}

typedef struct Read { size_t entries, graded; } Read;
static bool count_entry(void *ctx, const KnownEntry *e, Err *err)
{
    Read *r = ctx;
    (void)err;
    CHECK(e->digest[DIGEST_MD5] && e->digest[DIGEST_SHA1] && e->digest[DIGEST_SHA256]);
    r->entries++;
    r->graded += e->grade && *e->grade;
    if (e->grade && *e->grade)
        CHECK_TEXT(e->scale, "VICS UK");
    return true;
}

TEST(the_vics_report_is_read_back_by_our_importer)
{
    Err err = { 0 };
    CLEANUP(place_done) Place p = { 0 };
    CLEANUP(triage_done) TriageReport r = { 0 };
    place_begin(&p);
    Device d = device_make(&p);
    TriageOptions o = options_of(p.device, sets_make(&p, &d));
    CHECK_OK(triage_run(&o, &p.mem, &r, &err), &err);
    KnownReadOptions how = KNOWN_READ_DEFAULT;
    KnownReadReport told = { 0 };
    Read read = { 0 };
    CHECK_OK(known_read_bytes(written(&p, &r, REPORT_VICS, "r.vics.json"), "r.vics.json", &how, count_entry,
                              &read, &p.mem, &told, &err),
             &err);
    CHECK_TEXT(told.format, "vics");
    CHECK_INT(told.rejected, 0);
    CHECK_INT(read.graded, 2);                 /* "2" and "1"; UK letters are not turned into numbers */
    CHECK_INT(read.entries, 2 + 1 + 4);        /* two known, the near one once, four that nobody knows */
}

/* ---- nothing shows a picture ---- */

static const struct { const char *at; size_t n; } signatures[] = {
    { "\xff\xd8\xff", 3 }, { "\x89PNG\r\n", 6 }, { "GIF87a", 6 }, { "GIF89a", 6 }, { "RIFF", 4 }, { "WEBPVP8", 7 },
    { "II*\0", 4 }, { "MM\0*", 4 }, { "ftypisom", 8 }, { "ftypheic", 8 }, { "IHDR", 4 }, { "IDAT", 4 }, { "JFIF", 4 },
    { "/9j/", 4 }, { "iVBORw0KGgo", 11 }, { "R0lGOD", 6 }, { "UklGR", 5 }, { "data:image", 10 }, { "ffd8ffe", 7 },
    { "89504e470d0a", 12 },
};

static void scan_file(const char *path, size_t *scanned)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    Str s = contents(&mem, path);
    FOR_EACH (g, signatures)
        if (memmem(s.at, s.len, g->at, g->n))
            fail_msg("%s holds a signature of media", path);
    /* The pixels themselves, without any header: rows of the pictures put on the device. */
    for (uint64_t seed = 1; seed <= 3; seed++) {
        const Picture *p = picture(&mem, seed, 0);
        CHECK(!memmem(s.at, s.len, p->luma[SIDE / 2], 24));
    }
    ++*scanned;
}

static size_t scan_folder(const char *path, const char *but)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    DIR *d = opendir(path);
    size_t scanned = 0;
    CHECK(d != NULL);
    for (struct dirent *e; (e = readdir(d));) {
        char *one = str_fmt(&mem, "%s/%s", path, e->d_name);
        if (e->d_type == DT_REG)
            scan_file(one, &scanned);
        else if (e->d_type == DT_DIR && e->d_name[0] != '.' && !str_same(e->d_name, but))
            scanned += scan_folder(one, "");
    }
    closedir(d);
    return scanned;
}

TEST(nothing_that_is_written_could_show_a_picture)
{
    Err err = { 0 };
    CLEANUP(place_done) Place p = { 0 };
    CLEANUP(triage_done) TriageReport r = { 0 };
    place_begin(&p);
    Device d = device_make(&p);
    char *temp = str_fmt(&p.mem, "%s/temp", p.folder), here[4096];
    CHECK_INT(mkdir(temp, 0700), 0);
    CHECK(getcwd(here, sizeof here) && chdir(temp) == 0 && setenv("TMPDIR", temp, 1) == 0);
    TriageOptions o = options_of(p.device, sets_make(&p, &d));
    o.journal = str_fmt(&p.mem, "%s/report.journal", p.folder);
    o.all_files = true;
    CHECK_OK(triage_run(&o, &p.mem, &r, &err), &err);
    (void)written(&p, &r, REPORT_JSON, "r.json");
    (void)written(&p, &r, REPORT_PAGE, "r.html");
    (void)written(&p, &r, REPORT_VICS, "r.vics.json");
    (void)written(&p, &r, REPORT_CASE, "r.jsonld");
    (void)written(&p, &r, REPORT_CSV, "r.csv");
    CHECK_INT(chdir(here), 0);
    CHECK_INT(unsetenv("TMPDIR"), 0);
    CHECK_INT(scan_folder(temp, ""), 0);       /* nothing was left, or even put, in the temporary folder */
    CHECK(scan_folder(p.folder, "device") >= 8);   /* five reports, the journal, two sets */
}

TEST_MAIN(threads_change_nothing_in_the_report, every_format_is_well_formed,
          the_vics_report_is_read_back_by_our_importer, nothing_that_is_written_could_show_a_picture)
