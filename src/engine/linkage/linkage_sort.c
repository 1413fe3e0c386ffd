#include "engine/linkage/linkage_sort.h"
#include <string.h>

/* An even number of passes ends where it began. */
enum { DIGITS = 4, DIGIT_BITS_MAX = LINK_SORT_BITS_MAX / DIGITS, BUCKETS = 1 << DIGIT_BITS_MAX };

void link_sort_bits(uint64_t *at, uint64_t *spare, size_t n, unsigned low, unsigned bits)
{
    unsigned digit = (bits + DIGITS - 1) / DIGITS, mask = (1u << digit) - 1;
    size_t   places[DIGITS][BUCKETS];
    for (unsigned d = 0; d < DIGITS; d++)
        memset(places[d], 0, (mask + 1) * sizeof places[d][0]);
    for (size_t i = 0; i < n; i++)
        for (unsigned d = 0; d < DIGITS; d++)
            places[d][at[i] >> (low + d * digit) & mask]++;
    for (unsigned d = 0; d < DIGITS; d++) {
        for (size_t b = 0, sum = 0; b <= mask; b++) {
            size_t here = places[d][b];
            places[d][b] = sum;
            sum += here;
        }
        for (size_t i = 0; i < n; i++)
            spare[places[d][at[i] >> (low + d * digit) & mask]++] = at[i];
        uint64_t *was = at;
        at = spare;
        spare = was;
    }
}
