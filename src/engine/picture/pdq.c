/* pdq.c: PDQ as sums of integers.
 *
 * Both passes of the box filter and the choice of 64 samples along an axis are linear, and an axis knows
 * nothing of the other. So the filters are never run: each of the 64 samples of an axis is a weighted sum of
 * a short run of pixels (its taps; a tent 2w-1 long for a box of w), and runs of neighbouring samples hardly
 * overlap. A row is added to the one or two sums down the picture that it takes part in; a sum that is
 * complete is weighed across into 64 numbers and forgotten.
 *
 * Colours keep a fraction of the luma: where a picture is nearly flat, rounding it away can change an eighth
 * of the hash.
 *
 * Invariants: (1) a sum of taps times 255 times 16 (the fraction) fits 32 bits, and times the taps across
 * fits 64, so nothing rounds before the division that ends a sample; (2) at most two runs are open at a row,
 * or several that are that row alone, so four sums in a ring are enough. */
#include "engine/picture/pdq.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum {
    SAMPLES   = 64,
    BITS_SIDE = 16,                /* frequencies kept along an axis */
    BITS      = BITS_SIDE * BITS_SIDE,
    RING      = 4,
    COLOUR_ONE  = 16,              /* luma of colours is in sixteenths of a grey level */
    SAMPLE_ONE  = 4096,            /* a sample is in 1/4096 */
    COSINE_BITS = 20,
};

typedef struct Taps {
    uint32_t  first[SAMPLES], count[SAMPLES];
    uint32_t  total[SAMPLES];      /* sum of the weights */
    uint16_t *weight[SAMPLES];
} Taps;

/* sum[x] += weight * luma[x] */
typedef void AddGrey(uint32_t *sum, const uint8_t *luma, size_t width, uint16_t weight);
typedef void AddFine(uint32_t *sum, const uint16_t *luma, size_t width, uint16_t weight);
typedef struct AddRow { AddGrey *grey; AddFine *fine; } AddRow;

struct PdqRows {
    const AddRow *add;
    uint32_t  width, height;
    uint32_t  y;                   /* the next row */
    uint32_t  open;                /* the first sample down that is not complete */
    Taps      down, across;
    uint32_t *sum[RING];
    uint32_t  one;                 /* a grey level of the rows given: 1, or COLOUR_ONE */
    uint16_t *fine;                /* one row, for colours */
    int32_t   sample[SAMPLES][SAMPLES];
};

/* ---- the filter as weights */

typedef struct Run { uint32_t from, to; } Run;

/* The pixels that a box of `width` around `at` covers, cut off at the ends of the axis. An even box reaches
 * one further to the right. */
static Run box_at(uint32_t at, uint32_t width, uint32_t side)
{
    uint32_t right = (width + 2) / 2 - 1, left = width - 1 - right;
    return (Run){ at > left ? at - left : 0, at + right < side ? at + right : side - 1 };
}

/* Weights are whole numbers: w, w-1 .. 1 down both sides of a tent. At an end of the axis boxes are cut off
 * and have averages of their own; `scale` then keeps the fractions (to 1/1000 and better). */
static void taps_at(Arena *mem, uint32_t side, int i, Taps *taps)
{
    uint32_t width = (side + 2 * SAMPLES - 1) / (2 * SAMPLES);
    uint32_t centre = (uint32_t)((uint64_t)(2 * i + 1) * side / (2 * SAMPLES));
    Run second = box_at(centre, width, side);
    Run reach = { box_at(second.from, width, side).from, box_at(second.to, width, side).to };
    uint32_t n = reach.to - reach.from + 1;
    double  *exact = arena_new(mem, double, n);
    bool     cut = second.to - second.from + 1 != width;
    for (uint32_t j = second.from; j <= second.to; j++) {
        Run first = box_at(j, width, side);
        uint32_t count = first.to - first.from + 1;
        cut = cut || count != width;
        for (uint32_t k = first.from; k <= first.to; k++)
            exact[k - reach.from] += (double)width / count;
    }
    uint32_t room_one = 16383 / width, room_all = 1000000 / (width * width);
    double   scale = !cut ? 1 : room_all == 0 ? 1 : room_one < room_all ? room_one : room_all;
    taps->first[i] = reach.from;
    taps->count[i] = n;
    taps->weight[i] = arena_new(mem, uint16_t, n);
    for (uint32_t k = 0; k < n; k++) {
        taps->weight[i][k] = (uint16_t)(exact[k] * scale + 0.5);
        taps->total[i] += taps->weight[i][k];
    }
}

