/* pdq_test.c: the streamed sums against the filters run as they are described, at every processor level. The
 * reference's own pictures need a decoder and are checked in src/triage. */
#include "engine/picture/pdq.h"
#include <math.h>
#include "base/rng.h"
#include "base/test.h"

typedef struct Picture { uint32_t width, height; uint8_t *at; } Picture;

/* Waves of several lengths with some noise: all frequencies, no flat parts, like a photograph. */
static Picture picture(Arena *mem, Rng *rng, uint32_t width, uint32_t height)
{
    Picture p = { width, height, arena_new(mem, uint8_t, (size_t)width * height) };
    double  wave[12][4];
    for (int k = 0; k < 12; k++)
        for (int i = 0; i < 4; i++)
            wave[k][i] = rng_unit(rng);
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++) {
            double v = 128;
            for (int k = 0; k < 12; k++)
                v += 12 * wave[k][0]
                   * sin(40 * (wave[k][1] * x / width + wave[k][2] * y / height) + 7 * wave[k][3]);
            v += 16 * rng_unit(rng) - 8;
            p.at[(size_t)y * width + x] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
        }
    return p;
}

/* ---- the description, word for word */

static void box(const double *in, double *out, size_t n, size_t step)
{
    ptrdiff_t width = ((ptrdiff_t)n + 127) / 128, right = (width + 2) / 2 - 1, left = width - 1 - right;
    for (ptrdiff_t i = 0; i < (ptrdiff_t)n; i++) {
        double sum = 0;
        int    count = 0;
        for (ptrdiff_t k = i - left; k <= i + right; k++)
            if (k >= 0 && k < (ptrdiff_t)n) {
                sum += in[(size_t)k * step];
                count++;
            }
        out[(size_t)i * step] = sum / count;
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static PdqHash described(Arena *mem, const Picture *p)
{
    size_t  w = p->width, h = p->height;
    double *a = arena_new(mem, double, w * h), *b = arena_new(mem, double, w * h);
    for (size_t i = 0; i < w * h; i++)
        a[i] = p->at[i];
    for (int pass = 0; pass < 2; pass++) {
        for (size_t y = 0; y < h; y++)
            box(a + y * w, b + y * w, w, 1);
        for (size_t x = 0; x < w; x++)
            box(b + x, a + x, h, w);
    }
    double half[16][64] = {0}, freq[256] = {0}, sorted[256];
    for (int i = 0; i < 16; i++)
        for (int x = 0; x < 64; x++)
            for (int y = 0; y < 64; y++)
                half[i][x] +=
                    cos(M_PI / 128 * (i + 1) * (2 * y + 1)) *
                    a[(size_t)((y + 0.5) * (double)h / 64) * w + (size_t)((x + 0.5) * (double)w / 64)];
    for (int i = 0; i < 16; i++)
        for (int j = 0; j < 16; j++)
            for (int x = 0; x < 64; x++)
                freq[i * 16 + j] += cos(M_PI / 128 * (j + 1) * (2 * x + 1)) * half[i][x];
    memcpy(sorted, freq, sizeof sorted);
    qsort(sorted, 256, sizeof *sorted, by_value);
    PdqHash hash = {0};
    for (int k = 0; k < 256; k++)
        if (freq[k] > sorted[127])
            hash.bytes[31 - k / 8] = (uint8_t)(hash.bytes[31 - k / 8] | 1 << k % 8);
    return hash;
}

static Pdq streamed(Cpu level, Arena *mem, const Picture *p)
{
    Pdq      out;
    PdqRows *rows = pdq_begin_by(level, mem, p->width, p->height);
    for (uint32_t y = 0; y < p->height; y++)
        pdq_row(rows, p->at + (size_t)y * p->width);
    pdq_end(rows, &out);
    return out;
}

TEST(sums_agree_with_the_filters_described)
{
    static const uint32_t sizes[][2] = {
        { 24, 20 }, { 34, 42 }, { 64, 64 }, { 65, 63 }, { 127, 129 }, { 128, 128 }, { 129, 257 },
        { 160, 100 }, { 200, 301 }, { 256, 256 }, { 383, 384 }, { 640, 480 }, { 1001, 750 }, { 64, 1500 },
        { 1500, 70 },
    };
    Rng rng = rng_seed(31);
    FOR_EACH(size, sizes) {
        CLEANUP(arena_done) Arena mem = {0};
        Picture p = picture(&mem, &rng, (*size)[0], (*size)[1]);
        PdqHash want = described(&mem, &p);
        Pdq     got = streamed(CPU_PORTABLE, &mem, &p);
        int     apart = pdq_distance(&want, &got.hash[PDQ_AS_IS]);
        if (apart > 2)              /* a coefficient may lie on the median */
            fail_msg("%u x %u: %d bits apart", p.width, p.height, apart);
    }
}

TEST(every_processor_level_gives_the_same_hash)
{
    Rng rng = rng_seed(256);
    for (int round = 0; round < 40; round++) {
        CLEANUP(arena_done) Arena mem = {0};
        Picture p =
            picture(&mem, &rng, 1 + (uint32_t)rng_below(&rng, 400), 1 + (uint32_t)rng_below(&rng, 300));
        uint8_t *rgb = arena_new(&mem, uint8_t, 3 * (size_t)p.width * p.height);
        for (size_t i = 0; i < 3 * (size_t)p.width * p.height; i++)
            rgb[i] = (uint8_t)rng_next(&rng);
        Pdq want = streamed(CPU_PORTABLE, &mem, &p), colours = {0};
        for (int level = 0; level < CPU__COUNT; level++) {
            if (!cpu_here((Cpu)level))
                continue;
            Pdq got = streamed((Cpu)level, &mem, &p), seen;
            assert_memory_equal(&got, &want, sizeof got);
            PdqRows *rows = pdq_begin_by((Cpu)level, &mem, p.width, p.height);
            for (uint32_t y = 0; y < p.height; y++)
                pdq_row_rgb(rows, rgb + 3 * (size_t)y * p.width);
            pdq_end(rows, &seen);
            if (level == CPU_PORTABLE)
                colours = seen;
            assert_memory_equal(&seen, &colours, sizeof seen);
        }
    }
}

/* 64 pixels are sampled one by one, so a turned picture has exactly the turned samples. */
static Picture turned(Arena *mem, const Picture *p, PdqTurn turn)
{
    Picture out = { 64, 64, arena_new(mem, uint8_t, 64 * 64) };
    for (int y = 0; y < 64; y++)
        for (int x = 0; x < 64; x++) {
            int from[PDQ_TURNS][2] = {
                [PDQ_AS_IS] = { y, x },           [PDQ_TURNED_90] = { x, 63 - y },
                [PDQ_TURNED_180] = { 63 - y, 63 - x }, [PDQ_TURNED_270] = { 63 - x, y },
                [PDQ_FLIPPED_X] = { 63 - y, x },  [PDQ_FLIPPED_Y] = { y, 63 - x },
                [PDQ_FLIPPED_PLUS] = { x, y },    [PDQ_FLIPPED_MINUS] = { 63 - x, 63 - y },
            };
            out.at[y * 64 + x] = p->at[from[turn][0] * 64 + from[turn][1]];
        }
    return out;
}

TEST(turns_come_from_one_transform)
{
    CLEANUP(arena_done) Arena mem = {0};
    Rng rng = rng_seed(8);
    for (int round = 0; round < 8; round++) {
        Picture p = picture(&mem, &rng, 64, 64);
        Pdq all = streamed(cpu_best(), &mem, &p);
        for (int turn = 0; turn < PDQ_TURNS; turn++) {
            Picture other = turned(&mem, &p, (PdqTurn)turn);
            Pdq     its = streamed(cpu_best(), &mem, &other);
            if (pdq_distance(&its.hash[PDQ_AS_IS], &all.hash[turn]) > 2)   /* ties at the median */
                fail_msg("round %d, %s", round, pdq_turn_name((PdqTurn)turn));
            assert_int_equal(its.quality, all.quality);
            if (turn != PDQ_AS_IS)
                CHECK(pdq_distance(&all.hash[PDQ_AS_IS], &all.hash[turn]) > PDQ_DISTANCE);
        }
    }
}

TEST(grey_colours_hash_as_luma)
{
    CLEANUP(arena_done) Arena mem = {0};
    Rng     rng = rng_seed(3);
    Picture p = picture(&mem, &rng, 333, 222);
    uint8_t *rgb = arena_new(&mem, uint8_t, 3 * 333 * 222);
    for (int i = 0; i < 3 * 333 * 222; i++)
        rgb[i] = p.at[i / 3];
    Pdq luma, colours;
    CHECK(pdq_of_luma(p.at, 333, 222, 333, &mem, &luma));
    CHECK(pdq_of_rgb(rgb, 333, 222, 3 * 333, &mem, &colours));
    assert_memory_equal(&luma, &colours, sizeof luma);
    Pdq lower;                                     /* a stride longer than a row: the upper left part */
    CHECK(pdq_of_luma(p.at, 100, 222, 333, &mem, &lower));
    CHECK(pdq_distance(&lower.hash[0], &luma.hash[0]) > PDQ_DISTANCE);
}

TEST(nearly_flat_pictures_are_of_low_quality)
{
    CLEANUP(arena_done) Arena mem = {0};
    Picture p = { 224, 399, arena_new(&mem, uint8_t, 224 * 399) };
    Pdq     flat = streamed(cpu_best(), &mem, &p);
    CHECK_INT(flat.quality, 0);
    for (int i = 0; i < 224 * 399; i++)
        p.at[i] = (uint8_t)(i / 224 / 4);          /* a gentle slope */
    Pdq slope = streamed(cpu_best(), &mem, &p);
    CHECK(slope.quality < PDQ_QUALITY_MIN);
    for (int i = 0; i < 224 * 399; i++)
        p.at[i] = i / 224 / 13 % 2 != i % 224 / 11 % 2 ? 20 : 220;
    CHECK_INT(streamed(cpu_best(), &mem, &p).quality, 100);
}

TEST(odd_sizes_and_broken_pictures_are_taken)
{
    CLEANUP(arena_done) Arena mem = {0};
    CHECK(pdq_begin(&mem, 0, 5) == NULL);
    CHECK(pdq_begin(&mem, 5, 0) == NULL);
    CHECK(pdq_begin(&mem, PDQ_SIDE_MAX + 1, 5) == NULL);
    Pdq none;
    pdq_end(pdq_begin(&mem, 400, 300), &none);
    CHECK_INT(none.quality, 0);
    uint8_t *line = arena_new(&mem, uint8_t, PDQ_SIDE_MAX);
    memset(line, 255, PDQ_SIDE_MAX);
    Pdq thin;                                      /* the widest sums there are: nothing may overflow */
    CHECK(pdq_of_luma(line, PDQ_SIDE_MAX, 1, PDQ_SIDE_MAX, &mem, &thin));
    CHECK_INT(thin.quality, 0);
    PdqRows *tall = pdq_begin(&mem, 1, PDQ_SIDE_MAX);
    for (int y = 0; y < PDQ_SIDE_MAX; y++)
        pdq_row_rgb(tall, line);
    pdq_end(tall, &thin);
    CHECK_INT(thin.quality, 0);
    Rng     rng = rng_seed(5);
    Picture p = picture(&mem, &rng, 300, 200);
    Pdq     whole = streamed(cpu_best(), &mem, &p), half;
    PdqRows *rows = pdq_begin(&mem, 300, 200);
    for (uint32_t y = 0; y < 100; y++)
        pdq_row(rows, p.at + (size_t)y * 300);
    pdq_end(rows, &half);
    memset(p.at + 300 * 100, 0, 300 * 100);
    Pdq black = streamed(cpu_best(), &mem, &p);
    assert_memory_equal(&half, &black, sizeof half);
    CHECK(pdq_distance(&half.hash[0], &whole.hash[0]) > 0);
    for (int y = 0; y < 3; y++)                    /* more rows than there are do no harm */
        pdq_row(rows, p.at);
}

TEST(hex_is_read_and_written)
{
    static const char text[] = "d8f8f0cce0f4a84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22";
    PdqHash hash, other;
    char    out[PDQ_HEX_CHARS + 1], bad[PDQ_HEX_CHARS + 1];
    CHECK(pdq_from_hex(text, 64, &hash));
    CHECK_INT(hash.bytes[0], 0xd8);
    CHECK_INT(hash.bytes[31], 0x22);
    pdq_to_hex(&hash, out);
    CHECK_TEXT(out, text);
    CHECK(pdq_from_hex("D8F8F0CCE0F4A84F0E370A22028F67F0B36E2ED596623E1D33E6B39C4E9C9B21", 64, &other));
    CHECK_INT(pdq_distance(&hash, &other), 2);
    CHECK(!pdq_from_hex(text, 63, &other));
    CHECK(!pdq_from_hex(text, 65, &other));
    for (const char *c = "g/:@G` \n"; *c; c++) {
        memcpy(bad, text, sizeof bad);
        bad[17] = *c;
        CHECK(!pdq_from_hex(bad, 64, &other));
    }
    CHECK_INT(pdq_distance(&hash, &(PdqHash){0}), 128);
    CHECK_TEXT(pdq_turn_name(PDQ_TURNED_90), "turned-90");
}

TEST_MAIN(sums_agree_with_the_filters_described, every_processor_level_gives_the_same_hash,
          turns_come_from_one_transform, grey_colours_hash_as_luma, nearly_flat_pictures_are_of_low_quality,
          odd_sizes_and_broken_pictures_are_taken, hex_is_read_and_written)
