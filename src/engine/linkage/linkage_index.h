/* linkage_index.h: one new record against all there are, in milliseconds.
 *
 * Holds the blocks of a plan over columns that may grow. A find gives exactly the pairs, with exactly the
 * scores, that a full run (link_pairs) over the same columns, plan, model and counted shares gives for the
 * row, as long as no block has grown past the size at which counting splits it. */
#pragma once
#include "engine/linkage/linkage_run.h"

typedef struct LinkIndex LinkIndex;
/* Indexes the rows there are, by a plan that was counted. The columns, model and plan must outlive it; the
 * index follows no later change of the plan. */
LinkIndex *link_index_new(Arena *mem, const LinkColumns *c, const LinkModel *model, const LinkPlan *plan);
/* Indexes a row added to the columns since (rows are given in order). */
void       link_index_add(LinkIndex *index, uint32_t row);
/* Every indexed row that blocking pairs with `row` (which need not be indexed, but must be in the columns)
 * and that scores at least keep_bits: best first, ties by row. LinkPair a < b. */
void       link_index_find(const LinkIndex *index, uint32_t row, double keep_bits, Arena *mem,
                           LinkPair **pairs, size_t *count);
void       link_index_done(LinkIndex *index);       /* accepts NULL */
