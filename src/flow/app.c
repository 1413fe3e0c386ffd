#include "flow/app.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/embedded.h"
#include "base/limits.h"

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
    StoreOptions how = { .create = opt->create,
                         .read_only = opt->read_only,
                         .unsafe_fast = opt->unsafe_fast };
    app->base = link_base_new();
    return load_reference(app, err) && store_open(opt->db_path, how, &app->store, err) &&
           ledger_open(app->store, app_kinds(), &app->ledger, err) && store_reader(app->store, &app->db, err);
}

/* The npm package names its day in its version, "2.3.2026061719": kept with every answer. */
static const char *table_date(App *app, const char *folder)
{
    CLEANUP(json_done) Json *about = NULL;
    Err err = { 0 };
    Str text;
    const char *version = NULL;
    if (file_read(&app->mem, str_fmt(&app->mem, "%s/package.json", folder), LIMIT_JSON_BYTES, &text, &err) &&
        json_read(text, &about, &err))
        version = json_text(about, "version");
    const char *day = version ? strrchr(version, '.') : NULL;
    if (!day || strlen(day) < 9)
        return "date not stated";
    return str_fmt(&app->mem, "%.4s-%.2s-%.2s", day + 1, day + 5, day + 7);
}

bool app_operators(App *app, Err *err)
{
    const char *folder = app->opt.asn_folder ? app->opt.asn_folder : getenv("MUSTER_ASN_DIR");
    if (app->operators)
        return true;
    if (!folder)
        return operators_load(NULL, NULL, NULL, &app->operators, err);
    return operators_load(str_fmt(&app->mem, "%s/asn-ipv4-num.csv", folder),
                          str_fmt(&app->mem, "%s/asn-ipv6.csv", folder), table_date(app, folder),
                          &app->operators, err) ||
           err_while(err, "reading the table of network operators");
}

void app_close(App *app)
{
    if (app->db)
        store_reader_close(app->db);
    store_close(app->store);
    ledger_close(app->ledger);
    operators_close(app->operators);
    link_base_done(app->base);
    arena_done(&app->mem);
    *app = (App){ 0 };
}

Instant app_now(const App *app)
{
    return app->opt.fixed_now == INSTANT_NONE ? instant_now() : app->opt.fixed_now;
}
