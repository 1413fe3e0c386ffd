/* fuzz_decoder_video.c: any bytes as a video. The decoder must come to an end within its bounds, with
 * frames in order. */
#include <assert.h>
#include "decoder/video.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_done) Arena mem = {0};
    DecodeRequest request = { .pixels_max = 1 << 18, .frames_max = 8, .stop_after_ms = 3000 };
    DecodeReply reply = {0};
    DecodeFrame *frames = NULL;
    video_prepare();
    video_hash(&(Bytes){ .at = data, .length = size }, &request, &mem, &reply, &frames);
    assert(reply.state >= DECODE_OK && reply.state <= DECODE_REFUSED);
    assert(reply.frame_count <= request.frames_max && (reply.state == DECODE_OK) == (reply.frame_count > 0));
    for (uint32_t i = 0; i < reply.frame_count; i++) {
        assert(frames[i].quality >= 0 && frames[i].quality <= 100);
        assert(i == 0 || frames[i].number > frames[i - 1].number);
    }
    return 0;
}
