/* triage_test.c: whole runs over folders, archives and images made here, and over the reference images. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/test.h"
#include "base/rng.h"
#include "decoder/gif_testing.h"
#include "match/read/known_read.h"
#include "reader/testing.h"
#include "triage/report/report.h"

static Instant steady(void *ctx)
{
    struct timespec t;
    (void)ctx;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (Instant)t.tv_sec * US_PER_SECOND + t.tv_nsec / 1000;
}

/* ---- a place to work in ---- */

typedef struct Place { Arena mem; char *folder, *device; } Place;

static void place_begin(Place *p)
{
    char name[] = "/tmp/muster-triage-test-XXXXXX";
    CHECK(mkdtemp(name) != NULL);
    p->folder = str_copy(&p->mem, name);
    p->device = str_fmt(&p->mem, "%s/device", name);
    CHECK_INT(mkdir(p->device, 0700), 0);
}

static void remove_all(const char *path)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    DIR *d = opendir(path);
    if (!d) {
        (void)unlink(path);
        return;
    }
    for (struct dirent *e; (e = readdir(d));)
        if (!str_same(e->d_name, ".") && !str_same(e->d_name, "..")) {
            char *one = str_fmt(&mem, "%s/%s", path, e->d_name);
            if (e->d_type == DT_DIR)
                remove_all(one);
            else
                (void)unlink(one);
        }
    closedir(d);
    (void)rmdir(path);
}

static void place_done(Place *p)
{
    if (p->folder)
        remove_all(p->folder);
    arena_done(&p->mem);
}

static void put(const char *path, const void *at, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const struct timespec then[2] = { { 1400000000, 0 }, { 1400000000, 0 } };
    CHECK(fd >= 0 && write(fd, at, n) == (ssize_t)n && futimens(fd, then) == 0);
    close(fd);
}

static void on_device(const Place *p, const char *name, const void *at, size_t n)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    put(str_fmt(&mem, "%s/%s", p->device, name), at, n);
}

static Str contents(Arena *mem, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    CHECK(fd >= 0);
    size_t n = (size_t)lseek(fd, 0, SEEK_END);
    char *at = arena_new(mem, char, n + 1);
    CHECK(pread(fd, at, n, 0) == (ssize_t)n);
    close(fd);
    return (Str){ at, n };
}

/* ---- pictures made here: patterns of soft blobs, as BMP and as PNG without compression ---- */

enum { SIDE = 128 };
typedef struct Picture { uint8_t luma[SIDE][SIDE]; } Picture;

static Picture *picture(Arena *mem, uint64_t seed, int brighter)
{
    Picture *p = arena_new(mem, Picture, 1);
    Rng r = rng_seed(seed);
    int cx[12], cy[12], level[12], wide[12];
    for (int i = 0; i < 12; i++) {
        cx[i] = (int)rng_below(&r, SIDE);
        cy[i] = (int)rng_below(&r, SIDE);
        level[i] = 60 + (int)rng_below(&r, 120);
        wide[i] = 100 + (int)rng_below(&r, 900);
    }
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            int v = 20 + brighter;
            for (int i = 0; i < 12; i++) {
                int d = (x - cx[i]) * (x - cx[i]) + (y - cy[i]) * (y - cy[i]);
                v += d < wide[i] ? level[i] * (wide[i] - d) / wide[i] : 0;
            }
            p->luma[y][x] = (uint8_t)(v > 255 ? 255 : v);
        }
    return p;
}

static void le(uint8_t *at, uint32_t v, int n)
{
    for (int i = 0; i < n; i++)
        at[i] = (uint8_t)(v >> 8 * i);
}

