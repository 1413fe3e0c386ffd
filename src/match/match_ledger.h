/* match_ledger.h: files.matched: a run of files was compared with the known sets, and what was found. */
#pragma once
#include "ledger/ledger.h"
extern const Kind match_kinds[];
