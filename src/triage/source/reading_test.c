/* reading_test.c: what the confined reader says of images and archives, and how it fails. */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "base/digest.h"
#include "base/test.h"
#include "reader/testing.h"
#include "triage/source/reading.h"

/* ---- collecting ---- */

typedef struct Seen {
    const char *path, *sha256, *why;
    uint64_t    size, bytes;
    uint32_t    volume, depth, flags;
} Seen;
typedef struct Trouble { const char *text; uint32_t depth; } Trouble;
typedef struct Found {
    Arena         mem;
    Seen         *files;
    Trouble      *troubles;
    Sha256Stream *hash;
    size_t        count, cap, trouble_count, trouble_cap;
    const char   *medium;
    uint64_t      starts[64];
    size_t        volumes;
    ReadingEnd    end;
} Found;

static bool collect(void *ctx, const ReadingEvent *e, Err *err)
{
    Found *f = ctx;
    (void)err;
    Seen *s = f->count ? &f->files[f->count - 1] : NULL;
    switch ((ReaderEventKind)e->is.kind) {
    case READER_MEDIUM: f->medium = str_from(&f->mem, e->text); break;
    case READER_VOLUME:
        if (f->volumes < COUNT_OF(f->starts))
            f->starts[f->volumes++] = e->is.start;
        break;
    case READER_FILE:
        *arena_push(&f->mem, f->files, f->count, f->cap) = (Seen){
            .path = str_from(&f->mem, e->text), .size = e->is.size, .volume = e->is.volume,
            .depth = e->is.depth, .flags = e->is.flags };
        f->hash = sha256_begin(&f->mem);
        break;
    case READER_BYTES:
        sha256_add(f->hash, e->bytes, e->is.length);
        s->bytes += e->is.length;
        break;
    case READER_END: {
        Sha256 d = sha256_end(f->hash);
        f->hash = NULL;
        s->sha256 = sha256_hex(&f->mem, &d);
        s->why = str_from(&f->mem, e->text);
        break;
    }
    case READER_TROUBLE:
        *arena_push(&f->mem, f->troubles, f->trouble_count, f->trouble_cap) =
            (Trouble){ str_from(&f->mem, e->text), e->is.depth };
        break;
    case READER_DONE:
    case READER__EVENTS: break;
    }
    return true;
}

static void found_done(Found *f)
{
    if (f->hash)
        (void)sha256_end(f->hash);
    arena_done(&f->mem);
}

static void read_fd(int fd, ReaderWhat what, const ReadingLimits *limits, Found *out)
{
    Err err = { 0 };
    Reading *r = NULL;
    CHECK_OK(reading_open(&out->mem, limits, &r, &err), &err);
    CHECK_OK(
        reading_run(r, &(ReadingAsk){ .what = what, .fds = &fd, .count = 1 }, collect, out, &out->end, &err),
        &err);
    reading_close(r);
}

static const Seen *seen_of(const Found *f, const char *path)
{
    for (size_t i = 0; i < f->count; i++)
        if (str_same(f->files[i].path, path))
            return &f->files[i];
    return NULL;
}

static bool told(const Found *f, const char *part)
{
    for (size_t i = 0; i < f->trouble_count; i++)
        if (strstr(f->troubles[i].text, part))
            return true;
    for (size_t i = 0; i < f->count; i++)
        if (f->files[i].why && strstr(f->files[i].why, part))
            return true;
    return false;
}

/* ---- archives made here ---- */

static int memory_file(const void *at, size_t n)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    CHECK(fd >= 0 && write(fd, at, n) == (ssize_t)n);
    return fd;
}

static const char words[] = "The same words in every archive.\n";

static void check_words(const Found *f, const char *path)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    Sha256 want = sha256_of(words, sizeof words - 1);
    const Seen *s = seen_of(f, path);
    CHECK(s != NULL);
    CHECK_TEXT(s->sha256, sha256_hex(&mem, &want));
    CHECK_TEXT(s->why, "");
}

