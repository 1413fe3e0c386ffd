/* words.h: time left, in the few words a board has room for. */
#pragma once
#include "base/when.h"

char *clock_left(Arena *mem, Instant due, Instant now);    /* "2 h late", "41 min left", "3 days left" */
