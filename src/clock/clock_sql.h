/* clock_sql.h: every statement of this folder, by name. */
#pragma once
#include "store/store.h"

/* The board's sections in the order people see them; each is read once per page at most (late: once per
 * band). */
typedef enum Section { SECTION_LATE, SECTION_AHEAD, SECTION_PAUSED, SECTION__COUNT } Section;
/* Whose: one index each. */
typedef enum Scope { SCOPE_ALL, SCOPE_KIND, SCOPE_AGENCY, SCOPE_OWNER, SCOPE__COUNT } Scope;

enum {
    CLOCK_START, CLOCK_MOVE, CLOCK_STOP, CLOCK_STOP_ALL, CLOCK_HOLD, CLOCK_GO_ON, CLOCK_HAND_OVER,
    CLOCK_RUNNING, CLOCK_PERSON_ACTIVE,
    CLOCK_ONE, CLOCK_ESCALATE, CLOCK_PAUSE, CLOCK_RESUME, CLOCK_OFFER, CLOCK_ACCEPT, CLOCK_RISING,
    CLOCK_ROW, CLOCK_COUNTS,
    CLOCK_BOARD,                                       /* + scope * SECTION__COUNT + section */
    CLOCK__COUNT = CLOCK_BOARD + SCOPE__COUNT * SECTION__COUNT
};
extern const Sql clock_sql[CLOCK__COUNT];
