/* known_find_groups.h: the three stages of known_find.c, included once for each instruction set.
 *
 * The includer defines FIND_NAME, FIND_TARGET and FIND_MARKS, which gives a bit for each of the 64 bytes of a
 * line that equals a mark. There is no include guard on purpose. */

FIND_TARGET static void FIND_NAME(const KnownTable *t, const uint8_t *digests, size_t n, uint32_t *places)
{
    enum { RING = 3 };
    const KnownLine *line[RING][GROUP];
    uint64_t         match[RING][GROUP];
    const size_t     bytes = t->bytes, groups = (n + GROUP - 1) / GROUP;
    for (size_t g = 0; g < groups + 2; g++) {
        if (g < groups) {
            const KnownLine **lines = line[g % RING];
            size_t first = g * GROUP, count = n - first < GROUP ? n - first : GROUP;
            for (size_t i = 0; i < count; i++) {
                uint64_t prefix = known_prefix(digests + (first + i) * bytes);
                lines[i] = &t->lines[known_line_of(prefix, t->line_count)];
                __builtin_prefetch(lines[i]);
            }
        }
        if (g >= 1 && g - 1 < groups) {
            const KnownLine **lines = line[(g - 1) % RING];
            uint64_t *matches = match[(g - 1) % RING];
            size_t first = (g - 1) * GROUP, count = n - first < GROUP ? n - first : GROUP;
            for (size_t i = 0; i < count; i++) {
                const uint8_t *digest = digests + (first + i) * bytes;
                uint64_t used = (UINT64_C(1) << (lines[i]->count & 63)) - 1;
                uint64_t found = FIND_MARKS(lines[i], digest[KNOWN_MARK_BYTE]) >> 5 & used;
                uint64_t place = lines[i]->first + (uint64_t)__builtin_ctzll(found | UINT64_C(1) << 63);
                uintptr_t there = (uintptr_t)-(found != 0 && place < t->n);
                uintptr_t at =
                    (((uintptr_t)t->digests + place * bytes) & there) | ((uintptr_t)digest & ~there);
                __builtin_prefetch((const void *)at);
                __builtin_prefetch((const void *)(at + bytes - 1));
                matches[i] = found;
            }
        }
        if (g >= 2) {
            const KnownLine **lines = line[(g - 2) % RING];
            uint64_t *matches = match[(g - 2) % RING];
            size_t first = (g - 2) * GROUP, count = n - first < GROUP ? n - first : GROUP;
            for (size_t i = 0; i < count; i++) {
                const uint8_t *digest = digests + (first + i) * bytes;
                uint64_t place = lines[i]->first + (uint64_t)__builtin_ctzll(matches[i] | UINT64_C(1) << 63);
                uintptr_t there = (uintptr_t)-(matches[i] != 0 && place < t->n);
                const uint8_t *at = (const uint8_t *)((((uintptr_t)t->digests + place * bytes) & there)
                                                      | ((uintptr_t)digest & ~there));
                uint64_t a[2], b[2];
                memcpy(a, at, sizeof a);
                memcpy(b, digest, sizeof b);
                bool same = ((a[0] ^ b[0]) | (a[1] ^ b[1])) == 0;
                bool rest = (matches[i] & (matches[i] - 1)) != 0 || (lines[i]->count & KNOWN_LINE_MORE);
                places[first + i] = (uint32_t)place | (uint32_t)-(uint32_t)!(same & (there != 0));
                if (__builtin_expect(same && bytes > 16 && memcmp(at + 16, digest + 16, bytes - 16) != 0, 0)
                    || __builtin_expect(rest && !(same && there), 0))
                    places[first + i] = find_rest(t, lines[i], matches[i], digest);
            }
        }
    }
}

#undef FIND_NAME
#undef FIND_TARGET
#undef FIND_MARKS
