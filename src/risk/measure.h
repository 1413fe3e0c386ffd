/* measure.h: what the records say about one person, as the model asks it. */
#pragma once
#include "risk/model.h"

typedef struct Person {                  /* the nominal's row, and what scoring needs around it */
    int64_t     operation, changed, answers, known_files, referrals;
    const char *given, *family, *occupation, *postcode, *stage, *status, *band, *suggested, *nation;
    Date        born;
    bool        registered, position_of_trust;       /* already set, by a score or a force */
    const char *access;                  /* unknown | yes | no, as answered */
    Measures    m;
} Person;
/* ERR_NOT_FOUND */
MUST_USE bool person_measure(Db *db, Arena *mem, const RiskModel *model, int64_t nominal, Instant now,
                             Person *out, Err *err);
