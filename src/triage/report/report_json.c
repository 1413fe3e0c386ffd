/* report_json.c: everything the report holds, for machines; the form that `muster exhibit attach` reads. */
#include "triage/report/report_out.h"

static void counts(Out *o, const char *key, const TriageCounts *c, const char *name, const char *of)
{
    out_open(o, key, '[');
    for (size_t i = 0; i < c->count; i++) {
        const TriageCount *t = &c->at[i];
        out_open(o, NULL, '{');
        out_str(o, name, t->name);
        if (of)
            out_str(o, of, t->of);
        out_int(o, "files", t->files);
        out_int(o, "distinct", t->distinct);
        out_int(o, "illegal", t->illegal);
        out_int(o, "exact", t->exact);
        out_int(o, "near", t->near);
        out_when(o, "first", t->first);
        out_when(o, "last", t->last);
        out_close(o, '}');
    }
    out_close(o, ']');
}

static void source(const TriageReport *r, Out *o)
{
    out_open(o, "source", '{');
    out_path(o, "given", str_of(r->source));
    out_str(o, "kind", r->kind);
    if (r->medium_bytes)
        out_int(o, "bytes", r->medium_bytes);
    if (r->stored_md5_known)
        out_hex(o, "stored_md5", r->stored_md5, sizeof r->stored_md5);
    if (r->verified) {
        out_hex(o, "md5", r->medium.md5, sizeof r->medium.md5);
        out_hex(o, "sha1", r->medium.sha1, sizeof r->medium.sha1);
        out_hex(o, "sha256", r->medium.sha256, sizeof r->medium.sha256);
        if (r->stored_md5_known)
            out_bool(o, "agrees", r->agrees);
    }
    out_open(o, "volumes", '[');
    for (size_t i = 0; i < r->volume_count; i++) {
        out_open(o, NULL, '{');
        out_int(o, "number", r->volumes[i].number);
        out_int(o, "start", r->volumes[i].start);
        out_int(o, "bytes", r->volumes[i].size);
        out_str(o, "kind", r->volumes[i].kind);
        out_close(o, '}');
    }
    out_close(o, ']');
    out_close(o, '}');
}

static void sets(const TriageReport *r, Out *o)
{
    out_open(o, "sets", '[');
    for (size_t i = 0; i < r->set_count; i++) {
        const TriageSet *s = &r->sets[i];
        out_open(o, NULL, '{');
        out_str(o, "name", s->name);
        out_str(o, "version", s->version);
        out_hex(o, "root", s->root.bytes, sizeof s->root.bytes);
        out_int(o, "entries", s->entries);
        out_int(o, "conflicts", s->conflicts);
        out_close(o, '}');
    }
    out_close(o, ']');
}

static void totals(const TriageReport *r, Out *o)
{
    const TriageTotals *t = &r->totals;
    out_open(o, "seen", '{');
    out_int(o, "files", t->files);
    out_int(o, "bytes", t->bytes);
    out_int(o, "deleted", t->deleted);
    out_int(o, "without_name", t->orphans);
    out_int(o, "in_archives", t->in_archives);
    out_int(o, "unread", t->unread);
    out_int(o, "read_in_part", t->part);
    out_open(o, "media", '{');
    for (int k = MEDIA_NONE + 1; k < MEDIA__COUNT; k++)
        if (t->by_media[k])
            out_int(o, media_name((MediaKind)k), t->by_media[k]);
    out_close(o, '}');
    out_close(o, '}');
    out_open(o, "known", '{');
    out_int(o, "files", t->known);
    out_int(o, "distinct", t->known_distinct);
    out_int(o, "illegal", t->illegal);
    out_int(o, "near_only", t->near_only);
    out_int(o, "victim_identified", t->victims_identified);
    out_when(o, "first", t->first);
    out_when(o, "last", t->last);
    counts(o, "by_grade", &r->by_grade, "grade", "scale");
    counts(o, "by_set", &r->by_set, "set", "version");
    counts(o, "by_series", &r->by_series, "series", NULL);
    out_close(o, '}');
    out_int(o, "harmless", t->benign);
    out_int(o, "held_back", t->negative);
    out_open(o, "unmatched", '{');
    out_int(o, "pictures", t->unmatched_pictures);
    out_int(o, "videos", t->unmatched_videos);
    out_int(o, "clusters", t->clusters);
    out_int(o, "largest_cluster", t->largest_cluster);
    out_int(o, "without_cluster", t->unclustered);
    out_str(o, "not_compared", r->unhashed);
    out_close(o, '}');
}

