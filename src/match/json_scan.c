/* json_scan.c. The bytes read lie in a window that is followed by zeros: a zero is no JSON character, so the
 * inner loops stop at the window's end without asking where it is; only then is more read (`more`). */
#include "match/json_scan.h"
#include <string.h>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

enum { PAD = 64 };                           /* zeros after the window: a kernel may read so far past it */

/* Finds the first '"', '\\' or control character at or after p. Sets a bit of *high when a byte of 0x80 or
 * more came before it. The zeros after the window stop it. */
typedef const uint8_t *TextEnd(const uint8_t *p, uint32_t *high);

struct Scan {
    const uint8_t *p, *end;                  /* next byte; end of what has been read */
    uint8_t       *window;
    size_t         cap;
    uint64_t       base;                     /* offset in the source of window[0] */
    Source        *src;
    Arena         *mem;
    TextEnd       *text_end;
    int            depth;
    bool           eof, failed;
    uint8_t        kinds[SCAN_DEPTH_MAX];    /* '[' or '{' */
    bool           first[SCAN_DEPTH_MAX];    /* nothing taken from it yet */
};

/* ---- kernels ---- */

static inline bool stops(uint8_t c) { return c == '"' || c == '\\' || c < 0x20; }

#if !defined(__SSE2__)
static const uint8_t *text_end_plain(const uint8_t *p, uint32_t *high)
{
    while (!stops(*p))
        *high |= *p++ & 0x80u;
    return p;
}
#else
static inline uint32_t stops_16(__m128i x)
{
    __m128i quote = _mm_cmpeq_epi8(x, _mm_set1_epi8('"'));
    __m128i slash = _mm_cmpeq_epi8(x, _mm_set1_epi8('\\'));
    __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(x, _mm_set1_epi8(0x1F)), x);
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, slash), control));
}

static const uint8_t *text_end_sse2(const uint8_t *p, uint32_t *high)
{
    for (;; p += 16) {
        __m128i  x = _mm_loadu_si128((const __m128i *)(const void *)p);
        uint32_t stop = stops_16(x), above = (uint32_t)_mm_movemask_epi8(x);
        if (stop) {
            *high |= above & (stop ^ (stop - 1));
            return p + __builtin_ctz(stop);
        }
        *high |= above;
    }
}

__attribute__((target("avx2"))) static const uint8_t *text_end_avx2(const uint8_t *p, uint32_t *high)
{
    const __m256i quote = _mm256_set1_epi8('"'), slash = _mm256_set1_epi8('\\'),
                  control = _mm256_set1_epi8(0x1F);
    for (;; p += 32) {
        __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)p);
        __m256i hit = _mm256_or_si256(_mm256_cmpeq_epi8(x, quote), _mm256_cmpeq_epi8(x, slash));
        hit = _mm256_or_si256(hit, _mm256_cmpeq_epi8(_mm256_min_epu8(x, control), x));
        uint32_t stop = (uint32_t)_mm256_movemask_epi8(hit), above = (uint32_t)_mm256_movemask_epi8(x);
        if (stop) {
            *high |= above & (stop ^ (stop - 1));
            return p + __builtin_ctz(stop);
        }
        *high |= above;
    }
}

__attribute__((target("avx512f,avx512bw"))) static const uint8_t *text_end_avx512(const uint8_t *p,
                                                                                  uint32_t *high)
{
    const __m512i quote = _mm512_set1_epi8('"'), slash = _mm512_set1_epi8('\\'),
                  space = _mm512_set1_epi8(0x20);
    for (;; p += 64) {
        __m512i  x = _mm512_loadu_si512((const void *)p);
        uint64_t stop = _mm512_cmpeq_epi8_mask(x, quote) | _mm512_cmpeq_epi8_mask(x, slash) |
                        _mm512_cmplt_epu8_mask(x, space);
        uint64_t above = _mm512_movepi8_mask(x);
        if (stop) {
            *high |= (above & (stop ^ (stop - 1))) != 0;
            return p + __builtin_ctzll(stop);
        }
        *high |= above != 0;
    }
}
#endif

static TextEnd *const kernels[CPU__COUNT] = {
#if defined(__SSE2__)
    [CPU_PORTABLE] = text_end_sse2, [CPU_AVX2] = text_end_avx2, [CPU_AVX512] = text_end_avx512,
#else
    [CPU_PORTABLE] = text_end_plain,
#endif
};

