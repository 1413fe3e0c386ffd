/* gif_testing.h: moving GIFs for tests, in 128 greys, written without compression. */
#pragma once
#include <string.h>
#include "base/arena.h"

typedef struct GifFrame {
    int            left, top, width, height;
    int            disposal;                   /* 0, 1 stays; 2 cleared; 3 put back */
    int            hundredths;                 /* shown for so long */
    int            clear;                      /* the grey that is see-through; -1: none */
    const uint8_t *grey;                       /* width x height, 0..127 */
} GifFrame;

typedef struct GifBytes {
    Arena   *mem;
    uint8_t *at;
    size_t   len, cap;
} GifBytes;

static inline void gif_put(GifBytes *g, unsigned byte)
{
    *arena_push(g->mem, g->at, g->len, g->cap) = (uint8_t)byte;
}

static inline void gif_put16(GifBytes *g, int x)
{
    gif_put(g, (unsigned)x & 255);
    gif_put(g, (unsigned)x >> 8 & 255);
}

/* Codes of 8 bits: 128 greys, and one that empties the table before it grows to need a ninth. */
static inline void gif_raster(GifBytes *g, const uint8_t *grey, size_t n)
{
    enum { CLEAR = 128, END = 129, RUN = 100 };
    uint8_t block[RUN + 1];
    gif_put(g, 7);
    for (size_t at = 0; at < n; at += RUN) {
        size_t run = n - at < RUN ? n - at : RUN;
        block[0] = CLEAR;
        memcpy(block + 1, grey + at, run);
        gif_put(g, (unsigned)run + 1);
        for (size_t i = 0; i <= run; i++)
            gif_put(g, block[i]);
    }
    gif_put(g, 1);
    gif_put(g, END);
    gif_put(g, 0);
}

static inline GifBytes gif_make(Arena *mem, int width, int height, const GifFrame *frames, size_t n)
{
    GifBytes g = { .mem = mem };
    for (const char *c = "GIF89a"; *c; c++)
        gif_put(&g, (unsigned char)*c);
    gif_put16(&g, width);
    gif_put16(&g, height);
    gif_put(&g, 0xF6);                         /* a palette of 128 */
    gif_put16(&g, 0);
    for (unsigned i = 0; i < 128 * 3; i++)
        gif_put(&g, i / 3 * 2);
    for (size_t i = 0; i < n; i++) {
        const GifFrame *f = &frames[i];
        gif_put(&g, 0x21);
        gif_put(&g, 0xF9);
        gif_put(&g, 4);
        gif_put(&g, (unsigned)f->disposal << 2 | (f->clear >= 0));
        gif_put16(&g, f->hundredths);
        gif_put(&g, f->clear >= 0 ? (unsigned)f->clear : 0);
        gif_put(&g, 0);
        gif_put(&g, 0x2C);
        gif_put16(&g, f->left);
        gif_put16(&g, f->top);
        gif_put16(&g, f->width);
        gif_put16(&g, f->height);
        gif_put(&g, 0);
        gif_raster(&g, f->grey, (size_t)f->width * (size_t)f->height);
    }
    gif_put(&g, 0x3B);
    return g;
}
