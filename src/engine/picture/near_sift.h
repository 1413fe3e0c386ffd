/* near_sift.h: the two inner loops of near_find.c, included once per processor level.
 *
 * The includer defines SIFT_NAME(x), SIFT_TARGET, WANT (the type of a next chunk spread over a vector),
 * SPREAD(x) and NEAR32(at, want, limit): bit i says whether at[i], i < 32, is within `limit` bits. There is
 * no include guard on purpose. */

/* Reads up to SIFT_VECTORS x 32 next chunks from where `s` stands, and writes the places that are near
 * enough; returns how many. The loop that reads does not branch on what it reads, so that many reads are in
 * flight; whether anything was near is looked at afterwards. */
SIFT_TARGET static size_t SIFT_NAME(sift)(Sift *s, uint32_t *place)
{
    uint32_t mask[SIFT_VECTORS], base[SIFT_VECTORS];
    WANT     want = SPREAD(s->want);
    size_t   vectors = 0, n = 0;
    while (s->probe < s->probes && vectors < SIFT_VECTORS) {
        uint16_t value = s->key ^ s->masks->mask[s->probe];
        int      limit = s->limit - s->masks->bits[s->probe];
        uint32_t at = s->start[value] + s->done, to = s->start[value + 1];
        for (; at < to && vectors < SIFT_VECTORS; at += 32, vectors++) {
            uint32_t near = NEAR32(s->next + at, want, limit);
            mask[vectors] = to - at < 32 ? near & ((1u << (to - at)) - 1) : near;
            base[vectors] = at;
        }
        s->done = at < to ? at - s->start[value] : 0;
        s->probe += at >= to;
    }
    for (size_t v = 0; v < vectors; v++)
        for (uint32_t near = mask[v]; near; near &= near - 1)
            place[n++] = base[v] + (uint32_t)__builtin_ctz(near);
    return n;
}

/* Compares whole hashes: apart[i] = bits between row[i] and hash[query[i]]. Rows outside the table, which
 * only an altered index has, are as far as can be. */
SIFT_TARGET static void SIFT_NAME(weigh)(const NearTable *table, const uint8_t *hashes, const Candidate *at,
                                         size_t n, uint16_t *apart)
{
    enum { AHEAD = 24 };
    for (size_t i = 0; i < n; i++) {
        if (i + AHEAD < n)
            __builtin_prefetch(table->digests + 32 * (size_t)at[i + AHEAD].row);
        uint64_t a[4], b[4];
        if (at[i].row >= table->n) {
            apart[i] = UINT16_MAX;
            continue;
        }
        memcpy(a, table->digests + 32 * (size_t)at[i].row, sizeof a);
        memcpy(b, hashes + 32 * (size_t)at[i].query, sizeof b);
        apart[i] = (uint16_t)(__builtin_popcountll(a[0] ^ b[0]) + __builtin_popcountll(a[1] ^ b[1])
                              + __builtin_popcountll(a[2] ^ b[2]) + __builtin_popcountll(a[3] ^ b[3]));
    }
}

#undef SIFT_NAME
#undef SIFT_TARGET
#undef WANT
#undef SPREAD
#undef NEAR32
