/* report_page.c: the report as one page that needs nothing else: no script, no picture, nothing from outside.
 *
 * Its own policy forbids everything but its one style, by digest. Paths are folded away, since they can
 * describe abuse; the counts come first. */
#include <string.h>
#include "triage/report/report_out.h"

enum { LISTED_MAX = 5000 };                    /* of each list; the other formats hold everything */

static const char style[] =
    "body{font:16px/1.5 Arial,sans-serif;color:#0b0c0c;margin:0 auto;max-width:70em;padding:1em}"
    "h1{font-size:2em;margin:.5em 0}h2{font-size:1.4em;margin:1.5em 0 .5em}"
    "table{border-collapse:collapse;width:100%;margin:.5em 0 1em}caption{text-align:left;font-weight:bold}"
    "th,td{text-align:left;padding:.4em .8em .4em 0;border-bottom:1px solid #b1b4b6;vertical-align:top;"
    "overflow-wrap:anywhere}td.n,th.n{text-align:right;white-space:nowrap}"
    "meter{width:12em;height:1em}summary{cursor:pointer;padding:.5em 0;color:#1d70b8}"
    ".sensitive{border-left:10px solid #b1b4b6;padding:.2em 1em;margin:1em 0}"
    "code{font-size:.85em}a:focus,summary:focus{outline:3px solid #fd0}"
    "@media print{details{display:none}}";

static void text(Out *o, const char *s) { out_html(o, str_of(s)); }

static void cell_text(Out *o, const char *s)
{
    out_text(o, "<td>");
    text(o, s);
    out_text(o, "</td>");
}

static void cell_number(Out *o, uint64_t n)
{
    out_fmt(o, "<td class=\"n\">%llu</td>", (unsigned long long)n);
}

static void cell_day(Out *o, Instant t)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    cell_text(o, t == INSTANT_NONE ? "not known" : date_words(&mem, instant_date_utc(t)));
}

static void fact(Out *o, const char *key, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void fact(Out *o, const char *key, const char *fmt, ...)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    va_list args;
    va_start(args, fmt);
    out_text(o, "<tr><th scope=\"row\">");
    text(o, key);
    out_text(o, "</th>");
    cell_text(o, str_vfmt(&mem, fmt, args));
    out_text(o, "</tr>\n");
    va_end(args);
}

#define N(x) (unsigned long long)(x)

static void summary(const TriageReport *r, Out *o)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    const TriageTotals *t = &r->totals;
    out_text(o, "<h2>In short</h2>\n<table>\n");
    fact(o, "Known files", "%llu (%llu different), of them %llu of an illegal grade", N(t->known),
         N(t->known_distinct), N(t->illegal));
    fact(o, "Of these, only near to a known picture", "%llu", N(t->near_only));
    if (t->first != INSTANT_NONE)
        fact(o, "Dated from, to", "%s to %s", date_words(&mem, instant_date_utc(t->first)),
             date_words(&mem, instant_date_utc(t->last)));
    fact(o, "Known files with an identified victim", "%llu", N(t->victims_identified));
    fact(o, "Pictures that no set knows", "%llu in %llu clusters of near-duplicates; the largest has %llu",
         N(t->unmatched_pictures), N(t->clusters), N(t->largest_cluster));
    fact(o, "Videos that no set knows", "%llu", N(t->unmatched_videos));
    fact(o, "Known to be harmless", "%llu", N(t->benign));
    fact(o, "Files seen", "%llu, %llu bytes; %llu deleted, %llu without a name, %llu in archives",
         N(t->files), N(t->bytes), N(t->deleted), N(t->orphans), N(t->in_archives));
    fact(o, "Not read, or in part", "%llu files, %llu places", N(t->unread + t->part), N(r->trouble_count));
    if (r->unhashed)
        fact(o, "Pictures were not compared", "%s", r->unhashed);
    out_text(o, "</table>\n");
}

