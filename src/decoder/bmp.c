/* bmp.c: BMP by libavcodec, which reads all of its many headers and packings. */
#include <libavcodec/avcodec.h>
#include <libswscale/swscale.h>
#include <string.h>
#include "decoder/av.h"
#include "decoder/picture.h"

static uint32_t little32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The size is looked at before libavcodec may act on it. A negative height means that rows run downwards. */
static bool stated_size(Picture *p)
{
    if (p->len < 26)
        return picture_fail(p, DECODE_UNREADABLE, "The BMP is broken.");
    if (p->at[14] == 12)
        return picture_size(p, little32(p->at + 18) & 0xFFFF, little32(p->at + 18) >> 16);
    int64_t height = (int32_t)little32(p->at + 22);
    return picture_size(p, little32(p->at + 18), (uint64_t)(height < 0 ? -height : height));
}

static bool decode(Picture *p, AVCodecContext *c, AVPacket *packet, AVFrame *frame)
{
    if (p->len > PICTURE_PLANE_BYTES || av_new_packet(packet, (int)p->len) != 0)
        return picture_fail(p, DECODE_REFUSED, "The picture needs more memory than a child may have.");
    memcpy(packet->data, p->at, p->len);
    c->thread_count = 1;
    c->max_pixels = (int64_t)p->pixels_max;
    if (avcodec_open2(c, NULL, NULL) != 0 || avcodec_send_packet(c, packet) != 0 ||
        avcodec_receive_frame(c, frame) != 0)
        return picture_fail(p, DECODE_UNREADABLE, "The BMP is broken.");
    return picture_size(p, (uint64_t)frame->width, (uint64_t)frame->height) &&
           picture_begin(p, p->width, p->height);
}

bool read_bmp(Picture *p)
{
    const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_BMP);
    AVCodecContext *c = codec ? avcodec_alloc_context3(codec) : NULL;
    AVPacket *packet = av_packet_alloc();
    AVFrame *frame = av_frame_alloc();
    struct SwsContext *sws = NULL;
    bool good = stated_size(p);
    if (!c || !packet || !frame)
        good = picture_fail(p, DECODE_REFUSED, "The picture needs more memory than a child may have.");
    good = good && decode(p, c, packet, frame);
    if (good && !av_frame_rows(frame, &sws, p->mem, p->rows))
        good = picture_fail(p, DECODE_REFUSED, "The picture needs more memory than a child may have.");
    sws_freeContext(sws);
    av_frame_free(&frame);
    av_packet_free(&packet);
    avcodec_free_context(&c);
    return good;
}
