/* fuzz_triage_reading.c: any packets as a reader's: what passes the rules must leave a unit whole, whatever
 * the child says, in whatever order. Two bytes of length before each packet. */
#include <assert.h>
#include <string.h>
#include <unistd.h>
#include "triage/inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool give(void *ctx, Job *job, Err *err)
{
    size_t *files = ctx;
    Unit *unit = job->unit;
    (void)err;
    assert(job->file->path.len <= READER_TEXT_BYTES && job->len <= KEPT_BYTES);
    assert(job->digested || job->len == job->file->size);
    ++*files;
    job_free(job);
    unit_drop(unit);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t contents[READER_SLOT_BYTES] = "PK\003\004";
    Err err = { 0 };
    Digests whole;
    size_t files = 0, begun = 0;
    ReadingRules rules = { 0 };
    Unit *unit = unit_new(0, STR("fuzz"));
    Take t = {
        .unit = unit, .prefix = size & 1 ? "a.zip" : "", .whole = &whole, .give = give, .ctx = &files
    };
    while (size >= 2) {
        ReadingEvent e;
        size_t n = (size_t)data[0] << 8 | data[1];
        n = n < size - 2 ? n : size - 2;
        if (!reading_check(&rules, data + 2, n, &e) || e.is.kind == READER_DONE)
            break;
        e.bytes = contents;
        begun += e.is.kind == READER_FILE && !(e.is.flags & READER_WHOLE);
        bool good = take_event(&t, &e, &err);
        assert(good);
        data += 2 + n;
        size -= 2 + n;
    }
    bool good = take_end(&t, "stopped", &err);
    assert(good && files == begun);
    take_done(&t);
    unit_drop(unit);
    return 0;
}
