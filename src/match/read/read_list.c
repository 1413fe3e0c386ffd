/* read_list.c: lists of digests, one a line: md5sum, sha1sum, sha256sum (GNU and BSD lines), hashdeep, what
 * `muster pdq` prints, and bare digests. Names of files are not kept: they may name people. */
#include <string.h>
#include "match/read/reading.h"

enum { LIST_WINDOW = 256 * 1024, LIST_COLUMNS = 16 };

typedef struct List {
    Reading *r;
    char    *window;
    size_t   from, to;                       /* unread bytes of the window */
    uint64_t line, offset;                   /* of the next line */
    bool     eof;
    bool     hashdeep;
    int      columns[LIST_COLUMNS];          /* hashdeep: DigestKind of each, -1 for none */
    size_t   column_count;
} List;

static size_t hex_run(Str s)
{
    size_t n = 0;
    while (n < s.len && ((s.at[n] >= '0' && s.at[n] <= '9') ||
                         ((s.at[n] | 0x20) >= 'a' && (s.at[n] | 0x20) <= 'f')))
        n++;
    return n;
}

/* 32, 40 or 64 digits; a PDQ is told from a SHA-256 by the caller. */
static int kind_of_length(size_t digits)
{
    return digits == 32 ? DIGEST_MD5 : digits == 40 ? DIGEST_SHA1 : digits == 64 ? DIGEST_SHA256 : -1;
}

static bool ends_word(Str s, size_t at)
{
    return at == s.len || s.at[at] == ' ' || s.at[at] == '\t' || s.at[at] == ',' || s.at[at] == '\r';
}

/* "MD5 (file) = digits" */
static Str bsd_digits(Str line)
{
    static const char *const heads[] = { "MD5 (", "SHA1 (", "SHA256 (" };
    FOR_EACH(head, heads)
        if (line.len > strlen(*head) && memcmp(line.at, *head, strlen(*head)) == 0)
            for (size_t i = line.len; i >= 2; i--)
                if (line.at[i - 1] == ' ' && line.at[i - 2] == '=')
                    return (Str){ line.at + i, line.len - i };
    return (Str){ line.at, 0 };
}

static Str list_head(const Reading *r)
{
    Str head = r->head;
    if (head.len >= 3 && memcmp(head.at, "\xEF\xBB\xBF", 3) == 0)
        head = (Str){ head.at + 3, head.len - 3 };
    return head;
}

bool list_detect(const Reading *r)
{
    Str head = list_head(r);
    if (r->opt->map)
        return false;
    if (head.len >= 12 && memcmp(head.at, "%%%% HASHDEEP", 12) == 0)
        return true;
    for (int lines = 0; lines < 8 && head.len; lines++) {   /* comments and blank lines may come first */
        const char *end = memchr(head.at, '\n', head.len);
        Str line = str_trim((Str){ head.at, end ? (size_t)(end - head.at) : head.len });
        head = end ? (Str){ end + 1, head.len - (size_t)(end + 1 - head.at) } : (Str){ head.at, 0 };
        if (!line.len || line.at[0] == '#' || line.at[0] == '%')
            continue;
        if (line.at[0] == '\\')
            line = (Str){ line.at + 1, line.len - 1 };
        size_t run = hex_run(line);
        return (kind_of_length(run) >= 0 && ends_word(line, run) &&
                (run == line.len || line.at[run] != ',')) ||
               bsd_digits(line).len > 0;
    }
    return false;
}

/* ---- lines ---- */

static bool window_fill(List *l, Err *err)
{
    size_t got = 0;
    memmove(l->window, l->window + l->from, l->to - l->from);
    l->to -= l->from;
    l->from = 0;
    if (!source_read(l->r->src, l->window + l->to, LIST_WINDOW - l->to, &got, err))
        return false;
    l->to += got;
    l->eof = got == 0;
    return true;
}

/* A line longer than the window is given in pieces, and refused by what reads it: *whole is false. */
static bool line_next(List *l, Str *line, bool *whole, bool *end, Err *err)
{
    const char *stop;
    while (!(stop = memchr(l->window + l->from, '\n', l->to - l->from)) && !l->eof &&
           l->to - l->from < LIST_WINDOW)
        if (!window_fill(l, err))
            return false;
    *end = l->from == l->to;
    *whole = stop || l->eof;
    size_t len = stop ? (size_t)(stop - (l->window + l->from)) : l->to - l->from;
    *line = (Str){ l->window + l->from, len };
    l->from += len + (stop != NULL);
    return true;
}

/* ---- rows ---- */

typedef struct ListRow { uint8_t digest[DIGEST__COUNT][DIGEST_BYTES_MAX]; KnownEntry entry; } ListRow;

