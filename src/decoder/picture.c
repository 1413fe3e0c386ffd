/* picture.c: the table of formats, and the bounds that all of them share. */
#include "decoder/picture.h"
#include <stdarg.h>
#include <stdio.h>
#include "decoder/moving.h"

static PictureReader *const readers[MEDIA__COUNT] = {
    [MEDIA_BMP]  = read_bmp,
    [MEDIA_GIF]  = read_gif,
    [MEDIA_HEIF] = read_heif,
    [MEDIA_JPEG] = read_jpeg,
    [MEDIA_PNG]  = read_png,
    [MEDIA_TIFF] = read_tiff,
    [MEDIA_WEBP] = read_webp,
};

bool picture_fail(Picture *p, DecodeState state, const char *reason, ...)
{
    va_list args;
    va_start(args, reason);
    p->state = state;
    vsnprintf(p->reason, sizeof p->reason, reason, args);
    va_end(args);
    return false;
}

bool picture_size(Picture *p, uint64_t width, uint64_t height)
{
    if (width == 0 || height == 0)
        return picture_fail(p, DECODE_UNREADABLE, "The picture states no width or no height.");
    if (width > PDQ_SIDE_MAX || height > PDQ_SIDE_MAX || width * height > p->pixels_max)
        return picture_fail(p, DECODE_REFUSED, "The picture states %llu x %llu pixels, more than is read.",
                            (unsigned long long)width, (unsigned long long)height);
    p->width = (uint32_t)width;
    p->height = (uint32_t)height;
    return true;
}

bool picture_begin(Picture *p, uint32_t width, uint32_t height)
{
    p->rows = pdq_begin(p->mem, width, height);
    return p->rows || picture_fail(p, DECODE_REFUSED, "The picture has a side that is too long.");
}

bool picture_plane(Picture *p, uint64_t row_bytes, uint64_t rows, uint8_t **out)
{
    if (rows == 0 || row_bytes > PICTURE_PLANE_BYTES / rows)
        return picture_fail(p, DECODE_REFUSED, "The picture needs more memory than a child may have.");
    *out = arena_new(p->mem, uint8_t, row_bytes * rows);
    return true;
}

bool picture_hash(MediaKind kind, Picture *p, Pdq *out)
{
    PictureReader *reader = kind < MEDIA__COUNT ? readers[kind] : NULL;
    p->scaled = 1;
    if (!reader)
        return picture_fail(p, DECODE_NOT_MEDIA, "This is no kind of picture that is known here.");
    if (!reader(p))
        return false;
    if (!p->rows)
        return picture_fail(p, DECODE_UNREADABLE, "The file holds no picture.");
    pdq_end(p->rows, out);
    moving_first(p, out);
    p->reason[0] = 0; /* what ended the frames of a moving picture, if anything did */
    p->state = DECODE_OK;
    return true;
}
