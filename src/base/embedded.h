/* embedded.h: the files built into the binary: data/, src/store/schema/ and web/dist/.
 *
 * Each is known by its path in the source tree, e.g. "data/agencies.csv" or "web/dist/muster.css". The table
 * is sorted by path and constant. The bytes are followed by a NUL that `length` does not count, so a text
 * file may be read as a C string. */
#pragma once
#include <stddef.h>
#include "base/str.h"

typedef struct Embedded {
    const char *path;
    const char *bytes;
    size_t      length;
    const char *etag;      /* hex of a fast hash of the bytes: for HTTP caching, never for proof */
    const char *mime;      /* from the file's ending, with charset for text */
} Embedded;

const Embedded *embedded_find(const char *path);         /* NULL if there is none */
/* Those whose path starts with `prefix` ("" for all) are neighbours: gives the first and how many. */
const Embedded *embedded_under(const char *prefix, size_t *count);

static inline Str embedded_str(const Embedded *e)
{
    return (Str){ e->bytes, e->length };
}

/* Made by tools/embed.c at build time; read through the functions above. */
extern const Embedded embedded_assets[];
extern const size_t   embedded_asset_count;
