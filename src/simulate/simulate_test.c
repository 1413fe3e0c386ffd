#include "simulate/simulate.h"
#include <dirent.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/csv.h"
#include "base/json.h"
#include "base/source.h"
#include "base/test.h"
#include "base/xml.h"

enum { FILE_MAX = 64 * 1024 * 1024, COLUMNS = 27 };
static const Date today = 20781;       /* 24 November 2026 */

/* ---- a folder for each test ---- */
static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    return remove(path);
}
typedef struct Folder { char path[64]; } Folder;
static void folder_done(Folder *f)
{
    if (f->path[0])
        (void)nftw(f->path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
static void run_into(Folder *f, Arena *mem, const char *scenario, uint64_t seed, double scale,
                     SimulateReport *out)
{
    Err err = { 0 };
    (void)snprintf(f->path, sizeof f->path, "/tmp/simulate_test.XXXXXX");
    CHECK(mkdtemp(f->path) != NULL);
    SimulateOptions o = { scenario, seed, scale, f->path, today };
    CHECK_OK(simulate_run(&o, mem, out, &err), &err);
}
static Str file_of(Arena *mem, const Folder *f, const char *name)
{
    Err err = { 0 };
    Str text = { 0 };
    CHECK_OK(file_read(mem, str_fmt(mem, "%s/%s", f->path, name), FILE_MAX, &text, &err), &err);
    return text;
}
static int files_in(const Folder *f, Arena *mem, struct dirent ***list)
{
    return scandir(str_fmt(mem, "%s/in", f->path), list, NULL, alphasort);
}
static void list_done(struct dirent **list, int n)
{
    while (n-- > 0)
        free(list[n]);
    free(list);
}

/* ---- counting again what was written ---- */
typedef struct Row { const char *field[COLUMNS]; size_t came; } Row;
typedef struct Rows { Row *items; size_t count, cap; } Rows;
enum {
    EVENT = 0,
    FORCE = 1,
    SUBJECT = 2,
    REF = 3,
    DATE = 4,
    STATE = 6,
    QUANTITY = 7,
    REGISTERED = 13,
    TRUST = 14,
    IMMEDIATE = 22
};

static bool listed(const Json *truth, const char *part, const char *file, size_t line)
{
    const Json *lines = json_get(json_get(truth, part), file);
    for (size_t i = 0; i < json_count(lines); i++)
        if (json_int_of(json_at(lines, i)) == (int64_t)line)
            return true;
    return false;
}
static void rows_of(Arena *mem, const Folder *f, const Json *truth, const char *name, Rows *rows)
{
    Csv *csv = csv_new(mem, source_memory(mem, file_of(mem, f, str_fmt(mem, "in/%s", name))), ',');
    for (;;) {
        CsvRow row = { 0 };
        bool   end = false;
        Err    err = { 0 };
        CHECK_OK(csv_next(csv, &row, &end, &err), &err);
        if (end)
            return;
        CHECK_INT(row.count, COLUMNS);
        if (row.line == 1 || listed(truth, "rejected", name, row.line) ||
            listed(truth, "pending", name, row.line))
            continue;
        Row *r = arena_push(mem, rows->items, rows->count, rows->cap);
        r->came = rows->count;
        for (size_t i = 0; i < COLUMNS; i++)
            r->field[i] = str_from(mem, row.fields[i]);
    }
}
/* Rows with one reference stand together, in the order they came: the last of each is in force. */
static int by_ref(const void *a, const void *b)
{
    const Row *x = a, *y = b;
    int event = strcmp(x->field[EVENT], y->field[EVENT]), ref = strcmp(x->field[REF], y->field[REF]);
    return event ? event : ref ? ref : x->came < y->came ? -1 : 1;
}
static int by_subject(const void *a, const void *b)
{
    const Row *x = a, *y = b;
    int event = strcmp(x->field[EVENT], y->field[EVENT]),
        subject = strcmp(x->field[SUBJECT], y->field[SUBJECT]);
    return event ? event : subject ? subject : strcmp(x->field[DATE], y->field[DATE]);
}
static bool same(const Row *a, const Row *b, size_t field)
{
    return strcmp(a->field[field], b->field[field]) == 0;
}
static bool is(const Row *a, size_t field, const char *text) { return strcmp(a->field[field], text) == 0; }

static Rows returns_of(Arena *mem, const Folder *f, const Json *truth)
{
    struct dirent **list = NULL;
    Rows all = { 0 }, kept = { 0 };
    int  n = files_in(f, mem, &list);
    for (int i = 0; i < n; i++)
        if (strstr(list[i]->d_name, "returns.csv"))
            rows_of(mem, f, truth, str_copy(mem, list[i]->d_name), &all);
    list_done(list, n);
    CHECK(all.count > 0);
    qsort(all.items, all.count, sizeof(Row), by_ref);
    for (size_t i = 0; i < all.count; i++)
        if (i + 1 == all.count || !same(&all.items[i], &all.items[i + 1], EVENT) ||
            !same(&all.items[i], &all.items[i + 1], REF))
            *arena_push(mem, kept.items, kept.count, kept.cap) = all.items[i];
    qsort(kept.items, kept.count, sizeof(Row), by_subject);
    return kept;
}

static void check_figures(const Rows *rows, const Json *figures)
{
    int64_t arrests = 0, premises = 0, devices = 0, charged = 0, registered = 0, trust = 0, children = 0,
            immediate = 0;
    const char *as_at = json_text(figures, "as_at"), *arrested = "", *last = "";
    for (size_t i = 0; i < rows->count; i++) {
        const Row *r = &rows->items[i];
        if (strcmp(r->field[DATE], as_at) > 0)
            continue;
        if (is(r, EVENT, "arrest") && !is(r, SUBJECT, arrested)) {
            arrested = r->field[SUBJECT];
            arrests++;
            registered += is(r, REGISTERED, "yes");
            trust += is(r, TRUST, "yes");
        }
        if (is(r, EVENT, "charge") && !is(r, SUBJECT, last)) {
            last = r->field[SUBJECT];
            charged++;
        }
        premises += is(r, EVENT, "premises");
        if (is(r, EVENT, "exhibit"))
            devices += strtol(r->field[QUANTITY], NULL, 10);
        bool safe = is(r, EVENT, "child") && is(r, STATE, "safeguarded");
        children += safe;
        immediate += safe && is(r, IMMEDIATE, "yes");
    }
    const Json *all = json_get(figures, "national");
    CHECK_INT(arrests, json_int(all, "arrests", -1));
    CHECK_INT(premises, json_int(all, "premises", -1));
    CHECK_INT(devices, json_int(all, "devices", -1));
    CHECK_INT(charged, json_int(all, "charged", -1));
    CHECK_INT(registered, json_int(all, "registered_offenders", -1));
    CHECK_INT(trust, json_int(all, "positions_of_trust", -1));
    CHECK_INT(children, json_int(all, "children_safeguarded", -1));
    CHECK_INT(immediate, json_int(all, "children_immediate_risk", -1));
}

static void check_recount(const char *scenario, double scale)
{
    CLEANUP(folder_done) Folder f = { 0 };
    CLEANUP(arena_done) Arena mem = { 0 };
    CLEANUP(json_done) Json *truth = NULL;
    SimulateReport report = { 0 };
    Err err = { 0 };
    run_into(&f, &mem, scenario, 7, scale, &report);
    CHECK_OK(json_read(file_of(&mem, &f, "truth.json"), &truth, &err), &err);
    Rows        rows = returns_of(&mem, &f, truth);
    const Json *figures = json_get(truth, "figures");
    for (size_t i = 0; i < json_count(figures); i++)
        check_figures(&rows, json_at(figures, i));
    CHECK_INT(json_count(json_get(truth, "people")), report.people);
}

TEST(truth_is_what_the_returns_come_to)
{
    check_recount("lantern", 0.05);
    check_recount("notarise", 0.05);
    check_recount("lantern", 1);
    check_recount("notarise", 1);
}

static const struct { const char *scenario, *as_at; int64_t want[8]; } published[] = {
    { "lantern",  "2026-11-24", { 660, 833, 9172, 118, 39, 19, 431, 127 } },
    { "notarise", "2014-07-16", { 660, 833, 9172, 31,  39, 19, 431, 127 } },
    { "notarise", "2015-03-20", { 745, 900, 9990, 264, 44, 47, 518, 151 } },
};
static const char *const keys[8] = { "arrests",
                                     "premises",
                                     "devices",
                                     "charged",
                                     "registered_offenders",
                                     "positions_of_trust",
                                     "children_safeguarded",
                                     "children_immediate_risk" };

static const Json *find_force(const Json *figures, const char *force)
{
    const Json *forces = json_get(figures, "forces");
    for (size_t i = 0; i < json_count(forces); i++)
        if (str_same(json_text(json_at(forces, i), "force"), force))
            return json_at(forces, i);
    return NULL;
}

static void check_forces(const Json *figures)
{
    static const struct { const char *force, *key; int64_t want; } known[] = {
        { "bedfordshire", "arrests", 14 }, { "bedfordshire", "devices", 250 }, { "cambridgeshire", "arrests", 8 },
        { "cheshire", "arrests", 21 },     { "humberside", "arrests", 19 },    { "leicestershire", "arrests", 9 },
        { "lincolnshire", "arrests", 14 }, { "lincolnshire", "premises", 17 }, { "north-yorkshire", "arrests", 10 },
        { "scotland", "arrests", 13 },     { "south-yorkshire", "arrests", 17 }, { "surrey", "arrests", 7 },
        { "surrey", "devices", 72 },       { "sussex", "arrests", 24 },        { "sussex", "devices", 332 },
        { "west-midlands", "arrests", 41 }, { "west-yorkshire", "arrests", 21 }, { "west-yorkshire", "charged", 0 },
    };
    for (size_t i = 0; i < COUNT_OF(known); i++)
        CHECK_INT(json_int(find_force(figures, known[i].force), known[i].key, -1), known[i].want);
}

TEST(full_scale_gives_the_published_figures)
{
    for (size_t i = 0; i < COUNT_OF(published); i++) {
        CLEANUP(folder_done) Folder f = { 0 };
        CLEANUP(arena_done) Arena mem = { 0 };
        CLEANUP(json_done) Json *truth = NULL;
        SimulateReport report = { 0 };
        Err err = { 0 };
        run_into(&f, &mem, published[i].scenario, 1 + i, 1, &report);
        CHECK_OK(json_read(file_of(&mem, &f, "truth.json"), &truth, &err), &err);
        const Json *figures = json_at(json_get(truth, "figures"), i == 2);
        CHECK_TEXT(json_text(figures, "as_at"), published[i].as_at);
        for (size_t k = 0; k < COUNT_OF(keys); k++)
            CHECK_INT(json_int(json_get(figures, "national"), keys[k], -1), published[i].want[k]);
        if (i < 2)
            check_forces(figures);
    }
}

/* Nothing else is said of them, so that they make one bundle (link/bundle_test.c). */
TEST(people_of_a_viral_file_are_reported_once_and_for_nothing_else)
{
    CLEANUP(folder_done) Folder f = { 0 };
    CLEANUP(arena_done) Arena mem = { 0 };
    CLEANUP(json_done) Json *truth = NULL;
    SimulateReport report = { 0 };
    Err err = { 0 };
    int viral = 0;
    run_into(&f, &mem, "lantern", 7, 0.1, &report);
    CHECK_OK(json_read(file_of(&mem, &f, "truth.json"), &truth, &err), &err);
    const Json *people = json_get(truth, "people");
    for (size_t i = 0; i < json_count(people); i++) {
        const Json *p = json_at(people, i);
        if (!str_same(json_text(p, "kind"), "viral"))
            continue;
        viral++;
        CHECK_INT(json_count(json_get(p, "source_refs")), 1);
        CHECK_INT(json_count(json_get(p, "answers")), 0);
    }
    CHECK_INT(viral, 6);
}

TEST(the_same_seed_gives_the_same_bytes)
{
    CLEANUP(folder_done) Folder a = { 0 };
    CLEANUP(folder_done) Folder b = { 0 };
    CLEANUP(folder_done) Folder c = { 0 };
    CLEANUP(arena_done) Arena mem = { 0 };
    SimulateReport report = { 0 };
    run_into(&a, &mem, "lantern", 5, 0.05, &report);
    run_into(&b, &mem, "lantern", 5, 0.05, &report);
    run_into(&c, &mem, "lantern", 6, 0.05, &report);
    struct dirent **list = NULL;
    int n = files_in(&a, &mem, &list);
    CHECK(n > 20);
    for (int i = 0; i < n; i++)
        if (list[i]->d_name[0] != '.') {
            const char *name = str_fmt(&mem, "in/%s", list[i]->d_name);
            CHECK(str_eq(file_of(&mem, &a, name), file_of(&mem, &b, name)));
        }
    list_done(list, n);
    CHECK(str_eq(file_of(&mem, &a, "truth.json"), file_of(&mem, &b, "truth.json")));
    CHECK(str_eq(file_of(&mem, &a, "authority.json"), file_of(&mem, &b, "authority.json")));
    CHECK(!str_eq(file_of(&mem, &a, "truth.json"), file_of(&mem, &c, "truth.json")));
}

static size_t records_of(const Folder *f, const char *name)
{
    static const char *const records[] = { "report", "fileDetails", NULL };
    CLEANUP(arena_done) Arena mem = { 0 };
    Xml   *xml = NULL;
    Err    err = { 0 };
    size_t n = 0;
    CHECK_OK(xml_open(&mem, source_memory(&mem, file_of(&mem, f, name)), records, &xml, &err), &err);
    for (;;) {
        XmlNode *record = NULL;
        bool     end = false;
        CHECK_OK(xml_next(xml, &mem, &record, &end, &err), &err);
        if (end)
            break;
        if (str_same(record->name, "report"))
            n++;
        CHECK(xml_text(record, "reportId") != NULL || xml_attr(record, "reportId") != NULL);
    }
    xml_close(xml);
    return n;
}

TEST(every_report_file_is_well_formed)
{
    CLEANUP(folder_done) Folder f = { 0 };
    CLEANUP(arena_done) Arena mem = { 0 };
    SimulateReport report = { 0 };
    run_into(&f, &mem, "lantern", 3, 0.3, &report);
    struct dirent **list = NULL;
    size_t          reports = 0;
    int             n = files_in(&f, &mem, &list);
    for (int i = 0; i < n; i++)
        if (strstr(list[i]->d_name, ".xml"))
            reports += records_of(&f, str_fmt(&mem, "in/%s", list[i]->d_name));
    list_done(list, n);
    CHECK(reports >= report.reports);      /* some are sent twice */
}

TEST(a_wrong_scenario_or_scale_is_refused)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    SimulateReport  report = { 0 };
    Err             err = { 0 };
    SimulateOptions scenario = { "spade", 1, 1, "/nowhere", today },
                    scale = { "lantern", 1, 0, "/nowhere", today };
    SimulateOptions folder = { "lantern", 1, 0.01, "/nowhere/at/all", today };
    CHECK_FAILS(simulate_run(&scenario, &mem, &report, &err), &err, ERR_INVALID);
    CHECK_FAILS(simulate_run(&scale, &mem, &report, &err), &err, ERR_INVALID);
    CHECK_FAILS(simulate_run(&folder, &mem, &report, &err), &err, ERR_STORE);
}

TEST_MAIN(truth_is_what_the_returns_come_to, full_scale_gives_the_published_figures,
          people_of_a_viral_file_are_reported_once_and_for_nothing_else, the_same_seed_gives_the_same_bytes,
          every_report_file_is_well_formed,
          a_wrong_scenario_or_scale_is_refused)
