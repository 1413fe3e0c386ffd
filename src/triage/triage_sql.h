/* triage_sql.h: every statement of this folder, by name. */
#pragma once
#include "store/store.h"

enum {
    TRIAGE_EXHIBIT,
    TRIAGE_REPLACE,
    TRIAGE_NEW,
    TRIAGE_COUNT_NEW,
    TRIAGE_SET_NEW,
    TRIAGE_FETCH,
    TRIAGE_LIST,
    TRIAGE_COUNTS,
    TRIAGE_SETS,
    TRIAGE__COUNT
};
extern const Sql triage_sql[TRIAGE__COUNT];
