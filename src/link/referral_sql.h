/* referral_sql.h: the statements that read one referral and what was joined lately. */
#pragma once
#include "store/store.h"

enum {
    REFERRAL_ONE, REFERRAL_NOMINALS, REFERRAL_PEOPLE, REFERRAL_IDENTIFIERS, REFERRAL_FOOTPRINTS,
    REFERRAL_FILES, REFERRAL_RECENT_LINKS, REFERRAL_RECENT_MERGES, REFERRAL_MERGE_KEPT, REFERRAL__COUNT
};
extern const Sql referral_sql[REFERRAL__COUNT];
