#include "web/pages/figure_parts.h"

/* "as_at" and "from" as 2026-05-14; absent or blank: `otherwise`. */
bool figure_date_read(const Request *r, const char *name, Date otherwise, Date *out, Err *err)
{
    const char *text = request_query(r, name);
    *out = otherwise;
    return str_blank(text) || date_parse(str_trim(str_of(text)), out) ||
           err_set(err, ERR_INVALID, "Give the date as 2026-05-14.");
}

Url figure_drill_url(Arena *mem, int measure, Date as_at, const char *force, const char *place)
{
    return url_query(mem, url_of(mem, "/figures/", figure_measures[measure].key), "as_at",
                     date_iso(mem, as_at), "force", force, "place", place);
}

/* Whether the rows behind a number are this viewer's to see; force 0: the whole country's. */
bool figure_may_drill(const Viewer *v, int64_t force)
{
    return force ? viewer_may_on(v, PERM_FIGURES_DRILL, force) : viewer_scope(v, PERM_FIGURES_DRILL) == 0;
}

char *figure_grouped(Arena *mem, int64_t n)
{
    Html number = html_new(mem);
    html_num(&number, n);
    return buf_text(&number.out);
}

/* Their words stand within a sentence of the notice; at the head of a column they begin one. */
const char *figure_headed(Arena *mem, int measure)
{
    const char *says = figure_measures[measure].says;
    return str_fmt(mem, "%c%s", says[0] >= 'a' && says[0] <= 'z' ? says[0] - 'a' + 'A' : says[0], says + 1);
}

Json *figure_measures_json(const int64_t of[MEASURE__COUNT])
{
    Json *j = json_new_object();
    for (int m = 0; m < MEASURE__COUNT; m++)
        json_set_int(j, figure_measures[m].key, of[m]);
    return j;
}
