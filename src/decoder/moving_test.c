/* moving_test.c: moving pictures made here are composed frame by frame as their formats say, and hashed
 * within the bounds of moving.h. */
#include "decoder/moving.h"
#include <webp/encode.h>
#include "base/test.h"
#include "decoder/answer.h"
#include "decoder/gif_testing.h"
#include "decoder/picture_testing.h"

enum { WIDTH = 160, HEIGHT = 120, PIXELS = WIDTH * HEIGHT };

/* A scene in 128 greys, the part of it that a frame shows. */
static uint8_t *scene(Arena *mem, uint64_t seed, int width, int height)
{
    Synthetic s = synthetic_make(mem, seed, (uint32_t)width, (uint32_t)height);
    uint8_t *grey = arena_new(mem, uint8_t, (size_t)width * (size_t)height);
    for (size_t i = 0; i < (size_t)width * (size_t)height; i++)
        grey[i] = s.rgb[3 * i + 1] / 2;
    return grey;
}

static DecodeReply answer(Arena *mem, const void *at, size_t len, uint64_t frames_max, DecodeFrame **frames)
{
    DecodeReply reply;
    DecodeRequest request = { .pixels_max = 64 << 20, .frame_every_us = 1000000, .frames_max = frames_max };
    answer_bytes(&(Bytes){ .at = at, .length = len }, &request, mem, &reply, frames);
    CHECK(reply.state == DECODE_OK ? !reply.reason[0] : reply.reason[0] != 0);
    return reply;
}

static void check_frame(const DecodeFrame *f, const uint8_t *rgb, uint32_t number, uint64_t at_us)
{
    CLEANUP(arena_done) Arena mem = {0};
    Pdq want;
    CHECK(pdq_of_rgb(rgb, WIDTH, HEIGHT, (size_t)3 * WIDTH, &mem, &want));
    CHECK_INT(f->number, number);
    CHECK_INT(f->at_us, at_us);
    CHECK_INT(f->quality, want.quality);
    if (memcmp(f->pdq, want.hash[0].bytes, sizeof f->pdq) != 0)
        fail_msg("frame %u is not what it should show", number);
}

/* The canvas as a reader of the format's definition would paint it: the plainest way. */
static void paint(uint8_t *rgb, const GifFrame *f, bool first)
{
    for (int y = 0; y < f->height; y++)
        for (int x = 0; x < f->width; x++) {
            int v = f->grey[y * f->width + x], to = (f->top + y) * WIDTH + f->left + x;
            if (f->left + x < WIDTH && f->top + y < HEIGHT && (first || v != f->clear))
                memset(rgb + 3 * to, 2 * v, 3);
        }
}

static void clear(uint8_t *rgb, const GifFrame *f)
{
    for (int y = f->top; y < f->top + f->height && y < HEIGHT; y++)
        for (int x = f->left; x < f->left + f->width && x < WIDTH; x++)
            memset(rgb + 3 * (y * WIDTH + x), 0, 3);
}

TEST(frames_of_a_gif_are_composed)
{
    CLEANUP(arena_done) Arena mem = {0};
    uint8_t *parts[5];
    for (uint64_t i = 0; i < 5; i++)
        parts[i] = scene(&mem, 100 + i, WIDTH, HEIGHT);
    const GifFrame frames[] = {
        { 0, 0, WIDTH, HEIGHT, 1, 50, -1, parts[0] },
        { 10, 20, 90, 60, 3, 50, -1, parts[1] },            /* shown, then put back */
        { 60, 30, 80, 80, 2, 0, 31, parts[2] },             /* see-through, then cleared; shown 100 ms */
        { 0, 0, 50, 50, 0, 50, -1, parts[3] },
        { 140, 100, 60, 60, 1, 50, -1, parts[4] },          /* partly beside the canvas */
    };
    GifBytes gif = gif_make(&mem, WIDTH, HEIGHT, frames, COUNT_OF(frames));
    uint8_t *canvas = arena_new(&mem, uint8_t, 3 * PIXELS), *before = arena_new(&mem, uint8_t, 3 * PIXELS);
    DecodeFrame *found;
    uint64_t at_us = 0;
    DecodeReply r = answer(&mem, gif.at, gif.len, 100, &found);
    CHECK(r.state == DECODE_OK && r.media == MEDIA_GIF && !r.truncated && r.width == WIDTH &&
          r.height == HEIGHT);
    CHECK_INT(r.frame_count, COUNT_OF(frames));
    CHECK_INT(r.duration_us, 2100000);
    assert_memory_equal(r.pdq[0], found[0].pdq, 32);
    for (size_t i = 0; i < COUNT_OF(frames); i++) {
        memcpy(before, canvas, 3 * PIXELS);
        paint(canvas, &frames[i], i == 0);
        check_frame(&found[i], canvas, (uint32_t)i, at_us);
        at_us += frames[i].hundredths ? (uint64_t)frames[i].hundredths * 10000 : MOVING_SHOWN_US;
        if (frames[i].disposal == 2)
            clear(canvas, &frames[i]);
        if (frames[i].disposal == 3)
            memcpy(canvas, before, 3 * PIXELS);
    }
}

