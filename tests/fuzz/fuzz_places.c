/* fuzz_places.c: any bytes as a table of postcodes or of places. A split sector must never name a force. */
#include <assert.h>
#include "attribute/attribute.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char postcodes[] = "sector,lad_code,force\nCH1 1,L1,cheshire\n",
                      towns[] = "lad_code,town,sectors\nL1,Chester,CH1 1\n";
    static const char *const asked[] = { "CH1 1AA", "AA1 1AA", "BT1 1AA", "JE1 1AA", "" };
    CLEANUP(arena_done) Arena mem = {0};
    Str text = { (const char *)data, size };
    for (int second = 0; second < 2; second++) {
        Err err = {0};
        Places *p = NULL;
        if (!places_load(&mem, second ? str_of(postcodes) : text, second ? text : str_of(towns), &p, &err)) {
            assert(err.kind == ERR_INVALID || err.kind == ERR_LIMIT);
            continue;
        }
        FOR_EACH(a, asked) {
            PlaceHit hit;
            bool found = places_find(p, &mem, *a, &hit, &err);
            assert(found && hit.basis && (!hit.split || !hit.force_short));
        }
    }
    return 0;
}
