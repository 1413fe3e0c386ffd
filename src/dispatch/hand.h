/* hand.h: may the person of a hand do this? Commands ask again what pages asked before, so that no door is
 * the only one. The system (actor 0) may. */
#pragma once
#include "access/access.h"

/* ERR_DENIED: not with this role. ERR_NOT_FOUND: the record is held by another force. */
MUST_USE bool hand_may(Db *db, const Hand *hand, Permission p, int64_t force, Err *err);
