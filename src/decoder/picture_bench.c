/* picture_bench.c: a 12 MP JPEG becomes its PDQ hashes, beside libjpeg-turbo's decoding of the luma alone,
 * which is the least that any program must do. Full size and scaled are shown; the decoder takes what jpeg.c
 * allows.
 *
 * Processor time of one thread, best of several rounds. */
#include <time.h>
#include "decoder/picture.h"
#include "decoder/picture_testing.h"

enum { WIDTH = 4000, HEIGHT = 3000, ROUNDS = 9 };

typedef struct Work {
    const uint8_t *jpeg;
    size_t         size;
    int            scale_least;
} Work;

typedef void Task(const Work *w, Arena *mem);

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double best_rate(const Work *w, Task *task)
{
    CLEANUP(arena_done) Arena mem = {0};
    double best = 0;
    for (int i = 0; i < ROUNDS; i++) {
        double began = now_s();
        task(w, &mem);
        double rate = 1 / (now_s() - began);
        best = rate > best ? rate : best;
        arena_reset(&mem);
    }
    return best;
}

static void by_us(const Work *w, Arena *mem)
{
    Pdq pdq;
    Picture p = {
        .at = w->jpeg, .len = w->size, .pixels_max = 1 << 28, .scale_least = w->scale_least, .mem = mem
    };
    if (!picture_hash(MEDIA_JPEG, &p, &pdq))
        exit(1);
}

static void luma_only(const Work *w, Arena *mem)
{
    struct jpeg_decompress_struct d;
    struct jpeg_error_mgr errors;
    d.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&d);
    jpeg_mem_src(&d, w->jpeg, w->size);
    jpeg_read_header(&d, TRUE);
    d.out_color_space = JCS_GRAYSCALE;
    jpeg_start_decompress(&d);
    uint8_t *row = arena_new(mem, uint8_t, d.output_width);
    while (d.output_scanline < d.output_height)
        jpeg_read_scanlines(&d, &row, 1);
    jpeg_finish_decompress(&d);
    jpeg_destroy_decompress(&d);
}

static void row(const char *task, double ours, double theirs, const char *target)
{
    printf("row\t%s\t%.1f\tpictures/s\tlibjpeg-turbo, luma decoded only\t%.1f\t%.2f\t%s\n", task, ours,
           theirs, ours / theirs, target);
}

int main(void)
{
    CLEANUP(arena_done) Arena mem = {0};
    Synthetic s = synthetic_make(&mem, 1, WIDTH, HEIGHT);
    Work w = {0};
    w.jpeg = synthetic_jpeg(&mem, &s, (SyntheticJpeg){ .quality = 90 }, &w.size);
    double theirs = best_rate(&w, luma_only);
    row("PDQ and its 8 turns from a 12 MP JPEG", best_rate(&w, by_us), theirs, "ratio>=0.8");
    w.scale_least = PICTURE_SCALE_NEVER;
    row("the same, never scaled", best_rate(&w, by_us), theirs, "-");
    return 0;
}