TEST(every_kind_of_archive_gives_its_files)
{
    static const struct { int (*format)(struct archive *), (*filter)(struct archive *); } kinds[] = {
        { archive_write_set_format_zip, NULL },
        { archive_write_set_format_7zip, NULL },
        { archive_write_set_format_pax_restricted, NULL },
        { archive_write_set_format_ustar, archive_write_add_filter_gzip },
        { archive_write_set_format_ustar, archive_write_add_filter_xz },
        { archive_write_set_format_ustar, archive_write_add_filter_bzip2 },
        { archive_write_set_format_ustar, archive_write_add_filter_zstd },
        { archive_write_set_format_v7tar, NULL },
        { archive_write_set_format_cpio_newc, NULL },
        { archive_write_set_format_iso9660, NULL },
        { archive_write_set_format_xar, NULL },
    };
    FOR_EACH (k, kinds) {
        CLEANUP(found_done) Found f = { 0 };
        int fd = -1;
        Packing p = pack_begin(k->format, k->filter, &fd);
        pack_add(&p, "one.txt", words, sizeof words - 1);
        pack_add(&p, "folder/two.txt", words, sizeof words - 1);
        pack_end(&p);
        read_fd(fd, READER_ARCHIVE, NULL, &f);
        CHECK_INT(f.end, READING_DONE);
        CHECK_INT(f.trouble_count, 0);
        CHECK_INT(f.count, 2);
        check_words(&f, "one.txt");
        check_words(&f, "folder/two.txt");
        close(fd);
    }
}

TEST(paths_that_lead_out_are_only_text)
{
    CLEANUP(found_done) Found f = { 0 };
    int fd = -1;
    Packing p = pack_begin(archive_write_set_format_pax_restricted, NULL, &fd);
    pack_add(&p, "/tmp/muster-reading-test-absolute", words, sizeof words - 1);
    pack_add(&p, "../../../../tmp/muster-reading-test-up", words, sizeof words - 1);
    pack_end(&p);
    read_fd(fd, READER_ARCHIVE, NULL, &f);
    check_words(&f, "/tmp/muster-reading-test-absolute");
    check_words(&f, "../../../../tmp/muster-reading-test-up");
    CHECK(access("/tmp/muster-reading-test-absolute", F_OK) != 0);
    CHECK(access("/tmp/muster-reading-test-up", F_OK) != 0);
    close(fd);
}

/* An archive with `path` holding the bytes of `inner`. */
static int wrapped(int inner, const char *path)
{
    int fd = -1;
    off_t n = lseek(inner, 0, SEEK_END);
    void *at = mmap(NULL, (size_t)n, PROT_READ, MAP_PRIVATE, inner, 0);
    Packing p = pack_begin(archive_write_set_format_zip, NULL, &fd);
    pack_add(&p, path, at, (size_t)n);
    pack_end(&p);
    munmap(at, (size_t)n);
    close(inner);
    return fd;
}

TEST(archives_in_archives_are_opened_to_a_depth)
{
    CLEANUP(found_done) Found f = { 0 };
    int fd = memory_file(words, sizeof words - 1);
    for (int i = 0; i < 4; i++)
        fd = wrapped(fd, i ? "in.zip" : "words.txt");
    read_fd(fd, READER_ARCHIVE, NULL, &f);
    CHECK_INT(f.trouble_count, 0);
    CHECK_INT(f.count, 4);
    check_words(&f, "in.zip/in.zip/in.zip/words.txt");
    close(fd);
}

TEST(sixty_archives_in_each_other_are_refused_kindly)
{
    CLEANUP(found_done) Found f = { 0 };
    int fd = memory_file(words, sizeof words - 1);
    for (int i = 0; i < 60; i++)
        fd = wrapped(fd, i ? "in.zip" : "words.txt");
    read_fd(fd, READER_ARCHIVE, NULL, &f);
    CHECK_INT(f.end, READING_DONE);
    CHECK_INT(f.count, READER_DEPTH);
    CHECK(told(&f, "deeper than are opened here"));
    close(fd);
}

TEST(an_archive_that_swells_is_refused_kindly)
{
    CLEANUP(found_done) Found f = { 0 };
    CLEANUP(arena_done) Arena mem = { 0 };
    int fd = -1;
    const size_t piece = 8u << 20;
    uint8_t *zeros = arena_new(&mem, uint8_t, piece);
    Packing p = pack_begin(archive_write_set_format_zip, NULL, &fd);
    for (int i = 0; i < 8; i++)
        pack_add(&p, str_fmt(&mem, "zeros-%d", i), zeros, piece);
    pack_end(&p);
    fd = wrapped(fd, "bomb.zip");
    read_fd(fd, READER_ARCHIVE, &(ReadingLimits){ .unpack_least = 20u << 20, .unpack_ratio = 1 }, &f);
    CHECK_INT(f.end, READING_DONE);
    CHECK(told(&f, "far more than its size"));
    uint64_t all = 0;
    for (size_t i = 0; i < f.count; i++)
        all += f.files[i].bytes;
    CHECK(all <= 20u << 20);
    close(fd);
}

