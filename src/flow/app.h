/* app.h: what main builds once and passes down: the database, the ledger, reference data, the clock. No
 * hidden state. */
#pragma once
#include "access/access.h"
#include "attribute/attribute.h"
#include "base/log.h"
#include "clock/clock.h"
#include "intake/operation.h"
#include "ledger/ledger.h"
#include "link/base.h"
#include "risk/risk.h"

typedef struct AppOptions {
    const char *db_path;
    bool create, read_only;
    bool unsafe_fast;       /* no flush: a database that is thrown away unless it is finished */
    Instant fixed_now;      /* INSTANT_NONE: the machine's clock. Otherwise an exercise's clock, held still */
    const char *asn_folder; /* range tables as npm packages them; NULL: MUSTER_ASN_DIR, or none */
} AppOptions;

typedef struct App {
    Arena mem;
    AppOptions opt;
    Store *store;
    Ledger *ledger;
    Db *db; /* the main thread's reader */
    ClockRules *rules;
    RiskModel *risk;
    Places *places;
    Operators *operators; /* loaded on first use: it is 0.3 s and 30 MB that most commands do not need */
    LinkBase *base; /* every record in memory, read when first weighed against */
    Log log;
} App;

MUST_USE bool app_open(const AppOptions *opt, App *app,
                       Err *err); /* reference data from the binary's own copy of data/ */
MUST_USE bool app_operators(App *app, Err *err);
void app_close(App *app); /* accepts {0}; for CLEANUP */
Instant app_now(const App *app);
const Kinds *app_kinds(void); /* every kind of fact, gathered from the folders */
/* Every statement of every folder, for the check that all fit the schema. */
typedef struct SqlTable {
    const char *folder;
    const Sql *at;
    size_t count;
} SqlTable;
