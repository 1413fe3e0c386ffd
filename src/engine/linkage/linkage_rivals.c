#include "engine/linkage/linkage_rivals.h"
#include <math.h>
#include <stdint.h>

/* Sum and product over matchings of a graph (belief propagation for the monomer-dimer model): a message from
 * a record along a pair says how free the record is but for that pair. Messages are sent as logarithms of
 * base two, and each moves half of its way, so rings of equals settle instead of swinging. */

enum { ROUNDS_MAX = 300 };
static const double STILL_BITS = 1e-3, WORTH_BITS = -4;    /* less than one in seventeen claims nothing */

typedef struct Rivalry {
    const LinkPair *pairs;
    size_t   count, rows;
    size_t  *from;                /* pairs of row i: ends[from[i]] .. ends[from[i + 1] - 1] */
    size_t  *ends;                /* number of a pair * 2, plus 1 where the row is its b */
    double  *free_bits;           /* by end: how free the row is but for this pair */
} Rivalry;

static bool claims(const LinkPair *p)
{
    return (double)p->weight_bits >= WORTH_BITS;
}

static void ends_deal(Rivalry *r, Arena *mem)
{
    size_t *at = arena_new(mem, size_t, r->rows + 2);
    for (size_t i = 0; i < r->count; i++)
        if (claims(&r->pairs[i])) {
            at[r->pairs[i].a + 2]++;
            at[r->pairs[i].b + 2]++;
        }
    for (size_t i = 2; i < r->rows + 2; i++)
        at[i] += at[i - 1];
    r->ends = arena_new(mem, size_t, at[r->rows + 1] + 1);
    for (size_t i = 0; i < r->count; i++)
        if (claims(&r->pairs[i])) {
            r->ends[at[r->pairs[i].a + 1]++] = i * 2;
            r->ends[at[r->pairs[i].b + 1]++] = i * 2 + 1;
        }
    r->from = at;
}

/* What the other row of an end claims of this one. */
static double claim(const Rivalry *r, size_t end)
{
    return exp2((double)r->pairs[end / 2].weight_bits + r->free_bits[end ^ 1]);
}

/* All claims on a row, the heaviest apart: left out, it must not take the small ones' digits with it. */
typedef struct Claims { double heaviest, rest; size_t of; } Claims;

static Claims claims_on(const Rivalry *r, size_t row)
{
    Claims c = { .of = SIZE_MAX };
    for (size_t i = r->from[row]; i < r->from[row + 1]; i++) {
        double one = claim(r, r->ends[i]);
        if (one > c.heaviest) {
            c.rest += c.heaviest;
            c.heaviest = one;
            c.of = r->ends[i];
        } else {
            c.rest += one;
        }
    }
    return c;
}

static double claims_but(const Rivalry *r, const Claims *c, size_t end)
{
    return end == c->of ? c->rest : c->heaviest + fmax(c->rest - claim(r, end), 0);
}

static double round_send(const Rivalry *r, double *next)
{
    double most = 0;
    for (size_t row = 0; row < r->rows; row++) {
        Claims c = claims_on(r, row);
        for (size_t i = r->from[row]; i < r->from[row + 1]; i++) {
            size_t end = r->ends[i];
            next[end] = (r->free_bits[end] - log2(1 + claims_but(r, &c, end))) / 2;
            most = fmax(most, fabs(next[end] - r->free_bits[end]));
        }
    }
    return most;
}

LinkPair *link_rivals_weigh(Arena *mem, const LinkPair *pairs, size_t count, size_t rows)
{
    CLEANUP(arena_done) Arena scratch = { 0 };
    Rivalry   r = { .pairs = pairs, .count = count, .rows = rows,
                    .free_bits = arena_new(&scratch, double, count * 2 + 2) };
    double   *next = arena_new(&scratch, double, count * 2 + 2);
    LinkPair *out = arena_new(mem, LinkPair, count + 1);
    ends_deal(&r, &scratch);
    for (int round = 0; round < ROUNDS_MAX; round++) {
        double moved = round_send(&r, next), *was = r.free_bits;
        r.free_bits = next;
        next = was;
        if (moved <= STILL_BITS)
            break;
    }
    double *all = arena_new(&scratch, double, rows + 1);
    for (size_t row = 0; row < rows; row++) {
        Claims c = claims_on(&r, row);
        all[row] = log2(1 + c.heaviest + c.rest);
    }
    for (size_t i = 0; i < count; i++) {
        const LinkPair *p = &pairs[i];
        double left = claims(p) ? r.free_bits[i * 2] + r.free_bits[i * 2 + 1] : -all[p->a] - all[p->b];
        out[i] = (LinkPair){ p->a, p->b, (float)((double)p->weight_bits + left) };
    }
    return out;
}
