/* linkage_blocking.h: which pairs are worth comparing.
 *
 * A rule is one to three keys (a field seen through a lens: exact, by sound, first letters, year...); rows
 * that agree on all of them are its block. Rules are united: a pair belongs to the first rule that finds it
 * and is given once. Rows of the same source are not paired when the plan is across sources only. */
#pragma once
#include "engine/linkage_columns.h"

enum { LINK_RULE_KEYS = 3, LINK_RULES_MAX = 24 };

typedef enum LinkLens {
    LENS_EXACT, LENS_SOUND, LENS_START /* first three letters */, LENS_PART0, LENS_PART1, LENS_PART2,
    LENS_MONTH_DAY, LENS_TOKEN /* its rarest word */, LENS__COUNT
} LinkLens;

typedef struct LinkKey  { uint8_t field; uint8_t lens; } LinkKey;
typedef struct LinkRule {
    LinkKey  keys[LINK_RULE_KEYS];
    size_t   key_count;           /* 0: every pair */
    uint64_t pairs;               /* predicted, before pairs of earlier rules are left out */
    uint32_t biggest_block;
    bool     refused;             /* it explodes: left out of the plan's pairs */
    char     refused_value[96];   /* the value that does it */
    uint64_t refused_pairs;       /* what that value alone would give */
} LinkRule;

typedef struct LinkPlan {
    bool     across_only;         /* two files: pairs between sources only */
    size_t   rule_count;
    LinkRule rules[LINK_RULES_MAX];
} LinkPlan;

typedef struct LinkLimits {
    uint64_t rule_pairs;          /* a rule above it is refused; 0: no limit */
    uint32_t block_rows;          /* a bigger block is split by a further key of the rule's fields */
    uint64_t all_pairs;           /* up to so many pairs in all, every pair is compared */
    double   pairs_per_row;       /* what planning may spend */
} LinkLimits;
LinkLimits link_limits_default(size_t rows);

/* A plan made from the fields there are, how filled and how varied they are; the same columns and seed give
 * the same plan. Predictions are filled in. */
LinkPlan link_plan_make(const LinkColumns *c, bool across_only, LinkLimits limits, uint64_t seed);
/* Fills in the exact counts of a plan's rules and refuses those that explode. */
void     link_plan_count(LinkPlan *plan, const LinkColumns *c, LinkLimits limits);
char *link_rule_words(Arena *mem, const LinkRule *rule,
                      const LinkColumns *c); /* "given sound + birth_date year" */
bool     link_rule_holds(const LinkRule *rule, const LinkColumns *c, uint32_t a, uint32_t b);
