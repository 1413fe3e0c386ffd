/* fuzz_decoder_picture.c: any bytes as a picture of whatever kind they claim to be. The decoder must
 * come to an end with hashes or with a reason, within its bounds. */
#include <assert.h>
#include "decoder/answer.h"
#include "engine/picture/media.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_done) Arena mem = {0};
    DecodeRequest request = { .pixels_max = 1 << 20, .frame_every_us = 1000000, .frames_max = 3 };
    DecodeReply reply;
    DecodeFrame *frames;
    if (media_sniff(data, size) == MEDIA_VIDEO)
        return 0;                              /* fuzz_decoder_video.c */
    answer_prepare();
    answer_bytes(&(Bytes){ .at = data, .length = size }, &request, &mem, &reply, &frames);
    assert(reply.state >= DECODE_OK && reply.state <= DECODE_REFUSED);
    assert(reply.frame_count <= (reply.state == DECODE_OK && media_may_move((MediaKind)reply.media)
                                     ? request.frames_max : 0));
    for (uint32_t i = 0; i < reply.frame_count; i++)
        assert(
            frames[i].quality >= 0 && frames[i].quality <= 100 &&
            (i == 0 || (frames[i].number > frames[i - 1].number && frames[i].at_us > frames[i - 1].at_us)));
    assert(reply.state == DECODE_OK ? !reply.reason[0] : reply.reason[0]);
    assert(reply.quality >= 0 && reply.quality <= 100);
    assert(reply.state != DECODE_OK || (uint64_t)reply.width * reply.height <= request.pixels_max);
    return 0;
}