static void taps_fill(Arena *mem, uint32_t side, Taps *taps)
{
    for (int i = 0; i < SAMPLES; i++)
        taps_at(mem, side, i, taps);
}

/* ---- adding a row: a weight is below 2^15 and a pixel too, so the signed product of halves is the product
 */

static void grey_portable(uint32_t *sum, const uint8_t *luma, size_t width, uint16_t weight)
{
    for (size_t x = 0; x < width; x++)
        sum[x] += (uint32_t)weight * luma[x];
}

static void fine_portable(uint32_t *sum, const uint16_t *luma, size_t width, uint16_t weight)
{
    for (size_t x = 0; x < width; x++)
        sum[x] += (uint32_t)weight * luma[x];
}

#if defined(__x86_64__)
#define AVX2   __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f,avx512bw")))

AVX2 static void madd_avx2(uint32_t *sum, __m256i pixels, __m256i weight)
{
    __m256i *at = (__m256i *)(void *)sum;
    _mm256_storeu_si256(at, _mm256_add_epi32(_mm256_loadu_si256(at), _mm256_madd_epi16(pixels, weight)));
}

AVX2 static void grey_avx2(uint32_t *sum, const uint8_t *luma, size_t width, uint16_t weight)
{
    __m256i w = _mm256_set1_epi32(weight);
    size_t  x = 0;
    for (; x + 8 <= width; x += 8)
        madd_avx2(sum + x, _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)(luma + x))),
                  w);
    grey_portable(sum + x, luma + x, width - x, weight);
}

AVX2 static void fine_avx2(uint32_t *sum, const uint16_t *luma, size_t width, uint16_t weight)
{
    __m256i w = _mm256_set1_epi32(weight);
    size_t  x = 0;
    for (; x + 8 <= width; x += 8)
        madd_avx2(sum + x, _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(const void *)(luma + x))),
                  w);
    fine_portable(sum + x, luma + x, width - x, weight);
}

AVX512 static void madd_avx512(uint32_t *sum, __m512i pixels, __m512i weight)
{
    _mm512_storeu_si512(sum, _mm512_add_epi32(_mm512_loadu_si512(sum), _mm512_madd_epi16(pixels, weight)));
}

AVX512 static void grey_avx512(uint32_t *sum, const uint8_t *luma, size_t width, uint16_t weight)
{
    __m512i w = _mm512_set1_epi32(weight);
    size_t  x = 0;
    for (; x + 16 <= width; x += 16)
        madd_avx512(sum + x, _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(const void *)(luma + x))),
                    w);
    grey_portable(sum + x, luma + x, width - x, weight);
}

AVX512 static void fine_avx512(uint32_t *sum, const uint16_t *luma, size_t width, uint16_t weight)
{
    __m512i w = _mm512_set1_epi32(weight);
    size_t  x = 0;
    for (; x + 16 <= width; x += 16)
        madd_avx512(sum + x,
                    _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(const void *)(luma + x))), w);
    fine_portable(sum + x, luma + x, width - x, weight);
}

static const AddRow add_row[CPU__COUNT] = {
    { grey_portable, fine_portable }, { grey_avx2, fine_avx2 }, { grey_avx512, fine_avx512 },
};
#else
static const AddRow add_row[CPU__COUNT] = {
    { grey_portable, fine_portable }, { grey_portable, fine_portable }, { grey_portable, fine_portable },
};
#endif

