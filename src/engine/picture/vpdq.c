/* vpdq.c: every frame against every frame, stopping at the first that is near. Videos of an hour have 3,600
 * frames, so a pair of them takes milliseconds; searching many videos goes through near.h first. */
#include "engine/picture/vpdq.h"
#include <string.h>

static int distance_of(const uint8_t *a, const uint8_t *b)
{
    uint64_t x[4], y[4];
    memcpy(x, a, sizeof x);
    memcpy(y, b, sizeof y);
    return __builtin_popcountll(x[0] ^ y[0]) + __builtin_popcountll(x[1] ^ y[1]) +
           __builtin_popcountll(x[2] ^ y[2]) + __builtin_popcountll(x[3] ^ y[3]);
}

static void one_way(VpdqVideo a, VpdqVideo b, int quality_min, int distance, size_t *frames, size_t *met)
{
    *frames = *met = 0;
    for (size_t i = 0; i < a.count; i++) {
        if (a.frames[i].quality < quality_min)
            continue;
        (*frames)++;
        for (size_t j = 0; j < b.count; j++)
            if (b.frames[j].quality >= quality_min &&
                distance_of(a.frames[i].pdq, b.frames[j].pdq) <= distance) {
                (*met)++;
                break;
            }
    }
}

static double percent(size_t part, size_t whole) { return whole ? 100.0 * (double)part / (double)whole : 0; }

void vpdq_match(VpdqVideo query, VpdqVideo against, int quality_min, int distance, VpdqMatch *out)
{
    one_way(query, against, quality_min, distance, &out->query_frames, &out->query_met);
    one_way(against, query, quality_min, distance, &out->against_frames, &out->against_met);
    out->query_percent = percent(out->query_met, out->query_frames);
    out->against_percent = percent(out->against_met, out->against_frames);
}
