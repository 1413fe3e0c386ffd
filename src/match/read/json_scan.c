/* json_scan.c. Each window of bytes is indexed first: where in it quotes, brackets, colons, commas and the
 * starts of numbers and words are, 64 bytes at a time and without a branch a byte (the idea is simdjson's).
 * Taking a token is then a step along that index, however long the token.
 *
 * Invariants: (1) a window begins outside any text; (2) what its end cuts through is not in the index, but
 * kept from `rest` on and indexed again with what follows; (3) white space follows the window, so that no
 * look at a byte needs a bound; (4) a text in the index is free of control characters and of unknown escapes;
 * the first of either ends the index, and the document when the reader arrives there. */
#include "match/read/json_scan.h"
#include <string.h>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

enum { BLOCK = 64 };

typedef void Index(Scan *s);

struct Scan {
    uint8_t    *window;
    size_t      cap, len;                    /* bytes there may be, and are */
    uint32_t   *marks;                       /* places in the window, rising */
    size_t      count, at;                   /* marks there are; the next to take */
    uint64_t   *odd;                         /* a bit a byte: 0x80 or more, or a backslash */
    size_t      odd_next;                    /* none from the last text asked about up to here */
    size_t      rest;                        /* where the bytes begin that no mark covers yet */
    const char *fault;                       /* what ends the index, at fault_at; NULL: nothing */
    size_t      fault_at;
    uint64_t    base;                        /* offset in the source of window[0] */
    Source     *src;
    Arena      *mem;
    Index      *index;
    int         depth;
    bool        eof, failed;
    uint8_t     kinds[SCAN_DEPTH_MAX];       /* '[' or '{' */
    bool        first[SCAN_DEPTH_MAX];       /* nothing taken from it yet */
};

/* ---- the index ---- */

typedef struct Masks { uint64_t quote, slash, op, space, control, high; } Masks;
typedef struct Carry { uint64_t escape, in_text, scalar; } Carry;      /* from block to block */

/* Which characters a backslash before them takes the meaning from: those after odd runs. */
static inline uint64_t escaped_of(uint64_t slash, uint64_t *carry)
{
    static const uint64_t even = UINT64_C(0x5555555555555555);
    if (!slash) {
        uint64_t first = *carry;
        *carry = 0;
        return first;
    }
    slash &= ~*carry;
    uint64_t follows = slash << 1 | *carry, odd_starts = slash & ~even & ~follows, sum;
    *carry = __builtin_add_overflow(odd_starts, slash, &sum);
    return (even ^ sum << 1) & follows;
}

static inline uint64_t prefix_xor(uint64_t x)
{
    x ^= x << 1;
    x ^= x << 2;
    x ^= x << 4;
    x ^= x << 8;
    x ^= x << 16;
    return x ^ x << 32;
}

