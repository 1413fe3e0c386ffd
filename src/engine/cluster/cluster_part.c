/* cluster_part.c: joins the groups of one connected part, strongest pair first.
 *
 * What is known between two groups is one Between: how many pairs speak for a join, and whether someone in
 * one is kept apart from someone in the other. When two groups join, the one with fewer neighbours hands its
 * Betweens to the other, so a Between moves at most log n times. A join refused for want of support is asked
 * again in the next pass, since either group may have grown; passes end when one joins nothing. */
#include "engine/cluster/cluster_inside.h"
#include <stdlib.h>
#include <string.h>
#include "engine/forest.h"

enum { PASSES_MAX = 64 };

typedef struct Between {
    uint64_t key;            /* lower group << 32 | higher, plus one: 0 is a free slot */
    int64_t  support;
    bool     apart;
} Between;

typedef struct Group {
    uint32_t  size, near_count;
    size_t    near_cap;
    uint32_t *near;          /* groups there is a Between with, some under names they no longer have */
} Group;

typedef struct Joining {
    const ClusterPart  *part;
    const ClusterRules *rules;
    Arena              *mem;
    uint32_t           *parent;
    Group              *groups;
    Between            *table;
    size_t              slots, used;
    ClusterCounts      *counts;
} Joining;

static uint64_t between_key(uint32_t a, uint32_t b)
{
    uint64_t lo = a < b ? a : b, hi = a < b ? b : a;
    return (lo << 32 | hi) + 1;
}

static size_t slot_of(const Between *table, size_t slots, uint64_t key)
{
    size_t at = (size_t)(key * 0x9E3779B97F4A7C15u >> 20) & (slots - 1);
    while (table[at].key && table[at].key != key)
        at = (at + 1) & (slots - 1);
    return at;
}

static void table_grow(Joining *j)
{
    size_t slots = j->slots ? j->slots * 2 : 64;
    while (slots < 2 * (j->part->edge_count + j->part->apart_count))
        slots *= 2;
    Between *table = arena_new(j->mem, Between, slots);
    for (size_t i = 0; i < j->slots; i++)
        if (j->table[i].key)
            table[slot_of(table, slots, j->table[i].key)] = j->table[i];
    j->table = table;
    j->slots = slots;
}

static const Between *between_find(const Joining *j, uint32_t a, uint32_t b)
{
    const Between *t = &j->table[slot_of(j->table, j->slots, between_key(a, b))];
    return t->key ? t : NULL;
}

static void near_add(Joining *j, uint32_t a, uint32_t b)
{
    Group *g = &j->groups[a];
    size_t count = g->near_count;
    *arena_push(j->mem, g->near, count, g->near_cap) = b;
    g->near_count = (uint32_t)count;
}

static void between_add(Joining *j, uint32_t a, uint32_t b, int64_t support, bool apart)
{
    if (2 * (j->used + 1) > j->slots)
        table_grow(j);
    Between *t = &j->table[slot_of(j->table, j->slots, between_key(a, b))];
    if (!t->key) {
        t->key = between_key(a, b);
        j->used++;
        near_add(j, a, b);
        near_add(j, b, a);
    }
    t->support += support;
    t->apart = t->apart || apart;
}

static void groups_join(Joining *j, uint32_t a, uint32_t b)
{
    uint32_t keep = j->groups[a].near_count >= j->groups[b].near_count ? a : b, drop = keep == a ? b : a;
    Group *g = &j->groups[drop];
    j->parent[drop] = keep;
    j->groups[keep].size += g->size;
    for (uint32_t i = 0; i < g->near_count; i++) {
        uint32_t other = g->near[i];
        while (j->parent[other] != other)
            other = j->parent[other];
        Between *t = &j->table[slot_of(j->table, j->slots, between_key(drop, other))];
        if (other == keep || !t->key || (!t->support && !t->apart))
            continue;
        int64_t support = t->support;
        bool apart = t->apart;
        t->support = 0; /* the slot stays, so that later ones are still found */
        t->apart = false;
        between_add(j, keep, other, support, apart);
    }
    g->near_count = 0;
}

static void decided_join(Joining *j)
{
    for (size_t i = 0; i < j->part->same_count; i++) {
        uint32_t a = forest_top(j->parent, j->part->same[i].a), b = forest_top(j->parent, j->part->same[i].b);
        if (a == b)
            continue;
        const Between *t = between_find(j, a, b);
        if (t && t->apart)
            j->counts->refused_apart++;
        else
            groups_join(j, a, b);
    }
}

static int heavier_first(const void *pa, const void *pb)
{
    const ClusterEdge *a = pa, *b = pb;
    if (a->weight_bits != b->weight_bits)
        return a->weight_bits > b->weight_bits ? -1 : 1;
    if (a->a != b->a)
        return a->a < b->a ? -1 : 1;
    return a->b < b->b ? -1 : a->b > b->b;
}

static bool thick_enough(const Joining *j, const Between *t, uint32_t a, uint32_t b)
{
    double pairs = (double)j->groups[a].size * (double)j->groups[b].size;
    return (double)t->support >= 1000 * j->rules->join_share * pairs;
}

