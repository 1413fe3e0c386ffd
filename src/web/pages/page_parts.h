/* page_parts.h: what several pages draw alike: references as links, waiting rows, a purpose to look. */
#pragma once
#include "dispatch/package.h"
#include "link/eliminate.h"
#include "link/nominal.h"
#include "safeguard/safeguard.h"
#include "web/components/components.h"
#include "web/web.h"

Url url_subject(Arena *mem, char letter, int64_t id); /* the page of an object; {0} if it has none */
void subject_link(Html *h, char letter, int64_t id);             /* its reference as a link */
/* Of a viral bundle one stands for all; the rest are one step away, and counted: collapsed is not hidden. */
void bundle_link(Html *h, int64_t nominal, int64_t people);
Url bundle_url(Arena *mem, int64_t nominal);
Json *bundle_json(Arena *mem, int64_t nominal, int64_t people);
void waiting_table(Html *h, const WaitingRow *rows, size_t count, Instant now, const char *empty);
Json *waiting_json(Arena *mem, const WaitingRow *rows, size_t count, Instant now);
/* "9,412 received = 9,380 taken + 20 merged + 10 rejected + 2 pending". `what`: "rows received". */
typedef struct Balance { int64_t received, taken, merged, rejected, pending; } Balance;
void balance_line(Html *h, const char *what, Balance b);
/* Whether a nominal is eliminated, and the forms to propose, agree to and take that back; with what is at
 * stake, so that nobody is dropped lightly. */
typedef struct Stakes {
    const ChildRow   *children;
    size_t            child_count;
    const PackageRow *packages;
    size_t            package_count;
} Stakes;
void elimination_draw(Html *h, const Request *r, const NominalRow *row, const Elimination *now,
                      const Stakes *stakes);
bool package_open(const PackageRow *p); /* neither closed nor returned */
/* What was typed as the reason of a decision: ERR_INVALID without one. */
MUST_USE bool form_reason(const Request *r, const char **reason, Err *err);
/* "14 May 2026" or "Not recorded". */
void date_or_none(Html *h, Date d);
void instant_text(Html *h, Instant t);                           /* London words inside <time> */
const char *date_text(Arena *mem, Date d);
/* Collapsed text from outside: shown as text, on request. `json` is a list of {label, text}. */
void sensitive_text(Html *h, Arena *mem, const char *json, const char *summary);
Json *entries_json(Arena *mem, const EntryRow *rows, size_t count);
