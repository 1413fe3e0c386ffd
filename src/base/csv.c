/* The window holds the raw bytes from the start of the current row. A row is first only measured; when it is
 * whole and within its limits its quoted fields are unescaped in place. A malformed row has then not been
 * altered, so reading can go back to the line after the one it began on: one stray quote costs one line, not
 * the rest of the file.
 *
 * Most rows hold no quote and lie whole in the window: those are measured sixteen bytes at a time. Whatever
 * else a row is, or is refused for, is found byte by byte, so there is one place that says it.
 *
 * Invariants: (1) window[0..len) are the source's bytes from `base` on; (2) `row` <= `scan` <= len, where
 * `row` is the start of the current row; (3) `line` is the physical line that `row` is on. */
#include "base/csv.h"
#include "base/limits.h"
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { READ_BYTES = 64 * 1024, ROW_BYTES = 1024 * 1024, LANE_BYTES = 16 };

typedef struct Piece { size_t start, len; bool escaped; } Piece;   /* of a row, relative to its start */

struct Csv {
    Arena   *mem;
    Source  *src;
    char     delimiter;
    char    *window;
    size_t   cap, len, row, scan;
    uint64_t base;
    size_t   line;
    bool     drained;                     /* the source has nothing more */
    bool     begun;                       /* past the byte-order mark */
    size_t   count;
    Piece    pieces[LIMIT_CSV_COLUMNS];
    Str      fields[LIMIT_CSV_COLUMNS];
};

Csv *csv_new(Arena *mem, Source *src, char delimiter)
{
    Csv *csv = arena_new(mem, Csv, 1);
    csv->mem = mem;
    csv->src = src;
    csv->delimiter = delimiter;
    csv->line = 1;
    csv->cap = 2 * READ_BYTES;
    csv->window = arena_new(mem, char, csv->cap + LANE_BYTES);
    return csv;
}

void csv_at(Csv *csv, uint64_t offset, size_t line)
{
    csv->base = offset;
    csv->line = line;
    csv->begun = offset > 0;
}

uint64_t csv_offset(const Csv *csv)
{
    return csv->base + csv->row;
}

size_t csv_line(const Csv *csv)
{
    return csv->line;
}

/* Reads more after what is there, first dropping what lies before the row. */
static bool fill(Csv *csv, Err *err)
{
    if (csv->row) {
        memmove(csv->window, csv->window + csv->row, csv->len - csv->row);
        csv->base += csv->row;
        csv->len -= csv->row;
        csv->scan -= csv->row;
        csv->row = 0;
    }
    if (csv->cap - csv->len < READ_BYTES) {
        char *bigger = arena_new(csv->mem, char, csv->cap * 2 + LANE_BYTES);
        memcpy(bigger, csv->window, csv->len);
        csv->window = bigger;
        csv->cap *= 2;
    }
    size_t got = 0;
    if (!source_read(csv->src, csv->window + csv->len, READ_BYTES, &got, err))
        return err_while(err, "reading line %zu", csv->line);
    csv->len += got;
    csv->drained = got == 0;
    return true;
}

/* The byte `ahead` of the scan, or -1 past the end of the input. */
static bool peek(Csv *csv, size_t ahead, int *byte, Err *err)
{
    while (csv->len - csv->scan <= ahead && !csv->drained)
        if (!fill(csv, err))
            return false;
    *byte = csv->len - csv->scan > ahead ? (unsigned char)csv->window[csv->scan + ahead] : -1;
    return true;
}

/* Bytes in the line ending at the scan: 0 if none stands there. */
static bool line_end(Csv *csv, size_t *bytes, Err *err)
{
    int first, second = -1;
    if (!peek(csv, 0, &first, err) || (first == '\r' && !peek(csv, 1, &second, err)))
        return false;
    *bytes = first == '\n' ? 1 : first == '\r' && second == '\n' ? 2 : 0;
    return true;
}

/* Why a row cannot be taken; ROW_STOPPED is a failure to read, already told. */
typedef enum RowFault {
    ROW_FINE, ROW_STOPPED, ROW_UNCLOSED, ROW_STRAY, ROW_FIELD_LONG, ROW_LONG, ROW_WIDE
} RowFault;

static RowFault length_fault(const Csv *csv, size_t field_start)
{
    if (csv->scan - csv->row - field_start > LIMIT_CSV_FIELD_BYTES)
        return ROW_FIELD_LONG;
    return csv->scan - csv->row > ROW_BYTES ? ROW_LONG : ROW_FINE;
}

