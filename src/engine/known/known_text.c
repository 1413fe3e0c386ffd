/* known_text.c: digests as lines of text, in and out, in bulk: asking a million questions takes longer to
 * read and write than to answer, so both are done a digest at a time rather than a character at a time. */
#include "engine/known/known_format.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef bool HexRead(const char *at, uint8_t *out, size_t bytes);

/* Value + 1; 0: no digit. */
static const uint8_t hex_value[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

static bool hex_portable(const char *at, uint8_t *out, size_t bytes)
{
    const uint8_t *from = (const uint8_t *)at;
    for (size_t i = 0; i < bytes; i++) {
        unsigned high = hex_value[from[2 * i]], low = hex_value[from[2 * i + 1]];
        if (!high || !low)
            return false;
        out[i] = (uint8_t)((high - 1) << 4 | (low - 1));
    }
    return true;
}

#if defined(__x86_64__)
/* 32 digits to 16 bytes; the last step overlaps the one before when 16 does not divide the length. */
__attribute__((target("avx2"))) static bool hex_avx2(const char *at, uint8_t *out, size_t bytes)
{
    const __m256i nine = _mm256_set1_epi8(9), five = _mm256_set1_epi8(5);
    for (size_t done = 0; done < bytes;) {
        size_t i = done + 16 <= bytes ? done : bytes - 16;
        __m256i c = _mm256_loadu_si256((const __m256i *)(const void *)(at + 2 * i));
        __m256i digit = _mm256_sub_epi8(c, _mm256_set1_epi8('0'));
        __m256i letter = _mm256_sub_epi8(_mm256_or_si256(c, _mm256_set1_epi8(0x20)), _mm256_set1_epi8('a'));
        __m256i is_digit = _mm256_cmpeq_epi8(_mm256_min_epu8(digit, nine), digit);
        __m256i is_letter = _mm256_cmpeq_epi8(_mm256_min_epu8(letter, five), letter);
        if (_mm256_movemask_epi8(_mm256_or_si256(is_digit, is_letter)) != -1)
            return false;
        __m256i value = _mm256_blendv_epi8(_mm256_add_epi8(letter, _mm256_set1_epi8(10)), digit, is_digit);
        __m256i pairs = _mm256_maddubs_epi16(value, _mm256_set1_epi16(0x0110));
        __m256i packed = _mm256_permute4x64_epi64(_mm256_packus_epi16(pairs, pairs), 0x08);
        _mm_storeu_si128((__m128i *)(void *)(out + i), _mm256_castsi256_si128(packed));
        done = i + 16;
    }
    return true;
}
#endif

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* Blank lines and remarks are nobody's mistake. */
static bool line_is_bad(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r'))
        at++;
    return at < end && *at != '%' && *at != '#';
}

/* The next line's end, which is mostly near; NULL: there is none. */
static inline const char *line_end(const char *at, const char *end)
{
    uint64_t word;
    if (end - at > (ptrdiff_t)sizeof word) {
        memcpy(&word, at, sizeof word);
        word ^= UINT64_C(0x0a0a0a0a0a0a0a0a);
        word = (word - UINT64_C(0x0101010101010101)) & ~word & UINT64_C(0x8080808080808080);
        if (word)
            return at + __builtin_ctzll(word) / 8;
    }
    return memchr(at, '\n', (size_t)(end - at));
}

size_t known_lines_by(KnownPath path, DigestKind kind, Str text, KnownLines *lines)
{
#if defined(__x86_64__)
    HexRead *read = path == KNOWN_PORTABLE ? hex_portable : hex_avx2;
#else
    HexRead *read = hex_portable;
    (void)path;
#endif
    enum { AHEAD_BYTES = 1024 };
    const size_t bytes = digest_bytes(kind), digits = 2 * bytes;
    const char *at = text.at, *end = text.at + text.len;
    while (at < end && lines->n < lines->max) {
        __builtin_prefetch(at + AHEAD_BYTES);            /* the processor itself stops at each page */
        const char *from = at + (*at == '\\');
        bool good = (size_t)(end - from) >= digits && read(from, lines->digests + lines->n * bytes, bytes)
                 && ((size_t)(end - from) == digits || !is_alnum(from[digits]));
        lines->n += good;
        const char *rest = good ? from + digits : at;
        const char *stop = line_end(rest, end);
        if (!good)
            lines->bad += line_is_bad(at, stop ? stop : end);
        at = stop ? stop + 1 : end;
    }
    return (size_t)(at - text.at);
}

bool known_build_add_text(KnownBuild *build, DigestKind kind, Str text, const KnownEntry *like,
                          uint64_t *bad_lines, Err *err)
{
    enum { BATCH = 4096 };
    uint8_t digests[BATCH * 16];                    /* longer digests come in smaller batches */
    KnownPath path = known_path_best();
    KnownLines lines = { .digests = digests, .max = sizeof digests / digest_bytes(kind) };
    while (text.len) {
        lines.n = 0;
        size_t used = known_lines_by(path, kind, text, &lines);
        text = (Str){ text.at + used, text.len - used };
        if (!known_build_add_many(build, kind, digests, lines.n, like, err))
            return false;
    }
    if (bad_lines)
        *bad_lines += lines.bad;
    return true;
}

/* ---- Finding --------------------------------------------------------------------------------------------
 */

enum {
    BATCH = 2048, AHEAD = 8,
    OUT_BYTES = 1 << 18,
    LABELS_KEPT = 1 << 16,
    LINE_MAX = 288 + 8 + 5 * (KNOWN_TEXT_MAX + 1)
};

typedef struct Answers {
    const KnownSet *set;
    KnownTable      table;                          /* in the file, loaded, or copied for these questions */
    Pages           copy;
    DigestKind      kind;
    bool          (*out)(void *ctx, Str lines);
    void           *ctx;
    KnownTextCounts *counts;
    Arena           mem;
    char           *buffer;
    size_t          used, labels;
    Str            *label;                          /* "TAB source TAB ... grade TAB", made when first met */
} Answers;

static void answers_done(Answers *a)
{
    pages_done(&a->copy);
    arena_done(&a->mem);
}

static char *put_text(char *at, const char *text)
{
    for (; *text; text++)
        *at++ = (unsigned char)*text < 0x20 || *text == 0x7f ? ' ' : *text;
    return at;
}

static bool label_text(Answers *a, uint32_t number, Str *text, Err *err)
{
    if (number < a->labels && a->label[number].at) {
        *text = a->label[number];
        return true;
    }
    KnownLabel l;
    if (!known_label(a->set, number, &l, err))
        return false;
    const char *parts[] = { l.source, l.version, l.scale, l.grade };
    char line[LINE_MAX], *at = line;
    FOR_EACH(p, parts) {
        *at++ = '\t';
        at = put_text(at, *p);
    }
    *at++ = '\t';
    text->len = (size_t)(at - line);
    text->at = str_copy_n(&a->mem, line, text->len);
    if (number < a->labels)
        a->label[number] = *text;
    return true;
}

static bool flush(Answers *a)
{
    bool go_on = a->used == 0 || a->out(a->ctx, (Str){ a->buffer, a->used });
    a->used = 0;
    return go_on;
}

static char *put_hex(char *at, const uint8_t *digest, size_t bytes)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes; i++) {
        *at++ = digits[digest[i] >> 4];
        *at++ = digits[digest[i] & 15];
    }
    return at;
}

