/* linkage_draw.h: rows drawn at random by what they hold, so that a draw does not depend on the order of the
 * file. Every value is hashed once and rows are read in order, so that a draw from millions of rows costs
 * little more than reading their codes. */
#pragma once
#include "engine/linkage/linkage_columns.h"

/* A hash of what a row holds: the same whatever the order of rows. */
uint64_t link_row_hash(const LinkColumns *c, uint32_t row, uint64_t seed);
/* Writes (at most) `most` rows in a random order and returns how many. Rows that hold the same are drawn each
 * for itself. */
size_t   link_draw(const LinkColumns *c, uint64_t seed, size_t most, uint32_t *rows);
