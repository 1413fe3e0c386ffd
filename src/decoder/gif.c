/* gif.c: the first frame of a GIF by giflib, on its canvas. */
#include <gif_lib.h>
#include <string.h>
#include "decoder/picture.h"

typedef struct GifFile {
    const Picture *p;
    size_t         at;
} GifFile;

typedef struct Canvas {
    uint8_t *rgb;
    uint32_t width, height;
} Canvas;

static int take(GifFileType *gif, GifByteType *out, int n)
{
    GifFile *f = gif->UserData;
    size_t left = f->p->len - f->at, now = n < 0 ? 0 : (size_t)n < left ? (size_t)n : left;
    memcpy(out, f->p->at + f->at, now);
    f->at += now;
    return (int)now;
}

static uint64_t larger(int a, int b) { return (uint64_t)(a > b ? a : b); }

static bool canvas_make(Picture *p, const GifFileType *gif, Canvas *canvas)
{
    const GifImageDesc *d = &gif->Image;
    if (d->Left < 0 || d->Top < 0 || d->Width <= 0 || d->Height <= 0)
        return picture_fail(p, DECODE_UNREADABLE, "The GIF has an empty frame.");
    if (!picture_size(p, larger(gif->SWidth, d->Left + d->Width), larger(gif->SHeight, d->Top + d->Height)))
        return false;
    canvas->width = p->width;
    canvas->height = p->height;
    return picture_plane(p, 3 * (uint64_t)p->width, p->height, &canvas->rgb);
}

static void canvas_line(const Canvas *canvas, const GifImageDesc *d, const ColorMapObject *colours, int y,
                        const GifPixelType *line)
{
    uint8_t *to = canvas->rgb + 3 * ((size_t)(d->Top + y) * canvas->width + (size_t)d->Left);
    for (int x = 0; x < d->Width; x++, to += 3)
        if (line[x] < colours->ColorCount) {
            const GifColorType *c = &colours->Colors[line[x]];
            to[0] = c->Red;
            to[1] = c->Green;
            to[2] = c->Blue;
        }
}

static bool frame(Picture *p, GifFileType *gif, const Canvas *canvas)
{
    static const struct {
        int from, step;
    } passes[] = { { 0, 8 }, { 4, 8 }, { 2, 4 }, { 1, 2 } }, whole = { 0, 1 };
    const GifImageDesc *d = &gif->Image;
    const ColorMapObject *colours = d->ColorMap ? d->ColorMap : gif->SColorMap;
    GifPixelType *line = arena_new(p->mem, GifPixelType, d->Width);
    if (!colours)
        return picture_fail(p, DECODE_UNREADABLE, "The GIF has no colours.");
    for (size_t i = 0; i < (d->Interlace ? COUNT_OF(passes) : 1); i++)
        for (int y = d->Interlace ? passes[i].from : whole.from; y < d->Height;
             y += d->Interlace ? passes[i].step : whole.step) {
            if (DGifGetLine(gif, line, d->Width) != GIF_OK)
                return picture_fail(p, DECODE_UNREADABLE, "The GIF is broken.");
            canvas_line(canvas, d, colours, y, line);
        }
    return true;
}

static bool skip_extension(GifFileType *gif)
{
    int code;
    GifByteType *block;
    bool good = DGifGetExtension(gif, &code, &block) == GIF_OK;
    while (good && block)
        good = DGifGetExtensionNext(gif, &block) == GIF_OK;
    return good;
}

static bool first_frame(GifFileType *gif)
{
    GifRecordType type;
    while (DGifGetRecordType(gif, &type) == GIF_OK && type != TERMINATE_RECORD_TYPE) {
        if (type == IMAGE_DESC_RECORD_TYPE)
            return DGifGetImageDesc(gif) == GIF_OK;
        if (type == EXTENSION_RECORD_TYPE && !skip_extension(gif))
            return false;
    }
    return false;
}

bool read_gif(Picture *p)
{
    GifFile file = { p, 0 };
    int code = 0;
    Canvas canvas = {0};
    GifFileType *gif = DGifOpen(&file, take, &code);
    if (!gif)
        return picture_fail(p, DECODE_UNREADABLE, "The GIF is broken.");
    bool good = first_frame(gif) || picture_fail(p, DECODE_UNREADABLE, "The GIF is broken or has no frame.");
    good = good && canvas_make(p, gif, &canvas) && frame(p, gif, &canvas) &&
           picture_begin(p, canvas.width, canvas.height);
    DGifCloseFile(gif, &code);
    for (uint32_t y = 0; good && y < canvas.height; y++)
        pdq_row_rgb(p->rows, canvas.rgb + (size_t)3 * canvas.width * y);
    return good;
}
