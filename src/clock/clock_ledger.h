/* clock_ledger.h: the facts about clocks themselves; most clocks start and stop in the facts of other
 * folders. */
#pragma once
#include "ledger/ledger.h"

extern const Kind clock_kinds[];
