#include "engine/linkage/linkage_model.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/embedded.h"
#include "engine/linkage/linkage_weigh.h"

enum { MODEL_VERSION = 1 };

double link_bits_to_probability(double weight_bits)
{
    return 1 / (1 + exp2(-weight_bits));
}

void link_model_score(const LinkModel *model, const LinkColumns *c, uint32_t a, uint32_t b, LinkScore *score)
{
    assert(a != b);
    LinkComparer    x = link_comparer(c, (LinkMemo){ 0 });
    const uint32_t *ra = link_columns_row(c, a), *rb = link_columns_row(c, b);
    uint64_t        pattern = link_pattern(&x, ra, rb);
    LinkSums        sums = { 0 };
    *score = (LinkScore){ .weight_bits = link_weigh(model, &x, NULL, pattern, ra, rb) };
    for (size_t f = 0; f < x.field_count; f++) {
        const LinkComparison *k = &model->comparisons[f];
        score->level[f] = (uint8_t)link_pattern_level(pattern, f);
        if (!score->level[f])
            continue;
        score->level_bits[f] = k->levels[score->level[f]].weight_bits;
        double ta = link_term_bits(k, link_columns_share(c, f, ra[f]));
        double tb = link_term_bits(k, link_columns_share(c, f, rb[f]));
        score->term_bits[f] = ra[f] == rb[f] && score->level[f] == x.exact[f]
                                  ? ta
                                  : link_near_bits(k, score->level[f], ta, tb);
        *(link_kind_specs[k->kind].shared_token ? &sums.shared : &sums.others) +=
            score->level_bits[f] + score->term_bits[f];
    }
    for (size_t i = 0; i < model->dependence_count; i++) {
        const LinkDependence *d = &model->dependences[i];
        double                bits = link_overlap_bits(d, pattern);
        bool shared = link_kind_specs[model->comparisons[d->a].kind].shared_token ||
                      link_kind_specs[model->comparisons[d->b].kind].shared_token;
        score->overlap_bits += bits;
        *(shared ? &sums.shared : &sums.others) += bits;
    }
    (void)link_sums_bits(model, sums, &score->withheld_bits);
    score->prior_bits = log2(model->match_share / (1 - model->match_share));
    score->probability = link_bits_to_probability(score->weight_bits);
}

/* ---- priors and fitting */

static LinkComparison comparison_prior(const char *name, LinkKind kind)
{
    const LinkKindSpec *spec = &link_kind_specs[kind];
    LinkComparison      k = { .kind = kind, .term_share = spec->term_share, .term_cap_bits = spec->term_cap };
    snprintf(k.name, sizeof k.name, "%s", name);
    for (size_t l = 1; l < spec->level_count; l++) {
        const LinkLevelSpec *s = &spec->levels[l];
        k.levels[l] = (LinkLevelFit){ .m = s->m, .u = s->u, .weight_bits = log2(s->m / s->u) };
    }
    return k;
}

static const LinkComparison *comparison_named(const LinkModel *model, const LinkField *field)
{
    for (size_t i = 0; i < model->comparison_count; i++)
        if (str_same(model->comparisons[i].name, field->name) && model->comparisons[i].kind == field->kind)
            return &model->comparisons[i];
    return NULL;
}

/* Dependences name comparisons by place: they follow them to their new places, or go with them. */
static void dependences_fit(LinkModel *model, const LinkComparison *fitted, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < model->dependence_count; i++) {
        LinkDependence d = model->dependences[i], turned = d;
        size_t         at[2] = { n, n };
        for (size_t f = 0; f < n; f++) {
            at[0] = str_same(fitted[f].name, model->comparisons[d.a].name) ? f : at[0];
            at[1] = str_same(fitted[f].name, model->comparisons[d.b].name) ? f : at[1];
        }
        if (at[0] == n || at[1] == n)
            continue;
        for (size_t x = 0; at[0] > at[1] && x < LINK_LEVELS_MAX; x++)
            for (size_t y = 0; y < LINK_LEVELS_MAX; y++)
                turned.bits[y][x] = d.bits[x][y];
        turned.a = (uint8_t)(at[0] < at[1] ? at[0] : at[1]);
        turned.b = (uint8_t)(at[0] < at[1] ? at[1] : at[0]);
        model->dependences[kept++] = turned;
    }
    model->dependence_count = kept;
}

