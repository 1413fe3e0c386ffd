#include "engine/linkage/linkage_sweep.h"
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { TILE_ROWS = 256, TASK_PAIRS = 100000, THREADS_MAX = 64 };

/* A run of small blocks, or one tile of a big one. */
typedef struct Task {
    uint32_t rule, block_from, block_to;
    uint32_t tile_a, tile_b;              /* first rows of the two halves; only for one big block */
} Task;

typedef struct Tasks { Task *at; size_t count, cap; } Tasks;

typedef struct Shared {
    const LinkSweep *s;
    Tasks            tasks;
    atomic_size_t    next;
    atomic_ullong    done;
    atomic_bool      stop;
    uint64_t         all_pairs;
} Shared;

typedef struct Half {                     /* rows copied side by side */
    uint32_t rows[TILE_ROWS];
    uint8_t  sources[TILE_ROWS];
    size_t   count;
    uint32_t codes[TILE_ROWS][LINK_FIELDS_MAX] __attribute__((aligned(64)));
    uint64_t numbers[TILE_ROWS][LINK_RULES_MAX];
} Half;

typedef struct Worker {
    Shared      *shared;
    Arena        mem;
    LinkComparer comparer;
    LinkGiveUp   give_up;
    LinkSwept    out;
    LinkKeeper  *keeper;
    Half        *a, *b;
    bool         leads;                   /* on the caller's thread: tells it how far things are */
    bool         failed;
    Err          err;
} Worker;

double link_sweep_share(const LinkSweep *s, size_t rule)
{
    double pairs = (double)s->plan->rules[rule].pairs;
    return s->sample_pairs && pairs > (double)s->sample_pairs ? (double)s->sample_pairs / pairs : 1;
}

/* ---- tasks */

static size_t block_rows(const LinkRuleBlocks *r, size_t block)
{
    return r->starts[block + 1] - r->starts[block];
}

static bool sampled(const LinkSweep *s, size_t rule, size_t block, uint64_t most)
{
    if (most == UINT64_MAX)
        return true;
    const LinkRuleBlocks *r = &s->plan->blocks->rules[rule];
    uint64_t number = link_blocks_row(s->plan->blocks, r->rows[r->starts[block]])[rule];
    return link_mix(number, s->seed) <= most;
}

static void task_add(Tasks *t, Arena *mem, Task task)
{
    Task *at = arena_push(mem, t->at, t->count, t->cap);
    *at = task;
}

static void tile_tasks(Tasks *t, Arena *mem, uint32_t rule, uint32_t block, size_t rows)
{
    for (uint32_t a = 0; a < rows; a += TILE_ROWS)
        for (uint32_t b = a; b < rows; b += TILE_ROWS)
            task_add(t, mem, (Task){ rule, block, block + 1, a, b });
}

static void rule_tasks(Shared *sh, Arena *mem, size_t rule)
{
    const LinkSweep      *s = sh->s;
    const LinkRuleBlocks *r = &s->plan->blocks->rules[rule];
    double                share = link_sweep_share(s, rule);
    uint64_t most = share < 1 ? (uint64_t)(share * (double)UINT64_MAX) : UINT64_MAX, pairs = 0;
    Task     open = { .rule = (uint32_t)rule };
    for (size_t i = 0; i < r->block_count; i++) {
        size_t rows = block_rows(r, i);
        bool   use = sampled(s, rule, i, most), big = rows > TILE_ROWS;
        if (use && !big) {
            pairs += rows * (rows - 1) / 2;
            open.block_to = (uint32_t)i + 1;
        }
        if ((!use || big || pairs > TASK_PAIRS) && open.block_to > open.block_from)
            task_add(&sh->tasks, mem, open);
        if (use && big)
            tile_tasks(&sh->tasks, mem, (uint32_t)rule, (uint32_t)i, rows);
        if (!use || big || pairs > TASK_PAIRS) {
            open.block_from = open.block_to = (uint32_t)i + 1;
            pairs = 0;
        }
    }
    if (open.block_to > open.block_from)
        task_add(&sh->tasks, mem, open);
    sh->all_pairs += (uint64_t)((double)r->pairs * share);
}

/* ---- pairs */

static void half_load(const LinkSweep *s, Half *h, const uint32_t *rows, size_t count)
{
    const LinkBlocks *blocks = s->plan->blocks;
    const uint8_t    *sources = link_columns_sources(s->c);
    h->count = count;
    for (size_t i = 0; i < count; i++) {
        h->rows[i] = rows[i];
        h->sources[i] = sources[rows[i]];
        memcpy(h->codes[i], link_columns_row(s->c, rows[i]), sizeof h->codes[i]);
        memcpy(h->numbers[i], link_blocks_row(blocks, rows[i]), blocks->rule_count * sizeof(uint64_t));
    }
}