/* ---- the window ---- */

static bool refuse(Scan *s, const char *what, Err *err)
{
    s->failed = true;
    return err_set(err, ERR_INVALID, "The JSON is not well formed at byte %llu: %s.",
                   (unsigned long long)scan_offset(s), what);
}

uint64_t scan_offset(const Scan *s) { return s->base + (uint64_t)(s->p - s->window); }

static void window_grow(Scan *s, size_t cap)
{
    uint8_t *bigger = arena_new(s->mem, uint8_t, cap + PAD);
    memcpy(bigger, s->window, (size_t)(s->end - s->window));
    s->p = bigger + (s->p - s->window);
    s->end = bigger + (s->end - s->window);
    s->window = bigger;
    s->cap = cap;
}

/* Reads on, keeping the bytes from *keep. Moves them to the window's start; *keep and p follow. */
static bool more(Scan *s, const uint8_t **keep, Err *err)
{
    size_t kept = (size_t)(s->end - *keep), got = 0;
    if (s->eof)
        return refuse(s, "it ends too early", err);
    if (kept == s->cap) {
        if (s->cap >= SCAN_TEXT_MAX) {
            s->failed = true;
            return err_set(err, ERR_LIMIT, "A text in the JSON is longer than %d bytes.", SCAN_TEXT_MAX);
        }
        size_t from = (size_t)(*keep - s->window);
        window_grow(s, s->cap * 4 < SCAN_TEXT_MAX ? s->cap * 4 : SCAN_TEXT_MAX);
        *keep = s->window + from;
    }
    size_t gone = (size_t)(*keep - s->window);
    memmove(s->window, *keep, kept);
    s->p -= gone;
    *keep = s->window;
    s->base += gone;
    if (!source_read(s->src, s->window + kept, s->cap - kept, &got, err))
        return s->failed = true, false;
    s->eof = got == 0;
    s->end = s->window + kept + got;
    memset(s->window + kept + got, 0, PAD);
    return true;
}

bool scan_open(Arena *mem, Source *src, Scan **out, Err *err)
{
    return scan_open_by(cpu_best(), mem, src, out, err);
}

bool scan_open_by(Cpu level, Arena *mem, Source *src, Scan **out, Err *err)
{
    Scan *s = arena_new(mem, Scan, 1);
    *s = (Scan){ .src = src, .mem = mem, .cap = SCAN_WINDOW_BYTES, .text_end = kernels[level] };
    s->window = arena_new(mem, uint8_t, SCAN_WINDOW_BYTES + PAD);
    s->p = s->end = s->window;
    const uint8_t *keep = s->p;
    while (s->end - s->p < 3 && !s->eof)
        if (!more(s, &keep, err))
            return false;
    if (s->end - s->p >= 3 && memcmp(s->p, "\xEF\xBB\xBF", 3) == 0)
        s->p += 3;
    *out = s;
    return true;
}

/* The next byte that is not white space, not taken; 0 only at the end of the document. */
static bool next_byte_slow(Scan *s, uint8_t *c, Err *err)
{
    if (s->failed)
        return err_set(err, ERR_INVALID, "The JSON was refused before.");
    for (;;) {
        while (*s->p == ' ' || *s->p == '\n' || *s->p == '\r' || *s->p == '\t')
            s->p++;
        *c = *s->p;
        if (*c || s->p < s->end)
            return *c || refuse(s, "it holds a zero byte", err);
        if (s->eof)
            return true;
        const uint8_t *keep = s->p;
        if (!more(s, &keep, err))
            return false;
    }
}

static inline bool next_byte(Scan *s, uint8_t *c, Err *err)
{
    s->p += *s->p == ' ';                    /* as most writers put it */
    *c = *s->p;
    return (*c > ' ' && !s->failed) || next_byte_slow(s, c, err);
}

/* ---- tokens ---- */

