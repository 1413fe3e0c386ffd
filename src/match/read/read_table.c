/* read_table.c: known files as rows of CSV: ICSE, NSRL RDS v2, Muster's own hashset, and any other by its
 * header or a map that the user gives. */
#include <string.h>
#include "base/csv.h"
#include "match/read/reading.h"

typedef enum Role {
    ROLE_NONE,
    ROLE_MD5, ROLE_SHA1, ROLE_SHA256, ROLE_PDQ, ROLE_PHOTODNA,
    ROLE_BASELINE, ROLE_DATE, ROLE_GRADE, ROLE_KIND, ROLE_QUALITY, ROLE_SCALE, ROLE_SERIES, ROLE_SOURCE,
    ROLE_TRUSTED, ROLE_VERSION, ROLE_VICTIM, ROLE_VOTES,
    ROLE__COUNT
} Role;

/* Names in lower case without spaces, hyphens and underscores. The first of a role is its name in a map. */
static const struct { const char *name; Role role; } headers[] = {
    { "md5",              ROLE_MD5      }, { "md5hash",         ROLE_MD5      },
    { "sha1",             ROLE_SHA1     }, { "sha1hash",        ROLE_SHA1     },
    { "sha256",           ROLE_SHA256   }, { "sha256hash",      ROLE_SHA256   },
    { "pdq",              ROLE_PDQ      }, { "pdqhash",         ROLE_PDQ      },
    { "photodna",         ROLE_PHOTODNA }, { "pdna",            ROLE_PHOTODNA },
    { "baseline",         ROLE_BASELINE },
    { "firstseen",        ROLE_DATE     }, { "dateupdated",     ROLE_DATE     },
    { "grade",            ROLE_GRADE    }, { "category",        ROLE_GRADE    },
    { "classification",   ROLE_GRADE    },
    { "kind",             ROLE_KIND     },
    { "quality",          ROLE_QUALITY  }, { "pdqquality",      ROLE_QUALITY  },
    { "scale",            ROLE_SCALE    },
    { "series",           ROLE_SERIES   }, { "seriesname",      ROLE_SERIES   },
    { "setname",          ROLE_SOURCE   }, { "source",          ROLE_SOURCE   },
    { "trusted",          ROLE_TRUSTED  },
    { "setversion",       ROLE_VERSION  }, { "version",         ROLE_VERSION  },
    { "victimidentified", ROLE_VICTIM   },
    { "votes",            ROLE_VOTES    },
};

typedef struct Table {
    Reading *r;
    Csv     *csv;
    size_t   columns;
    Role     roles[LIMIT_CSV_COLUMNS];
    bool     headless;                       /* the map gives numbers and the first row is data */
    bool     nsrl, icse;
} Table;

static Str plain_name(Str name, char *buf, size_t cap)
{
    size_t n = 0;
    for (size_t i = 0; i < name.len && n < cap; i++) {
        char c = name.at[i];
        if (c != ' ' && c != '-' && c != '_' && c != '"')
            buf[n++] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    }
    return (Str){ buf, n };
}

static Role role_of(Str name)
{
    char buf[64];
    Str plain = plain_name(name, buf, sizeof buf);
    FOR_EACH(h, headers)
        if (str_eq(plain, str_of(h->name)))
            return h->role;
    return ROLE_NONE;
}

static bool names_alike(Str a, Str b)
{
    char one[64], other[64];
    return str_eq(plain_name(a, one, sizeof one), plain_name(b, other, sizeof other));
}

/* ---- finding out ---- */

static Str first_line(Str head)
{
    if (head.len >= 3 && memcmp(head.at, "\xEF\xBB\xBF", 3) == 0)
        head = (Str){ head.at + 3, head.len - 3 };
    const char *end = memchr(head.at, '\n', head.len);
    return (Str){ head.at, end ? (size_t)(end - head.at) : head.len };
}

static char delimiter_of(Str line)
{
    static const char candidates[] = { ',', ';', '\t', '|' };
    size_t best = 0;
    char found = ',';
    FOR_EACH(c, candidates) {
        size_t n = 0;
        for (size_t i = 0; i < line.len; i++)
            n += line.at[i] == *c;
        if (n > best) {
            best = n;
            found = *c;
        }
    }
    return found;
}

bool table_detect(const Reading *r)
{
    Str line = first_line(r->head);
    char delimiter = delimiter_of(line);
    if (r->opt->map)
        return true;
    for (size_t from = 0, at = 0; at <= line.len; at++)
        if (at == line.len || line.at[at] == delimiter) {
            Role role = role_of(str_trim((Str){ line.at + from, at - from }));
            if (role >= ROLE_MD5 && role <= ROLE_PHOTODNA)
                return true;
            from = at + 1;
        }
    return false;
}

/* ---- columns ---- */

