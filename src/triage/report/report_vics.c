/* report_vics.c: the media that matter as one Project VIC 2.0 case, for the tools people grade with and for
 * the national database.
 *
 * One Media for each content, its places under MediaFiles. Category is given only where a set has it in the
 * numbers of the profile that the document declares: other scales are never translated, and where entries
 * contradict each other there is none and a tag says so. */
#include <stdlib.h>
#include <string.h>
#include "triage/report/report_out.h"

typedef struct Place { const TriageReport *r; uint32_t file; } Place;

static int by_content(const void *a, const void *b)
{
    const Place *x = a, *y = b;
    int c = memcmp(x->r->files[x->file].digests.sha256, y->r->files[y->file].digests.sha256, 32);
    return c ? c : (x->file > y->file) - (x->file < y->file);
}

/* What the entries of one content say. */
typedef struct Said {
    const char *category, *series, *source;
    bool        conflict, victim, matched, near;
} Said;

static void said_add(Said *s, const TriageMatch *m, const KnownEntry *e, const char *scale)
{
    bool number = *e->grade && strspn(e->grade, "0123456789") == strlen(e->grade) && strlen(e->grade) < 4;
    s->matched = true;
    s->victim = s->victim || e->victim_identified;
    s->near = s->near || m->by == DIGEST_PDQ;
    s->series = s->series || !*e->series ? s->series : e->series;
    if (m->by == DIGEST_PDQ || !number || !str_same(e->scale, scale))
        return;                                /* a near match is no verdict on this file */
    s->conflict = s->conflict || (s->category && !str_same(s->category, e->grade));
    s->category = s->category ? s->category : e->grade;
    s->source = e->source;
}

static const char *scale_of(const TriageReport *r)
{
    for (size_t i = 0; i < r->by_grade.count; i++)
        if (str_starts(r->by_grade.at[i].of, "VICS "))
            return r->by_grade.at[i].of;
    return "VICS Default";
}

static const char *backslashed(Arena *mem, Str path)
{
    char *text = utf8_clean(mem, path);
    for (char *c = text; *c; c++)
        *c = *c == '/' ? '\\' : *c;
    return text;
}

static void place(const TriageFile *f, Out *o)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    const char *path = backslashed(&mem, f->path), *name = strrchr(path, '\\');
    out_open(o, NULL, '{');
    out_str(o, "MD5", str_upper_ascii(&mem, hex_write(&mem, f->digests.md5, sizeof f->digests.md5)));
    out_str(o, "FileName", name ? name + 1 : path);
    out_str(o, "FilePath", path);
    out_when(o, "Created", f->created);
    out_when(o, "Written", f->modified);
    out_when(o, "Accessed", f->accessed);
    out_bool(o, "Unallocated", (f->flags & READER_ORPHAN) != 0);
    out_bool(o, "Deleted", (f->flags & READER_DELETED) != 0);
    out_close(o, '}');
}

static void media(const TriageReport *r, const Place *at, size_t n, uint64_t id, const Said *said, Out *o)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    const TriageFile *f = &r->files[at->file];
    out_open(o, NULL, '{');
    out_int(o, "MediaID", id);
    if (said->category && !said->conflict)
        out_int(o, "Category", strtoull(said->category, NULL, 10));
    else
        out_null(o, "Category");
    out_str(o, "MD5", str_upper_ascii(&mem, hex_write(&mem, f->digests.md5, sizeof f->digests.md5)));
    out_str(o, "SHA1", str_upper_ascii(&mem, hex_write(&mem, f->digests.sha1, sizeof f->digests.sha1)));
    out_str(o, "SHA256", str_upper_ascii(&mem, hex_write(&mem, f->digests.sha256, sizeof f->digests.sha256)));
    if (f->hashed && f->media != MEDIA_VIDEO) {
        out_hex(o, "PDQ", f->pdq.bytes, sizeof f->pdq.bytes);
        out_int(o, "PDQQuality", (uint64_t)(f->quality > 0 ? f->quality : 0));
    }
    out_int(o, "MediaSize", f->size);
    out_str(o, "MimeType", media_type(f->media));
    out_str(o, "RelativeFilePath", backslashed(&mem, f->path));
    out_when(o, "DateUpdated", r->made);
    out_bool(o, "VictimIdentified", said->victim);
    out_bool(o, "IsPrecategorized", said->category && !said->conflict);
    if (said->category && !said->conflict)
        out_str(o, "PrecategorizationSource", said->source);
    if (said->series)
        out_str(o, "Series", said->series);
    out_open(o, "Tags", '[');
    if (said->conflict)
        out_str(o, NULL, "conflicting categories");
    if (said->near)
        out_str(o, NULL, "near match");
    if (r->cluster[at->file])
        out_str(o, NULL, str_fmt(&mem, "near-duplicate cluster %u", r->cluster[at->file]));
    out_close(o, ']');
    out_open(o, "MediaFiles", '[');
    for (size_t i = 0; i < n; i++)
        place(&r->files[at[i].file], o);
    out_close(o, ']');
    out_close(o, '}');
}

