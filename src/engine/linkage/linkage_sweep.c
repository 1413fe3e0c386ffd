#include "engine/linkage/linkage_sweep.h"
#include <assert.h>
#include <stdatomic.h>
#include "base/map.h"
#include "engine/linkage/linkage_candidates.h"
#include "engine/linkage/linkage_team.h"

enum { SLICE_PAIRS = 4096 };

typedef struct Worker {
    Arena        mem;
    LinkComparer comparer;
    LinkGiveUp   give_up;
    LinkSwept    out;
    LinkKeeper  *keeper;
    const LinkValue *values[LINK_FIELDS_MAX];
    const uint32_t  *rows;            /* link_columns_row of row 0 */
    Pages        spare;
    bool         failed;
    Err          err;
} Worker;

typedef struct Sweep {
    const LinkSweep *s;
    Worker          *workers;
    LinkCandidates  *candidates;      /* the buckets at hand, or */
    LinkCandidate   *sampled;         /* pairs of some of a rule's blocks, as they come */
    size_t           sampled_count;
    _Atomic uint64_t done;
    uint64_t         all_pairs;
} Sweep;

static double share_of(const LinkSweep *s, size_t rule)
{
    double pairs = (double)s->plan->rules[rule].pairs;
    return s->sample_pairs && pairs > (double)s->sample_pairs ? (double)s->sample_pairs / pairs : 1;
}

/* ---- one pair */

static inline const uint32_t *row_of(const Worker *w, uint32_t row)
{
    return w->rows + (size_t)row * LINK_FIELDS_MAX;
}

static bool pair_score(const LinkSweep *s, Worker *w, LinkCandidate pair)
{
    const uint32_t *a = row_of(w, pair.a), *b = row_of(w, pair.b);
    uint64_t        pattern;
    if (!link_pattern_reaching(&w->comparer, &w->give_up, a, b, &pattern))
        return true;
    double bits = link_weigh(s->model, &w->comparer, s->terms, pattern, a, b);
    return bits < s->keep_bits || s->keep(w->keeper, (LinkPair){ pair.a, pair.b, (float)bits }, &w->err);
}

static void pair_count(const LinkSweep *s, Worker *w, LinkCandidate pair)
{
    const LinkBlocks *blocks = s->plan->blocks;
    bool     is_new, repeat = s->by_rule && link_found_before(link_blocks_row(blocks, pair.a),
                                                              link_blocks_row(blocks, pair.b), s->rule_from);
    uint64_t pattern = link_pattern(&w->comparer, row_of(w, pair.a), row_of(w, pair.b));
    w->out.rule_pairs[s->rule_from] += s->by_rule && !repeat;
    link_pattern_at(repeat ? &w->out.repeats : &w->out.first, pattern, &is_new)->pairs++;
}

/* ---- some pairs
 *
 * Their rows lie all over memory, and what differs in them all over the dictionaries: all of it is asked for
 * while the pairs before are compared, first the rows, then the values. */

enum { AHEAD_ROWS = 32, AHEAD_VALUES = 12 };

/* The compiler drops calls of functions that only ask ahead: they change nothing that it knows of. */
#define ASKS static inline __attribute__((always_inline))

ASKS void ask_rows(const LinkSweep *s, const Worker *w, LinkCandidate pair)
{
    __builtin_prefetch(row_of(w, pair.a));
    __builtin_prefetch(row_of(w, pair.b));
    if (!s->by_rule)
        return;
    __builtin_prefetch(link_blocks_row(s->plan->blocks, pair.a));
    __builtin_prefetch(link_blocks_row(s->plan->blocks, pair.b));
}

ASKS void ask_values(const Worker *w, LinkCandidate pair)
{
    const uint32_t *a = row_of(w, pair.a), *b = row_of(w, pair.b);
    for (uint32_t left = link_differing(&w->comparer, a, b); left; left &= left - 1) {
        unsigned f = (unsigned)__builtin_ctz(left);
        __builtin_prefetch(&w->values[f][a[f]]);
        __builtin_prefetch(&w->values[f][b[f]]);
    }
}

