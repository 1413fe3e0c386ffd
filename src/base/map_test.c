#include "base/map.h"
#include <unistd.h>
#include "base/str.h"
#include "base/test.h"

static const char *file_of(Arena *mem, const char *text)
{
    const char *folder = getenv("MUSTER_TEST_DIR");
    char *path = str_fmt(mem, "%s/muster-map-%d", folder ? folder : "/tmp", (int)getpid());
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    return path;
}

TEST(a_file_is_read_as_it_stands)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(map_done) Map map = {0};
    Err err = {0};
    const char *path = file_of(&mem, "some bytes");
    CHECK_OK(map_file(path, &map, &err), &err);
    unlink(path);
    CHECK_INT(map.len, 10);
    CHECK(memcmp(map.at, "some bytes", 10) == 0);
    map_will_need(&map, 3, 7);
    map_read_in(&map, 0, 10);
    map_read_in(&map, 5, 100);                      /* beyond the end: no more than a hint */
    map_done(&map);
    CHECK(map.at == NULL);
}

TEST(an_empty_file_has_no_bytes)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(map_done) Map map = {0};
    Err err = {0};
    const char *path = file_of(&mem, "");
    CHECK_OK(map_file(path, &map, &err), &err);
    unlink(path);
    CHECK(map.at == NULL && map.len == 0);
}

TEST(what_is_no_file_is_refused)
{
    Err err = {0};
    Map map = {0};
    CHECK_FAILS(map_file("/nowhere/at/all", &map, &err), &err, ERR_NOT_FOUND);
    CHECK_FAILS(map_file("/tmp", &map, &err), &err, ERR_INVALID);
    CHECK_FAILS(map_file("/dev/null", &map, &err), &err, ERR_INVALID);
}

TEST(pages_are_zero_when_fresh_and_when_forgotten)
{
    enum { LEN = 5 * 1024 * 1024 + 17 };
    CLEANUP(pages_done) Pages pages = pages_new(LEN);
    CHECK_INT(pages.len, LEN);
    for (size_t i = 0; i < LEN; i += 4096)
        CHECK_INT(pages.at[i], 0);
    memset(pages.at, 7, LEN);
    pages_forget(&pages, 0, LEN);
    CHECK_INT(pages.at[8192], 0);
    pages_done(&pages);
    CHECK(pages.at == NULL);
    pages = pages_new(0);
    CHECK(pages.at == NULL);
}

/* Lengths a little over a huge page are rounded up the most: releasing one must not take its neighbours. */
TEST(releasing_a_buffer_leaves_its_neighbours)
{
    enum { BUFFERS = 16, LEN = (2 << 20) + 4096 };
    Pages pages[BUFFERS];
    for (size_t i = 0; i < BUFFERS; i++) {
        pages[i] = pages_new(LEN);
        pages[i].at[0] = pages[i].at[LEN - 1] = 7;
    }
    for (size_t i = 0; i < BUFFERS; i += 2)
        pages_done(&pages[i]);
    for (size_t i = 1; i < BUFFERS; i += 2) {
        CHECK(pages[i].at[0] == 7 && pages[i].at[LEN - 1] == 7);
        pages_done(&pages[i]);
    }
}

TEST_MAIN(releasing_a_buffer_leaves_its_neighbours, a_file_is_read_as_it_stands, an_empty_file_has_no_bytes,
          what_is_no_file_is_refused, pages_are_zero_when_fresh_and_when_forgotten)
