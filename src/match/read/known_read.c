#include "match/read/known_read.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "match/read/digits.h"
#include "match/read/reading.h"

/* ---- digests as text ---- */

static bool number_list(Str text, uint8_t *out, size_t count)
{
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        size_t from = at;
        int64_t v = 0;
        while (at < text.len && text.at[at] != ',')
            at++;
        if (!str_int(str_trim((Str){ text.at + from, at - from }), 0, 255, &v))
            return false;
        out[i] = (uint8_t)v;
        if (at++ >= text.len && i + 1 < count)
            return false;
    }
    return at >= text.len;
}

bool digest_parse_by(Cpu level, DigestKind kind, Str text, uint8_t *out)
{
    size_t bytes = digest_bytes(kind);
    if (text.len == 2 * bytes)
        return hex_digits(level, text, out);
    if (kind != DIGEST_PHOTODNA)
        return false;
    return text.len == bytes / 3 * 4 ? base64_digits(level, text, out) : number_list(text, out, bytes);
}

bool digest_parse(DigestKind kind, Str text, uint8_t *out)
{
    return digest_parse_by(cpu_best(), kind, text, out);
}

int digest_named(Str name)
{
    static const char *const names[DIGEST__COUNT] = { "md5", "sha1", "sha256", "pdq", "photodna" };
    char plain[16];
    size_t n = 0;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        if (c == ' ' || c == '-' || c == '_')
            continue;
        if (n == sizeof plain - 1)
            return -1;
        plain[n++] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    }
    plain[n] = 0;
    for (int k = 0; k < DIGEST__COUNT; k++)
        if (str_same(plain, names[k]))
            return k;
    return -1;
}

/* ---- small readers ---- */

bool text_is(Str text, const char *word)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if ((c >= 'A' && c <= 'Z' ? c | 0x20 : c) != word[i] || !c)
            return false;
    }
    return !word[text.len];
}

bool yes_no(Str text, bool *out)
{
    static const struct { const char *word; bool yes; } words[] = {         /* the usual ones first */
        { "false", false }, { "true", true }, { "", false },   { "0", false }, { "1", true },
        { "n", false },     { "no", false },  { "y", true },   { "yes", true },
    };
    FOR_EACH(w, words)
        if (text_is(text, w->word)) {
            *out = w->yes;
            return true;
        }
    return false;
}

/* What follows the day differs between tools ("+01:00Z", four or seven digits of a second, nothing): only
 * the day is kept, so only the day is read. */
Date loose_date(Str text)
{
    Date day = DATE_NONE;
    text = str_trim(text);
    if (text.len > 10 && text.at[10] != 'T' && text.at[10] != 't' && text.at[10] != ' ')
        return DATE_NONE;
    return text.len >= 10 && date_parse((Str){ text.at, 10 }, &day) ? day : DATE_NONE;
}

/* ---- counting ---- */

void reading_refuse(Reading *r, uint64_t line, uint64_t offset, const char *why)
{
    KnownReadReport *t = r->report;
    t->rows++;
    t->rejected++;
    if (t->rejection_count < LIMIT_REJECTIONS_SHOWN)
        *arena_push(r->mem, t->rejections, t->rejection_count, t->rejection_cap) =
            (KnownRejection){ line, offset, why };
}

static const char *text_fault(const KnownEntry *e)
{
    const char *const texts[] = { e->source, e->version, e->grade, e->scale, e->series };
    FOR_EACH(text, texts)
        if (*text && strlen(*text) > KNOWN_TEXT_MAX)
            return "a text is too long";
    return NULL;
}

bool reading_take(Reading *r, KnownEntry *e, uint64_t line, uint64_t offset, Err *err)
{
    KnownReadReport *t = r->report;
    bool some = false;
    for (int k = 0; k < DIGEST__COUNT; k++) {
        if (!e->digest[k])
            continue;
        some = true;
        if (digest_of_empty_file((DigestKind)k, e->digest[k])) {
            t->rows++;
            t->ignored++;
            return true;
        }
    }
    e->source = r->opt->source || !e->source ? t->source : e->source;
    e->version = r->opt->version || !e->version ? t->version : e->version;
    e->scale = r->opt->scale || !e->scale ? t->scale : e->scale;
    if (!e->grade || !e->grade[0])
        e->grade = r->opt->grade;
    if (r->opt->stance_given) {
        e->benign = r->opt->stance == STANCE_BENIGN;
        e->negative = r->opt->stance == STANCE_NEGATIVE;
    }
    const char *why = some ? text_fault(e) : "has no digest";
    if (why) {
        reading_refuse(r, line, offset, why);
        return true;
    }
    if (!r->take(r->ctx, e, err))
        return false;
    t->rows++;
    t->entries++;
    t->ungraded += (!e->grade || !e->grade[0]) && e->scale && e->scale[0];
    return true;
}

