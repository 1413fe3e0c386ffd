/* A folder is told by grade, set and series, pictures and moving pictures by how near they come; the device
 * is left as it was. */
#include "decoder/gif_testing.h"
#include "triage/testing.h"

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

TEST_MAIN(a_folder_is_told_by_grade_set_and_series, pictures_are_matched_near_and_the_others_clustered,
          moving_pictures_are_matched_by_any_frame, the_device_is_left_as_it_was,
          what_should_be_triaged_must_be_there)
