/* heif.c: the primary image of a HEIF or AVIF file by libheif. */
#include <libheif/heif.h>
#include "decoder/picture.h"

static bool broken(Picture *p, struct heif_error e)
{
    if (e.code == heif_error_Memory_allocation_error)
        return picture_fail(p, DECODE_REFUSED, "The picture needs more memory than a child may have.");
    if (e.code == heif_error_Unsupported_feature || e.code == heif_error_Unsupported_filetype)
        return picture_fail(p, DECODE_UNREADABLE, "The HEIF is of a kind that is not read.");
    return picture_fail(p, DECODE_UNREADABLE, "The HEIF is broken.");
}

static bool give_rows(Picture *p, const struct heif_image *image)
{
    int stride = 0, width = heif_image_get_width(image, heif_channel_interleaved);
    int height = heif_image_get_height(image, heif_channel_interleaved);
    const uint8_t *rgb = heif_image_get_plane_readonly(image, heif_channel_interleaved, &stride);
    if (!rgb || width <= 0 || height <= 0 || stride < 3 * width)
        return picture_fail(p, DECODE_UNREADABLE, "The HEIF is broken.");
    if (!picture_size(p, (uint64_t)width, (uint64_t)height) || !picture_begin(p, p->width, p->height))
        return false;
    for (int y = 0; y < height; y++)
        pdq_row_rgb(p->rows, rgb + (size_t)y * (size_t)stride);
    return true;
}

static bool decode(Picture *p, struct heif_context *c, struct heif_image_handle **handle,
                   struct heif_image **image)
{
    heif_context_set_maximum_image_size_limit(c, 1 << 15);
    heif_context_set_max_decoding_threads(c, 0);
    struct heif_error e = heif_context_read_from_memory_without_copy(c, p->at, p->len, NULL);
    if (e.code == heif_error_Ok)
        e = heif_context_get_primary_image_handle(c, handle);
    if (e.code != heif_error_Ok)
        return broken(p, e);
    int width = heif_image_handle_get_width(*handle), height = heif_image_handle_get_height(*handle);
    if (!picture_size(p, width > 0 ? (uint64_t)width : 0, height > 0 ? (uint64_t)height : 0))
        return false;
    if (3 * (uint64_t)p->width * p->height > PICTURE_PLANE_BYTES)
        return picture_fail(p, DECODE_REFUSED, "The picture needs more memory than a child may have.");
    e = heif_decode_image(*handle, image, heif_colorspace_RGB, heif_chroma_interleaved_RGB, NULL);
    return e.code == heif_error_Ok ? give_rows(p, *image) : broken(p, e);
}

bool read_heif(Picture *p)
{
    struct heif_image_handle *handle = NULL;
    struct heif_image *image = NULL;
    struct heif_context *c = heif_context_alloc();
    if (!c)
        return picture_fail(p, DECODE_REFUSED, "The picture needs more memory than a child may have.");
    bool good = decode(p, c, &handle, &image);
    if (image)
        heif_image_release(image);
    if (handle)
        heif_image_handle_release(handle);
    heif_context_free(c);
    return good;
}
