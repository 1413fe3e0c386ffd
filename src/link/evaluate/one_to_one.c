#include "link/evaluate/one_to_one.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[ONE_TO_ONE__COUNT] = { "auto", "yes", "no" };

bool one_to_one_read(const char *word, OneToOne *out, Err *err)
{
    *out = ONE_TO_ONE_AUTO;
    for (size_t i = 0; word && i < COUNT_OF(words); i++)
        if (strcmp(word, words[i]) == 0) {
            *out = (OneToOne)i;
            return true;
        }
    return !word || err_set(err, ERR_INVALID, "Whether each file holds a person once: yes, no or auto.");
}

/* ---- across the files */

typedef struct Best { float first, second; uint32_t partner; } Best;

static void best_take(Best *b, float bits, uint32_t partner)
{
    if (bits > b->first) {
        b->second = b->first;
        b->first = bits;
        b->partner = partner;
    } else if (bits > b->second) {
        b->second = bits;
    }
}

static Best *bests_of(const OnceInput *in, size_t rows, Arena *mem)
{
    Best *best = arena_new(mem, Best, rows + 1);
    for (size_t i = 0; i < rows; i++)
        best[i] = (Best){ -INFINITY, -INFINITY, UINT32_MAX };
    for (size_t i = 0; i < in->pair_count; i++) {
        const LinkPair *p = &in->pairs[i];
        if ((double)p->weight_bits < in->join_bits)
            continue;
        best_take(&best[p->a], p->weight_bits, p->b);
        best_take(&best[p->b], p->weight_bits, p->a);
    }
    return best;
}

static int by_bits(const void *x, const void *y)
{
    float a = *(const float *)x, b = *(const float *)y;
    return (a > b) - (a < b);
}

static void look_across(OnceEvidence *e, const Best *best, size_t rows, Arena *mem)
{
    float *mutual = arena_new(mem, float, rows + 1);
    for (uint32_t i = 0; i < rows; i++) {
        uint32_t partner = best[i].partner;
        if (partner != UINT32_MAX && i < partner && best[partner].partner == i)
            mutual[e->partners++] = best[i].first;
        e->rivals += best[i].second > -INFINITY;
    }
    qsort(mutual, e->partners, sizeof *mutual, by_bits);
    e->typical_bits = e->partners ? (double)mutual[e->partners / 2] : 0;
}

/* ---- inside them */

static void repeats_count(OnceEvidence *e, const LinkPair *pairs, size_t count, const Best *best,
                          const LinkColumns *c, Arena *mem)
{
    size_t         rows = link_columns_rows(c);
    const uint8_t *sources = link_columns_sources(c);
    bool          *repeated = arena_new(mem, bool, rows + 1);
    for (size_t i = 0; i < count; i++) {
        const LinkPair *p = &pairs[i];
        if (sources[p->a] == sources[p->b] && (double)p->weight_bits >= e->typical_bits)
            repeated[p->a] = repeated[p->b] = true;
    }
    for (size_t i = 0; i < rows; i++)
        e->repeated[sources[i] != 0] += repeated[i] && best[i].partner != UINT32_MAX;
}

static bool look_within(const OnceInput *in, OnceEvidence *e, const Best *best, Arena *mem, Err *err)
{
    CLEANUP(link_plan_done) LinkPlan plan =
        link_plan_make(in->columns, in->prior, false, in->limits, in->run.seed);
    LinkRunOptions run = in->run;
    LinkRunCounts  counts;
    LinkPairs     *pairs = NULL;
    run.keep_bits = in->join_bits;
    run.progress = NULL;
    bool ok = link_pairs(in->columns, in->model, &plan, &run, &pairs, &counts, err);
    if (ok) {
        size_t          count;
        const LinkPair *all = link_pairs_all(pairs, &count);
        repeats_count(e, all, count, best, in->columns, mem);
        e->looked_within = true;
    }
    link_pairs_done(pairs);
    return ok || err_while(err, "looking for persons who come twice in a file");
}

/* ---- the judgement */

/* Of a hundred records with a partner, how many may come twice; and of a hundred second partners, how many
 * may be such. Where every fiftieth person comes twice, shutting out second partners costs what it gains. */
static const double REPEATED_MOST = 0.05, EXPLAINED_MOST = 0.25;

/* As many as there may be where so many were seen: 98 in a hundred times no more (Poisson, nearly). */
static double may_be(double seen)
{
    return seen + 2 + 2 * sqrt(seen + 1);
}

static bool enough(const OnceEvidence *e)
{
    return may_be(0) <= REPEATED_MOST * (double)e->partners;
}

static void judge(OnceEvidence *e)
{
    double seen = (double)(e->repeated[0] + e->repeated[1]), most = REPEATED_MOST * (double)e->partners;
    bool   repeats = may_be(seen) > most || seen > EXPLAINED_MOST * (double)e->rivals;
    e->once = enough(e) && !repeats;
    e->because = !enough(e)  ? "There are too few partners to tell."
                 : repeats   ? "Records with a partner have others, as certain, inside their own file."
                 : e->rivals ? "Records with two partners have next to none, as certain, inside their own "
                               "file."
                             : "No record has two partners.";
}

bool once_tell(const OnceInput *in, OnceEvidence *out, Err *err)
{
    CLEANUP(arena_done) Arena scratch = { 0 };
    size_t rows = link_columns_rows(in->columns);
    Best  *best = bests_of(in, rows, &scratch);
    *out = (OnceEvidence){ 0 };
    look_across(out, best, rows, &scratch);
    if (in->asked != ONE_TO_ONE_AUTO) {
        out->once = in->asked == ONE_TO_ONE_YES;
        out->because = out->once ? "It was said so." : "It was said not to be so.";
        return true;
    }
    bool look = out->rivals && enough(out);
    bool ok = !look || look_within(in, out, best, &scratch, err);
    judge(out);
    return ok;
}

Json *once_json(const OnceInput *in, const OnceEvidence *e)
{
    Json *j = json_new_object();
    json_set_bool(j, "applied", e->once);
    json_set_text(j, "asked", words[in->asked]);
    json_set_text(j, "because", e->because);
    json_set_int(j, "partners", (int64_t)e->partners);
    json_set_int(j, "records_with_rivals", (int64_t)e->rivals);
    json_set(j, "typical_bits", json_new_real(e->typical_bits));
    if (e->looked_within) {
        json_set_int(j, "repeated_in_first", (int64_t)e->repeated[0]);
        json_set_int(j, "repeated_in_second", (int64_t)e->repeated[1]);
    }
    return j;
}
