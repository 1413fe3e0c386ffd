/* verbs_figures.c: counts as at a date, the bridge between two, the notice, and the rows behind a number. */
#include <string.h>
#include "base/ref.h"
#include "base/zone.h"
#include "cli/cli.h"
#include "figures/figures.h"

static void figures_tell(const Figures *f)
{
    printf("As at %d entries\n%-26s", (int)f->tree_size, "");
    for (int m = 0; m < MEASURE__COUNT; m++)
        printf(" %12.12s", figure_measures[m].key);
    printf("\n%-26s", "National");
    for (int m = 0; m < MEASURE__COUNT; m++)
        printf(" %12lld", (long long)f->national[m]);
    for (size_t i = 0; i < f->force_count; i++) {
        printf("\n%-26s", f->forces[i].name);
        for (int m = 0; m < MEASURE__COUNT; m++)
            printf(" %12lld", (long long)f->forces[i].of[m]);
    }
    putchar('\n');
}

static Json *measures_json(const int64_t of[MEASURE__COUNT])
{
    Json *j = json_new_object();
    for (int m = 0; m < MEASURE__COUNT; m++)
        json_set_int(j, figure_measures[m].key, of[m]);
    return j;
}

static bool bridge(Cli *cli, const Operation *o, Date from, Date to, Err *err)
{
    CLEANUP(json_done) Json *j = json_new_object();
    Bridge b;
    if (!figures_bridge(cli->app.db, &cli->mem, o->id, from, to, &b, err))
        return false;
    Json *steps = json_new_list();
    json_set_text(j, "from", date_iso(&cli->mem, from));
    json_set_text(j, "as_at", date_iso(&cli->mem, to));
    json_set(j, "opening", measures_json(b.opening));
    for (size_t i = 0; i < b.step_count; i++) {
        Json *step = measures_json(b.steps[i].of);
        json_set_text(step, "says", b.steps[i].says);
        json_push(steps, step);
    }
    json_set(j, "steps", steps);
    json_set(j, "closing", measures_json(b.closing));
    if (cli->json) {
        print_json(cli, j);
        return true;
    }
    printf("%-44s", "");
    for (int m = 0; m < MEASURE__COUNT; m++)
        printf(" %10.10s", figure_measures[m].key);
    printf("\nAs at %-38s", date_words(&cli->mem, from));
    for (int m = 0; m < MEASURE__COUNT; m++)
        printf(" %10lld", (long long)b.opening[m]);
    for (size_t i = 0; i < b.step_count; i++) {
        printf("\n  %-42.42s", b.steps[i].says);
        for (int m = 0; m < MEASURE__COUNT; m++)
            printf(" %+10lld", (long long)b.steps[i].of[m]);
    }
    printf("\nAs at %-38s", date_words(&cli->mem, to));
    for (int m = 0; m < MEASURE__COUNT; m++)
        printf(" %10lld", (long long)b.closing[m]);
    putchar('\n');
    return true;
}

static bool drill(Cli *cli, const Operation *o, Date as_at, Err *err)
{
    static const Col cols[] = { { "entry", "Entry", false },     { "date", "Date", false },
                                { "force", "Force", false },     { "place", "Place", false },
                                { "ref", "Force's ref", false }, { "subject", "About", false },
                                { "quantity", "Count", true } };
    CLEANUP(json_done) Json *list = json_new_list();
    DrillFilter f = { .measure = MEASURE__COUNT,
                      .operation = o->id,
                      .as_at = as_at,
                      .place = arg(cli, "place"),
                      .limit = 100000 };
    DrillRow *rows = NULL;
    size_t n = 0;
    Agency force;
    for (int m = 0; m < MEASURE__COUNT; m++)
        if (str_same(figure_measures[m].key, arg(cli, "drill")))
            f.measure = (Measure)m;
    if (f.measure == MEASURE__COUNT)
        return err_set(err, ERR_INVALID, "There is no measure \"%s\".", arg(cli, "drill")) ||
               err_hint(err, "arrests, premises, devices, charged, registered_offenders, positions_of_trust, "
                             "...");
    if (!viewer_may(&cli->viewer, PERM_FIGURES_DRILL))
        return err_set(err, ERR_DENIED, "A %s sees figures, not the rows behind them.",
                       role_name(cli->viewer.role));
    f.force = viewer_scope(&cli->viewer, PERM_FIGURES_DRILL);     /* a force sees the rows of its own */
    if (arg(cli, "force")) {
        if (!agency_by_short(cli->app.db, &cli->mem, arg(cli, "force"), &force, err))
            return false;
        if (f.force && f.force != force.id)
            return err_set(err, ERR_NOT_FOUND, "There are no such rows.");
        f.force = force.id;
    }
    if (!figures_drill(cli->app.db, &cli->mem, &f, &rows, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        Json *one = json_new_object();
        json_set_text(one, "entry", ref_write(&cli->mem, 'E', rows[i].entry));
        json_set_text(one, "date", date_iso(&cli->mem, rows[i].on));
        json_set_text(one, "force", rows[i].force_tile);
        json_set_text(one, "place", rows[i].place);
        json_set_text(one, "ref", rows[i].ref);
        if (rows[i].child)
            json_set_text(one, "subject", ref_write(&cli->mem, 'C', rows[i].child));
        else if (rows[i].nominal)
            json_set_text(one, "subject", ref_write(&cli->mem, 'N', rows[i].nominal));
        json_set_int(one, "quantity", rows[i].quantity);
        json_push(list, one);
    }
    print_table(cli, cols, COUNT_OF(cols), list);
    return true;
}

static bool publish(Cli *cli, const Operation *o, Date as_at, Err *err)
{
    Hand hand = cli_hand(cli, o->id);
    int64_t notice = 0;
    if (!viewer_may(&cli->viewer, PERM_FIGURES_PUBLISH))
        return err_set(err, ERR_DENIED, "A %s may not publish figures.", role_name(cli->viewer.role));
    return figures_publish(cli->app.ledger, cli->app.db, &hand, as_at, &notice, err);
}

bool verb_figures(Cli *cli, Err *err)
{
    Operation o;
    Figures f;
    Date today = london_date(app_now(&cli->app)), as_at, from;
    FiguresQuery q = { 0 };
    if (!viewer_may(&cli->viewer, PERM_FIGURES_READ))
        return err_set(err, ERR_DENIED, "A %s may not see the figures.", role_name(cli->viewer.role));
    if (!cli_operation(cli, &o, err) || !arg_date(cli, "as-at", today, &as_at, err) ||
        !arg_date(cli, "from", DATE_NONE, &from, err) ||
        !arg_int(cli, "known-size", 0, 1, INT64_MAX, &q.known_size, err))
        return false;
    if (arg(cli, "bridge"))
        return from == DATE_NONE || from > as_at
                   ? err_set(err, ERR_INVALID, "--bridge needs --from, earlier than --as-at.")
                   : bridge(cli, &o, from, as_at, err);
    if (arg(cli, "drill"))
        return drill(cli, &o, as_at, err);
    q.operation = o.id;
    q.as_at = as_at;
    if (!figures_compute(cli->app.db, &cli->mem, &q, &f, err) ||
        (arg(cli, "publish") && !publish(cli, &o, as_at, err)))
        return false;
    if (arg(cli, "notice")) {
        puts(figures_notice(&cli->mem, &f, o.name));
    } else if (cli->json) {
        CLEANUP(json_done) Json *j = figures_json(&cli->mem, &f);
        print_json(cli, j);
    } else {
        figures_tell(&f);
    }
    return true;
}
