/* known_lines.c: the lines that find digests, from a sorted table. */
#include "engine/known/known_format.h"

/* The greatest prefix that falls on a line: a division a line instead of a multiplication a digest. */
static uint64_t last_prefix_of(uint32_t line, uint32_t lines)
{
    if (line + 1 == lines)
        return UINT64_MAX;
    unsigned __int128 next = ((unsigned __int128)(line + 1) << 64) + lines - 1;
    return (uint64_t)(next / lines) - 1;
}

bool known_lines_build(const uint8_t *digests, uint32_t n, uint32_t bytes, KnownWrite *write, void *ctx,
                       Err *err)
{
    enum { BATCH = 512 };
    KnownLine line[BATCH];
    uint32_t lines = (uint32_t)known_line_count(n), held = 0, place = 0;
    for (uint32_t i = 0; i < lines; i++) {
        KnownLine *l = &line[held++];
        const uint8_t *digest = digests + (size_t)place * bytes;
        uint64_t last = last_prefix_of(i, lines);
        uint32_t count = 0;
        *l = (KnownLine){ .first = place };
        for (; place < n && known_prefix(digest) <= last; place++, digest += bytes, count++)
            if (count < KNOWN_LINE_MAX)
                l->mark[count] = digest[KNOWN_MARK_BYTE];
        l->count = (uint8_t)(count <= KNOWN_LINE_MAX ? count : KNOWN_LINE_MAX | KNOWN_LINE_MORE);
        if (held == BATCH || i + 1 == lines) {
            if (!write(ctx, line, held * sizeof *line, err))
                return false;
            held = 0;
        }
    }
    return true;
}
