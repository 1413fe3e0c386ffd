#include "engine/linkage/linkage_weigh.h"
#include <math.h>

/* Of two names a letter apart the rarer may be no name at all but the slip itself, so little is made of it.
 */
static const double NEAR_BITS_MOST = 3;

static bool shared_kind(LinkKind kind)
{
    return link_kind_specs[kind].shared_token;
}

static bool exact_level(LinkKind kind, unsigned level)
{
    return level && level == link_kind_specs[kind].level_count - 1;
}

static void sums_add(LinkSums *sums, LinkKind kind, double bits)
{
    if (shared_kind(kind))
        sums->shared += bits;
    else
        sums->others += bits;
}

LinkSums link_sums(const LinkModel *model, uint64_t pattern)
{
    LinkSums sums = { 0 };
    for (size_t i = 0; i < model->comparison_count; i++) {
        unsigned level = link_pattern_level(pattern, i);
        if (level)
            sums_add(&sums, model->comparisons[i].kind, model->comparisons[i].levels[level].weight_bits);
    }
    for (size_t i = 0; i < model->dependence_count; i++) {
        const LinkDependence *d = &model->dependences[i];
        LinkKind a = model->comparisons[d->a].kind, b = model->comparisons[d->b].kind;
        sums_add(&sums, shared_kind(a) ? a : b, link_overlap_bits(d, pattern));
    }
    return sums;
}

double link_overlap_bits(const LinkDependence *d, uint64_t pattern)
{
    unsigned a = link_pattern_level(pattern, d->a), b = link_pattern_level(pattern, d->b);
    return a && b ? (double)d->bits[a][b] : 0;
}

/* Winkler's adjustment: u of this value instead of u on average. A value seen nowhere else is as rare as the
 * cap lets it be. Rounded to float because tables of it are floats. */
double link_term_bits(const LinkComparison *k, double share)
{
    double u = k->levels[link_kind_specs[k->kind].level_count - 1].u;
    if (k->term_share <= 0 || u <= 0)
        return 0;
    double bits = k->term_share * log2(u / (share > 1e-9 ? share : 1e-9));
    double cap = k->term_cap_bits;
    return (float)(bits > cap ? cap : bits < -cap ? -cap : bits);
}

static double near_part(LinkKind kind, unsigned level)
{
    const LinkKindSpec *spec = &link_kind_specs[kind];
    return level && level == spec->near_level ? spec->near_part : 0;
}

double link_near_bits(const LinkComparison *k, unsigned level, double bits_a, double bits_b)
{
    double bits = near_part(k->kind, level) * (bits_a + bits_b) / 2;
    return (float)fmax(-NEAR_BITS_MOST, fmin(NEAR_BITS_MOST, bits));
}

double link_sums_bits(const LinkModel *model, LinkSums sums, double *withheld)
{
    double p = model->match_share, prior = log2(p / (1 - p));
    double most = model->support_free_bits + (sums.others > 0 ? sums.others : 0);
    *withheld = sums.shared > most ? sums.shared - most : 0;
    return prior + sums.others + (sums.shared - *withheld);
}

LinkTerms link_terms_make(const LinkModel *model, const LinkColumns *c, Arena *mem)
{
    LinkTerms t = { 0 };
    for (size_t f = 0; f < model->comparison_count; f++) {
        size_t n = link_columns_values(c, f);
        float *bits = arena_new(mem, float, n + 1);
        for (size_t code = 1; code < n; code++)
            bits[code] =
                (float)link_term_bits(&model->comparisons[f], link_columns_share(c, f, (uint32_t)code));
        t.bits[f] = bits;
    }
    return t;
}

static double value_bits(const LinkComparer *x, const LinkComparison *k, const LinkTerms *terms, size_t f,
                         uint32_t code)
{
    return terms ? (double)terms->bits[f][code] : link_term_bits(k, link_columns_share(x->c, f, code));
}

double link_weigh(const LinkModel *model, const LinkComparer *x, const LinkTerms *terms, uint64_t pattern,
                  const uint32_t *a, const uint32_t *b)
{
    LinkSums sums = link_sums(model, pattern), gained = { 0 };
    double   withheld;
    for (size_t f = 0; f < x->field_count; f++) {
        const LinkComparison *k = &model->comparisons[f];
        unsigned level = link_pattern_level(pattern, f);
        if (a[f] == b[f] && exact_level(x->kinds[f], level))
            sums_add(&gained, x->kinds[f], value_bits(x, k, terms, f, a[f]));
        else if (near_part(x->kinds[f], level) > 0)
            sums_add(&gained, x->kinds[f], link_near_bits(k, level, value_bits(x, k, terms, f, a[f]),
                                                          value_bits(x, k, terms, f, b[f])));
    }
    sums.others += gained.others;
    sums.shared += gained.shared;
    return (float)link_sums_bits(model, sums, &withheld);
}