PdqRows *pdq_begin_by(Cpu level, Arena *mem, uint32_t width, uint32_t height)
{
    if (width < 1 || height < 1 || width > PDQ_SIDE_MAX || height > PDQ_SIDE_MAX)
        return NULL;
    PdqRows *r = arena_new(mem, PdqRows, 1);
    r->add = &add_row[level];
    r->one = 1;
    r->width = width;
    r->height = height;
    taps_fill(mem, height, &r->down);
    taps_fill(mem, width, &r->across);
    for (int i = 0; i < RING; i++)
        r->sum[i] = arena_new(mem, uint32_t, width);
    r->fine = arena_new(mem, uint16_t, width);
    return r;
}

PdqRows *pdq_begin(Arena *mem, uint32_t width, uint32_t height)
{
    return pdq_begin_by(cpu_best(), mem, width, height);
}

/* Weighs a complete sum across. Division of doubles is the same everywhere, and both sides are exact or
 * rounded once. */
static void close_sample(PdqRows *r, uint32_t i)
{
    const uint32_t *sum = r->sum[i % RING];
    for (int j = 0; j < SAMPLES; j++) {
        const uint16_t *weight = r->across.weight[j];
        const uint32_t *from = sum + r->across.first[j];
        uint64_t total = 0;
        for (uint32_t k = 0; k < r->across.count[j]; k++)
            total += (uint64_t)from[k] * weight[k];
        double whole = (double)((uint64_t)r->down.total[i] * r->across.total[j]) * r->one;
        r->sample[i][j] = (int32_t)((double)total * SAMPLE_ONE / whole + 0.5);
    }
}

/* One of the two is a row; `one` is what a grey level is in it. */
static void row_in(PdqRows *r, const uint8_t *grey, const uint16_t *fine, uint32_t one)
{
    const Taps *down = &r->down;
    assert(r->y == 0 || r->one == one);
    r->one = one;
    if (r->y >= r->height)
        return;
    for (uint32_t i = r->open; i < SAMPLES && down->first[i] <= r->y; i++) {
        uint32_t *sum = r->sum[i % RING];
        uint32_t  tap = r->y - down->first[i];
        if (tap == 0)
            memset(sum, 0, r->width * sizeof *sum);
        if (grey)
            r->add->grey(sum, grey, r->width, down->weight[i][tap]);
        else
            r->add->fine(sum, fine, r->width, down->weight[i][tap]);
        if (tap + 1 == down->count[i]) {
            close_sample(r, i);
            r->open = i + 1;
        }
    }
    r->y++;
}

void pdq_row(PdqRows *r, const uint8_t *luma)
{
    row_in(r, luma, NULL, 1);
}

void pdq_row_rgb(PdqRows *r, const uint8_t *rgb)
{
    for (uint32_t x = 0; x < r->width; x++, rgb += 3)
        r->fine[x] = (uint16_t)((19595u * rgb[0] + 38470u * rgb[1] + 7471u * rgb[2] + 2048u) >> 12);
    row_in(r, NULL, r->fine, COLOUR_ONE);
}

/* ---- from samples to bits */

/* cos(k pi / 128) in 1/2^20, for a quarter turn. */
static const int32_t quarter[SAMPLES + 1] = {
    1048576, 1048260, 1047313, 1045735, 1043527, 1040690, 1037227, 1033138, 1028428,
    1023098, 1017151, 1010592, 1003425, 995652, 987281, 978314, 968758, 958618,
    947901, 936614, 924761, 912352, 899394, 885893, 871859, 857300, 842224,
    826641, 810560, 793991, 776944, 759428, 741455, 723036, 704181, 684901,
    665210, 645117, 624636, 603779, 582558, 560986, 539076, 516841, 494295,
    471452, 448324, 424926, 401273, 377377, 353255, 328919, 304386, 279669,
    254783, 229744, 204567, 179267, 153858, 128357, 102778, 77138, 51451,
    25733, 0,
};

static int64_t cosine(int k)
{
    k %= 256;
    k = k > 128 ? 256 - k : k;
    return k > 64 ? -quarter[128 - k] : quarter[k];
}

