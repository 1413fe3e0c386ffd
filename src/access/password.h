/* password.h: argon2id through libsodium: hashing, checking and what is refused as too weak.
 *
 * The cost is a parameter, so that a test need not spend what an attacker must. A hash says its own cost. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "ledger/ledger.h"

typedef struct PasswordCost { unsigned passes; size_t memory_bytes; } PasswordCost;
#define PASSWORD_COST ((PasswordCost){ 3, 64 * 1024 * 1024 })    /* about 0.15 s and 64 MiB a try */

/* ERR_LIMIT when the machine cannot spare the memory. Slow: never call it on the writer thread. */
MUST_USE bool password_hash(Arena *mem, const char *password, PasswordCost cost, const char **hash, Err *err);
bool password_fits(const char *hash, const char *password);
/* A hash that fits nothing and costs as much to try, for a login nobody has. */
const char *password_dummy(Arena *mem, PasswordCost cost);
MUST_USE bool password_acceptable(const char *password, const char *login, Err *err);   /* ERR_INVALID */
/* person_set_password at a cost of the caller's. */
MUST_USE bool person_set_password_at(Ledger *ledger, const Hand *hand, int64_t person, const char *password,
                                     bool must_change, PasswordCost cost, Err *err);