static bool pairs_do(const LinkSweep *s, Worker *w, const LinkCandidate *pairs, size_t count)
{
    for (size_t i = 0; i < count && i < AHEAD_ROWS; i++)
        ask_rows(s, w, pairs[i]);
    for (size_t i = 0; i < count && i < AHEAD_VALUES; i++)
        ask_values(w, pairs[i]);
    for (size_t i = 0; i < count; i++) {
        if (i + AHEAD_ROWS < count)
            ask_rows(s, w, pairs[i + AHEAD_ROWS]);
        if (i + AHEAD_VALUES < count)
            ask_values(w, pairs[i + AHEAD_VALUES]);
        if (!s->model)
            pair_count(s, w, pairs[i]);
        else if (!pair_score(s, w, pairs[i]))
            return false;
    }
    return true;
}

static bool progress_told(Sweep *sweep, unsigned worker, uint64_t given)
{
    const LinkSweep *s = sweep->s;
    uint64_t         done = atomic_fetch_add(&sweep->done, given) + given;
    if (worker || !s->progress || s->progress(s->ctx, done, sweep->all_pairs))
        return true;
    return err_set(&sweep->workers[0].err, ERR_CONFLICT, "Linking was stopped.");
}

static bool bucket_do(void *ctx, unsigned worker, size_t index)
{
    Sweep     *sweep = ctx;
    Worker    *w = &sweep->workers[worker];
    LinkBucket bucket = link_candidates_take(sweep->candidates, index, w->spare.at, w->out.rule_pairs);
    w->out.seen_pairs += bucket.given;
    w->failed = !pairs_do(sweep->s, w, bucket.pairs, bucket.count) ||
                !progress_told(sweep, worker, bucket.given);
    return !w->failed;
}

static bool slice_do(void *ctx, unsigned worker, size_t index)
{
    Sweep  *sweep = ctx;
    Worker *w = &sweep->workers[worker];
    size_t  from = index * SLICE_PAIRS, left = sweep->sampled_count - from;
    size_t  count = left < SLICE_PAIRS ? left : SLICE_PAIRS;
    w->out.seen_pairs += count;
    w->failed = !pairs_do(sweep->s, w, sweep->sampled + from, count);
    return !w->failed;
}

/* ---- the pairs of some blocks of one rule */

typedef struct Sample { uint32_t *blocks; size_t block_count, pairs; } Sample;

/* Which blocks hangs on their numbers alone, so it does not on the order of rows. */
static Sample sample_blocks(const LinkSweep *s, Arena *mem)
{
    const LinkRuleBlocks *r = &s->plan->blocks->rules[s->rule_from];
    double                share = share_of(s, s->rule_from);
    uint64_t              most = share < 1 ? (uint64_t)(share * (double)UINT64_MAX) : UINT64_MAX;
    Sample                sample = { .blocks = arena_new(mem, uint32_t, r->block_count + 1) };
    for (size_t block = 0; block < r->block_count; block++) {
        size_t n = r->starts[block + 1] - r->starts[block];
        if (share < 1 && link_mix(r->numbers[block], s->seed) > most)
            continue;
        sample.blocks[sample.block_count++] = (uint32_t)block;
        sample.pairs += n * (n - 1) / 2;
    }
    return sample;
}

static size_t sample_pairs(const LinkSweep *s, const Sample *sample, LinkCandidate *out)
{
    const LinkRuleBlocks *r = &s->plan->blocks->rules[s->rule_from];
    const uint8_t        *sources = link_columns_sources(s->c);
    size_t                count = 0;
    for (size_t k = 0; k < sample->block_count; k++) {
        const uint32_t *rows = r->rows + r->starts[sample->blocks[k]];
        size_t          n = r->starts[sample->blocks[k] + 1] - r->starts[sample->blocks[k]];
        for (size_t i = 0; i < n; i++)
            for (size_t j = i + 1; j < n; j++)
                if (!s->plan->across_only || sources[rows[i]] != sources[rows[j]])
                    out[count++] = (LinkCandidate){ rows[i], rows[j] };
    }
    return count;
}

static void sampled_do(Sweep *sweep, Arena *mem)
{
    Sample sample = sample_blocks(sweep->s, mem);
    sweep->sampled = arena_new(mem, LinkCandidate, sample.pairs + 1);
    sweep->sampled_count = sample_pairs(sweep->s, &sample, sweep->sampled);
    link_team(sweep->s->threads, (sweep->sampled_count + SLICE_PAIRS - 1) / SLICE_PAIRS, slice_do, sweep);
}

