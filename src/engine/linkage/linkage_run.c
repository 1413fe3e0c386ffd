#include "engine/linkage/linkage_run.h"
#include "engine/linkage/linkage_resume.h"

enum { LOST_WHEN_STOPPED = 8 << 20 };      /* pairs: some seconds' work */

typedef struct Run {
    LinkStore      *store;
    LinkResume     *resume;
    LinkResumeState before;       /* what an earlier run had done */
} Run;

static bool milestone(void *ctx, uint64_t buckets, uint64_t seen_pairs, const uint64_t *rule_pairs, Err *err)
{
    Run            *run = ctx;
    LinkResumeState state = { buckets, run->before.seen_pairs + seen_pairs, { 0 } };
    for (size_t r = 0; r < LINK_RULES_MAX; r++)
        state.rule_pairs[r] = run->before.rule_pairs[r] + rule_pairs[r];
    return link_resume_add(run->resume, &state, run->store, err);
}

/* Takes over what an earlier run had done, and tells the sweep to leave it out. */
static bool go_on(Run *run, LinkSweep *s, const LinkRunOptions *options, Arena *mem, Err *err)
{
    if (!options->resume_path)
        return true;
    s->at_once = s->at_once ? s->at_once : LOST_WHEN_STOPPED;
    if (!link_resume_open(mem, options->resume_path, s, &run->resume, err) ||
        !link_resume_replay(run->resume, s->keepers[0], err))
        return false;
    run->before = link_resume_state(run->resume);
    link_store_remember_fresh(run->store);
    s->skip_buckets = run->before.buckets;
    s->skip_pairs = run->before.seen_pairs;
    s->milestone = milestone;
    s->milestone_ctx = run;
    return true;
}

static LinkRunCounts counts_of(const Run *run, const LinkSwept *swept, const LinkPairs *pairs)
{
    LinkRunCounts counts = { .spilled = link_store_spilled(run->store) };
    size_t        kept;
    for (size_t r = 0; r < LINK_RULES_MAX; r++) {
        counts.rule_pairs[r] = run->before.rule_pairs[r] + swept->rule_pairs[r];
        counts.candidate_pairs += counts.rule_pairs[r];
    }
    (void)link_pairs_all(pairs, &kept);
    counts.kept = kept;
    return counts;
}

bool link_pairs(const LinkColumns *c, const LinkModel *model, const LinkPlan *plan,
                const LinkRunOptions *options, LinkPairs **pairs, LinkRunCounts *counts, Err *err)
{
    Arena       scratch = { 0 };
    LinkTerms   terms = link_terms_make(model, c, &scratch);
    unsigned    threads = options->threads ? options->threads : 1;
    Run         run = { .store = link_store_new(threads, options->memory_bytes, options->spill_folder) };
    LinkKeeper **keepers = arena_new(&scratch, LinkKeeper *, threads);
    LinkSwept   swept;
    for (unsigned i = 0; i < threads; i++)
        keepers[i] = link_store_keeper(run.store, i);
    LinkSweep s = { .c = c,
                    .plan = plan,
                    .rule_to = plan->rule_count,
                    .model = model,
                    .terms = &terms,
                    .keep_bits = options->keep_bits,
                    .keep = link_keep,
                    .keepers = keepers,
                    .threads = threads,
                    .at_once = options->at_once,
                    .progress = options->progress,
                    .ctx = options->ctx };
    bool ok = go_on(&run, &s, options, &scratch, err) && link_sweep(&s, &scratch, &swept, err) &&
              link_store_end(run.store, pairs, err);
    if (ok)
        *counts = counts_of(&run, &swept, *pairs);
    link_resume_done(run.resume, ok);
    link_store_done(run.store);
    arena_done(&scratch);
    return ok || err_while(err, "scoring candidate pairs");
}