static inline bool found_before(const uint64_t *x, const uint64_t *y, size_t rule)
{
    uint64_t hit = 0;
    for (size_t r = 0; r < rule; r++)
        hit |= (uint64_t)(x[r] == y[r]) & (uint64_t)(x[r] != 0);
    return hit;
}

static bool pair_weigh(Worker *w, uint64_t pattern, const Half *ha, size_t i, const Half *hb, size_t j)
{
    const LinkSweep *s = w->shared->s;
    double bits = link_weigh(s->model, &w->comparer, s->terms, pattern, ha->codes[i], hb->codes[j]);
    if (bits < s->keep_bits)
        return true;
    uint32_t a = ha->rows[i], b = hb->rows[j];
    return s->keep(w->keeper, (LinkPair){ a < b ? a : b, a < b ? b : a, (float)bits }, &w->err);
}

static bool pair_score(Worker *w, const Half *ha, size_t i, const Half *hb, size_t j)
{
    uint64_t pattern;
    return !link_pattern_reaching(&w->comparer, &w->give_up, ha->codes[i], hb->codes[j], &pattern) ||
           pair_weigh(w, pattern, ha, i, hb, j);
}

static void pair_count(Worker *w, bool repeat, const Half *ha, size_t i, const Half *hb, size_t j)
{
    bool     is_new;
    uint64_t pattern = link_pattern(&w->comparer, ha->codes[i], hb->codes[j]);
    link_pattern_at(repeat ? &w->out.repeats : &w->out.first, pattern, &is_new)->pairs++;
}

static bool halves_pair(Worker *w, size_t rule, const Half *ha, const Half *hb)
{
    const LinkSweep *s = w->shared->s;
    for (size_t i = 0; i < ha->count; i++) {
        for (size_t j = ha == hb ? i + 1 : 0; j < hb->count; j++) {
            if (s->plan->across_only && ha->sources[i] == hb->sources[j])
                continue;
            bool repeat = found_before(ha->numbers[i], hb->numbers[j], rule);
            w->out.seen_pairs++;
            w->out.rule_pairs[rule] += !repeat;
            if (repeat && !s->by_rule)
                continue;
            if (!s->model)
                pair_count(w, repeat, ha, i, hb, j);
            else if (!pair_score(w, ha, i, hb, j))
                return false;
        }
    }
    return true;
}

/* Rows of a block lie all over memory, and what their codes stand for all over the dictionaries: all are
 * asked for while the blocks before are compared, first the numbers that tell whether a pair is new, then,
 * where it may be, the codes and last the values. Most blocks are of two rows, and most of those were found
 * by an earlier rule: they cost their numbers only. */
enum { AHEAD_NUMBERS = 64, AHEAD_ROWS = 32, AHEAD_VALUES = 14, NUMBERS_A_LINE = 8 };

static inline bool may_be_new(const LinkSweep *s, const LinkRuleBlocks *r, size_t at, size_t rule)
{
    const LinkBlocks *blocks = s->plan->blocks;
    return s->by_rule || !at ||
           !found_before(link_blocks_row(blocks, r->rows[at]), link_blocks_row(blocks, r->rows[at - 1]),
                         rule);
}

static void ask_ahead(const LinkSweep *s, size_t rule, const LinkComparer *x, size_t from, size_t count)
{
    const LinkBlocks     *blocks = s->plan->blocks;
    const LinkRuleBlocks *r = &blocks->rules[rule];
    for (size_t at = from; at < from + count; at++) {
        if (at + AHEAD_NUMBERS < r->row_count)
            for (size_t k = 0; k < blocks->stride && k <= rule; k += NUMBERS_A_LINE)
                __builtin_prefetch(link_blocks_row(blocks, r->rows[at + AHEAD_NUMBERS]) + k);
        if (at + AHEAD_ROWS < r->row_count && may_be_new(s, r, at + AHEAD_ROWS, rule)) {
            __builtin_prefetch(link_columns_row(s->c, r->rows[at + AHEAD_ROWS]));
            __builtin_prefetch(link_columns_row(s->c, r->rows[at + AHEAD_ROWS - 1]));
        }
        if (at + AHEAD_VALUES < r->row_count && may_be_new(s, r, at + AHEAD_VALUES, rule)) {
            const uint32_t *codes = link_columns_row(s->c, r->rows[at + AHEAD_VALUES]);
            for (size_t f = 0; f < x->field_count; f++)
                __builtin_prefetch(link_columns_value(s->c, f, codes[f]));
        }
    }
}

