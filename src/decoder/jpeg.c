/* jpeg.c: JPEG by libjpeg-turbo, luma only.
 *
 * PDQ looks at 64 x 64 samples of a blurred picture, so a large JPEG may be decoded at 1/2, 1/4 or 1/8: its
 * own cosine transform does the averaging, in less time. That moves samples by parts of a pixel and so
 * changes bits. It is allowed only while the shorter side stays at PICTURE_SCALE_LEAST or above, where no
 * picture measured, real or made, changed more than 4 of 256 bits in any of its eight hashes. Down to 1,000
 * the first hash still kept to 4 and a turned one reached 6; at 750 it was 6 and 8; below 400, 20 and more.
 * picture_test.c measures it again.
 *
 * A picture that ends early is hashed as far as it goes and marked truncated: files carved from a disk often
 * end so, and their upper part can still be recognised. */
#include "decoder/picture.h"
#include <setjmp.h>
#include <stdio.h>
#include <jpeglib.h>
#include <jerror.h>

enum { SCANS_MAX = 200 };                      /* a progressive picture has about ten; a bomb has thousands */

typedef struct Jpeg {
    struct jpeg_decompress_struct d;           /* first, so that callbacks find the rest */
    struct jpeg_error_mgr         errors;
    struct jpeg_progress_mgr      progress;
    jmp_buf                       stop;
    Picture                      *p;
} Jpeg;

static _Noreturn void stop(j_common_ptr c)
{
    Jpeg *j = (Jpeg *)c;
    if (c->err->msg_code == JERR_OUT_OF_MEMORY)
        picture_fail(j->p, DECODE_REFUSED, "The picture needs more memory than a child may have.");
    else if (j->p->state != DECODE_REFUSED)
        picture_fail(j->p, DECODE_UNREADABLE, "The JPEG is broken (libjpeg message %d).", c->err->msg_code);
    longjmp(j->stop, 1);
}

static void silent(j_common_ptr c) { (void)c; }

static void warned(j_common_ptr c, int level)
{
    if (level < 0)
        c->err->num_warnings++;
}

static void progressed(j_common_ptr c)
{
    Jpeg *j = (Jpeg *)c;
    if (j->d.input_scan_number > SCANS_MAX) {
        picture_fail(j->p, DECODE_REFUSED, "The JPEG has more than %d scans.", SCANS_MAX);
        stop(c);
    }
}

static uint32_t scale_for(const Picture *p)
{
    uint32_t least = p->scale_least ? (uint32_t)p->scale_least : PICTURE_SCALE_LEAST;
    uint32_t side = p->width < p->height ? p->width : p->height, scale = 8;
    while (scale > 1 && side / scale < least)
        scale /= 2;
    return scale;
}

/* Printing inks, as cameras never write and scanners sometimes do: Adobe's files hold them inverted. */
static void rgb_of_inks(const uint8_t *inks, bool inverted, uint32_t width, uint8_t *rgb)
{
    for (uint32_t x = 0; x < width; x++)
        for (int c = 0; c < 3; c++) {
            unsigned ink = inks[4 * x + (unsigned)c], black = inks[4 * x + 3];
            if (!inverted) {
                ink = 255 - ink;
                black = 255 - black;
            }
            rgb[3 * x + (unsigned)c] = (uint8_t)(ink * black / 255);
        }
}

static void give_rows(Jpeg *j)
{
    struct jpeg_decompress_struct *d = &j->d;
    Picture *p = j->p;
    bool inks = d->out_color_space == JCS_CMYK;
    uint8_t *row = arena_new(p->mem, uint8_t, (size_t)d->output_width * (size_t)d->output_components);
    uint8_t *rgb = inks ? arena_new(p->mem, uint8_t, (size_t)d->output_width * 3) : NULL;
    while (d->output_scanline < d->output_height) {
        jpeg_read_scanlines(d, &row, 1);
        if (inks) {
            rgb_of_inks(row, d->saw_Adobe_marker, d->output_width, rgb);
            pdq_row_rgb(p->rows, rgb);
        } else {
            pdq_row(p->rows, row);
        }
    }
}

static bool decode(Jpeg *j)
{
    struct jpeg_decompress_struct *d = &j->d;
    Picture *p = j->p;
    jpeg_mem_src(d, p->at, p->len);
    jpeg_read_header(d, TRUE);
    if (!picture_size(p, d->image_width, d->image_height))
        return false;
    bool inks = d->jpeg_color_space == JCS_CMYK || d->jpeg_color_space == JCS_YCCK;
    d->out_color_space = inks ? JCS_CMYK : JCS_GRAYSCALE;
    p->scaled = scale_for(p);
    d->scale_num = 1;
    d->scale_denom = p->scaled;
    jpeg_start_decompress(d);
    if (!picture_begin(p, d->output_width, d->output_height))
        return false;
    give_rows(j);
    p->truncated = j->errors.num_warnings > 0;
    return true;
}

bool read_jpeg(Picture *p)
{
    Jpeg *j = arena_new(p->mem, Jpeg, 1);
    volatile bool good = false;
    j->p = p;
    j->d.err = jpeg_std_error(&j->errors);
    j->errors.error_exit = stop;
    j->errors.output_message = silent;
    j->errors.emit_message = warned;
    j->progress.progress_monitor = progressed;
    if (setjmp(j->stop) == 0) {
        jpeg_create_decompress(&j->d);
        j->d.progress = &j->progress;
        good = decode(j);
    }
    jpeg_destroy_decompress(&j->d);
    return good;
}
