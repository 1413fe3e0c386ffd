/* ticker.h: what a running server does by itself: tells live pages that the ledger grew, and once a minute
 * moves clocks past their time up a level and runs the stages that have work, as the system (actor 0). */
#pragma once
#include "flow/flow.h"
#include "web/live.h"

typedef struct Ticker Ticker;
MUST_USE bool ticker_start(App *app, Live *live, Arena *mem, Ticker **out, Err *err);
void ticker_stop(Ticker *ticker);        /* accepts NULL; waits for what is being done */