TEST(too_many_members_are_refused_kindly)
{
    CLEANUP(found_done) Found f = { 0 };
    int fd = -1;
    Packing p = pack_begin(archive_write_set_format_pax_restricted, NULL, &fd);
    for (int i = 0; i < 50; i++)
        pack_add(&p, "again", words, sizeof words - 1);
    pack_end(&p);
    read_fd(fd, READER_ARCHIVE, &(ReadingLimits){ .members_max = 20 }, &f);
    CHECK_INT(f.count, 20);
    CHECK(told(&f, "too many files"));
    close(fd);
}

TEST(a_truncated_archive_gives_what_it_has)
{
    CLEANUP(found_done) Found f = { 0 };
    int fd = -1;
    Packing p = pack_begin(archive_write_set_format_pax_restricted, NULL, &fd);
    pack_add(&p, "whole", words, sizeof words - 1);
    pack_add(&p, "cut", words, sizeof words - 1);
    pack_end(&p);
    CHECK_INT(ftruncate(fd, 1024 + 512 + 10), 0);
    read_fd(fd, READER_ARCHIVE, NULL, &f);
    CHECK_INT(f.end, READING_DONE);
    check_words(&f, "whole");
    CHECK(told(&f, "beginning") || told(&f, "unpacked") || told(&f, "broken"));
    close(fd);
}

/* ---- a child that fails ---- */

TEST(a_child_that_dies_hangs_or_lies_ends_only_its_run)
{
    static const struct { uint32_t fault; ReadingEnd end; } cases[] = {
        { 1, READING_CRASHED }, { 2, READING_SILENT }, { 3, READING_LIED }, { 4, READING_CRASHED },
    };
    Err err = { 0 };
    CLEANUP(found_done) Found f = { 0 };
    Reading *patient = NULL, *short_of_time = NULL;
    int fd = -1;
    Packing p = pack_begin(archive_write_set_format_zip, NULL, &fd);
    pack_add(&p, "one.txt", words, sizeof words - 1);
    pack_end(&p);
    CHECK_OK(reading_open(&f.mem, NULL, &patient, &err), &err);
    CHECK_OK(reading_open(&f.mem, &(ReadingLimits){ .quiet_ms = 50 }, &short_of_time, &err), &err);
    FOR_EACH (c, cases) {
        CLEANUP(found_done) Found bad = { 0 };
        CLEANUP(found_done) Found good = { 0 };
        ReadingAsk ask = { .what = READER_ARCHIVE, .fds = &fd, .count = 1, .test = c->fault };
        Reading *r = c->end == READING_SILENT ? short_of_time : patient;
        CHECK_OK(reading_run(r, &ask, collect, &bad, &bad.end, &err), &err);
        CHECK_INT(bad.end, c->end);
        CHECK(reading_end_says(bad.end)[0]);
        ask.test = 0;
        CHECK_OK(reading_run(patient, &ask, collect, &good, &good.end, &err), &err);
        CHECK_INT(good.end, READING_DONE);
        check_words(&good, "one.txt");
    }
    reading_close(patient);
    reading_close(short_of_time);
    close(fd);
}

