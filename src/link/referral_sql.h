/* referral_sql.h: the statements about one referral, and what was joined lately. */
#pragma once
#include "store/store.h"

enum {
    REFERRAL_ONE,
    REFERRAL_NOMINALS,
    REFERRAL_PEOPLE,
    REFERRAL_IDENTIFIERS,
    REFERRAL_FOOTPRINTS,
    REFERRAL_FILES,
    REFERRAL_RECENT_LINKS,
    REFERRAL_RECENT_MERGES,
    REFERRAL_MERGE_KEPT,
    REFERRAL_ASSESS_ANY,
    REFERRAL_UNOWNED,
    REFERRAL_NAMED_NOW,
    REFERRAL_ASSESS_STATE,
    REFERRAL_ASSESSED,
    REFERRAL__COUNT
};
extern const Sql referral_sql[REFERRAL__COUNT];