static void counts(Out *o, const char *title, const char *name, const char *of, const TriageCounts *c)
{
    uint64_t most = 1;
    if (!c->count)
        return;
    for (size_t i = 0; i < c->count; i++)
        most = c->at[i].files > most ? c->at[i].files : most;
    out_fmt(o, "<h2>%s</h2>\n<table><thead><tr><th scope=\"col\">%s</th>", title, name);
    if (of)
        out_fmt(o, "<th scope=\"col\">%s</th>", of);
    out_text(o, "<th scope=\"col\" class=\"n\">Files</th><th scope=\"col\">Share</th>"
                "<th scope=\"col\" class=\"n\">Different</th><th scope=\"col\" class=\"n\">Near</th>"
                "<th scope=\"col\">First</th><th scope=\"col\">Last</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < c->count; i++) {
        const TriageCount *t = &c->at[i];
        out_text(o, "<tr>");
        cell_text(o, *t->name ? t->name : "not graded");
        if (of)
            cell_text(o, t->of);
        cell_number(o, t->files);
        out_fmt(o, "<td><meter min=\"0\" max=\"%llu\" value=\"%llu\">%llu of %llu</meter></td>", N(most),
                N(t->files), N(t->files), N(most));
        cell_number(o, t->distinct);
        cell_number(o, t->near);
        cell_day(o, t->first);
        cell_day(o, t->last);
        out_text(o, "</tr>\n");
    }
    out_text(o, "</tbody></table>\n");
}

static void media(const TriageReport *r, Out *o)
{
    out_text(o, "<h2>Media seen, by content</h2>\n<table>\n");
    for (int k = MEDIA_NONE + 1; k < MEDIA__COUNT; k++)
        if (r->totals.by_media[k])
            fact(o, media_name((MediaKind)k), "%llu", N(r->totals.by_media[k]));
    out_text(o, "</table>\n");
}