static bool column_number(const CsvRow *row, Str column, size_t *out, bool *by_number)
{
    int64_t n = 0;
    for (size_t i = 0; i < row->count; i++)
        if (names_alike(row->fields[i], column)) {
            *out = i;
            *by_number = false;
            return true;
        }
    if (!str_int(column, 1, (int64_t)row->count, &n))
        return false;
    *out = (size_t)n - 1;
    *by_number = true;
    return true;
}

/* "md5=COLUMN,grade=COLUMN". Columns not in the map are not read. */
static bool map_read(Table *t, const CsvRow *row, bool *all_numbers, Err *err)
{
    Str map = str_of(t->r->opt->map);
    *all_numbers = true;
    while (map.len) {
        const char *comma = memchr(map.at, ',', map.len);
        Str one = { map.at, comma ? (size_t)(comma - map.at) : map.len };
        const char *is = memchr(one.at, '=', one.len);
        size_t at = 0;
        bool number = false;
        map = comma ? (Str){ comma + 1, map.len - one.len - 1 } : (Str){ map.at, 0 };
        Role role = is ? role_of((Str){ one.at, (size_t)(is - one.at) }) : ROLE_NONE;
        if (role == ROLE_NONE) {
            err_set(err, ERR_INVALID, "The map has a part that names nothing to read.");
            return err_hint(err, "Write md5=COLUMN,grade=COLUMN: md5, sha1, sha256, pdq, photodna, grade, "
                                 "scale, "
                                 "series, votes, trusted, victim_identified.");
        }
        if (!column_number(row, str_trim((Str){ is + 1, one.len - (size_t)(is + 1 - one.at) }), &at, &number))
            return err_set(err, ERR_INVALID, "The map names a column that the file does not have.");
        t->roles[at] = role;
        *all_numbers = *all_numbers && number;
    }
    return true;
}

static void unread_tell(Table *t, Str name, StrBuf *unread)
{
    if (unread->len)
        buf_add(unread, ", ");
    if (unread->len < 300)
        buf_add(unread, str_clip(t->r->mem, utf8_clean(t->r->mem, name), 40));
}

static bool header_has(const CsvRow *row, const char *name)
{
    for (size_t i = 0; i < row->count; i++)
        if (names_alike(row->fields[i], str_of(name)))
            return true;
    return false;
}

static void format_tell(Table *t, const CsvRow *row)
{
    KnownReadReport *told = t->r->report;
    t->nsrl = header_has(row, "CRC32") && header_has(row, "ProductCode");
    t->icse = header_has(row, "Baseline") && header_has(row, "Image ID");
    if (t->nsrl)
        told->format = "nsrl2";
    if (t->icse)
        told->format = "icse";
    if (t->icse && !told->scale)
        told->scale = "ICSE";
}

static bool digests_there(const Table *t)
{
    for (size_t i = 0; i < t->columns; i++)
        if (t->roles[i] >= ROLE_MD5 && t->roles[i] <= ROLE_PHOTODNA)
            return true;
    return false;
}

/* A first row whose mapped digest column holds a digest is data. */
static bool row_is_data(const Table *t, const CsvRow *row)
{
    uint8_t digest[DIGEST_BYTES_MAX];
    for (size_t i = 0; i < row->count; i++)
        if (t->roles[i] >= ROLE_MD5 && t->roles[i] <= ROLE_PHOTODNA)
            return digest_parse((DigestKind)(t->roles[i] - ROLE_MD5), str_trim(row->fields[i]), digest);
    return false;
}

static bool header_read(Table *t, const CsvRow *row, Err *err)
{
    StrBuf unread = { .mem = t->r->mem };
    bool numbers = false;
    t->columns = row->count;
    if (t->r->opt->map) {
        if (!map_read(t, row, &numbers, err))
            return false;
        t->headless = numbers && row_is_data(t, row);
    } else {
        bool taken[ROLE__COUNT] = {0};
        format_tell(t, row);
        for (size_t i = 0; i < row->count; i++) {
            Role role = role_of(str_trim(row->fields[i]));
            if (role == ROLE_NONE)
                unread_tell(t, row->fields[i], &unread);
            else if (taken[role])
                return err_set(err, ERR_INVALID, "The header row names one thing twice.");
            else
                t->roles[i] = role;
            taken[role] = true;
        }
        t->r->report->unread = unread.len ? buf_text(&unread) : NULL;
    }
    return digests_there(t) || err_set(err, ERR_INVALID, "The file has no column of digests.");
}

/* ---- rows ---- */

typedef struct Row {
    uint8_t     digest[DIGEST__COUNT][DIGEST_BYTES_MAX];
    KnownEntry  entry;
    const char *refused;
} Row;

