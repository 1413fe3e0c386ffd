/* match_ledger.h: the facts of matching.
 *
 *   files.matched        a run of files was compared with known sets, and what was found
 *   hashset.registered   a set file is in use; hashset.retired: asked no more, and its matches end
 *   match.held           a hash is so common that a person decides; match.released: what they decided
 *   job.started, job.cancelled, job.ended */
#pragma once
#include "ledger/ledger.h"
extern const Kind match_kinds[];