/* Returns how many joins it made; `last` counts what is still refused. */
static size_t pass(Joining *j, const ClusterEdge *edges, size_t *count, ClusterCounts *refused)
{
    size_t joins = 0, left = 0;
    ClusterEdge *kept = (ClusterEdge *)edges;
    *refused = (ClusterCounts){ 0 };
    for (size_t i = 0; i < *count; i++) {
        uint32_t a = forest_top(j->parent, edges[i].a), b = forest_top(j->parent, edges[i].b);
        if (a == b)
            continue;
        const Between *t = between_find(j, a, b);
        if (t && t->apart) { /* for good: nothing that joins them later takes it away */
            j->counts->refused_apart++;
            continue;
        }
        if (t && thick_enough(j, t, a, b)) {
            groups_join(j, a, b);
            joins++;
            continue;
        }
        refused->refused_thin++;
        kept[left++] = edges[i];
    }
    *count = left;
    return joins;
}

static void strongest_join(Joining *j)
{
    const ClusterPart *p = j->part;
    ClusterEdge *edges = arena_new(j->mem, ClusterEdge, p->edge_count);
    ClusterCounts refused = { 0 };
    size_t count = 0;
    for (size_t i = 0; i < p->edge_count; i++)
        if ((double)p->edges[i].weight_bits >= j->rules->join_bits &&
            !cluster_shareable(&p->edges[i], j->rules))
            edges[count++] = p->edges[i];
    qsort(edges, count, sizeof *edges, heavier_first);
    for (int i = 0; i < PASSES_MAX && count && pass(j, edges, &count, &refused); i++)
        continue;
    j->counts->refused_thin += refused.refused_thin;
}

void cluster_part(const ClusterPart *p, const ClusterRules *rules, Arena *mem, uint32_t *label,
                  ClusterCounts *counts)
{
    Joining j = { .part = p, .rules = rules, .mem = mem, .parent = label, .counts = counts };
    j.groups = arena_new(mem, Group, p->nodes);
    for (uint32_t i = 0; i < p->nodes; i++) {
        label[i] = i;
        j.groups[i].size = 1;
    }
    table_grow(&j);
    for (size_t i = 0; i < p->edge_count; i++)
        if (cluster_support(&p->edges[i], rules))
            between_add(&j, p->edges[i].a, p->edges[i].b, cluster_support(&p->edges[i], rules), false);
    for (size_t i = 0; i < p->apart_count; i++)
        between_add(&j, p->apart[i].a, p->apart[i].b, 0, true);
    decided_join(&j);
    strongest_join(&j);
    for (uint32_t i = 0; i < p->nodes; i++)
        label[i] = forest_top(label, i);
    cluster_move(p, rules, mem, label);
    cluster_cut(p, rules, mem, label, counts);
}

/* ---- households */

void cluster_households(const ClusterPart *p, const ClusterRules *rules, Arena *mem, const uint32_t *label,
                        uint32_t *household, ClusterCounts *counts)
{
    uint32_t *parent = arena_new(mem, uint32_t, p->nodes), *size = arena_new(mem, uint32_t, p->nodes);
    uint8_t *met = arena_new(mem, uint8_t, p->nodes);
    for (uint32_t i = 0; i < p->nodes; i++)
        parent[i] = label[i];
    for (size_t i = 0; i < p->edge_count; i++) {
        uint32_t a = forest_top(parent, p->edges[i].a), b = forest_top(parent, p->edges[i].b);
        if (!cluster_shareable(&p->edges[i], rules) || a == b)
            continue;
        parent[a] = b;
    }
    for (uint32_t i = 0; i < p->nodes; i++)
        size[forest_top(parent, i)] += label[i] == i;
    for (uint32_t i = 0; i < p->nodes; i++) {
        uint32_t t = forest_top(parent, i);
        bool lives = size[t] >= 2 && size[t] <= rules->household_max;
        household[i] = lives ? t : CLUSTER_NONE;
        counts->households += lives && !met[t];
        met[t] = 1;
    }
}

/* ---- under their own numbers */

/* Each group is called after its smallest number. */
static void name_groups(const uint32_t *group, const uint32_t *nodes, uint32_t count, Arena *mem,
                        uint32_t *out)
{
    uint32_t *least = arena_new(mem, uint32_t, count);
    memset(least, 0xff, count * sizeof *least);
    for (uint32_t i = 0; i < count; i++)
        if (group[i] != CLUSTER_NONE && nodes[i] < least[group[i]])
            least[group[i]] = nodes[i];
    for (uint32_t i = 0; i < count; i++)
        out[nodes[i]] = group[i] == CLUSTER_NONE ? CLUSTER_NONE : least[group[i]];
}

static size_t groups_of_two(const uint32_t *label, uint32_t count, Arena *mem)
{
    uint32_t *size = arena_new(mem, uint32_t, count);
    size_t found = 0;
    for (uint32_t i = 0; i < count; i++)
        found += ++size[label[i]] == 2;
    return found;
}

void cluster_part_named(const ClusterPart *p, const ClusterRules *rules, const uint32_t *nodes, Arena *mem,
                        uint32_t *cluster, uint32_t *household, ClusterCounts *counts)
{
    uint32_t *label = arena_new(mem, uint32_t, p->nodes), *home = arena_new(mem, uint32_t, p->nodes);
    cluster_part(p, rules, mem, label, counts);
    cluster_households(p, rules, mem, label, home, counts);
    counts->clusters += groups_of_two(label, p->nodes, mem);
    name_groups(label, nodes, p->nodes, mem, cluster);
    name_groups(home, nodes, p->nodes, mem, household);
}
