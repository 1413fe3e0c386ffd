/* figures.c: counting. Each measure is one statement (figures_sql.c); here they are laid beside the list of
 * forces. */
#include "figures/figures.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/zone.h"
#include "figures/figures_sql.h"

const MeasureDef figure_measures[MEASURE__COUNT] = {
    [MEASURE_ARRESTS] = { "arrests", "people arrested",
                          "Suspects arrested, each counted once at their first arrest." },
    [MEASURE_PREMISES] = { "premises", "properties searched",
                           "Premises searched; one searched twice counts twice." },
    [MEASURE_DEVICES] = { "devices", "devices seized",
                          "Computers, telephones and drives seized, by the forces' own counts." },
    [MEASURE_CHARGED] = { "charged", "people charged",
                          "Suspects charged with at least one offence, each counted once." },
    [MEASURE_REGISTERED] = { "registered_offenders", "registered sex offenders",
                             "Of those arrested, people on the sex offenders register at the time." },
    [MEASURE_TRUST] = { "positions_of_trust", "in positions of trust",
                        "Of those arrested, people whose work or volunteering gave them trust over "
                        "children." },
    [MEASURE_CHILDREN] = { "children_safeguarded", "children safeguarded",
                           "Children with a recorded protective step, each counted once on the day of the "
                           "first." },
    [MEASURE_IMMEDIATE] = { "children_immediate_risk", "of them at immediate risk",
                            "Of the children safeguarded, those recorded as at immediate risk of harm." },
};

static bool known_size(Db *db, int64_t asked, int64_t *size, Err *err)
{
    bool found = false;
    if (asked) {
        *size = asked;
        return true;
    }
    return db_int(db, &figures_sql[FIGURES_SIZE], NO_VALUES, size, &found, err);
}

