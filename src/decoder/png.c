/* png.c: PNG by libpng: 8 bits a sample, colours or grey, transparency left out. */
#include <png.h>
#include <string.h>
#include "decoder/picture.h"

typedef struct PngFile {
    Picture *p;
    size_t   at;
} PngFile;

static void take(png_structp png, png_bytep out, size_t n)
{
    PngFile *f = png_get_io_ptr(png);
    if (n > f->p->len - f->at)
        png_error(png, "short");
    memcpy(out, f->p->at + f->at, n);
    f->at += n;
}

static _Noreturn void broken(png_structp png, png_const_charp why)
{
    (void)why;                                 /* may quote the file */
    png_longjmp(png, 1);
}

static void warned(png_structp png, png_const_charp why)
{
    (void)png;
    (void)why;
}

static int settle_form(png_structp png, png_infop info)
{
    static const char not_needed[] = "iCCP\0iTXt\0tEXt\0zTXt\0sPLT\0eXIf\0hIST\0sCAL";
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, (png_const_bytep)not_needed,
                                (int)(sizeof not_needed / 5));
    png_read_info(png, info);
    png_set_palette_to_rgb(png);
    png_set_expand_gray_1_2_4_to_8(png);
    png_set_scale_16(png);
    png_set_strip_alpha(png);
    int passes = png_set_interlace_handling(png);
    return passes;
}

static void give(Picture *p, int channels, const uint8_t *row)
{
    if (channels == 1)
        pdq_row(p->rows, row);
    else
        pdq_row_rgb(p->rows, row);
}

static bool decode(png_structp png, png_infop info, Picture *p)
{
    int passes = settle_form(png, info);
    if (!picture_size(p, png_get_image_width(png, info), png_get_image_height(png, info)))
        return false;
    png_read_update_info(png, info);
    size_t row_bytes = png_get_rowbytes(png, info);
    int channels = png_get_channels(png, info);
    uint8_t *rows = NULL;
    if ((channels != 1 && channels != 3) || row_bytes < (size_t)channels * p->width)
        return picture_fail(p, DECODE_UNREADABLE, "The PNG has an unknown form.");
    if (!picture_begin(p, p->width, p->height) ||
        !picture_plane(p, row_bytes, passes > 1 ? p->height : 1, &rows))
        return false;
    if (passes == 1)
        for (uint32_t y = 0; y < p->height; y++) {
            png_read_row(png, rows, NULL);
            give(p, channels, rows);
        }
    for (int pass = 0; passes > 1 && pass < passes; pass++)
        for (uint32_t y = 0; y < p->height; y++)
            png_read_row(png, rows + y * row_bytes, NULL);
    for (uint32_t y = 0; passes > 1 && y < p->height; y++)
        give(p, channels, rows + y * row_bytes);
    png_read_end(png, NULL);
    return true;
}

bool read_png(Picture *p)
{
    PngFile file = { p, 0 };
    volatile bool good = false;
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, broken, warned);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (info) {
        png_set_read_fn(png, &file, take);
        png_set_user_limits(png, PDQ_SIDE_MAX, PDQ_SIDE_MAX);
        png_set_chunk_malloc_max(png, 4 << 20);
        if (setjmp(png_jmpbuf(png)) == 0)
            good = decode(png, info, p);
        else
            picture_fail(p, DECODE_UNREADABLE, "The PNG is broken.");
    }
    png_destroy_read_struct(&png, &info, NULL);
    return good;
}