static void digest_take(Row *row, DigestKind kind, Str text)
{
    static const char *const faults[DIGEST__COUNT] = {
        "its MD5 is not one", "its SHA-1 is not one", "its SHA-256 is not one", "its PDQ is not one",
        "its PhotoDNA is not one" };
    if (digest_parse(kind, text, row->digest[kind]))
        row->entry.digest[kind] = row->digest[kind];
    else
        row->refused = faults[kind];
}

static void kind_take(Row *row, Str text)
{
    row->entry.benign = text_is(text, "benign");
    row->entry.negative = text_is(text, "negative");
    if (!row->entry.benign && !row->entry.negative && !text_is(text, "known"))
        row->refused = "its kind is none of known, benign, negative";
}

static void number_take(Row *row, Str text, int64_t most, int *to, const char *why)
{
    int64_t n = 0;
    if (str_int(text, 0, most, &n))
        *to = (int)n;
    else
        row->refused = why;
}

static void truth_take(Row *row, Str text, bool *to)
{
    if (!yes_no(text, to))
        row->refused = "a yes or no is neither";
}

static const char *kept(Arena *mem, Row *row, Str text)
{
    if (!utf8_valid(text) || memchr(text.at, 0, text.len)) {
        row->refused = "a text is not UTF-8";
        return NULL;
    }
    return str_from(mem, text);
}

static void field_take(Row *row, Role role, Str text, Arena *mem)
{
    KnownEntry *e = &row->entry;
    bool baseline = false;
    switch (role) {
    case ROLE_MD5: case ROLE_SHA1: case ROLE_SHA256: case ROLE_PDQ: case ROLE_PHOTODNA:
        digest_take(row, (DigestKind)(role - ROLE_MD5), text);
        break;
    case ROLE_BASELINE:
        truth_take(row, text, &baseline);
        e->grade = baseline ? "Baseline" : "not Baseline";
        break;
    case ROLE_DATE:    e->first_seen = loose_date(text); break;
    case ROLE_GRADE:   e->grade = kept(mem, row, text); break;
    case ROLE_KIND:    kind_take(row, text); break;
    case ROLE_QUALITY: number_take(row, text, 100, &e->pdq_quality, "its quality is not 0 to 100"); break;
    case ROLE_SCALE:   e->scale = kept(mem, row, text); break;
    case ROLE_SERIES:  e->series = kept(mem, row, text); break;
    case ROLE_SOURCE:  e->source = kept(mem, row, text); break;
    case ROLE_TRUSTED: truth_take(row, text, &e->trusted); break;
    case ROLE_VERSION: e->version = kept(mem, row, text); break;
    case ROLE_VICTIM:  truth_take(row, text, &e->victim_identified); break;
    case ROLE_VOTES:   number_take(row, text, 1000000, &e->votes, "its votes are no count"); break;
    case ROLE_NONE: case ROLE__COUNT: break;
    }
}

static bool row_take(Table *t, const CsvRow *csv, Arena *mem, Err *err)
{
    Row row;
    row.entry = KNOWN_ENTRY_BLANK;
    row.refused = csv->count > t->columns ? "has more fields than the header" : NULL;
    row.entry.benign = t->nsrl;
    for (size_t i = 0; i < csv->count && !row.refused; i++) {
        Str text = t->roles[i] ? str_trim(csv->fields[i]) : (Str){ "", 0 };
        if (text.len)
            field_take(&row, t->roles[i], text, mem);
    }
    if (!row.refused)
        return reading_take(t->r, &row.entry, csv->line, csv->offset, err);
    reading_refuse(t->r, csv->line, csv->offset, row.refused);
    return true;
}

static bool rows_read(Table *t, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    CsvRow row;
    bool end = false;
    for (;;) {
        uint64_t offset = csv_offset(t->csv);
        size_t line = csv_line(t->csv);
        if (!csv_next(t->csv, &row, &end, err)) {
            if (err->kind != ERR_INVALID && err->kind != ERR_LIMIT)
                return false;
            err_clear(err);
            reading_refuse(t->r, line, offset, "the row could not be read");
            continue;
        }
        if (end)
            return true;
        if (!row_take(t, &row, &mem, err))
            return false;
        if (mem.used_bytes)
            arena_reset(&mem);
    }
}

bool read_table(Reading *r, Err *err)
{
    CLEANUP(arena_done) Arena window = {0};
    Table t = { .r = r };
    CsvRow row;
    bool end = false;
    t.csv = csv_new(&window, r->src, delimiter_of(first_line(r->head)));
    if (!csv_next(t.csv, &row, &end, err))
        return err_while(err, "reading the header row");
    if (end)
        return err_set(err, ERR_INVALID, "The file is empty.");
    return header_read(&t, &row, err) && (!t.headless || row_take(&t, &row, r->mem, err)) &&
           rows_read(&t, err);
}
