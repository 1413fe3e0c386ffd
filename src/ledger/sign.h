/* sign.h: a text of this installation, signed with the key of its checkpoints, so that one verifier key
 * serves both. */
#pragma once
#include "ledger/ledger.h"

/* A C2SP signed note over `text`, which ends in a newline (note.h). Its first line must not be the ledger's
 * origin: a text like that could be taken for a checkpoint (ERR_INVALID). */
MUST_USE bool ledger_sign(Db *db, Arena *mem, Str text, const char **note, Err *err);
