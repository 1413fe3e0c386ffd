/* similarity.h: how alike two short texts are. Arrays in, arrays out; no storage, no state, no allocation.
 *
 * A text is a run of bytes, one symbol each: normalised names and addresses are plain ASCII. What is not has
 * the functions ending in _utf8, whose symbols are code points; with ASCII both give the same. Up to 64
 * symbols the work is bit-parallel in one machine word (Myers 1999, Hyyrö 2003). Only the first SIM_LONGEST
 * symbols of a text are looked at.
 *
 * Invariants: f(a, b) == f(b, a); a similarity is 0..1 and 1 for equal texts; the functions on many pairs
 * give exactly what the function on one pair gives, at every Cpu level. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/str.h"
#include "engine/cpu.h"

enum {
    SIM_LONGEST = 4096,          /* symbols of a text that count */
    SIM_CODE    = 8,             /* bytes of a phonetic code, with its NUL */
};

/* ---- one pair */

/* Jaro (1989) and Winkler (1990): window max/2 - 1, half transpositions rounded down; at more than 0.7 each
 * of up to four equal first symbols adds a tenth of what is missing. Both texts empty: 1; one: 0. */
double sim_jaro(Str a, Str b);
double sim_jaro_winkler(Str a, Str b);

/* Edits: insertions, deletions, replacements. */
int sim_levenshtein(Str a, Str b);
/* The same, and swapped neighbours, with no part edited twice (optimal string alignment). */
int sim_osa(Str a, Str b);
/* The same without that restriction (Damerau 1964; Lowrance and Wagner 1975): a true distance. */
int sim_damerau(Str a, Str b);
/* The distance if it is at most `max`, else max + 1; cheaper the smaller max is. max >= 0. */
int sim_levenshtein_within(Str a, Str b, int max);
int sim_osa_within(Str a, Str b, int max);
int sim_damerau_within(Str a, Str b, int max);
/* 1 - distance / symbols of the longer; 1 when both are empty. */
double sim_edit_ratio(int distance, size_t a_len, size_t b_len);

/* Sets of q neighbouring symbols, q 1..4, without padding; a text shorter than q is one gram. Both empty: 1.
 * Jaccard: shared / all. Dice: 2 shared / (a's + b's). */
double sim_jaccard_grams(Str a, Str b, int q);
double sim_dice_grams(Str a, Str b, int q);

/* Words are parted by blanks; the first SIM_WORDS count. Jaccard of the two sets of words. */
enum { SIM_WORDS = 32 };
double sim_jaccard_words(Str a, Str b);
/* Monge and Elkan (1996) made symmetric: each word of the text with fewer takes its likest partner by
 * Jaro-Winkler, best first, each partner once; weighted by symbols. `missing` 0..1 is what a word without a
 * partner costs: 1 counts it as unlike, 0 leaves it out. */
double sim_words(Str a, Str b, double missing);

size_t sim_prefix(Str a, Str b);             /* equal first symbols */
/* Equal, or one insertion, deletion, replacement or swap of neighbours away: cheap, the commonest test. */
bool sim_one_edit(Str a, Str b);

/* ---- sound. Codes are upper-case ASCII and NUL-terminated; "" for a text without letters A-Z. */

void sim_soundex(Str text, char out[SIM_CODE]);  /* American Soundex as the US National Archives state it */
void sim_nysiis(Str text, char out[SIM_CODE]);   /* New York State 1970, cut to six letters as published */
/* Our own: a table of spellings to sounds in the manner of Metaphone, for names of many origins romanised
 * into Latin letters (kh/h, ts/c/tz, w/v, y/j/i and the like fall together); consonants only after the first
 * letter, at most seven. */
void sim_phonetic(Str text, char out[SIM_CODE]);

/* ---- by code point. Invalid UTF-8 counts a symbol a byte. */

double sim_jaro_winkler_utf8(Str a, Str b);
int    sim_levenshtein_utf8(Str a, Str b);
int    sim_osa_utf8(Str a, Str b);
int    sim_damerau_utf8(Str a, Str b);

/* ---- many pairs at once: several pairs to a vector. `a_step` 1: pair i is a[i], b[i]; 0: one text against
 * many, a[0], b[i]. A text of any length will do; up to 16 bytes is fastest, then 32, then 64. */

void sim_jaro_winkler_pairs(Cpu level, const Str *a, int a_step, const Str *b, size_t n, double *out);
void sim_levenshtein_pairs(Cpu level, const Str *a, int a_step, const Str *b, size_t n, uint16_t *out);
void sim_osa_pairs(Cpu level, const Str *a, int a_step, const Str *b, size_t n, uint16_t *out);