static bool is_hex(uint8_t c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* The character after a backslash, and what it needs behind it. Where the window cuts it off, it is looked at
 * again with the rest. */
static bool escape_good(const Scan *s, size_t at)
{
    uint8_t c = s->window[at];
    if (at >= s->len)
        return true;
    static const bool single[256] = { ['"'] = true, ['\\'] = true, ['/'] = true, ['b'] = true,
                                      ['f'] = true, ['n'] = true, ['r'] = true, ['t'] = true };
    if (c != 'u')
        return single[c];
    for (size_t i = at + 1; i <= at + 4 && i < s->len; i++)
        if (!is_hex(s->window[i]))
            return false;
    return true;
}

static __attribute__((noinline)) void escapes_check(Scan *s, size_t from, uint64_t escaped)
{
    for (; escaped && !s->fault; escaped &= escaped - 1) {
        size_t at = from + (size_t)__builtin_ctzll(escaped);
        if (escape_good(s, at))
            continue;
        s->fault = "an escape is not known";
        s->fault_at = at;
    }
}

static __attribute__((noinline)) void control_found(Scan *s, size_t at)
{
    if (s->fault && s->fault_at < at)
        return;
    s->fault = "a text holds a control character";
    s->fault_at = at;
}

/* Writes the place of each mark. Eight at once, some of them of nothing, as to ask after each is slower: the
 * index has room for a block more than it holds. */
typedef uint64_t PrefixXor(uint64_t x);
typedef void PutMarks(uint32_t *to, uint32_t from, uint64_t marks);

static inline __attribute__((always_inline)) void marks_put(uint32_t *to, uint32_t from, uint64_t marks)
{
    for (; marks; to += 8)
        for (int i = 0; i < 8; i++) {
            to[i] = from + (uint32_t)(marks ? __builtin_ctzll(marks) : 0);
            marks &= marks - 1;
        }
}

static inline __attribute__((always_inline)) void block_take(Scan *s, size_t from, const Masks *m, Carry *c,
                                                             PrefixXor *parity, PutMarks *put)
{
    uint64_t escaped = escaped_of(m->slash, &c->escape), quote = m->quote & ~escaped;
    uint64_t in = parity(quote) ^ c->in_text; /* from each opening quote to before the closing one */
    uint64_t scalar = ~(m->op | m->space | quote | in), follows = scalar << 1 | c->scalar;
    uint64_t marks = quote | (m->op & ~in) | (scalar & ~follows);
    c->in_text = (uint64_t)((int64_t)in >> 63);
    c->scalar = scalar >> 63;
    s->odd[from / BLOCK] = m->high | m->slash;
    if (escaped & in)
        escapes_check(s, from, escaped & in);
    if (m->control & in)
        control_found(s, from + (size_t)__builtin_ctzll(m->control & in));
    put(s->marks + s->count, (uint32_t)from, marks);
    s->count += (size_t)__builtin_popcountll(marks);
}

#if !defined(__SSE2__)
static void index_plain(Scan *s)
{
    Carry carry = {0};
    for (size_t from = 0; from < s->len && !s->fault; from += BLOCK) {
        Masks m = {0};
        for (size_t i = 0; i < BLOCK; i++) {
            uint8_t c = s->window[from + i];
            uint64_t bit = UINT64_C(1) << i;
            m.quote |= c == '"' ? bit : 0;
            m.slash |= c == '\\' ? bit : 0;
            m.op |= (c | 0x20) == '{' || (c | 0x20) == '}' || c == ':' || c == ',' ? bit : 0;
            m.space |= c == ' ' || c == '\n' || c == '\r' || c == '\t' ? bit : 0;
            m.control |= c < 0x20 ? bit : 0;
            m.high |= c >= 0x80 ? bit : 0;
        }
        block_take(s, from, &m, &carry, prefix_xor, marks_put);
    }
}
#else
/* One step of 16, 32 or 64 bytes; `bits` makes a mask of a comparison. */
static inline void masks_16(const uint8_t *p, int shift, Masks *m)
{
    __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p), low = _mm_or_si128(x, _mm_set1_epi8(0x20));
#define IS(v, c) _mm_cmpeq_epi8(v, _mm_set1_epi8(c))
#define BITS(v)  ((uint64_t)(uint32_t)_mm_movemask_epi8(v) << shift)
    m->quote |= BITS(IS(x, '"'));
    m->slash |= BITS(IS(x, '\\'));
    m->op |=
        BITS(_mm_or_si128(_mm_or_si128(IS(low, '{'), IS(low, '}')), _mm_or_si128(IS(x, ':'), IS(x, ','))));
    m->space |=
        BITS(_mm_or_si128(_mm_or_si128(IS(x, ' '), IS(x, '\n')), _mm_or_si128(IS(x, '\r'), IS(x, '\t'))));
    m->control |= BITS(_mm_cmpeq_epi8(_mm_min_epu8(x, _mm_set1_epi8(0x1F)), x));
    m->high |= BITS(x);
#undef BITS
#undef IS
}

static void index_sse2(Scan *s)
{
    Carry carry = {0};
    for (size_t from = 0; from < s->len && !s->fault; from += BLOCK) {
        Masks m = {0};
        for (int i = 0; i < BLOCK; i += 16)
            masks_16(s->window + from + i, i, &m);
        block_take(s, from, &m, &carry, prefix_xor, marks_put);
    }
}

__attribute__((target("avx2"))) static inline void masks_32(const uint8_t *p, int shift, Masks *m)
{
    __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)p),
            low = _mm256_or_si256(x, _mm256_set1_epi8(0x20));
