/* known_format.h: the layout of a known-file set, for the files of known_set.h only.
 *
 *   0      header, 4096 bytes: KnownHeader, the rest zero
 *   4096   signature area, 4096 bytes: length (8 bytes), then text; covered by no sum
 *   8192   sections, each beginning at a multiple of 64 bytes, zero between them
 *   sums   the SHA-256 of each 64 KiB block of the file from 8192 up to here, the last one shorter
 *
 * All numbers are little-endian. The root is SHA-256 over the header (root zeroed) followed by the sums, so
 * it covers everything but the signature area. For each kind of digest that the set has: DIGESTS  sorted,
 * packed; neighbours when equal, then in order of rows LINES    64 bytes for every 42 digests, see KnownLine:
 * finding reads one line, then one digest ROWS     place -> row, in as few bits as the largest row needs. The
 * first kind that a set has, its lead, has none: entries are sorted by their digests, so the row is the place
 *   BACK     row -> place + 1 (0: the entry has no such digest); the lead has none
 * and for the entries, by row, in as few bits as each column needs: LABEL (index in LABELS), SERIES (index of
 * its text), and VOTES, SEEN, QUALITY (0: not given, else value - bias + 1). TEXTS holds every text once,
 * sorted, ended by a zero byte; OFFSETS where each begins (4 bytes); text 0 is "". */
#pragma once
#include <assert.h>
#include <stdatomic.h>
#include <string.h>
#include "base/map.h"
#include "engine/known/known_set.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "known-file sets are mapped as they stand: this needs a little-endian machine"
#endif

#define KNOWN_MAGIC "MUSTERKF"
enum {
    KNOWN_FORMAT       = 1,
    KNOWN_HEADER_BYTES = 4096,
    KNOWN_DATA_AT      = 8192,
    KNOWN_BLOCK_BYTES  = 65536,
    KNOWN_LINE_BYTES   = 64,
    KNOWN_LINE_MEAN    = 42,        /* digests a line: with rows up to 2^27 that is 5 bytes a digest */
    KNOWN_LINE_MAX     = 59,        /* that it can name; one line in 500 of an even set has more */
    KNOWN_NAME_BYTES   = 256,
    KNOWN_SECTIONS_MAX = 40,
    KNOWN_ROOM_BYTES   = 24 << 20,  /* to put a million MD5 in order */
    KNOWN_BITS_PAD     = 8,         /* bytes after packed numbers, so that each is read as one word */
};

typedef enum KnownPart {
    PART_NONE,
    PART_DIGESTS, PART_LINES, PART_ROWS, PART_BACK,                          /* one a kind */
    PART_LABEL, PART_SERIES, PART_VOTES, PART_SEEN, PART_QUALITY,            /* columns by row */
    PART_LABELS, PART_TEXTS, PART_OFFSETS, PART_CONFLICTS, PART_SUMS,
    PART__COUNT,
} KnownPart;

typedef struct KnownSection {
    uint32_t part, kind;
    uint64_t at, bytes, count;
    uint32_t width, zero;           /* bits, of packed numbers */
    int64_t  bias;
} KnownSection;

typedef struct KnownHeader {
    char     magic[8];
    uint32_t format, sections;
    uint64_t file_bytes;
    int64_t  made;
    uint64_t entries, digests[DIGEST__COUNT], conflicts, repeated, empty_ignored, without_digest,
        lookup_bytes;
    uint64_t series;
    char     name[KNOWN_NAME_BYTES], version[KNOWN_NAME_BYTES];
    Hash32   root;
    KnownSection section[KNOWN_SECTIONS_MAX];
} KnownHeader;
_Static_assert(sizeof(KnownHeader) <= KNOWN_HEADER_BYTES, "the header has its place");
_Static_assert(sizeof(KnownSection) == 48, "no padding");

/* Digests whose first 64 bits, scaled to the number of lines, fall on this line: the place of the first, and
 * one byte of each of the first 59 to tell them apart. A line with more says so, and the rest is searched by
 * halves: an even set has few such lines, and one made to have many is slower but answers the same. */
typedef struct KnownLine {
    uint32_t first;
    uint8_t  count;                 /* at most 59; 0x80 is added when there are more */
    uint8_t  mark[KNOWN_LINE_MAX];
} KnownLine;
_Static_assert(sizeof(KnownLine) == KNOWN_LINE_BYTES, "one cache line");
enum { KNOWN_LINE_MORE = 0x80, KNOWN_MARK_BYTE = 12 };

typedef struct KnownStoredLabel {
    uint32_t source, version, grade, scale, flags, zero;
    uint64_t entries;
} KnownStoredLabel;
enum { LABEL_TRUSTED = 1, LABEL_VICTIM = 2, LABEL_BENIGN = 4, LABEL_NEGATIVE = 8 };

typedef struct KnownStoredConflict { uint32_t kind, place; } KnownStoredConflict;

