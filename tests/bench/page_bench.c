/* page_bench.c: how long pages take, and what they cost, with ten thousand and a million nominals.
 *
 *   page_bench [nominals ...]       (default 10000 1000000; the databases are made in MUSTER_TEST_DIR or
 * /tmp)
 *
 * Up to ten thousand come in by files, linking and scoring (seed.h); more are copies of those (multiply.h).
 * Then the real server answers on this machine. Times are seen by the client, over connections kept open, one
 * and eight at a time. A nominal's page is sent once its consultation is on disk, so its time holds a disk
 * flush. */
#include <stdlib.h>
#include <string.h>
#include "base/json.h"
#include "bench.h"
#include "load.h"
#include "multiply.h"
#include "seed.h"
#include "static_server.h"
#include "store/store_testing.h"

enum {
    REQUESTS = 1000,
    WARM = 20,
    STATIC_REQUESTS = 10000,
    SEEDED_MAX = 10000,
    BODY_MAX = 1024 * 1024,
    TARGETS_MAX = 64
};
static const double seconds_max = 6;

static const char html[] = "text/html", json[] = "application/json";

typedef struct Site {
    Arena mem;
    Child server;
    int port;
    const char *cookie, *size;          /* "10k" */
    const char *nominals[TARGETS_MAX];  /* "/nominals/N-..." of the first page of the queue */
    size_t nominal_count;
    const char *deep;                   /* "/queue?after=..." after many pages */
} Site;

static Load load_on(const Site *site, const char *const *targets, size_t count, const char *accept)
{
    return (Load){ .port = site->port, .connections = 1, .requests = REQUESTS, .seconds_max = seconds_max,
                   .targets = targets, .target_count = count, .accept = accept, .cookie = site->cookie };
}

/* What the library takes to send as many bytes, as CPU milliseconds for each request. */
static double static_cost(const char *self, size_t body_bytes)
{
    static const char *const root[] = { "/" };
    char size[32];
    snprintf(size, sizeof size, "%zu", body_bytes);
    Child server = child_start((const char *[]){ self, "static", size, NULL });
    Load load = { .port = child_port(&server),
                  .connections = 1,
                  .requests = STATIC_REQUESTS,
                  .seconds_max = 3,
                  .targets = root,
                  .target_count = 1,
                  .accept = html };
    double before = process_cpu_ms(server.pid);
    Loaded got = load_run(&load);
    double cost = (process_cpu_ms(server.pid) - before) / got.requests;
    child_stop(&server);
    return cost;
}

typedef struct PageCase {
    const char *name;
    const char *const *targets;
    size_t count;
    const char *accept;
    const char *p50, *p99;              /* targets */
} PageCase;

static void page_measure(const Site *site, const char *self, const PageCase *page)
{
    char task[160], reference[80];
    Load load = load_on(site, page->targets, page->count, page->accept);
    load.requests = WARM;
    load_run(&load);
    load.requests = REQUESTS;
    double before = process_cpu_ms(site->server.pid);
    Loaded one = load_run(&load);
    double cost = (process_cpu_ms(site->server.pid) - before) / one.requests;
    load.connections = 8;
    Loaded eight = load_run(&load);

    snprintf(task, sizeof task, "%s at %s, p50", page->name, site->size);
    row_print(&(Row){ .task = task, .unit = "ms", .value = one.p50_ms, .target = page->p50 });
    snprintf(task, sizeof task, "%s at %s, p99", page->name, site->size);
    row_print(&(Row){ .task = task, .unit = "ms", .value = one.p99_ms, .target = page->p99 });
    snprintf(task, sizeof task, "%s at %s, CPU a request", page->name, site->size);
    snprintf(reference, sizeof reference, "libmicrohttpd, %zu bytes", one.body_bytes);
    row_print(&(Row){ .task = task,
                      .unit = "ms",
                      .value = cost,
                      .less_is_better = true,
                      .reference = reference,
                      .reference_value = static_cost(self, one.body_bytes) });
    snprintf(task, sizeof task, "%s at %s, 8 connections", page->name, site->size);
    row_print(&(Row){ .task = task, .unit = "requests/s", .value = eight.per_second });
}