#define IS(v, c) _mm256_cmpeq_epi8(v, _mm256_set1_epi8(c))
#define OR(a, b) _mm256_or_si256(a, b)
#define BITS(v)  ((uint64_t)(uint32_t)_mm256_movemask_epi8(v) << shift)
    m->quote |= BITS(IS(x, '"'));
    m->slash |= BITS(IS(x, '\\'));
    m->op |= BITS(OR(OR(IS(low, '{'), IS(low, '}')), OR(IS(x, ':'), IS(x, ','))));
    m->space |= BITS(OR(OR(IS(x, ' '), IS(x, '\n')), OR(IS(x, '\r'), IS(x, '\t'))));
    m->control |= BITS(_mm256_cmpeq_epi8(_mm256_min_epu8(x, _mm256_set1_epi8(0x1F)), x));
    m->high |= BITS(x);
#undef BITS
#undef OR
#undef IS
}

__attribute__((target("avx2,bmi,popcnt"))) static void index_avx2(Scan *s)
{
    Carry carry = {0};
    for (size_t from = 0; from < s->len && !s->fault; from += BLOCK) {
        Masks m = {0};
        masks_32(s->window + from, 0, &m);
        masks_32(s->window + from + 32, 32, &m);
        block_take(s, from, &m, &carry, prefix_xor, marks_put);
    }
}

__attribute__((target("avx512f,avx512bw,avx512vbmi2,bmi,popcnt"))) static inline void
marks_put_avx512(uint32_t *to, uint32_t from, uint64_t marks)
{
    static const uint8_t places[BLOCK] = {
        0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
        22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
        44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63 };
    __m512i base = _mm512_set1_epi32((int)from);
    __m512i at = _mm512_maskz_compress_epi8(marks, _mm512_loadu_si512(places));
    __m128i low = _mm512_castsi512_si128(at);
    _mm512_storeu_si512(to, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(low)));
    if (__builtin_popcountll(marks) <= 16)
        return;
    low = _mm512_extracti32x4_epi32(at, 1);
    _mm512_storeu_si512(to + 16, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(low)));
    low = _mm512_extracti32x4_epi32(at, 2);
    _mm512_storeu_si512(to + 32, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(low)));
    low = _mm512_extracti32x4_epi32(at, 3);
    _mm512_storeu_si512(to + 48, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(low)));
}

__attribute__((target("avx512f,avx512bw,avx512vbmi2,bmi,popcnt,pclmul"))) static inline uint64_t
prefix_xor_clmul(uint64_t x)
{
    __m128i all = _mm_set1_epi8(-1);
    return (uint64_t)_mm_cvtsi128_si64(_mm_clmulepi64_si128(_mm_cvtsi64_si128((int64_t)x), all, 0));
}

/* A character is white space or a mark when the one that its low four bits name in a table is the same: no
 * two of either share them. */
__attribute__((target("avx512f,avx512bw,avx512vbmi2,bmi,popcnt,pclmul"))) static void index_avx512(Scan *s)
{
    const __m512i spaces = _mm512_broadcast_i32x4(
        _mm_setr_epi8(' ', 0, 0, 0, 0, 0, 0, 0, 0, '\t', '\n', 0, 0, '\r', 0, 0));
    const __m512i ops = _mm512_broadcast_i32x4(
        _mm_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0));
    Carry carry = {0};
#define IS(v, c) _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(c))
    for (size_t from = 0; from < s->len && !s->fault; from += BLOCK) {
        __m512i x = _mm512_loadu_si512((const void *)(s->window + from)),
                low = _mm512_or_si512(x, _mm512_set1_epi8(0x20));
        uint64_t control = _mm512_cmplt_epu8_mask(x, _mm512_set1_epi8(0x20));
        Masks m = { .quote = IS(x, '"'),
                    .slash = IS(x, '\\'),
                    .op = _mm512_cmpeq_epi8_mask(_mm512_shuffle_epi8(ops, x), low) & ~control,
                    .space = _mm512_cmpeq_epi8_mask(_mm512_shuffle_epi8(spaces, x), x),
                    .control = control,
                    .high = _mm512_movepi8_mask(x) };
        block_take(s, from, &m, &carry, prefix_xor_clmul, marks_put_avx512);
    }
#undef IS
}
#endif

