/* report_case.c: CASE/UCO 1.4 JSON-LD: what was examined, with which tool, and the known files found on it,
 * for evidence systems that read the ontology. Digests only: no payload is ever written. */
#include <string.h>
#include "triage/report/report_out.h"

/* An id that is the same for the same thing in every writing of one report. */
static const char *id_of(Arena *mem, const TriageReport *r, const char *kind, size_t n)
{
    Sha256 d = sha256_of("", 0);
    const char *name = str_fmt(mem, "%s %zu %lld %s", kind, n, (long long)r->made, r->source);
    d = sha256_of(name, strlen(name));
    const uint8_t *b = d.bytes;
    return str_fmt(mem, "kb:%s-%02x%02x%02x%02x-%02x%02x-8%x%02x-a%x%02x-%02x%02x%02x%02x%02x%02x", kind,
                   b[0], b[1], b[2], b[3], b[4], b[5], b[6] & 15, b[7], b[8] & 15, b[9], b[10], b[11], b[12],
                   b[13], b[14], b[15]);
}

static const struct { const char *prefix, *iri; } context[] = {
    { "case-investigation", "https://ontology.caseontology.org/case/investigation/" },
    { "kb", "http://example.org/kb/" },
    { "uco-action", "https://ontology.unifiedcyberontology.org/uco/action/" },
    { "uco-core", "https://ontology.unifiedcyberontology.org/uco/core/" },
    { "uco-observable", "https://ontology.unifiedcyberontology.org/uco/observable/" },
    { "uco-tool", "https://ontology.unifiedcyberontology.org/uco/tool/" },
    { "uco-types", "https://ontology.unifiedcyberontology.org/uco/types/" },
    { "xsd", "http://www.w3.org/2001/XMLSchema#" },
};

static void thing_open(Out *o, const char *id, const char *type)
{
    out_open(o, NULL, '{');
    out_str(o, "@id", id);
    out_str(o, "@type", type);
}

static void refer(Out *o, const char *key, const char *id)
{
    out_open(o, key, '{');
    out_str(o, "@id", id);
    out_close(o, '}');
}

static void typed(Out *o, const char *key, const char *type, const char *value)
{
    out_open(o, key, '{');
    out_str(o, "@type", type);
    out_str(o, "@value", value);
    out_close(o, '}');
}

static void when(Out *o, const char *key, Instant t)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    if (t != INSTANT_NONE)
        typed(o, key, "xsd:dateTime", instant_iso(&mem, t));
}

static void hash(Out *o, const char *method, const uint8_t *at, size_t n)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    out_open(o, NULL, '{');
    out_str(o, "@type", "uco-types:Hash");
    typed(o, "uco-types:hashMethod", "uco-vocabulary:HashNameVocab", method);
    typed(o, "uco-types:hashValue", "xsd:hexBinary", hex_write(&mem, at, n));
    out_close(o, '}');
}

static void file_facet(const TriageFile *f, Out *o)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    const char *path = utf8_clean(&mem, f->path), *name = strrchr(path, '/');
    out_open(o, NULL, '{');
    out_str(o, "@type", "uco-observable:FileFacet");
    out_str(o, "uco-observable:fileName", name ? name + 1 : path);
    out_str(o, "uco-observable:filePath", path);
    out_bool(o, "uco-observable:isDirectory", false);
    out_int(o, "uco-observable:sizeInBytes", f->size);
    when(o, "uco-observable:observableCreatedTime", f->created);
    when(o, "uco-observable:modifiedTime", f->modified);
    when(o, "uco-observable:accessedTime", f->accessed);
    out_str(o, "uco-observable:allocationStatus", f->flags & READER_DELETED ? "deleted" : "allocated");
    out_close(o, '}');
    out_open(o, NULL, '{');
    out_str(o, "@type", "uco-observable:ContentDataFacet");
    out_str(o, "uco-observable:mimeType", media_type(f->media));
    out_int(o, "uco-observable:sizeInBytes", f->size);
    out_open(o, "uco-observable:hash", '[');
    hash(o, "MD5", f->digests.md5, sizeof f->digests.md5);
    hash(o, "SHA1", f->digests.sha1, sizeof f->digests.sha1);
    hash(o, "SHA256", f->digests.sha256, sizeof f->digests.sha256);
    out_close(o, ']');
    out_close(o, '}');
}

static const char *why_of(const TriageReport *r, const TriageMatch *m, size_t n, Arena *mem)
{
    StrBuf b = { .mem = mem };
    for (size_t i = 0; i < n; i++) {
        KnownEntry e;
        if (!match_entry(r, &m[i], &e) || e.benign || e.negative)
            continue;
        buf_fmt(&b, "%s%s %s by %s", b.len ? "; " : "", r->sets[m[i].set].name, r->sets[m[i].set].version,
                digest_name(m[i].by));
        if (m[i].by == DIGEST_PDQ)
            buf_fmt(&b, " at distance %u", m[i].distance);
        if (*e.grade)
            buf_fmt(&b, ", grade %s on %s", e.grade, *e.scale ? e.scale : "no stated scale");
    }
    return b.len ? buf_text(&b) : NULL;
}

void report_case(const TriageReport *r, Out *o)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    const char *tool = id_of(&mem, r, "tool", 0), *action = id_of(&mem, r, "investigative-action", 0);
    const char *source = id_of(&mem, r, "device", 0), *record = id_of(&mem, r, "provenance-record", 0);
    size_t at = 0;
    o->comma = 0;
    out_text(o, "{");
    out_open(o, "@context", '{');
    FOR_EACH (c, context)
        out_str(o, c->prefix, c->iri);
    out_str(o, "uco-vocabulary", "https://ontology.unifiedcyberontology.org/uco/vocabulary/");
    out_close(o, '}');
    out_open(o, "@graph", '[');
    thing_open(o, tool, "uco-tool:AnalyticTool");
    out_str(o, "uco-core:name", "Muster");
    out_str(o, "uco-tool:version", MUSTER_VERSION);
    out_close(o, '}');
    thing_open(o, source, "uco-observable:ObservableObject");
    out_str(o, "uco-core:name", r->exhibit ? r->exhibit : r->kind);
    out_close(o, '}');
    thing_open(o, record, "case-investigation:ProvenanceRecord");
    out_str(o, "uco-core:description", "Known files found by automatic triage");
    out_str(o, "case-investigation:exhibitNumber", r->exhibit);
    refer(o, "uco-core:object", source);
    out_close(o, '}');
    thing_open(o, action, "case-investigation:InvestigativeAction");
    out_str(o, "uco-core:name", "triaged");
    when(o, "uco-action:startTime", r->made);
    refer(o, "uco-action:instrument", tool);
    refer(o, "uco-action:object", source);
    refer(o, "uco-action:result", record);
    out_close(o, '}');
    for (size_t i = 0; i < r->file_count; i++) {
        CLEANUP(arena_done) Arena one = { 0 };
        size_t n = matches_of(r, i, &at);
        const char *why = why_of(r, r->matches + at, n, &one);
        if (!why)
            continue;
        thing_open(o, id_of(&one, r, "file", i), "uco-observable:File");
        out_str(o, "uco-core:description", why);
        out_open(o, "uco-core:hasFacet", '[');
        file_facet(&r->files[i], o);
        out_close(o, ']');
        out_close(o, '}');
    }
    out_close(o, ']');
    out_text(o, "\n}\n");
}