static void why(const TriageReport *r, const TriageMatch *m, Out *o)
{
    KnownEntry e;
    if (!match_entry(r, m, &e))
        return;
    out_open(o, NULL, '{');
    out_str(o, "set", r->sets[m->set].name);
    out_str(o, "version", r->sets[m->set].version);
    out_str(o, "by", digest_name(m->by));
    if (m->by == DIGEST_PDQ) {
        out_int(o, "distance", m->distance);
        out_str(o, "turn", turn_text(m->turn));
        if (m->frames)
            out_int(o, "frames", m->frames);
    }
    out_str(o, "source", e.source);
    out_str(o, "scale", e.scale);
    out_str(o, "grade", e.grade);
    if (*e.series)
        out_str(o, "series", e.series);
    if (e.victim_identified)
        out_bool(o, "victim_identified", true);
    if (e.benign)
        out_bool(o, "harmless", true);
    if (e.negative)
        out_bool(o, "held_back", true);
    out_close(o, '}');
}

static const struct { uint32_t flag; const char *key; } flags[] = {
    { READER_DELETED, "deleted" },
    { READER_ORPHAN, "without_name" },
    { READER_REALLOCATED, "overwritten" },
    { READER_LOCAL_TIME, "times_without_zone" },
};

static void file(const TriageReport *r, size_t i, const TriageMatch *matches, size_t count, Out *o)
{
    const TriageFile *f = &r->files[i];
    out_open(o, NULL, '{');
    out_path(o, "path", f->path);
    if (r->volume_count > 1)
        out_int(o, "volume", f->volume);
    if (f->depth)
        out_int(o, "in_archives", f->depth);
    FOR_EACH (k, flags)
        if (f->flags & k->flag)
            out_bool(o, k->key, true);
    out_int(o, "size", f->size);
    out_when(o, "modified", f->modified);
    out_when(o, "created", f->created);
    out_when(o, "accessed", f->accessed);
    if (*f->why)
        out_str(o, "unread", f->why);
    if (f->state != TRIAGE_UNREAD) {
        out_hex(o, "md5", f->digests.md5, sizeof f->digests.md5);
        out_hex(o, "sha1", f->digests.sha1, sizeof f->digests.sha1);
        out_hex(o, "sha256", f->digests.sha256, sizeof f->digests.sha256);
    }
    if (f->media != MEDIA_NONE)
        out_str(o, "media", media_name(f->media));
    if (f->hashed && f->media != MEDIA_VIDEO) {
        out_hex(o, "pdq", f->pdq.bytes, sizeof f->pdq.bytes);
        out_int(o, "quality", (uint64_t)(f->quality > 0 ? f->quality : 0));
    }
    if (f->hashed && (f->media == MEDIA_VIDEO || f->frames))
        out_int(o, "frames", f->frames);
    out_str(o, "undecoded", f->undecoded);
    if (r->cluster[i])
        out_int(o, "cluster", r->cluster[i]);
    if (count) {
        out_open(o, "why", '[');
        for (size_t k = 0; k < count; k++)
            why(r, &matches[k], o);
        out_close(o, ']');
    }
    out_close(o, '}');
}

void report_json(const TriageReport *r, Out *o)
{
    size_t at = 0;
    o->comma = 0;
    out_text(o, "{");
    out_str(o, "format", "muster-triage");
    out_int(o, "version", 1);
    out_str(o, "tool", "muster " MUSTER_VERSION);
    out_when(o, "made", r->made);
    out_str(o, "exhibit", r->exhibit);
    out_str(o, "sensitive",
            "Paths and names may describe abuse. Open this where only those who need it see it.");
    source(r, o);
    sets(r, o);
    totals(r, o);
    out_open(o, "cluster_sizes", '[');
    for (size_t i = 0; i < r->cluster_count; i++)
        out_int(o, NULL, r->cluster_sizes[i]);
    out_close(o, ']');
    out_open(o, "files", '[');
    for (size_t i = 0; i < r->file_count; i++) {
        size_t n = matches_of(r, i, &at);
        file(r, i, r->matches + at, n, o);
    }
    out_close(o, ']');
    out_open(o, "not_read", '[');
    for (size_t i = 0; i < r->trouble_count; i++) {
        out_open(o, NULL, '{');
        out_path(o, "path", r->troubles[i].path);
        if (r->volume_count > 1)
            out_int(o, "volume", r->troubles[i].volume);
        out_str(o, "why", r->troubles[i].why);
        out_close(o, '}');
    }
    out_close(o, ']');
    out_text(o, "\n}\n");
}
