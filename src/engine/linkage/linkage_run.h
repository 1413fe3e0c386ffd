/* linkage_run.h: training and scoring over all candidate pairs of a plan.
 *
 * Pairs become pattern numbers and patterns are counted, so training and weighing run over some thousands of
 * patterns whatever the number of pairs. Seeded and repeatable; the number of threads and the order of rows
 * change no score. Beyond `memory_bytes` the pairs kept are spilled to a temporary file. */
#pragma once
#include "engine/linkage/linkage_blocking.h"
#include "engine/linkage/linkage_model.h"

typedef struct LinkPair { uint32_t a, b; float weight_bits; } LinkPair;     /* a < b */

/* Called now and then from the calling thread; false stops the run (ERR_CONFLICT). */
typedef bool LinkProgress(void *ctx, uint64_t pairs_done, uint64_t pairs_all);

typedef struct LinkRunOptions {
    unsigned      threads;        /* 0: one */
    uint64_t      seed;
    double        keep_bits;      /* pairs below are counted and dropped */
    size_t        memory_bytes;   /* for kept pairs; 0: no limit */
    const char   *spill_folder;   /* NULL: TMPDIR or /tmp */
    const char *resume_path; /* of link_pairs: a file to go on from, if the run it holds is this one, and to
                                leave behind if this one is stopped (linkage_resume.h); NULL: none */
    uint64_t      at_once;        /* pairs dealt at a time, and lost when stopped; 0: as many as are usual */
    LinkProgress *progress;
    void         *ctx;
} LinkRunOptions;

/* u by sampling, m by EM over the plan's rules as passes. The model is fitted to the columns; its report says
 * what could not be estimated. `prior` starts and steadies it (link_model_by_hand). */
MUST_USE bool link_model_train(const LinkColumns *c, const LinkPlan *plan, const LinkModel *prior,
                               const LinkRunOptions *options, LinkModel *model, Err *err);

typedef struct LinkPairs LinkPairs;   /* kept pairs, sorted by a then b; in memory or spilled */
typedef struct LinkRunCounts {
    uint64_t candidate_pairs;
    uint64_t rule_pairs[LINK_RULES_MAX];   /* found first by each rule */
    uint64_t kept;
    bool     spilled;
} LinkRunCounts;
MUST_USE bool link_pairs(const LinkColumns *c, const LinkModel *model, const LinkPlan *plan,
                         const LinkRunOptions *options, LinkPairs **pairs, LinkRunCounts *counts,
                         Err *err);
/* The whole list; of a spilled run it is mapped. Lives until link_pairs_done. */
const LinkPair *link_pairs_all(const LinkPairs *pairs, size_t *count);
void link_pairs_done(LinkPairs *pairs);    /* accepts NULL */
