/* av.c: frames of libavcodec as rows of luma. */
#include "decoder/av.h"
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

static bool has_luma_plane(const AVFrame *f)
{
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(f->format);
    const uint64_t other = AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM |
                           AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BAYER | AV_PIX_FMT_FLAG_FLOAT;
    return d && !(d->flags & other) && d->comp[0].depth == 8 && d->comp[0].step == 1 &&
           d->comp[0].plane == 0 && (d->nb_components <= 2 || d->flags & AV_PIX_FMT_FLAG_PLANAR);
}

/* Video usually keeps black at 16 and white at 235. */
static bool is_full_range(const AVFrame *f)
{
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(f->format);
    return f->color_range == AVCOL_RANGE_JPEG || d->nb_components <= 2 || d->name[3] == 'j';
}

static void widen(const uint8_t *from, uint8_t *to, int n)
{
    for (int x = 0; x < n; x++) {
        int y = ((from[x] - 16) * 1197 + 512) >> 10;              /* 255 / 219 */
        to[x] = (uint8_t)(y < 0 ? 0 : y > 255 ? 255 : y);
    }
}

static void luma_rows(const AVFrame *f, PdqRows *rows, Arena *mem)
{
    bool full = is_full_range(f);
    uint8_t *wide = arena_new(mem, uint8_t, f->width);
    for (int y = 0; y < f->height; y++) {
        const uint8_t *row = f->data[0] + (ptrdiff_t)y * f->linesize[0];
        if (!full)
            widen(row, wide, f->width);
        pdq_row(rows, full ? row : wide);
    }
}

static bool converted_rows(const AVFrame *f, struct SwsContext **sws, PdqRows *rows, Arena *mem)
{
    int w = f->width, h = f->height;
    *sws = sws_getCachedContext(*sws, w, h, f->format, w, h, AV_PIX_FMT_RGB24, SWS_POINT | SWS_ACCURATE_RND,
                                NULL, NULL, NULL);
    if (!*sws || (uint64_t)w * (uint64_t)h > (64 << 20))
        return false;
    int stride = (3 * w + 63) & ~63;           /* the conversion may write whole vectors */
    uint8_t *rgb = arena_new(mem, uint8_t, (size_t)stride * (size_t)(h + 1));
    if (sws_scale(*sws, (const uint8_t *const *)f->data, f->linesize, 0, h, &rgb, &stride) != h)
        return false;
    for (int y = 0; y < h; y++)
        pdq_row_rgb(rows, rgb + (size_t)y * (size_t)stride);
    return true;
}

bool av_frame_rows(const AVFrame *frame, struct SwsContext **sws, Arena *mem, PdqRows *rows)
{
    if (!has_luma_plane(frame))
        return converted_rows(frame, sws, rows, mem);
    luma_rows(frame, rows, mem);
    return true;
}
