/* attribute_ledger.h: footprints.looked-up, answer.attributed, answer.refused, answer.reviewed,
 * answer.withdrawn, nominal.placed. */
#pragma once
#include "ledger/ledger.h"
#define ERROR_REVIEW "nominal.error-review" /* the clock of a withdrawn answer */
extern const Kind attribute_kinds[];