/* Ten pages down the queue, gathering whom to open on the way. */
static void queue_walk(Site *site)
{
    char *body = arena_new(&site->mem, char, BODY_MAX);
    const char *at = "/queue";
    Load load = load_on(site, NULL, 0, json);
    for (int page = 0; page < 10; page++) {
        Err err = { 0 };
        CLEANUP(json_done) Json *got = NULL;
        must_be(load_fetch(&load, at, body, BODY_MAX) == 200, "reading the queue");
        must(json_read(str_of(body), &got, &err), &err);
        const Json *list = json_get(got, "nominals");
        for (size_t i = 0; i < json_count(list) && site->nominal_count < TARGETS_MAX; i += 7)
            site->nominals[site->nominal_count++] =
                str_fmt(&site->mem, "/nominals/%s", json_text(json_at(list, i), "nominal"));
        const char *after = json_text(got, "after");
        if (after)
            at = str_fmt(&site->mem, "/queue?after=%s", after);
    }
    site->deep = at;
}

static void site_open(Site *site, const TestStore *t, const Seeded *seeded)
{
    site->server = child_start((const char *[]){ muster_program(), "--db", t->path,
                                           "serve", "--port", "0", "--insecure-cookies", NULL });
    site->port = child_port(&site->server);
    site->cookie =
        str_fmt(&site->mem, "muster=%s", hex_write(&site->mem, seeded->session, sizeof seeded->session));
    site->size = seeded->nominals >= 1000000
                     ? str_fmt(&site->mem, "%lldM", (long long)seeded->nominals / 1000000)
                     : str_fmt(&site->mem, "%lldk", (long long)seeded->nominals / 1000);
    queue_walk(site);
}

static void site_measure(Site *site, const char *self)
{
    static const char *const queue[] = { "/queue" }, *const waiting[] = { "/waiting" },
                             *const picture[] = { "/" }, *const packages[] = { "/packages" },
                             *const search[] = { "/queue?text=Morgan" };
    const char *deep[] = { site->deep };
    const PageCase pages[] = {
        { "queue",                  queue,          1,                   html, "value<=20", "value<=50" },
        { "queue, JSON",            queue,          1,                   json, "value<=20", "value<=50" },
        { "queue, tenth page",      deep,           1,                   html, "value<=20", "value<=50" },
        { "queue, by name",         search,         1,                   html, "value<=20", "value<=50" },
        { "nominal, logged",        site->nominals, site->nominal_count, html, "value<=10", "value<=50" },
        { "nominal, logged, JSON",  site->nominals, site->nominal_count, json, "value<=10", "value<=50" },
        { "waiting",                waiting,        1,                   html, "value<=20", "value<=50" },
        { "packages",               packages,       1,                   html, "value<=20", "value<=50" },
        { "national picture",       picture,        1,                   html, "value<=50", "value<=100" },
    };
    FOR_EACH(page, pages)
        page_measure(site, self, page);
}

static void measure_at(int64_t nominals, const char *self)
{
    CLEANUP(testing_done) TestStore t = { 0 };
    Site site = { 0 };
    testing_folder(&t);
    int times = (int)((nominals + SEEDED_MAX - 1) / SEEDED_MAX);
    Seeded seeded = seed_operation(t.folder, t.path, nominals / times);
    if (times > 1)
        database_multiply(t.path, times);
    seeded.nominals = nominals;
    site_open(&site, &t, &seeded);
    if (times == 1)
        row_print(&(Row){ .task = str_fmt(&site.mem, "link, place and score %s", site.size),
                          .unit = "nominals/s",
                          .value = (double)nominals / seeded.flow_s });
    site_measure(&site, self);
    child_stop(&site.server);
    arena_done(&site.mem);
}

int main(int argc, char **argv)
{
    static const int64_t usual[] = { 10000, 1000000 };
    int64_t n = 0;
    if (argc == 3 && strcmp(argv[1], "static") == 0)
        return static_serve((size_t)strtoul(argv[2], NULL, 10));
    if (argc < 2)
        FOR_EACH(size, usual)
            measure_at(*size, argv[0]);
    for (int i = 1; i < argc; i++) {
        must_be(str_int(str_of(argv[i]), 100, 100000000, &n), "reading how many nominals");
        measure_at(n, argv[0]);
    }
    return 0;
}
