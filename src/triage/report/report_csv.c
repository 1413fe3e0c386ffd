/* report_csv.c: one line for each file the report keeps and each thing a set says of it. */
#include "triage/report/report_out.h"

static const char *const head[] = {
    "path",   "volume",   "deleted", "size",    "modified", "created",  "md5", "sha1",
    "sha256", "media",    "pdq",     "quality", "cluster",  "unread",   "set", "version",
    "by",     "distance", "scale",   "grade",   "series",   "harmless",
};

/* Paths come from the device: a spreadsheet must not run one as a formula. */
static void field(StrBuf *b, const char *text, bool last)
{
    csv_add_safe(b, text ? text : "", last);
}

static void line(const TriageReport *r, size_t i, const TriageMatch *m, Out *o)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    const TriageFile *f = &r->files[i];
    StrBuf b = { .mem = &mem };
    KnownEntry e = { 0 };
    bool entry = m && match_entry(r, m, &e), read = f->state != TRIAGE_UNREAD;
    bool pdq = f->hashed && f->media != MEDIA_VIDEO;
    const char *cells[] = {
        utf8_clean(&mem, f->path),
        str_fmt(&mem, "%u", f->volume),
        f->flags & READER_DELETED ? "yes" : "",
        str_fmt(&mem, "%llu", (unsigned long long)f->size),
        f->modified == INSTANT_NONE ? "" : instant_iso(&mem, f->modified),
        f->created == INSTANT_NONE ? "" : instant_iso(&mem, f->created),
        read ? hex_write(&mem, f->digests.md5, sizeof f->digests.md5) : "",
        read ? hex_write(&mem, f->digests.sha1, sizeof f->digests.sha1) : "",
        read ? hex_write(&mem, f->digests.sha256, sizeof f->digests.sha256) : "",
        f->media == MEDIA_NONE ? "" : media_name(f->media),
        pdq ? hex_write(&mem, f->pdq.bytes, sizeof f->pdq.bytes) : "",
        pdq ? str_fmt(&mem, "%d", f->quality) : "",
        r->cluster[i] ? str_fmt(&mem, "%u", r->cluster[i]) : "",
        f->why,
        entry ? r->sets[m->set].name : "",
        entry ? r->sets[m->set].version : "",
        entry ? digest_name(m->by) : "",
        entry && m->by == DIGEST_PDQ ? str_fmt(&mem, "%u", m->distance) : "",
        entry ? e.scale : "",
        entry ? e.grade : "",
        entry ? e.series : "",
        entry && e.benign ? "yes" : "",
    };
    _Static_assert(COUNT_OF(cells) == COUNT_OF(head), "a cell for each column");
    for (size_t c = 0; c < COUNT_OF(cells); c++)
        field(&b, cells[c], c + 1 == COUNT_OF(cells));
    out_text(o, buf_text(&b));
}

void report_csv(const TriageReport *r, Out *o)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    StrBuf b = { .mem = &mem };
    size_t at = 0;
    for (size_t c = 0; c < COUNT_OF(head); c++)
        field(&b, head[c], c + 1 == COUNT_OF(head));
    out_text(o, buf_text(&b));
    for (size_t i = 0; i < r->file_count; i++) {
        size_t n = matches_of(r, i, &at);
        line(r, i, n ? &r->matches[at] : NULL, o);
        for (size_t k = 1; k < n; k++)
            line(r, i, &r->matches[at + k], o);
    }
}