void link_model_fit(LinkModel *model, const LinkColumns *c)
{
    const LinkField *fields;
    LinkComparison   fitted[LINK_FIELDS_MAX];
    size_t           n = link_columns_fields(c, &fields);
    for (size_t f = 0; f < n; f++) {
        const LinkComparison *known = comparison_named(model, &fields[f]);
        fitted[f] = known ? *known : comparison_prior(fields[f].name, fields[f].kind);
    }
    dependences_fit(model, fitted, n);
    memcpy(model->comparisons, fitted, n * sizeof *fitted);
    model->comparison_count = n;
}

static void model_blank(LinkModel *model)
{
    *model = (LinkModel){ .version = MODEL_VERSION,
                          .match_share = 1e-4,
                          .support_free_bits = 4,
                          .link_bits = 6,
                          .review_bits = -2 };
}

void link_model_by_hand(const LinkColumns *c, LinkModel *model)
{
    model_blank(model);
    snprintf(model->name, sizeof model->name, "set by hand");
    link_model_fit(model, c);
}

bool link_model_default(const LinkColumns *c, LinkModel *model, Err *err)
{
    const Embedded *shipped = embedded_find("data/link/model.json");
    link_model_by_hand(c, model);
    if (shipped && !link_model_read(embedded_str(shipped), model, err))
        return err_while(err, "reading the model that ships");
    link_model_fit(model, c);
    return true;
}

void link_model_done(LinkModel *model)
{
    json_done(&model->report);
}

/* ---- files */

static Json *levels_json(const LinkComparison *k)
{
    Json *list = json_new_list();
    for (size_t l = 1; l < link_kind_specs[k->kind].level_count; l++) {
        const LinkLevelFit *fit = &k->levels[l];
        Json               *level = json_new_object();
        json_set_text(level, "level", link_kind_specs[k->kind].levels[l].key);
        json_set_text(level, "words", link_kind_specs[k->kind].levels[l].words);
        json_set(level, "m", json_new_real(fit->m));
        json_set(level, "u", json_new_real(fit->u));
        json_set(level, "weight_bits", json_new_real(fit->weight_bits));
        json_set(level, "m_pairs", json_new_real(fit->m_pairs));
        json_set(level, "u_pairs", json_new_real(fit->u_pairs));
        json_push(list, level);
    }
    return list;
}

static Json *dependences_json(const LinkModel *model)
{
    Json *list = json_new_list();
    for (size_t i = 0; i < model->dependence_count; i++) {
        const LinkDependence *d = &model->dependences[i];
        const LinkComparison *a = &model->comparisons[d->a], *b = &model->comparisons[d->b];
        Json                 *one = json_new_object(), *rows = json_new_list();
        json_set_text(one, "a", a->name);
        json_set_text(one, "b", b->name);
        for (size_t x = 1; x < link_kind_specs[a->kind].level_count; x++) {
            Json *row = json_new_list();
            for (size_t y = 1; y < link_kind_specs[b->kind].level_count; y++)
                json_push(row, json_new_real((double)d->bits[x][y]));
            json_push(rows, row);
        }
        json_set(one, "bits", rows);
        json_push(list, one);
    }
    return list;
}

Json *link_model_json(const LinkModel *model)
{
    Json *j = json_new_object(), *list = json_new_list();
    json_set_int(j, "version", model->version);
    json_set_text(j, "name", model->name);
    json_set_int(j, "seed", (int64_t)model->seed);
    json_set(j, "match_share", json_new_real(model->match_share));
    json_set(j, "support_free_bits", json_new_real(model->support_free_bits));
    json_set(j, "link_bits", json_new_real(model->link_bits));
    json_set(j, "review_bits", json_new_real(model->review_bits));
    for (size_t i = 0; i < model->comparison_count; i++) {
        const LinkComparison *k = &model->comparisons[i];
        Json                 *one = json_new_object();
        json_set_text(one, "field", k->name);
        json_set_text(one, "kind", link_kind_specs[k->kind].key);
        json_set(one, "term_share", json_new_real(k->term_share));
        json_set(one, "term_cap_bits", json_new_real(k->term_cap_bits));
        json_set(one, "levels", levels_json(k));
        json_push(list, one);
    }
    json_set(j, "comparisons", list);
    json_set(j, "dependences", dependences_json(model));
    if (model->report)
        json_set(j, "report", json_keep(model->report));
    return j;
}

static bool kind_named(const char *key, LinkKind *kind)
{
    for (size_t i = 0; key && i < LINK_KIND__COUNT; i++)
        if (str_same(link_kind_specs[i].key, key)) {
            *kind = (LinkKind)i;
            return true;
        }
    return false;
}

