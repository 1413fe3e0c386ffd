/* forest.h: which things belong together, told one pair at a time. `up` holds for each thing another of its
 * group; a group stands under its lowest number, so the order of telling does not matter. Begin with
 * up[i] = i. */
#pragma once
#include <stdint.h>

static inline uint32_t forest_top(uint32_t *up, uint32_t i)
{
    while (up[i] != i)
        i = up[i] = up[up[i]];
    return i;
}

static inline void forest_join(uint32_t *up, uint32_t a, uint32_t b)
{
    a = forest_top(up, a);
    b = forest_top(up, b);
    up[a < b ? b : a] = a < b ? a : b;
}
