/* av.h: what is shared by the files that decode through libavcodec: a frame's rows into a hash. */
#pragma once
#include <libavutil/frame.h>
#include <stdbool.h>
#include "engine/picture/pdq.h"

struct SwsContext;

/* Gives the rows of a frame: its own luma plane where it has one of 8 bits, else through a conversion to RGB.
 * `sws` is kept between calls, NULL at first. False when the form of the frame cannot be converted. */
bool av_frame_rows(const AVFrame *frame, struct SwsContext **sws, Arena *mem, PdqRows *rows);