/* Frequency f of 64 numbers, `step` apart, for f = 1..16. The cosines of odd frequencies are the other way
 * round in the second half, those of even ones the same, so the halves are folded first. */
static void lowest(const int64_t in[SAMPLES], int64_t cosines[BITS_SIDE][SAMPLES / 2], int64_t out[BITS_SIDE])
{
    int64_t same[SAMPLES / 2], other[SAMPLES / 2];
    for (int x = 0; x < SAMPLES / 2; x++) {
        same[x] = in[x] + in[SAMPLES - 1 - x];
        other[x] = in[x] - in[SAMPLES - 1 - x];
    }
    for (int f = 0; f < BITS_SIDE; f++) {
        const int64_t *half = f % 2 ? same : other;     /* f is one less than the frequency */
        int64_t sum = 0;
        for (int x = 0; x < SAMPLES / 2; x++)
            sum += cosines[f][x] * half[x];
        out[f] = sum;
    }
}

/* freq[i][j]: i down the picture, j across it. */
static void transform(int32_t sample[SAMPLES][SAMPLES], int64_t freq[BITS_SIDE][BITS_SIDE])
{
    int64_t cosines[BITS_SIDE][SAMPLES / 2], half[BITS_SIDE][SAMPLES], line[SAMPLES], out[BITS_SIDE];
    for (int f = 0; f < BITS_SIDE; f++)
        for (int x = 0; x < SAMPLES / 2; x++)
            cosines[f][x] = cosine((f + 1) * (2 * x + 1));
    for (int x = 0; x < SAMPLES; x++) {
        for (int y = 0; y < SAMPLES; y++)
            line[y] = sample[y][x];
        lowest(line, cosines, out);
        for (int i = 0; i < BITS_SIDE; i++)
            half[i][x] = (out[i] + (1 << (COSINE_BITS - 1))) >> COSINE_BITS;
    }
    for (int i = 0; i < BITS_SIDE; i++)
        lowest(half[i], cosines, freq[i]);
}

/* The 128th smallest of 256, by quickselect on a copy. */
static int64_t median(const int64_t values[BITS])
{
    int64_t v[BITS];
    memcpy(v, values, sizeof v);
    int low = 0, high = BITS - 1, want = BITS / 2 - 1;
    while (low < high) {
        int64_t pivot = v[(low + high) / 2];
        int i = low, j = high;
        while (i <= j) {
            while (v[i] < pivot)
                i++;
            while (v[j] > pivot)
                j--;
            if (i <= j) {
                int64_t t = v[i];
                v[i++] = v[j];
                v[j--] = t;
            }
        }
        if (want <= j)
            high = j;
        else if (want >= i)
            low = i;
        else
            break;
    }
    return v[want];
}

/* What a turn does to frequencies: mirroring an axis turns the sign of its odd ones (the even places here),
 * and swapping the axes swaps the places. */
static const struct { bool swap, mirror_down, mirror_across; } turns[PDQ_TURNS] = {
    [PDQ_AS_IS]         = { false, false, false },
    [PDQ_TURNED_90]     = { true,  true,  false },
    [PDQ_TURNED_180]    = { false, true,  true  },
    [PDQ_TURNED_270]    = { true,  false, true  },
    [PDQ_FLIPPED_X]     = { false, true,  false },
    [PDQ_FLIPPED_Y]     = { false, false, true  },
    [PDQ_FLIPPED_PLUS]  = { true,  false, false },
    [PDQ_FLIPPED_MINUS] = { true,  true,  true  },
};

static PdqHash hash_of(int64_t freq[BITS_SIDE][BITS_SIDE], PdqTurn turn)
{
    int64_t turned[BITS];
    for (int i = 0; i < BITS_SIDE; i++)
        for (int j = 0; j < BITS_SIDE; j++) {
            int64_t value = turns[turn].swap ? freq[j][i] : freq[i][j];
            bool minus = (turns[turn].mirror_down && i % 2 == 0) != (turns[turn].mirror_across && j % 2 == 0);
            turned[i * BITS_SIDE + j] = minus ? -value : value;
        }
    int64_t middle = median(turned);
    PdqHash hash = {0};
    for (int k = 0; k < BITS; k++)                  /* bit 0 is the last of the text form */
        if (turned[k] > middle)
            hash.bytes[31 - k / 8] = (uint8_t)(hash.bytes[31 - k / 8] | 1u << k % 8);
    return hash;
}