/* "hex TAB quality TAB path", as muster pdq prints it. */
static bool pdq_rest(Str rest, int *quality)
{
    int64_t n = 0;
    if (!rest.len || rest.at[0] != '\t')
        return false;
    const char *tab = memchr(rest.at + 1, '\t', rest.len - 1);
    size_t len = tab ? (size_t)(tab - rest.at - 1) : rest.len - 1;
    if (!str_int(str_trim((Str){ rest.at + 1, len }), 0, 100, &n))
        return false;
    *quality = (int)n;
    return true;
}

static const char *plain_row(List *l, Str line, ListRow *row)
{
    Str bsd = bsd_digits(line);
    if (bsd.len)
        line = bsd;
    else if (line.at[0] == '\\')             /* GNU: the name that follows is escaped */
        line = (Str){ line.at + 1, line.len - 1 };
    size_t run = hex_run(line);
    int kind = kind_of_length(run);
    if (kind < 0 || !ends_word(line, run))
        return "does not begin with a digest";
    if (l->r->opt->digest >= 0) {
        if (digest_bytes((DigestKind)l->r->opt->digest) * 2 != run)
            return "its digest is of another kind";
        kind = l->r->opt->digest;
    } else if (kind == DIGEST_SHA256 &&
               pdq_rest((Str){ line.at + run, line.len - run }, &row->entry.pdq_quality)) {
        kind = DIGEST_PDQ;
    }
    if (!digest_parse((DigestKind)kind, (Str){ line.at, run }, row->digest[kind]))
        return "does not begin with a digest";
    row->entry.digest[kind] = row->digest[kind];
    return NULL;
}

static const char *hashdeep_row(List *l, Str line, ListRow *row)
{
    for (size_t i = 0; i < l->column_count; i++) {
        const char *comma = memchr(line.at, ',', line.len);
        Str field = { line.at, comma ? (size_t)(comma - line.at) : line.len };
        int kind = l->columns[i];
        if (kind >= 0 && !digest_parse((DigestKind)kind, str_trim(field), row->digest[kind]))
            return "a digest is not one";
        if (kind >= 0)
            row->entry.digest[kind] = row->digest[kind];
        if (!comma && i + 1 < l->column_count)
            return "has too few columns";
        line = comma ? (Str){ comma + 1, line.len - field.len - 1 } : (Str){ line.at, 0 };
    }
    return NULL;
}

/* "%%%% size,md5,sha256,filename": the name comes last and may hold commas, so it is not a column. */
static bool hashdeep_columns(List *l, Str line, Err *err)
{
    Str names = str_trim((Str){ line.at + 4, line.len - 4 });
    l->column_count = 0;
    while (names.len) {
        const char *comma = memchr(names.at, ',', names.len);
        Str name = str_trim((Str){ names.at, comma ? (size_t)(comma - names.at) : names.len });
        names = comma ? (Str){ comma + 1, names.len - (size_t)(comma + 1 - names.at) } : (Str){ names.at, 0 };
        if (text_is(name, "filename"))
            return true;
        if (l->column_count == LIST_COLUMNS)
            return err_set(err, ERR_LIMIT, "The hashdeep list has too many columns.");
        l->columns[l->column_count++] = digest_named(name);
    }
    return true;
}

static bool line_take(List *l, Str line, Err *err)
{
    ListRow row;
    Str text = str_trim(line);
    if (!text.len || text.at[0] == '#')
        return true;
    if (text.at[0] == '%') {
        if (text.len > 5 && memcmp(text.at, "%%%% ", 5) == 0 &&
            memmem(text.at, text.len, "HASHDEEP", 8) == NULL)
            return hashdeep_columns(l, text, err);
        l->hashdeep = l->hashdeep || memmem(text.at, text.len, "HASHDEEP", 8) != NULL;
        return true;
    }
    row.entry = KNOWN_ENTRY_BLANK;
    const char *why = l->hashdeep ? hashdeep_row(l, text, &row) : plain_row(l, text, &row);
    if (!why)
        return reading_take(l->r, &row.entry, l->line, l->offset, err);
    reading_refuse(l->r, l->line, l->offset, why);
    return true;
}

bool read_list(Reading *r, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    List l = { .r = r, .window = arena_new(&mem, char, LIST_WINDOW), .line = 1 };
    bool whole = true, end = false, cut = false;
    Str line;
    for (;;) {
        if (!line_next(&l, &line, &whole, &end, err))
            return false;
        if (end && !line.len && l.eof)
            return true;
        size_t taken = line.len;
        if (l.offset == 0 && line.len >= 3 && memcmp(line.at, "\xEF\xBB\xBF", 3) == 0)
            line = (Str){ line.at + 3, line.len - 3 };
        if (!cut && !whole)
            reading_refuse(r, l.line, l.offset, "the line is too long");
        else if (!cut && !line_take(&l, line, err))
            return false;
        cut = !whole;
        l.offset += taken + whole;
        l.line += whole;
    }
}
