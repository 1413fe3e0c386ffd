#include "engine/similarity/similarity_inside.h"
#include <string.h>

double jaro_of_counts(unsigned common, unsigned moved, size_t n, size_t m, unsigned prefix)
{
    const uint16_t counts[] = { (uint16_t)common, (uint16_t)moved, (uint16_t)prefix };
    double         out;
    jaro_of_many(&counts[0], &counts[1], &counts[2], &(Str){ NULL, n }, &(Str){ NULL, m }, 1, &out);
    return out;
}

#define SYM      uint8_t
#define ALPHABET 256
#define NAME(x)  x##_bytes
#include "engine/similarity/similarity_one.h"

/* Two texts hold at most 2 x SIM_LONGEST different code points, which are numbered as they come. */
#define SYM      uint16_t
#define ALPHABET (2 * SIM_LONGEST)
#define NAME(x)  x##_points
#include "engine/similarity/similarity_one.h"

#define BYTES(s) (const uint8_t *)(s).at, (s).len

double sim_jaro(Str a, Str b)
{
    a = sim_cut(a), b = sim_cut(b);
    return jaro_bytes(BYTES(a), BYTES(b), false);
}

double sim_jaro_winkler(Str a, Str b)
{
    a = sim_cut(a), b = sim_cut(b);
    return jaro_bytes(BYTES(a), BYTES(b), true);
}

int sim_levenshtein_within(Str a, Str b, int max)
{
    a = sim_cut(a), b = sim_cut(b);
    return edits_bytes(BYTES(a), BYTES(b), max, false);
}

int sim_osa_within(Str a, Str b, int max)
{
    a = sim_cut(a), b = sim_cut(b);
    return edits_bytes(BYTES(a), BYTES(b), max, true);
}

int sim_damerau_within(Str a, Str b, int max)
{
    a = sim_cut(a), b = sim_cut(b);
    return damerau_bytes(BYTES(a), BYTES(b), max);
}

int sim_levenshtein(Str a, Str b) { return sim_levenshtein_within(a, b, SIM_LONGEST); }
int sim_osa(Str a, Str b) { return sim_osa_within(a, b, SIM_LONGEST); }
int sim_damerau(Str a, Str b) { return sim_damerau_within(a, b, SIM_LONGEST); }

double sim_edit_ratio(int distance, size_t a_len, size_t b_len)
{
    size_t longer = a_len > b_len ? a_len : b_len;
    longer = longer > SIM_LONGEST ? SIM_LONGEST : longer;
    return longer ? 1 - distance / (double)longer : 1;
}

size_t sim_prefix(Str a, Str b)
{
    size_t n = a.len < b.len ? a.len : b.len, i = 0;
    while (i < n && a.at[i] == b.at[i])
        i++;
    return i;
}

/* After the equal beginning, at most one symbol is replaced, left out or swapped, and the rest is equal. */
bool sim_one_edit(Str a, Str b)
{
    if (a.len < b.len) {
        Str c = a;
        a = b, b = c;
    }
    if (a.len - b.len > 1)
        return false;
    size_t      at = sim_prefix(a, b);
    const char *p = a.at + at, *q = b.at + at;
    size_t      n = a.len - at, m = b.len - at;
    if (n != m)
        return memcmp(p + 1, q, m) == 0;
    if (n == 0 || memcmp(p + 1, q + 1, n - 1) == 0)
        return true;
    return n > 1 && p[0] == q[1] && p[1] == q[0] && memcmp(p + 2, q + 2, n - 2) == 0;
}

/* ---- by code point */

typedef struct Points {
    uint16_t a[SIM_LONGEST], b[SIM_LONGEST];
    size_t   n, m, kinds;
    uint32_t kind[2 * SIM_LONGEST];
} Points;

static uint16_t point_number(Points *p, uint32_t value)
{
    size_t i = 0;
    while (i < p->kinds && p->kind[i] != value)
        i++;
    if (i == p->kinds)
        p->kind[p->kinds++] = value;
    return (uint16_t)i;
}

static size_t points_of(Points *p, Str s, uint16_t *out)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len && n < SIM_LONGEST; n++) {
        uint32_t value = 0;
        size_t   bytes = utf8_point(s, i, &value);
        out[n] = point_number(p, bytes ? value : 0x110000u + (uint8_t)s.at[i]);
        i += bytes ? bytes : 1;
    }
    return n;
}

static bool all_ascii(Str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] & 0x80)
            return false;
    return true;
}

static bool by_point(Points *p, Str a, Str b)
{
    if (all_ascii(a) && all_ascii(b))
        return false;
    p->kinds = 0;
    p->n = points_of(p, a, p->a);
    p->m = points_of(p, b, p->b);
    return true;
}

double sim_jaro_winkler_utf8(Str a, Str b)
{
    Points p;
    return by_point(&p, a, b) ? jaro_points(p.a, p.n, p.b, p.m, true) : sim_jaro_winkler(a, b);
}

int sim_levenshtein_utf8(Str a, Str b)
{
    Points p;
    return by_point(&p, a, b) ? edits_points(p.a, p.n, p.b, p.m, SIM_LONGEST, false) : sim_levenshtein(a, b);
}

int sim_osa_utf8(Str a, Str b)
{
    Points p;
    return by_point(&p, a, b) ? edits_points(p.a, p.n, p.b, p.m, SIM_LONGEST, true) : sim_osa(a, b);
}

int sim_damerau_utf8(Str a, Str b)
{
    Points p;
    return by_point(&p, a, b) ? damerau_points(p.a, p.n, p.b, p.m, SIM_LONGEST) : sim_damerau(a, b);
}
