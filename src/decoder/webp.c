/* webp.c: WebP by libwebp; of a moving picture the frames, composed by libwebpdemux. */
#include <webp/decode.h>
#include <webp/demux.h>
#include "decoder/moving.h"

/* Canvases that libwebpdemux keeps, and the one that a lossless frame is decoded into. */
enum { CANVASES = 3, CANVAS_STEP = 4, US_PER_MS = 1000 };

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

/* Where the canvases would not fit into a child's memory, the first frame is better than none. */
static bool decode_first(Picture *p, const WebPData *data)
{
    WebPDemuxer *demuxer = WebPDemux(data);
    WebPIterator first;
    bool good = false;
    if (demuxer && WebPDemuxGetFrame(demuxer, 1, &first)) {
        good = decode(p, first.fragment.bytes, first.fragment.size);
        WebPDemuxReleaseIterator(&first);
    } else {
        picture_fail(p, DECODE_UNREADABLE, "The WebP is broken.");
    }
    WebPDemuxDelete(demuxer);
    p->truncated = good;
    return good;
}

static bool frames(Picture *p, WebPAnimDecoder *decoder)
{
    bool more = true, broken = false;
    int before_ms = 0;
    while (more && !broken && WebPAnimDecoderHasMoreFrames(decoder)) {
        uint8_t *canvas = NULL;
        int end_ms = 0;
        broken = moving_late(p) || !WebPAnimDecoderGetNext(decoder, &canvas, &end_ms);
        if (!broken)
            more = moving_frame(p, canvas, CANVAS_STEP,
                                end_ms > before_ms ? (uint64_t)(end_ms - before_ms) * US_PER_MS : 0);
        before_ms = end_ms;
    }
    moving_end(p, broken);
    return p->rows != NULL || picture_fail(p, DECODE_UNREADABLE, "The WebP is broken.");
}

bool read_webp(Picture *p)
{
    WebPBitstreamFeatures features;
    WebPAnimDecoderOptions options;
    WebPData data = { p->at, p->len };
    if (WebPGetFeatures(p->at, p->len, &features) != VP8_STATUS_OK)
        return picture_fail(p, DECODE_UNREADABLE, "The WebP is broken.");
    if (!features.has_animation)
        return decode(p, p->at, p->len);
    if (!picture_size(p, (uint64_t)features.width, (uint64_t)features.height) ||
        !WebPAnimDecoderOptionsInit(&options))
        return false;
    if ((uint64_t)CANVASES * CANVAS_STEP * p->width * p->height > PICTURE_PLANE_BYTES)
        return decode_first(p, &data);
    options.color_mode = MODE_RGBA;
    WebPAnimDecoder *decoder = WebPAnimDecoderNew(&data, &options);
    if (!decoder)
        return picture_fail(p, DECODE_UNREADABLE, "The WebP is broken.");
    bool good = frames(p, decoder);
    WebPAnimDecoderDelete(decoder);
    return good;
}