static Str bmp_of(Arena *mem, const Picture *p, bool mirrored)
{
    size_t n = 54 + (size_t)SIDE * SIDE * 3;
    uint8_t *at = arena_new(mem, uint8_t, n);
    memcpy(at, "BM", 2);
    le(at + 2, (uint32_t)n, 4);
    le(at + 10, 54, 4);
    le(at + 14, 40, 4);
    le(at + 18, SIDE, 4);
    le(at + 22, SIDE, 4);
    le(at + 26, 1, 2);
    le(at + 28, 24, 2);
    le(at + 34, (uint32_t)n - 54, 4);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            memset(at + 54 + (y * SIDE + x) * 3, p->luma[SIDE - 1 - y][mirrored ? SIDE - 1 - x : x], 3);
    return (Str){ (char *)at, n };
}

static uint32_t crc_of(const uint8_t *at, size_t n)
{
    uint32_t c = ~0u;
    for (size_t i = 0; i < n; i++) {
        c ^= at[i];
        for (int k = 0; k < 8; k++)
            c = c >> 1 ^ (c & 1 ? 0xedb88320u : 0);
    }
    return ~c;
}

static void be(uint8_t *at, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint8_t *chunk(uint8_t *to, const char *name, const uint8_t *at, size_t n)
{
    be(to, (uint32_t)n);
    memcpy(to + 4, name, 4);
    if (n)
        memcpy(to + 8, at, n);
    be(to + 8 + n, crc_of(to + 4, n + 4));
    return to + 12 + n;
}

static Str png_of(Arena *mem, const Picture *p)
{
    const size_t rows = (size_t)SIDE * (SIDE + 1);
    uint8_t *raw = arena_new(mem, uint8_t, rows + 11), *out = arena_new(mem, uint8_t, rows + 200),
            head[13] = { 0 };
    uint32_t a = 1, b = 0;
    memcpy(raw, "\x78\x01\x01", 3);
    le(raw + 3, (uint32_t)rows, 2);
    le(raw + 5, ~(uint32_t)rows, 2);
    for (size_t y = 0; y < SIDE; y++)
        memcpy(raw + 7 + y * (SIDE + 1) + 1, p->luma[y], SIDE);
    for (size_t i = 0; i < rows; i++) {
        a = (a + raw[7 + i]) % 65521;
        b = (b + a) % 65521;
    }
    be(raw + 7 + rows, b << 16 | a);
    be(head, SIDE);
    be(head + 4, SIDE);
    head[8] = 8;
    memcpy(out, "\x89PNG\r\n\x1a\n", 8);
    uint8_t *at = chunk(out + 8, "IHDR", head, sizeof head);
    at = chunk(at, "IDAT", raw, rows + 11);
    at = chunk(at, "IEND", NULL, 0);
    return (Str){ (char *)out, (size_t)(at - out) };
}

/* ---- a set made here ---- */

typedef struct Listed {
    const char *grade, *series;
    Str         file;                          /* by its SHA-256, or */
    const Picture *picture;                    /* by its PDQ alone */
    bool        md5, benign, negative, victim;
} Listed;

static char *set_of(Place *p, const char *name, const Listed *listed, size_t count)
{
    Err err = { 0 };
    KnownBuild *build = NULL;
    KnownCounts counts;
    char *path = str_fmt(&p->mem, "%s/%s.set", p->folder, name);
    KnownBuildOptions o = { .name = name, .version = "1", .budget_bytes = 16 << 20 };
    CHECK_OK(known_build_begin(path, &o, &p->mem, &build, &err), &err);
    for (size_t i = 0; i < count; i++) {
        KnownEntry e = KNOWN_ENTRY_BLANK;
        const void *at = listed[i].file.at;
        size_t len = listed[i].file.len;
        Digests d = { 0 };
        Pdq pdq;
        e.source = name;
        e.version = "1";
        e.grade = listed[i].grade;
        e.scale = listed[i].grade && listed[i].grade[0] <= '9' ? "VICS UK" : "UK";
        e.series = listed[i].series;
        e.benign = listed[i].benign;
        e.negative = listed[i].negative;
        e.victim_identified = listed[i].victim;
        if (at)
            digests_many(&at, &len, 1, &d);
        if (at)
            e.digest[listed[i].md5 ? DIGEST_MD5 : DIGEST_SHA256] = listed[i].md5 ? d.md5 : d.sha256;
        if (listed[i].picture) {
            CHECK(pdq_of_luma(listed[i].picture->luma[0], SIDE, SIDE, SIDE, &p->mem, &pdq));
            e.digest[DIGEST_PDQ] = pdq.hash[0].bytes;
            e.pdq_quality = pdq.quality;
        }
        CHECK_OK(known_build_add(build, &e, &err), &err);
    }
    CHECK_OK(known_build_end(build, &counts, &err), &err);
    known_build_close(&build);
    return path;
}

/* ---- a device with a bit of everything ---- */

typedef struct Device { Str known, benign, negative, by_md5; Picture *near, *other; } Device;

static void packed(const Place *p, const char *name, const char *inside, Str bytes)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    int fd = -1;
    Packing pack = pack_begin(archive_write_set_format_zip, NULL, &fd);
    pack_add(&pack, inside, bytes.at, bytes.len);
    pack_end(&pack);
    size_t n = (size_t)lseek(fd, 0, SEEK_END);
    uint8_t *at = arena_new(&mem, uint8_t, n);
    CHECK(pread(fd, at, n, 0) == (ssize_t)n);
    on_device(p, name, at, n);
    close(fd);
}

