/* pdq_bench.c: hashing the luma of a 12-megapixel picture, without decoding it, at each processor level,
 * beside the filters run as they are described (in float, as the published implementations do). What decoding
 * adds is measured by the decoder's own bench. Processor time. */
#include "engine/picture/pdq.h"
#include <math.h>
#include <stdio.h>
#include <time.h>
#include "base/rng.h"

enum { WIDTH = 4000, HEIGHT = 3000, ROUNDS = 5 };

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

/* A running mean: one addition and one subtraction a pixel, whatever the width. */
static void box(const float *in, float *out, int n, int step)
{
    int   width = (n + 127) / 128, right = (width + 2) / 2 - 1, count = 0;
    float sum = 0;
    for (int i = -right; i < n; i++) {
        if (i + right < n) {
            sum += in[(i + right) * step];
            count++;
        }
        if (i + right - width >= 0) {
            sum -= in[(i + right - width) * step];
            count--;
        }
        if (i >= 0)
            out[i * step] = sum / (float)count;
    }
}

/* Filters, samples and transform; the median costs nothing beside them. */
static float described(const uint8_t *luma, float *a, float *b)
{
    const int samples = 64;
    float freq = 0;
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        a[i] = luma[i];
    for (int pass = 0; pass < 2; pass++) {
        for (int y = 0; y < HEIGHT; y++)
            box(a + y * WIDTH, b + y * WIDTH, WIDTH, 1);
        for (int x = 0; x < WIDTH; x++)
            box(b + x, a + x, HEIGHT, WIDTH);
    }
    for (int y = 0; y < samples; y++)
        for (int x = 0; x < samples; x++)
            freq += a[(2 * y + 1) * HEIGHT / 128 * WIDTH + (2 * x + 1) * WIDTH / 128];
    return freq;
}

int main(void)
{
    CLEANUP(arena_done) Arena mem = {0};
    uint8_t *luma = arena_new(&mem, uint8_t, WIDTH * HEIGHT);
    float   *a = arena_new(&mem, float, WIDTH * HEIGHT), *b = arena_new(&mem, float, WIDTH * HEIGHT);
    Rng      rng = rng_seed(12);
    float    kept = 0;
    double   filters = 0, best[CPU__COUNT] = {0};
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            luma[y * WIDTH + x] =
                (uint8_t)(100 + 60 * sin(x * 0.003) * cos(y * 0.005) + (double)rng_below(&rng, 32));
    for (int round = 0; round < ROUNDS; round++) {
        double start = now_ms();
        if (round < 2) {
            kept += described(luma, a, b);
            double took = now_ms() - start;
            filters = filters == 0 || took < filters ? took : filters;
        }
        for (int level = 0; level < CPU__COUNT; level++) {
            CLEANUP(arena_done) Arena work = {0};
            Pdq out;
            if (!cpu_here((Cpu)level))
                continue;
            start = now_ms();
            PdqRows *rows = pdq_begin_by((Cpu)level, &work, WIDTH, HEIGHT);
            for (int y = 0; y < HEIGHT; y++)
                pdq_row(rows, luma + y * WIDTH);
            pdq_end(rows, &out);
            double took = now_ms() - start;
            kept += (float)out.quality;
            best[level] = best[level] == 0 || took < best[level] ? took : best[level];
        }
    }
    for (int level = 0; level < CPU__COUNT; level++)
        if (best[level] > 0)
            printf("row\tPDQ of 12 MP luma, %s\t%.3g\tms\tfilters as described\t%.4g\t%.3g\t%s\n",
                   cpu_name((Cpu)level), best[level], filters, filters / best[level],
                   level == (int)cpu_best() ? "value<=4" : "-");
    return kept > 0 ? 0 : 1;
}
