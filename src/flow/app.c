#include "flow/app.h"
#include <stdlib.h>
#include <unistd.h>
#include "base/embedded.h"

static bool asset(const char *path, Str *out, Err *err)
{
    const Embedded *e = embedded_find(path);
    if (!e)
        return err_set(err, ERR_BUG, "The reference table %s is not in this program.", path);
    *out = embedded_str(e);
    return true;
}

static bool load_reference(App *app, Err *err)
{
    Str clocks, holidays, risk, postcodes, towns;
    return asset("data/clocks.csv", &clocks, err) &&
           asset("data/calendars/bank_holidays.csv", &holidays, err) &&
           asset("data/risk/model.json", &risk, err) && asset("data/postcodes.csv", &postcodes, err) &&
           asset("data/towns.csv", &towns, err) &&
           clock_rules_load(&app->mem, clocks, holidays, &app->rules, err) &&
           risk_model_load(&app->mem, risk, &app->risk, err) &&
           places_load(&app->mem, postcodes, towns, &app->places, err);
}

bool app_open(const AppOptions *opt, App *app, Err *err)
{
    app->opt = *opt;
    app->log = (Log){ .fd = STDERR_FILENO, .least = LOG_INFO, .terminal = isatty(STDERR_FILENO) };
    StoreOptions how = { .create = opt->create, .read_only = opt->read_only };
    return load_reference(app, err) && store_open(opt->db_path, how, &app->store, err) &&
           ledger_open(app->store, app_kinds(), &app->ledger, err) && store_reader(app->store, &app->db, err);
}

bool app_operators(App *app, Err *err)
{
    if (app->operators)
        return true;
    const char *folder = getenv("MUSTER_ASN_DIR"), *v4 = app->opt.asn_v4, *v6 = app->opt.asn_v6;
    if (!v4 && folder) {
        v4 = str_fmt(&app->mem, "%s/asn-ipv4-num.csv", folder);
        v6 = str_fmt(&app->mem, "%s/asn-ipv6.csv", folder);
    }
    return operators_load(v4, v6, app->opt.asn_as_of, &app->operators, err) || err_while(err, "reading the "
                                                                                              "table of "
                                                                                              "network "
                                                                                              "operators");
}

void app_close(App *app)
{
    if (app->db)
        store_reader_close(app->db);
    store_close(app->store);
    ledger_close(app->ledger);
    operators_close(app->operators);
    arena_done(&app->mem);
    *app = (App){ 0 };
}

Instant app_now(const App *app)
{
    return app->opt.fixed_now == INSTANT_NONE ? instant_now() : app->opt.fixed_now;
}
