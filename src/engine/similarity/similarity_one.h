/* similarity_one.h: the measures on one pair, written once for symbols of any type.
 *
 * Not a header to call: similarity.c includes it for bytes and again for numbered code points, having defined
 *     SYM       the type of a symbol         ALPHABET    how many there are
 *     NAME(x)   x with this type's ending
 * No table is cleared as a whole: only the entries of symbols that occur are, which for a name is a dozen
 * instead of 256. */

/* eq[c]: in which of `a`'s (at most 64) places symbol c stands; set for the symbols of both. */
static void NAME(places_of)(const SYM *a, size_t n, const SYM *b, size_t m, uint64_t eq[ALPHABET])
{
    for (size_t j = 0; j < m; j++)
        eq[b[j]] = 0;
    for (size_t i = 0; i < n; i++)
        eq[a[i]] = 0;
    for (size_t i = 0; i < n; i++)
        eq[a[i]] |= UINT64_C(1) << i;
}

/* Jaro's two counts: symbols in common within the window, and those of them out of order. */
static void NAME(jaro_word)(const SYM *a, size_t n, const SYM *b, size_t m, JaroCounts *out)
{
    uint64_t eq[ALPHABET], used = 0, matched = 0;
    size_t   bound = jaro_bound(n, m);
    uint64_t window = (UINT64_C(1) << (bound + 1)) - 1;    /* bound is at most 31 */
    NAME(places_of)(a, n, b, m, eq);
    for (size_t j = 0; j < m; j++) {
        uint64_t free = eq[b[j]] & window & ~used;
        used |= free & -free;
        matched |= (uint64_t)(free != 0) << j;
        window = window << 1 | (j < bound);
    }
    *out = (JaroCounts){ .common = (unsigned)__builtin_popcountll(used) };
    for (; matched; matched &= matched - 1, used &= used - 1)
        out->moved += !(eq[b[__builtin_ctzll(matched)]] & used & -used);
}

/* For texts of any length. The window only moves on, so for each symbol the first place in `a` that is not
 * yet used nor left behind is found by walking its chain of places once. */
static void NAME(jaro_long)(const SYM *a, size_t n, const SYM *b, size_t m, JaroCounts *out)
{
    uint16_t first[ALPHABET], next[SIM_LONGEST + 1];       /* places from 1; 0: no more */
    bool     used[SIM_LONGEST] = {0};
    SYM      common[SIM_LONGEST];
    size_t   bound = jaro_bound(n, m), found = 0, k = 0;
    for (size_t j = 0; j < m; j++)
        first[b[j]] = 0;
    for (size_t i = 0; i < n; i++)
        first[a[i]] = 0;
    for (size_t i = n; i > 0; i--) {
        next[i] = first[a[i - 1]];
        first[a[i - 1]] = (uint16_t)i;
    }
    for (size_t j = 0; j < m; j++) {
        uint16_t *at = &first[b[j]];
        while (*at && *at - 1u + bound < j)
            *at = next[*at];
        if (!*at || *at - 1u > j + bound)
            continue;
        used[*at - 1] = true;
        common[found++] = b[j];
        *at = next[*at];
    }
    *out = (JaroCounts){ .common = (unsigned)found };
    for (size_t i = 0; i < n; i++)
        if (used[i])
            out->moved += a[i] != common[k++];
}

static double NAME(jaro)(const SYM *a, size_t n, const SYM *b, size_t m, bool winkler)
{
    JaroCounts c;
    unsigned   prefix = 0;
    if (!n || !m)
        return n == m;
    (n <= 64 && m <= 64 ? NAME(jaro_word) : NAME(jaro_long))(a, n, b, m, &c);
    while (winkler && prefix < 4 && prefix < n && prefix < m && a[prefix] == b[prefix])
        prefix++;
    return jaro_of_counts(c.common, c.moved, n, m, prefix);
}

/* Myers (1999) in Hyyrö's form (2003): a column of the table of distances as bits, +1 (pv) and -1 (mv) from
 * each row to the next. The distance so far is kept at the last row. Stops once `max` is out of reach. With
 * `swaps`, exchanged neighbours cost one too. */
static int NAME(edits_word)(const SYM *a, size_t n, const SYM *b, size_t m, int max, bool swaps)
{
    uint64_t eq[ALPHABET], pv = ~UINT64_C(0), mv = 0, d0 = 0, before = 0;
    uint64_t last = UINT64_C(1) << (n - 1);
    int      score = (int)n;
    NAME(places_of)(a, n, b, m, eq);
    for (size_t j = 0; j < m; j++) {
        uint64_t x = eq[b[j]], swap = swaps ? ((~d0 & x) << 1) & before : 0;
        d0 = (((x & pv) + pv) ^ pv) | x | mv | swap;
        uint64_t hp = mv | ~(d0 | pv), hn = d0 & pv;
        score += ((hp & last) != 0) - ((hn & last) != 0);
        if (score - (int)(m - 1 - j) > max)
            return max + 1;
        hp = hp << 1 | 1;
        pv = hn << 1 | ~(d0 | hp);
        mv = hp & d0;
        before = x;
    }
    return score;
}

/* More than 64 symbols: 64 rows of the table at a time, over all columns; `down` is what each column adds
 * from one block of rows to the next. */
