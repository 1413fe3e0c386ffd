#include "triage/report/report.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "triage/report/report_out.h"

enum { FLUSH_BYTES = 64 * 1024 };

/* ---- writing ---- */

static void flush(Out *o)
{
    const char *at = o->buf.at;
    size_t n = o->buf.len;
    sha256_add(o->hash, at, n);
    while (n > 0 && !o->failed) {
        ssize_t put = write(o->fd, at, n);
        if (put < 0 && errno == EINTR)
            continue;
        o->failed = put <= 0;
        at += put > 0 ? put : 0;
        n -= put > 0 ? (size_t)put : 0;
    }
    o->buf.len = 0;
}

static void flush_full(Out *o)
{
    if (o->buf.len >= FLUSH_BYTES)
        flush(o);
}

void out_text(Out *o, const char *text)
{
    buf_add(&o->buf, text);
    flush_full(o);
}

void out_fmt(Out *o, const char *fmt, ...)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    va_list args;
    va_start(args, fmt);
    out_text(o, str_vfmt(&mem, fmt, args));
    va_end(args);
}

void out_html(Out *o, Str text)
{
    static const struct { char c; const char *as; } special[] = {
        { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" }, { '\'', "&#39;" },
    };
    CLEANUP(arena_done) Arena mem = { 0 };
    for (const char *c = utf8_clean(&mem, text); *c; c++) {
        const char *as = NULL;
        FOR_EACH (s, special)
            as = s->c == *c ? s->as : as;
        if (as)
            buf_add(&o->buf, as);
        else
            buf_char(&o->buf, *c);
    }
    flush_full(o);
}

static void json_escaped(Out *o, const char *text)
{
    buf_char(&o->buf, '"');
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\') {
            buf_char(&o->buf, '\\');
            buf_char(&o->buf, *c);
        } else if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            buf_fmt(&o->buf, "\\u%04x", *c);
        } else {
            buf_char(&o->buf, *c);
        }
    }
    buf_char(&o->buf, '"');
}

static void key_out(Out *o, const char *key)
{
    if (o->comma)
        buf_char(&o->buf, o->comma);
    buf_char(&o->buf, '\n');
    o->comma = ',';
    if (key) {
        json_escaped(o, key);
        buf_char(&o->buf, ':');
    }
}

void out_open(Out *o, const char *key, char bracket)
{
    key_out(o, key);
    buf_char(&o->buf, bracket);
    o->comma = 0;
}

void out_close(Out *o, char bracket)
{
    buf_char(&o->buf, '\n');
    buf_char(&o->buf, bracket);
    o->comma = ',';
    flush_full(o);
}

void out_str(Out *o, const char *key, const char *text)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    if (!text)
        return;
    key_out(o, key);
    json_escaped(o, utf8_clean(&mem, str_of(text)));
    flush_full(o);
}

void out_path(Out *o, const char *key, Str path)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    key_out(o, key);
    json_escaped(o, utf8_clean(&mem, path));
    if (!utf8_valid(path) || memchr(path.at, 0, path.len)) {
        char *bytes = str_fmt(&mem, "%s_bytes", key ? key : "text");
        out_hex(o, bytes, (const uint8_t *)path.at, path.len);
    }
    flush_full(o);
}

void out_int(Out *o, const char *key, uint64_t n)
{
    key_out(o, key);
    buf_fmt(&o->buf, "%llu", (unsigned long long)n);
}

void out_bool(Out *o, const char *key, bool b)
{
    key_out(o, key);
    buf_add(&o->buf, b ? "true" : "false");
}

void out_null(Out *o, const char *key)
{
    key_out(o, key);
    buf_add(&o->buf, "null");
}

void out_hex(Out *o, const char *key, const uint8_t *at, size_t n)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    out_str(o, key, hex_write(&mem, at, n));
}

void out_when(Out *o, const char *key, Instant t)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    if (t != INSTANT_NONE)
        out_str(o, key, instant_iso(&mem, t));
}

/* ---- shared ---- */

const char *turn_text(uint32_t turn)
{
    return turn < PDQ_TURNS ? pdq_turn_name((PdqTurn)turn) : "";
}

const char *media_type(MediaKind kind)
{
    static const char *const types[MEDIA__COUNT] = {
        [MEDIA_NONE] = "application/octet-stream",
        [MEDIA_BMP] = "image/bmp",
        [MEDIA_GIF] = "image/gif",
        [MEDIA_HEIF] = "image/heif",
        [MEDIA_JPEG] = "image/jpeg",
        [MEDIA_PNG] = "image/png",
        [MEDIA_TIFF] = "image/tiff",
        [MEDIA_WEBP] = "image/webp",
        [MEDIA_VIDEO] = "video/unknown",
    };
    return types[kind] ? types[kind] : "application/octet-stream";
}