static Index *const kernels[CPU__COUNT] = {
#if defined(__SSE2__)
    [CPU_PORTABLE] = index_sse2, [CPU_AVX2] = index_avx2, [CPU_AVX512] = index_avx512,
#else
    [CPU_PORTABLE] = index_plain,
#endif
};

/* Processors of the widest level have these too, all but the first. */
static Index *kernel_of(Cpu level)
{
#if defined(__x86_64__)
    if (level == CPU_AVX512 && !(__builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("pclmul")))
        level = CPU_AVX2;
#endif
    return kernels[level];
}

static inline bool is_space(uint8_t c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
static inline bool is_mark(uint8_t c)
{
    return c == '"' || c == ',' || c == ':' || (c | 0x20) == '{' || (c | 0x20) == '}';
}

/* Texts are pairs of quotes: an odd one at the end was cut off. So was a number or word that touches it. */
static void cut_off(Scan *s)
{
    size_t quotes = 0;
    s->rest = s->len;
    if (!s->count)
        return;
    size_t last = s->marks[s->count - 1];
    uint8_t c = s->window[last];
    if (c == '"') {
        for (size_t i = s->count; i > 0 && s->window[s->marks[i - 1]] == '"'; i--)
            quotes++;
        /* A run of quotes can be even only when the last text is whole: between two texts stands a mark, or
         * the document is malformed, which the reader meets before it comes here. */
        if (quotes % 2 == 0)
            return;
    } else if (is_mark(c) || s->eof || is_space(s->window[s->len - 1])) {
        return;
    }
    s->rest = last;
    s->count--;
}

static void index_window(Scan *s)
{
    memset(s->window + s->len, ' ', BLOCK);
    s->count = s->at = s->odd_next = 0;
    s->fault = NULL;
    s->index(s);
    if (s->fault)
        while (s->count && s->marks[s->count - 1] >= s->fault_at)
            s->count--;
    cut_off(s);
}

/* ---- the window ---- */

uint64_t scan_offset(const Scan *s) { return s->base + (s->at < s->count ? s->marks[s->at] : s->rest); }

static bool refuse(Scan *s, const char *what, Err *err)
{
    s->failed = true;
    return err_set(err, ERR_INVALID, "The JSON is not well formed at byte %llu: %s.",
                   (unsigned long long)scan_offset(s), what);
}

static void window_new(Scan *s, size_t cap)
{
    uint8_t *bytes = arena_new(s->mem, uint8_t, cap + BLOCK);
    if (s->len)
        memcpy(bytes, s->window, s->len);
    s->window = bytes;
    s->cap = cap;
    s->marks = arena_new(s->mem, uint32_t, cap + BLOCK);
    s->odd = arena_new(s->mem, uint64_t, cap / BLOCK + 1);
}

/* Keeps what is not taken yet, reads on, and indexes anew. */
static bool more(Scan *s, Err *err)
{
    size_t from = s->at < s->count ? s->marks[s->at] : s->rest, got = 0;
    memmove(s->window, s->window + from, s->len - from);
    s->len -= from;
    s->base += from;
    if (s->len == s->cap) {
        if (s->cap >= SCAN_TEXT_MAX) {
            s->failed = true;
            return err_set(err, ERR_LIMIT, "A text in the JSON is longer than %d bytes.", SCAN_TEXT_MAX);
        }
        window_new(s, s->cap * 4 < SCAN_TEXT_MAX ? s->cap * 4 : SCAN_TEXT_MAX);
    }
    while (s->len < s->cap) {
        if (!source_read(s->src, s->window + s->len, s->cap - s->len, &got, err))
            return s->failed = true, false;
        s->len += got;
        s->eof = got == 0;
        if (s->eof)
            break;
    }
    index_window(s);
    return true;
}

/* At least n marks are ahead, or all that there are. */
static inline bool need(Scan *s, size_t n, Err *err)
{
    while (__builtin_expect(s->count - s->at < n && !s->eof && !s->fault, 0))
        if (!more(s, err))
            return false;
    return true;
}

bool scan_open(Arena *mem, Source *src, Scan **out, Err *err)
{
    return scan_open_by(cpu_best(), mem, src, out, err);
}

bool scan_open_by(Cpu level, Arena *mem, Source *src, Scan **out, Err *err)
{
    Scan *s = arena_new(mem, Scan, 1);
    *s = (Scan){ .src = src, .mem = mem, .index = kernel_of(level) };
    window_new(s, SCAN_WINDOW_BYTES);
    if (!more(s, err))
        return false;
    if (s->len >= 3 && memcmp(s->window, "\xEF\xBB\xBF", 3) == 0) {
        s->len -= 3;
        s->base = 3;
        memmove(s->window, s->window + 3, s->len);
        index_window(s);
    }
    *out = s;
    return true;
}

static bool at_end(Scan *s, uint8_t *c, Err *err)
{
    *c = 0;
    if (s->failed)
        return err_set(err, ERR_INVALID, "The JSON was refused before.");
    if (s->fault) {
        s->rest = s->fault_at;
        return refuse(s, s->fault, err);
    }
    return s->rest == s->len || refuse(s, "it ends too early", err);
}

/* The next token's first byte, not taken; 0 at the end of the document. */
static inline bool next_byte(Scan *s, uint8_t *c, Err *err)
{
    if (!need(s, 1, err))
        return false;
    if (__builtin_expect(s->at == s->count || s->failed, 0))
        return at_end(s, c, err);
    *c = s->window[s->marks[s->at]];
    return *c || refuse(s, "it holds a zero byte", err);
}

/* ---- tokens ---- */

static __attribute__((noinline)) bool odd_seek(Scan *s, size_t from, size_t to)
{
    size_t block = from / BLOCK, last = s->len / BLOCK;
    uint64_t bits = s->odd[block] >> (from % BLOCK) << (from % BLOCK);
    while (!bits && block < last)
        bits = s->odd[++block];
    s->odd_next = bits ? block * BLOCK + (size_t)__builtin_ctzll(bits) : s->cap + BLOCK;
    return s->odd_next < to;
}

/* Texts are asked about in the order in which they stand, and few are odd. */
static inline bool any_odd(Scan *s, size_t from, size_t to)
{
    return __builtin_expect(to > s->odd_next, 0) && odd_seek(s, from, to);
}

static __attribute__((noinline)) bool text_odd(Scan *s, Str text, bool *escaped, Err *err)
{
    *escaped = memchr(text.at, '\\', text.len) != NULL;
    return utf8_valid(text) || refuse(s, "a text is not UTF-8", err);
}

/* At an opening quote, whose closing one is the next mark. */
static inline bool text_take(Scan *s, Str *text, bool *escaped, Err *err)
{
    size_t from = s->marks[s->at] + 1, to = s->marks[s->at + 1];
    *text = (Str){ (const char *)s->window + from, to - from };
    *escaped = false;
    if (any_odd(s, from, to) && !text_odd(s, *text, escaped, err))
        return false;
    s->at += 2;
    return true;
}

static inline bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }

