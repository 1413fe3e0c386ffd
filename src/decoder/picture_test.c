/* picture_test.c: every format gives the hash of the pixels that went into it; sizes are refused before
 * memory is asked for; scaled decoding keeps to its promise; the published reference pictures give the
 * published hashes. */
#include "decoder/picture.h"
#include <gif_lib.h>
#include <libheif/heif.h>
#include <png.h>
#include <tiffio.h>
#include <unistd.h>
#include <webp/encode.h>
#include "base/source.h"
#include "base/str.h"
#include "base/test.h"
#include "decoder/answer.h"
#include "decoder/picture_testing.h"

/* The encoder of HEVC, which only this test uses, keeps a little memory for good. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) { return "leak:libx265"; }

enum { WIDTH = 640, HEIGHT = 418, SAME = 4 };      /* bits that a lossy format or a palette may change */

typedef struct Encoded {
    uint8_t *at;
    size_t   len, cap;
    Arena   *mem;
} Encoded;

static void more(Encoded *e, const void *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        *arena_push(e->mem, e->at, e->len, e->cap) = ((const uint8_t *)at)[i];
}

/* ---- writers, one a format ---- */

static void png_bytes(png_structp png, png_bytep at, size_t n) { more(png_get_io_ptr(png), at, n); }
static void png_flushed(png_structp png) { (void)png; }

typedef struct PngKind {
    int type, depth, interlace;
} PngKind;

static void png_line(const Synthetic *s, uint32_t y, PngKind kind, uint8_t *to)
{
    for (uint32_t x = 0; x < s->width; x++) {
        const uint8_t *c = s->rgb + 3 * ((size_t)y * s->width + x);
        uint8_t grey = (uint8_t)((c[0] * 299 + c[1] * 587 + c[2] * 114 + 500) / 1000);
        for (int k = 0; k < (kind.type == PNG_COLOR_TYPE_GRAY ? 1 : 3); k++) {
            *to++ = kind.type == PNG_COLOR_TYPE_GRAY ? grey : c[k];
            if (kind.depth == 16)
                *to++ = 0x80;
        }
        if (kind.type == PNG_COLOR_TYPE_RGB_ALPHA)
            *to++ = (uint8_t)x;
    }
}

static void write_png(Encoded *e, const Synthetic *s, PngKind kind)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    uint8_t *line = arena_new(e->mem, uint8_t, s->width * 8);
    png_set_write_fn(png, e, png_bytes, png_flushed);
    png_set_IHDR(png, info, s->width, s->height, kind.depth, kind.type, kind.interlace, 0, 0);
    png_write_info(png, info);
    int passes = png_set_interlace_handling(png);
    for (int pass = 0; pass < passes; pass++)
        for (uint32_t y = 0; y < s->height; y++) {
            png_line(s, y, kind, line);
            png_write_row(png, line);
        }
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
}

static void png_rgb(Encoded *e, const Synthetic *s)
{
    write_png(e, s, (PngKind){ PNG_COLOR_TYPE_RGB, 8, 0 });
}
static void png_grey(Encoded *e, const Synthetic *s)
{
    write_png(e, s, (PngKind){ PNG_COLOR_TYPE_GRAY, 8, 0 });
}
static void png_deep(Encoded *e, const Synthetic *s)
{
    write_png(e, s, (PngKind){ PNG_COLOR_TYPE_RGB, 16, 0 });
}
static void png_alpha(Encoded *e, const Synthetic *s)
{
    write_png(e, s, (PngKind){ PNG_COLOR_TYPE_RGB_ALPHA, 8, 0 });
}
static void png_interlaced(Encoded *e, const Synthetic *s)
{
    write_png(e, s, (PngKind){ PNG_COLOR_TYPE_RGB, 8, PNG_INTERLACE_ADAM7 });
}

static void jpeg_of(Encoded *e, const Synthetic *s, SyntheticJpeg how)
{
    e->at = synthetic_jpeg(e->mem, s, how, &e->len);
}
static void jpeg_usual(Encoded *e, const Synthetic *s) { jpeg_of(e, s, (SyntheticJpeg){ .quality = 90 }); }
static void jpeg_grey(Encoded *e, const Synthetic *s) { jpeg_of(e, s, (SyntheticJpeg){ 90, .grey = true }); }
static void jpeg_progressive(Encoded *e, const Synthetic *s)
{
    jpeg_of(e, s, (SyntheticJpeg){ 90, .progressive = true });
}

static void webp_lossy(Encoded *e, const Synthetic *s)
{
    uint8_t *out = NULL;
    size_t n = WebPEncodeRGB(s->rgb, (int)s->width, (int)s->height, (int)s->width * 3, 90, &out);
    more(e, out, n);
    WebPFree(out);
}

