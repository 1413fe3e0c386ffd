/* known_find_groups.h: the three stages of known_find.c, included once for each instruction set.
 *
 * The includer defines FIND_NAME, FIND_TARGET and FIND_MARKS, which gives a bit for each of the 64 bytes of a
 * line that equals a mark. There is no include guard on purpose. Addresses are chosen by masks: a digest that
 * no mark names is compared with itself, which costs no miss and no branch. */
#define FIND_JOIN(a, b) a##b
#define FIND_PART(name, part) FIND_JOIN(name, part)

/* The first digest that a mark names, else `digest` itself. */
FIND_TARGET static inline __attribute__((always_inline)) const uint8_t *
FIND_PART(FIND_NAME, _at)(const KnownTable *t, const KnownLine *line, uint64_t match, const uint8_t *digest,
                          size_t bytes, uint32_t *place, bool *there)
{
    uint64_t first = line->first + (uint64_t)__builtin_ctzll(match | UINT64_C(1) << 63);
    *there = (match != 0) & (first < t->n);
    *place = (uint32_t)first;
    uintptr_t mask = -(uintptr_t)*there;
    return (const uint8_t *)((((uintptr_t)t->digests + first * bytes) & mask) | ((uintptr_t)digest & ~mask));
}

FIND_TARGET static inline __attribute__((always_inline)) void FIND_PART(FIND_NAME, _sized)(
    const KnownTable *t, const uint8_t *digests, size_t n, uint32_t *places, size_t bytes)
{
    enum { RING = 3 };
    const KnownLine *line[RING][GROUP];
    uint64_t         match[RING][GROUP];
    const size_t     groups = (n + GROUP - 1) / GROUP;
    for (size_t g = 0; g < groups + 2; g++) {
        for (size_t i = g * GROUP, slot = 0; g < groups && slot < GROUP && i < n; i++, slot++) {
            const KnownLine *l = &t->lines[known_line_of(known_prefix(digests + i * bytes), t->line_count)];
            line[g % RING][slot] = l;
            __builtin_prefetch(l);
        }
        for (size_t i = (g - 1) * GROUP, slot = 0; g >= 1 && slot < GROUP && i < n; i++, slot++) {
            const KnownLine *l = line[(g - 1) % RING][slot];
            const uint8_t *digest = digests + i * bytes;
            uint64_t used = (UINT64_C(1) << (l->count & 63)) - 1;
            uint64_t found = FIND_MARKS(l, digest[KNOWN_MARK_BYTE]) >> 5 & used;
            uint32_t place;
            bool     there;
            const uint8_t *at = FIND_PART(FIND_NAME, _at)(t, l, found, digest, bytes, &place, &there);
            match[(g - 1) % RING][slot] = found;
            __builtin_prefetch(at);
            if (bytes != 16)                        /* four in a line: never across two */
                __builtin_prefetch(at + bytes - 1);
        }
        for (size_t i = (g - 2) * GROUP, slot = 0; g >= 2 && slot < GROUP && i < n; i++, slot++) {
            const KnownLine *l = line[(g - 2) % RING][slot];
            const uint8_t *digest = digests + i * bytes;
            uint64_t found = match[(g - 2) % RING][slot], a[2], b[2];
            uint32_t place;
            bool     there;
            const uint8_t *at = FIND_PART(FIND_NAME, _at)(t, l, found, digest, bytes, &place, &there);
            memcpy(a, at, sizeof a);
            memcpy(b, digest, sizeof b);
            bool same = (((a[0] ^ b[0]) | (a[1] ^ b[1])) == 0) & there;
            bool more = ((found & (found - 1)) != 0) | ((l->count & KNOWN_LINE_MORE) != 0);
            places[i] = place | ((uint32_t)same - 1);
            if (bytes > 16 && same && __builtin_expect(memcmp(at + 16, digest + 16, bytes - 16) != 0, 0))
                places[i] = find_rest(t, l, found, digest);
            else if (__builtin_expect(more & !same, 0))
                places[i] = find_rest(t, l, found, digest);
        }
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