/* Files worth a person's judgement or their record: media, and whatever a set knows as more than harmless. */
static bool worth(const TriageReport *r, const TriageFile *f, const TriageMatch *m, size_t n)
{
    KnownEntry e;
    if (f->state != TRIAGE_READ || f->size == 0)
        return false;
    for (size_t i = 0; i < n; i++)
        if (match_entry(r, &m[i], &e) && !e.benign && !e.negative)
            return true;
    return n == 0 && f->media != MEDIA_NONE;
}

static Said said_of(const TriageReport *r, const Place *at, size_t n, const size_t *first, const char *scale)
{
    Said said = { 0 };
    for (size_t i = 0; i < n; i++) {
        size_t from = first[at[i].file];
        for (size_t k = from; k < r->match_count && r->matches[k].file == at[i].file; k++) {
            KnownEntry e;
            if (match_entry(r, &r->matches[k], &e) && !e.benign && !e.negative)
                said_add(&said, &r->matches[k], &e, scale);
        }
    }
    return said;
}

void report_vics(const TriageReport *r, Out *o)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    Place *places = arena_new(&mem, Place, r->file_count + 1);
    size_t *first = arena_new(&mem, size_t, r->file_count + 1), count = 0, at = 0;
    const char *scale = scale_of(r);
    uint64_t id = 0;
    for (size_t i = 0; i < r->file_count; i++) {
        size_t n = matches_of(r, i, &at);
        first[i] = at;
        if (worth(r, &r->files[i], r->matches + at, n))
            places[count++] = (Place){ r, (uint32_t)i };
    }
    if (count)
        qsort(places, count, sizeof *places, by_content);
    o->comma = 0;
    out_text(o, "{");
    out_str(o, "@odata.context",
            str_fmt(&mem, "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/%s/$metadata#Cases",
                    scale + strlen("VICS ")));
    out_open(o, "value", '[');
    out_open(o, NULL, '{');
    Sha256 d = sha256_of(r->source, strlen(r->source));
    const uint8_t *b = d.bytes;
    out_str(o, "CaseID",
            str_fmt(&mem, "{%02X%02X%02X%02X-%02X%02X-8%X%02X-A%X%02X-%02X%02X%02X%02X%02X%02X}", b[0], b[1],
                    b[2], b[3], b[4], b[5], b[6] & 15, b[7], b[8] & 15, b[9], b[10], b[11], b[12], b[13],
                    b[14], b[15]));
    out_str(o, "CaseNumber", r->exhibit ? r->exhibit : "");
    out_str(o, "SourceApplicationName", "Muster");
    out_str(o, "SourceApplicationVersion", MUSTER_VERSION);
    out_open(o, "Media", '[');
    for (size_t i = 0, n; i < count; i += n) {
        for (n = 1; i + n < count && memcmp(r->files[places[i].file].digests.sha256,
                                            r->files[places[i + n].file].digests.sha256, 32) == 0; n++)
            ;
        Said said = said_of(r, &places[i], n, first, scale);
        media(r, &places[i], n, ++id, &said, o);
    }
    out_close(o, ']');
    out_close(o, '}');
    out_close(o, ']');
    out_text(o, "\n}\n");
}