TEST(what_stands_still_has_no_frames)
{
    CLEANUP(arena_done) Arena mem = {0};
    const GifFrame one = { 0, 0, WIDTH, HEIGHT, 1, 50, -1, scene(&mem, 7, WIDTH, HEIGHT) };
    GifBytes gif = gif_make(&mem, WIDTH, HEIGHT, &one, 1);
    DecodeFrame *found;
    DecodeReply r = answer(&mem, gif.at, gif.len, 100, &found);
    CHECK(r.state == DECODE_OK && r.frame_count == 0 && r.duration_us == 0 && !r.truncated);
}

/* ---- WebP ---- */

static void put(GifBytes *to, const void *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        gif_put(to, ((const uint8_t *)at)[i]);
}

static void put_little(GifBytes *to, uint32_t x, int bytes)
{
    for (int i = 0; i < bytes; i++)
        gif_put(to, x >> 8 * i & 255);
}

typedef struct WebpFrame { int left, top, width, height, ms; bool cleared; uint64_t seed; } WebpFrame;

static void webp_frame(Arena *mem, GifBytes *to, const WebpFrame *f)
{
    Synthetic s = synthetic_make(mem, f->seed, (uint32_t)f->width, (uint32_t)f->height);
    uint8_t *still = NULL;
    size_t n = WebPEncodeLosslessRGB(s.rgb, f->width, f->height, 3 * f->width, &still);
    put(to, "ANMF", 4);
    put_little(to, (uint32_t)(16 + n - 12), 4);
    put_little(to, (uint32_t)f->left / 2, 3);
    put_little(to, (uint32_t)f->top / 2, 3);
    put_little(to, (uint32_t)f->width - 1, 3);
    put_little(to, (uint32_t)f->height - 1, 3);
    put_little(to, (uint32_t)f->ms, 3);
    gif_put(to, f->cleared);
    put(to, still + 12, n - 12);               /* its one chunk, without the file's head */
    WebPFree(still);
}

static GifBytes webp_make(Arena *mem, int width, int height, const WebpFrame *frames, size_t n)
{
    GifBytes b = { .mem = mem };
    put(&b, "RIFF\0\0\0\0WEBPVP8X\x0A\0\0\0\x02\0\0\0", 24);
    put_little(&b, (uint32_t)width - 1, 3);
    put_little(&b, (uint32_t)height - 1, 3);
    put(&b, "ANIM\x06\0\0\0\0\0\0\0\0\0", 14);
    for (size_t i = 0; i < n; i++)
        webp_frame(mem, &b, &frames[i]);
    for (int i = 0; i < 4; i++)
        b.at[4 + i] = (uint8_t)((b.len - 8) >> 8 * i);
    return b;
}

TEST(frames_of_a_webp_are_composed)
{
    static const WebpFrame frames[] = {
        { 0, 0, WIDTH, HEIGHT, 500, false, 1 },
        { 20, 10, 80, 60, 700, true, 2 },
        { 60, 40, 64, 64, 800, false, 3 },
    };
    CLEANUP(arena_done) Arena mem = {0};
    GifBytes webp = webp_make(&mem, WIDTH, HEIGHT, frames, COUNT_OF(frames));
    uint8_t *canvas = arena_new(&mem, uint8_t, 3 * PIXELS);
    DecodeFrame *found;
    uint64_t at_us = 0;
    DecodeReply r = answer(&mem, webp.at, webp.len, 100, &found);
    CHECK(r.state == DECODE_OK && r.media == MEDIA_WEBP && !r.truncated && r.width == WIDTH);
    CHECK_INT(r.frame_count, COUNT_OF(frames));
    CHECK_INT(r.duration_us, 2000000);
    for (size_t i = 0; i < COUNT_OF(frames); i++) {
        const WebpFrame *f = &frames[i];
        Synthetic s = synthetic_make(&mem, f->seed, (uint32_t)f->width, (uint32_t)f->height);
        for (int y = 0; y < f->height; y++)
            memcpy(canvas + 3 * ((f->top + y) * WIDTH + f->left), s.rgb + 3 * y * f->width,
                   (size_t)(3 * f->width));
        check_frame(&found[i], canvas, (uint32_t)i, at_us);
        at_us += (uint64_t)f->ms * 1000;
        if (f->cleared)
            clear(canvas, &(GifFrame){ f->left, f->top, f->width, f->height, 0, 0, 0, NULL });
    }
}

