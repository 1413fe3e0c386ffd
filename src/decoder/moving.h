/* moving.h: which frames of a moving picture are hashed, as they come.
 *
 * A reader composes each frame on the canvas and gives the whole canvas here. The first frame becomes the
 * hashes of the picture, as if it stood still. Since a moving picture is short and may show a thing only
 * briefly, each of its first frames is hashed; after those one in every `frame_every_us` of playing time, as
 * of a video. Frames, looked at and hashed, and time are bounded; what is beyond is told as truncated. */
#pragma once
#include "decoder/picture.h"

enum {
    MOVING_EVERY_FRAME = 32,                   /* so many are hashed whenever they are shown */
    MOVING_FRAMES_MAX  = DECODE_FRAMES_MAX,    /* frames looked at */
    MOVING_SHOWN_US    = 100000,               /* of a frame that asks for less than 20 ms: as browsers do */
    MOVING_SHOWN_LEAST_US = 20000,
};

/* The next composed frame: width x height pixels of `step` bytes, red, green and blue first, shown for
 * `shown_us`. False when no more are wanted. */
bool moving_frame(Picture *p, const uint8_t *pixels, int step, uint64_t shown_us);
/* Whether the time for this picture has run out and there is something to show for it: asked within a frame.
 */
bool moving_late(const Picture *p);
/* The frames end here; `broken`: earlier than they should. A picture of one frame has none. */
void moving_end(Picture *p, bool broken);
/* Gives the first frame the hash of the picture. */
void moving_first(Picture *p, const Pdq *pdq);