static int NAME(levenshtein_long)(const SYM *a, size_t n, const SYM *b, size_t m)
{
    int8_t down[SIM_LONGEST];
    int    score = (int)n;
    memset(down, 1, m);
    for (size_t at = 0; at < n; at += 64) {
        size_t   rows = n - at < 64 ? n - at : 64;
        uint64_t eq[ALPHABET], pv = ~UINT64_C(0), mv = 0, last = UINT64_C(1) << (rows - 1);
        NAME(places_of)(a + at, rows, b, m, eq);
        for (size_t j = 0; j < m; j++) {
            uint64_t x = eq[b[j]], xv = x | mv;
            x |= down[j] < 0;
            uint64_t xh = (((x & pv) + pv) ^ pv) | x, hp = mv | ~(xh | pv), hn = xh & pv;
            int      out = ((hp & last) != 0) - ((hn & last) != 0);
            hp = hp << 1 | (down[j] > 0);
            hn = hn << 1 | (down[j] < 0);
            pv = hn | ~(xv | hp);
            mv = hp & xv;
            down[j] = (int8_t)out;
        }
    }
    for (size_t j = 0; j < m; j++)
        score += down[j];
    return score;
}

/* The table itself, three rows of it, for swaps in long texts. */
static int NAME(osa_long)(const SYM *a, size_t n, const SYM *b, size_t m)
{
    uint16_t rows[3][SIM_LONGEST + 1], *old = rows[0], *up = rows[1], *now = rows[2];
    for (size_t j = 0; j <= m; j++)
        up[j] = (uint16_t)j;
    for (size_t i = 1; i <= n; i++) {
        now[0] = (uint16_t)i;
        for (size_t j = 1; j <= m; j++) {
            bool     same = a[i - 1] == b[j - 1];
            unsigned d = up[j - 1] + !same;
            d = up[j] + 1u < d ? up[j] + 1u : d;
            d = now[j - 1] + 1u < d ? now[j - 1] + 1u : d;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && old[j - 2] + 1u < d)
                d = old[j - 2] + 1u;
            now[j] = (uint16_t)d;
        }
        uint16_t *spare = old;
        old = up;
        up = now;
        now = spare;
    }
    return up[m];
}

/* What the two begin and end with alike costs nothing in any of these distances. */
static void NAME(trim)(const SYM **a, size_t *n, const SYM **b, size_t *m)
{
    while (*n && *m && **a == **b)
        ++*a, ++*b, --*n, --*m;
    while (*n && *m && (*a)[*n - 1] == (*b)[*m - 1])
        --*n, --*m;
}

static int NAME(edits)(const SYM *a, size_t n, const SYM *b, size_t m, int max, bool swaps)
{
    size_t apart = n > m ? n - m : m - n;
    if (apart > (size_t)max)
        return max + 1;
    NAME(trim)(&a, &n, &b, &m);
    if (n > m) {                             /* fewer steps of a column each, and the pattern fits oftener */
        const SYM *c = a;
        size_t     k = n;
        a = b, n = m;
        b = c, m = k;
    }
    if (!n)
        return (int)m;
    int d = n <= 64 ? NAME(edits_word)(a, n, b, m, max, swaps)
          : swaps   ? NAME(osa_long)(a, n, b, m)
                    : NAME(levenshtein_long)(a, n, b, m);
    return d > max ? max + 1 : d;
}

/* Lowrance and Wagner (1975) in the linear space of Zhao and Sahinalp (2019): besides two rows, `from` keeps
 * for each column what the table held before the last row in which a's symbol equalled b's there. */
static int NAME(damerau_table)(const SYM *a, size_t n, const SYM *b, size_t m)
{
    enum { FAR = 4 * SIM_LONGEST };
    uint16_t seen[ALPHABET], from[SIM_LONGEST + 2], room[2][SIM_LONGEST + 2];
    uint16_t *up = room[0] + 1, *now = room[1] + 1;
    for (size_t j = 0; j < m; j++)
        seen[b[j]] = 0;
    for (size_t i = 0; i < n; i++)
        seen[a[i]] = 0;
    for (size_t j = 0; j <= m; j++)
        up[j] = (uint16_t)j, from[j] = FAR;
    up[-1] = now[-1] = FAR;
    for (size_t i = 1; i <= n; i++) {
        size_t   col = 0;                    /* the last column of this row whose symbol is a's, 0: none */
        unsigned two_up = i > 1 ? now[0] : FAR, held = FAR;
        now[0] = (uint16_t)i;
        for (size_t j = 1; j <= m; j++) {
            bool     same = a[i - 1] == b[j - 1];
            unsigned row = seen[b[j - 1]], d = up[j - 1] + !same;
            d = up[j] + 1u < d ? up[j] + 1u : d;
            d = now[j - 1] + 1u < d ? now[j - 1] + 1u : d;
            if (same) {
                col = j;
                from[j] = j > 1 ? up[j - 2] : FAR;
                held = two_up;
            } else if (col && row && j - col == 1 && from[j] + (i - row) < d) {
                d = from[j] + (unsigned)(i - row);
            } else if (col && row && i - row == 1 && held + (j - col) < d) {
                d = held + (unsigned)(j - col);
            }
            two_up = i > 1 ? now[j] : FAR;
            now[j] = (uint16_t)d;
        }
        seen[a[i - 1]] = (uint16_t)i;
        uint16_t *spare = up;
        up = now;
        now = spare;
    }
    return up[m];
}

static int NAME(damerau)(const SYM *a, size_t n, const SYM *b, size_t m, int max)
{
    size_t apart = n > m ? n - m : m - n;
    if (apart > (size_t)max)
        return max + 1;
    NAME(trim)(&a, &n, &b, &m);
    int d = n && m ? NAME(damerau_table)(a, n, b, m) : (int)(n + m);
    return d > max ? max + 1 : d;
}

#undef SYM
#undef ALPHABET
#undef NAME