TEST(packets_that_break_the_rules_are_refused)
{
    static const struct { const char *name; ReaderEvent e; size_t text; bool good; } cases[] = {
        { "a file", { .magic = READER_MAGIC, .kind = READER_FILE, .text_bytes = 3 }, 3, true },
        { "a file in a file", { .magic = READER_MAGIC, .kind = READER_FILE }, 0, false },
        { "an unknown kind", { .magic = READER_MAGIC, .kind = 77 }, 0, false },
        { "no magic", { .kind = READER_END }, 0, false },
        { "a slot that is not there", { .magic = READER_MAGIC, .kind = READER_BYTES, .slot = READER_SLOTS, .length = 1 }, 0, false },
        { "more than a slot", { .magic = READER_MAGIC, .kind = READER_BYTES, .length = READER_SLOT_BYTES + 1 }, 0, false },
        { "text shorter than said", { .magic = READER_MAGIC, .kind = READER_END, .text_bytes = 9 }, 3, false },
        { "the end", { .magic = READER_MAGIC, .kind = READER_END }, 0, true },
        { "a second end", { .magic = READER_MAGIC, .kind = READER_END }, 0, false },
        { "a volume out of range", { .magic = READER_MAGIC, .kind = READER_VOLUME, .volume = 1u << 30 }, 0, false },
        { "a later volume", { .magic = READER_MAGIC, .kind = READER_VOLUME, .volume = 2 }, 0, true },
        { "an earlier volume", { .magic = READER_MAGIC, .kind = READER_VOLUME, .volume = 1 }, 0, false },
        { "flags that do not exist", { .magic = READER_MAGIC, .kind = READER_DONE, .flags = 1u << 31, .volume = 2 }, 0, false },
    };
    ReadingRules rules = { 0 };
    FOR_EACH (c, cases) {
        uint8_t packet[sizeof(ReaderEvent) + 16] = { 0 };
        ReadingEvent out;
        ReadingRules before = rules;
        memcpy(packet, &c->e, sizeof c->e);
        if (reading_check(&rules, packet, sizeof c->e + c->text, &out) != c->good)
            fail_msg("%s", c->name);
        if (!c->good)
            rules = before;
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

static bool is_archive(const char *image)
{
    return strstr(image, ".zip") || strstr(image, ".tar") || strstr(image, ".tgz") || strstr(image, ".cpio");
}

static char *file_text(Arena *mem, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        fail_msg("no %s", path);
    size_t n = (size_t)lseek(fd, 0, SEEK_END);
    char *at = arena_new(mem, char, n + 1);
    CHECK(pread(fd, at, n, 0) == (ssize_t)n);
    close(fd);
    return at;
}

/* Reads `image` of the reference folder into `f`, unless it is the one read last. */
static void read_reference(const char *folder, const char *image, const char **last, Found *f)
{
    if (*last && str_same(*last, image))
        return;
    found_done(f);
    *f = (Found){ 0 };
    *last = image;
    CLEANUP(arena_done) Arena mem = { 0 };
    int fd = open_unpacked(str_fmt(&mem, "%s/disk/%s", folder, image));
    CHECK(fd >= 0);
    read_fd(fd, is_archive(image) ? READER_ARCHIVE : READER_IMAGE, NULL, f);
    if (f->end != READING_DONE)
        fail_msg("%s: %s", image, reading_end_says(f->end));
    close(fd);
}

TEST(reference_images_give_the_digests_stated_for_them)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    CLEANUP(found_done) Found f = { 0 };
    const char *folder = shared(), *last = NULL;
    size_t lines = 0;
    char *save = NULL, *text = file_text(&mem, str_fmt(&mem, "%s/disk/expected_files_sha256.csv", folder));
    for (char *line = strtok_r(text, "\r\n", &save); line; line = strtok_r(NULL, "\r\n", &save)) {
        char *field[5] = { 0 }, *at = line;
        for (size_t i = 0; i < 5 && at; i++) {
            field[i] = at;
            at = strchr(at, ',');
            if (at)
                *at++ = 0;
        }
        if (str_same(field[0], "image"))
            continue;
        read_reference(folder, field[0], &last, &f);
        const Seen *s = seen_of(&f, field[2]);
        if (!s || !str_same(s->sha256, field[4]) || strtoull(field[3], NULL, 10) != s->bytes)
            fail_msg("%s: %s: %s", field[0], field[2], s ? s->sha256 : "not seen");
        lines++;
    }
    CHECK(lines > 35);
}

/* One line of fls -rp: "r/r * 16(realloc):\tpath". */
typedef struct Line { char kind[4]; bool deleted; const char *path; } Line;
static bool line_read(char *text, Line *out)
{
    char *tab = strchr(text, '\t');
    if (!tab || strlen(text) < 5 || text[1] != '/' || text[3] != ' ')
        return false;
    *out = (Line){ { text[0], '/', text[2], 0 }, text[4] == '*', tab + 1 };
    return true;
}

static size_t times_seen(const Found *f, const Line *l)
{
    size_t n = 0;
    for (size_t i = 0; i < f->count; i++)
        n += f->files[i].depth == 0 && str_same(f->files[i].path, l->path) &&
             ((f->files[i].flags & READER_DELETED) != 0) == l->deleted;
    return n;
}

static bool of_interest(const Line *l)
{
    return (str_same(l->kind, "r/r") || str_same(l->kind, "r/-") || str_same(l->kind, "l/l") ||
            str_same(l->kind, "-/r")) &&
           l->path[0] != '$';
}

TEST(reference_images_give_the_listing_stated_for_them)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    CLEANUP(found_done) Found f = { 0 };
    const char *folder = shared(), *last = NULL;
    size_t lines = 0;
    char *save = NULL, *text = file_text(&mem, str_fmt(&mem, "%s/disk/expected_listing_tsk.txt", folder));
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        Line l;
        if (str_starts(line, "=== ")) {
            char *end = strstr(line, "  (");
            *end = 0;
            read_reference(folder, line + 4, &last, &f);
        } else if (line_read(line, &l) && of_interest(&l)) {
            if (!times_seen(&f, &l))
                fail_msg("%s: %s %s not seen", last, l.deleted ? "*" : "", l.path);
            lines++;
        }
    }
    CHECK(lines > 300);
}

