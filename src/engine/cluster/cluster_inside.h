/* cluster_inside.h: one connected part, clustered by itself. Shared by the full run and by the growing base,
 * which is why both give the same. */
#pragma once
#include "engine/cluster/cluster.h"

/* Nodes are numbered 0..nodes-1 in the order ties are broken by. Edges have a < b, each pair once, sorted by
 * a then b; constraints likewise. */
typedef struct ClusterPart {
    uint32_t           nodes;
    const ClusterEdge *edges;
    size_t             edge_count;
    const ClusterPair *same, *apart;
    size_t             same_count, apart_count;
} ClusterPart;

/* label[i]: a node that stands for i's cluster, itself of that cluster. Works in `mem`. */
void cluster_part(const ClusterPart *part, const ClusterRules *rules, Arena *mem, uint32_t *label,
                  ClusterCounts *counts);
/* Moves single records to the group that speaks more for them. */
void cluster_move(const ClusterPart *part, const ClusterRules *rules, Arena *mem, uint32_t *label);
/* Takes apart the clusters of two nodes and more that one weak spot holds together. */
void cluster_cut(const ClusterPart *part, const ClusterRules *rules, Arena *mem, uint32_t *label,
                 ClusterCounts *counts);

static inline bool cluster_shareable(const ClusterEdge *e, const ClusterRules *r)
{
    return e->aspects != 0 && (e->aspects & ~r->shareable) == 0;
}

/* How far an edge speaks for its ends being one, in thousandths of an edge; a very heavy one counts twice.
 * In whole numbers, so that the order in which they are added up cannot matter. */
static inline int64_t cluster_support(const ClusterEdge *e, const ClusterRules *r)
{
    double bits = (double)e->weight_bits;
    if (cluster_shareable(e, r) || bits < r->support_bits)
        return 0;
    if (bits < r->join_bits)
        return 500;
    return r->join_bits > 0 && bits < 2 * r->join_bits ? (int64_t)(1000 * bits / r->join_bits) : 2000;
}

/* Clusters and households of a part under the nodes' own numbers: nodes[i] is the number of node i; written
 * to cluster[number] and household[number]. */
void cluster_part_named(const ClusterPart *part, const ClusterRules *rules, const uint32_t *nodes, Arena *mem,
                        uint32_t *cluster, uint32_t *household, ClusterCounts *counts);

/* Orders nodes (keys may be NULL) and writes their places; for the callers of cluster_part. */
void cluster_order(const uint64_t *keys, const uint32_t *nodes, uint32_t count, Arena *mem,
                   uint32_t *by_place);
/* Sorts by (a, b) and joins doubles; returns how many are left. Ends must have a < b. */
size_t cluster_edges_tidy(ClusterEdge *edges, size_t count);
size_t cluster_pairs_tidy(ClusterPair *pairs, size_t count);
/* household[i] of each node from labels: a node that stands for it, or CLUSTER_NONE. */
void cluster_households(const ClusterPart *part, const ClusterRules *rules, Arena *mem, const uint32_t *label,
                        uint32_t *household, ClusterCounts *counts);