static const uint8_t *digits_skip(const uint8_t *p)
{
    while (is_digit(*p))
        p++;
    return p;
}

/* NULL: not a number. What follows the window is white space, so this ends. */
static const uint8_t *number_end(const uint8_t *p)
{
    p += *p == '-';
    if (!is_digit(*p))
        return NULL;
    p = *p == '0' ? p + 1 : digits_skip(p);
    if (*p == '.') {
        if (!is_digit(p[1]))
            return NULL;
        p = digits_skip(p + 1);
    }
    if (*p == 'e' || *p == 'E') {
        p += p[1] == '+' || p[1] == '-' ? 2 : 1;
        if (!is_digit(*p))
            return NULL;
        p = digits_skip(p);
    }
    return p;
}

static inline bool ends_scalar(uint8_t c) { return is_space(c) || is_mark(c); }

static bool number_take(Scan *s, Str *text, Err *err)
{
    const uint8_t *from = s->window + s->marks[s->at], *to = number_end(from);
    if (!to || !ends_scalar(*to))
        return refuse(s, "a number is not written as one", err);
    *text = (Str){ (const char *)from, (size_t)(to - from) };
    s->at++;
    return true;
}

static bool word_take(Scan *s, const char *word, Err *err)
{
    const uint8_t *from = s->window + s->marks[s->at];
    size_t len = strlen(word);
    if (memcmp(from, word, len) != 0 || !ends_scalar(from[len]))
        return refuse(s, "a word is not known", err);
    s->at++;
    return true;
}

/* ---- values ---- */