static Device device_make(Place *p)
{
    Device d = { STR("What a set knows.\n"), STR("What everyone has.\n"), STR("What is everywhere.\n"),
                 STR("Known by its MD5 alone.\n"), picture(&p->mem, 1, 0), picture(&p->mem, 2, 0) };
    on_device(p, "known.txt", d.known.at, d.known.len);
    on_device(p, "again.txt", d.known.at, d.known.len);
    on_device(p, "benign.dll", d.benign.at, d.benign.len);
    on_device(p, "negative.txt", d.negative.at, d.negative.len);
    on_device(p, "empty", "", 0);
    CHECK_INT(mkdir(str_fmt(&p->mem, "%s/folder", p->device), 0700), 0);
    on_device(p, "folder/by-md5", d.by_md5.at, d.by_md5.len);
    packed(p, "folder/packed.zip", "deep/known.txt", d.known);
    Str near = bmp_of(&p->mem, picture(&p->mem, 1, 6), true);   /* brighter, and turned left to right */
    on_device(p, "near.bmp", near.at, near.len);
    packed(p, "pictures.zip", "near.bmp", near);
    Str one = png_of(&p->mem, d.other), two = png_of(&p->mem, picture(&p->mem, 2, 4)),
        lone = png_of(&p->mem, picture(&p->mem, 3, 0));
    on_device(p, "unknown-1.png", one.at, one.len);
    on_device(p, "unknown-2.jpg", two.at, two.len);             /* told by content, not by name */
    on_device(p, "lone.png", lone.at, lone.len);
    on_device(p, "broken.png", one.at, 60);
    on_device(p, "torn.zip", "PK\x03\x04 and nothing more", sizeof "PK\x03\x04 and nothing more" - 1);
    CHECK_INT(symlink("/etc", str_fmt(&p->mem, "%s/out", p->device)), 0);
    CHECK_INT(symlink("known.txt", str_fmt(&p->mem, "%s/link", p->device)), 0);
    return d;
}

static const char **sets_make(Place *p, const Device *d)
{
    const Listed first[] = {
        { .file = d->known, .grade = "A", .series = "blue room", .victim = true },
        { .file = d->negative, .grade = "A", .negative = true },
        { .picture = d->near, .grade = "B" },
    };
    const Listed second[] = {
        { .file = d->known, .grade = "2" },
        { .file = d->by_md5, .grade = "1", .md5 = true },
        { .file = d->benign, .benign = true },
    };
    const char **sets = arena_new(&p->mem, const char *, 2);
    sets[0] = set_of(p, "first", first, COUNT_OF(first));
    sets[1] = set_of(p, "second", second, COUNT_OF(second));
    return sets;
}

