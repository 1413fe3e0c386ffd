/* attribute_ledger.h: footprints.looked-up, answer.attributed, answer.refused, answer.withdrawn,
 * nominal.placed. */
#pragma once
#include "ledger/ledger.h"
extern const Kind attribute_kinds[];
