/* cli.c: one command from start to end: read, open, run, report. */
#include "cli/cli.h"
#include <stdio.h>
#include <stdlib.h>

/* What the shell sees. 1 is kept for "the answer is no" (a ledger that does not verify). */
static const int exit_codes[] = {
    [ERR_NONE] = 0,     [ERR_INVALID] = 2, [ERR_NOT_FOUND] = 3, [ERR_DENIED] = 3,
    [ERR_CONFLICT] = 4, [ERR_LIMIT] = 5,   [ERR_STORE] = 6,     [ERR_BUG] = 7,
};

static int tell(const Cli *cli, const Err *err)
{
    if (cli->json) {
        CLEANUP(json_done) Json *j = json_new_object();
        CLEANUP(arena_done) Arena mem = { 0 };
        json_set_text(j, "error", err_kind_name(err->kind));
        json_set_text(j, "told", err->told);
        if (err->hint[0])
            json_set_text(j, "hint", err->hint);
        fprintf(stderr, "%s\n", json_canonical(&mem, j));
    } else {
        fprintf(stderr, "muster: %s\n", err->told);
        if (err->hint[0])
            fprintf(stderr, "        %s\n", err->hint);
        if (err->trail[0] && (err->kind == ERR_BUG || err->kind == ERR_STORE))
            fprintf(stderr, "        (%s)\n", err->trail);
    }
    return exit_codes[err->kind];
}

static bool viewer_find(Cli *cli, Err *err)
{
    const char *as = cli->as ? cli->as : getenv("MUSTER_AS");
    if (as)
        return viewer_load(cli->app.db, &cli->mem, as, &cli->viewer, err);
    return viewer_first(cli->app.db, &cli->mem, &cli->viewer, err);
}

/* Facts are recorded at the time they are made; only an exercise may say that it is another day. */
static bool clock_allowed(Cli *cli, Err *err)
{
    Operation *all = NULL;
    size_t n = 0;
    if (cli->fixed_now == INSTANT_NONE)
        return true;
    if (!operation_list(cli->app.db, &cli->mem, &all, &n, err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!all[i].exercise)
            return err_set(err, ERR_DENIED,
                           "--clock is for exercises; this database holds a real operation.");
    return true;
}

bool cli_open(Cli *cli, Opens opens, Err *err)
{
    AppOptions opt = { .db_path = cli->db_path,
                       .create = opens == OPENS_NEW,
                       .read_only = opens == OPENS_READ,
                       .fixed_now = cli->fixed_now };
    if (!app_open(&opt, &cli->app, err))
        return false;
    if (opens == OPENS_NEW)
        return true;
    return viewer_find(cli, err) && (opens != OPENS_WRITE || clock_allowed(cli, err));
}

static int run(Cli *cli, int argc, char **argv)
{
    Err err = { 0 };
    const Verb *verb = NULL;
    bool help = false;
    if (!args_read(cli, argc, argv, &verb, &help, &err))
        return tell(cli, &err);
    if (!verb || help) {
        if (verb)
            help_verb(stdout, verb->verb);
        else
            help_all(help ? stdout : stderr);
        return verb || help ? 0 : 2;
    }
    if ((verb->opens != OPENS_NOTHING && !cli_open(cli, verb->opens, &err)) || !verb->run(cli, &err))
        return tell(cli, &err);
    return cli->exit_code;
}

bool verb_serve(Cli *cli, Err *err)
{
    return cli->serve ? cli->serve(cli, err)
                      : err_set(err, ERR_BUG, "This program was built without its web pages.");
}

int cli_main(int argc, char **argv, VerbRun *serve)
{
    const char *db = getenv("MUSTER_DB");
    Cli cli = { .db_path = db ? db : "muster.db", .fixed_now = INSTANT_NONE, .serve = serve };
    int code = run(&cli, argc, argv);
    app_close(&cli.app);
    arena_done(&cli.mem);
    return code;
}

bool cli_operation(Cli *cli, Operation *out, Err *err)
{
    return operation_current(cli->app.db, &cli->mem, out, err);
}

bool cli_may(const Cli *cli, Permission p, const char *what, Err *err)
{
    return viewer_may(&cli->viewer, p) ||
           err_set(err, ERR_DENIED, "A %s may not %s.", role_name(cli->viewer.role), what);
}

bool cli_work(Cli *cli, Hand *hand, Err *err)
{
    Operation o;
    if (!cli_operation(cli, &o, err))
        return false;
    *hand = cli_hand(cli, o.id);
    return true;
}

Hand cli_hand(const Cli *cli, int64_t operation)
{
    return viewer_hand(&cli->viewer, operation, app_now(&cli->app));
}