static TriageOptions options_of(const char *path, const char *const *sets)
{
    return (TriageOptions){ .path = path, .sets = sets, .set_count = sets ? 2 : 0, .threads = 2,
                            .made = INT64_C(1800000000000000), .clock = steady };
}

static const TriageFile *file_of(const TriageReport *r, const char *path)
{
    for (size_t i = 0; i < r->file_count; i++)
        if (str_eq(r->files[i].path, str_of(path)))
            return &r->files[i];
    return NULL;
}

static const TriageCount *count_named(const TriageCounts *c, const char *name, const char *of)
{
    for (size_t i = 0; i < c->count; i++)
        if (str_same(c->at[i].name, name) && str_same(c->at[i].of, of))
            return &c->at[i];
    return NULL;
}

static const char *trouble_of(const TriageReport *r, const char *path)
{
    for (size_t i = 0; i < r->trouble_count; i++)
        if (str_eq(r->troubles[i].path, str_of(path)))
            return r->troubles[i].why;
    return "";
}

TEST(a_folder_is_told_by_grade_set_and_series)
{
    Err err = { 0 };
    CLEANUP(place_done) Place p = { 0 };
    CLEANUP(triage_done) TriageReport r = { 0 };
    place_begin(&p);
    Device d = device_make(&p);
    TriageOptions o = options_of(p.device, sets_make(&p, &d));
    CHECK_OK(triage_run(&o, &p.mem, &r, &err), &err);
    CHECK_TEXT(r.kind, "folder");
    CHECK_INT(r.totals.files, 16);             /* 14 on the device, links left out; two in archives */
    CHECK_INT(r.totals.in_archives, 2);
    CHECK_INT(r.totals.benign, 1);
    CHECK_INT(r.totals.negative, 1);
    const TriageCount *a = count_named(&r.by_grade, "A", "UK"),
                      *two = count_named(&r.by_grade, "2", "VICS UK");
    CHECK(a && two);
    CHECK_INT(a->files, 3);                    /* two plain and one packed */
    CHECK_INT(a->distinct, 1);
    CHECK_INT(two->files, 3);                  /* graded twice: both are told */
    CHECK_INT(count_named(&r.by_grade, "1", "VICS UK")->files, 1);
    CHECK_INT(count_named(&r.by_series, "blue room", "")->files, 3);
    CHECK_INT(r.totals.victims_identified, 3);
    CHECK(file_of(&r, "folder/packed.zip/deep/known.txt") != NULL);
    CHECK(*trouble_of(&r, "torn.zip"));
    CHECK(a->first == INT64_C(1400000000000000));
}

TEST(pictures_are_matched_near_and_the_others_clustered)
{
    Err err = { 0 };
    CLEANUP(place_done) Place p = { 0 };
    CLEANUP(triage_done) TriageReport r = { 0 };
    place_begin(&p);
    Device d = device_make(&p);
    TriageOptions o = options_of(p.device, sets_make(&p, &d));
    CHECK_OK(triage_run(&o, &p.mem, &r, &err), &err);
    if (r.unhashed)
        skip();
    const TriageCount *b = count_named(&r.by_grade, "B", "UK");
    CHECK(b != NULL);
    CHECK_INT(b->files, 2);                    /* on the device and in an archive */
    CHECK_INT(b->near, 2);
    CHECK_INT(r.totals.near_only, 2);
    const TriageFile *near = file_of(&r, "near.bmp");
    CHECK_INT(near->near_count, 1);
    CHECK_INT(near->near[0].turn, PDQ_FLIPPED_Y);
    CHECK(near->near[0].distance <= PDQ_DISTANCE);
    CHECK_INT(r.totals.unmatched_pictures, 4);
    CHECK_INT(r.totals.clusters, 2);
    CHECK_INT(r.totals.largest_cluster, 2);
    const TriageFile *one = file_of(&r, "unknown-1.png"), *two = file_of(&r, "unknown-2.jpg");
    CHECK_INT(r.cluster[one - r.files], 1);
    CHECK_INT(r.cluster[two - r.files], 1);
    CHECK_INT(two->media, MEDIA_PNG);
    CHECK(file_of(&r, "broken.png")->undecoded != NULL);
}

