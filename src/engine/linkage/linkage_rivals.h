/* linkage_rivals.h: pairs weighed anew where a record has at most one partner.
 *
 * Two files that each hold a person once are a matching: a record's partners shut each other out. Each pair's
 * log odds become those of its being in the matching: what it has by itself, less what the other pairs of its
 * two records claim, themselves contested in turn. So a pair stands only if neither record has a clearly
 * better partner, two pairs of one record never both stand, and of rivals as good as each other none does:
 * chance never picks one. A pair without rivals keeps its weight, and no pair gains any.
 *
 * Whether the files are such is for others to tell (link/evaluate/one_to_one.h). The order of pairs changes
 * nothing beyond rounding. Time is linear in pairs a round; most lists settle within 30 rounds, 300 are the
 * most. */
#pragma once
#include "base/arena.h"
#include "engine/linkage/linkage_run.h"

/* The same pairs in the same order; in `mem`. */
LinkPair *link_rivals_weigh(Arena *mem, const LinkPair *pairs, size_t count, size_t rows);