/* ---- formats ---- */

static bool sqlite_detect(const Reading *r)
{
    return r->head.len >= 16 && memcmp(r->head.at, "SQLite format 3", 16) == 0;
}

static char first_char(const Reading *r)
{
    Str s = r->head;
    if (s.len >= 3 && memcmp(s.at, "\xEF\xBB\xBF", 3) == 0)
        s = (Str){ s.at + 3, s.len - 3 };
    s = str_trim(s);
    return s.len ? s.at[0] : 0;
}

static bool json_detect(const Reading *r) { return first_char(r) == '{' || first_char(r) == '['; }
static bool xml_detect(const Reading *r) { return first_char(r) == '<'; }

static const struct {
    const char *name;
    bool      (*detect)(const Reading *r);
    ReadFormat *read;
} formats[] = {                              /* the first that fits */
    { "nsrl3", sqlite_detect, read_nsrl3 },
    { "vics",  json_detect,   read_vics  },
    { "ncmec", xml_detect,    read_ncmec },
    { "list",  list_detect,   read_list  },
    { "csv",   table_detect,  read_table },
};

static bool format_read(Reading *r, Err *err)
{
    FOR_EACH(f, formats)
        if (f->detect(r)) {
            r->report->format = f->name;
            return f->read(r, err);
        }
    err_set(err, ERR_INVALID, "The file is in no format of known-file sets.");
    return err_hint(err, "Known: VICS JSON, ICSE CSV, NCMEC XML, NSRL, hashdeep or md5sum lists, CSV with "
                         "--map.");
}

/* ---- opening ---- */

typedef struct Counted { Reading *r; Source *under; } Counted;

static bool counted_read(void *ctx, void *buf, size_t cap, size_t *got, Err *err)
{
    Counted *c = ctx;
    Reading *r = c->r;
    if (!source_read(c->under, buf, cap, got, err))
        return false;
    r->done += *got;
    if (r->opt->progress && !r->opt->progress(r->opt->ctx, r->done, r->total))
        return err_set(err, ERR_CONFLICT, "Stopped.");
    return true;
}

static bool file_again(Reading *r, Source **out, Err *err)
{
    return source_open(r->mem, r->path, 0, out, err);
}

static bool bytes_again(Reading *r, Source **out, Err *err)
{
    (void)err;
    *out = source_memory(r->mem, r->bytes);
    return true;
}

static bool head_read(Reading *r, Source *src, Err *err)
{
    char *head = arena_new(r->mem, char, READING_HEAD_BYTES);
    size_t n = 0, got = 1;
    while (n < READING_HEAD_BYTES && got) {
        if (!source_read(src, head + n, READING_HEAD_BYTES - n, &got, err))
            return false;
        n += got;
    }
    r->head = (Str){ head, n };
    return n || err_set(err, ERR_INVALID, "The file is empty.");
}

static const char *name_of(Arena *mem, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
    return str_copy_n(mem, name, dot && dot > name ? (size_t)(dot - name) : strlen(name));
}

static bool read_all(Reading *r, const char *name, Err *err)
{
    Source *head = NULL, *under = NULL;
    *r->report = (KnownReadReport){
        .source = r->opt->source ? r->opt->source : name_of(r->mem, name),
        .version = r->opt->version ? r->opt->version : "",
        .scale = r->opt->scale,
    };
    if (!r->again(r, &head, err))
        return false;
    bool ok = head_read(r, head, err);
    source_close(head);
    if (!ok || !r->again(r, &under, err))
        return false;
    Counted *counted = arena_new(r->mem, Counted, 1);
    *counted = (Counted){ r, under };
    r->src = source_custom(r->mem, counted_read, counted);
    ok = format_read(r, err);
    source_close(under);
    return ok;
}

bool known_read(const char *path, const KnownReadOptions *options, KnownTake *take, void *ctx, Arena *mem,
                KnownReadReport *report, Err *err)
{
    struct stat about;
    Reading r = { .opt = options, .report = report, .take = take, .ctx = ctx, .mem = mem, .path = path,
                  .again = file_again };
    r.total = stat(path, &about) == 0 && about.st_size > 0 ? (uint64_t)about.st_size : 0;
    return read_all(&r, path, err);
}

bool known_read_bytes(Str bytes, const char *name, const KnownReadOptions *options, KnownTake *take,
                      void *ctx, Arena *mem, KnownReadReport *report, Err *err)
{
    Reading r = { .opt = options, .report = report, .take = take, .ctx = ctx, .mem = mem, .bytes = bytes,
                  .again = bytes_again, .total = bytes.len };
    return read_all(&r, name, err);
}
