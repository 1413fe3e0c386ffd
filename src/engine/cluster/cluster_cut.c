/* cluster_cut.c: takes a cluster apart where it is weakest.
 *
 * Stoer and Wagner's minimum cut (A Simple Min-Cut Algorithm, JACM 44, 1997): each phase gives one cut. Of
 * all phases the one with the least support for its number of pairs is looked at, rather than the lightest,
 * so that a bridge between two halves is seen before one loosely tied record. Groups above CUT_MAX are left
 * to the rule of joining, which keeps them dense. */
#include "engine/cluster/cluster_inside.h"
#include <stdlib.h>
#include <string.h>

enum { CUT_MIN = 2, CUT_MAX = 256 };
static const int64_t DECIDED = 1000000000;   /* never cut: a person said that the two are one */

typedef struct Cut {
    uint32_t side, other;    /* how many on either side */
    int64_t  support;
} Cut;

typedef struct Cutting {
    uint32_t  n;
    int64_t  *w;             /* n x n, symmetric */
    uint32_t *members;       /* nodes of the part, rising */
} Cutting;

/* a is thinner than b: support over pairs, compared without dividing. */
static bool thinner(Cut a, Cut b)
{
    double pa = (double)a.side * (double)a.other, pb = (double)b.side * (double)b.other;
    return (double)a.support * pb < (double)b.support * pa;
}

/* One phase over the vertices alive: the last added and the one before it. */
static void phase(const Cutting *c, const int64_t *w, const bool *gone, int64_t *key, bool *in, uint32_t *s,
                  uint32_t *t)
{
    for (uint32_t i = 0; i < c->n; i++) {
        key[i] = 0;
        in[i] = gone[i];
    }
    *s = *t = CLUSTER_NONE;
    for (;;) {
        uint32_t best = CLUSTER_NONE;
        for (uint32_t i = 0; i < c->n; i++)
            if (!in[i] && (best == CLUSTER_NONE || key[i] > key[best]))
                best = i;
        if (best == CLUSTER_NONE)
            return;
        in[best] = true;
        *s = *t;
        *t = best;
        for (uint32_t i = 0; i < c->n; i++)
            key[i] += in[i] ? 0 : w[(size_t)best * c->n + i];
    }
}

/* The thinnest cut of all phases; side[i] says who stands on the one side. */
static Cut thinnest(const Cutting *c, Arena *mem, bool *side)
{
    size_t cells = (size_t)c->n * c->n;
    int64_t *w = arena_new(mem, int64_t, cells), *key = arena_new(mem, int64_t, c->n);
    bool *gone = arena_new(mem, bool, c->n), *in = arena_new(mem, bool, c->n);
    uint32_t *into = arena_new(mem, uint32_t, c->n), s = 0, t = 0;
    Cut best = { 1, 1, INT64_MAX / 4 };
    memcpy(w, c->w, cells * sizeof *w);
    for (uint32_t i = 0; i < c->n; i++)
        into[i] = i;
    for (uint32_t left = c->n; left > 1; left--) {
        phase(c, w, gone, key, in, &s, &t);
        Cut cut = { 0, 0, key[t] };
        for (uint32_t i = 0; i < c->n; i++)
            cut.side += into[i] == t;
        cut.other = c->n - cut.side;
        if (thinner(cut, best)) {
            best = cut;
            for (uint32_t i = 0; i < c->n; i++)
                side[i] = into[i] == t;
        }
        gone[t] = true;
        for (uint32_t i = 0; i < c->n; i++) {
            into[i] = into[i] == t ? s : into[i];
            w[(size_t)s * c->n + i] += w[(size_t)t * c->n + i];
            w[(size_t)i * c->n + s] += w[(size_t)i * c->n + t];
        }
    }
    return best;
}

static void pick(const Cutting *c, const bool *side, bool want, Arena *mem, Cutting *out)
{
    uint32_t *at = arena_new(mem, uint32_t, c->n);
    *out = (Cutting){ 0, NULL, arena_new(mem, uint32_t, c->n) };
    for (uint32_t i = 0; i < c->n; i++)
        if (side[i] == want) {
            at[out->n] = i;
            out->members[out->n++] = c->members[i];
        }
    out->w = arena_new(mem, int64_t, (size_t)out->n * out->n);
    for (uint32_t i = 0; i < out->n; i++)
        for (uint32_t k = 0; k < out->n; k++)
            out->w[(size_t)i * out->n + k] = c->w[(size_t)at[i] * c->n + at[k]];
}

