/* model.h: the published list of factors: read, checked and evaluated. Knows nothing of storage. */
#pragma once
#include "risk/risk.h"

/* What a model may ask about a person. Each has a count and, where there is one, the entry that shows it. */
typedef enum Fact {
    FACT_ACCESS_UNASKED,
    FACT_ACCESS_UNKNOWN,
    FACT_ACCESS_YES,
    FACT_CHARGES,
    FACT_CHILDREN_HOME,
    FACT_CHILDREN_IMMEDIATE,
    FACT_CHILDREN_REGULAR,
    FACT_CONTACT_ABUSE,
    FACT_DAYS,
    FACT_DEVICE_FILES,
    FACT_DEVICE_UNKNOWN,
    FACT_ENTICEMENT,
    FACT_HOUSEHOLD_UNASKED,
    FACT_KNOWN_FILES,
    FACT_LIVE_STREAMING,
    FACT_OCCUPATION_UNASKED,
    FACT_OCCUPATION_UNKNOWN,
    FACT_POSITION_OF_TRUST,
    FACT_POSSIBLE_REGISTER,
    FACT_PRIOR_REPORTS,
    FACT_PRODUCTION,
    FACT_PURCHASES,
    FACT_REFERRALS,
    FACT_REGISTERED,
    FACT_SADISTIC,
    FACT_SEXTORTION,
    FACT_SOLICITATION,
    FACT_UNDER_18,
    FACT_URGENT,
    FACT__COUNT
} Fact;
typedef struct Measures {
    int64_t count[FACT__COUNT];
    int64_t entry[FACT__COUNT];          /* 0: none */
} Measures;

enum { BANDS = 4 };                      /* ranks 1 low .. 4 very high */
typedef struct Rule {
    const char *id, *family, *because, *group;
    Fact        fact;
    int64_t     at_least, points;
    int         floor;                   /* rank, 0 none */
} Rule;
typedef struct CheckRule { const char *kind, *says; Fact when; } CheckRule;
struct RiskModel {
    const char *version;
    Date        from;
    int64_t     threshold[BANDS + 1];    /* by rank; [1] is 0 */
    const char **trust;
    size_t      trust_count;
    Rule       *rules;
    size_t      rule_count;
    CheckRule  *checks;
    size_t      check_count;
};
/* Points, floors, the band and its one line. `why` and factors live in `mem`. */
void model_evaluate(const RiskModel *m, const Measures *measures, Arena *mem, Suggestion *out);
/* Does an occupation name work in a position of trust? Whole words, any case. */
bool model_trusts(const RiskModel *m, Arena *mem, const char *occupation);
const char *band_of_rank(int rank);      /* "" for 0 */
