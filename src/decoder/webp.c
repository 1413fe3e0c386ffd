/* webp.c: WebP by libwebp; of a moving picture the first frame. */
#include <webp/decode.h>
#include <webp/demux.h>
#include "decoder/picture.h"

static bool decode(Picture *p, const uint8_t *at, size_t len)
{
    WebPDecoderConfig c;
    uint8_t *rgb = NULL;
    if (!WebPInitDecoderConfig(&c) || WebPGetFeatures(at, len, &c.input) != VP8_STATUS_OK)
        return picture_fail(p, DECODE_UNREADABLE, "The WebP is broken.");
    if (!picture_size(p, (uint64_t)c.input.width, (uint64_t)c.input.height) ||
        !picture_begin(p, p->width, p->height) || !picture_plane(p, 3 * (uint64_t)p->width, p->height, &rgb))
        return false;
    c.output.colorspace = MODE_RGB;
    c.output.is_external_memory = 1;
    c.output.u.RGBA.rgba = rgb;
    c.output.u.RGBA.stride = (int)(3 * p->width);
    c.output.u.RGBA.size = (size_t)3 * p->width * p->height;
    VP8StatusCode status = WebPDecode(at, len, &c);
    WebPFreeDecBuffer(&c.output);
    if (status == VP8_STATUS_OUT_OF_MEMORY)
        return picture_fail(p, DECODE_REFUSED, "The picture needs more memory than a child may have.");
    if (status != VP8_STATUS_OK)
        return picture_fail(p, DECODE_UNREADABLE, "The WebP is broken.");
    for (uint32_t y = 0; y < p->height; y++)
        pdq_row_rgb(p->rows, rgb + (size_t)3 * p->width * y);
    return true;
}

bool read_webp(Picture *p)
{
    WebPBitstreamFeatures features;
    if (WebPGetFeatures(p->at, p->len, &features) != VP8_STATUS_OK)
        return picture_fail(p, DECODE_UNREADABLE, "The WebP is broken.");
    if (!features.has_animation)
        return decode(p, p->at, p->len);
    WebPData data = { p->at, p->len };
    WebPDemuxer *demuxer = WebPDemux(&data);
    WebPIterator first;
    bool good = false;
    if (demuxer && WebPDemuxGetFrame(demuxer, 1, &first)) {
        good = decode(p, first.fragment.bytes, first.fragment.size);
        WebPDemuxReleaseIterator(&first);
    } else {
        picture_fail(p, DECODE_UNREADABLE, "The WebP is broken.");
    }
    WebPDemuxDelete(demuxer);
    return good;
}
