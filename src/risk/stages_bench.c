/* Sightings a second through linking, look-up and scoring, durable and audited; then the first page and a
 * deep page of the queue. Arguments: rows (100000), a table of ranges (optional). */
#include <inttypes.h>
#include "attribute/attribute.h"
#include "base/source.h"
#include "base/when.h"
#include "intake/import.h"
#include "intake/intake_ledger.h"
#include "intake/operation.h"
#include "link/nominal.h"
#include "match/match.h"
#include "risk/risk.h"
#include "store/store_testing.h"

static const char authority[] =
    "{\"name\":\"Bench\",\"lawful_basis\":\"b\",\"document\":\"d\",\"necessity\":\"n\","
    "\"proportionality\":\"p\",\"authorised_by\":\"a\",\"from\":\"2026-01-01\","
    "\"until\":\"2026-12-31\",\"exercise\":true}";
static const char agencies[] = "short_id,kind,ons_code,name,tile,nation,tile_row,tile_column\n"
                               "coordinator,coordinator,,Unit,NCU,uk,,\n";
static const Kinds kinds = { (const Kind *const[]){ ledger_kinds, access_kinds, clock_kinds, operation_kinds,
                                                    intake_kinds, match_kinds, link_kinds, attribute_kinds,
                                                    risk_kinds, NULL } };

typedef struct Bench {
    TestStore temp;
    Ledger   *ledger;
    Db       *db;
    Arena     mem;
    Hand      hand;
    Viewer    viewer;
    Instant   started;
} Bench;

static void must(bool ok, const Err *err)
{
    if (!ok) {
        fprintf(stderr, "%s [%s]\n", err->told, err->trail);
        exit(1);
    }
}

static void begin(Bench *b) { b->started = instant_now(); }
static void end(Bench *b, const char *what, double count)
{
    double seconds = (double)(instant_now() - b->started) / 1e6;
    printf("%-28s %10.0f in %7.3f s  %10.0f a second\n", what, count, seconds, count / seconds);
}

static void bench_open(Bench *b)
{
    Err err = {0};
    size_t added = 0;
    int64_t person = 0;
    NewPerson p = { "c.dale", "C Dale", "coordinator", ROLE_COORDINATOR };
    b->hand = (Hand){ 0, 0, 0, date_start_utc(date_of(2026, 5, 14)) };
    testing_folder(&b->temp);
    testing_reopen(&b->temp, (StoreOptions){ .create = true });
    must(ledger_open(b->temp.store, &kinds, &b->ledger, &err), &err);
    must(ledger_found(b->ledger, "muster/bench", 1, &err) && store_reader(b->temp.store, &b->db, &err), &err);
    must(access_add_agencies(b->ledger, &b->hand, str_of(agencies), &added, &err), &err);
    must(person_add(b->ledger, &b->hand, &p, &person, &err) &&
             viewer_by_id(b->db, &b->mem, person, &b->viewer, &err),
         &err);
    b->hand = viewer_hand(&b->viewer, 0, b->hand.at);
    must(operation_open(b->ledger, b->db, &b->hand, str_of(authority), &b->hand.operation, &err), &err);
}

static void take(Bench *b, int64_t rows)
{
    Err err = {0};
    ImportReport report;
    char *path = str_fmt(&b->mem, "%s/rows.csv", b->temp.folder);
    FILE *f = fopen(path, "w");
    if (!f)
        exit(1);
    fputs("event_ref,account,service,email,ip_address,port,seen_at\n", f);
    for (int64_t i = 0; i < rows; i++)
        fprintf(f,
                "E%" PRId64 ",account%" PRId64 ",chatter,m%" PRId64 "@example.org,86.%" PRId64 ".%" PRId64
                ".1,1024,2026-05-%02dT09:%02d:07Z\n",
                i, i / 3, i / 4, i % 200, i % 256, (int)(i % 13 + 1), (int)(i % 60));
    fclose(f);
    begin(b);
    must(intake_import(b->ledger, b->temp.store, &b->hand, NULL, path, &b->mem, &report, NULL, NULL, &err),
         &err);
    end(b, "taken in", (double)report.taken);
}

static Str text_of(Bench *b, const char *path)
{
    Err err = {0};
    Str text;
    must(file_read(&b->mem, path, 1 << 20, &text, &err), &err);
    return text;
}

static void stages(Bench *b, const char *ranges)
{
    Err err = {0};
    Operators *o = NULL;
    Places *p = NULL;
    RiskModel *m = NULL;
    ClockRules *rules = NULL;
    size_t linked = 0, opened = 0, looked = 0, attributed = 0, scored = 0;
    begin(b);
    must(operators_load(ranges, NULL, "2026-06-17", &o, &err), &err);
    end(b, "range tables loaded", 1);
    must(places_load(&b->mem, text_of(b, "data/postcodes.csv"), text_of(b, "data/towns.csv"), &p, &err),
         &err);
    must(risk_model_load(&b->mem, text_of(b, "data/risk/model.json"), &m, &err), &err);
    must(clock_rules_load(&b->mem, text_of(b, "data/clocks.csv"),
                          text_of(b, "data/calendars/bank_holidays.csv"), &rules, &err),
         &err);
    begin(b);
    must(link_pending(b->ledger, b->db, &b->hand, &linked, &opened, &err), &err);
    end(b, "sightings linked", (double)(linked + opened));
    begin(b);
    must(attribute_pending(b->ledger, b->db, &b->hand, o, p, &looked, &attributed, &err), &err);
    end(b, "footprints looked up", (double)looked);
    begin(b);
    must(risk_pending(b->ledger, b->db, m, rules, &b->hand, &scored, &err), &err);
    end(b, "nominals scored", (double)scored);
    operators_close(o);
}

static void pages(Bench *b)
{
    Err err = {0};
    NominalRow *rows = NULL;
    size_t count = 0;
    QueueFilter f = { .operation = b->hand.operation, .limit = 50 };
    for (int deep = 0; deep < 2; deep++) {
        begin(b);
        for (int i = 0; i < 100; i++)
            must(nominal_queue(b->db, &b->mem, &b->viewer, &f, &rows, &count, &err), &err);
        end(b, deep ? "deep pages of 50" : "first pages of 50", 100);
        if (count == 0)
            break;
        f = (QueueFilter){ .operation = b->hand.operation,
                           .limit = 50,
                           .band_rank = rows[0].band_rank,
                           .points = rows[0].points,
                           .after_id = rows[0].id * 3 };
    }
}

int main(int argc, char **argv)
{
    Bench b = {0};
    int64_t rows = 100000;
    if (argc > 1 && !str_int(str_of(argv[1]), 10, 100000000, &rows))
        return 2;
    bench_open(&b);
    take(&b, rows);
    stages(&b, argc > 2 ? argv[2] : NULL);
    pages(&b);
    store_reader_close(b.db);
    store_close(b.temp.store);
    b.temp.store = NULL;
    ledger_close(b.ledger);
    arena_done(&b.mem);
    testing_done(&b.temp);
    return 0;
}
