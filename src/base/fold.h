/* fold.h: one way of writing text from any script, for comparing (ICU behind this door only).
 *
 * A Fold holds ICU's converters, opened as they are first needed, and belongs to one thread: make one for
 * each thread and pass it in. What these functions give is for comparing, never for showing as what was said.
 * All of them are idempotent, take any bytes (what is not UTF-8 is cleaned first) and never fail: what has no
 * reading is left out. Only the first 4096 bytes of a text are looked at. */
#pragma once
#include "base/err.h"
#include "base/str.h"

typedef struct Fold Fold;
Fold *fold_new(Arena *mem);                  /* fold_done before the arena goes */
void  fold_done(Fold **fold);                /* for CLEANUP; accepts NULL inside */

/* NFKC with full case folding: compatibility forms (wide letters, ligatures) and case disappear. */
char *fold_case(Fold *fold, Arena *mem, const char *text);
/* The same in ASCII lower case letters, digits and punctuation: other scripts are romanised the customary way
 * (Борис Ельцин: boris yeltsin), marks come off (Lacôte: lacote), ß is ss, ø is o, þ is th. */
char *fold_latin(Fold *fold, Arena *mem, const char *text);
/* ISO 15924 code of the script most letters are in: "Latn", "Cyrl", "Arab", "Hani"; "" without a letter. */
const char *fold_script(const char *text);
bool  fold_is_ascii(const char *text);
