/* words.h: time left and what is awaited, in the few words a row has room for. */
#pragma once
#include "base/when.h"

char *clock_left(Arena *mem, Instant due, Instant now);    /* "2 h late", "41 min left", "3 days left" */
/* What someone has to do, as a row says it: "Acknowledge receipt". The board has the longer clock_says. The
 * kind itself if there are no shorter words for it. */
const char *clock_next(Arena *mem, const char *kind);