static void webp_lossless(Encoded *e, const Synthetic *s)
{
    uint8_t *out = NULL;
    size_t n = WebPEncodeLosslessRGB(s->rgb, (int)s->width, (int)s->height, (int)s->width * 3, &out);
    more(e, out, n);
    WebPFree(out);
}

static void tiff_packed(Encoded *e, const Synthetic *s)
{
    char path[] = "/tmp/muster-picture-XXXXXX";
    Err err = {0};
    Str all;
    int fd = mkstemp(path);
    TIFF *t = TIFFFdOpen(fd, path, "w");
    TIFFSetField(t, TIFFTAG_IMAGEWIDTH, s->width);
    TIFFSetField(t, TIFFTAG_IMAGELENGTH, s->height);
    TIFFSetField(t, TIFFTAG_SAMPLESPERPIXEL, 3);
    TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, 8);
    TIFFSetField(t, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
    TIFFSetField(t, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    TIFFSetField(t, TIFFTAG_COMPRESSION, COMPRESSION_LZW);
    for (uint32_t y = 0; y < s->height; y++)
        TIFFWriteScanline(t, s->rgb + (size_t)3 * s->width * y, y, 0);
    TIFFClose(t);
    CHECK_OK(file_read(e->mem, path, 64 << 20, &all, &err), &err);
    unlink(path);
    more(e, all.at, all.len);
}

static int gif_bytes(GifFileType *gif, const GifByteType *at, int n)
{
    more(gif->UserData, at, (size_t)n);
    return n;
}

/* In 256 greys, in GIF's own interlaced order. */
static void gif_grey(Encoded *e, const Synthetic *s)
{
    static const int from[] = { 0, 4, 2, 1 }, step[] = { 8, 8, 4, 2 };
    int code, w = (int)s->width, h = (int)s->height;
    GifColorType greys[256];
    GifFileType *gif = EGifOpen(e, gif_bytes, &code);
    uint8_t *line = arena_new(e->mem, uint8_t, s->width);
    for (int i = 0; i < 256; i++)
        greys[i] = (GifColorType){ (GifByteType)i, (GifByteType)i, (GifByteType)i };
    ColorMapObject *map = GifMakeMapObject(256, greys);
    EGifPutScreenDesc(gif, w, h, 8, 0, map);
    EGifPutImageDesc(gif, 0, 0, w, h, true, NULL);
    for (int pass = 0; pass < 4; pass++)
        for (int y = from[pass]; y < h; y += step[pass]) {
            png_line(s, (uint32_t)y, (PngKind){ PNG_COLOR_TYPE_GRAY, 8, 0 }, line);
            EGifPutLine(gif, line, w);
        }
    GifFreeMapObject(map);
    EGifCloseFile(gif, &code);
}

static void little(Encoded *e, uint32_t x, int bytes)
{
    for (int i = 0; i < bytes; i++)
        more(e, &(uint8_t){ (uint8_t)(x >> 8 * i) }, 1);
}

static void bmp_plain(Encoded *e, const Synthetic *s)
{
    uint32_t row = (3 * s->width + 3) & ~3U;
    more(e, "BM", 2);
    little(e, 54 + row * s->height, 4);
    little(e, 0, 4);
    little(e, 54, 4);
    little(e, 40, 4);
    little(e, s->width, 4);
    little(e, s->height, 4);
    little(e, 1 | 24 << 16, 4);
    for (int i = 0; i < 6; i++)
        little(e, 0, 4);
    for (uint32_t y = s->height; y-- > 0;) {
        for (uint32_t x = 0; x < s->width; x++)
            for (int k = 2; k >= 0; k--)
                more(e, s->rgb + 3 * ((size_t)y * s->width + x) + k, 1);
        little(e, 0, (int)(row - 3 * s->width));
    }
}

static struct heif_error heif_bytes(struct heif_context *c, const void *at, size_t n, void *user)
{
    (void)c;
    more(user, at, n);
    return (struct heif_error){ heif_error_Ok, heif_suberror_Unspecified, "" };
}

/* Nothing is written where there is no encoder. */
static void heif_usual(Encoded *e, const Synthetic *s)
{
    struct heif_context *c = heif_context_alloc();
    struct heif_encoder *encoder = NULL;
    struct heif_image *image = NULL;
    struct heif_writer writer = { 1, heif_bytes };
    int stride, w = (int)s->width, h = (int)s->height;
    if (heif_context_get_encoder_for_format(c, heif_compression_HEVC, &encoder).code == heif_error_Ok) {
        heif_encoder_set_lossy_quality(encoder, 90);
        heif_image_create(w, h, heif_colorspace_RGB, heif_chroma_interleaved_RGB, &image);
        heif_image_add_plane(image, heif_channel_interleaved, w, h, 8);
        uint8_t *plane = heif_image_get_plane(image, heif_channel_interleaved, &stride);
        for (uint32_t y = 0; y < s->height; y++)
            memcpy(plane + (size_t)y * (size_t)stride, s->rgb + (size_t)3 * s->width * y,
                   (size_t)3 * s->width);
        if (heif_context_encode_image(c, image, encoder, NULL, NULL).code == heif_error_Ok)
            heif_context_write(c, &writer, e);
        heif_image_release(image);
        heif_encoder_release(encoder);
    }
    heif_context_free(c);
}

typedef void Writer(Encoded *e, const Synthetic *s);
static const struct { const char *name; MediaKind kind; Writer *write; int bits; } formats[] = {
    { "BMP",              MEDIA_BMP,  bmp_plain,        0    },
    { "GIF, interlaced",  MEDIA_GIF,  gif_grey,         2    },
    { "HEIF",             MEDIA_HEIF, heif_usual,        SAME },
    { "JPEG",             MEDIA_JPEG, jpeg_usual,       SAME },
    { "JPEG, grey",       MEDIA_JPEG, jpeg_grey,        SAME },
    { "JPEG, in scans",   MEDIA_JPEG, jpeg_progressive, SAME },
    { "PNG",              MEDIA_PNG,  png_rgb,          0    },
    { "PNG, see-through", MEDIA_PNG,  png_alpha,        0    },
    { "PNG, 16 bits",     MEDIA_PNG,  png_deep,         2    },
    { "PNG, grey",        MEDIA_PNG,  png_grey,         2    },
    { "PNG, interlaced",  MEDIA_PNG,  png_interlaced,   0    },
    { "TIFF",             MEDIA_TIFF, tiff_packed,      0    },
    { "WebP",             MEDIA_WEBP, webp_lossy,       SAME },
    { "WebP, lossless",   MEDIA_WEBP, webp_lossless,    0    },
};

static Picture picture_of(const Encoded *e, Arena *mem)
{
    return (Picture){ .at = e->at, .len = e->len, .pixels_max = 64 << 20, .mem = mem };
}

TEST(every_format_gives_the_hash_of_its_pixels)
{
    FOR_EACH (f, formats) {
        CLEANUP(arena_done) Arena mem = {0};
        Synthetic s = synthetic_make(&mem, 11, WIDTH, HEIGHT);
        Encoded e = { .mem = &mem };
        Pdq want, got;
        CHECK(pdq_of_rgb(s.rgb, s.width, s.height, (size_t)3 * s.width, &mem, &want));
        f->write(&e, &s);
        if (e.len == 0) {
            print_message("%s: there is no encoder here\n", f->name);
            continue;
        }
        Picture p = picture_of(&e, &mem);
        assert_int_equal(media_sniff(e.at, e.len), f->kind);
        if (!picture_hash(f->kind, &p, &got))
            fail_msg("%s: %s", f->name, p.reason);
        CHECK(p.width == WIDTH && p.height == HEIGHT && p.state == DECODE_OK && p.scaled == 1 &&
              !p.truncated);
        for (int t = 0; t < PDQ_TURNS; t++)
            if (pdq_distance(&want.hash[t], &got.hash[t]) > f->bits)
                fail_msg("%s: turn %d is %d bits away", f->name, t,
                         pdq_distance(&want.hash[t], &got.hash[t]));
        CHECK(abs(got.quality - want.quality) <= 3);
    }
}

/* Cut anywhere, a file is read, or refused with a reason; nothing else. */
TEST(a_file_that_breaks_off_is_no_trouble)
{
    answer_prepare();
    FOR_EACH (f, formats) {
        CLEANUP(arena_done) Arena mem = {0};
        Synthetic s = synthetic_make(&mem, 12, 64, 48);
        Encoded e = { .mem = &mem };
        f->write(&e, &s);
        for (size_t len = 0; len < e.len; len += 1 + len / 16) {
            CLEANUP(arena_done) Arena one = {0};
            Picture p = picture_of(&e, &one);
            Pdq pdq;
            p.len = len;
            bool good = picture_hash(f->kind, &p, &pdq);
            CHECK(good == (p.state == DECODE_OK) && (good || p.reason[0]));
        }
    }
}

/* In the file its size comes long before its pixels, so a lie costs nothing to tell. */
TEST(a_bomb_is_refused_by_what_it_states)
{
    static const struct { Writer *write; MediaKind kind; size_t at; uint8_t big[4]; int bytes; } bombs[] = {
        { png_rgb,    MEDIA_PNG,  16, { 0, 3, 0, 0 },    4 },
        { jpeg_usual, MEDIA_JPEG, 163, { 0xF0, 0xF0 },   2 },
        { gif_grey,   MEDIA_GIF,  6,  { 0xF0, 0xF0, 0xF0, 0xF0 }, 4 },
        { bmp_plain,  MEDIA_BMP,  18, { 0, 0xF0, 2, 0 }, 4 },
    };
    FOR_EACH (b, bombs) {
        CLEANUP(arena_done) Arena mem = {0};
        Synthetic s = synthetic_make(&mem, 13, 300, 3000);
        Encoded e = { .mem = &mem };
        Pdq pdq;
        b->write(&e, &s);
        memcpy(e.at + b->at, b->big, (size_t)b->bytes);
        Picture p = picture_of(&e, &mem);
        p.pixels_max = 1 << 20;
        size_t before = mem.used_bytes;
        CHECK(!picture_hash(b->kind, &p, &pdq));
        if (b->kind != MEDIA_PNG)              /* whose check sum fails first */
            CHECK_INT(p.state, DECODE_REFUSED);
        CHECK(mem.used_bytes - before < 1 << 20);
    }
}

TEST(a_scaled_picture_keeps_its_hash)
{
    static const struct { uint32_t width, height, scaled; SyntheticJpeg how; } cases[] = {
        { 4000, 3000, 2, { .quality = 90 } },
        { 3100, 3000, 2, { .quality = 70, .progressive = true } },
        { 3000, 5200, 2, { .quality = 95 } },
        { 2999, 2999, 1, { .quality = 90 } },
    };
    FOR_EACH (c, cases) {
        CLEANUP(arena_done) Arena mem = {0};
        Synthetic s = synthetic_make(&mem, c->width, c->width, c->height);
        Encoded e = { .mem = &mem };
        Pdq full, scaled;
        jpeg_of(&e, &s, c->how);
        Picture p = picture_of(&e, &mem), q = p;
        q.scale_least = PICTURE_SCALE_NEVER;
        CHECK(picture_hash(MEDIA_JPEG, &p, &scaled) && picture_hash(MEDIA_JPEG, &q, &full));
        CHECK(p.scaled == c->scaled && q.scaled == 1 && p.width == c->width);
        for (int t = 0; t < PDQ_TURNS; t++)
            CHECK(pdq_distance(&full.hash[t], &scaled.hash[t]) <= 4);
    }
}

/* ---- the published pictures, where they are ---- */

static const char *shared_folder(void)
{
    const char *shared = getenv("MUSTER_SHARED");
    if (!shared)
        skip();
    return shared;
}

static void hash_file(const char *path, int scale_least, Arena *mem, Picture *p, Pdq *pdq)
{
    Err err = {0};
    Str all;
    CHECK_OK(file_read(mem, path, 64 << 20, &all, &err), &err);
    *p = (Picture){ .at = (const uint8_t *)all.at, .len = all.len, .pixels_max = 64 << 20, .mem = mem,
                    .scale_least = scale_least };
    if (!picture_hash(media_sniff(p->at, p->len), p, pdq))
        fail_msg("%s: %s", path, p->reason);
}

/* The nearest of the hashes that the references state; they differ among themselves by up to 10 bits. */
static int nearest_stated(const char *line, const Pdq *pdq, int columns_wanted)
{
    int nearest = 256, column = 0;
    for (const char *p = line; *p; p++) {
        PdqHash stated;
        size_t n = strcspn(p, ",\r\n");
        if (column > 0 && column <= columns_wanted && n == 64 && pdq_from_hex(p, n, &stated)) {
            int d = pdq_distance(&stated, &pdq->hash[PDQ_AS_IS]);
            nearest = d < nearest ? d : nearest;
        }
        column++;
        p += n;
        if (!*p)
            break;
    }
    return nearest;
}

TEST(reference_pictures_give_the_stated_hashes)
{
    CLEANUP(arena_done) Arena mem = {0};
    const char *shared = shared_folder();
    Err err = {0};
    Str all;
    int pictures = 0;
    CHECK_OK(file_read(&mem, str_fmt(&mem, "%s/phash/expected_pdq.csv", shared), 1 << 20, &all, &err), &err);
    char *save = NULL, *text = str_from(&mem, all);
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        if (str_starts(line, "file,"))
            continue;
        const char *name = str_copy_n(&mem, line, strcspn(line, ","));
        Picture p;
        Pdq pdq;
        hash_file(str_fmt(&mem, "%s/phash/%s", shared, name), 0, &mem, &p, &pdq);
        int one = nearest_stated(line, &pdq, 1), any = nearest_stated(line, &pdq, 5);
        print_message("%-28s %3d bits from the first reference, %3d from the nearest\n", name, one, any);
        /* What is nearly featureless has no hash to agree on: one such picture is 36 bits away. */
        CHECK((one < 256 ? one : any) <= 16 || pdq.quality < PDQ_QUALITY_MIN);
        pictures++;
    }
    CHECK(pictures >= 16);
}