static inline bool type_of(Scan *s, uint8_t c, ScanType *type, Err *err)
{
    switch (c) {
    case '"': *type = SCAN_TEXT; return true;
    case '{': *type = SCAN_OBJECT; return true;
    case '[': *type = SCAN_LIST; return true;
    case 'n': *type = SCAN_NULL; return true;
    case 't': *type = SCAN_TRUE; return true;
    case 'f': *type = SCAN_FALSE; return true;
    default:
        *type = SCAN_NUMBER;
        return c == '-' || is_digit(c) || refuse(s, c ? "a value was expected" : "it ends too early", err);
    }
}

bool scan_peek(Scan *s, ScanType *type, Err *err)
{
    uint8_t c;
    return next_byte(s, &c, err) && type_of(s, c, type, err);
}

bool scan_plain(Scan *s, ScanValue *value, Err *err)
{
    uint8_t c;
    *value = (ScanValue){0};
    if (!next_byte(s, &c, err))
        return false;
    if (c == '"') {                          /* most are */
        value->type = SCAN_TEXT;
        return text_take(s, &value->text, &value->escaped, err);
    }
    if (!type_of(s, c, &value->type, err))
        return false;
    switch (value->type) {
    case SCAN_NUMBER: return number_take(s, &value->text, err);
    case SCAN_NULL:   return word_take(s, "null", err);
    case SCAN_TRUE:   return word_take(s, "true", err);
    case SCAN_FALSE:  return word_take(s, "false", err);
    case SCAN_LIST: case SCAN_OBJECT: case SCAN_TEXT: break;
    }
    return true;
}

bool scan_value(Scan *s, ScanValue *value, Err *err)
{
    if (!scan_plain(s, value, err))
        return false;
    return (value->type != SCAN_LIST && value->type != SCAN_OBJECT) ||
           refuse(s, "a list or object stands where a plain value is expected", err);
}

bool scan_enter(Scan *s, Err *err)
{
    uint8_t c;
    if (!next_byte(s, &c, err))
        return false;
    if (c != '[' && c != '{')
        return refuse(s, "a list or object was expected", err);
    if (s->depth == SCAN_DEPTH_MAX) {
        s->failed = true;
        return err_set(err, ERR_LIMIT, "The JSON is nested more than %d deep.", SCAN_DEPTH_MAX);
    }
    s->kinds[s->depth] = c;
    s->first[s->depth++] = true;
    s->at++;
    return true;
}

/* The comma between, or the end. */
static inline bool advance(Scan *s, uint8_t close, bool *end, Err *err)
{
    uint8_t c;
    bool first = s->first[s->depth - 1];
    if (!next_byte(s, &c, err))
        return false;
    s->first[s->depth - 1] = false;
    *end = c == close;
    if (*end) {
        s->depth--;
        s->at++;
        return true;
    }
    if (first)
        return true;
    if (c != ',')
        return refuse(s, c ? "a comma was expected" : "it ends too early", err);
    s->at++;
    return true;
}

bool scan_element(Scan *s, bool *end, Err *err) { return advance(s, ']', end, err); }

/* Reads the colon too. Comma, name and colon are in one window, so the name stays. */
bool scan_name(Scan *s, ScanValue *name, bool *end, Err *err)
{
    uint8_t c;
    *name = (ScanValue){ .type = SCAN_TEXT };
    if (!need(s, 4, err) || !advance(s, '}', end, err))
        return false;
    if (*end)
        return true;
    if (!next_byte(s, &c, err))
        return false;
    if (c != '"')
        return refuse(s, "a name was expected", err);
    if (!text_take(s, &name->text, &name->escaped, err))
        return false;
    if (s->at == s->count || s->window[s->marks[s->at]] != ':')
        return refuse(s, "a colon was expected", err);
    s->at++;
    return true;
}

