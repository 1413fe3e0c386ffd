/* linkage_blocking.h: which pairs are worth comparing.
 *
 * A rule is one to three keys (a field seen through a lens: exact, by sound, first letters, year...); rows
 * that agree on all of them are its block. Rules are united: a pair belongs to the first rule that finds it
 * and is given once. Rows of the same source are not paired when the plan is across sources only. A block
 * that is too big is split by further keys that the rule did not use; what stays too big counts, and a rule
 * that predicts more pairs than it may is refused, with the value that does it. */
#pragma once
#include "engine/linkage/linkage_model.h"

enum { LINK_RULE_KEYS = 3, LINK_RULES_MAX = 24, LINK_FURTHER_KEYS = 3 };

typedef enum LinkLens {
    LENS_EXACT,
    LENS_SOUND,        /* of a name or place (of the given name where there is no family name); of an address:
                          its house number */
    LENS_START,        /* the first three letters */
    LENS_PART0,        /* year; outward part of a postcode; what stands before the @; last seven digits */
    LENS_PART2,        /* postcode area; letters before the @ */
    LENS_MONTH_DAY,
    LENS_WORD,         /* the longest word that is not a common one */
    LENS_WORD2,        /* and the next */
    LENS_NICK,         /* the name that a short form stands for */
    LENS_NAMES,        /* given and family name in either order */
    LENS__COUNT
} LinkLens;

typedef struct LinkKey { uint8_t field, lens; } LinkKey;
typedef struct LinkRule {
    LinkKey  keys[LINK_RULE_KEYS];
    size_t   key_count;           /* 0: every pair */
    uint64_t pairs;               /* predicted, before pairs of earlier rules are left out */
    uint32_t biggest_block;
    uint32_t blocks_split;
    bool     refused;             /* it explodes: left out of the plan's pairs */
    char     refused_value[96];   /* the value that does it */
    uint64_t refused_pairs;       /* what that value alone would give */
} LinkRule;

typedef struct LinkLimits {
    uint64_t rule_pairs;          /* a rule above it is refused; 0: no limit */
    uint32_t block_rows;          /* a bigger block is split; 0: never */
    uint64_t all_pairs;           /* up to so many pairs in all, every pair is compared */
    double   pairs_per_row;       /* what planning may spend */
    double least_found; /* the share of true pairs a rule must find for each pair a row that it costs */
    unsigned threads;             /* 0: one */
} LinkLimits;
LinkLimits link_limits_default(size_t rows);

typedef struct LinkBlocks LinkBlocks;     /* linkage_blocks.h: rows sorted into blocks */
typedef struct LinkPlan {
    bool        across_only;      /* two files: pairs between sources only */
    size_t      rule_count;
    LinkRule    rules[LINK_RULES_MAX];
    LinkLimits  limits;
    LinkBlocks *blocks;           /* made by counting, for the rows there were; may be NULL */
} LinkPlan;

/* A plan made from the fields there are, how filled and how varied they are; the same columns and seed give
 * the same plan, in whatever order the rows came. Shares must have been counted. Predictions are filled in.
 * `prior` says how often the values of one person differ; NULL: each kind's own priors. */
LinkPlan link_plan_make(const LinkColumns *c, const LinkModel *prior, bool across_only, LinkLimits limits,
                        uint64_t seed);
void     link_plan_done(LinkPlan *plan);      /* accepts {0}; for CLEANUP(link_plan_done) */
/* Fills in the exact counts of a plan's rules and refuses those that explode. Sorts the rows into blocks,
 * which training and runs use. */
void     link_plan_count(LinkPlan *plan, const LinkColumns *c, LinkLimits limits);
/* "given sound + birth_date year" */
char    *link_rule_words(Arena *mem, const LinkRule *rule, const LinkColumns *c);
/* Whether a counted plan's rule puts the two rows into one block. */
bool     link_rule_holds(const LinkPlan *plan, size_t rule, const LinkColumns *c, uint32_t a, uint32_t b);