/* A block of two rows that an earlier rule found: nothing of it need be loaded. */
static bool found_whole(Worker *w, size_t rule, const uint32_t *rows, size_t n)
{
    const LinkSweep  *s = w->shared->s;
    const LinkBlocks *blocks = s->plan->blocks;
    const uint8_t    *sources = link_columns_sources(s->c);
    if (s->by_rule || n != 2 ||
        !found_before(link_blocks_row(blocks, rows[0]), link_blocks_row(blocks, rows[1]), rule))
        return false;
    w->out.seen_pairs += !s->plan->across_only || sources[rows[0]] != sources[rows[1]];
    return true;
}

static bool task_run(Worker *w, const Task *t)
{
    const LinkSweep      *s = w->shared->s;
    const LinkRuleBlocks *r = &s->plan->blocks->rules[t->rule];
    for (uint32_t block = t->block_from; block < t->block_to; block++) {
        const uint32_t *rows = r->rows + r->starts[block];
        size_t          n = block_rows(r, block);
        size_t          in_a = n - t->tile_a < TILE_ROWS ? n - t->tile_a : TILE_ROWS;
        if (n <= TILE_ROWS)
            ask_ahead(s, t->rule, &w->comparer, r->starts[block], n);
        if (found_whole(w, t->rule, rows, n))
            continue;
        half_load(s, w->a, rows + t->tile_a, in_a);
        if (t->tile_a != t->tile_b)
            half_load(s, w->b, rows + t->tile_b, n - t->tile_b < TILE_ROWS ? n - t->tile_b : TILE_ROWS);
        if (!halves_pair(w, t->rule, w->a, t->tile_a == t->tile_b ? w->a : w->b))
            return false;
    }
    return true;
}

/* ---- threads */

static void *worker_run(void *ctx)
{
    Worker *w = ctx;
    Shared *sh = w->shared;
    for (size_t i; !atomic_load(&sh->stop) && (i = atomic_fetch_add(&sh->next, 1)) < sh->tasks.count;) {
        uint64_t before = w->out.seen_pairs;
        if (!task_run(w, &sh->tasks.at[i])) {
            w->failed = true;
            atomic_store(&sh->stop, true);
        }
        uint64_t done = atomic_fetch_add(&sh->done, w->out.seen_pairs - before) + w->out.seen_pairs - before;
        if (w->leads && sh->s->progress && !sh->s->progress(sh->s->ctx, done, sh->all_pairs)) {
            w->failed = !err_set(&w->err, ERR_CONFLICT, "Linking was stopped.");
            atomic_store(&sh->stop, true);
        }
    }
    return NULL;
}

static void worker_begin(Worker *w, Shared *sh, size_t index)
{
    const LinkSweep *s = sh->s;
    *w = (Worker){ .shared = sh, .leads = index == 0, .keeper = s->keepers ? s->keepers[index] : NULL };
    w->a = arena_alloc(&w->mem, 1, sizeof *w->a, 64);
    w->b = arena_alloc(&w->mem, 1, sizeof *w->b, 64);
    w->comparer = link_comparer(s->c, link_memo_new(&w->mem));
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
        arena_done(&w->mem);
    }
    return ok;
}

bool link_sweep(const LinkSweep *s, Arena *mem, LinkSwept *out, Err *err)
{
    assert(s->plan->blocks && s->plan->blocks->rows == link_columns_rows(s->c)); /* counted, for these rows */
    Arena     scratch = { 0 };
    Shared   *sh = arena_new(&scratch, Shared, 1);
    unsigned  n = s->threads ? s->threads < THREADS_MAX ? s->threads : THREADS_MAX : 1, started = 1;
    Worker   *workers = arena_new(&scratch, Worker, n);
    pthread_t threads[THREADS_MAX];
    sh->s = s;
    *out = (LinkSwept){ .first.mem = mem, .repeats.mem = mem };
    for (size_t rule = s->rule_from; rule < s->rule_to; rule++)
        rule_tasks(sh, &scratch, rule);
    for (unsigned i = 0; i < n; i++)
        worker_begin(&workers[i], sh, i);
    while (started < n && pthread_create(&threads[started], NULL, worker_run, &workers[started]) == 0)
        started++;
    worker_run(&workers[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(threads[i], NULL);
    bool ok = workers_end(workers, n, out, err);
    arena_done(&scratch);
    return ok;
}
