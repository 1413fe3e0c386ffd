/* cluster.c: a full run: connected parts are found, and each is clustered by itself. */
#include "engine/cluster/cluster.h"
#include "engine/cluster/cluster_inside.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "engine/forest.h"

ClusterRules cluster_rules(double link_bits, double review_bits, uint32_t shareable)
{
    return (ClusterRules){ .join_bits = link_bits,
                           .support_bits = review_bits,
                           .join_share = 0.2,
                           .cut_share = 0.12,
                           .shareable = shareable,
                           .household_max = 12 };
}

typedef struct Ranked { uint64_t key; uint32_t node; } Ranked;

static int by_rank(const void *pa, const void *pb)
{
    const Ranked *a = pa, *b = pb;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return a->node < b->node ? -1 : a->node > b->node;
}

void cluster_order(const uint64_t *keys, const uint32_t *nodes, uint32_t count, Arena *mem,
                   uint32_t *by_place)
{
    Ranked *r = arena_new(mem, Ranked, count);
    for (uint32_t i = 0; i < count; i++)
        r[i] = (Ranked){ keys ? keys[nodes[i]] : nodes[i], nodes[i] };
    qsort(r, count, sizeof *r, by_rank);
    for (uint32_t i = 0; i < count; i++)
        by_place[i] = r[i].node;
}

static int by_ends(const void *pa, const void *pb)
{
    const ClusterEdge *a = pa, *b = pb;
    if (a->a != b->a)
        return a->a < b->a ? -1 : 1;
    return a->b < b->b ? -1 : a->b > b->b;
}

size_t cluster_edges_tidy(ClusterEdge *edges, size_t count)
{
    size_t left = 0;
    if (count > 1)
        qsort(edges, count, sizeof *edges, by_ends);
    for (size_t i = 0; i < count; i++) {
        ClusterEdge *last = left ? &edges[left - 1] : NULL;
        if (!last || by_ends(last, &edges[i]) != 0) {
            edges[left++] = edges[i];
            continue;
        }
        /* Either said nothing of its aspects: neither then rests only on what can be shared. */
        last->aspects = last->aspects && edges[i].aspects ? last->aspects | edges[i].aspects : 0;
        if (edges[i].weight_bits > last->weight_bits)
            last->weight_bits = edges[i].weight_bits;
    }
    return left;
}

static int by_pair(const void *pa, const void *pb)
{
    const ClusterPair *a = pa, *b = pb;
    if (a->a != b->a)
        return a->a < b->a ? -1 : 1;
    return a->b < b->b ? -1 : a->b > b->b;
}

size_t cluster_pairs_tidy(ClusterPair *pairs, size_t count)
{
    size_t left = 0;
    if (count > 1)
        qsort(pairs, count, sizeof *pairs, by_pair);
    for (size_t i = 0; i < count; i++)
        if (!left || by_pair(&pairs[left - 1], &pairs[i]) != 0)
            pairs[left++] = pairs[i];
    return left;
}

/* ---- the parts */

/* Everything of the input, counted out by part. */
typedef struct Run {
    const ClusterInput *in;
    const ClusterRules *rules;
    uint32_t *part_of, *place;
    uint32_t *node_at, *nodes;        /* nodes of part p: nodes[node_at[p]] .. nodes[node_at[p + 1] - 1] */
    size_t   *edge_at;
    ClusterEdge *edges;
    size_t *same_at, *apart_at;
    ClusterPair *same, *apart;
    uint32_t parts;
} Run;

static void parts_find(Run *r, Arena *mem)
{
    const ClusterInput *in = r->in;
    uint32_t *parent = arena_new(mem, uint32_t, in->nodes);
    r->part_of = arena_new(mem, uint32_t, in->nodes);
    for (uint32_t i = 0; i < in->nodes; i++)
        parent[i] = i;
    for (size_t i = 0; i < in->edge_count; i++) {
        assert(in->edges[i].a < in->nodes && in->edges[i].b < in->nodes);
        forest_join(parent, in->edges[i].a, in->edges[i].b);
    }
    for (size_t i = 0; i < in->same_count; i++)
        forest_join(parent, in->same[i].a, in->same[i].b);
    for (uint32_t i = 0; i < in->nodes; i++)
        r->part_of[i] = forest_top(parent, i) == i ? r->parts++ : r->part_of[forest_top(parent, i)];
}

static void nodes_deal(Run *r, Arena *mem)
{
    const ClusterInput *in = r->in;
    uint32_t *all = arena_new(mem, uint32_t, in->nodes), *sorted = arena_new(mem, uint32_t, in->nodes);
    r->place = arena_new(mem, uint32_t, in->nodes);
    r->nodes = arena_new(mem, uint32_t, in->nodes);
    r->node_at = arena_new(mem, uint32_t, (size_t)r->parts + 2);
    for (uint32_t i = 0; i < in->nodes; i++) {
        all[i] = i;
        r->node_at[r->part_of[i] + 2]++;
    }
    for (uint32_t p = 2; p < r->parts + 2; p++)
        r->node_at[p] += r->node_at[p - 1];
    const uint32_t *order = all;
    if (in->keys) {
        cluster_order(in->keys, all, in->nodes, mem, sorted);
        order = sorted;
    }
    for (uint32_t i = 0; i < in->nodes; i++)
        r->nodes[r->node_at[r->part_of[order[i]] + 1]++] = order[i];
    for (uint32_t p = 0; p < r->parts; p++)
        for (uint32_t at = r->node_at[p]; at < r->node_at[p + 1]; at++)
            r->place[r->nodes[at]] = at - r->node_at[p];
}

