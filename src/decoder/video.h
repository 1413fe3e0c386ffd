/* video.h: a video becomes the PDQ hashes of its frames. */
#pragma once
#include "decoder/answer.h"

/* Fills the reply of a video. Frames are in `mem`. */
void video_hash(const Bytes *bytes, const DecodeRequest *request, Arena *mem, DecodeReply *reply,
                DecodeFrame **frames);
void video_prepare(void);
