/* seed.h: a database with a given number of nominals, made by the product itself: files are taken in, linked,
 * attributed and scored through the ledger, as they would be in use. Every person is invented. */
#pragma once
#include "base/when.h"
#include "flow/app.h"

typedef struct Seeded {
    int64_t operation, nominals;
    double import_s, flow_s;
    int64_t import_rows;
    size_t packages;
    uint8_t session[32]; /* a coordinator's, signed in */
} Seeded;
/* `path` must not exist; its folder also gets the files taken in. Uses the sign-in "coordinator". */
Seeded seed_operation(const char *folder, const char *path, int64_t nominals);
