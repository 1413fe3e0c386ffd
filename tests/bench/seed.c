#include "seed.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/csv.h"
#include "base/embedded.h"
#include "base/rng.h"
#include "bench.h"
#include "dispatch/package.h"
#include "flow/flow.h"
#include "intake/import.h"
#include "link/nominal.h"

enum { PACKAGES_SENT = 400, LIST_ROWS_PER_FILE = 250000, DECIDED = 500 };
static const char password[] = "muster bench password";

static const char *const given[] = { "Adam", "Anna", "Brian", "Claire", "Daniel", "Ethan", "Gareth", "Helen",
                                     "Iain", "Jack", "Karen", "Liam", "Matthew", "Nigel", "Owen", "Rachel" };
static const char *const family[] = { "Abbott", "Bennett", "Carver", "Dobson", "Ellis", "Fletcher", "Garner",
                                      "Hussain", "Iqbal", "Jenkins", "Khan", "Lawson", "Morgan", "Naylor",
                                      "Osborne", "Patel", "Quinn", "Reeve", "Slater", "Turner" };
static const char *const jobs[] = {
    "driver", "teacher", "retired", "chef", "", "doctor", "", "engineer", ""
};
static const char letters[] = "ABDEFGHJLNPQRSTUWXYZ";

typedef struct Seed {
    App *app;
    Arena mem;
    const char *folder;
    const char **sectors; /* "CR0 1" */
    size_t sector_count, sector_cap;
    Viewer viewer;
    Hand hand;
    Rng rng;
} Seed;

#define PICK(s, list) (list)[rng_below(&(s)->rng, COUNT_OF(list))]

/* The first field of data/postcodes.csv, which is never quoted. */
static void sectors_read(Seed *s)
{
    Str rest = embedded_str(embedded_find("data/postcodes.csv"));
    for (bool head = true; rest.len; head = false) {
        const char *end = memchr(rest.at, '\n', rest.len), *comma = memchr(rest.at, ',', rest.len);
        size_t used = end ? (size_t)(end - rest.at) + 1 : rest.len;
        if (!head && comma)
            *arena_push(&s->mem, s->sectors, s->sector_count, s->sector_cap) =
                str_copy_n(&s->mem, rest.at, (size_t)(comma - rest.at));
        rest = (Str){ rest.at + used, rest.len - used };
    }
    must_be(s->sector_count > 0, "reading postcodes");
}

static void database_found(Seed *s, const char *path)
{
    Err err = { 0 };
    size_t added = 0;
    int64_t id = 0;
    NewPerson person = { "coordinator", "Bench Coordinator", "coordinator", ROLE_COORDINATOR };
    s->hand.at = instant_now();
    must(app_open(&(AppOptions){ .db_path = path, .create = true, .fixed_now = INSTANT_NONE }, s->app, &err),
         &err);
    must(ledger_found(s->app->ledger, "muster/bench", s->hand.at, &err), &err);
    must(access_add_agencies(s->app->ledger, &s->hand, embedded_str(embedded_find("data/agencies.csv")),
                             &added, &err),
         &err);
    must(person_add(s->app->ledger, &s->hand, &person, &id, &err) &&
             person_set_password(s->app->ledger, &s->hand, id, password, false, &err) &&
             viewer_load(s->app->db, &s->mem, "coordinator", &s->viewer, &err),
         &err);
}

static void officers_add(Seed *s)
{
    Agency *agencies = NULL;
    size_t n = 0;
    Err err = { 0 };
    must(agency_list(s->app->db, &s->mem, &agencies, &n, &err), &err);
    for (size_t i = 0; i < n; i++) {
        int64_t id = 0;
        NewPerson supervisor = { str_fmt(&s->mem, "%s-supervisor", agencies[i].short_id), "Bench Supervisor",
                                 agencies[i].short_id, ROLE_FORCE_SUPERVISOR };
        if (str_same(agencies[i].kind, "force"))
            must(person_add(s->app->ledger, &s->hand, &supervisor, &id, &err), &err);
    }
}

static void operation_begin(Seed *s)
{
    Err err = { 0 };
    Date today = instant_date_utc(s->hand.at);
    const char *authority = str_fmt(&s->mem,
                                    "{\"name\":\"Bench\",\"lawful_basis\":\"b\",\"document\":\"d\","
                                    "\"necessity\":\"n\",\"proportionality\":"
                                    "\"p\",\"authorised_by\":\"a\",\"from\":\"%s\",\"until\":\"%s\","
                                    "\"exercise\":true}",
                                    date_iso(&s->mem, today - 30), date_iso(&s->mem, today + 300));
    s->hand = viewer_hand(&s->viewer, 0, s->hand.at);
    must(operation_open(s->app->ledger, s->app->db, &s->hand, str_of(authority), &s->hand.operation, &err),
         &err);
}

static FILE *file_begin(Seed *s, const char *name, const char *head, const char **path)
{
    *path = str_fmt(&s->mem, "%s/%s", s->folder, name);
    FILE *f = fopen(*path, "w");
    must_be(f != NULL, "writing a file");
    fputs(head, f);
    return f;
}

static int64_t file_take(Seed *s, FILE *f, const char *path)
{
    ImportReport report;
    Err err = { 0 };
    must_be(fclose(f) == 0, "writing a file");
    must(intake_import(s->app->ledger, s->app->store, &s->hand, &(ImportOptions){ 0 }, path, &s->mem, &report,
                       NULL, NULL, &err),
         &err);
    must_be(report.rejected == 0 && report.pending == 0, "taking every row in");
    unlink(path);
    return report.received;
}