/* Each piece is looked at again until none is loose; at most n - 1 times in all. */
static void take_apart(Cutting whole, const ClusterRules *rules, Arena *mem, uint32_t *label,
                       ClusterCounts *counts)
{
    Cutting *todo = arena_new(mem, Cutting, whole.n + 1);
    size_t left = 0;
    todo[left++] = whole;
    while (left) {
        Cutting c = todo[--left];
        bool *side = arena_new(mem, bool, c.n);
        Cut cut = c.n >= 2 ? thinnest(&c, mem, side) : (Cut){ 0 };
        double pairs = (double)cut.side * (double)cut.other;
        if (c.n < CUT_MIN || (double)cut.support >= 1000 * rules->cut_share * pairs) {
            for (uint32_t i = 0; i < c.n; i++)
                label[c.members[i]] = c.members[0];
            continue;
        }
        counts->cuts++;
        pick(&c, side, true, mem, &todo[left]);
        pick(&c, side, false, mem, &todo[left + 1]);
        left += 2;
    }
}

static void weigh(const ClusterPart *p, const ClusterRules *rules, const uint32_t *place, Cutting *c,
                  const uint32_t *edges, uint32_t edge_count)
{
    for (uint32_t i = 0; i < edge_count; i++) {
        const ClusterEdge *e = &p->edges[edges[i]];
        size_t a = place[e->a], b = place[e->b];
        c->w[a * c->n + b] = c->w[b * c->n + a] = cluster_support(e, rules);
    }
}

static void bind_decided(const ClusterPart *p, const uint32_t *place, const uint32_t *old, uint32_t of,
                         Cutting *c)
{
    for (size_t i = 0; i < p->same_count; i++) {
        uint32_t a = p->same[i].a, b = p->same[i].b;
        if (old[a] == of && old[b] == of)
            c->w[(size_t)place[a] * c->n + place[b]] = c->w[(size_t)place[b] * c->n + place[a]] = DECIDED;
    }
}

/* Where the nodes (or edges) of each cluster stand in a list sorted by cluster: starts[i] .. starts[i + 1].
 */
typedef struct Shelf { uint32_t *starts, *items; } Shelf;

static Shelf shelve(const uint32_t *of, size_t count, uint32_t groups, Arena *mem)
{
    Shelf s = { arena_new(mem, uint32_t, groups + 2), arena_new(mem, uint32_t, count) };
    for (size_t i = 0; i < count; i++)
        if (of[i] != CLUSTER_NONE)
            s.starts[of[i] + 2]++;
    for (uint32_t g = 2; g < groups + 2; g++)
        s.starts[g] += s.starts[g - 1];
    for (size_t i = 0; i < count; i++)
        if (of[i] != CLUSTER_NONE)
            s.items[s.starts[of[i] + 1]++] = (uint32_t)i;
    return s;
}

void cluster_cut(const ClusterPart *p, const ClusterRules *rules, Arena *mem, uint32_t *label,
                 ClusterCounts *counts)
{
    uint32_t *old = arena_new(mem, uint32_t, p->nodes), *place = arena_new(mem, uint32_t, p->nodes);
    uint32_t *of = arena_new(mem, uint32_t, p->edge_count);
    memcpy(old, label, p->nodes * sizeof *old);
    for (size_t i = 0; i < p->edge_count; i++)
        of[i] = old[p->edges[i].a] == old[p->edges[i].b] ? old[p->edges[i].a] : CLUSTER_NONE;
    Shelf nodes = shelve(old, p->nodes, p->nodes, mem), edges = shelve(of, p->edge_count, p->nodes, mem);
    for (uint32_t g = 0; g < p->nodes; g++) {
        uint32_t n = nodes.starts[g + 1] - nodes.starts[g], *members = nodes.items + nodes.starts[g];
        if (n < CUT_MIN || n > CUT_MAX)
            continue;
        CLEANUP(arena_done) Arena own = { 0 };
        Cutting c = { n, arena_new(&own, int64_t, (size_t)n * n), members };
        for (uint32_t i = 0; i < n; i++)
            place[members[i]] = i;
        weigh(p, rules, place, &c, edges.items + edges.starts[g], edges.starts[g + 1] - edges.starts[g]);
        bind_decided(p, place, old, g, &c);
        take_apart(c, rules, &own, label, counts);
    }
}
