/* cluster_base.c: clusters that grow with their base.
 *
 * Each record keeps a list of its neighbours (an edge, a decision, or both). A change marks both ends;
 * settling walks out from the marked ones to the whole connected part and clusters that again, so what it
 * costs is the size of the part and not of the base. A part that fell in two is found from either end, since
 * both ends of what was taken away are marked. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "engine/cluster/cluster.h"
#include "engine/cluster/cluster_inside.h"

typedef struct Tie {
    uint32_t   other, aspects;
    float      weight_bits;
    bool       edge;
    ClusterTie decided;
} Tie;

typedef struct Node {
    Tie     *ties;
    size_t   count, cap;
    uint32_t place;          /* in the part that is being settled */
    bool     marked, reached;
} Node;

struct ClusterBase {
    Arena        mem;
    ClusterRules rules;
    Node        *nodes;
    uint64_t    *keys;        /* of each node, as are cluster and household */
    uint32_t    *cluster, *household;
    size_t       count, cap, key_cap, cluster_cap, household_cap;
    uint32_t    *marked;
    size_t       marked_count, marked_cap;
};

ClusterBase *cluster_base_new(const ClusterRules *rules)
{
    Arena mem = { 0 };
    ClusterBase *b = arena_new(&mem, ClusterBase, 1);
    b->mem = mem;
    b->rules = *rules;
    return b;
}

void cluster_base_done(ClusterBase *base)
{
    if (!base)
        return;
    Arena mem = base->mem; /* the base lies in its own arena */
    arena_done(&mem);
}

static void mark(ClusterBase *base, uint32_t node)
{
    if (base->nodes[node].marked)
        return;
    base->nodes[node].marked = true;
    *arena_push(&base->mem, base->marked, base->marked_count, base->marked_cap) = node;
}

uint32_t cluster_base_add(ClusterBase *base, uint64_t key)
{
    size_t keys = base->count, clusters = keys, households = keys;
    uint32_t n = (uint32_t)keys;
    *arena_push(&base->mem, base->keys, keys, base->key_cap) = key;
    *arena_push(&base->mem, base->cluster, clusters, base->cluster_cap) = n;
    *arena_push(&base->mem, base->household, households, base->household_cap) = CLUSTER_NONE;
    *arena_push(&base->mem, base->nodes, base->count, base->cap) = (Node){ 0 };
    return n;
}

/* The tie of `a` to `b`, made if there is none. */
static Tie *tie_of(ClusterBase *base, uint32_t a, uint32_t b)
{
    Node *n = &base->nodes[a];
    for (size_t i = 0; i < n->count; i++)
        if (n->ties[i].other == b)
            return &n->ties[i];
    Tie *t = arena_push(&base->mem, n->ties, n->count, n->cap);
    *t = (Tie){ .other = b };
    return t;
}

static void ends_check(const ClusterBase *base, uint32_t a, uint32_t b)
{
    assert(a < base->count && b < base->count && a != b);
}

void cluster_base_edge(ClusterBase *base, const ClusterEdge *e)
{
    const uint32_t ends[2][2] = { { e->a, e->b }, { e->b, e->a } };
    ends_check(base, e->a, e->b);
    FOR_EACH(end, ends) {
        Tie *t = tie_of(base, (*end)[0], (*end)[1]);
        t->edge = true;
        t->aspects = e->aspects;
        t->weight_bits = e->weight_bits;
        mark(base, (*end)[0]);
    }
}

/* A tie that says nothing any more leaves the list. */
static void tie_tidy(ClusterBase *base, uint32_t a, uint32_t b)
{
    Node *n = &base->nodes[a];
    for (size_t i = 0; i < n->count; i++)
        if (n->ties[i].other == b && !n->ties[i].edge && n->ties[i].decided == CLUSTER_FREE)
            n->ties[i] = n->ties[--n->count];
    mark(base, a);
}

void cluster_base_unedge(ClusterBase *base, uint32_t a, uint32_t b)
{
    ends_check(base, a, b);
    tie_of(base, a, b)->edge = tie_of(base, b, a)->edge = false;
    tie_tidy(base, a, b);
    tie_tidy(base, b, a);
}

void cluster_base_tie(ClusterBase *base, uint32_t a, uint32_t b, ClusterTie tie)
{
    ends_check(base, a, b);
    tie_of(base, a, b)->decided = tie_of(base, b, a)->decided = tie;
    tie_tidy(base, a, b);
    tie_tidy(base, b, a);
}

/* ---- settling */

