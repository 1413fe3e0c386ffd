/* fuzz_strip_media.c: any bytes through the media filter, as XML and as CSV: no long run of base64 comes out,
 * and a second time changes nothing. The first byte chooses. */
#include "fuzz_intake.h"

static void check(Str bytes, bool xml)
{
    CLEANUP(arena_done) Arena mem = {0};
    Str once, twice;
    if (!fuzz_strip(&mem, bytes, xml, &once))
        return;
    assert(fuzz_strip(&mem, once, xml, &twice));
    assert(once.len == twice.len && memcmp(once.at, twice.at, once.len) == 0);
    for (size_t i = 0, run = 0; i < once.len; i++) {
        char c = once.at[i];
        run = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? run + 1 : 0;
        assert(run <= MEDIA_RUN_BYTES + 64);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0)
        check((Str){ (const char *)data + 1, size - 1 }, data[0] % 2);
    return 0;
}
