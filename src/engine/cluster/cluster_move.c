/* cluster_move.c: a record that one heavy pair pulled into the wrong group goes where most speak for it.
 *
 * Joining strongest first lets a single bad but heavy pair take a record before its own group has formed. So
 * each record is asked again: with which group does it share more support, both in all and for each member?
 * Records that a person tied to another stay. Asked in order of place, for a few rounds or until none moves.
 */
#include "engine/cluster/cluster_inside.h"
#include <string.h>

enum { ROUNDS_MAX = 6, JOINS = 1000 /* the support of a pair at the joining threshold */ };

typedef struct Near { uint32_t other; int64_t support; bool apart, joins; } Near;   /* joins: heavy enough */
typedef struct Moving {
    const ClusterPart *part;
    size_t   *at;            /* the near ones of node i: at[i] .. at[i + 1] */
    Near     *near;
    bool     *tied;
    uint32_t *size;
    int64_t  *sum;           /* by group: support of the node that is being asked */
    uint32_t *barred;        /* by group: node + 1 that may not go there */
    uint32_t *open;          /* by group: node + 1 that a heavy pair could have led there */
} Moving;

static void near_put(Moving *m, uint32_t a, uint32_t b, int64_t support, bool apart)
{
    bool joins = support >= JOINS;
    m->near[m->at[a + 1]++] = (Near){ b, support, apart, joins };
    m->near[m->at[b + 1]++] = (Near){ a, support, apart, joins };
}

static void near_build(Moving *m, const ClusterRules *rules, Arena *mem)
{
    const ClusterPart *p = m->part;
    m->at = arena_new(mem, size_t, (size_t)p->nodes + 2);
    m->near = arena_new(mem, Near, 2 * (p->edge_count + p->apart_count));
    m->tied = arena_new(mem, bool, p->nodes);
    for (size_t i = 0; i < p->edge_count; i++) {
        m->at[p->edges[i].a + 2]++;
        m->at[p->edges[i].b + 2]++;
    }
    for (size_t i = 0; i < p->apart_count; i++) {
        m->at[p->apart[i].a + 2]++;
        m->at[p->apart[i].b + 2]++;
    }
    for (uint32_t i = 2; i < p->nodes + 2; i++)
        m->at[i] += m->at[i - 1];
    for (size_t i = 0; i < p->edge_count; i++)
        near_put(m, p->edges[i].a, p->edges[i].b, cluster_support(&p->edges[i], rules), false);
    for (size_t i = 0; i < p->apart_count; i++)
        near_put(m, p->apart[i].a, p->apart[i].b, 0, true);
    for (size_t i = 0; i < p->same_count; i++)
        m->tied[p->same[i].a] = m->tied[p->same[i].b] = true;
}

/* The group that speaks most for node i: its own unless another does so clearly. */
static uint32_t best_of(const Moving *m, const uint32_t *label, uint32_t i)
{
    uint32_t own = label[i], best = own;
    double own_each = m->size[own] > 1 ? (double)m->sum[own] / (m->size[own] - 1) : 0;
    for (size_t k = m->at[i]; k < m->at[i + 1]; k++) {
        uint32_t g = label[m->near[k].other];
        double each = (double)m->sum[g] / m->size[g];
        if (g == own || m->barred[g] == i + 1 || m->open[g] != i + 1 || m->sum[g] <= m->sum[own] ||
            each <= own_each)
            continue;
        if (best == own || m->sum[g] > m->sum[best] || (m->sum[g] == m->sum[best] && g < best))
            best = g;
    }
    return best;
}

static bool ask(Moving *m, uint32_t *label, uint32_t i)
{
    for (size_t k = m->at[i]; k < m->at[i + 1]; k++) {
        uint32_t g = label[m->near[k].other];
        m->sum[g] += m->near[k].support;
        if (m->near[k].apart)
            m->barred[g] = i + 1;
        if (m->near[k].joins)
            m->open[g] = i + 1;
    }
    uint32_t to = best_of(m, label, i), from = label[i];
    for (size_t k = m->at[i]; k < m->at[i + 1]; k++)
        m->sum[label[m->near[k].other]] = 0;
    if (to == from)
        return false;
    m->size[from]--;
    m->size[to]++;
    label[i] = to;
    return true;
}

/* Names each group after its first node again: the one it was called after may have moved. */
static void rename_groups(uint32_t *label, uint32_t count, Arena *mem)
{
    uint32_t *first = arena_new(mem, uint32_t, count);
    memset(first, 0xff, count * sizeof *first);
    for (uint32_t i = 0; i < count; i++) {
        if (first[label[i]] == CLUSTER_NONE)
            first[label[i]] = i;
        label[i] = first[label[i]];
    }
}

void cluster_move(const ClusterPart *p, const ClusterRules *rules, Arena *mem, uint32_t *label)
{
    Moving m = { .part = p };
    near_build(&m, rules, mem);
    m.size = arena_new(mem, uint32_t, p->nodes);
    m.sum = arena_new(mem, int64_t, p->nodes);
    m.open = arena_new(mem, uint32_t, p->nodes);
    m.barred = arena_new(mem, uint32_t, p->nodes);
    for (uint32_t i = 0; i < p->nodes; i++)
        m.size[label[i]]++;
    bool moved = true;
    for (int round = 0; moved && round < ROUNDS_MAX; round++) {
        moved = false;
        memset(m.barred, 0, p->nodes * sizeof *m.barred);
        memset(m.open, 0, p->nodes * sizeof *m.open);
        for (uint32_t i = 0; i < p->nodes; i++)
            moved = (!m.tied[i] && m.size[label[i]] > 1 && ask(&m, label, i)) || moved;
    }
    rename_groups(label, p->nodes, mem);
}
