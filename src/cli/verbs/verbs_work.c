/* verbs_work.c: links, bands, and what is waiting. */
#include "attribute/attribute.h"
#include "base/ref.h"
#include "base/zone.h"
#include "cli/cli.h"
#include "clock/words.h"
#include "link/assess.h"
#include "link/nominal.h"
#include "operate/relied.h"

static void count_tell(const Cli *cli, const char *key, int64_t n)
{
    CLEANUP(json_done) Json *j = json_new_object();
    json_set_int(j, key, n);
    if (cli->json)
        print_json(cli, j);
    else
        printf("%s: %lld\n", key, (long long)n);
}

bool verb_link_run(Cli *cli, Err *err)
{
    Hand hand;
    size_t linked = 0, opened = 0;
    if (!cli_may(cli, PERM_NOMINAL_DECIDE, "link", err) || !cli_work(cli, &hand, err) ||
        !link_pending(cli->app.ledger, cli->app.db, &hand, &linked, &opened, err))
        return false;
    count_tell(cli, "linked", (int64_t)linked);
    return true;
}

bool verb_link_undo(Cli *cli, Err *err)
{
    Hand hand;
    int64_t link = 0;
    return cli_may(cli, PERM_NOMINAL_DECIDE, "undo a link", err) && cli_work(cli, &hand, err) &&
           (str_int(str_of(cli->args.words[0]), 1, INT64_MAX, &link) ||
            err_set(err, ERR_INVALID, "A link is named by its number, as the nominal's page shows it.")) &&
           nominal_unlink(cli->app.ledger, &hand, link, arg(cli, "reason"), err);
}

bool verb_link_merge(Cli *cli, Err *err)
{
    Hand hand;
    int64_t kept = 0, merged = 0;
    return cli_may(cli, PERM_NOMINAL_DECIDE, "merge nominals", err) && cli_work(cli, &hand, err) &&
           ref_read(str_of(cli->args.words[0]), 'N', &kept, err) &&
           ref_read(str_of(cli->args.words[1]), 'N', &merged, err) &&
           nominal_merge(cli->app.ledger, &hand, kept, merged, arg(cli, "reason"), err);
}

static bool attribution_named(Cli *cli, Permission p, int64_t *id, int64_t *nominal, Err *err)
{
    NominalRow row;
    if (!str_int(str_of(cli->args.words[0]), 1, INT64_MAX, id))
        return err_set(err, ERR_INVALID, "An answer is named by its number, as the nominal's page shows it.");
    if (!attribution_nominal(cli->app.db, *id, nominal, err) ||
        !nominal_row(cli->app.db, &cli->mem, &cli->viewer, *nominal, &row, err))
        return false;
    return viewer_may_on(&cli->viewer, p, row.force) ||
           err_set(err, ERR_NOT_FOUND, "There is no such attribution.");
}

