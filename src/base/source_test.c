#include "base/source.h"
#include <sys/stat.h>
#include <unistd.h>
#include "base/test.h"

/* A folder of the test's own, removed with the files named in `made`. */
static char *folder_new(Arena *mem)
{
    char *path = str_copy(mem, "/tmp/muster-source-XXXXXX");
    CHECK(mkdtemp(path));
    return path;
}

TEST(what_is_written_is_whole_and_private)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err   err = {0};
    char *folder = folder_new(&mem), *path = str_fmt(&mem, "%s/file", folder);
    struct stat about;
    Str   got;
    CHECK_OK(file_write(path, STR("first"), &err), &err);
    CHECK_OK(file_write(path, STR("se\0cond"), &err), &err);
    CHECK_OK(file_read(&mem, path, 7, &got, &err), &err);
    CHECK(str_eq(got, STR("se\0cond")));
    CHECK(stat(path, &about) == 0 && (about.st_mode & 077) == 0);
    CHECK_FAILS(file_read(&mem, path, 6, &got, &err), &err, ERR_LIMIT);
    unlink(path);
    CHECK(rmdir(folder) == 0);   /* nothing else was left in it */
}

TEST(a_failed_write_leaves_nothing)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err   err = {0};
    char *folder = folder_new(&mem), *below = str_fmt(&mem, "%s/below", folder);
    CHECK(mkdir(below, 0700) == 0);
    CHECK_FAILS(file_write(below, STR("x"), &err), &err, ERR_STORE);   /* a folder is in the way */
    CHECK_FAILS(file_write(str_fmt(&mem, "%s/none/file", folder), STR("x"), &err), &err, ERR_NOT_FOUND);
    CHECK(rmdir(below) == 0 && rmdir(folder) == 0);
}

static char *read_all(Arena *mem, Source *src, size_t step)
{
    StrBuf all = { .mem = mem };
    char   piece[64];
    size_t got;
    Err    err = {0};
    do {
        CHECK_OK(source_read(src, piece, step, &got, &err), &err);
        CHECK(got <= step);
        buf_add_n(&all, piece, got);
    } while (got);
    return buf_text(&all);
}

TEST(a_file_is_read_from_where_it_was_left)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err     err = {0};
    Source *src;
    char   *folder = folder_new(&mem), *path = str_fmt(&mem, "%s/file", folder);
    CHECK_OK(file_write(path, STR("0123456789"), &err), &err);
    for (uint64_t from = 0; from <= 12; from++) {
        CHECK_OK(source_open(&mem, path, from, &src, &err), &err);
        CHECK_TEXT(read_all(&mem, src, 3), from > 10 ? "" : "0123456789" + from);
        source_close(src);
        source_close(src);
    }
    unlink(path);
    CHECK_FAILS(source_open(&mem, path, 0, &src, &err), &err, ERR_NOT_FOUND);
    CHECK_FAILS(source_open(&mem, folder, 0, &src, &err), &err, ERR_INVALID);
    CHECK(!source_open(&mem, path, 0, &src, &err) && !strstr(err.told, folder) && !strstr(err.trail, folder));
    rmdir(folder);
    source_close(NULL);
}

TEST(memory_is_a_source)
{
    CLEANUP(arena_done) Arena mem = {0};
    CHECK_TEXT(read_all(&mem, source_memory(&mem, STR("0123456789")), 4), "0123456789");
    CHECK_TEXT(read_all(&mem, source_memory(&mem, (Str){ NULL, 0 }), 4), "");
}

TEST_MAIN(what_is_written_is_whole_and_private, a_failed_write_leaves_nothing,
          a_file_is_read_from_where_it_was_left, memory_is_a_source)