typedef struct Reach { uint32_t *nodes; size_t count, cap; } Reach;

/* Kept apart is no way from one to the other, as in a full run. */
static void walk(ClusterBase *base, uint32_t from, Arena *mem, Reach *r)
{
    size_t begin = r->count;
    *arena_push(mem, r->nodes, r->count, r->cap) = from;
    base->nodes[from].reached = true;
    for (size_t at = begin; at < r->count; at++) {
        const Node *n = &base->nodes[r->nodes[at]];
        for (size_t i = 0; i < n->count; i++) {
            const Tie *t = &n->ties[i];
            if ((!t->edge && t->decided != CLUSTER_SAME) || base->nodes[t->other].reached)
                continue;
            base->nodes[t->other].reached = true;
            *arena_push(mem, r->nodes, r->count, r->cap) = t->other;
        }
    }
}

static void gather(const ClusterBase *base, const uint32_t *order, uint32_t count, Arena *mem, ClusterPart *p)
{
    ClusterEdge *edges = NULL;
    ClusterPair *same = NULL, *apart = NULL;
    size_t edge_cap = 0, same_cap = 0, apart_cap = 0;
    p->nodes = count;
    for (uint32_t i = 0; i < count; i++) {
        const Node *n = &base->nodes[order[i]];
        for (size_t k = 0; k < n->count; k++) {
            const Tie *t = &n->ties[k];
            const Node *o = &base->nodes[t->other];
            if (!o->reached || o->place >= count || order[o->place] != t->other || o->place <= i)
                continue; /* another part, or seen from the other end */
            if (t->edge)
                *arena_push(mem, edges, p->edge_count, edge_cap) =
                    (ClusterEdge){ i, o->place, t->weight_bits, t->aspects };
            if (t->decided == CLUSTER_SAME)
                *arena_push(mem, same, p->same_count, same_cap) = (ClusterPair){ i, o->place };
            if (t->decided == CLUSTER_APART)
                *arena_push(mem, apart, p->apart_count, apart_cap) = (ClusterPair){ i, o->place };
        }
    }
    p->edge_count = cluster_edges_tidy(edges, p->edge_count);
    p->same_count = cluster_pairs_tidy(same, p->same_count);
    p->apart_count = cluster_pairs_tidy(apart, p->apart_count);
    p->edges = edges;
    p->same = same;
    p->apart = apart;
}

/* Clusters the part of the nodes reached, and tells which of them moved. */
static void part_settle(ClusterBase *base, const uint32_t *nodes, uint32_t count, Arena *own, Reach *moved,
                        Arena *mem)
{
    uint32_t *order = arena_new(own, uint32_t, count);
    uint32_t *was = arena_new(own, uint32_t, count), *lived = arena_new(own, uint32_t, count);
    ClusterPart part = { 0 };
    ClusterCounts counts = { 0 };
    cluster_order(base->keys, nodes, count, own, order);
    for (uint32_t i = 0; i < count; i++) {
        base->nodes[order[i]].place = i;
        was[i] = base->cluster[order[i]];
        lived[i] = base->household[order[i]];
    }
    gather(base, order, count, own, &part);
    cluster_part_named(&part, &base->rules, order, own, base->cluster, base->household, &counts);
    for (uint32_t i = 0; i < count; i++)
        if (was[i] != base->cluster[order[i]] || lived[i] != base->household[order[i]])
            *arena_push(mem, moved->nodes, moved->count, moved->cap) = order[i];
}

void cluster_base_settle(ClusterBase *base, Arena *mem, uint32_t **changed, size_t *count)
{
    CLEANUP(arena_done) Arena own = { 0 };
    Reach all = { 0 }, moved = { 0 };
    for (size_t m = 0; m < base->marked_count; m++) {
        size_t begin = all.count;
        base->nodes[base->marked[m]].marked = false;
        if (base->nodes[base->marked[m]].reached)
            continue;
        walk(base, base->marked[m], &own, &all);
        CLEANUP(arena_done) Arena each = { 0 };
        part_settle(base, all.nodes + begin, (uint32_t)(all.count - begin), &each, &moved, mem);
    }
    for (size_t i = 0; i < all.count; i++)
        base->nodes[all.nodes[i]].reached = false;
    base->marked_count = 0;
    *changed = moved.nodes;
    *count = moved.count;
}

uint32_t cluster_base_cluster(const ClusterBase *base, uint32_t node)
{
    return base->cluster[node];
}

uint32_t cluster_base_household(const ClusterBase *base, uint32_t node)
{
    return base->household[node];
}
