/* fuzz_json.c: any bytes as a document. What is read has one canonical text, which reads back as itself. */
#include <assert.h>
#include <string.h>
#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(json_done) Json *first = NULL, *again = NULL, *pretty = NULL;
    Err err = {0};
    if (!json_read((Str){ (const char *)data, size }, &first, &err)) {
        assert(err.kind == ERR_INVALID || err.kind == ERR_LIMIT);
        return 0;
    }
    char *text = json_canonical(&mem, first);
    bool  read = json_read(str_of(text), &again, &err);
    assert(read && utf8_valid(str_of(text)));
    assert(strcmp(json_canonical(&mem, again), text) == 0);
    read = json_read(str_of(json_pretty(&mem, first)), &pretty, &err);
    assert(read && strcmp(json_canonical(&mem, pretty), text) == 0);
    return 0;
}