static const uint8_t *greys(Arena *mem, const Picture *p, bool mirrored)
{
    uint8_t *grey = arena_new(mem, uint8_t, SIDE * SIDE);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            grey[y * SIDE + x] = p->luma[y][mirrored ? SIDE - 1 - x : x] / 2;
    return grey;
}

/* Known material behind a harmless first frame is found, and told by how many frames show it. */
TEST(moving_pictures_are_matched_by_any_frame)
{
    static const struct { const char *name; uint64_t seeds[4]; bool turned; uint32_t met; } cases[] = {
        { "late.gif",   { 5, 6, 1, 7 }, false, 1 },
        { "twice.gif",  { 1, 6, 1, 7 }, false, 2 },
        { "turned.gif", { 1, 6, 5, 7 }, true,  1 },         /* its first frame alone, turned */
        { "other.gif",  { 5, 6, 7, 8 }, false, 0 },
    };
    Err err = { 0 };
    CLEANUP(place_done) Place p = { 0 };
    CLEANUP(triage_done) TriageReport r = { 0 };
    place_begin(&p);
    Device d = { STR("a\n"), STR("b\n"), STR("c\n"), STR("d\n"), picture(&p.mem, 1, 0), NULL };
    FOR_EACH (c, cases) {
        GifFrame frames[4];
        for (int i = 0; i < 4; i++)
            frames[i] = (GifFrame){ 0, 0, SIDE, SIDE, 1, 5, -1,
                                    greys(&p.mem, picture(&p.mem, c->seeds[i], 0), c->turned) };
        GifBytes gif = gif_make(&p.mem, SIDE, SIDE, frames, 4);
        on_device(&p, c->name, gif.at, gif.len);
    }
    TriageOptions o = options_of(p.device, sets_make(&p, &d));
    o.all_files = true;
    CHECK_OK(triage_run(&o, &p.mem, &r, &err), &err);
    if (r.unhashed)
        skip();
    FOR_EACH (c, cases) {
        const TriageFile *f = file_of(&r, c->name);
        CHECK(f && f->media == MEDIA_GIF && f->hashed);
        CHECK_INT(f->frames, 4);
        CHECK_INT(f->near_count, c->met > 0);
        if (c->met) {
            CHECK_INT(f->near[0].frames, c->met);
            CHECK_INT(f->near[0].turn, c->turned ? PDQ_FLIPPED_Y : PDQ_AS_IS);
        }
    }
    CHECK_INT(r.totals.near_only, 3);
    CHECK_INT(r.totals.unmatched_pictures, 1);
}

/* ---- the report ---- */

static Str written(Place *p, const TriageReport *r, ReportFormat f, const char *name)
{
    Err err = { 0 };
    Sha256 digest;
    char *path = str_fmt(&p->mem, "%s/%s", p->folder, name);
    CHECK_OK(report_write(r, f, path, &digest, &err), &err);
    Str text = contents(&p->mem, path);
    Sha256 own = sha256_of(text.at, text.len);
    CHECK(sha256_same(&own, &digest));
    return text;
}

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

TEST(the_device_is_left_as_it_was)
{
    Err err = { 0 };
    CLEANUP(place_done) Place p = { 0 };
    CLEANUP(triage_done) TriageReport r = { 0 };
    struct stat before, after;
    place_begin(&p);
    Device d = device_make(&p);
    TriageOptions o = options_of(p.device, sets_make(&p, &d));
    char *one = str_fmt(&p.mem, "%s/near.bmp", p.device);
    CHECK_INT(stat(one, &before), 0);
    CHECK_OK(triage_run(&o, &p.mem, &r, &err), &err);
    CHECK_INT(stat(one, &after), 0);
    CHECK(before.st_mtim.tv_sec == after.st_mtim.tv_sec && before.st_ctim.tv_nsec == after.st_ctim.tv_nsec);
}