/* One member whose first mark is `m`. NULL: not of the usual form. */
static inline const uint32_t *member_take(Scan *s, const uint32_t *m, bool first, ScanMember *out)
{
    const uint8_t *w = s->window;
    if (!first && w[*m++] != ',')
        return NULL;
    if (w[m[0]] != '"' || w[m[2]] != ':' || any_odd(s, m[0] + 1, m[1]))
        return NULL;
    out->name = (Str){ (const char *)w + m[0] + 1, m[1] - m[0] - 1 };
    m += 3;
    const uint8_t *from = w + *m, *to;
    if (*from == '"') {
        Str text = { (const char *)from + 1, m[1] - m[0] - 1 };
        out->value = (ScanValue){ SCAN_TEXT, text, false };
        if (!any_odd(s, m[0] + 1, m[1]))
            return m + 2;
        out->value.escaped = memchr(text.at, '\\', text.len) != NULL;
        return utf8_valid(text) ? m + 2 : NULL;
    }
    if (*from >= '1' && *from <= '9')        /* a plain whole number, as most are */
        to = digits_skip(from + 1);
    if (*from < '1' || *from > '9' || !ends_scalar(*to))
        to = number_end(from);
    if (!to || !ends_scalar(*to))
        return NULL;
    out->value = (ScanValue){ SCAN_NUMBER, { (const char *)from, (size_t)(to - from) }, false };
    return m + 1;
}

size_t scan_members(Scan *s, ScanMember *members, size_t most)
{
    enum { MARKS = 6 };                      /* comma, two quotes, colon, two quotes */
    if (__builtin_expect(s->count - s->at < MARKS || s->failed || !s->depth, 0))
        return 0;
    const uint32_t *at = s->marks + s->at, *last = s->marks + s->count - MARKS, *next;
    bool first = s->first[s->depth - 1];
    size_t n = 0;
    while (n < most && at <= last && (next = member_take(s, at, first, &members[n]))) {
        at = next;
        first = false;
        n++;
    }
    s->first[s->depth - 1] = first;
    s->at = (size_t)(at - s->marks);
    return n;
}

bool scan_skip(Scan *s, Err *err)
{
    enum { SKIP_EACH = 4 };
    ScanMember some[SKIP_EACH];
    ScanValue value;
    bool end = false;
    if (!scan_plain(s, &value, err))
        return false;
    if (value.type != SCAN_LIST && value.type != SCAN_OBJECT)
        return true;
    bool list = value.type == SCAN_LIST;
    if (!scan_enter(s, err))
        return false;
    for (;;) {
        if (!list)
            while (scan_members(s, some, SKIP_EACH) == SKIP_EACH)
                ;
        if (!(list ? scan_element(s, &end, err) : scan_name(s, &value, &end, err)))
            return false;
        if (end)
            return true;
        if (!scan_skip(s, err))              /* at most SCAN_DEPTH_MAX deep */
            return false;
    }
}

bool scan_close(Scan *s, Err *err)
{
    uint8_t c;
    return next_byte(s, &c, err) && (!c || refuse(s, "more follows the document", err));
}

/* ---- escapes ---- */

static uint32_t hex_4(const char *at)
{
    uint32_t v = 0;
    for (int i = 0; i < 4; i++) {
        uint32_t c = (uint8_t)at[i];
        v = v << 4 | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return v;
}

static char *utf8_put(char *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xC0 | c >> 6);
        *to++ = (char)(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        *to++ = (char)(0xE0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
        *to++ = (char)(0x80 | (c & 0x3F));
    } else {
        *to++ = (char)(0xF0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 0x3F));
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
        *to++ = (char)(0x80 | (c & 0x3F));
    }
    return to;
}

/* *at at the four digits; left after them, and after a low surrogate's. 0: not a character. */
static uint32_t code_point(const char **at, const char *end)
{
    uint32_t c = hex_4(*at);
    *at += 4;
    if (c < 0xD800 || c > 0xDFFF)
        return c;
    if (c > 0xDBFF || end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u')
        return 0;
    uint32_t low = hex_4(*at + 2);
    *at += 6;
    return low < 0xDC00 || low > 0xDFFF ? 0 : 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
}

char *scan_unescape(Arena *mem, Str text)
{
    static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    char *out = arena_new(mem, char, text.len + 1), *to = out;
    for (const char *p = text.at, *end = p + text.len; p < end;) {
        if (*p != '\\') {
            *to++ = *p++;
            continue;
        }
        char kind = p[1];
        p += 2;
        if (kind != 'u') {
            *to++ = means[strchr(names, kind) - names];
            continue;
        }
        uint32_t c = code_point(&p, end);
        if (!c)
            return NULL;
        to = utf8_put(to, c);
    }
    *to = 0;
    return out;
}