TEST(a_featureless_picture_is_of_low_quality)
{
    CLEANUP(arena_done) Arena mem = {0};
    Picture p;
    Pdq pdq;
    hash_file(str_fmt(&mem, "%s/phash/misc-images/small.jpg", shared_folder()), 0, &mem, &p, &pdq);
    CHECK(pdq.quality < PDQ_QUALITY_MIN);
}

TEST(one_scene_in_other_forms_is_near)
{
    static const char *const others[] = {
        "modes/1.png", "modes/L.png", "modes/P.png", "bridge-mods/blur-a-little.jpg",
        "bridge-mods/high-contrast.jpg", "bridge-mods/sharpen-a-little.jpg", "bridge-mods/shrink-a-lot.jpg",
        "bridge-mods/square-256x256.jpg",
    };
    CLEANUP(arena_done) Arena mem = {0};
    const char *shared = shared_folder();
    Picture p;
    Pdq first, other;
    hash_file(str_fmt(&mem, "%s/phash/bridge-mods/aaa-orig.jpg", shared), 0, &mem, &p, &first);
    FOR_EACH (name, others) {
        hash_file(str_fmt(&mem, "%s/phash/%s", shared, *name), 0, &mem, &p, &other);
        CHECK(pdq_distance(&first.hash[0], &other.hash[0]) <= PDQ_DISTANCE);
    }
    /* Turned by 90 degrees it is far away as it is, and near by one of the eight hashes. */
    hash_file(str_fmt(&mem, "%s/phash/dih/bridge-2-rotate-90.jpg", shared), 0, &mem, &p, &other);
    int nearest = 256;
    for (int t = 0; t < PDQ_TURNS; t++) {
        int d = pdq_distance(&first.hash[t], &other.hash[PDQ_AS_IS]);
        nearest = d < nearest ? d : nearest;
    }
    CHECK(pdq_distance(&first.hash[0], &other.hash[0]) > 80 && nearest <= 16);
}

