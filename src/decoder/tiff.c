/* tiff.c: the first page of a TIFF by libtiff. */
#include <string.h>
#include <tiffio.h>
#include "decoder/picture.h"

typedef struct TiffFile {
    Picture *p;
    uint64_t at;
} TiffFile;

static tmsize_t take(thandle_t handle, void *out, tmsize_t n)
{
    TiffFile *f = handle;
    uint64_t left = f->at < f->p->len ? f->p->len - f->at : 0;
    size_t now = n < 0 ? 0 : (uint64_t)n < left ? (size_t)n : (size_t)left;
    if (now)
        memcpy(out, f->p->at + f->at, now);
    f->at += now;
    return (tmsize_t)now;
}

static tmsize_t refuse(thandle_t handle, void *from, tmsize_t n)
{
    (void)handle;
    (void)from;
    (void)n;
    return 0;
}

static toff_t seek(thandle_t handle, toff_t to, int whence)
{
    TiffFile *f = handle;
    f->at = whence == SEEK_SET ? to : whence == SEEK_CUR ? f->at + to : f->p->len + to;
    return f->at;
}

static int closed(thandle_t handle)
{
    (void)handle;
    return 0;
}

static toff_t size(thandle_t handle) { return ((TiffFile *)handle)->p->len; }

static int mapped(thandle_t handle, void **at, toff_t *len)
{
    TiffFile *f = handle;
    *at = (void *)(uintptr_t)f->p->at;         /* libtiff only reads it in mode "r" */
    *len = f->p->len;
    return 1;
}

static void unmapped(thandle_t handle, void *at, toff_t len)
{
    (void)handle;
    (void)at;
    (void)len;
}

static int silent(TIFF *t, void *user, const char *module, const char *format, va_list args)
{
    (void)t;
    (void)user;
    (void)module;
    (void)format;
    (void)args;
    return 1;
}

static TIFF *open_file(TiffFile *file)
{
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (!options)
        return NULL;
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, PICTURE_PLANE_BYTES);
    TIFFOpenOptionsSetErrorHandlerExtR(options, silent, NULL);
    TIFFOpenOptionsSetWarningHandlerExtR(options, silent, NULL);
    TIFF *t =
        TIFFClientOpenExt("picture", "r", file, take, refuse, seek, closed, size, mapped, unmapped, options);
    TIFFOpenOptionsFree(options);
    return t;
}

static void give_rows(Picture *p, const uint32_t *raster)
{
    uint8_t *rgb = arena_new(p->mem, uint8_t, (size_t)3 * p->width);
    for (uint32_t y = 0; y < p->height; y++) {
        const uint32_t *row = raster + (size_t)y * p->width;
        for (uint32_t x = 0; x < p->width; x++) {
            rgb[3 * x] = (uint8_t)TIFFGetR(row[x]);
            rgb[3 * x + 1] = (uint8_t)TIFFGetG(row[x]);
            rgb[3 * x + 2] = (uint8_t)TIFFGetB(row[x]);
        }
        pdq_row_rgb(p->rows, rgb);
    }
}

static bool decode(Picture *p, TIFF *t)
{
    uint32_t width = 0, height = 0;
    char why[1024];                            /* libtiff's own size; it may quote the file */
    uint8_t *raster = NULL;
    TIFFGetField(t, TIFFTAG_IMAGEWIDTH, &width);
    TIFFGetField(t, TIFFTAG_IMAGELENGTH, &height);
    if (!picture_size(p, width, height))
        return false;
    if (!TIFFRGBAImageOK(t, why))
        return picture_fail(p, DECODE_UNREADABLE, "The TIFF is of a kind that is not read.");
    if (!picture_begin(p, width, height) || !picture_plane(p, 4 * (uint64_t)width, height, &raster))
        return false;
    if (!TIFFReadRGBAImageOriented(t, width, height, (uint32_t *)(void *)raster, ORIENTATION_TOPLEFT, 1))
        return picture_fail(p, DECODE_UNREADABLE, "The TIFF is broken.");
    give_rows(p, (const uint32_t *)(const void *)raster);
    return true;
}

bool read_tiff(Picture *p)
{
    TiffFile file = { p, 0 };
    TIFF *t = open_file(&file);
    if (!t)
        return picture_fail(p, DECODE_UNREADABLE, "The TIFF is broken.");
    bool good = decode(p, t);
    TIFFClose(t);
    return good;
}
