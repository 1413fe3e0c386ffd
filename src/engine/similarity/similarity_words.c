/* similarity_words.c: measures over the parts of a text: grams and words. */
#include <stdlib.h>
#include <string.h>
#include "engine/similarity/similarity_inside.h"

/* ---- grams */

typedef struct Grams {
    uint32_t at[SIM_LONGEST];        /* each gram's bytes as one number; distinct, rising */
    size_t   n;
} Grams;

static int number_order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Most texts are short, and for those inserting each in its place is the fastest sort. */
static void sort_numbers(uint32_t *at, size_t n)
{
    if (n > 48) {
        qsort(at, n, sizeof *at, number_order);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        uint32_t x = at[i];
        size_t   j = i;
        for (; j && at[j - 1] > x; j--)
            at[j] = at[j - 1];
        at[j] = x;
    }
}

/* A short text's only gram is as long as it, and its length goes into the number, so that "a" is not "\0a".
 */
static void grams_of(Str s, int q, Grams *out)
{
    size_t k = s.len < (size_t)q ? s.len : (size_t)q, n = 0;
    for (size_t i = 0; k && i + k <= s.len; i++) {
        uint32_t gram = 0;
        for (size_t c = 0; c < k; c++)
            gram = gram << 8 | (uint8_t)s.at[i + c];
        out->at[n++] = k < (size_t)q ? gram | (uint32_t)k << 24 : gram;
    }
    sort_numbers(out->at, n);
    out->n = 0;
    for (size_t i = 0; i < n; i++)
        if (!i || out->at[i] != out->at[i - 1])
            out->at[out->n++] = out->at[i];
}

static size_t shared(const uint32_t *a, size_t n, const uint32_t *b, size_t m)
{
    size_t both = 0;
    for (size_t i = 0, j = 0; i < n && j < m;) {
        both += a[i] == b[j];
        uint32_t x = a[i], y = b[j];
        i += x <= y;
        j += y <= x;
    }
    return both;
}

static void gram_counts(Str a, Str b, int q, size_t *n, size_t *m, size_t *both)
{
    Grams x, y;
    grams_of(sim_cut(a), q, &x);
    grams_of(sim_cut(b), q, &y);
    *n = x.n;
    *m = y.n;
    *both = shared(x.at, x.n, y.at, y.n);
}

double sim_jaccard_grams(Str a, Str b, int q)
{
    size_t n, m, both;
    gram_counts(a, b, q, &n, &m, &both);
    return n + m ? (double)both / (double)(n + m - both) : 1;
}

double sim_dice_grams(Str a, Str b, int q)
{
    size_t n, m, both;
    gram_counts(a, b, q, &n, &m, &both);
    return n + m ? 2 * (double)both / (double)(n + m) : 1;
}

/* ---- words */

static size_t words_of(Str s, Str out[SIM_WORDS])
{
    size_t n = 0;
    s = sim_cut(s);
    for (size_t i = 0; i < s.len && n < SIM_WORDS;) {
        size_t from = i;
        while (i < s.len && s.at[i] != ' ')
            i++;
        if (i > from)
            out[n++] = (Str){ s.at + from, i - from };
        i++;
    }
    return n;
}

static size_t distinct(Str *words, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        bool known = false;
        for (size_t j = 0; j < kept && !known; j++)
            known = str_eq(words[j], words[i]);
        if (!known)
            words[kept++] = words[i];
    }
    return kept;
}

double sim_jaccard_words(Str a, Str b)
{
    Str    x[SIM_WORDS], y[SIM_WORDS];
    size_t n = distinct(x, words_of(a, x)), m = distinct(y, words_of(b, y)), both = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++)
            both += str_eq(x[i], y[j]);
    return n + m ? (double)both / (double)(n + m - both) : 1;
}

static bool text_before(Str a, Str b)
{
    int c = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);
    return c ? c < 0 : a.len < b.len;
}

/* Gives the likest pair left of the table, and takes its row and column out (likeness -1). */
static double take_best(double like[SIM_WORDS][SIM_WORDS], size_t n, size_t m, size_t *row, size_t *col)
{
    double best = -1;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++)
            if (like[i][j] > best)
                best = like[i][j], *row = i, *col = j;
    for (size_t i = 0; i < n; i++)
        like[i][*col] = -1;
    for (size_t j = 0; j < m; j++)
        like[*row][j] = -1;
    return best;
}

double sim_words(Str a, Str b, double missing)
{
    Str    x[SIM_WORDS], y[SIM_WORDS];
    double like[SIM_WORDS][SIM_WORDS], got = 0, symbols = 0, weight = 0;
    if (a.len && b.len && text_before(b, a)) {           /* one order, so that the measure is symmetric */
        Str c = a;
        a = b, b = c;
    }
    size_t n = words_of(a, x), m = words_of(b, y);
    if (!n || !m)
        return n == m;
    for (size_t i = 0; i < n; i++)
        symbols += (double)x[i].len;
    for (size_t j = 0; j < m; j++)
        symbols += (double)y[j].len;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++)
            like[i][j] = sim_jaro_winkler(x[i], y[j]);
    for (size_t k = 0; k < (n < m ? n : m); k++) {
        size_t i = 0, j = 0;
        double best = take_best(like, n, m, &i, &j), of = (double)(x[i].len + y[j].len);
        got += best * of;
        weight += of;
    }
    return got / (weight + missing * (symbols - weight));
}
