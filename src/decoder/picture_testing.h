/* picture_testing.h: harmless synthetic pictures for tests and benchmarks: a sky of gradients, discs, bars
 * and grain, different for each seed. Nothing in them was ever seen by a camera. */
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
#include <jpeglib.h>
#include "base/arena.h"
#include "base/rng.h"

typedef struct Synthetic {
    uint32_t width, height;
    uint8_t *rgb;
} Synthetic;

typedef struct SyntheticShape {
    double x, y, r, tilt;
    int    colour[3];
    bool   bar;
} SyntheticShape;

static inline uint8_t synthetic_clip(double v) { return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v); }

static inline void synthetic_pixel(const SyntheticShape *shapes, size_t n, double u, double v, double grain,
                                   uint8_t *to)
{
    double c[3] = { 60 + 120 * v, 90 + 80 * u, 160 - 60 * v * u };
    for (size_t i = 0; i < n; i++) {
        const SyntheticShape *s = &shapes[i];
        double dx = u - s->x, dy = v - s->y;
        bool in =
            s->bar ? fabs(dx * cos(s->tilt) + dy * sin(s->tilt)) < s->r / 4 : dx * dx + dy * dy < s->r * s->r;
        for (int k = 0; in && k < 3; k++)
            c[k] = 0.35 * c[k] + 0.65 * s->colour[k];
    }
    for (int k = 0; k < 3; k++)
        to[k] = synthetic_clip(c[k] + grain);
}

static inline Synthetic synthetic_make(Arena *mem, uint64_t seed, uint32_t width, uint32_t height)
{
    enum { SHAPES = 14 };
    SyntheticShape shapes[SHAPES];
    Synthetic s = { width, height, arena_new(mem, uint8_t, (size_t)3 * width * height) };
    Rng rng = rng_seed(seed);
    for (size_t i = 0; i < SHAPES; i++)
        shapes[i] = (SyntheticShape){ rng_unit(&rng), rng_unit(&rng), 0.02 + 0.2 * rng_unit(&rng),
                                      3.1416 * rng_unit(&rng),
                                      { (int)rng_below(&rng, 256), (int)rng_below(&rng, 256), (int)rng_below(&rng, 256) },
                                      rng_below(&rng, 3) == 0 };
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++)
            synthetic_pixel(shapes, SHAPES, (double)x / width, (double)y / height,
                            (double)rng_below(&rng, 13) - 6, s.rgb + 3 * ((size_t)y * width + x));
    return s;
}

typedef struct SyntheticJpeg {
    int  quality;
    bool grey, progressive;
} SyntheticJpeg;

/* The encoded picture, in `mem`. */
static inline uint8_t *synthetic_jpeg(Arena *mem, const Synthetic *s, SyntheticJpeg how, size_t *size)
{
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr errors;
    unsigned char *out = NULL;
    unsigned long n = 0;
    c.err = jpeg_std_error(&errors);
    jpeg_create_compress(&c);
    jpeg_mem_dest(&c, &out, &n);
    c.image_width = s->width;
    c.image_height = s->height;
    c.input_components = 3;
    c.in_color_space = JCS_RGB;
    jpeg_set_defaults(&c);
    jpeg_set_quality(&c, how.quality, TRUE);
    if (how.grey)
        jpeg_set_colorspace(&c, JCS_GRAYSCALE);
    if (how.progressive)
        jpeg_simple_progression(&c);
    jpeg_start_compress(&c, TRUE);
    while (c.next_scanline < c.image_height) {
        JSAMPROW row = s->rgb + (size_t)3 * s->width * c.next_scanline;
        jpeg_write_scanlines(&c, &row, 1);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    uint8_t *kept = arena_new(mem, uint8_t, n);
    memcpy(kept, out, n);
    free(out);
    *size = n;
    return kept;
}