/* ---- going on ---- */

static bool stop_at(void *ctx)
{
    return ++*(int *)ctx > 6;
}

static bool die_at(void *ctx)
{
    if (++*(int *)ctx > 6) {
        usleep(0);
        raise(SIGKILL);
    }
    return false;
}

TEST(a_run_that_was_stopped_or_killed_ends_in_the_same_report)
{
    Err err = { 0 };
    CLEANUP(place_done) Place p = { 0 };
    CLEANUP(triage_done) TriageReport whole = { 0 };
    place_begin(&p);
    Device d = device_make(&p);
    TriageOptions o = options_of(p.device, sets_make(&p, &d));
    CHECK_OK(triage_run(&o, &p.mem, &whole, &err), &err);
    Str want = written(&p, &whole, REPORT_JSON, "whole.json");
    o.journal = str_fmt(&p.mem, "%s/report.journal", p.folder);
    for (int killed = 0; killed < 2; killed++) {
        CLEANUP(triage_done) TriageReport r = { 0 };
        int count = 0, status = 0;
        o.stop_ctx = &count;
        o.stop = killed ? die_at : stop_at;
        o.resume = false;
        if (killed) {
            pid_t pid = fork();
            if (pid == 0) {
                bool good = triage_run(&o, &p.mem, &r, &err);
                _exit(good ? 0 : 1);
            }
            CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
        } else {
            CHECK_FAILS(triage_run(&o, &p.mem, &r, &err), &err, ERR_CONFLICT);
        }
        CHECK_INT(access(o.journal, F_OK), 0);
        o.stop = NULL;
        o.resume = true;
        CHECK_OK(triage_run(&o, &p.mem, &r, &err), &err);
        CHECK(str_eq(written(&p, &r, REPORT_JSON, "again.json"), want));
    }
}

TEST(a_journal_of_other_sets_is_not_gone_on_with)
{
    Err err = { 0 };
    CLEANUP(place_done) Place p = { 0 };
    CLEANUP(triage_done) TriageReport r = { 0 };
    CLEANUP(triage_done) TriageReport again = { 0 };
    place_begin(&p);
    Device d = device_make(&p);
    TriageOptions o = options_of(p.device, sets_make(&p, &d));
    o.journal = str_fmt(&p.mem, "%s/report.journal", p.folder);
    o.resume = true;
    CHECK_OK(triage_run(&o, &p.mem, &r, &err), &err);
    o.set_count = 1;                           /* the second set alone knew two of the files */
    CHECK_OK(triage_run(&o, &p.mem, &again, &err), &err);
    CHECK(count_named(&again.by_grade, "1", "VICS UK") == NULL);
}

/* ---- what cannot be read ---- */

TEST(what_should_be_triaged_must_be_there)
{
    Err err = { 0 };
    CLEANUP(place_done) Place p = { 0 };
    CLEANUP(triage_done) TriageReport r = { 0 };
    place_begin(&p);
    TriageOptions o = options_of("/nowhere/at/all", NULL);
    CHECK_FAILS(triage_run(&o, &p.mem, &r, &err), &err, ERR_NOT_FOUND);
    o = options_of(p.device, (const char *[]){ "/no/set", "/no/set" });
    CHECK_FAILS(triage_run(&o, &p.mem, &r, &err), &err, ERR_NOT_FOUND);
}

TEST(an_image_without_a_file_system_is_told_as_such)
{
    Err err = { 0 };
    CLEANUP(place_done) Place p = { 0 };
    CLEANUP(triage_done) TriageReport r = { 0 };
    place_begin(&p);
    Rng rng = rng_seed(5);
    uint8_t *noise = arena_new(&p.mem, uint8_t, 1 << 16);
    for (size_t i = 0; i < 1 << 16; i++)
        noise[i] = (uint8_t)rng_next(&rng);
    on_device(&p, "noise.dd", noise, 1 << 16);
    TriageOptions o = options_of(str_fmt(&p.mem, "%s/noise.dd", p.device), NULL);
    CHECK_OK(triage_run(&o, &p.mem, &r, &err), &err);
    CHECK_INT(r.totals.files, 0);
    CHECK_INT(r.trouble_count, 1);
    CHECK(strstr(r.troubles[0].why, "No file system"));
}