TEST(near_duplicates_match_and_others_do_not)
{
    CLEANUP(arena_done) Arena mem = {0};
    const char *shared = shared_folder();
    Err err = {0};
    Str all;
    CHECK_OK(file_read(&mem, str_fmt(&mem, "%s/phash/near-dup/pairs.csv", shared), 1 << 20, &all, &err),
             &err);
    char *save = NULL, *text = str_from(&mem, all);
    int scaled_pairs = 0;
    PdqHash seen[64];
    size_t count = 0;
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        char *in = NULL, *a = strtok_r(line, ",", &in), *b = strtok_r(NULL, ",", &in);
        bool scaled = strstr(in ? in : "", "scaled");
        Picture p;
        Pdq one, two;
        if (!a || !b || (!strstr(a, ".jpg") && !strstr(a, ".png")))
            continue;
        hash_file(str_fmt(&mem, "%s/phash/near-dup/%s", shared, a), 0, &mem, &p, &one);
        hash_file(str_fmt(&mem, "%s/phash/near-dup/%s", shared, b), 0, &mem, &p, &two);
        int d = pdq_distance(&one.hash[0], &two.hash[0]);
        print_message("%-24s %-24s %3d bits\n", a, b, d);
        CHECK(!scaled || d <= PDQ_DISTANCE);
        scaled_pairs += scaled;
        for (size_t i = 0; i < count; i++)
            CHECK(pdq_distance(&seen[i], &one.hash[0]) > 60);
        seen[count++] = one.hash[0];
    }
    CHECK_INT(scaled_pairs, 6);
}

TEST_MAIN(every_format_gives_the_hash_of_its_pixels, a_file_that_breaks_off_is_no_trouble,
          a_bomb_is_refused_by_what_it_states, a_scaled_picture_keeps_its_hash,
          reference_pictures_give_the_stated_hashes, a_featureless_picture_is_of_low_quality,
          one_scene_in_other_forms_is_near, near_duplicates_match_and_others_do_not)
