/* fuzz_operators.c: any bytes as a table of network ranges, both families. What is read can be asked. */
#include <assert.h>
#include "attribute/attribute.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const addresses[] = { "0.0.0.1", "192.0.2.1", "223.255.255.255", "2001:db8::1",
                                             "abcd::" };
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    Operators *o = NULL;
    Str text = { (const char *)data, size };
    for (int six = 0; six < 2; six++) {
        err_clear(&err);
        if (!operators_read(six ? STR("") : text, six ? text : STR(""), "2026-05-01", &o, &err)) {
            assert(err.kind == ERR_INVALID || err.kind == ERR_LIMIT);
            continue;
        }
        FOR_EACH(a, addresses) {
            OperatorHit hit;
            bool asked = operators_find(o, &mem, *a, &hit, &err);
            assert(asked && (!hit.found || utf8_valid(str_of(hit.name))));
        }
        operators_close(o);
    }
    return 0;
}
