/* safeguard_ledger.h: the bodies of this folder's facts; see safeguard_ledger.c for what they change. */
#pragma once
#include "ledger/ledger.h"

extern const Kind safeguard_kinds[];
