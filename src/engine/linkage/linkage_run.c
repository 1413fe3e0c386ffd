#include "engine/linkage/linkage_run.h"
#include <stdlib.h>
#include <string.h>
#include "base/map.h"
#include "engine/linkage/linkage_keep.h"
#include "engine/linkage/linkage_sweep.h"

bool link_pairs(const LinkColumns *c, const LinkModel *model, const LinkPlan *plan,
                const LinkRunOptions *options, LinkPairs **pairs, LinkRunCounts *counts, Err *err)
{
    Arena       scratch = { 0 };
    LinkTerms   terms = link_terms_make(model, c, &scratch);
    unsigned    threads = options->threads ? options->threads : 1;
    LinkStore  *store = link_store_new(threads, options->memory_bytes, options->spill_folder);
    LinkKeeper **keepers = arena_new(&scratch, LinkKeeper *, threads);
    LinkSwept   swept;
    for (unsigned i = 0; i < threads; i++)
        keepers[i] = link_store_keeper(store, i);
    LinkSweep s = { .c = c,
                    .plan = plan,
                    .rule_to = plan->rule_count,
                    .model = model,
                    .terms = &terms,
                    .keep_bits = options->keep_bits,
                    .keep = link_keep,
                    .keepers = keepers,
                    .threads = threads,
                    .progress = options->progress,
                    .ctx = options->ctx };
    bool ok = link_sweep(&s, &scratch, &swept, err) && link_store_end(store, pairs, err);
    if (ok) {
        *counts = (LinkRunCounts){ .spilled = link_store_spilled(store) };
        for (size_t r = 0; r < LINK_RULES_MAX; r++) {
            counts->rule_pairs[r] = swept.rule_pairs[r];
            counts->candidate_pairs += swept.rule_pairs[r];
        }
        size_t kept;
        (void)link_pairs_all(*pairs, &kept);
        counts->kept = kept;
    }
    link_store_done(store);
    arena_done(&scratch);
    return ok || err_while(err, "scoring candidate pairs");
}
