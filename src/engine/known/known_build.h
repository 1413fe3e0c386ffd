/* known_build.h: what the files that build a set share: known_build.c takes entries in, known_write.c lays
 * them out, known_out.c writes and sums the file. */
#pragma once
#include "engine/known/known_alike.h"
#include "engine/known/known_pairs.h"
#include "engine/known/known_sort.h"

/* ---- known_names.c: texts and labels, each kept once and named by a number ------------------------------
 */

enum { NAMES_RECENT = 16 };
typedef struct Names {
    Arena             mem;
    const char      **text;             /* text 0 is "" */
    KnownStoredLabel *label;            /* by numbers of texts */
    uint32_t          texts, labels, recent[NAMES_RECENT];
    size_t            text_cap, label_cap;
    uint32_t         *text_slots, *label_slots, text_mask, label_mask;
    uint64_t          text_bytes, limit_bytes;
} Names;
void names_begin(Names *names, uint64_t limit_bytes);
void names_done(Names *names);
/* ERR_INVALID when it is too long, ERR_LIMIT when all together are. */
bool names_text(Names *names, const char *text, uint32_t *number, Err *err);
bool names_label(Names *names, const KnownEntry *entry, uint32_t *number, Err *err);
int  names_compare_texts(const Names *names, uint32_t a, uint32_t b);
int  names_compare_labels(const Names *names, uint32_t a, uint32_t b);
/* order[i] is the number of the i-th in order; rank is its inverse. */
typedef struct NamesOrder { uint32_t *text_order, *text_rank, *label_order, *label_rank; } NamesOrder;
NamesOrder names_order(const Names *names, Arena *mem);

/* ---- known_out.c: the file being written ----------------------------------------------------------------
 */

enum { OUT_BYTES = 32 * KNOWN_BLOCK_BYTES, SPOOL_BYTES = 1 << 19 };

typedef struct Out {
    int         fd;
    char       *part_path, *path;
    Pages       buffer;                 /* whole blocks that are not summed yet */
    size_t      used;
    uint64_t    at;                     /* file offset of the buffer */
    Arena       mem;
    Hash32     *sums;
    size_t      sum_count, sum_cap;
    KnownHeader header;
} Out;
bool out_begin(Out *out, const char *path, Err *err);
bool out_add_more(Out *out, const void *at, size_t len, Err *err);
/* Each digest of a set comes by here, so that what is small is copied in place. */
static inline bool out_digest(Out *out, const uint8_t *digest, size_t bytes, Err *err)
{
    if (out->used + bytes >= OUT_BYTES)
        return out_add_more(out, digest, bytes, err);
    known_digest_copy(out->buffer.at + out->used, digest, bytes);
    out->used += bytes;
    return true;
}
static inline bool out_add(Out *out, const void *at, size_t len, Err *err)
{
    if (out->used + len >= OUT_BYTES)
        return out_add_more(out, at, len, err);
    memcpy(out->buffer.at + out->used, at, len);
    out->used += len;
    return true;
}
/* A section from here until out_section_end, which sees to alignment. */
KnownSection *out_section(Out *out, KnownPart part, DigestKind kind);
bool out_section_end(Out *out, KnownSection *s, uint64_t count, Err *err);
/* Reads back what was written of a section. */
bool out_read(Out *out, uint64_t where, void *into, size_t len, Err *err);
bool out_visible(Out *out, Map *map, Err *err); /* maps what is written so far; map_done it before the end */
bool out_end(Out *out, Err *err);                   /* sums, header, flush, rename */
void out_done(Out *out);                            /* removes a file that did not come to its end */

/* Bytes kept aside until it is their turn: in memory, then in a file without a name. Spools of one writer
 * take turns in the same memory. */
typedef struct SpoolRoom { const char *beside; Pages pages; uint32_t taken; } SpoolRoom;
typedef struct Spool { SpoolRoom *room; int fd; uint8_t *memory; size_t used; uint64_t written; } Spool;
void spool_begin(Spool *s, SpoolRoom *room);
bool spool_add_more(Spool *s, const void *at, size_t len, Err *err);
static inline bool spool_add(Spool *s, const void *at, size_t len, Err *err)
{
    if (!s->memory || s->used + len > SPOOL_BYTES)
        return spool_add_more(s, at, len, err);
    memcpy(s->memory + s->used, at, len);
    s->used += len;
    return true;
}
bool spool_into(Spool *s, Out *out, Err *err);
void spool_done(Spool *s);

/* Numbers in `width` bits each, one after another. */
typedef struct Packer { Spool spool; uint32_t width, held; uint64_t word, count; } Packer;
static inline bool pack(Packer *p, uint64_t number, Err *err)
{
    p->count++;
    if (p->width == 0)
        return true;
    p->word |= number << p->held;
    p->held += p->width;
    if (p->held < 32)                   /* a width is at most 32, so a word of 64 never overflows */
        return true;
    uint32_t half = (uint32_t)p->word;
    p->word >>= 32;
    p->held -= 32;
    return spool_add(&p->spool, &half, sizeof half, err);
}
bool pack_same(Packer *p, uint64_t number, size_t n, Err *err);     /* n times */
bool pack_many(Packer *p, const uint32_t *numbers, size_t n, Err *err);
bool pack_end(Packer *p, Err *err);                 /* the last bits and the padding */

