/* linkage_values.h: what is derived from one value when it enters a dictionary (linkage_columns.h). */
#pragma once
#include "engine/linkage/linkage_columns.h"

enum { LINK_WORDS_MAX = 16 };     /* of a value; further ones are left out */

uint64_t link_text_hash(Str text);
uint32_t link_word_hash(Str word);    /* never 0 */
/* Fills in all but text, len, tokens and nicknames; gives the hashes of the words, sorted, each once. */
size_t   link_value_derive(LinkKind kind, LinkValue *v, uint32_t words[LINK_WORDS_MAX]);
/* The next word of a text parted by blanks or hyphens; false at its end. */
bool     link_next_word(Str text, size_t *at, Str *word);
/* The longest word that is not a common one, and the next; of equal length the first in the alphabet. */
void     link_telling_words(Str text, Str best[2]);
