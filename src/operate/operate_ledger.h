/* operate_ledger.h: the bodies of this folder's facts; see operate_ledger.c for what they change. */
#pragma once
#include "ledger/ledger.h"

extern const Kind operate_kinds[];
