#include "base/embedded.h"
#include <string.h>

/* The first asset whose path is not before `path`. */
static size_t first_from(const char *path)
{
    size_t low = 0, high = embedded_asset_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(embedded_assets[middle].path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const Embedded *embedded_find(const char *path)
{
    size_t at = first_from(path);
    bool found = at < embedded_asset_count && strcmp(embedded_assets[at].path, path) == 0;
    return found ? &embedded_assets[at] : NULL;
}

const Embedded *embedded_under(const char *prefix, size_t *count)
{
    size_t length = strlen(prefix), first = first_from(prefix), end = first;
    while (end < embedded_asset_count && strncmp(embedded_assets[end].path, prefix, length) == 0)
        end++;
    *count = end - first;
    return &embedded_assets[first];
}