/* One row of a list of purchases for each nominal: a name, a day of birth, an address and an e-mail address.
 */
static void list_row(Seed *s, FILE *f, int64_t i)
{
    const char *sector = s->sectors[rng_below(&s->rng, s->sector_count)];
    fprintf(f,
            "L%" PRId64 ",%s,%s,%d-%02d-%02d,%d Example Road,%s%c%c,mail.%" PRId64 "@example.org,2026-%02d-%"
                                                                                   "02dT10:%02d:00Z,%s\n",
            i, PICK(s, given), PICK(s, family), 1950 + (int)rng_below(&s->rng, 50),
            1 + (int)rng_below(&s->rng, 12), 1 + (int)rng_below(&s->rng, 28),
            1 + (int)rng_below(&s->rng, 240), sector, letters[rng_below(&s->rng, 20)],
            letters[rng_below(&s->rng, 20)], i, 1 + (int)rng_below(&s->rng, 12),
            1 + (int)rng_below(&s->rng, 28), (int)rng_below(&s->rng, 60), PICK(s, jobs));
}

/* One sighting for every four nominals; a hundred of them are seen far more often than the others. */
static void footprint_row(Seed *s, FILE *f, int64_t i, int64_t nominals)
{
    int64_t who =
        i % 10 == 0 ? (int64_t)rng_below(&s->rng, 100) : (int64_t)rng_below(&s->rng, (uint64_t)nominals);
    fprintf(f,
            "E%" PRId64 ",mail.%" PRId64 "@example.org,198.51.100.%d,%d,2026-%02d-%02dT09:%02d:07Z,Upload\n",
            i, who, (int)rng_below(&s->rng, 256), 1024 + (int)rng_below(&s->rng, 60000),
            1 + (int)rng_below(&s->rng, 12), 1 + (int)rng_below(&s->rng, 28), (int)rng_below(&s->rng, 60));
}

static int64_t files_take(Seed *s, int64_t nominals)
{
    const char *path = NULL;
    int64_t rows = 0;
    for (int64_t from = 0; from < nominals; from += LIST_ROWS_PER_FILE) {
        FILE *f = file_begin(s, "list.csv",
                             "list_ref,given_names,family_name,date_of_birth,address,postcode,email,"
                             "purchased_at,occupation\n",
                             &path);
        for (int64_t i = from; i < nominals && i < from + LIST_ROWS_PER_FILE; i++)
            list_row(s, f, i);
        rows += file_take(s, f, path);
    }
    FILE *f = file_begin(s, "footprints.csv", "event_ref,email,ip_address,port,seen_at,event\n", &path);
    for (int64_t i = 0; i < nominals / 4; i++)
        footprint_row(s, f, i, nominals);
    return rows + file_take(s, f, path);
}

/* A person decides the band of the most dangerous, as they must before a package is sent. */
static void bands_decide(Seed *s)
{
    NominalRow *rows = NULL;
    size_t n = 0, decided = 0;
    QueueFilter f = { .operation = s->hand.operation, .limit = 100 };
    Err err = { 0 };
    do {
        must(nominal_queue(s->app->db, &s->mem, &s->viewer, &f, &rows, &n, &err), &err);
        for (size_t i = 0; i < n; i++, decided++)
            must(band_decide(s->app->ledger, s->app->db, s->app->rules, &s->hand, rows[i].id,
                             rows[i].suggested, "As suggested", &err),
                 &err);
        if (n) {
            f.band_rank = rows[n - 1].band_rank;
            f.points = rows[n - 1].points;
            f.after_id = rows[n - 1].id;
        }
    } while (n && decided < DECIDED);
}

static size_t packages_send(Seed *s)
{
    int64_t *ids = NULL;
    size_t n = 0, sent = 0;
    Err err = { 0 };
    must(package_candidates(s->app->db, &s->mem, s->hand.operation, &ids, &n, &err), &err);
    for (size_t i = 0; i < n && i < PACKAGES_SENT; i++) {
        int64_t package = 0;
        must(package_build(s->app->ledger, s->app->db, s->app->rules, &s->hand, ids[i], &package, &err),
             &err);
        if (package_send(s->app->ledger, s->app->db, s->app->rules, &s->hand, package, &err))
            sent++;
        else
            err_clear(&err); /* held, as some are */
    }
    return sent;
}

Seeded seed_operation(const char *folder, const char *path, int64_t nominals)
{
    App app = { 0 };
    Seed s = { .app = &app, .folder = folder, .rng = rng_seed(1) };
    Seeded out = { .nominals = nominals };
    FlowReport flow;
    Session session;
    Err err = { 0 };
    database_found(&s, path);
    sectors_read(&s);
    officers_add(&s);
    operation_begin(&s);
    double start = seconds_now();
    out.import_rows = files_take(&s, nominals);
    out.import_s = seconds_now() - start;
    start = seconds_now();
    must(flow_run(&app, app.db, &s.hand, NULL, NULL, &flow, &err), &err);
    out.flow_s = seconds_now() - start;
    bands_decide(&s);
    out.packages = packages_send(&s);
    out.operation = s.hand.operation;
    must(session_start(app.ledger, &s.mem, "coordinator", password, "", instant_now(), &session, &err), &err);
    memcpy(out.session, session.token, sizeof out.session);
    app_close(&app);
    arena_done(&s.mem);
    return out;
}
