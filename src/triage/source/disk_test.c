/* disk_test.c: files of a folder, small and large in one batch, are digested as if each were read alone. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/rng.h"
#include "base/test.h"
#include "triage/inside.h"

enum { MIB = 1 << 20, MOST = 9 * MIB };

typedef struct Folder {
    Arena    mem;
    char     path[64];
    int      fd;
    uint8_t *bytes;                            /* every file is the beginning of these */
} Folder;

static void folder_begin(Folder *f)
{
    Rng rng = rng_seed(20260601);
    *f = (Folder){ .path = "/tmp/muster-disk-XXXXXX" };
    CHECK(mkdtemp(f->path));
    f->fd = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    f->bytes = arena_new(&f->mem, uint8_t, MOST);
    for (size_t i = 0; i + 8 <= MOST; i += 8) {
        uint64_t v = rng_next(&rng);
        memcpy(f->bytes + i, &v, 8);
    }
}

static void put(const Folder *f, const char *name, size_t size)
{
    int fd = openat(f->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CHECK(fd >= 0 && write(fd, f->bytes, size) == (ssize_t)size);
    close(fd);
}

static void check_job(const Folder *f, Job *job, size_t size)
{
    const void *at = f->bytes;
    Digests want, got = job->file->digests;
    digests_many(&at, &size, 1, &want);
    CHECK(job->file->size == size && job->digested == (size > SMALL_BYTES));
    CHECK(memcmp(job->at, f->bytes, job->len) == 0);
    if (!job->digested) {
        const void *kept = job->at;
        CHECK(job->len == size);
        digests_many(&kept, &job->len, 1, &got);
    }
    assert_memory_equal(got.md5, want.md5, sizeof want.md5);
    assert_memory_equal(got.sha1, want.sha1, sizeof want.sha1);
    assert_memory_equal(got.sha256, want.sha256, sizeof want.sha256);
    CHECK(got.size_bytes == size);
}

/* Sizes about every border: of what is small, of a piece, and of what is asked of the disk at once. */
TEST(small_and_large_files_in_one_batch_are_read_to_their_ends)
{
    static const size_t sizes[] = {
        0, 1, 4096, MIB - 1, MIB, MIB + 1, MIB + 256 * 1024, 4 * MIB - 1, 4 * MIB, 4 * MIB + 1, 8 * MIB, MOST,
    };
    enum { ROUNDS = 4, JOBS = ROUNDS * COUNT_OF(sizes) };      /* more large files than are open in turn */
    Folder f;
    Job *jobs[JOBS];
    Unit *unit = unit_new(0, STR("test"));
    _Atomic uint64_t seen = 0;
    uint64_t total = 0;
    folder_begin(&f);
    Disk disk = disk_new(f.fd, &seen);
    for (size_t i = 0; i < JOBS; i++) {
        const char *name = str_fmt(&f.mem, "%zu", i);
        put(&f, name, sizes[i % COUNT_OF(sizes)]);
        TriageFile *file = unit_file(unit);
        *file = (TriageFile){ .path = str_of(name), .why = "" };
        jobs[i] = job_new(unit, file);
        jobs[i]->on_disk = true;
        total += sizes[i % COUNT_OF(sizes)];
    }
    disk_read(&disk, jobs, JOBS);
    CHECK(seen == total);
    for (size_t i = 0; i < JOBS; i++) {
        check_job(&f, jobs[i], sizes[i % COUNT_OF(sizes)]);
        job_free(jobs[i]);
        CHECK(unlinkat(f.fd, jobs[i]->file->path.at, 0) == 0);
    }
    disk_done(&disk);
    unit_free(unit);
    close(f.fd);
    CHECK(rmdir(f.path) == 0);
    arena_done(&f.mem);
}

TEST(a_file_that_is_gone_is_told_and_holds_up_no_other)
{
    Folder f;
    Job *jobs[2];
    Unit *unit = unit_new(0, STR("test"));
    _Atomic uint64_t seen = 0;
    folder_begin(&f);
    put(&f, "here", 3 * MIB);
    Disk disk = disk_new(f.fd, &seen);
    for (size_t i = 0; i < COUNT_OF(jobs); i++) {
        TriageFile *file = unit_file(unit);
        *file = (TriageFile){ .path = i ? STR("here") : STR("gone"), .why = "" };
        jobs[i] = job_new(unit, file);
        jobs[i]->on_disk = true;
    }
    disk_read(&disk, jobs, COUNT_OF(jobs));
    CHECK(jobs[0]->file->state == TRIAGE_UNREAD && *jobs[0]->file->why && !jobs[0]->at);
    check_job(&f, jobs[1], 3 * MIB);
    for (size_t i = 0; i < COUNT_OF(jobs); i++)
        job_free(jobs[i]);
    disk_done(&disk);
    unit_free(unit);
    CHECK(unlinkat(f.fd, "here", 0) == 0 && rmdir(f.path) == 0);
    close(f.fd);
    arena_done(&f.mem);
}

TEST_MAIN(small_and_large_files_in_one_batch_are_read_to_their_ends,
          a_file_that_is_gone_is_told_and_holds_up_no_other)
