/* figure_parts.h: what the pages of figures draw alike: a date asked for, a number that leads to its rows,
 * what a measure is called. */
#pragma once
#include "figures/figures.h"
#include "web/pages/page_parts.h"

/* A query's date as 2026-05-14; absent or blank: `otherwise`. ERR_INVALID for anything else. */
MUST_USE bool figure_date_read(const Request *r, const char *name, Date otherwise, Date *out, Err *err);
/* The page of the rows behind a number; `force` (short id) and `place` may be NULL. */
Url figure_drill_url(Arena *mem, int measure, Date as_at, const char *force, const char *place);
/* Whether the rows behind a number are this viewer's to see; force 0: the whole country's. */
bool figure_may_drill(const Viewer *v, int64_t force);
char *figure_grouped(Arena *mem, int64_t n);             /* "9,412" */
const char *figure_headed(Arena *mem, int measure);      /* as it begins a sentence */
Json *figure_measures_json(const int64_t of[MEASURE__COUNT]);
