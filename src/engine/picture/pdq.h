/* pdq.h: PDQ, the perceptual hash of a picture: 256 bits that stay nearly the same when it is scaled, saved
 * again or retouched, and 31 bits or fewer between two copies of one picture.
 *
 * Written from the published description ("The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing
 * Algorithm"): luminance; two passes of a box filter along each axis; 64 x 64 samples; the 16 x 16 lowest
 * frequencies of their cosine transform without the constant one; each bit says whether its coefficient is
 * above their median. Quality is the sum of the steps between neighbouring samples.
 *
 * Rows are taken one by one, so a decoder need never hold a picture; the work is one multiplication a pixel,
 * small beside decoding. Sums are of integers: one picture has one hash on every processor.
 *
 *     PdqRows *rows = pdq_begin(mem, width, height);
 *     for each row, from the top: pdq_row(rows, luma);
 *     pdq_end(rows, &result);
 *
 * A hash is kept as 32 bytes in the order of the reference text form, so bytes, hex digits and memcmp order
 * agree. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "engine/cpu.h"

typedef struct PdqHash { uint8_t bytes[32]; } PdqHash;

enum {
    PDQ_SIDE_MAX     = 1 << 17,  /* pixels; a wider or higher picture is not hashed */
    PDQ_QUALITY_MIN  = 50,       /* 0..100: below it a hash says too little to be matched */
    PDQ_DISTANCE     = 31,       /* the published limit: so near, or nearer, is a match */
    PDQ_HEX_CHARS    = 64,
};

/* A picture turned and mirrored: the hash of each, in the reference's order. */
typedef enum PdqTurn {
    PDQ_AS_IS,
    PDQ_TURNED_90,               /* anticlockwise */
    PDQ_TURNED_180,
    PDQ_TURNED_270,
    PDQ_FLIPPED_X,               /* upside down: top and bottom change places */
    PDQ_FLIPPED_Y,               /* left and right change places */
    PDQ_FLIPPED_PLUS,            /* about the diagonal from top left */
    PDQ_FLIPPED_MINUS,           /* about the other one */
    PDQ_TURNS,
} PdqTurn;

typedef struct Pdq {
    PdqHash hash[PDQ_TURNS];     /* [PDQ_AS_IS] is the picture's own */
    int     quality;             /* 0..100 */
} Pdq;

typedef struct PdqRows PdqRows;

/* Ready for a picture of that size. NULL when either side is 0 or above PDQ_SIDE_MAX. Lives in `mem`; takes
 * about 20 bytes for each pixel of width. */
PdqRows *pdq_begin(Arena *mem, uint32_t width, uint32_t height);
PdqRows *pdq_begin_by(Cpu level, Arena *mem, uint32_t width, uint32_t height);  /* forcing one path: tests */
/* The next row: `width` bytes of luma, 0..255. Rows after the last are ignored; all rows of a picture are
 * given by one of the two functions. */
void pdq_row(PdqRows *rows, const uint8_t *luma);
/* The same from colours (R, G, B bytes), by the weights of ITU-R BT.601 as JPEG has them. Nearer to the
 * reference than luma rounded to bytes, which matters in nearly flat pictures only. */
void pdq_row_rgb(PdqRows *rows, const uint8_t *rgb);
/* The hashes of the rows given. Rows that are missing, when a picture broke off, count as black. */
void pdq_end(PdqRows *rows, Pdq *out);

/* A whole plane at once; a row starts `stride` bytes after the one before. False when a side is out of
 * range. */
MUST_USE bool pdq_of_luma(const uint8_t *luma, uint32_t width, uint32_t height, size_t stride, Arena *mem,
                          Pdq *out);
MUST_USE bool pdq_of_rgb(const uint8_t *rgb, uint32_t width, uint32_t height, size_t stride, Arena *mem,
                         Pdq *out);

int  pdq_distance(const PdqHash *a, const PdqHash *b);      /* bits that differ, 0..256 */
void pdq_to_hex(const PdqHash *hash, char out[PDQ_HEX_CHARS + 1]);
/* Exactly 64 hex digits of either case, nothing after. */
MUST_USE bool pdq_from_hex(const char *hex, size_t len, PdqHash *out);
const char *pdq_turn_name(PdqTurn turn);                    /* "as-is", "turned-90", ... */
