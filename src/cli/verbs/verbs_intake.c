/* verbs_intake.c: taking files in, and writing synthetic ones. */
#include <stdlib.h>
#include <string.h>
#include "base/zone.h"
#include "cli/cli.h"
#include "intake/import.h"
#include "simulate/simulate.h"

static void show_bytes(void *ctx, int64_t done, int64_t total, int64_t rows)
{
    Progress *p = ctx;
    (void)rows;
    progress_show(p, done, total);
}

static bool scale_read(const char *text, double *out)
{
    char *end = NULL;
    *out = strtod(text, &end);
    return end != text && *end == 0 && *out > 0;
}

static Json *report_json(const char *path, const ImportReport *r)
{
    Json *j = json_new_object(), *list = json_new_list();
    json_set_text(j, "file", path);
    json_set_text(j, "format", r->format);
    json_set_int(j, "received", r->received);
    json_set_int(j, "taken", r->taken);
    json_set_int(j, "merged", r->merged);
    json_set_int(j, "rejected", r->rejected);
    json_set_int(j, "pending", r->pending);
    json_set_int(j, "media_dropped", r->media_dropped);
    json_set_bool(j, "already", r->already);
    for (size_t i = 0; i < r->rejection_count; i++) {
        Json *one = json_new_object();
        json_set_int(one, "line", r->rejections[i].line);
        json_set_text(one, "reason", r->rejections[i].reason);
        json_push(list, one);
    }
    json_set(j, "rejections", list);
    return j;
}

static void report_tell(const char *path, const ImportReport *r)
{
    printf("%s: %s: %lld received = %lld taken + %lld merged + %lld rejected + %lld pending%s\n", path,
           r->format ? r->format : "?", (long long)r->received, (long long)r->taken, (long long)r->merged,
           (long long)r->rejected, (long long)r->pending,
           r->already ? " (taken in before: nothing changed)" : "");
    for (size_t i = 0; i < r->rejection_count; i++)
        printf("%s:%lld: %s\n", path, (long long)r->rejections[i].line, r->rejections[i].reason);
    if ((int64_t)r->rejection_count < r->rejected)
        printf("%s: and %lld more rejected rows\n", path,
               (long long)(r->rejected - (int64_t)r->rejection_count));
}

typedef struct Imported {
    const char *path;
    int64_t file;
    const char *refused;
    ImportReport report;
} Imported;

/* One file. A refused file is told and the others go on; the exit code says that something was refused. */
static void import_one(Cli *cli, const Hand *hand, Imported *one)
{
    Err err = { 0 };
    Progress p = progress_begin(cli, one->path, "bytes");
    bool ok = intake_import(cli->app.ledger, cli->app.store, hand, &(ImportOptions){ 0 }, one->path,
                            &cli->mem, &one->report, show_bytes, &p, &err);
    progress_end(&p);
    if (ok)
        return;
    one->refused = str_copy(&cli->mem, err.told);
    cli->exit_code = err.kind == ERR_DENIED ? 3 : 2;
    fprintf(stderr, "muster: %s: %s%s%s\n", one->path, err.told, err.hint[0] ? " " : "", err.hint);
}

static bool follow_on(Cli *cli, const Hand *hand, Err *err)
{
    FlowReport flow;
    if (arg(cli, "no-flow"))
        return true;
    Progress p = progress_begin(cli, "following on", "done");
    bool ok = flow_run(&cli->app, cli->app.db, hand, progress_stage, &p, &flow, err);
    progress_end(&p);
    if (!ok || cli->json)
        return ok;
    fputs("Then:", stdout);
    for (size_t i = 0; i < flow.stage_count; i++)
        if (flow.stages[i].count)
            printf(" %s %zu", flow.stages[i].stage, flow.stages[i].count);
    fputc('\n', stdout);
    return true;
}

bool verb_import(Cli *cli, Err *err)
{
    Operation o;
    CLEANUP(json_done) Json *list = json_new_list();
    Hand hand;
    size_t n = cli->args.word_count;
    Imported *files = arena_new(&cli->mem, Imported, n);
    cli->app.opt.asn_folder = arg(cli, "asn");
    if (!viewer_may(&cli->viewer, PERM_INTAKE_IMPORT))
        return err_set(err, ERR_DENIED, "A %s may not take files in.", role_name(cli->viewer.role));
    if (!cli_operation(cli, &o, err))
        return false;
    hand = cli_hand(cli, o.id);
    if (!operation_live(&o, hand.at, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        files[i].path = cli->args.words[i];
        import_one(cli, &hand, &files[i]);
    }
    if (!follow_on(cli, &hand, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        Err later = { 0 };
        bool already = files[i].report.already; /* known to the import alone */
        bool told = !files[i].refused && intake_report(cli->app.db, &cli->mem, files[i].report.file,
                                                       &files[i].report, &later);
        files[i].report.already = already;
        if (told && !cli->json)
            report_tell(files[i].path, &files[i].report);
        Json *j = report_json(files[i].path, &files[i].report);
        if (files[i].refused)
            json_set_text(j, "refused", files[i].refused);
        json_push(list, j);
    }
    if (cli->json)
        print_json(cli, list);
    return true;
}

bool verb_simulate(Cli *cli, Err *err)
{
    SimulateOptions o = {
        .scenario = arg(cli, "scenario"), .seed = 1, .scale = 1, .out_dir = arg(cli, "out")
    };
    CLEANUP(json_done) Json *j = json_new_object();
    SimulateReport made;
    int64_t seed = 1;
    if (!arg_int(cli, "seed", 1, 0, INT64_MAX, &seed, err)
        || !arg_date(cli, "today", london_date(instant_now()), &o.today, err))
        return false;
    o.seed = (uint64_t)seed;
    if (arg(cli, "scale") && !scale_read(arg(cli, "scale"), &o.scale))
        return err_set(err, ERR_INVALID, "--scale takes a number, as 1 or 0.1.");
    if (!simulate_run(&o, &cli->mem, &made, err))
        return err_while(err, "simulating");
    json_set_text(j, "folder", o.out_dir);
    json_set_int(j, "files", (int64_t)made.files);
    json_set_int(j, "people", (int64_t)made.people);
    json_set_int(j, "reports", (int64_t)made.reports);
    json_set_int(j, "arrests", (int64_t)made.arrests);
    if (cli->json)
        print_json(cli, j);
    else
        printf("%s: %zu files about %zu invented people, %zu reports. Their truth is in truth.json.\n",
               o.out_dir, made.files, made.people, made.reports);
    return true;
}
