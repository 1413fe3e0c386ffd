/* Rows a second from a footprints file to durable, audited rows, beside `sqlite3 .import` of the same file
 * into one bare table: no checks, no identifiers, no ledger. Prints both and their ratio. Argument: rows
 * (200000). */
#include <inttypes.h>
#include "base/when.h"
#include "intake/import.h"
#include "intake/intake_ledger.h"
#include "intake/operation.h"
#include "store/store_testing.h"

static const char authority[] = "{\"name\":\"Bench\",\"lawful_basis\":\"b\",\"document\":\"d\",\"necessity\":"
                                "\"n\","
                                "\"proportionality\":\"p\",\"authorised_by\":\"a\",\"from\":\"2026-01-01\","
                                "\"until\":\"2026-12-31\",\"exercise\":true}";

static const Kinds kinds = { (const Kind *const[]){ ledger_kinds, operation_kinds, intake_kinds, NULL } };

static void must(bool ok, const Err *err)
{
    if (!ok) {
        fprintf(stderr, "%s [%s]\n", err->told, err->trail);
        exit(1);
    }
}

static void file_make(const char *path, int64_t rows)
{
    FILE *f = fopen(path, "w");
    if (!f)
        exit(1);
    fputs("event_ref,account,service,ip_address,port,seen_at\n", f);
    for (int64_t i = 0; i < rows; i++)
        fprintf(f,
                "E%" PRId64 ",account%" PRId64 ",chatter,198.51.100.%" PRId64 ",%" PRId64 ",2026-05-14T09:%"
                                                                                          "02" PRId64 ":07Z"
                                                                                                      "\n",
                i, i % 50000, i % 256, 1024 + i % 60000, i % 60);
    fclose(f);
}

static double seconds_since(Instant start) { return (double)(instant_now() - start) / 1e6; }

static double import_time(TestStore *t, const char *path, int64_t rows)
{
    CLEANUP(arena_done) Arena mem = {0};
    Err err = {0};
    Ledger *ledger = NULL;
    Db *db = NULL;
    Hand hand = { 1, 1, 0, date_start_utc(date_of(2026, 5, 14)) };
    ImportReport report;
    testing_reopen(t, (StoreOptions){ .create = true });
    must(ledger_open(t->store, &kinds, &ledger, &err), &err);
    must(ledger_found(ledger, "muster/bench", 1, &err) && store_reader(t->store, &db, &err), &err);
    must(operation_open(ledger, db, &hand, str_of(authority), &hand.operation, &err), &err);
    store_reader_close(db);
    Instant start = instant_now();
    must(intake_import(ledger, t->store, &hand, NULL, path, &mem, &report, NULL, NULL, &err), &err);
    double taken = seconds_since(start);
    if (report.taken != rows)
        exit(1);
    store_close(t->store);
    t->store = NULL;
    ledger_close(ledger);
    return taken;
}

static double shell_time(const TestStore *t, const char *path)
{
    char command[1200];
    snprintf(command, sizeof command,
             "sqlite3 %s/bare.db 'PRAGMA journal_mode=WAL' '.mode csv' '.import %s bare' >/dev/null",
             t->folder, path);
    Instant start = instant_now();
    return system(command) == 0 ? seconds_since(start) : 0;
}

int main(int argc, char **argv)
{
    CLEANUP(testing_done) TestStore t = {0};
    char path[400];
    int64_t rows = 200000;
    if (argc > 1 && !str_int(str_of(argv[1]), 1, 100000000, &rows))
        return 2;
    testing_folder(&t);
    snprintf(path, sizeof path, "%s/footprints.csv", t.folder);
    file_make(path, rows);
    double ours = import_time(&t, path, rows), bare = shell_time(&t, path);
    printf("muster import   %10.0f rows/s (referral, sighting, identifier, footprint and ledger)\n",
           (double)rows / ours);
    if (bare > 0)
        printf("sqlite3 .import %10.0f rows/s (one bare table); ratio %.2f\n", (double)rows / bare,
               bare / ours);
    if (bare > 0)        /* for tools/bench: see tests/bench/bench.h */
        printf("row\tfootprints taken in\t%.0f\trows/s\tsqlite3 .import, bare table\t%.0f\t%.2f\t-\n",
               (double)rows / ours, (double)rows / bare, bare / ours);
    return 0;
}