/* ---- a small FAT volume made here: a file, and one that was deleted ---- */

enum { FAT_SECTORS = 720, FAT_DATA = 1 + 2 * 2 + 7 };

static void fat_entry(uint8_t *at, const char *name, uint16_t cluster, size_t size)
{
    memcpy(at, name, 11);
    at[11] = 0x20;
    le(at + 22, 0x6000, 2);
    le(at + 24, (2014 - 1980) << 9 | 5 << 5 | 14, 2);
    le(at + 26, cluster, 2);
    le(at + 28, (uint32_t)size, 4);
}

static Str fat_make(Arena *mem, Str kept, Str gone)
{
    uint8_t *v = arena_new(mem, uint8_t, FAT_SECTORS * 512);
    memcpy(v, "\xeb\x3c\x90" "MUSTER  ", 11);
    le(v + 11, 512, 2);
    v[13] = 1;
    le(v + 14, 1, 2);
    v[16] = 2;
    le(v + 17, 112, 2);
    le(v + 19, FAT_SECTORS, 2);
    v[21] = 0xf9;
    le(v + 22, 2, 2);
    le(v + 24, 9, 2);
    le(v + 26, 2, 2);
    v[38] = 0x29;
    memcpy(v + 43, "TEST       FAT12   ", 19);
    le(v + 510, 0xaa55, 2);
    for (int f = 0; f < 2; f++)
        memcpy(v + 512 * (1 + 2 * f), "\xf9\xff\xff\xff\x0f\x00", 6);   /* cluster 2 is the end of its file */
    uint8_t *root = v + 512 * 5;
    fat_entry(root, "KEPT    TXT", 2, kept.len);
    fat_entry(root + 32, "\xe5ONE    TXT", 3, gone.len);
    memcpy(v + 512 * FAT_DATA, kept.at, kept.len);
    memcpy(v + 512 * (FAT_DATA + 1), gone.at, gone.len);
    return (Str){ (char *)v, FAT_SECTORS * 512 };
}

TEST(an_image_gives_its_deleted_files_too)
{
    Err err = { 0 };
    CLEANUP(place_done) Place p = { 0 };
    CLEANUP(triage_done) TriageReport r = { 0 };
    CLEANUP(triage_done) TriageReport resumed = { 0 };
    place_begin(&p);
    Device d = device_make(&p);
    Str fat = fat_make(&p.mem, STR("Kept.\n"), d.known);
    char *image = str_fmt(&p.mem, "%s/card.dd", p.folder);
    put(image, fat.at, fat.len);
    TriageOptions o = options_of(image, sets_make(&p, &d));
    o.all_files = true;
    o.verify = true;
    CHECK_OK(triage_run(&o, &p.mem, &r, &err), &err);
    CHECK_TEXT(r.kind, "raw");
    CHECK_INT(r.volume_count, 1);
    CHECK(r.verified && !r.stored_md5_known);
    const TriageFile *gone = file_of(&r, "_ONE.TXT"), *kept = file_of(&r, "KEPT.TXT");
    CHECK(gone && kept);
    CHECK(gone->flags & READER_DELETED);
    CHECK(gone->flags & READER_LOCAL_TIME);
    CHECK(!(kept->flags & READER_DELETED));
    CHECK_INT(count_named(&r.by_grade, "A", "UK")->files, 1);
    Str want = written(&p, &r, REPORT_JSON, "whole.json");
    o.journal = str_fmt(&p.mem, "%s/card.journal", p.folder);
    for (int i = 0; i < 2; i++) {              /* the second run takes everything from the journal */
        triage_done(&resumed);
        o.resume = true;
        CHECK_OK(triage_run(&o, &p.mem, &resumed, &err), &err);
        CHECK(str_eq(written(&p, &resumed, REPORT_JSON, "again.json"), want));
    }
}

