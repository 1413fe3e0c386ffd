#include "engine/linkage_weigh.h"
#include <math.h>

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

double link_weigh(const LinkModel *model, const LinkComparer *x, const LinkTerms *terms, uint64_t pattern,
                  const uint32_t *a, const uint32_t *b)
{
    LinkSums sums = link_sums(model, pattern), gained = { 0 };
    double   withheld;
    for (size_t f = 0; f < x->field_count; f++) {
        if (a[f] != b[f] || !exact_level(x->kinds[f], link_pattern_level(pattern, f)))
            continue;
        double bits = terms ? (double)terms->bits[f][a[f]]
                            : link_term_bits(&model->comparisons[f], link_columns_share(x->c, f, a[f]));
        sums_add(&gained, x->kinds[f], bits);
    }
    sums.others += gained.others;
    sums.shared += gained.shared;
    return (float)link_sums_bits(model, sums, &withheld);
}

void link_weigh_bounds(const LinkModel *model, uint64_t pattern, float *low, float *high)
{
    LinkSums least = link_sums(model, pattern), most = least;
    double   withheld;
    for (size_t i = 0; i < model->comparison_count; i++) {
        const LinkComparison *k = &model->comparisons[i];
        if (k->term_share <= 0 || !exact_level(k->kind, link_pattern_level(pattern, i)))
            continue;
        sums_add(&least, k->kind, -k->term_cap_bits);
        sums_add(&most, k->kind, k->term_cap_bits);
    }
    *low = (float)(link_sums_bits(model, least, &withheld) - 1e-3);
    *high = (float)(link_sums_bits(model, most, &withheld) + 1e-3);
}