static const uint8_t known_bytes_of[DIGEST__COUNT] = {
    [DIGEST_MD5] = 16, [DIGEST_SHA1] = 20, [DIGEST_SHA256] = 32, [DIGEST_PDQ] = 32, [DIGEST_PHOTODNA] = 144,
};

/* What finding needs of one kind: in the mapped file, or loaded. */
typedef struct KnownTable {
    const uint8_t   *digests;
    const KnownLine *lines;
    uint32_t         n, line_count, bytes;
} KnownTable;

struct KnownSet {
    Map                 map;        /* empty when the bytes are the caller's */
    int                 fd;         /* -1 then */
    const uint8_t      *at;
    size_t              len;
    const KnownHeader  *header;
    const KnownSection *part[PART__COUNT][DIGEST__COUNT]; /* kind 0 when a part has none; NULL: absent */
    KnownTable          table[DIGEST__COUNT];
    DigestKind          lead;
    Pages               loaded[DIGEST__COUNT];
    Pages               room;       /* for known_find_in_order, of a loaded set; one thread's at a time */
    atomic_bool         room_taken;
    size_t              blocks;
    atomic_uint_fast64_t *checked;    /* a bit a block, set once its sum was right */
    atomic_bool whole[DIGEST__COUNT]; /* every block of the kind's look-up was checked */
};

/* Each size is a move or two where it is known, so there is no call. */
static inline void known_digest_copy(uint8_t *to, const uint8_t *digest, size_t bytes)
{
    switch (bytes) {
    case 16: memcpy(to, digest, 16); break;
    case 20: memcpy(to, digest, 20); break;
    case 32: memcpy(to, digest, 32); break;
    default: memcpy(to, digest, 144); break;
    }
}

static inline uint64_t known_prefix(const uint8_t *digest)
{
    uint64_t v;
    memcpy(&v, digest, sizeof v);
    return __builtin_bswap64(v);
}

static inline uint32_t known_line_of(uint64_t prefix, uint32_t line_count)
{
    return (uint32_t)(((unsigned __int128)prefix * line_count) >> 64);
}

static inline uint64_t known_line_count(uint64_t digests)
{
    return digests ? digests / KNOWN_LINE_MEAN + 1 : 0;
}

/* Bits to write any number up to `most`. */
static inline uint32_t known_width(uint64_t most) { return most ? 64u - (uint32_t)__builtin_clzll(most) : 0; }
static inline uint64_t known_packed_bytes(uint64_t count, uint32_t width)
{
    return width ? (count * width + 7) / 8 + KNOWN_BITS_PAD : 0;
}

static inline uint64_t known_bits_at(const uint8_t *packed, uint32_t width, uint64_t i)
{
    uint64_t word, bit = i * width;
    memcpy(&word, packed + bit / 8, sizeof word);
    return word >> (bit % 8) & ((UINT64_C(1) << width) - 1);
}

/* Makes sure that the sums of the blocks under these bytes of the file are right. */
bool known_sound(const KnownSet *set, const void *at, size_t len, Err *err);
bool known_altered(Err *err);                       /* tells so; false */
/* Copies a kind's look-up into huge pages, which the caller ends, checking it on the way. */
bool known_table_copy(const KnownSet *set, DigestKind kind, KnownTable *to, Pages *pages, Err *err);
/* Compares the sums of `n` blocks from `first` on, whose bytes are at `bytes`, and notes those that are
 * right. */
bool known_blocks_right(const KnownSet *set, size_t first, size_t n, const uint8_t *bytes, Err *err);
Hash32 known_root_of(const uint8_t *header, const uint8_t *sums, size_t bytes);
bool known_label_of_row(const KnownSet *set, uint32_t row, uint32_t *label, uint32_t *series, Err *err);
bool known_text(const KnownSet *set, uint32_t i, const char **text, Err *err);

/* ---- Paths: the widest code that the processor has; every path gives the same answers ------------------ */
typedef enum KnownPath { KNOWN_PORTABLE, KNOWN_AVX2, KNOWN_AVX512, KNOWN_PATHS } KnownPath;
bool      known_path_here(KnownPath path);
KnownPath known_path_best(void);
/* Looks up without checking sums. */
void known_find_by(KnownPath path, const KnownTable *table, const uint8_t *digests, size_t n,
                   uint32_t *places);
/* The same, with the questions put in order first: the quicker way for as many as a fair part of the table's
 * pages. `room` is written to, and any size above that of a few digests will do. */
void known_find_in_order(KnownPath path, const KnownTable *table, const uint8_t *digests, size_t n,
                         uint32_t *places, const Pages *room);
/* Reads lines of text as known_build_add_text says, until `max` digests are read or the text ends. Returns
 * the bytes of text used. */
typedef struct KnownLines { uint8_t *digests; size_t n, max; uint64_t bad; } KnownLines;
size_t known_lines_by(KnownPath path, DigestKind kind, Str text, KnownLines *lines);

/* Opens without comparing any sum, for tests and fuzzing: bounds must hold by themselves. */
bool known_open_unsummed(const uint8_t *at, size_t len, Arena *mem, KnownSet **set, Err *err);
