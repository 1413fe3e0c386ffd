/* linkage_sort.h: numbers sorted by some of their bits. */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { LINK_SORT_BITS_MAX = 44 };

/* By the `bits` bits from bit `low` up, at most LINK_SORT_BITS_MAX; numbers that agree on them stay in order.
 * `spare` has room for as many. */
void link_sort_bits(uint64_t *at, uint64_t *spare, size_t n, unsigned low, unsigned bits);
