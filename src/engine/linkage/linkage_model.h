/* linkage_model.h: a Fellegi-Sunter model: how much each level of each comparison says.
 *
 * m is P(level | same person), u is P(level | different people), weight_bits is log2(m/u). A pair's weight is
 * the prior's plus one a comparison, plus the adjustment for how frequent an agreeing value is. score(a,b)
 * equals score(b,a), and depends on nothing but the two rows, the model and the counted shares.
 *
 * Comparisons of fields that can be shared (identity numbers, phones, accounts) never decide alone: what they
 * add together is at most `support_free_bits` more than what the others bring (link_model_score does it). */
#pragma once
#include "base/json.h"
#include "engine/linkage/linkage_levels.h"

typedef struct LinkLevelFit {
    double m, u, weight_bits;
    double m_pairs, u_pairs; /* how many pairs told m and u; 0: could not be estimated, the prior stands */
} LinkLevelFit;

typedef struct LinkComparison {
    char          name[32];       /* the field's */
    LinkKind      kind;
    LinkLevelFit  levels[LINK_LEVELS_MAX];    /* [0] unused: blank weighs nothing */
    double        term_share, term_cap_bits;
} LinkComparison;

/* Two comparisons that go together also among strangers (a town and its postcodes) would be weighed twice:
 * what a pair of their levels adds or takes, both known. a < b. */
typedef struct LinkDependence {
    uint8_t a, b;                 /* comparisons */
    float   bits[LINK_LEVELS_MAX][LINK_LEVELS_MAX];      /* [level of a][level of b] */
} LinkDependence;

typedef struct LinkModel {
    int64_t        version;               /* of the file's shape */
    char           name[64];
    uint64_t       seed;
    double         match_share;           /* P(two rows drawn at random are one person): the prior */
    double         support_free_bits;
    double         link_bits, review_bits;  /* thresholds on weight_bits: above: link; between: review */
    size_t         comparison_count;
    LinkComparison comparisons[LINK_FIELDS_MAX];
    size_t         dependence_count;
    LinkDependence dependences[LINK_FIELDS_MAX];
    Json          *report;                /* of the training: may be NULL; owned by whoever made the model */
} LinkModel;

typedef struct LinkScore {
    double   weight_bits;                 /* all together, prior included: log2 of the odds */
    double   probability;
    double   prior_bits;
    double   overlap_bits;                /* of comparisons that go together; mostly below 0 */
    double   withheld_bits;               /* what shared tokens would have added beyond their limit; >= 0 */
    uint8_t  level[LINK_FIELDS_MAX];      /* one a comparison */
    double   level_bits[LINK_FIELDS_MAX], term_bits[LINK_FIELDS_MAX];
} LinkScore;

/* The default model that ships (data/link/model.json), cut down to the columns' fields: for records weighed
 * as they come, of which there are never enough to train on. Comparison i is field i of the columns. */
MUST_USE bool link_model_default(const LinkColumns *c, LinkModel *model, Err *err);
/* The numbers set by hand in linkage_levels.c: where training starts. */
void  link_model_by_hand(const LinkColumns *c, LinkModel *model);
MUST_USE bool link_model_read(Str json, LinkModel *model, Err *err);
Json *link_model_json(const LinkModel *model);
/* The model with its comparisons in the columns' order, priors for fields it does not have.
 * link_model_score and all below want a model fitted to their columns. */
void  link_model_fit(LinkModel *model, const LinkColumns *c);
void  link_model_done(LinkModel *model);
/* Rows as numbers of the same columns, a != b. */
void link_model_score(const LinkModel *model, const LinkColumns *c, uint32_t a, uint32_t b, LinkScore *score);
double link_bits_to_probability(double weight_bits);