/* Its canvases would not fit into a child, so its first frame has to do. */
TEST(a_webp_with_a_vast_canvas_is_its_first_frame)
{
    static const WebpFrame frames[] = { { 0, 0, 64, 48, 100, false, 1 }, { 0, 0, 64, 48, 100, false, 2 } };
    CLEANUP(arena_done) Arena mem = {0};
    GifBytes webp = webp_make(&mem, 7000, 7000, frames, COUNT_OF(frames));
    DecodeFrame *found;
    DecodeReply r = answer(&mem, webp.at, webp.len, 100, &found);
    CHECK(r.state == DECODE_OK && r.frame_count == 0 && r.truncated && r.width == 64 && r.height == 48);
    CHECK(mem.used_bytes < 2 << 20);
}

/* ---- bounds ---- */

TEST(after_the_first_frames_one_a_second_is_hashed)
{
    enum { FRAMES = 100, HUNDREDTHS = 20 };
    CLEANUP(arena_done) Arena mem = {0};
    GifFrame frames[FRAMES];
    DecodeFrame *found;
    for (int i = 0; i < FRAMES; i++)
        frames[i] = (GifFrame){ 0, 0, 40, 30, 1, HUNDREDTHS, -1, scene(&mem, (uint64_t)i, 40, 30) };
    GifBytes gif = gif_make(&mem, 40, 30, frames, FRAMES);
    DecodeReply r = answer(&mem, gif.at, gif.len, 1000, &found);
    CHECK(!r.truncated && r.duration_us == 20000000);
    CHECK_INT(r.frame_count, MOVING_EVERY_FRAME + 13);       /* 6.4 s of them all, then seconds 7 to 19 */
    for (uint32_t i = 0; i < r.frame_count; i++)
        CHECK_INT(found[i].number, i < MOVING_EVERY_FRAME ? i : (i - MOVING_EVERY_FRAME + 7) * 5);
    r = answer(&mem, gif.at, gif.len, 10, &found);
    CHECK(r.truncated && r.frame_count == 10);
    r = answer(&mem, gif.at, gif.len, 0, &found);
    CHECK(r.state == DECODE_OK && !r.truncated && r.frame_count == 0);
}

TEST(a_file_that_breaks_off_keeps_the_frames_so_far)
{
    CLEANUP(arena_done) Arena mem = {0};
    GifFrame frames[3];
    static const WebpFrame moving[] = { { 0, 0, 64, 48, 100, false, 1 }, { 0, 0, 64, 48, 100, false, 2 } };
    for (uint64_t i = 0; i < 3; i++)
        frames[i] = (GifFrame){ 0, 0, 64, 48, 3, 50, 5, scene(&mem, i, 64, 48) };
    const GifBytes files[] = { gif_make(&mem, 64, 48, frames, 3), webp_make(&mem, 64, 48, moving, 2) };
    FOR_EACH (f, files) {
        uint32_t most = 0;
        for (size_t len = 0; len < f->len; len += 1 + len / 32) {
            CLEANUP(arena_done) Arena one = {0};
            DecodeFrame *found;
            DecodeReply r = answer(&one, f->at, len, 100, &found);
            CHECK(r.frame_count <= 3 && (r.frame_count == 0 || (r.truncated && r.state == DECODE_OK)));
            most = r.frame_count > most ? r.frame_count : most;
        }
        if (f == files)
            CHECK(most >= 2);
    }
}

TEST_MAIN(frames_of_a_gif_are_composed, what_stands_still_has_no_frames, frames_of_a_webp_are_composed,
          a_webp_with_a_vast_canvas_is_its_first_frame, after_the_first_frames_one_a_second_is_hashed,
          a_file_that_breaks_off_keeps_the_frames_so_far)