size_t matches_of(const TriageReport *r, size_t file, size_t *at)
{
    size_t n = 0;
    while (*at < r->match_count && r->matches[*at].file < file)
        ++*at;
    while (*at + n < r->match_count && r->matches[*at + n].file == file)
        n++;
    return n;
}

bool match_entry(const TriageReport *r, const TriageMatch *m, KnownEntry *e)
{
    Err err = { 0 };
    return known_entry(r->sets[m->set].set, m->row, e, &err);
}

/* ---- the file ---- */

static const struct { const char *name; ReportWriter *write; } formats[REPORT__FORMATS] = {
    [REPORT_CASE] = { "case", report_case }, [REPORT_CSV] = { "csv", report_csv },
    [REPORT_JSON] = { "json", report_json }, [REPORT_PAGE] = { "page", report_page },
    [REPORT_VICS] = { "vics", report_vics },
};

bool report_format(const char *name, ReportFormat *out, Err *err)
{
    for (size_t i = 0; i < REPORT__FORMATS; i++)
        if (str_same(formats[i].name, name)) {
            *out = (ReportFormat)i;
            return true;
        }
    err_set(err, ERR_INVALID, "There is no such format of a report.");
    return err_hint(err, "Formats: case, csv, json, page, vics.");
}

bool report_write(const TriageReport *report, ReportFormat format, const char *path, Sha256 *digest, Err *err)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    char *part = str_fmt(&mem, "%s.part", path);
    Out o = { .buf = { .mem = &mem },
              .fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600) };
    if (o.fd < 0)
        return err_set(err, ERR_STORE, "The report cannot be written there.");
    o.hash = sha256_begin(&mem);
    formats[format].write(report, &o);
    flush(&o);
    *digest = sha256_end(o.hash);
    bool good = !o.failed && fsync(o.fd) == 0;
    close(o.fd);
    if (good && rename(part, path) == 0)
        return true;
    (void)unlink(part);
    return err_set(err, ERR_STORE, "The report cannot be written: is the disk full?");
}

/* ---- for the ledger ---- */

static Json *counts_json(const TriageCounts *c, const char *name, const char *of)
{
    Json *list = json_new_list();
    for (size_t i = 0; i < c->count; i++) {
        const TriageCount *t = &c->at[i];
        Json *j = json_new_object();
        json_set_text(j, name, t->name);
        if (of)
            json_set_text(j, of, t->of);
        json_set_int(j, "files", (int64_t)t->files);
        json_set_int(j, "distinct", (int64_t)t->distinct);
        json_set_int(j, "illegal", (int64_t)t->illegal);
        json_set_int(j, "near", (int64_t)t->near);
        json_push(list, j);
    }
    return list;
}

Json *report_counts(const TriageReport *r, Arena *mem)
{
    const TriageTotals *t = &r->totals;
    const struct { const char *key; uint64_t n; } totals[] = {
        { "bytes", t->bytes },       { "clusters", t->clusters },   { "deleted", t->deleted },
        { "distinct", t->known_distinct }, { "files", t->files },   { "illegal", t->illegal },
        { "known", t->known },       { "near", t->near_only },      { "pictures", t->unmatched_pictures },
        { "unread", t->unread + t->part + r->trouble_count },       { "videos", t->unmatched_videos },
        { "victims", t->victims_identified },
    };
    Json *j = json_new_object(), *sets = json_new_list(), *counts = json_new_object();
    FOR_EACH (c, totals)
        json_set_int(counts, c->key, (int64_t)c->n);
    for (size_t i = 0; i < r->set_count; i++) {
        Json *s = json_new_object();
        json_set_text(s, "name", r->sets[i].name);
        json_set_text(s, "version", r->sets[i].version);
        json_set_text(s, "root", hex_write(mem, r->sets[i].root.bytes, sizeof r->sets[i].root.bytes));
        json_push(sets, s);
    }
    json_set(j, "totals", counts);
    json_set(j, "grades", counts_json(&r->by_grade, "grade", "scale"));
    json_set(j, "series", counts_json(&r->by_series, "series", NULL));
    json_set(j, "by_set", counts_json(&r->by_set, "set", "version"));
    json_set(j, "sets", sets);
    json_set_text(j, "tool", "muster " MUSTER_VERSION);
    json_set_text(j, "kind", r->kind);
    json_set_text(j, "made", instant_iso(mem, r->made));
    return j;
}
