/* fuzz_known.c: any bytes as a source of known files, in whatever format they look like. Every row is counted
 * once, entries hold what a set can hold, and JSON is judged alike by every kernel and by the strict reader
 * of documents. */
#include <assert.h>
#include <string.h>
#include "base/json.h"
#include "base/limits.h"
#include "match/read/json_scan.h"
#include "match/read/known_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool entry_check(void *ctx, const KnownEntry *e, Err *err)
{
    const char *const texts[] = { e->source, e->version, e->grade, e->scale, e->series };
    bool some = false;
    (void)err;
    for (int k = 0; k < DIGEST__COUNT; k++)
        some = some || e->digest[k];
    assert(some && e->votes >= -1 && e->pdq_quality >= -1 && e->pdq_quality <= 100);
    FOR_EACH(text, texts)
        assert(!*text || (strlen(*text) <= KNOWN_TEXT_MAX && utf8_valid(str_of(*text))));
    ++*(uint64_t *)ctx;
    return true;
}

static void read_check(Str bytes, const KnownReadOptions *options)
{
    CLEANUP(arena_done) Arena mem = {0};
    KnownReadReport r;
    Err err = {0};
    uint64_t taken = 0;
    if (known_read_bytes(bytes, "fuzz", options, entry_check, &taken, &mem, &r, &err))
        assert(r.rows == r.entries + r.rejected + r.ignored && r.entries == taken);
    else
        assert(err.kind == ERR_INVALID || err.kind == ERR_LIMIT);
}

static bool scan_all(Cpu level, Str bytes, uint64_t *at)
{
    CLEANUP(arena_done) Arena mem = {0};
    Scan *scan = NULL;
    Err err = {0};
    bool ok = scan_open_by(level, &mem, source_memory(&mem, bytes), &scan, &err) && scan_skip(scan, &err) &&
              scan_close(scan, &err);
    *at = scan_offset(scan);
    return ok;
}

static void scan_check(Str bytes)
{
    CLEANUP(json_done) Json *document = NULL;
    uint64_t at = 0, other = 0;
    Err err = {0};
    bool good = scan_all(CPU_PORTABLE, bytes, &at);
    for (int level = CPU_AVX2; level < CPU__COUNT; level++)
        if (cpu_here((Cpu)level)) {
            bool same = scan_all((Cpu)level, bytes, &other) == good;
            assert(same && (!good || at == other));
        }
    if (json_read(bytes, &document, &err))   /* which refuses more: names twice, numbers out of range */
        assert(good);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Str bytes = { (const char *)data, size };
    KnownReadOptions options = KNOWN_READ_DEFAULT;
    read_check(bytes, &options);
    options.map = "md5=1,grade=2,series=3";
    read_check(bytes, &options);
    if (size && (data[0] == '{' || data[0] == '['))
        scan_check(bytes);
    return 0;
}
