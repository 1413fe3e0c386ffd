/* priority.h: how soon an exhibit should be examined by people, by a table that people own
 * (data/triage/priority.csv): measure, at_least, points, because. Of the rows of one measure the highest that
 * is reached counts. A measure is a total (illegal, near, clusters, videos, ...) or "grade:SCALE:GRADE". */
#pragma once
#include "base/err.h"
#include "base/json.h"

typedef struct Priority { int64_t points; const char *because; } Priority;
/* `counts` as report_counts gives them. */
MUST_USE bool priority_of(const Json *counts, Arena *mem, Priority *out, Err *err);
MUST_USE bool priority_by(Str csv, const Json *counts, Arena *mem, Priority *out, Err *err);
