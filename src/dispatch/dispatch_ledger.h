/* dispatch_ledger.h: the bodies of this folder's facts; see dispatch_ledger.c for what they change. */
#pragma once
#include "ledger/ledger.h"

extern const Kind dispatch_kinds[];