bool verb_attribution_relied(Cli *cli, Err *err)
{
    static const Col cols[] = { { "kind", "What", false },   { "ref", "Reference", false },
                                { "state", "State", false }, { "on", "On", false },
                                { "force", "Force", false }, { "package", "Package", false } };
    CLEANUP(json_done) Json *list = json_new_list();
    int64_t id = 0, nominal = 0;
    Relied *rows = NULL;
    size_t count = 0;
    if (!attribution_named(cli, PERM_NOMINAL_READ, &id, &nominal, err) ||
        !relied_on(cli->app.db, &cli->mem, &cli->viewer, id, &rows, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        Json *one = json_new_object();
        json_set_text(one, "kind", rows[i].kind);
        json_set_text(one, "ref", rows[i].ref);
        json_set_text(one, "state", rows[i].state);
        json_set_text(one, "on", date_iso(&cli->mem, rows[i].on));
        json_set_text(one, "force", rows[i].force_tile);
        json_set_text(one, "package", rows[i].package ? ref_write(&cli->mem, 'P', rows[i].package) : "");
        json_push(list, one);
    }
    print_table(cli, cols, COUNT_OF(cols), list);
    return true;
}

bool verb_attribution_withdraw(Cli *cli, Err *err)
{
    Hand hand;
    int64_t id = 0, nominal = 0;
    return cli_work(cli, &hand, err) && attribution_named(cli, PERM_NOMINAL_DECIDE, &id, &nominal, err) &&
           attribution_withdraw(cli->app.ledger, cli->app.db, cli->app.rules, &hand, id, arg(cli, "reason"),
                                err) &&
           verb_attribution_relied(cli, err);
}

bool verb_attribution_review(Cli *cli, Err *err)
{
    Hand hand;
    int64_t id = 0, nominal = 0;
    return cli_work(cli, &hand, err) && attribution_named(cli, PERM_NOMINAL_DECIDE, &id, &nominal, err) &&
           attribution_reviewed(cli->app.ledger, cli->app.db, &hand, nominal, arg(cli, "reason"), err);
}

bool verb_referral_assess(Cli *cli, Err *err)
{
    Hand hand;
    int64_t id = 0;
    return cli_may(cli, PERM_NOMINAL_DECIDE, "assess a referral", err) && cli_work(cli, &hand, err) &&
           (viewer_scope(&cli->viewer, PERM_NOMINAL_DECIDE) == 0 ||
            err_set(err, ERR_DENIED, "A referral that leads to nobody belongs to no force.")) &&
           ref_read(str_of(cli->args.words[0]), 'R', &id, err) &&
           referral_assess(cli->app.ledger, &hand, id, arg(cli, "outcome"), arg(cli, "reason"), err);
}

bool verb_risk_run(Cli *cli, Err *err)
{
    Hand hand;
    size_t scored = 0;
    if (!cli_may(cli, PERM_NOMINAL_DECIDE, "score", err) || !cli_work(cli, &hand, err) ||
        !risk_pending(cli->app.ledger, cli->app.db, cli->app.risk, cli->app.rules, &hand, &scored, err))
        return false;
    count_tell(cli, "scored", (int64_t)scored);
    return true;
}

bool verb_risk_show(Cli *cli, Err *err)
{
    CLEANUP(json_done) Json *j = json_new_object();
    int64_t id = 0;
    NominalRow row;
    RiskView view;
    if (!ref_read(str_of(cli->args.words[0]), 'N', &id, err) ||
        !nominal_row(cli->app.db, &cli->mem, &cli->viewer, id, &row, err) ||
        !risk_view(cli->app.db, &cli->mem, id, &view, err))
        return false;
    json_set_text(j, "nominal", ref_write(&cli->mem, 'N', id));
    json_set_text(j, "band", row.band);
    json_set_text(j, "suggested", row.suggested);
    json_set_text(j, "why", row.why);
    if (cli->json) {
        CLEANUP(json_done) Json *factors = NULL;
        if (view.score_count && json_read(str_of(view.scores[0].factors_json), &factors, err))
            json_set(j, "factors", json_keep(factors));
        print_json(cli, j);
        return err->kind == ERR_NONE;
    }
    printf("%s  %s (suggested: %s)\n%s\n", json_text(j, "nominal"),
           str_blank(row.band) ? "Not decided" : band_says(row.band), band_says(row.suggested), row.why);
    for (size_t i = 0; i < view.check_count; i++)
        printf("  %s  %s: %s%s%s\n", ref_write(&cli->mem, 'K', view.checks[i].id), view.checks[i].says,
               view.checks[i].state, view.checks[i].answer ? ", " : "",
               view.checks[i].answer ? view.checks[i].answer : "");
    return true;
}

bool verb_risk_answer(Cli *cli, Err *err)
{
    Hand hand;
    FlowReport flow;
    NominalRow row;
    int64_t check = 0, nominal = 0;
    return cli_may(cli, PERM_NOMINAL_DECIDE, "answer a check", err) && cli_work(cli, &hand, err) &&
           ref_read(str_of(cli->args.words[0]), 'K', &check, err) &&
           check_nominal(cli->app.db, check, &nominal, err) &&
           nominal_row(cli->app.db, &cli->mem, &cli->viewer, nominal, &row, err) &&
           check_answer(cli->app.ledger, &hand, check, arg(cli, "answer"), arg(cli, "note"), err) &&
           flow_run(&cli->app, cli->app.db, &hand, NULL, NULL, &flow, err);
}

bool verb_risk_decide(Cli *cli, Err *err)
{
    Hand hand;
    int64_t id = 0;
    return cli_may(cli, PERM_NOMINAL_DECIDE, "decide a band", err) && cli_work(cli, &hand, err) &&
           ref_read(str_of(cli->args.words[0]), 'N', &id, err) &&
           band_decide(cli->app.ledger, cli->app.db, cli->app.rules, &hand, id, arg(cli, "band"),
                       arg(cli, "reason"), err);
}

bool verb_risk_second(Cli *cli, Err *err)
{
    Hand hand;
    int64_t id = 0;
    bool yes = str_same(arg(cli, "agree"), "yes");
    if (!yes && !str_same(arg(cli, "agree"), "no"))
        return err_set(err, ERR_INVALID, "--agree takes yes or no.");
    return cli_may(cli, PERM_BAND_SECOND, "be the second person", err) && cli_work(cli, &hand, err) &&
           ref_read(str_of(cli->args.words[0]), 'N', &id, err) &&
           band_second(cli->app.ledger, cli->app.db, cli->app.rules, &hand, id, yes, err);
}

bool verb_waiting(Cli *cli, Err *err)
{
    static const Col cols[] = { { "subject", "What", false },     { "says", "Waiting for", false },
                                { "where", "Whose move", false }, { "owner", "Owner", false },
                                { "since", "Since", false },      { "left", "Time", false },
                                { "band", "Band", false },        { "why", "Why", false } };
    CLEANUP(json_done) Json *list = json_new_list();
    WaitingFilter f = { .now = app_now(&cli->app), .late_only = arg(cli, "late") != NULL };
    WaitingRow *rows = NULL;
    int64_t limit = 0;
    size_t n = 0;
    Agency agency;
    Operation o;
    if (!cli_may(cli, PERM_WAITING_READ, "see the board", err) || !cli_operation(cli, &o, err) ||
        !arg_int(cli, "limit", 100, 1, 100000, &limit, err))
        return false;
    f.operation = o.id;
    f.limit = (size_t)limit;
    f.agency = viewer_scope(&cli->viewer, PERM_WAITING_READ);
    if (arg(cli, "agency")) {
        if (!agency_by_short(cli->app.db, &cli->mem, arg(cli, "agency"), &agency, err))
            return false;
        if (f.agency && f.agency != agency.id)
            return err_set(err, ERR_NOT_FOUND, "Nothing of that agency is waiting for you to see.");
        f.agency = agency.id;
    }
    if (!waiting_list(cli->app.db, &cli->mem, cli->app.rules, &f, &rows, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        Json *one = json_new_object();
        const WaitingRow *w = &rows[i];
        json_set_text(one, "subject", ref_write(&cli->mem, w->letter, w->subject));
        json_set_text(one, "kind", w->kind);
        json_set_text(one, "says", w->says);
        json_set_text(one, "where", w->agency_name);
        json_set_text(one, "owner", w->owner_name);
        json_set_text(one, "since", instant_iso(&cli->mem, w->started));
        json_set_text(one, "due", instant_iso(&cli->mem, w->due));
        json_set_text(one, "left", w->paused ? "paused" : clock_left(&cli->mem, w->due, f.now));
        json_set_bool(one, "late", w->late);
        json_set_bool(one, "paused", w->paused);
        json_set_int(one, "level", w->level);
        json_set_text(one, "band", w->band);
        json_set_text(one, "why", w->why);
        json_push(list, one);
    }
    print_table(cli, cols, COUNT_OF(cols), list);
    return true;
}
