/* risk.h: a priority band, with its reasons. Our own published list (data/risk/), in four families: past,
 * access to children, present behaviour, other. Unknown access to children is a factor and an open check, and
 * keeps a person out of Low. A child in the household or in regular contact sets a floor of High. Low
 * image severity never lowers. Nothing here disseminates, closes or arrests: a person decides (band.decided),
 * lowering needs a reason and a second person. */
#pragma once
#include "access/access.h"
#include "clock/clock.h"
#include "ledger/ledger.h"

typedef struct RiskModel RiskModel;
MUST_USE bool risk_model_load(Arena *mem, Str json, RiskModel **out, Err *err);
const char *risk_model_version(const RiskModel *m);

typedef struct Factor {
    const char *factor, *family, *because;
    int points;
    int64_t entry;
} Factor;
typedef struct Suggestion {
    const char *band;
    int points;
    const char *why;
    Factor *factors;
    size_t factor_count;
} Suggestion;
/* Scores every nominal whose facts moved since its last score (nominal.scored), opens the checks the model
 * asks for and starts their clocks and the band's action clock. Returns how many. */
MUST_USE bool risk_pending(Ledger *ledger, Db *db, const RiskModel *m, const ClockRules *rules,
                           const Hand *hand, size_t *scored, Err *err);
MUST_USE bool risk_score_one(Db *db, Arena *mem, const RiskModel *m, int64_t nominal, Instant now,
                             Suggestion *out, Err *err);

/* A person's decision. Raising takes effect at once; lowering below the suggestion waits for `second`
 * (band.proposed, then band.decided). */
MUST_USE bool band_decide(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand, int64_t nominal,
                          const char *band, const char *reason, Err *err);
MUST_USE bool band_second(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand, int64_t nominal,
                          bool agree, Err *err);
/* kinds of check: access, occupation, household, register. `answer`: yes | no | unknown-after-enquiry; a note
 * says what was found. */
MUST_USE bool check_answer(Ledger *ledger, const Hand *hand, int64_t check, const char *answer,
                           const char *note, Err *err);

typedef struct ScoreRow {
    int64_t id;
    Instant at;
    const char *model, *band, *why, *factors_json;
    int64_t points;
} ScoreRow;
typedef struct DecisionRow {
    int64_t id, person, second;
    Instant at;
    const char *suggested, *band, *reason, *person_name;
} DecisionRow;
typedef struct CheckRow {
    int64_t id;
    const char *kind, *says, *state, *answer, *note;
    Instant asked, due;
} CheckRow;
typedef struct RiskView {
    ScoreRow *scores;
    size_t score_count;
    DecisionRow *decisions;
    size_t decision_count;
    CheckRow *checks;
    size_t check_count;
    const char *proposed_band, *proposed_reason;
    int64_t proposed_by;
} RiskView; /* proposed_*: waits for a second person */
MUST_USE bool risk_view(Db *db, Arena *mem, int64_t nominal, RiskView *out, Err *err);
const char *band_says(const char *band); /* "very-high" -> "Very high" */
const char *band_of_rank(int rank);           /* "" for 0 */
int band_rank(const char *band);         /* 4..1, 0 none */
/* Which nominal a check is about; ERR_NOT_FOUND. */
MUST_USE bool check_nominal(Db *db, int64_t check, int64_t *nominal, Err *err);
extern const Kind risk_kinds[];
