/* known_find_groups.h: the three stages of known_find.c, included once for each instruction set.
 *
 * The includer defines FIND_NAME, FIND_TARGET and FIND_MARKS, which gives a bit for each of the 64 bytes of a
 * line that equals a mark, and FIND_LINES_16 where it has a quick way to the lines of a whole group of MD5.
 * There is no include guard on purpose. Addresses are chosen by masks: a digest that no mark names is
 * compared with itself, which costs no miss and no branch. The few that one comparison does not settle are
 * put on a list whose end moves or does not, and what they need is asked for like the rest. */
#define FIND_JOIN(a, b) a##b
#define FIND_PART(name, part) FIND_JOIN(name, part)

/* Stage 1: asks for the line of each digest. */
FIND_TARGET static inline __attribute__((always_inline)) void
FIND_PART(FIND_NAME, _ask)(const KnownTable *t, Group *g, const uint8_t *digests, size_t n, size_t bytes)
{
#ifdef FIND_LINES_16
    if (bytes == 16 && n == GROUP) {
        FIND_LINES_16(t, digests, g->line);
        for (size_t i = 0; i < GROUP; i++)
            __builtin_prefetch(g->line[i]);
        return;
    }
#endif
    for (size_t i = 0; i < n; i++) {
        const KnownLine *l = &t->lines[known_line_of(known_prefix(digests + i * bytes), t->line_count)];
        g->line[i] = l;
        __builtin_prefetch(l);
    }
}

/* Stage 2: reads the lines and asks for the first digest that a mark names, if one does. */
FIND_TARGET static inline __attribute__((always_inline)) void
FIND_PART(FIND_NAME, _marks)(const KnownTable *t, Group *g, const uint8_t *digests, size_t n, size_t bytes)
{
    const uint64_t last = t->n - 1;
    uint32_t hard = 0;
    for (size_t i = 0; i < n; i++) {
        const KnownLine *l = g->line[i];
        const uint8_t *digest = digests + i * bytes;
        uint64_t used = (UINT64_C(1) << (l->count & 63)) - 1;
        uint64_t found = FIND_MARKS(l, digest[KNOWN_MARK_BYTE]) >> 5 & used;
        uint64_t place = l->first + (uint64_t)__builtin_ctzll(found | UINT64_C(1) << 63);
        uint64_t mask = -(uint64_t)(found != 0);
        place = place < last ? place : last;        /* an altered line may name what is not there */
        const uint8_t *at = (const uint8_t *)(((uintptr_t)(t->digests + place * bytes) & mask)
                                              | ((uintptr_t)digest & ~mask));
        g->at[i] = at;
        g->place[i] = (uint32_t)(place | ~mask);
        __builtin_prefetch(at);
        if (bytes != 16)                            /* four in a line: never across two */
            __builtin_prefetch(at + bytes - 1);
        g->hard[hard] = (Hard){ found & (found - 1), (uint32_t)i };
        hard += ((found & (found - 1)) != 0) | (l->count >> 7);
    }
    g->hards = hard;
    for (uint32_t h = 0; h < hard; h++) {
        const uint8_t *next = t->digests + first_place(t, g->line[g->hard[h].i], g->hard[h].rest) * bytes;
        __builtin_prefetch(next);
    }
}

/* Stage 3: compares, and searches further where that settled nothing. */
FIND_TARGET static inline __attribute__((always_inline)) void
FIND_PART(FIND_NAME, _compare)(const KnownTable *t, const Group *g, const uint8_t *digests, size_t n,
                               uint32_t *places, size_t bytes)
{
    for (size_t i = 0; i < n; i++) {
        const uint8_t *at = g->at[i], *digest = digests + i * bytes;
        bool same = memcmp(at, digest, 16) == 0;
        if (bytes > 16)
            same = same && memcmp(at + 16, digest + 16, bytes - 16) == 0;
        places[i] = g->place[i] | ((uint32_t)same - 1);
    }
    for (uint32_t h = 0; h < g->hards; h++) {
        size_t i = g->hard[h].i;
        if (places[i] == KNOWN_NONE)
            places[i] = find_rest(t, g->line[i], g->hard[h].rest, digests + i * bytes);
    }
}

FIND_TARGET static inline __attribute__((always_inline)) void FIND_PART(FIND_NAME, _sized)(
    const KnownTable *t, const uint8_t *digests, size_t n, uint32_t *places, size_t bytes)
{
    Group group[3];
    const size_t groups = (n + GROUP - 1) / GROUP;
    for (size_t g = 0; g < groups + 2; g++) {
        if (g < groups)
            FIND_PART(FIND_NAME, _ask)
            (t, &group[g % 3], digests + g * GROUP * bytes, group_length(g, n), bytes);
        if (g >= 1 && g <= groups)
            FIND_PART(FIND_NAME, _marks)
            (t, &group[(g - 1) % 3], digests + (g - 1) * GROUP * bytes, group_length(g - 1, n), bytes);
        if (g >= 2)
            FIND_PART(FIND_NAME, _compare)
            (t, &group[(g - 2) % 3], digests + (g - 2) * GROUP * bytes, group_length(g - 2, n),
             places + (g - 2) * GROUP, bytes);
    }
}

FIND_TARGET static void FIND_NAME(const KnownTable *t, const uint8_t *digests, size_t n, uint32_t *places)
{
    switch (t->bytes) {
    case 16: FIND_PART(FIND_NAME, _sized)(t, digests, n, places, 16); return;
    case 20: FIND_PART(FIND_NAME, _sized)(t, digests, n, places, 20); return;
    case 32: FIND_PART(FIND_NAME, _sized)(t, digests, n, places, 32); return;
    default: FIND_PART(FIND_NAME, _sized)(t, digests, n, places, t->bytes); return;
    }
}

#undef FIND_JOIN
#undef FIND_PART
#undef FIND_NAME
#undef FIND_TARGET
#undef FIND_MARKS
#undef FIND_LINES_16
