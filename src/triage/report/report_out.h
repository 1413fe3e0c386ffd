/* report_out.h: writing a report as it goes, in bounded memory. For the files report*.c. */
#pragma once
#include "base/csv.h"
#include "triage/report/report.h"

typedef struct Out {
    StrBuf        buf;
    int           fd;
    Sha256Stream *hash;
    bool          failed;
    char          comma;                       /* of JSON: what goes before the next value */
} Out;
void out_text(Out *o, const char *text);
void out_fmt(Out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void out_html(Out *o, Str text);               /* escaped; bytes that are no text become U+FFFD */

/* JSON. `key` NULL in a list. */
void out_open(Out *o, const char *key, char bracket);
void out_close(Out *o, char bracket);
void out_str(Out *o, const char *key, const char *text);         /* NULL: the key is left out */
void out_path(Out *o, const char *key, Str path);
void out_int(Out *o, const char *key, uint64_t n);
void out_bool(Out *o, const char *key, bool b);
void out_null(Out *o, const char *key);
void out_hex(Out *o, const char *key, const uint8_t *at, size_t n);
void out_when(Out *o, const char *key, Instant t);               /* INSTANT_NONE: left out */

typedef void ReportWriter(const TriageReport *r, Out *o);
ReportWriter report_case, report_csv, report_json, report_page, report_vics;

/* What of a file is said everywhere. */
const char *turn_text(uint32_t turn);
const char *media_type(MediaKind kind);        /* "image/jpeg" */
/* The matches of a file lie together: advances *at to the first of `file`; returns how many. */
size_t matches_of(const TriageReport *r, size_t file, size_t *at);
MUST_USE bool match_entry(const TriageReport *r, const TriageMatch *m, KnownEntry *e);