static void edges_deal(Run *r, Arena *mem)
{
    const ClusterInput *in = r->in;
    r->edge_at = arena_new(mem, size_t, (size_t)r->parts + 2);
    r->edges = arena_new(mem, ClusterEdge, in->edge_count);
    for (size_t i = 0; i < in->edge_count; i++)
        r->edge_at[r->part_of[in->edges[i].a] + 2]++;
    for (uint32_t p = 2; p < r->parts + 2; p++)
        r->edge_at[p] += r->edge_at[p - 1];
    for (size_t i = 0; i < in->edge_count; i++) {
        const ClusterEdge *e = &in->edges[i];
        uint32_t a = r->place[e->a], b = r->place[e->b];
        r->edges[r->edge_at[r->part_of[e->a] + 1]++] =
            (ClusterEdge){ a < b ? a : b, a < b ? b : a, e->weight_bits, e->aspects };
    }
}

/* Constraints between two parts say nothing: nothing could join them. */
static size_t *pairs_deal(const Run *r, const ClusterPair *pairs, size_t count, Arena *mem, ClusterPair **out)
{
    size_t *at = arena_new(mem, size_t, (size_t)r->parts + 2);
    *out = arena_new(mem, ClusterPair, count);
    for (size_t i = 0; i < count; i++) {
        assert(pairs[i].a < r->in->nodes && pairs[i].b < r->in->nodes);
        at[r->part_of[pairs[i].a] + 2] += r->part_of[pairs[i].a] == r->part_of[pairs[i].b];
    }
    for (uint32_t p = 2; p < r->parts + 2; p++)
        at[p] += at[p - 1];
    for (size_t i = 0; i < count; i++) {
        uint32_t p = r->part_of[pairs[i].a], a = r->place[pairs[i].a], b = r->place[pairs[i].b];
        if (p == r->part_of[pairs[i].b] && a != b)
            (*out)[at[p + 1]++] = (ClusterPair){ a < b ? a : b, a < b ? b : a };
    }
    return at;
}

/* Two records and one edge: most parts of most bases. */
static bool part_plain(const ClusterPart *p, const ClusterRules *rules)
{
    return p->nodes == 2 && p->edge_count == 1 && !p->same_count && !p->apart_count &&
           !cluster_shareable(&p->edges[0], rules) && (double)p->edges[0].weight_bits >= rules->join_bits;
}

static void part_run(const Run *r, uint32_t p, Arena *mem, ClusterResult *out)
{
    const uint32_t *nodes = r->nodes + r->node_at[p];
    ClusterPart part = { .nodes = r->node_at[p + 1] - r->node_at[p],
                         .edges = r->edges + r->edge_at[p],
                         .same = r->same + r->same_at[p],
                         .apart = r->apart + r->apart_at[p] };
    if (part.nodes == 1)
        return;
    part.edge_count = cluster_edges_tidy(r->edges + r->edge_at[p], r->edge_at[p + 1] - r->edge_at[p]);
    part.same_count = cluster_pairs_tidy(r->same + r->same_at[p], r->same_at[p + 1] - r->same_at[p]);
    part.apart_count = cluster_pairs_tidy(r->apart + r->apart_at[p], r->apart_at[p + 1] - r->apart_at[p]);
    if (part_plain(&part, r->rules)) {
        out->cluster[nodes[0]] = out->cluster[nodes[1]] = nodes[0] < nodes[1] ? nodes[0] : nodes[1];
        out->counts.clusters++;
        return;
    }
    cluster_part_named(&part, r->rules, nodes, mem, out->cluster, out->household, &out->counts);
}

void cluster_all(const ClusterInput *in, const ClusterRules *rules, Arena *mem, ClusterResult *out)
{
    CLEANUP(arena_done) Arena own = { 0 }, each = { 0 };
    Run r = { .in = in, .rules = rules };
    *out = (ClusterResult){ arena_new(mem, uint32_t, in->nodes), arena_new(mem, uint32_t, in->nodes), { 0 } };
    for (uint32_t i = 0; i < in->nodes; i++) {
        out->cluster[i] = i;
        out->household[i] = CLUSTER_NONE;
    }
    parts_find(&r, &own);
    nodes_deal(&r, &own);
    edges_deal(&r, &own);
    r.same_at = pairs_deal(&r, in->same, in->same_count, &own, &r.same);
    r.apart_at = pairs_deal(&r, in->apart, in->apart_count, &own, &r.apart);
    for (uint32_t p = 0; p < r.parts; p++) {
        part_run(&r, p, &each, out);
        arena_reset(&each);
    }
}