static bool level_read(const Json *j, LinkComparison *k, Err *err)
{
    const LinkKindSpec *spec = &link_kind_specs[k->kind];
    const char         *key = json_text(j, "level");
    for (size_t l = 1; l < spec->level_count; l++) {
        if (!str_same(spec->levels[l].key, key))
            continue;
        double m = json_number(j, "m", 0), u = json_number(j, "u", 0);
        if (!(m > 0 && m <= 1 && u > 0 && u <= 1))
            return err_set(err, ERR_INVALID, "Level %s of %s has an m or u outside 0 to 1.", key, k->name);
        k->levels[l] = (LinkLevelFit){ m, u, json_number(j, "weight_bits", log2(m / u)),
                                       json_number(j, "m_pairs", 0), json_number(j, "u_pairs", 0) };
        return true;
    }
    return err_set(err, ERR_INVALID, "The model has a level of %s that is not known.", k->name);
}

static bool comparison_read(const Json *j, LinkComparison *k, Err *err)
{
    const char *name = json_text(j, "field");
    LinkKind    kind;
    if (!name || !kind_named(json_text(j, "kind"), &kind))
        return err_set(err, ERR_INVALID, "The model has a comparison without a field or of no known kind.");
    *k = comparison_prior(name, kind);
    k->term_share = json_number(j, "term_share", k->term_share);
    k->term_cap_bits = json_number(j, "term_cap_bits", k->term_cap_bits);
    const Json *levels = json_get(j, "levels");
    for (size_t i = 0; i < json_count(levels); i++)
        if (!level_read(json_at(levels, i), k, err))
            return false;
    return true;
}

static size_t comparison_at(const LinkModel *model, const char *name)
{
    for (size_t i = 0; name && i < model->comparison_count; i++)
        if (str_same(model->comparisons[i].name, name))
            return i;
    return SIZE_MAX;
}

static bool dependence_read(const Json *j, LinkModel *model, Err *err)
{
    size_t a = comparison_at(model, json_text(j, "a")), b = comparison_at(model, json_text(j, "b"));
    if (a == SIZE_MAX || b == SIZE_MAX || a >= b || model->dependence_count == LINK_FIELDS_MAX)
        return err_set(err, ERR_INVALID, "The model has a dependence of comparisons that it does not have.");
    LinkDependence *d = &model->dependences[model->dependence_count++];
    const Json     *rows = json_get(j, "bits");
    *d = (LinkDependence){ .a = (uint8_t)a, .b = (uint8_t)b };
    for (size_t x = 0; x < json_count(rows) && x + 1 < LINK_LEVELS_MAX; x++)
        for (size_t y = 0; y < json_count(json_at(rows, x)) && y + 1 < LINK_LEVELS_MAX; y++)
            d->bits[x + 1][y + 1] = (float)json_number_of(json_at(json_at(rows, x), y));
    return true;
}

static bool model_from(const Json *j, LinkModel *model, Err *err)
{
    if (json_int(j, "version", 0) != MODEL_VERSION)
        return err_set(err, ERR_INVALID, "This is not a linkage model of version %d.", MODEL_VERSION);
    model_blank(model);
    snprintf(model->name, sizeof model->name, "%s", json_text(j, "name") ? json_text(j, "name") : "");
    model->seed = (uint64_t)json_int(j, "seed", 0);
    model->match_share = json_number(j, "match_share", model->match_share);
    model->support_free_bits = json_number(j, "support_free_bits", model->support_free_bits);
    model->link_bits = json_number(j, "link_bits", model->link_bits);
    model->review_bits = json_number(j, "review_bits", model->review_bits);
    if (!(model->match_share > 0 && model->match_share < 1))
        return err_set(err, ERR_INVALID, "The model's match_share must lie between 0 and 1.");
    const Json *list = json_get(j, "comparisons");
    if (json_count(list) > LINK_FIELDS_MAX)
        return err_set(err, ERR_LIMIT, "The model has more than %d comparisons.", LINK_FIELDS_MAX);
    for (size_t i = 0; i < json_count(list); i++)
        if (!comparison_read(json_at(list, i), &model->comparisons[model->comparison_count++], err))
            return false;
    list = json_get(j, "dependences");
    for (size_t i = 0; i < json_count(list); i++)
        if (!dependence_read(json_at(list, i), model, err))
            return false;
    if (json_get(j, "report"))
        model->report = json_keep((Json *)(uintptr_t)json_get(j, "report"));
    return true;
}

bool link_model_read(Str json, LinkModel *model, Err *err)
{
    CLEANUP(json_done) Json *j = NULL;
    return json_read(json, &j, err) && model_from(j, model, err);
}