/* One entry of a known digest. */
static bool answer_entry(Answers *a, const uint8_t *digest, uint32_t place, Err *err)
{
    uint32_t row, label, series;
    Str text;
    const char *name;
    if (!known_row(a->set, a->kind, place, &row, err) ||
        !known_label_of_row(a->set, row, &label, &series, err) || !label_text(a, label, &text, err) ||
        !known_text(a->set, series, &name, err))
        return false;
    char *at = put_hex(a->buffer + a->used, digest, digest_bytes(a->kind));
    memcpy(at, text.at, text.len);
    at = put_text(at + text.len, name);
    *at++ = '\n';
    a->used = (size_t)(at - a->buffer);
    a->counts->hits++;
    return true;
}

/* All entries of a digest found at `place`. False without an error in `err` when `out` wants no more. */
static bool answer(Answers *a, const uint8_t *digest, uint32_t place, bool *go_on, Err *err)
{
    const KnownTable *t = &a->table;
    a->counts->known++;
    do {
        if (!answer_entry(a, digest, place, err))
            return false;
        if (a->used + LINE_MAX > OUT_BYTES && !flush(a)) {
            *go_on = false;
            return true;
        }
        if (++place == t->n)
            return true;
        const uint8_t *next = t->digests + (size_t)place * t->bytes;
        if (!known_sound(a->set, next, t->bytes, err))
            return false;
        if (memcmp(next, digest, t->bytes) != 0)
            return true;
    } while (true);
}

