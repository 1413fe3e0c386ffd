/* known_lines.c: the lines that find digests, from a sorted table. */
#include "engine/known/known_format.h"

bool known_lines_build(const uint8_t *digests, uint32_t n, uint32_t bytes, KnownWrite *write, void *ctx,
                       Err *err)
{
    enum { BATCH = 512 };
    KnownLine line[BATCH];
    uint32_t lines = (uint32_t)known_line_count(n), held = 0, place = 0;
    for (uint32_t i = 0; i < lines; i++) {
        KnownLine *l = &line[held++];
        *l = (KnownLine){ .first = place };
        for (; place < n; place++) {
            const uint8_t *digest = digests + (size_t)place * bytes;
            if (known_line_of(known_prefix(digest), lines) != i)
                break;
            if ((l->count & ~KNOWN_LINE_MORE) < KNOWN_LINE_MAX)
                l->mark[l->count++] = digest[KNOWN_MARK_BYTE];
            else
                l->count |= KNOWN_LINE_MORE;
        }
        if (held == BATCH || i + 1 == lines) {
            if (!write(ctx, line, held * sizeof *line, err))
                return false;
            held = 0;
        }
    }
    return true;
}