static bool is_hex(uint8_t c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* p at a backslash. Leaves it after the escape. */
static bool escape_check(Scan *s, const uint8_t **from, Err *err)
{
    while (s->end - s->p < 6 && !s->eof)
        if (!more(s, from, err))
            return false;
    switch (s->p[1]) {
    case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
        s->p += 2;
        return true;
    case 'u':
        for (int i = 2; i < 6; i++)
            if (!is_hex(s->p[i]))
                return refuse(s, "an escape is not known", err);
        s->p += 6;
        return true;
    default:
        return refuse(s, "an escape is not known", err);
    }
}

/* Most texts are short names: those end within the first look, which costs no call. */
static inline const uint8_t *text_end(const Scan *s, const uint8_t *p, uint32_t *high)
{
#if defined(__SSE2__)
    __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
    uint32_t stop = stops_16(x), above = (uint32_t)_mm_movemask_epi8(x);
    if (stop) {
        *high |= above & (stop ^ (stop - 1));
        return p + __builtin_ctz(stop);
    }
    *high |= above;
    p += 16;
#endif
    return s->text_end(p, high);
}

/* p after the opening quote; leaves it after the closing one. */
static inline __attribute__((always_inline)) bool text_take(Scan *s, Str *text, bool *escaped, Err *err)
{
    const uint8_t *from = s->p;
    uint32_t high = 0;
    *escaped = false;
    for (;;) {
        s->p = text_end(s, s->p, &high);
        if (*s->p == '"')
            break;
        if (*s->p == '\\') {
            *escaped = true;
            if (!escape_check(s, &from, err))
                return false;
            continue;
        }
        if (s->p < s->end)
            return refuse(s, "a text holds a control character", err);
        s->p = s->end;
        if (!more(s, &from, err))
            return false;
    }
    *text = (Str){ (const char *)from, (size_t)(s->p - from) };
    if (high && !utf8_valid(*text))
        return refuse(s, "a text is not UTF-8", err);
    s->p++;
    return true;
}

static inline bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }

static const uint8_t *digits_skip(const uint8_t *p)
{
    while (is_digit(*p))
        p++;
    return p;
}

/* The whole number lies in the window (its longest form is bounded by number_take). NULL: not a number. */
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

enum { NUMBER_MAX = 256, WORD_MAX = 5 };

static bool have(Scan *s, ptrdiff_t bytes, Err *err)
{
    const uint8_t *keep = s->p;
    while (s->end - s->p < bytes && !s->eof)
        if (!more(s, &keep, err))
            return false;
    return true;
}

static bool number_take(Scan *s, Str *text, Err *err)
{
    if (!have(s, NUMBER_MAX, err))
        return false;
    const uint8_t *to = number_end(s->p);
    if (!to)
        return refuse(s, "a number is not written as one", err);
    if (to - s->p >= NUMBER_MAX)
        return refuse(s, "a number is too long", err);
    *text = (Str){ (const char *)s->p, (size_t)(to - s->p) };
    s->p = to;
    return true;
}

static bool word_take(Scan *s, const char *word, Err *err)
{
    size_t len = strlen(word);
    if (!have(s, WORD_MAX, err))
        return false;
    if ((size_t)(s->end - s->p) < len || memcmp(s->p, word, len) != 0)
        return refuse(s, "a word is not known", err);
    s->p += len;
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
        s->p++;
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
    s->p++;
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
        s->p++;
        return true;
    }
    if (first)
        return true;
    if (c != ',')
        return refuse(s, c ? "a comma was expected" : "it ends too early", err);
    s->p++;
    return true;
}

bool scan_element(Scan *s, bool *end, Err *err) { return advance(s, ']', end, err); }

/* Reads the colon too; the name stays in the window, since only white space may lie between. */
bool scan_name(Scan *s, ScanValue *name, bool *end, Err *err)
{
    uint8_t c;
    *name = (ScanValue){ .type = SCAN_TEXT };
    if (!advance(s, '}', end, err) || *end)
        return !s->failed;
    if (!next_byte(s, &c, err))
        return false;
    if (c != '"')
        return refuse(s, "a name was expected", err);
    s->p++;
    if (!text_take(s, &name->text, &name->escaped, err))
        return false;
    if (*s->p == ':') {
        s->p++;
        return true;
    }
    const uint8_t *from = (const uint8_t *)name->text.at;   /* must not move while we look for the colon */
    while (*s->p == ' ' || *s->p == '\n' || *s->p == '\r' || *s->p == '\t' || s->p == s->end) {
        if (s->p < s->end)
            s->p++;
        else if (!more(s, &from, err))
            return false;
    }
    name->text.at = (const char *)from;
    if (*s->p != ':')
        return refuse(s, "a colon was expected", err);
    s->p++;
    return true;
}

bool scan_skip(Scan *s, Err *err)
{
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
