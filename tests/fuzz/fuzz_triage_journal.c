/* fuzz_triage_journal.c: any bytes as a journal, and as the inside of a record whose sum is right. What is
 * read back is whole, and is taken up only as far as the bytes are sound. */
#include <assert.h>
#include <string.h>
#include "triage/inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool seen(void *ctx, const Unit *u, Err *err)
{
    size_t *units = ctx;
    (void)err;
    for (size_t i = 0; i < u->count; i++) {
        const TriageFile *f = u->files[i];
        assert(f->path.at[f->path.len] == 0 && strlen(f->why) < UINT32_MAX && f->media < MEDIA__COUNT);
    }
    for (size_t i = 0; i < u->trouble_count; i++)
        assert(u->troubles[i].why[0] || !u->troubles[i].why[0]);
    ++*units;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    const uint8_t identity[32] = { 1, 2, 3 };
    Err err = { 0 };
    size_t good = 0, units = 0;
    uint32_t head[12] = { 0 }, record[2] = { (uint32_t)size, 0 };
    StrBuf b = { .mem = &mem };
    bool read = journal_read((Str){ (const char *)data, size }, identity, seen, &units, &good, &err);
    assert(read && good <= size);

    memcpy(head, "MUSTRJ1\n", 8);
    head[2] = 1;
    memcpy(head + 4, identity, sizeof identity);
    Sha256 sum = sha256_of(data, size);
    memcpy(&record[1], sum.bytes, sizeof record[1]);
    buf_add_n(&b, (const char *)head, sizeof head);
    buf_add_n(&b, (const char *)record, sizeof record);
    buf_add_n(&b, (const char *)data, size);
    read = journal_read((Str){ buf_text(&b), b.len }, identity, seen, &units, &good, &err);
    assert(read && (good == sizeof head || good == b.len));
    return 0;
}
