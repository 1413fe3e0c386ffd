/* link_ledger.h: the facts that decide who is one person.
 *
 * Who a sighting belongs to is a forest: `link` ties it to the nominal whose evidence it shares and never
 * changes in a merge; a merge only points one nominal at another; sighting.nominal is the top of that chain.
 * So taking a merge back restores exactly what was, and what was linked since goes where its own evidence
 * points. */
#pragma once
#include "ledger/ledger.h"
extern const Kind link_kinds[];