/* ---- all */

static bool milestone_told(Sweep *sweep, unsigned workers, Err *err)
{
    const LinkSweep *s = sweep->s;
    uint64_t         seen = 0, rule_pairs[LINK_RULES_MAX] = { 0 };
    for (unsigned i = 0; i < workers; i++) {
        seen += sweep->workers[i].out.seen_pairs;
        for (size_t r = 0; r < LINK_RULES_MAX; r++)
            rule_pairs[r] += sweep->workers[i].out.rule_pairs[r];
    }
    return !s->milestone || s->milestone(s->milestone_ctx, link_candidates_done_with(sweep->candidates), seen,
                                         rule_pairs, err);
}

static void buckets_do(Sweep *sweep, unsigned workers)
{
    const LinkSweep *s = sweep->s;
    bool             failed = false;
    sweep->candidates = link_candidates_new(s->c, s->plan, s->rule_from, s->rule_to, s->at_once, s->threads);
    sweep->all_pairs = link_candidates_all(sweep->candidates);
    sweep->done = s->skip_pairs;
    link_candidates_skip(sweep->candidates, s->skip_buckets);
    for (unsigned i = 0; i < workers; i++)
        sweep->workers[i].spare = pages_new(link_candidates_room(sweep->candidates));
    for (size_t n; !failed && (n = link_candidates_deal(sweep->candidates));) {
        link_team(s->threads, n, bucket_do, sweep);
        for (unsigned i = 0; i < workers; i++)
            failed |= sweep->workers[i].failed;
        sweep->workers[0].failed |= !failed && !milestone_told(sweep, workers, &sweep->workers[0].err);
        failed |= sweep->workers[0].failed;
    }
    link_candidates_done(sweep->candidates);
}

static void worker_begin(Worker *w, const LinkSweep *s, size_t index)
{
    *w = (Worker){ .keeper = s->keepers ? s->keepers[index] : NULL };
    w->comparer = link_comparer(s->c, link_memo_new(&w->mem));
    w->rows = link_columns_row(s->c, 0);
    for (size_t f = 0; f < w->comparer.field_count; f++)
        w->values[f] = link_columns_values_at(s->c, f);
    if (s->model)
        w->give_up = link_give_up(s->model, &w->comparer, s->keep_bits);
    w->out.first.mem = w->out.repeats.mem = &w->mem;
}

static bool workers_end(Worker *workers, unsigned n, LinkSwept *out, Err *err)
{
    bool ok = true;
    for (unsigned i = 0; i < n; i++) {
        Worker *w = &workers[i];
        link_pattern_merge(&out->first, &w->out.first);
        link_pattern_merge(&out->repeats, &w->out.repeats);
        out->seen_pairs += w->out.seen_pairs;
        for (size_t r = 0; r < LINK_RULES_MAX; r++)
            out->rule_pairs[r] += w->out.rule_pairs[r];
        if (w->failed && ok) {
            *err = w->err;
            ok = false;
        }
        pages_done(&w->spare);
        arena_done(&w->mem);
    }
    return ok;
}

bool link_sweep(const LinkSweep *s, Arena *mem, LinkSwept *out, Err *err)
{
    assert(s->plan->blocks && s->plan->blocks->rows == link_columns_rows(s->c)); /* counted, for these rows */
    assert(!s->by_rule || s->rule_to == s->rule_from + 1);
    Arena    scratch = { 0 };
    unsigned n = link_team_size(s->threads);
    Sweep   *sweep = arena_new(&scratch, Sweep, 1);
    sweep->s = s;
    sweep->workers = arena_new(&scratch, Worker, n);
    *out = (LinkSwept){ .first.mem = mem, .repeats.mem = mem };
    for (unsigned i = 0; i < n; i++)
        worker_begin(&sweep->workers[i], s, i);
    if (s->by_rule)
        sampled_do(sweep, &scratch);
    else
        buckets_do(sweep, n);
    bool ok = workers_end(sweep->workers, n, out, err);
    arena_done(&scratch);
    return ok;
}