/* What frequency can add or take at a level. */
static double term_most(const LinkComparison *k, unsigned level)
{
    if (k->term_share <= 0)
        return 0;
    if (exact_level(k->kind, level))
        return k->term_cap_bits;
    return near_part(k->kind, level) > 0 ? NEAR_BITS_MOST : 0;
}

void link_weigh_bounds(const LinkModel *model, uint64_t pattern, float *low, float *high)
{
    LinkSums least = link_sums(model, pattern), most = least;
    double   withheld;
    for (size_t i = 0; i < model->comparison_count; i++) {
        const LinkComparison *k = &model->comparisons[i];
        double cap = term_most(k, link_pattern_level(pattern, i));
        sums_add(&least, k->kind, -cap);
        sums_add(&most, k->kind, cap);
    }
    *low = (float)(link_sums_bits(model, least, &withheld) - 1e-3);
    *high = (float)(link_sums_bits(model, most, &withheld) + 1e-3);
}

/* Cheapest first: dates are arithmetic, codes are parts already cut; texts come last. */
static const uint8_t cost_of_kind[LINK_KIND__COUNT] = {
    [LINK_DATE] = 1,  [LINK_YEAR] = 1,  [LINK_CODE] = 0,    [LINK_TOKEN] = 0, [LINK_PHONE] = 2,
    [LINK_NUMBER] = 2, [LINK_POSTCODE] = 2, [LINK_GIVEN] = 3, [LINK_FAMILY] = 3, [LINK_PLACE] = 3,
    [LINK_WORDS] = 3, [LINK_HANDLE] = 3, [LINK_EMAIL] = 4, [LINK_ADDRESS] = 5, [LINK_NAME] = 6,
};
enum { LEVEL_CROSSED = 7, LEVEL_SWAPPED = 8 };      /* of given names, see linkage_pattern.c */

/* What swapped names could bring, to whichever of the two names is looked at first: both may still turn out
 * to be swapped, whatever they are as they stand. */
static float crossed_most(const LinkModel *model, const LinkComparer *x)
{
    if (x->given == SIZE_MAX || x->family == SIZE_MAX)
        return 0;
    const LinkLevelFit *given = model->comparisons[x->given].levels;
    return (float)fmax(0, fmax(given[LEVEL_CROSSED].weight_bits, given[LEVEL_SWAPPED].weight_bits));
}

static double overlaps_most(const LinkModel *model)
{
    double most = 0;
    for (size_t i = 0; i < model->dependence_count; i++) {
        float best = 0;
        for (size_t a = 0; a < LINK_LEVELS_MAX; a++)
            for (size_t b = 0; b < LINK_LEVELS_MAX; b++)
                best = fmaxf(best, model->dependences[i].bits[a][b]);
        most += (double)best;
    }
    return most;
}

LinkGiveUp link_give_up(const LinkModel *model, const LinkComparer *x, double least)
{
    double     p = model->match_share;
    float      crossed = crossed_most(model, x);
    LinkGiveUp g = { .least = least - 1e-3, .prior = log2(p / (1 - p)) + overlaps_most(model) };
    for (size_t f = 0; f < x->field_count; f++) {
        const LinkComparison *k = &model->comparisons[f];
        size_t                exact = x->exact[f];
        bool                  name = f == x->given || f == x->family;
        for (size_t l = 1; l <= exact; l++) {
            float bits = (float)k->levels[l].weight_bits + (float)term_most(k, (unsigned)l);
            g.most[f][l] = name && l < 4 ? fmaxf(bits, crossed) : bits;
            if (l < exact)
                g.most[f][0] = fmaxf(l == 1 ? g.most[f][1] : g.most[f][0], g.most[f][l]);
        }
        size_t at = f;
        for (; at > 0 && cost_of_kind[x->kinds[g.order[at - 1]]] > cost_of_kind[x->kinds[f]]; at--)
            g.order[at] = g.order[at - 1];
        g.order[at] = (uint8_t)f;
    }
    return g;
}
