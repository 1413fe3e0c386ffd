/* package_apply.h: what a force's return does to the package it answers, for apply functions of later
 * folders.
 *
 * Nothing here fails because a package is already further on: a return may come late, twice or out of order.
 */
#pragma once
#include "ledger/ledger.h"

/* The force acted: the first action is noted, its clock stops and the next update is awaited. `update_due`
 * INSTANT_NONE: no update clock. package 0: nothing to do. */
MUST_USE bool package_note_action(Tx *tx, const Entry *entry, int64_t package, Date on, Instant update_due,
                                  Err *err);
/* The force's answer to the whole package: it is closed with every clock of its own. */
MUST_USE bool package_note_closed(Tx *tx, const Entry *entry, int64_t package, const char *disposition,
                                  const char *note, Err *err);
/* The person moved where another force must act and the return does not say which: back to the coordinator,
 * so that nobody is lost between two forces. */
MUST_USE bool package_note_returned(Tx *tx, const Entry *entry, int64_t package, const char *reason,
                                    Instant due, Err *err);

/* The package a force is working for this person (or those merged into them): sent and not yet closed first,
 * then the newest. 0 if none. */
MUST_USE bool package_of_force(Db *db, int64_t nominal, int64_t force, int64_t *package, Err *err);
/* Whose it is now. *found false if there is none. */
typedef struct PackageHolder { int64_t nominal, force, operation; const char *state, *band; } PackageHolder;
MUST_USE bool package_holder(Db *db, Arena *mem, int64_t package, PackageHolder *out, bool *found, Err *err);