/* ---- the reference images ---- */

static const char *shared(void)
{
    const char *folder = getenv("MUSTER_SHARED");
    if (!folder)
        skip();
    return folder;
}

TEST(the_digest_kept_in_an_image_is_verified)
{
    (void)shared();                            /* left out before anything is held */
    Err err = { 0 };
    CLEANUP(place_done) Place p = { 0 };
    CLEANUP(triage_done) TriageReport r = { 0 };
    place_begin(&p);
    TriageOptions o = options_of(str_fmt(&p.mem, "%s/disk/tsk/image.E01", shared()), NULL);
    o.verify = true;
    CHECK_OK(triage_run(&o, &p.mem, &r, &err), &err);
    CHECK_TEXT(r.kind, "E01");
    CHECK(r.verified && r.stored_md5_known && r.agrees);
    CHECK_TEXT(hex_write(&p.mem, r.medium.md5, 16), "3ebb0b7dcd6b5fcd59a0020625d70994");
}

TEST(the_containers_of_one_medium_give_the_same_digests)
{
    (void)shared();                            /* left out before anything is held */
    static const struct { const char *name, *kind; } images[] = {
        { "tsk/image.dd", "raw" }, { "tsk/image.E01", "E01" }, { "tsk/image.vmdk", "VMDK" },
    };
    Err err = { 0 };
    CLEANUP(place_done) Place p = { 0 };
    CLEANUP(triage_done) TriageReport first = { 0 };
    place_begin(&p);
    FOR_EACH (image, images) {
        TriageReport r = { 0 };
        TriageOptions o = options_of(str_fmt(&p.mem, "%s/disk/%s", shared(), image->name), NULL);
        o.all_files = true;
        CHECK_OK(triage_run(&o, &p.mem, &r, &err), &err);
        CHECK_TEXT(r.kind, image->kind);
        if (image == images) {
            first = r;
            continue;
        }
        CHECK_INT(r.file_count, first.file_count);
        for (size_t i = 0; i < r.file_count; i++) {
            CHECK(str_eq(r.files[i].path, first.files[i].path));
            CHECK(memcmp(&r.files[i].digests, &first.files[i].digests, sizeof r.files[i].digests) == 0);
        }
        triage_done(&r);
    }
}

TEST(a_folder_of_hostile_files_is_read_to_its_end)
{
    (void)shared();                            /* left out before anything is held */
    Err err = { 0 };
    CLEANUP(place_done) Place p = { 0 };
    CLEANUP(triage_done) TriageReport r = { 0 };
    place_begin(&p);
    TriageOptions o = options_of(str_fmt(&p.mem, "%s/hostile", shared()), NULL);
    CHECK_OK(triage_run(&o, &p.mem, &r, &err), &err);
    CHECK(r.totals.files > 2000);
    CHECK(r.trouble_count > 50);
    CHECK(r.totals.by_media[MEDIA_JPEG] > 100 && r.totals.by_media[MEDIA_PNG] > 100);
}

TEST_MAIN(a_folder_is_told_by_grade_set_and_series, pictures_are_matched_near_and_the_others_clustered,
          moving_pictures_are_matched_by_any_frame,
          threads_change_nothing_in_the_report, every_format_is_well_formed,
          the_vics_report_is_read_back_by_our_importer, nothing_that_is_written_could_show_a_picture,
          the_device_is_left_as_it_was, a_run_that_was_stopped_or_killed_ends_in_the_same_report,
          a_journal_of_other_sets_is_not_gone_on_with, what_should_be_triaged_must_be_there,
          an_image_without_a_file_system_is_told_as_such, an_image_gives_its_deleted_files_too,
          the_digest_kept_in_an_image_is_verified, the_containers_of_one_medium_give_the_same_digests,
          a_folder_of_hostile_files_is_read_to_its_end)
