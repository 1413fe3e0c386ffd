/* linkage_sweep.h: every candidate pair of a counted plan, once, on several threads: its pattern counted or,
 * with a model, its weight given to whoever keeps pairs (a pair that cannot reach keep_bits is left as soon
 * as that is certain).
 *
 * A whole sweep takes the pairs in the order of their rows (linkage_candidates.h); one rule by itself
 * (by_rule) as its blocks come, some blocks of it where it has more pairs than are wanted. */
#pragma once
#include "engine/linkage/linkage_blocks.h"
#include "engine/linkage/linkage_run.h"
#include "engine/linkage/linkage_weigh.h"

/* One a thread: takes a pair that scores. */
typedef struct LinkKeeper LinkKeeper;
typedef bool LinkKeep(LinkKeeper *keeper, LinkPair pair, Err *err);

/* Told when the buckets before `buckets` are done, between them all threads at rest; `seen_pairs` and
 * `rule_pairs` are of this sweep so far. */
typedef bool LinkMilestone(void *ctx, uint64_t buckets, uint64_t seen_pairs, const uint64_t *rule_pairs,
                           Err *err);

typedef struct LinkSweep {
    const LinkColumns *c;
    const LinkPlan    *plan;
    size_t             rule_from, rule_to;
    bool by_rule; /* one rule; what earlier rules give is counted too, apart (`repeats`) */
    uint64_t           sample_pairs;      /* by_rule: one with more is sampled by block; 0: all */
    uint64_t           seed;
    const LinkModel   *model;             /* NULL: only count */
    const LinkTerms   *terms;
    double             keep_bits;
    LinkKeep          *keep;
    LinkKeeper       **keepers;           /* one a thread */
    unsigned           threads;
    LinkProgress      *progress;
    void              *ctx;
    uint64_t           skip_buckets;      /* left out: an earlier run did them, */
    uint64_t           skip_pairs;        /* of so many pairs */
    uint64_t           at_once;           /* pairs dealt at a time; 0: as many as are usual */
    LinkMilestone     *milestone;         /* NULL: nobody wants to know */
    void              *milestone_ctx;
} LinkSweep;

typedef struct LinkSwept {
    LinkPatternTable first, repeats;      /* pairs this rule found first; pairs an earlier one had found */
    uint64_t         rule_pairs[LINK_RULES_MAX];    /* first found, by rule */
    uint64_t         seen_pairs;
} LinkSwept;

MUST_USE bool link_sweep(const LinkSweep *s, Arena *mem, LinkSwept *out, Err *err);