/* Measures a quoted field whose opening quote is at the scan. */
static RowFault measure_quoted(Csv *csv, Piece *piece, Err *err)
{
    csv->scan++;
    piece->start = csv->scan - csv->row;
    for (;; csv->scan++) {
        int      byte, after = 0;
        RowFault fault = length_fault(csv, piece->start);
        if (fault)
            return fault;
        if (!peek(csv, 0, &byte, err) || (byte == '"' && !peek(csv, 1, &after, err)))
            return ROW_STOPPED;
        if (byte < 0)
            return ROW_UNCLOSED;
        if (byte != '"')
            continue;
        if (after != '"')
            break;
        piece->escaped = true;
        csv->scan++;
    }
    piece->len = csv->scan - csv->row - piece->start;
    csv->scan++;
    return ROW_FINE;
}

static RowFault measure_plain(Csv *csv, Piece *piece, Err *err)
{
    piece->start = csv->scan - csv->row;
    for (;; csv->scan++) {
        int      byte;
        size_t   ending = 0;
        RowFault fault = length_fault(csv, piece->start);
        if (fault)
            return fault;
        if (!peek(csv, 0, &byte, err) || ((byte == '\r' || byte == '\n') && !line_end(csv, &ending, err)))
            return ROW_STOPPED;
        if (byte < 0 || byte == (unsigned char)csv->delimiter || ending)
            break;
    }
    piece->len = csv->scan - csv->row - piece->start;
    return ROW_FINE;
}

/* Measures the row from its start to past its line ending. */
static RowFault measure_row(Csv *csv, Err *err)
{
    for (csv->count = 0;; csv->scan++) {
        if (csv->count == LIMIT_CSV_COLUMNS)
            return ROW_WIDE;
        Piece *piece = &csv->pieces[csv->count++];
        *piece = (Piece){0};
        int    byte;
        size_t ending;
        if (!peek(csv, 0, &byte, err))
            return ROW_STOPPED;
        RowFault fault = byte == '"' ? measure_quoted(csv, piece, err) : measure_plain(csv, piece, err);
        if (fault)
            return fault;
        if (!peek(csv, 0, &byte, err) || !line_end(csv, &ending, err))
            return ROW_STOPPED;
        if (byte < 0 || ending) {
            csv->scan += ending;
            return ROW_FINE;
        }
        if (byte != (unsigned char)csv->delimiter)
            return ROW_STRAY;
    }
}

/* One bit for each of the sixteen bytes that parts fields or rows, or is a quote. */
static unsigned special_bytes(const char *at, char delimiter)
{
#ifdef __SSE2__
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
    __m128i found = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(delimiter)),
                                              _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'))),
                                 _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\r')),
                                              _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'))));
    return (unsigned)_mm_movemask_epi8(found);
#else
    unsigned found = 0;
    for (unsigned i = 0; i < LANE_BYTES; i++)
        found |= (unsigned)(at[i] == delimiter || at[i] == '\n' || at[i] == '\r' || at[i] == '"') << i;
    return found;
#endif
}

/* What a special byte of a simple row is. */
typedef enum Part { PART_NONE, PART_FIELD, PART_ROW, PART_NOT_SIMPLE } Part;

static Part part_at(const Csv *csv, size_t at)
{
    char c = csv->window[at];
    if (c == csv->delimiter)
        return PART_FIELD;
    if (c == '\n')
        return PART_ROW;
    if (c == '"' || at + 1 == csv->len)
        return PART_NOT_SIMPLE;
    return csv->window[at + 1] == '\n' ? PART_ROW : PART_NONE;
}

/* Takes a row without quotes that is whole in the window and within its limits; false: look at it closely. */
static bool simple_row(Csv *csv, CsvRow *row)
{
    size_t start = csv->row, count = 0;
    for (size_t lane = csv->row; lane < csv->len; lane += LANE_BYTES)
        for (unsigned found = special_bytes(csv->window + lane, csv->delimiter); found; found &= found - 1) {
            size_t at = lane + (unsigned)__builtin_ctz(found);
            Part   part = at < csv->len ? part_at(csv, at) : PART_NOT_SIMPLE;
            if (part == PART_NONE)
                continue;
            if (part == PART_NOT_SIMPLE || count == LIMIT_CSV_COLUMNS ||
                at - start > LIMIT_CSV_FIELD_BYTES || at - csv->row > ROW_BYTES)
                return false;
            csv->fields[count++] = (Str){ csv->window + start, at - start };
            start = at + 1;
            if (part == PART_FIELD)
                continue;
            *row = (CsvRow){ csv->line++, csv_offset(csv), count, csv->fields };
            csv->scan = csv->row = at + (csv->window[at] == '\r' ? 2 : 1);
            return true;
        }
    return false;
}

