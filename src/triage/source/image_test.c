/* Disk images made here, and the reference images: what is in them, deleted files too, in any container. */
#include "triage/testing.h"

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

TEST_MAIN(an_image_without_a_file_system_is_told_as_such, an_image_gives_its_deleted_files_too,
          the_digest_kept_in_an_image_is_verified, the_containers_of_one_medium_give_the_same_digests,
          a_folder_of_hostile_files_is_read_to_its_end)
