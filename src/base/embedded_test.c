#include "base/embedded.h"
#include "base/source.h"
#include "base/test.h"

TEST(paths_are_sorted_and_each_is_found)
{
    size_t count = 0;
    const Embedded *all = embedded_under("", &count);
    CHECK(count > 0);
    for (size_t i = 0; i < count; i++) {
        CHECK(embedded_find(all[i].path) == &all[i]);
        CHECK(i == 0 || strcmp(all[i - 1].path, all[i].path) < 0);
        CHECK_INT(strlen(all[i].etag), 16);
        CHECK(all[i].mime[0] != 0);
        CHECK_INT(all[i].bytes[all[i].length], 0);
    }
}

TEST(bytes_are_those_of_the_file)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    size_t count = 0;
    const Embedded *steps = embedded_under("src/store/schema/", &count);
    CHECK(count > 0);
    for (size_t i = 0; i < count; i++) {
        Str file = {0};
        CHECK_OK(file_read(&mem, steps[i].path, 1 << 20, &file, &err), &err);
        CHECK(str_eq(file, embedded_str(&steps[i])));
    }
}

TEST(what_is_not_there_is_not_found)
{
    size_t count = 1;
    embedded_under("no/such/folder/", &count);
    CHECK_INT(count, 0);
    embedded_under("zzz", &count);
    CHECK_INT(count, 0);
    CHECK(embedded_find("") == NULL);
    CHECK(embedded_find("data/") == NULL);
    CHECK(embedded_find("zzz") == NULL);
}

TEST_MAIN(paths_are_sorted_and_each_is_found, bytes_are_those_of_the_file, what_is_not_there_is_not_found)