static bool refuse_row(const Csv *csv, RowFault fault, Err *err)
{
    static const struct { ErrKind kind; const char *told; } faults[] = {
        [ROW_UNCLOSED]   = { ERR_INVALID, "has an opening quote that is never closed" },
        [ROW_STRAY]      = { ERR_INVALID, "has text after a closing quote" },
        [ROW_FIELD_LONG] = { ERR_LIMIT,   "has a field that is too long, or a quote that is never closed" },
        [ROW_LONG]       = { ERR_LIMIT,   "is too long" },
        [ROW_WIDE]       = { ERR_LIMIT,   "has too many columns" },
    };
    return err_set(err, faults[fault].kind, "Line %zu %s.", csv->line, faults[fault].told);
}

/* Puts the row's start after the first line ending in what follows, which may be longer than the window. */
static bool skip_line(Csv *csv, Err *err)
{
    csv->scan = csv->row;
    for (;;) {
        char *found =
            csv->len > csv->scan ? memchr(csv->window + csv->scan, '\n', csv->len - csv->scan) : NULL;
        if (found || csv->drained) {
            csv->scan = csv->row = found ? (size_t)(found - csv->window) + 1 : csv->len;
            csv->line++;
            return true;
        }
        csv->scan = csv->row = csv->len;
        if (!fill(csv, err))
            return false;
    }
}

static Str unescape(char *at, const Piece *piece)
{
    if (!piece->escaped)
        return (Str){ at, piece->len };
    size_t kept = 0;
    for (size_t i = 0; i < piece->len; i++) {
        at[kept++] = at[i];
        if (at[i] == '"')
            i++;
    }
    return (Str){ at, kept };
}

static size_t count_lines(const char *at, size_t len)
{
    size_t lines = 0;
    for (const char *end = at + len; (at = memchr(at, '\n', (size_t)(end - at))); at++)
        lines++;
    return lines;
}

static void take_row(Csv *csv, CsvRow *row)
{
    char *at = csv->window + csv->row;
    *row = (CsvRow){ csv->line, csv_offset(csv), csv->count, csv->fields };
    csv->line += count_lines(at, csv->scan - csv->row);
    for (size_t i = 0; i < csv->count; i++)
        csv->fields[i] = unescape(at + csv->pieces[i].start, &csv->pieces[i]);
    csv->row = csv->scan;
}

static bool skip_mark(Csv *csv, Err *err)
{
    static const unsigned char mark[] = { 0xEF, 0xBB, 0xBF };
    size_t matched = 0;
    int    byte;
    for (; matched < sizeof mark; matched++) {
        if (!peek(csv, matched, &byte, err))
            return false;
        if (byte != mark[matched])
            break;
    }
    if (matched == sizeof mark)
        csv->scan = csv->row = sizeof mark;
    csv->begun = true;
    return true;
}

/* Wholly empty lines are no rows: files often end in some. */
static bool skip_blank_lines(Csv *csv, bool *end, Err *err)
{
    size_t ending;
    int    byte;
    do {
        if (!line_end(csv, &ending, err))
            return false;
        csv->scan = csv->row += ending;
        csv->line += ending > 0;
    } while (ending);
    if (!peek(csv, 0, &byte, err))
        return false;
    *end = byte < 0;
    return true;
}

bool csv_next(Csv *csv, CsvRow *row, bool *end, Err *err)
{
    *end = false;
    csv->scan = csv->row;
    if ((!csv->begun && !skip_mark(csv, err)) || !skip_blank_lines(csv, end, err))
        return false;
    if (*end)
        return true;
    if (simple_row(csv, row))
        return true;
    RowFault fault = measure_row(csv, err);
    if (fault == ROW_FINE) {
        take_row(csv, row);
        return true;
    }
    if (fault == ROW_STOPPED)
        return false;
    refuse_row(csv, fault, err);
    Err reading = {0};
    if (!skip_line(csv, &reading))
        *err = reading;
    return false;
}

static void add_field(StrBuf *buf, const char *field, bool last, bool safe)
{
    field = field ? field : "";
    bool formula = safe && *field && strchr("=+-@\t\r", *field);
    bool quote = strpbrk(field, "\",;\r\n\t") || *field == ' ' || (*field && field[strlen(field) - 1] == ' ');
    if (quote)
        buf_char(buf, '"');
    if (formula)
        buf_char(buf, '\'');
    for (const char *p = field; *p; p++) {
        if (*p == '"')
            buf_char(buf, '"');
        buf_char(buf, *p);
    }
    if (quote)
        buf_char(buf, '"');
    buf_add(buf, last ? "\r\n" : ",");
}

void csv_add(StrBuf *buf, const char *field, bool last)
{
    add_field(buf, field, last, false);
}

void csv_add_safe(StrBuf *buf, const char *field, bool last)
{
    add_field(buf, field, last, true);
}
