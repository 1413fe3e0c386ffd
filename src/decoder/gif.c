/* gif.c: GIF by giflib, which gives the raster of each frame; frames are composed here, on one canvas.
 *
 * A frame is a rectangle painted over what the frames before it left: all of them, or with the last one's
 * rectangle cleared or put back (its disposal). What lies outside the canvas, which the first frame settles,
 * is not painted. The first frame paints its see-through pixels in their palette's colour, as a still picture
 * has always been hashed; later frames leave what is there. */
#include <gif_lib.h>
#include <string.h>
#include "decoder/moving.h"

enum { LINE_MAX = 1 << 16, US_PER_HUNDREDTH = 10000, CANVASES_BYTES = 512 << 20 };

typedef struct Rectangle { uint32_t left, top, width, height; } Rectangle;      /* within the canvas */

typedef struct Gif {
    Picture             *p;
    GifFileType         *file;
    size_t               at;
    GifPixelType        *line;
    uint8_t             *canvas, *saved;       /* RGB; what a frame that is to be put back covers */
    Rectangle            last;
    int                  disposal;             /* of the frame in `last` */
    GraphicsControlBlock control;              /* of the frame that follows */
} Gif;

static int take(GifFileType *file, GifByteType *out, int n)
{
    Gif *g = file->UserData;
    size_t left = g->p->len - g->at, now = n < 0 ? 0 : (size_t)n < left ? (size_t)n : left;
    memcpy(out, g->p->at + g->at, now);
    g->at += now;
    return (int)now;
}

static uint64_t larger(int a, int b) { return (uint64_t)(a > b ? a : b); }

static bool canvas_make(Gif *g)
{
    Picture *p = g->p;
    const GifImageDesc *d = &g->file->Image;
    if (d->Left < 0 || d->Top < 0 || d->Width <= 0 || d->Height <= 0)
        return picture_fail(p, DECODE_UNREADABLE, "The GIF has an empty frame.");
    g->line = arena_new(p->mem, GifPixelType, LINE_MAX);
    return picture_size(p, larger(g->file->SWidth, d->Left + d->Width),
                        larger(g->file->SHeight, d->Top + d->Height)) &&
           picture_plane(p, 3 * (uint64_t)p->width, p->height, &g->canvas);
}

static uint32_t within(int at, uint32_t side)
{
    return at < 0 ? 0 : (uint32_t)at < side ? (uint32_t)at : side;
}

static Rectangle on_canvas(const Gif *g)
{
    const GifImageDesc *d = &g->file->Image;
    uint32_t left = within(d->Left, g->p->width), top = within(d->Top, g->p->height);
    return (Rectangle){ left, top, within(d->Left + d->Width, g->p->width) - left,
                        within(d->Top + d->Height, g->p->height) - top };
}

static uint8_t *place(const Gif *g, uint8_t *plane, uint32_t x, uint32_t y)
{
    return plane + 3 * ((size_t)y * g->p->width + x);
}

/* Copies the rectangle of one plane to another; from NULL clears it. */
static void rectangle_copy(const Gif *g, const Rectangle *r, uint8_t *from, uint8_t *to)
{
    for (uint32_t y = r->top; y < r->top + r->height; y++)
        if (from)
            memcpy(place(g, to, r->left, y), place(g, from, r->left, y), (size_t)3 * r->width);
        else
            memset(place(g, to, r->left, y), 0, (size_t)3 * r->width);
}

static void line_paint(const Gif *g, const Rectangle *r, const ColorMapObject *colours, uint32_t y)
{
    int clear = g->p->moving.number > 0 ? g->control.TransparentColor : NO_TRANSPARENT_COLOR;
    uint8_t *to = place(g, g->canvas, r->left, y);
    for (uint32_t x = 0; x < r->width; x++, to += 3)
        if (g->line[x] < colours->ColorCount && g->line[x] != clear) {
            const GifColorType *c = &colours->Colors[g->line[x]];
            to[0] = c->Red;
            to[1] = c->Green;
            to[2] = c->Blue;
        }
}

