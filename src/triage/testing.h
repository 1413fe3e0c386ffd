/* testing.h: folders, pictures, archives and known-file sets made on the spot, for whole runs of triage in
 * the tests of this folder. */
#pragma once
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/rng.h"
#include "base/test.h"
#include "reader/testing.h"
#include "triage/report/report.h"

static inline Instant steady(void *ctx)
{
    struct timespec t;
    (void)ctx;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (Instant)t.tv_sec * US_PER_SECOND + t.tv_nsec / 1000;
}

/* ---- a place to work in ---- */

typedef struct Place { Arena mem; char *folder, *device; } Place;

static inline void place_begin(Place *p)
{
    char name[] = "/tmp/muster-triage-test-XXXXXX";
    CHECK(mkdtemp(name) != NULL);
    p->folder = str_copy(&p->mem, name);
    p->device = str_fmt(&p->mem, "%s/device", name);
    CHECK_INT(mkdir(p->device, 0700), 0);
}

static inline void remove_all(const char *path)
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

static inline void place_done(Place *p)
{
    if (p->folder)
        remove_all(p->folder);
    arena_done(&p->mem);
}

static inline void put(const char *path, const void *at, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const struct timespec then[2] = { { 1400000000, 0 }, { 1400000000, 0 } };
    CHECK(fd >= 0 && write(fd, at, n) == (ssize_t)n && futimens(fd, then) == 0);
    close(fd);
}

static inline void on_device(const Place *p, const char *name, const void *at, size_t n)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    put(str_fmt(&mem, "%s/%s", p->device, name), at, n);
}

static inline Str contents(Arena *mem, const char *path)
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

static inline Picture *picture(Arena *mem, uint64_t seed, int brighter)
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

static inline void le(uint8_t *at, uint32_t v, int n)
{
    for (int i = 0; i < n; i++)
        at[i] = (uint8_t)(v >> 8 * i);
}

static inline Str bmp_of(Arena *mem, const Picture *p, bool mirrored)
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

static inline uint32_t crc_of(const uint8_t *at, size_t n)
{
    uint32_t c = ~0u;
    for (size_t i = 0; i < n; i++) {
        c ^= at[i];
        for (int k = 0; k < 8; k++)
            c = c >> 1 ^ (c & 1 ? 0xedb88320u : 0);
    }
    return ~c;
}

static inline void be(uint8_t *at, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(v >> (24 - 8 * i));
}

static inline uint8_t *chunk(uint8_t *to, const char *name, const uint8_t *at, size_t n)
{
    be(to, (uint32_t)n);
    memcpy(to + 4, name, 4);
    if (n)
        memcpy(to + 8, at, n);
    be(to + 8 + n, crc_of(to + 4, n + 4));
    return to + 12 + n;
}

static inline Str png_of(Arena *mem, const Picture *p)
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

static inline char *set_of(Place *p, const char *name, const Listed *listed, size_t count)
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

static inline void packed(const Place *p, const char *name, const char *inside, Str bytes)
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

static inline Device device_make(Place *p)
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

static inline const char **sets_make(Place *p, const Device *d)
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

static inline TriageOptions options_of(const char *path, const char *const *sets)
{
    return (TriageOptions){ .path = path, .sets = sets, .set_count = sets ? 2 : 0, .threads = 2,
                            .made = INT64_C(1800000000000000), .clock = steady };
}

static inline const TriageFile *file_of(const TriageReport *r, const char *path)
{
    for (size_t i = 0; i < r->file_count; i++)
        if (str_eq(r->files[i].path, str_of(path)))
            return &r->files[i];
    return NULL;
}

static inline const TriageCount *count_named(const TriageCounts *c, const char *name, const char *of)
{
    for (size_t i = 0; i < c->count; i++)
        if (str_same(c->at[i].name, name) && str_same(c->at[i].of, of))
            return &c->at[i];
    return NULL;
}

static inline const char *trouble_of(const TriageReport *r, const char *path)
{
    for (size_t i = 0; i < r->trouble_count; i++)
        if (str_eq(r->troubles[i].path, str_of(path)))
            return r->troubles[i].why;
    return "";
}

static inline Str written(Place *p, const TriageReport *r, ReportFormat f, const char *name)
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