TEST(four_containers_of_one_medium_give_the_same_files)
{
    static const char *const images[] = { "tsk/image.dd", "tsk/image.E01", "tsk/image.vmdk" };
    CLEANUP(found_done) Found first = { 0 };
    const char *folder = shared(), *last = NULL;
    read_reference(folder, images[0], &last, &first);
    FOR_EACH (image, images) {
        CLEANUP(found_done) Found f = { 0 };
        last = NULL;
        read_reference(folder, *image, &last, &f);
        CHECK_INT(f.count, first.count);
        for (size_t i = 0; i < f.count; i++) {
            CHECK_TEXT(f.files[i].path, first.files[i].path);
            CHECK_TEXT(f.files[i].sha256, first.files[i].sha256);
        }
    }
}

/* Nothing here may crash the child, hang or leave a file behind; what it gives matters less. */
static void hostile(const char *kind)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    Err err = { 0 };
    Reading *r = NULL;
    size_t files = 0;
    const char *folder = shared();
    char *save = NULL, *text = file_text(&mem, str_fmt(&mem, "%s/hostile/MANIFEST.sha256", folder));
    CHECK_OK(reading_open(&mem, &(ReadingLimits){ .unpack_least = 64u << 20, .quiet_ms = 30000 }, &r, &err),
             &err);
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        CLEANUP(found_done) Found f = { 0 };
        const char *name = strstr(line, str_fmt(&mem, "go-fuzz/%s/", kind));
        if (!name)
            continue;
        int fd = open(str_fmt(&mem, "%s/hostile/%s", folder, name), O_RDONLY | O_CLOEXEC);
        CHECK(fd >= 0);
        CHECK_OK(reading_run(r, &(ReadingAsk){ .what = READER_ARCHIVE, .fds = &fd, .count = 1 }, collect, &f,
                             &f.end, &err),
                 &err);
        if (f.end != READING_DONE)
            fail_msg("%s: %s", name, reading_end_says(f.end));
        close(fd);
        files++;
    }
    CHECK(files > 20);
    reading_close(r);
}

TEST(hostile_zips_do_no_harm) { hostile("zip"); }
TEST(hostile_tars_do_no_harm) { hostile("tar"); }
TEST(hostile_gzips_do_no_harm) { hostile("gzip"); }

TEST_MAIN(every_kind_of_archive_gives_its_files, paths_that_lead_out_are_only_text,
          archives_in_archives_are_opened_to_a_depth, sixty_archives_in_each_other_are_refused_kindly,
          an_archive_that_swells_is_refused_kindly, too_many_members_are_refused_kindly,
          a_truncated_archive_gives_what_it_has, a_child_that_dies_hangs_or_lies_ends_only_its_run,
          packets_that_break_the_rules_are_refused, reference_images_give_the_digests_stated_for_them,
          reference_images_give_the_listing_stated_for_them,
          four_containers_of_one_medium_give_the_same_files, hostile_zips_do_no_harm, hostile_tars_do_no_harm,
          hostile_gzips_do_no_harm)
