/* cluster.h: scored pairs become groups of one identity each, without letting one bad pair join two families.
 *
 * Records are numbers from 0, pairs are edges with a weight in bits and a mask of the aspects that agreed.
 * Strongest first, two groups join when enough of the pairs between them speak for it, so a long thin chain
 * stops growing; a group that one weak spot still holds together is cut there. Households (pairs that agree
 * on nothing but what can be shared: a phone, a network address, a family computer) are found as households
 * and never make an identity.
 *
 * Invariants: (1) the order of edges and constraints changes nothing, and with `keys` neither does the
 * numbering of records; (2) two records kept apart are never in one cluster, whatever else is said; (3) an
 * edge resting only on shareable aspects never joins a cluster; (4) each connected part is clustered by
 * itself, so a base settled after any stream of changes equals one full run. Time is near-linear in edges. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"

enum { CLUSTER_NONE = 0xFFFFFFFF };

typedef struct ClusterEdge {
    uint32_t a, b;             /* either order; given twice: the heavier weight, both masks */
    float    weight_bits;
    uint32_t aspects;          /* one bit each aspect that agreed; 0: not stated, counts as identity */
} ClusterEdge;
typedef struct ClusterPair { uint32_t a, b; } ClusterPair;

typedef struct ClusterRules {
    double   join_bits;        /* an edge at least this heavy may join two groups */
    double   support_bits;     /* one at least this heavy speaks for it half as much */
    double   join_share;       /* of the pairs between two groups, how many must speak for a join: 0..1 */
    double   cut_share;        /* of the pairs across a cut, fewer than this and the group falls apart */
    uint32_t shareable;        /* mask of aspects strangers or a household can share */
    uint32_t household_max;    /* more records than this share by accident, not by living together */
} ClusterRules;
/* The usual rules for a model's thresholds. */
ClusterRules cluster_rules(double link_bits, double review_bits, uint32_t shareable);

typedef struct ClusterInput {
    uint32_t           nodes;
    const uint64_t *keys; /* of each record, to break ties by (a digest of its content); NULL: its number */
    const ClusterEdge *edges;
    size_t             edge_count;
    const ClusterPair *same;   /* must be one: a person decided so; yields to `apart` */
    size_t             same_count;
    const ClusterPair *apart;  /* must not be: a decision or a contradiction */
    size_t             apart_count;
} ClusterInput;

typedef struct ClusterCounts {
    size_t clusters;           /* of two records or more */
    size_t households;         /* of two clusters or more */
    size_t refused_apart;      /* joins not made: someone in one is kept apart from someone in the other */
    size_t refused_thin;       /* joins not made: too few pairs spoke for them */
    size_t cuts;               /* groups that fell apart at their weakest cut */
} ClusterCounts;
typedef struct ClusterResult {
    uint32_t     *cluster;     /* of each record: the smallest number in its cluster (by itself: its own) */
    uint32_t     *household;   /* the smallest number in its household; CLUSTER_NONE: no household */
    ClusterCounts counts;
} ClusterResult;

/* One full run. The result is in `mem`. Records beyond `nodes` in an edge are a caller's mistake (assert). */
void cluster_all(const ClusterInput *input, const ClusterRules *rules, Arena *mem, ClusterResult *out);

/* A base that grows: changes are collected, and settling reclusters only the parts they touch. */
typedef struct ClusterBase ClusterBase;
ClusterBase *cluster_base_new(const ClusterRules *rules);
void cluster_base_done(ClusterBase *base);                                /* accepts NULL */
/* Adds a record; returns its number. `key` as ClusterInput.keys (its number if none). */
uint32_t cluster_base_add(ClusterBase *base, uint64_t key);
/* Sets the edge of two records, or takes it away (weight_bits below both thresholds does not). */
void cluster_base_edge(ClusterBase *base, const ClusterEdge *edge);
void cluster_base_unedge(ClusterBase *base, uint32_t a, uint32_t b);
typedef enum ClusterTie { CLUSTER_FREE, CLUSTER_SAME, CLUSTER_APART } ClusterTie;
/* What was decided of two records; the latest holds. */
void cluster_base_tie(ClusterBase *base, uint32_t a, uint32_t b, ClusterTie tie);
/* Reclusters what was touched. *changed (in mem): the records whose cluster or household is another now. */
void cluster_base_settle(ClusterBase *base, Arena *mem, uint32_t **changed, size_t *count);
uint32_t cluster_base_cluster(const ClusterBase *base, uint32_t node);
uint32_t cluster_base_household(const ClusterBase *base, uint32_t node);
