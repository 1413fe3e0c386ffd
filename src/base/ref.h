/* ref.h: the short references people read and type: a letter, a hyphen, the number in Crockford base 32
 * (no I L O U) and a check character, e.g. "N-3Z1B". A mistyped one is refused.
 * Crockford's own check (mod 37) needs * ~ $ =, which are awkward in addresses and speech, so the check
 * character here comes from the same 32 symbols: a weighted sum over the field GF(32) of the digits and the
 * letter. It refuses every single wrong character and every exchange of two characters (mod 31 would not: it
 * takes 0 for Z). The letter counts too: another kind's reference is refused.
 * Letters: N nominal, P package, C child, R referral, F received file, O operation, A agency, U person
 * (user), E ledger entry, S sighting, Q request to a provider, K check, X exhibit, W warrant, D
 * deconfliction, G hash set, H held file hash, M match (a file hash), J job, T two records weighed. */
#pragma once
#include "base/err.h"
#include "base/str.h"

#define REF_MAX 24
char *ref_write(Arena *mem, char letter, int64_t id);        /* id >= 1 */
MUST_USE bool ref_read(Str text, char letter, int64_t *id,
                       Err *err); /* case-blind; O->0, I,L->1; hyphens dropped */
