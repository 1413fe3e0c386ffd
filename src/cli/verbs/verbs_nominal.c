/* verbs_nominal.c: what a person decides about a nominal as a whole. */
#include "base/ref.h"
#include "cli/cli.h"
#include "link/eliminate.h"

/* The nominal that is named, as far as whoever acts may see it. */
static bool target(Cli *cli, Permission p, const char *what, Hand *hand, int64_t *id, Err *err)
{
    NominalRow row;
    return cli_may(cli, p, what, err) && cli_work(cli, hand, err) &&
           ref_read(str_of(cli->args.words[0]), 'N', id, err) && nominal_resolve(cli->app.db, *id, id, err) &&
           nominal_row(cli->app.db, &cli->mem, &cli->viewer, *id, &row, err);
}

bool verb_nominal_eliminate(Cli *cli, Err *err)
{
    Hand hand;
    int64_t id = 0;
    return target(cli, PERM_NOMINAL_DECIDE, "eliminate a person", &hand, &id, err) &&
           elimination_propose(cli->app.ledger, cli->app.rules, &hand, id, arg(cli, "reason"), err);
}

bool verb_nominal_second(Cli *cli, Err *err)
{
    Hand hand;
    FlowReport flow;
    int64_t id = 0;
    bool yes = str_same(arg(cli, "agree"), "yes");
    if (!yes && !str_same(arg(cli, "agree"), "no"))
        return err_set(err, ERR_INVALID, "--agree takes yes or no.");
    return target(cli, PERM_BAND_SECOND, "be the second person", &hand, &id, err) &&
           elimination_second(cli->app.ledger, &hand, id, yes, err) &&
           flow_run(&cli->app, cli->app.db, &hand, NULL, NULL, &flow, err);
}

bool verb_nominal_reinstate(Cli *cli, Err *err)
{
    Hand hand;
    FlowReport flow;
    int64_t id = 0;
    return target(cli, PERM_NOMINAL_DECIDE, "take an elimination back", &hand, &id, err) &&
           nominal_reinstate(cli->app.ledger, &hand, id, arg(cli, "reason"), err) &&
           flow_run(&cli->app, cli->app.db, &hand, NULL, NULL, &flow, err);
}