/* Steps between neighbours in hundredths of the range, each rounded towards zero; 90 of them are one point.
 */
static int quality_of(int32_t sample[SAMPLES][SAMPLES])
{
    int sum = 0;
    for (int y = 0; y < SAMPLES; y++)
        for (int x = 0; x < SAMPLES; x++) {
            if (y + 1 < SAMPLES)
                sum += abs((sample[y][x] - sample[y + 1][x]) * 100 / (255 * SAMPLE_ONE));
            if (x + 1 < SAMPLES)
                sum += abs((sample[y][x] - sample[y][x + 1]) * 100 / (255 * SAMPLE_ONE));
        }
    return sum / 90 < 100 ? sum / 90 : 100;
}

void pdq_end(PdqRows *r, Pdq *out)
{
    int64_t freq[BITS_SIDE][BITS_SIDE];
    for (; r->open < SAMPLES; r->open++) {
        if (r->down.first[r->open] >= r->y)
            memset(r->sum[r->open % RING], 0, r->width * sizeof(uint32_t));
        close_sample(r, r->open);
    }
    r->y = r->height;
    transform(r->sample, freq);
    for (int turn = 0; turn < PDQ_TURNS; turn++)
        out->hash[turn] = hash_of(freq, (PdqTurn)turn);
    out->quality = quality_of(r->sample);
}

static bool pdq_of(const uint8_t *pixels, uint32_t width, uint32_t height, size_t stride, Arena *mem,
                   Pdq *out, void row(PdqRows *, const uint8_t *))
{
    PdqRows *rows = pdq_begin(mem, width, height);
    if (!rows)
        return false;
    for (uint32_t y = 0; y < height; y++)
        row(rows, pixels + y * stride);
    pdq_end(rows, out);
    return true;
}

bool pdq_of_luma(const uint8_t *luma, uint32_t width, uint32_t height, size_t stride, Arena *mem, Pdq *out)
{
    return pdq_of(luma, width, height, stride, mem, out, pdq_row);
}

bool pdq_of_rgb(const uint8_t *rgb, uint32_t width, uint32_t height, size_t stride, Arena *mem, Pdq *out)
{
    return pdq_of(rgb, width, height, stride, mem, out, pdq_row_rgb);
}

/* ---- hashes as values */

int pdq_distance(const PdqHash *a, const PdqHash *b)
{
    int bits = 0;
    for (int i = 0; i < 4; i++) {
        uint64_t x, y;
        memcpy(&x, a->bytes + 8 * i, sizeof x);
        memcpy(&y, b->bytes + 8 * i, sizeof y);
        bits += __builtin_popcountll(x ^ y);
    }
    return bits;
}

void pdq_to_hex(const PdqHash *hash, char out[PDQ_HEX_CHARS + 1])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < 32; i++) {
        out[2 * i] = digits[hash->bytes[i] >> 4];
        out[2 * i + 1] = digits[hash->bytes[i] & 15];
    }
    out[PDQ_HEX_CHARS] = 0;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

bool pdq_from_hex(const char *hex, size_t len, PdqHash *out)
{
    if (len != PDQ_HEX_CHARS)
        return false;
    PdqHash hash;
    for (int i = 0; i < 32; i++) {
        int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        hash.bytes[i] = (uint8_t)(high << 4 | low);
    }
    *out = hash;
    return true;
}

const char *pdq_turn_name(PdqTurn turn)
{
    static const char *const names[PDQ_TURNS] = {
        "as-is", "turned-90", "turned-180", "turned-270",
        "flipped-x", "flipped-y", "flipped-plus", "flipped-minus",
    };
    return names[turn];
}
