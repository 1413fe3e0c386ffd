/* similarity_lanes.h: the same measures on many pairs at once, one pair to a lane of a vector.
 *
 * Not a header to call: similarity_pairs.c includes it for each width, having defined
 *     LANE      unsigned type with a bit for each symbol of a text; WIDTH of them
 *     VECTOR    bytes of a vector            TARGET   attribute that names the instructions
 *     NAME(x)   x with this variant's ending
 *     EQUAL     fills eq from the texts: bit i of eq[j][lane] says that a's symbol i is b's symbol j
 *
 * The bit-parallel steps are those of similarity_one.h, column by column, for all lanes together: lanes whose
 * text has ended no longer count. Lanes beyond the pairs given hold nothing and cost nothing more. */

typedef LANE NAME(V) __attribute__((vector_size(VECTOR)));
enum { NAME(LANES) = VECTOR / (int)sizeof(LANE) };

typedef struct NAME(Batch) {
    _Alignas(64) uint8_t a[NAME(LANES)][WIDTH], b[NAME(LANES)][WIDTH];   /* zeroes after the texts */
    _Alignas(64) LANE eq[WIDTH][NAME(LANES)];
    NAME(V) n, m, full, last;        /* lengths; the bits a has; its last bit */
    size_t columns;                  /* of the longest b */
} NAME(Batch);

static inline __attribute__((always_inline)) TARGET void NAME(lane)(NAME(Batch) *t, size_t i, Str a, Str b)
{
    NAME(copy)(t->a[i], a);
    NAME(copy)(t->b[i], b);
    t->n[i] = (LANE)a.len;
    t->m[i] = (LANE)b.len;
    t->full[i] = (LANE)(((UINT64_C(1) << (a.len - 1)) << 1) - 1);
    t->last[i] = (LANE)(UINT64_C(1) << (a.len - 1));
    t->columns = b.len > t->columns ? b.len : t->columns;
}

static TARGET void NAME(jaro)(const Str *a, const Str *b, size_t n, double *out)
{
    NAME(Batch) t;
    NAME(V) window = {0}, bound = {0}, used = {0}, matched = {0}, moved = {0}, prefix = {0};
    t.n = t.m = t.full = t.last = bound;
    t.columns = 0;
    for (size_t i = 0; i < n; i++) {
        size_t reach = jaro_bound(a[i].len, b[i].len);
        NAME(lane)(&t, i, a[i], b[i]);
        bound[i] = (LANE)reach;
        window[i] = (LANE)((UINT64_C(2) << reach) - 1);
    }
    NAME(equal)(&t, n);
    NAME(V) at = {0}, bit = at + 1, alike = bit;
    for (size_t j = 0; j < t.columns; j++, at += 1, bit += bit) {
        NAME(V) x = *(NAME(V) *)t.eq[j] & t.full & (NAME(V))(at < t.m);
        *(NAME(V) *)t.eq[j] = x;
        NAME(V) free = x & window & ~used, low = free & -free;
        used |= low;
        matched |= bit & (NAME(V))(low != 0);
        window =
            window + window - (NAME(V))(at < bound); /* true is all ones: one more bit until it is full */
        if (j < 4) {
            alike &= x >> (LANE)j;
            prefix += alike & 1;
        }
    }
    NAME(V) left = used, common = {0};
    bit = common + 1;
    for (size_t j = 0; j < t.columns; j++, bit += bit) {
        NAME(V) counts = (NAME(V))((matched & bit) != 0), low = left & -left & counts;
        common -= counts;
        moved -= (NAME(V))((*(NAME(V) *)t.eq[j] & low) != 0);        /* those in order, for now */
        left ^= low;
    }
    moved = common - moved;
    uint16_t c[NAME(LANES)], w[NAME(LANES)], p[NAME(LANES)];
    for (size_t i = 0; i < NAME(LANES); i++)
        c[i] = (uint16_t)common[i], w[i] = (uint16_t)moved[i], p[i] = (uint16_t)prefix[i];
    _mm256_zeroupper();                      /* what follows is compiled for the plain processor */
    jaro_of_many(c, w, p, a, b, n, out);
}

static inline __attribute__((always_inline)) TARGET void NAME(edits)(const Str *a, const Str *b, size_t n,
                                                                     bool swaps, uint16_t *out)
{
    NAME(Batch) t;
    NAME(V) mv = {0}, pv = ~mv, d0 = {0}, before = {0};
    t.n = t.m = t.full = t.last = mv;
    t.columns = 0;
    for (size_t i = 0; i < n; i++)           /* the distance is symmetric: fewer columns are less work */
        NAME(lane)(&t, i, a[i].len < b[i].len ? b[i] : a[i], a[i].len < b[i].len ? a[i] : b[i]);
    NAME(equal)(&t, n);
    NAME(V) score = t.n;
    for (size_t j = 0; j < t.columns; j++) {
        NAME(V) counts = (NAME(V))(mv - mv + (LANE)j < t.m);
        NAME(V) x = *(NAME(V) *)t.eq[j] & t.full;
        NAME(V) swap = swaps ? ((~d0 & x) << 1) & before : mv - mv;
        d0 = (((x & pv) + pv) ^ pv) | x | mv | swap;
        NAME(V) hp = mv | ~(d0 | pv), hn = d0 & pv;
        score -= counts & (NAME(V))((hp & t.last) != 0);
        score += counts & (NAME(V))((hn & t.last) != 0);
        hp = hp << 1 | 1;
        pv = hn << 1 | ~(d0 | hp);
        mv = hp & d0;
        before = x;
    }
    for (size_t i = 0; i < n; i++)
        out[i] = (uint16_t)score[i];
    _mm256_zeroupper();
}

static TARGET void NAME(levenshtein)(const Str *a, const Str *b, size_t n, uint16_t *out)
{
    NAME(edits)(a, b, n, false, out);
}

static TARGET void NAME(osa)(const Str *a, const Str *b, size_t n, uint16_t *out)
{
    NAME(edits)(a, b, n, true, out);
}

#undef LANE
#undef WIDTH
#undef VECTOR
#undef TARGET
#undef NAME
