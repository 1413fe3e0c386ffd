/* weigh.h: after linking by strong identifiers, each new or changed record is weighed against the base.
 *
 * A pair above the review threshold becomes a fact (link.suggested) with its weight, model and reasons. Pairs
 * above the linking threshold, with evidence of more than one kind, may make two nominals one: clusters are
 * formed over all such pairs under what people decided (engine/cluster/cluster.h), and only what one cluster
 * holds is merged, into the oldest. Nothing is ever merged that a person kept apart. */
#pragma once
#include "link/base.h"

/* Weighs what was not weighed yet. *done: records weighed. */
MUST_USE bool weigh_pending(Ledger *ledger, Db *db, LinkBase *base, const Hand *hand, size_t *done, Err *err);

/* ---- the state of linking, for people */
typedef struct WeighCount { const char *what; int64_t count; } WeighCount;
typedef struct WeighHousehold { int64_t *nominals; size_t count; const char *shares; } WeighHousehold;
typedef struct WeighCommon { const char *kind, *value; int64_t nominals; } WeighCommon;
typedef struct WeighReport {
    const char *model;
    Thresholds  thresholds;
    size_t      records;
    WeighCount *outcomes, *answers;
    size_t      outcome_count, answer_count;
    size_t true_pairs, lost_pairs; /* pairs known to be one by other evidence, and those blocking misses */
    WeighHousehold *households;
    size_t      household_count;
    WeighCommon *common;                     /* values too common to tell people apart, most common first */
    size_t      common_count;
} WeighReport;
MUST_USE bool weigh_report(Db *db, Arena *mem, LinkBase *base, const Viewer *viewer, int64_t operation,
                           Date day, WeighReport *out, Err *err);