static void clusters(const TriageReport *r, Out *o)
{
    size_t shown = r->cluster_count < 20 ? r->cluster_count : 20;
    if (!shown)
        return;
    out_text(o, "<h2>The largest clusters that no set knows</h2>\n<table><thead><tr><th "
                "scope=\"col\">Cluster</th>"
                "<th scope=\"col\" class=\"n\">Pictures</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < shown; i++)
        out_fmt(o, "<tr><td>%zu</td><td class=\"n\">%u</td></tr>\n", i + 1, r->cluster_sizes[i]);
    out_text(o, "</tbody></table>\n");
}

static void known_files(const TriageReport *r, Out *o)
{
    size_t at = 0, listed = 0;
    out_text(o, "<details><summary>Where known files lie (paths may describe "
                "abuse)</summary>\n<table><thead><tr>"
                "<th scope=\"col\">Path</th><th scope=\"col\">Why</th><th "
                "scope=\"col\">SHA-256</th></tr></thead>"
                "<tbody>\n");
    for (size_t i = 0; i < r->file_count && listed < LISTED_MAX; i++) {
        size_t n = matches_of(r, i, &at), said = 0;
        CLEANUP(arena_done) Arena mem = { 0 };
        for (size_t k = 0; k < n; k++) {
            const TriageMatch *m = &r->matches[at + k];
            KnownEntry e;
            if (!match_entry(r, m, &e) || e.benign || e.negative)
                continue;
            if (said++ == 0) {
                out_text(o, "<tr><td>");
                out_html(o, r->files[i].path);
                out_text(o, r->files[i].flags & READER_DELETED ? " (deleted)</td><td>" : "</td><td>");
            } else {
                out_text(o, "<br>");
            }
            text(o, str_fmt(&mem, "%s %s, %s", r->sets[m->set].name, r->sets[m->set].version,
                            m->by == DIGEST_PDQ ? str_fmt(&mem, "near match at distance %u", m->distance)
                                                : str_fmt(&mem, "same %s", digest_name(m->by))));
            if (*e.grade)
                text(o, str_fmt(&mem, "; %s %s", e.scale, e.grade));
            if (*e.series)
                text(o, str_fmt(&mem, "; series %s", e.series));
        }
        if (!said)
            continue;
        listed++;
        out_text(o, "</td><td><code>");
        text(o, hex_write(&mem, r->files[i].digests.sha256, 32));
        out_text(o, "</code></td></tr>\n");
    }
    out_text(o, "</tbody></table></details>\n");
}

static void unread_row(Out *o, Str path, const char *why)
{
    out_text(o, "<tr><td>");
    out_html(o, path.len ? path : STR("(the source itself)"));
    out_text(o, "</td>");
    cell_text(o, why);
    out_text(o, "</tr>\n");
}

static void unread(const TriageReport *r, Out *o)
{
    size_t listed = 0;
    out_text(o, "<details><summary>What could not be read, and why (paths may describe "
                "abuse)</summary>\n<table><thead>"
                "<tr><th scope=\"col\">Path</th><th scope=\"col\">Why</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < r->trouble_count && listed < LISTED_MAX; i++, listed++)
        unread_row(o, r->troubles[i].path, r->troubles[i].why);
    for (size_t i = 0; i < r->file_count && listed < LISTED_MAX; i++)
        if (*r->files[i].why || r->files[i].undecoded) {
            unread_row(o, r->files[i].path, *r->files[i].why ? r->files[i].why : r->files[i].undecoded);
            listed++;
        }
    out_text(o, "</tbody></table></details>\n");
}

static void source(const TriageReport *r, Out *o)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    out_text(o, "<h2>What was read, and with what</h2>\n<table>\n");
    fact(o, "Source", "%s", r->kind);
    if (r->exhibit)
        fact(o, "Exhibit", "%s", r->exhibit);
    if (r->medium_bytes)
        fact(o, "Size", "%llu bytes", N(r->medium_bytes));
    if (r->stored_md5_known)
        fact(o, "MD5 kept in the image", "%s", hex_write(&mem, r->stored_md5, sizeof r->stored_md5));
    if (r->verified)
        fact(o, "SHA-256 of the whole medium", "%s%s", hex_write(&mem, r->medium.sha256, 32),
             !r->stored_md5_known ? "" : r->agrees ? "; the image is as it was made"
                                                   : "; THE IMAGE IS NOT AS IT WAS MADE");
    for (size_t i = 0; i < r->volume_count; i++)
        fact(o, str_fmt(&mem, "Volume %u", r->volumes[i].number), "%s, %llu bytes",
             *r->volumes[i].kind ? r->volumes[i].kind : "no file system known here", N(r->volumes[i].size));
    for (size_t i = 0; i < r->set_count; i++)
        fact(o, "Set", "%s %s, %llu entries, root %s", r->sets[i].name, r->sets[i].version,
             N(r->sets[i].entries), hex_write(&mem, r->sets[i].root.bytes, 32));
    fact(o, "Read", "%s by muster " MUSTER_VERSION, instant_iso(&mem, r->made));
    out_text(o, "</table>\n");
}

void report_page(const TriageReport *r, Out *o)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    Sha256 d = sha256_of(style, sizeof style - 1);
    out_text(o, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n");
    out_fmt(o,
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
            "'sha256-%s'\">\n",
            base64_write(&mem, d.bytes, sizeof d.bytes));
    out_text(o, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<title>Triage report</title>\n<style>");
    out_text(o, style);
    out_text(o, "</style></head>\n<body><main>\n<h1>Triage report");
    if (r->exhibit) {
        out_text(o, ": exhibit ");
        text(o, r->exhibit);
    }
    out_text(o, "</h1>\n<p class=\"sensitive\">Sensitive. Nothing here shows a picture; paths and names may "
                "describe "
                "abuse and are folded away.</p>\n");
    summary(r, o);
    counts(o, "Known files by grade", "Grade", "Scale", &r->by_grade);
    counts(o, "Known files by set", "Set", "Version", &r->by_set);
    counts(o, "Known files by series", "Series", NULL, &r->by_series);
    clusters(r, o);
    media(r, o);
    known_files(r, o);
    unread(r, o);
    source(r, o);
    out_text(o, "</main></body></html>\n");
}