/* ---- known_build.c --------------------------------------------------------------------------------------
 */

/* A record on its way: this, then the numbers that `has` names, then digests in order of their kinds: what is
 * read first is in one or two cache lines, whatever follows. Total order: digests, absent last; label;
 * series; votes; first seen; quality. */
typedef struct RowHead { uint16_t length; uint8_t kinds, has; uint32_t label; } RowHead;
enum { HAS_SERIES = 1, HAS_VOTES = 2, HAS_SEEN = 4, HAS_QUALITY = 8 };
typedef struct Row {
    RowHead        head;
    const uint8_t *digest[DIGEST__COUNT];
    uint32_t       series;
    int32_t        votes, seen, quality;
} Row;
/* Where each digest of a record is among its digests, plus 1; 0: it has none of the kind. */
typedef struct RowShape { uint8_t after[DIGEST__COUNT]; } RowShape;
_Static_assert(16 + 20 + 32 + 32 + 144 < UINT8_MAX, "a byte says where");
static inline size_t row_digests_at(uint8_t has)
{
    static const uint8_t numbers[16] = { 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4 };
    return sizeof(RowHead) + numbers[has & 15] * sizeof(int32_t);
}

/* As long as all entries have one digest of one kind and are alike in all else, only their digests are kept,
 * and `record` is what the first of them would have been. */
typedef struct Common {
    Alike  *digests;                                /* NULL: there was one at most, or they are not alike */
    bool    alone;                                  /* one, which is in `record` */
    uint8_t record[SORT_RECORD_MAX];
    DigestKind kind;
    bool    ended;                                  /* no entry is added here any more */
} Common;

typedef struct Range { int64_t least, most; } Range;        /* of a column's values; least > most: none */

struct KnownBuild {
    KnownBuildOptions options;
    Arena      *mem;
    const char *path;
    Names       names;
    Sort       *rows;
    RowShape    shape[1 << DIGEST__COUNT];
    Common      common;
    Range       votes, seen, quality;
    uint64_t    added, digests[DIGEST__COUNT];
    KnownCounts counts;
    bool        any_series, ended;
};

/* Which digests a row has is random once rows are in order, so nothing here branches on it. */
static inline int32_t row_number(bool given, const uint8_t **at, int32_t none)
{
    int32_t number;
    const uint8_t *from = given ? *at : (const uint8_t *)&none;
    memcpy(&number, from, sizeof number);
    *at += given ? sizeof number : 0;
    return number;
}

static inline void row_read(const KnownBuild *b, const uint8_t *record, Row *row)
{
    memcpy(&row->head, record, sizeof row->head);
    const uint8_t *after = b->shape[row->head.kinds & ((1u << DIGEST__COUNT) - 1)].after;
    const uint8_t *at = record + sizeof row->head, *digests = record + row_digests_at(row->head.has);
    row->series = (uint32_t)row_number(row->head.has & HAS_SERIES, &at, 0);
    row->votes = row_number(row->head.has & HAS_VOTES, &at, -1);
    row->seen = row_number(row->head.has & HAS_SEEN, &at, DATE_NONE);
    row->quality = row_number(row->head.has & HAS_QUALITY, &at, -1);
    for (DigestKind k = 0; k < DIGEST__COUNT; k++)
        row->digest[k] = after[k] ? digests + after[k] - 1 : NULL;
}

bool known_progress(KnownBuild *b, KnownPhase phase, uint64_t done, uint64_t of, Err *err);
bool known_write(KnownBuild *b, Err *err);

/* ---- known_lines.c: the lines that find digests, told of one at a time in order ------------------------ */

typedef bool KnownWrite(void *ctx, const void *at, size_t len, Err *err);
typedef struct LineMaker {
    uint32_t    lines, at, place, count, held;      /* the line being filled, and digests in it */
    uint64_t    last;                               /* the greatest prefix on it */
    KnownWrite *write;
    void       *ctx;
    KnownLine   line[512];
} LineMaker;
void lines_begin(LineMaker *m, uint64_t digests, KnownWrite *write, void *ctx);
bool lines_next(LineMaker *m, Err *err);
bool lines_end(LineMaker *m, Err *err);
static inline bool lines_take(LineMaker *m, uint64_t prefix, uint8_t mark, Err *err)
{
    while (prefix > m->last)
        if (!lines_next(m, err))
            return false;
    if (m->count < KNOWN_LINE_MAX)
        m->line[m->held].mark[m->count] = mark;
    m->count++;
    m->place++;
    return true;
}
bool common_into_run(KnownBuild *b, Err *err);
bool common_into_rows(KnownBuild *b, Err *err);
