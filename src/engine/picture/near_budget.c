/* near_budget.c: how much each chunk of a hash may differ, so that the fewest rows are read.
 *
 * Even shares are best where values are spread evenly. Hashes of flat pictures share chunks, all zeros above
 * all, and a probe of such a value would read a part of the whole table. Then the shares that cost least are
 * found: the rows of every probe are known from the index without reading them. */
#include "engine/picture/near_inside.h"
#include <assert.h>
#include <string.h>

enum {
    PROBE_COST = 16,         /* in rows: finding and fetching a run, however short */
    WORTH      = 2,          /* even shares must cost so many times what a hash costs in an even set */
};

void near_masks(NearMasks *m, int budget_max)
{
    int n = 0;
    m->first[0] = 0;
    m->mask[n] = 0;
    m->bits[n++] = 0;
    m->first[1] = n;
    for (int bits = 1; bits < budget_max; bits++) {     /* one more bit, below the lowest there is */
        for (int i = m->first[bits - 1]; i < m->first[bits]; i++)
            for (int bit = 0; bit < (m->mask[i] ? __builtin_ctz(m->mask[i]) : 16); bit++) {
                m->mask[n] = (uint16_t)(m->mask[i] | 1u << bit);
                m->bits[n++] = (uint8_t)bits;
            }
        m->first[bits + 1] = n;
    }
}

static uint64_t probes_cost(const uint32_t *start, const NearMasks *masks, uint16_t key, int from, int to)
{
    uint64_t rows = 0;
    for (int p = masks->first[from]; p < masks->first[to]; p++) {
        uint16_t value = key ^ masks->mask[p];
        rows += start[value + 1] - start[value];
    }
    return rows + (uint64_t)PROBE_COST * (uint64_t)(masks->first[to] - masks->first[from]);
}

static void even_shares(int units, uint8_t budget[NEAR_CHUNKS])
{
    for (int c = 0; c < NEAR_CHUNKS; c++)
        budget[c] = (uint8_t)(units / NEAR_CHUNKS + (c < units % NEAR_CHUNKS));
}

/* least[u]: the least cost of giving u units to the chunks so far; took[c][u]: what chunk c had of them. */
static void cheapest(uint64_t cost[NEAR_CHUNKS][NEAR_BUDGET_MAX + 1], int units, int budget_max,
                     uint8_t budget[NEAR_CHUNKS])
{
    enum { UNITS = NEAR_DISTANCE_MAX + 1 };
    uint64_t least[UNITS + 1], before[UNITS + 1];
    uint8_t  took[NEAR_CHUNKS][UNITS + 1];
    assert(units <= UNITS);
    for (int u = 0; u <= units; u++)
        least[u] = u == 0 ? 0 : UINT64_MAX / 2;
    for (int c = 0; c < NEAR_CHUNKS; c++) {
        memcpy(before, least, sizeof before);
        for (int u = 0; u <= units; u++) {
            took[c][u] = 0;
            for (int b = 1; b <= budget_max && b <= u; b++)
                if (before[u - b] + cost[c][b] < least[u]) {
                    least[u] = before[u - b] + cost[c][b];
                    took[c][u] = (uint8_t)b;
                }
        }
    }
    for (int c = NEAR_CHUNKS - 1; c >= 0; c--) {
        budget[c] = took[c][units];
        units -= budget[c];
    }
    assert(units == 0);
}

void near_budget(const NearIndex *index, const NearMasks *masks, const uint16_t key[NEAR_CHUNKS],
                 int distance, int budget_max, uint8_t budget[NEAR_CHUNKS])
{
    uint64_t cost[NEAR_CHUNKS][NEAR_BUDGET_MAX + 1] = {0}, even = 0, usual = 0;
    even_shares(distance + 1, budget);
    if (!index->skewed)
        return;
    for (int c = 0; c < NEAR_CHUNKS; c++) {
        int probes = masks->first[budget[c]];
        even += cost[c][budget[c]] = probes_cost(index->start[c], masks, key[c], 0, budget[c]);
        usual += (uint64_t)probes * (PROBE_COST + index->table.n / NEAR_VALUES);
    }
    if (even <= WORTH * usual)
        return;
    for (int c = 0; c < NEAR_CHUNKS; c++)
        for (int b = 1; b <= budget_max; b++)
            cost[c][b] = cost[c][b - 1] + probes_cost(index->start[c], masks, key[c], b - 1, b);
    cheapest(cost, distance + 1, budget_max, budget);
}