static bool force_lines(Db *db, Arena *mem, Figures *out, Err *err)
{
    Agency *agencies = NULL;
    size_t n = 0, cap = 0;
    if (!agency_list(db, mem, &agencies, &n, err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (str_same(agencies[i].kind, "force"))
            *arena_push(mem, out->forces, out->force_count, cap) =
                (ForceFigures){ .force = agencies[i].id,
                                .short_id = agencies[i].short_id,
                                .name = agencies[i].name,
                                .tile = agencies[i].tile,
                                .nation = agencies[i].nation,
                                .tile_row = agencies[i].tile_row,
                                .tile_column = agencies[i].tile_column };
    return true;
}

static ForceFigures *force_line(Figures *f, int64_t force)
{
    for (size_t i = 0; i < f->force_count; i++)
        if (f->forces[i].force == force)
            return &f->forces[i];
    return NULL;
}

static void nation_add(Figures *f, const char *nation, int m, int64_t n)
{
    size_t i = 0;
    while (i < f->nation_count && !str_same(f->nations[i].nation, nation))
        i++;
    if (i == COUNT_OF(f->nations))
        return;
    if (i == f->nation_count)
        f->nations[f->nation_count++].nation = nation;
    f->nations[i].of[m] += n;
}

static bool measure_add(Db *db, Arena *mem, Figures *f, int m, size_t *place_cap, Err *err)
{
    CLEANUP(rows_done) Rows rows = { 0 };
    bool more = false;
    if (!db_query(db, &figures_sql[m],
                  VALUES(sql_int(f->operation), sql_date(f->as_at), sql_int(f->tree_size)), &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more) {
        ForceFigures *line = force_line(f, row_int(&rows, 0));
        int64_t n = row_int(&rows, 2);
        f->national[m] += n;
        if (!line)
            continue;
        line->of[m] += n;
        nation_add(f, line->nation, m, n);
        if (m == MEASURE_ARRESTS && !str_blank(row_text(&rows, 1)))
            *arena_push(mem, f->places, f->place_count, *place_cap) =
                (PlaceFigures){ .place = row_copy(&rows, 1, mem),
                                .force_short = line->short_id,
                                .force = line->force,
                                .arrests = n };
    }
    return err->kind == ERR_NONE;
}

bool figures_compute(Db *db, Arena *mem, const FiguresQuery *q, Figures *out, Err *err)
{
    size_t place_cap = 0;
    *out = (Figures){ .as_at = q->as_at, .operation = q->operation };
    if (!known_size(db, q->known_size, &out->tree_size, err) || !force_lines(db, mem, out, err))
        return err_while(err, "counting");
    for (int m = 0; m < MEASURE__COUNT; m++)
        if (!measure_add(db, mem, out, m, &place_cap, err))
            return err_while(err, "counting %s", figure_measures[m].key);
    return true;
}

static void measures_set(Json *j, const int64_t of[MEASURE__COUNT])
{
    for (int m = 0; m < MEASURE__COUNT; m++)
        json_set_int(j, figure_measures[m].key, of[m]);
}

Json *figures_json(Arena *mem, const Figures *f)
{
    Json *j = json_new_object(), *national = json_new_object(), *forces = json_new_list(),
         *places = json_new_list();
    Json *nations = json_new_list(), *definitions = json_new_object();
    json_set_text(j, "as_at", date_iso(mem, f->as_at));
    json_set_int(j, "known_size", f->tree_size);
    measures_set(national, f->national);
    json_set(j, "national", national);
    for (size_t i = 0; i < f->force_count; i++) {
        Json *one = json_new_object();
        json_set_text(one, "force", f->forces[i].short_id);
        json_set_text(one, "name", f->forces[i].name);
        json_set_text(one, "nation", f->forces[i].nation);
        measures_set(one, f->forces[i].of);
        json_push(forces, one);
    }
    json_set(j, "forces", forces);
    for (size_t i = 0; i < f->nation_count; i++) {
        Json *one = json_new_object();
        json_set_text(one, "nation", f->nations[i].nation);
        measures_set(one, f->nations[i].of);
        json_push(nations, one);
    }
    json_set(j, "nations", nations);
    for (size_t i = 0; i < f->place_count; i++) {
        Json *one = json_new_object();
        json_set_text(one, "place", f->places[i].place);
        json_set_text(one, "force", f->places[i].force_short);
        json_set_int(one, "arrests", f->places[i].arrests);
        json_push(places, one);
    }
    json_set(j, "places", places);
    for (int m = 0; m < MEASURE__COUNT; m++)
        json_set_text(definitions, figure_measures[m].key, figure_measures[m].definition);
    json_set(j, "definitions", definitions);
    return j;
}

bool figures_drill(Db *db, Arena *mem, const DrillFilter *f, DrillRow **out, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows rows = { 0 };
    size_t cap = 0;
    int64_t size = 0;
    bool more = false;
    *out = NULL;
    *count = 0;
    if (!known_size(db, 0, &size, err) ||
        !db_query(db, &figures_sql[FIGURES_DRILL_ARRESTS + f->measure],
                  VALUES(sql_int(f->operation), sql_date(f->as_at), sql_int(size), sql_id(f->force),
                         sql_text(f->place), sql_int(f->after_id),
                         sql_int((int64_t)(f->limit ? f->limit : 50))),
                  &rows, err))
        return err_while(err, "listing the rows behind %s", figure_measures[f->measure].key);
    while (rows_next(&rows, &more, err) && more)
        *arena_push(mem, *out, *count, cap) = (DrillRow){ .id = row_int(&rows, 0),
                                                          .entry = row_int(&rows, 1),
                                                          .nominal = row_int(&rows, 2),
                                                          .force = row_int(&rows, 3),
                                                          .child = row_int(&rows, 4),
                                                          .kind = row_copy(&rows, 5, mem),
                                                          .ref = row_copy(&rows, 6, mem),
                                                          .place = row_copy(&rows, 7, mem),
                                                          .force_tile = row_copy(&rows, 8, mem),
                                                          .on = row_date(&rows, 9),
                                                          .quantity = row_int(&rows, 10) };
    return err->kind == ERR_NONE;
}

static void subtract(int64_t out[MEASURE__COUNT], const int64_t a[MEASURE__COUNT],
                     const int64_t b[MEASURE__COUNT])
{
    for (int m = 0; m < MEASURE__COUNT; m++)
        out[m] = a[m] - b[m];
}

/* What was said at the time, if it was published: then later reports and corrections about those days are a
 * step of their own. */
static bool bridge_opening(Db *db, Arena *mem, int64_t operation, Bridge *b, const Figures *recomputed,
                           size_t *cap, Err *err)
{
    int64_t size = 0;
    bool published = false;
    Figures then;
    memcpy(b->opening, recomputed->national, sizeof b->opening);
    if (!db_int(db, &figures_sql[FIGURES_NOTICE_AT], VALUES(sql_int(operation), sql_date(b->from)), &size,
                &published, err))
        return false;
    if (!published)
        return true;
    if (!figures_compute(db, mem, &(FiguresQuery){ operation, b->from, size }, &then, err))
        return false;
    memcpy(b->opening, then.national, sizeof b->opening);
    BridgeStep *step = arena_push(mem, b->steps, b->step_count, *cap);
    step->says = str_fmt(mem, "Reported later or corrected, up to %s", date_words(mem, b->from));
    subtract(step->of, recomputed->national, then.national);
    return true;
}

static const char *const months[] = { "January", "February", "March",     "April",   "May",      "June",
                                      "July",    "August",   "September", "October", "November", "December" };

bool figures_bridge(Db *db, Arena *mem, int64_t operation, Date from, Date to, Bridge *out, Err *err)
{
    Figures before, after;
    size_t cap = 0;
    *out = (Bridge){ .from = from, .to = to };
    if (!figures_compute(db, mem, &(FiguresQuery){ operation, from, 0 }, &before, err) ||
        !bridge_opening(db, mem, operation, out, &before, &cap, err))
        return err_while(err, "building the bridge");
    for (Date at = from; at < to;) {
        Civil c = date_civil(at + 1);
        Date month_end = date_add_months(date_of(c.year, c.month, 1), 1) - 1,
             end = month_end < to ? month_end : to;
        if (!figures_compute(db, mem, &(FiguresQuery){ operation, end, 0 }, &after, err))
            return err_while(err, "building the bridge");
        BridgeStep *step = arena_push(mem, out->steps, out->step_count, cap);
        step->says = str_fmt(mem, "%s %d", months[c.month - 1], c.year);
        subtract(step->of, after.national, before.national);
        before = after;
        at = end;
    }
    memcpy(out->closing, before.national, sizeof out->closing);
    return true;
}

/* 9,172: figures are read by people. */
static char *grouped(Arena *mem, int64_t n)
{
    StrBuf buf = { .mem = mem };
    char digits[32];
    int len = snprintf(digits, sizeof digits, "%lld", (long long)n);
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            buf_char(&buf, ',');
        buf_char(&buf, digits[i]);
    }
    return buf_text(&buf);
}

enum { SMALL_NUMBER = 5 }; /* below it a place's count could point to a person */

static int by_arrests(const void *a, const void *b)
{
    const PlaceFigures *x = a, *y = b;
    if (x->arrests != y->arrests)
        return x->arrests < y->arrests ? 1 : -1;
    return strcmp(x->place, y->place);
}

static void notice_places(StrBuf *buf, Arena *mem, const Figures *f)
{
    PlaceFigures *sorted = arena_new(mem, PlaceFigures, f->place_count + 1);
    if (f->place_count)
        memcpy(sorted, f->places, f->place_count * sizeof *sorted);
    qsort(sorted, f->place_count, sizeof *sorted, by_arrests);
    size_t shown = 0;
    for (size_t i = 0; i < f->place_count && shown < 10 && sorted[i].arrests >= SMALL_NUMBER; i++, shown++)
        buf_fmt(buf, "%s%s (%s)", shown ? ", " : "\nMost arrests by place: ", sorted[i].place,
                grouped(mem, sorted[i].arrests));
    if (shown)
        buf_fmt(buf, ". Places with fewer than %d arrests are not named.\n", SMALL_NUMBER);
}

char *figures_notice(Arena *mem, const Figures *f, const char *operation_name)
{
    StrBuf buf = { .mem = mem };
    const int64_t *n = f->national;
    int64_t active = 0;
    for (size_t i = 0; i < f->force_count; i++)
        active += f->forces[i].of[MEASURE_ARRESTS] > 0;
    buf_fmt(&buf, "Operation %s: figures as at %s\n\n", operation_name, date_words(mem, f->as_at));
    buf_fmt(&buf, "%s people have been arrested by %lld forces", grouped(mem, n[MEASURE_ARRESTS]),
            (long long)active);
    buf_fmt(&buf, " across the United Kingdom. %s of them were registered sex offenders",
            grouped(mem, n[MEASURE_REGISTERED]));
    buf_fmt(&buf, " and %s held positions of trust.\n", grouped(mem, n[MEASURE_TRUST]));
    buf_fmt(&buf, "%s properties have been searched and %s devices seized.",
            grouped(mem, n[MEASURE_PREMISES]), grouped(mem, n[MEASURE_DEVICES]));
    buf_fmt(&buf, " %s people have been charged.\n", grouped(mem, n[MEASURE_CHARGED]));
    buf_fmt(&buf, "%s children have been safeguarded, of whom %s were at immediate risk of harm.\n",
            grouped(mem, n[MEASURE_CHILDREN]), grouped(mem, n[MEASURE_IMMEDIATE]));
    notice_places(&buf, mem, f);
    buf_add(&buf, "\nA person arrested is a suspect, and is presumed innocent unless a court finds "
                  "otherwise.\n\nHow these are counted\n");
    for (int m = 0; m < MEASURE__COUNT; m++)
        buf_fmt(&buf, "- %s: %s\n", figure_measures[m].says, figure_measures[m].definition);
    buf_fmt(&buf, "Counted from the operation's ledger at %s entries; they can be recomputed at any time.\n",
            grouped(mem, f->tree_size));
    return buf_text(&buf);
}

static bool apply_published(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    Date as_at;
    if (!date_parse(str_of(json_text(e->body, "as_at")), &as_at))
        return err_set(err, ERR_INVALID, "The figures have no date.");
    return db_run(tx, &figures_sql[FIGURES_NOTICE_NEW],
                  VALUES(sql_int(e->seq), sql_int(e->operation), sql_date(as_at),
                         sql_int(json_int(e->body, "tree_size", 0)),
                         sql_text(json_canonical(mem, json_get(e->body, "figures"))),
                         sql_text(json_text(e->body, "notice")), sql_int(e->actor)),
                  err);
}

static const Field published_fields[] = {
    { "as_at", REQUIRED, FIELD_DATE },
    { "tree_size", REQUIRED, FIELD_INT },
    { "figures", REQUIRED, FIELD_OBJECT },
    { "notice", REQUIRED, FIELD_TEXT },
    { 0 },
};
const Kind figures_kinds[] = {
    { "figures.published", "Figures published", published_fields, apply_published, true, false },
    { 0 },
};

static bool operation_name(Db *db, Arena *mem, int64_t id, const char **name, Err *err)
{
    CLEANUP(rows_done) Rows rows = { 0 };
    bool more = false;
    if (!db_query(db, &figures_sql[FIGURES_NAME], VALUES(sql_int(id)), &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    *name = more ? row_copy(&rows, 0, mem) : "";
    return more || err_set(err, ERR_NOT_FOUND, "There is no such operation.");
}

bool figures_publish(Ledger *ledger, Db *db, const Hand *hand, Date as_at, int64_t *notice, Err *err)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    const char *name = NULL;
    Figures f;
    if (!operation_name(db, &mem, hand->operation, &name, err) ||
        !figures_compute(db, &mem, &(FiguresQuery){ hand->operation, as_at, 0 }, &f, err))
        return false;
    Json *body = json_new_object();
    json_set_text(body, "as_at", date_iso(&mem, as_at));
    json_set_int(body, "tree_size", f.tree_size);
    json_set(body, "figures", figures_json(&mem, &f));
    json_set_text(body, "notice", figures_notice(&mem, &f, name));
    return ledger_record(ledger, hand, "figures.published", 0, body, notice, err) || err_while(err, "publishi"
                                                                                                    "ng "
                                                                                                    "figure"
                                                                                                    "s");
}

bool figures_notices(Db *db, Arena *mem, int64_t operation, NoticeRow **out, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows rows = { 0 };
    size_t cap = 0;
    bool more = false;
    *out = NULL;
    *count = 0;
    if (!db_query(db, &figures_sql[FIGURES_NOTICES], VALUES(sql_int(operation)), &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more)
        *arena_push(mem, *out, *count, cap) = (NoticeRow){ .id = row_int(&rows, 0),
                                                           .as_at = row_date(&rows, 1),
                                                           .tree_size = row_int(&rows, 2),
                                                           .notice = row_copy(&rows, 3, mem),
                                                           .person_name = row_copy(&rows, 4, mem),
                                                           .at = row_int(&rows, 5) };
    return err->kind == ERR_NONE;
}
