/* vpdq.h: how much two videos have in common, from the PDQ hashes of their frames (vPDQ).
 *
 * A video is the list of its frames' hashes, one a second. Frames of low quality (black, white, blurred) say
 * nothing and are left out. A frame is met when any frame of the other video is within the distance; order
 * and repetition do not count, so a cut, a loop or an excerpt is still found. The share goes both ways,
 * because a short excerpt lies wholly in a long video while the long one hardly lies in the excerpt. Exact,
 * no state. */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "engine/picture/pdq.h"

typedef struct VpdqFrame {
    uint32_t number;                           /* in the video, from 0 */
    int32_t  quality;                          /* 0..100 */
    uint64_t at_us;
    uint8_t  pdq[32];
} VpdqFrame;

typedef struct VpdqVideo {
    const VpdqFrame *frames;
    size_t           count;
} VpdqVideo;

typedef struct VpdqMatch {
    size_t query_frames, against_frames;       /* of sufficient quality */
    size_t query_met, against_met;
    double query_percent, against_percent;     /* 0..100; 0 when there are no such frames */
} VpdqMatch;

/* vpdq_match(a, b) is vpdq_match(b, a) with its sides exchanged. */
void vpdq_match(VpdqVideo query, VpdqVideo against, int quality_min, int distance, VpdqMatch *out);
