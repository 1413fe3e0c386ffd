/* fuzz_nsrl3.c: any bytes as a SQLite file of known software. Whatever its tables, views and triggers are,
 * the file is not written to, no row is counted twice or left out, and entries hold what a set can hold. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "match/read/known_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PATH_BYTES = 4096, ROWS_MOST = 100000 };

typedef struct Taken { uint64_t entries; bool stopped; } Taken;

/* A view may give rows without end, which only the work allowed to a foreign file ends: too late here. */
static bool entry_check(void *ctx, const KnownEntry *e, Err *err)
{
    Taken *taken = ctx;
    assert(e->benign && (e->digest[DIGEST_MD5] || e->digest[DIGEST_SHA1] || e->digest[DIGEST_SHA256]));
    assert(strlen(e->source) <= KNOWN_TEXT_MAX && strlen(e->version) <= KNOWN_TEXT_MAX);
    assert(utf8_valid(str_of(e->version)));
    taken->stopped = ++taken->entries == ROWS_MOST;
    return !taken->stopped || err_set(err, ERR_CONFLICT, "Enough.");
}

static void file_write(const char *path, const uint8_t *data, size_t size)
{
    FILE *f = fopen(path, "wb");
    bool written = f && fwrite(data, 1, size, f) == size && fclose(f) == 0;
    assert(written);
}

static void file_check(const char *path, const uint8_t *data, size_t size)
{
    uint8_t *again = calloc(1, size + 1);
    FILE *f = fopen(path, "rb");
    assert(f && again);
    size_t n = fread(again, 1, size + 1, f);
    fclose(f);
    assert(n == size && memcmp(again, data, size) == 0);
    free(again);
}

static void read_check(const char *path)
{
    CLEANUP(arena_done) Arena mem = {0};
    KnownReadOptions options = KNOWN_READ_DEFAULT;
    KnownReadReport r;
    Err err = {0};
    Taken taken = {0};
    if (known_read(path, &options, entry_check, &taken, &mem, &r, &err))
        assert(r.rows == r.entries + r.rejected + r.ignored && r.entries == taken.entries);
    else
        assert(taken.stopped || err.kind == ERR_INVALID || err.kind == ERR_LIMIT || err.kind == ERR_STORE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const beside[] = { "", "-journal", "-wal", "-shm" };
    char folder[] = "/tmp/muster-fuzz-XXXXXX", path[PATH_BYTES];
    if (size < 16 || size >= 1 << 20 || memcmp(data, "SQLite format 3", 16) != 0)
        return 0;                                    /* those are read as other formats: fuzz_known.c */
    bool made = mkdtemp(folder) != NULL;
    assert(made);
    snprintf(path, sizeof path, "%s/rds.db", folder);
    file_write(path, data, size);
    read_check(path);
    file_check(path, data, size);
    FOR_EACH(ending, beside) {
        snprintf(path, sizeof path, "%s/rds.db%s", folder, *ending);
        unlink(path);
    }
    rmdir(folder);
    return 0;
}
