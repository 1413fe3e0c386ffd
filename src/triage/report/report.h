/* report.h: a triage report as a file: a page, JSON, VICS 2.0 JSON, CASE/UCO JSON-LD or CSV.
 *
 * Written beside its place and renamed there when whole. Holds digests, counts and paths, never contents.
 * Paths are bytes of the device: they are shown as text, and marked as sensitive. */
#pragma once
#include "base/digest.h"
#include "base/json.h"
#include "triage/triage.h"

typedef enum ReportFormat {
    REPORT_CASE, REPORT_CSV, REPORT_JSON, REPORT_PAGE, REPORT_VICS,
    REPORT__FORMATS,
} ReportFormat;
MUST_USE bool report_format(const char *name, ReportFormat *out, Err *err);

MUST_USE bool report_write(const TriageReport *report, ReportFormat format, const char *path, Sha256 *digest,
                           Err *err);
/* What goes into an operation's ledger: counts by grade, set and series, sets' roots, tool; no path, no
 * digest of a file. */
Json *report_counts(const TriageReport *report, Arena *mem);
