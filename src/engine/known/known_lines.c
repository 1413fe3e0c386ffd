/* known_lines.c: the lines that find digests, made from a sorted table as it comes. */
#include "engine/known/known_build.h"

/* The greatest prefix that falls on a line: a division a line instead of a multiplication a digest. */
static uint64_t last_prefix_of(uint32_t line, uint32_t lines)
{
    if (line + 1 == lines)
        return UINT64_MAX;
    unsigned __int128 next = ((unsigned __int128)(line + 1) << 64) + lines - 1;
    return (uint64_t)(next / lines) - 1;
}

static void line_begin(LineMaker *m)
{
    m->line[m->held] = (KnownLine){ .first = m->place };
    m->last = last_prefix_of(m->at, m->lines);
    m->count = 0;
}

void lines_begin(LineMaker *m, uint64_t digests, KnownWrite *write, void *ctx)
{
    m->lines = (uint32_t)known_line_count(digests);
    m->at = m->place = m->held = 0;
    m->write = write;
    m->ctx = ctx;
    if (m->lines)
        line_begin(m);
}

bool lines_next(LineMaker *m, Err *err)
{
    KnownLine *l = &m->line[m->held++];
    l->count = (uint8_t)(m->count <= KNOWN_LINE_MAX ? m->count : KNOWN_LINE_MAX | KNOWN_LINE_MORE);
    if (m->held == COUNT_OF(m->line) || m->at + 1 == m->lines) {
        if (!m->write(m->ctx, m->line, m->held * sizeof *l, err))
            return false;
        m->held = 0;
    }
    if (++m->at < m->lines)
        line_begin(m);
    return true;
}

bool lines_end(LineMaker *m, Err *err)
{
    while (m->at < m->lines)
        if (!lines_next(m, err))
            return false;
    return true;
}