/* Random reads of a mapped file cost a second miss each, for its small pages: a copy in huge pages pays off
 * when there is a question for every few dozen digests. */
static bool answers_ready(Answers *a, size_t questions, Err *err)
{
    enum { DIGESTS_EACH = 32, WORTH_IT = 1 << 19 };
    a->table = a->set->table[a->kind];
    if (a->table.n >= WORTH_IT && questions >= a->table.n / DIGESTS_EACH && !a->set->loaded[a->kind].at)
        return known_table_copy(a->set, a->kind, &a->table, &a->copy, err);
    /* Many lines touch most blocks of the table, which are quicker checked together. */
    return questions < (size_t)a->table.n * a->table.bytes / KNOWN_BLOCK_BYTES ||
           known_check(a->set, a->kind, err);
}

static bool answers_find(const Answers *a, const KnownLines *lines, uint32_t *places, Err *err)
{
    if (!a->copy.at)
        return known_find_many(a->set, a->kind, lines->digests, lines->n, places, err);
    known_find_by(known_path_best(), &a->table, lines->digests, lines->n, places);
    return true;
}

bool known_find_text(const KnownSet *set, DigestKind kind, Str text, bool (*out)(void *ctx, Str lines),
                     void *ctx, KnownTextCounts *counts, Err *err)
{
    CLEANUP(answers_done) Answers a = { .set = set, .kind = kind, .out = out, .ctx = ctx, .counts = counts };
    const size_t bytes = digest_bytes(kind);
    KnownPath path = known_path_best();
    KnownLines lines = { .digests = arena_new(&a.mem, uint8_t, BATCH * bytes), .max = BATCH };
    uint32_t *places = arena_new(&a.mem, uint32_t, BATCH);
    size_t labels = known_info(set).labels;
    a.buffer = arena_new(&a.mem, char, OUT_BYTES);
    a.labels = labels < LABELS_KEPT ? labels : LABELS_KEPT;
    a.label = arena_new(&a.mem, Str, a.labels + 1);
    *counts = (KnownTextCounts){0};
    if (!answers_ready(&a, text.len / (2 * bytes + 1), err))
        return false;
    for (bool go_on = true; text.len && go_on;) {
        lines.n = 0;
        size_t used = known_lines_by(path, kind, text, &lines);
        text = (Str){ text.at + used, text.len - used };
        counts->asked += lines.n;
        if (!answers_find(&a, &lines, places, err))
            return false;
        for (size_t i = 0; i < lines.n && go_on; i++) {
            uint32_t soon = places[i + AHEAD < lines.n ? i + AHEAD : i];
            if (soon < a.table.n)                   /* whether the next digest is the same will be asked */
                __builtin_prefetch(a.table.digests + ((size_t)soon + 1) * bytes);
            if (places[i] != KNOWN_NONE && !answer(&a, lines.digests + i * bytes, places[i], &go_on, err))
                return false;
        }
    }
    counts->bad_lines = lines.bad;
    flush(&a);
    return true;
}