static bool raster_paint(Gif *g, const Rectangle *r)
{
    static const struct {
        int from, step;
    } passes[] = { { 0, 8 }, { 4, 8 }, { 2, 4 }, { 1, 2 } }, whole = { 0, 1 };
    const GifImageDesc *d = &g->file->Image;
    const ColorMapObject *colours = d->ColorMap ? d->ColorMap : g->file->SColorMap;
    if (!colours)
        return picture_fail(g->p, DECODE_UNREADABLE, "The GIF has no colours.");
    for (size_t i = 0; i < (d->Interlace ? COUNT_OF(passes) : 1); i++)
        for (int y = d->Interlace ? passes[i].from : whole.from; y < d->Height;
             y += d->Interlace ? passes[i].step : whole.step) {
            if (moving_late(g->p) || DGifGetLine(g->file, g->line, d->Width) != GIF_OK)
                return picture_fail(g->p, DECODE_UNREADABLE, "The GIF is broken.");
            if ((uint32_t)(d->Top + y) < r->top + r->height)
                line_paint(g, r, colours, (uint32_t)(d->Top + y));
        }
    return true;
}

/* What the frame before asked to become of it. */
static void dispose(Gif *g)
{
    if (g->disposal == DISPOSE_BACKGROUND)
        rectangle_copy(g, &g->last, NULL, g->canvas);
    else if (g->disposal == DISPOSE_PREVIOUS)
        rectangle_copy(g, &g->last, g->saved, g->canvas);
}

/* Keeps what the frame will cover. A second canvas that would not fit beside the file ends the frames. */
static bool put_by(Gif *g)
{
    uint64_t row = 3 * (uint64_t)g->p->width;
    if (!g->saved && (2 * row * g->p->height + g->p->len > CANVASES_BYTES ||
                      !picture_plane(g->p, row, g->p->height, &g->saved)))
        return false;
    rectangle_copy(g, &g->last, g->canvas, g->saved);
    return true;
}

static bool frame_paint(Gif *g)
{
    dispose(g);
    g->last = on_canvas(g);
    g->disposal = g->control.DisposalMode;
    if (g->disposal == DISPOSE_PREVIOUS && g->p->moving.number == 0)
        g->disposal = DISPOSE_BACKGROUND;      /* nothing was there before it */
    return (g->disposal != DISPOSE_PREVIOUS || put_by(g)) && raster_paint(g, &g->last);
}

static bool take_extension(Gif *g)
{
    int code;
    GifByteType *block;
    bool good = DGifGetExtension(g->file, &code, &block) == GIF_OK;
    if (good && block && code == GRAPHICS_EXT_FUNC_CODE)
        (void)!DGifExtensionToGCB(block[0], block + 1, &g->control);
    while (good && block)
        good = DGifGetExtensionNext(g->file, &block) == GIF_OK;
    return good;
}

typedef enum Next { NEXT_FRAME, NEXT_END, NEXT_BROKEN } Next;

static Next next_frame(Gif *g)
{
    GifRecordType type;
    g->control = (GraphicsControlBlock){ .TransparentColor = NO_TRANSPARENT_COLOR };
    while (DGifGetRecordType(g->file, &type) == GIF_OK) {
        if (type == TERMINATE_RECORD_TYPE)
            return NEXT_END;
        if (type == IMAGE_DESC_RECORD_TYPE)
            return DGifGetImageDesc(g->file) == GIF_OK ? NEXT_FRAME : NEXT_BROKEN;
        if (type == EXTENSION_RECORD_TYPE && !take_extension(g))
            return NEXT_BROKEN;
    }
    return NEXT_BROKEN;
}

/* Of the frames after the first, what cannot be read ends them and marks them truncated. */
static bool frames(Gif *g)
{
    Picture *p = g->p;
    bool more = true;
    if (next_frame(g) != NEXT_FRAME)
        return picture_fail(p, DECODE_UNREADABLE, "The GIF is broken or has no frame.");
    if (!canvas_make(g))
        return false;
    for (Next next = NEXT_FRAME; more; more = more && next == NEXT_FRAME) {
        if (!frame_paint(g)) {
            moving_end(p, true);
            return p->moving.number > 0;
        }
        more = moving_frame(p, g->canvas, 3, (uint64_t)larger(g->control.DelayTime, 0) * US_PER_HUNDREDTH);
        next = more ? next_frame(g) : NEXT_END;
        if (!more || next != NEXT_FRAME)
            moving_end(p, next == NEXT_BROKEN);
    }
    return p->rows != NULL;
}

bool read_gif(Picture *p)
{
    Gif g = { .p = p };
    int code = 0;
    g.file = DGifOpen(&g, take, &code);
    if (!g.file)
        return picture_fail(p, DECODE_UNREADABLE, "The GIF is broken.");
    bool good = frames(&g);
    DGifCloseFile(g.file, &code);
    return good;
}
