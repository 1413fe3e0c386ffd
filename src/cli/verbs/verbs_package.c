/* verbs_package.c: building, sending and answering packages. */
#include <string.h>
#include "base/ref.h"
#include "base/zone.h"
#include "cli/cli.h"
#include "dispatch/package.h"
#include "link/nominal.h"

static bool ready(Cli *cli, Permission p, Hand *hand, Err *err)
{
    return cli_may(cli, p, "do that with packages", err) && cli_work(cli, hand, err);
}

static bool package_named(Cli *cli, size_t i, Package *out, Err *err)
{
    int64_t id = 0;
    return ref_read(str_of(cli->args.words[i]), 'P', &id, err) &&
           package_fetch(cli->app.db, &cli->mem, &cli->viewer, id, out, err);
}

static Json *package_json(Cli *cli, const PackageRow *r)
{
    Json *j = json_new_object();
    json_set_text(j, "package", ref_write(&cli->mem, 'P', r->id));
    json_set_text(j, "nominal", ref_write(&cli->mem, 'N', r->nominal));
    json_set_text(j, "force", r->force_short);
    json_set_text(j, "band", r->band);
    json_set_text(j, "state", r->state);
    json_set_text(j, "owner", r->owner_name);
    if (r->next_says && r->next_due != INSTANT_NONE) {
        json_set_text(j, "next", r->next_says);
        json_set_text(j, "due", instant_iso(&cli->mem, r->next_due));
    }
    json_set_text(j, "why", r->why);
    return j;
}

bool verb_package_list(Cli *cli, Err *err)
{
    static const Col cols[] = { { "package", "Package", false }, { "nominal", "Nominal", false },
                                { "force", "Force", false },     { "band", "Band", false },
                                { "state", "State", false },     { "owner", "Owner", false },
                                { "next", "Next", false },       { "due", "Due", false } };
    CLEANUP(json_done) Json *list = json_new_list();
    PackageFilter f = { .state = arg(cli, "state"),
                        .force = viewer_scope(&cli->viewer, PERM_PACKAGE_READ) };
    PackageRow *rows = NULL;
    int64_t limit = 0;
    size_t n = 0;
    Agency force;
    Hand hand;
    if (!ready(cli, PERM_PACKAGE_READ, &hand, err) || !arg_int(cli, "limit", 50, 1, 100000, &limit, err))
        return false;
    if (arg(cli, "force")) {
        if (!agency_by_short(cli->app.db, &cli->mem, arg(cli, "force"), &force, err))
            return false;
        if (f.force && f.force != force.id)
            return err_set(err, ERR_NOT_FOUND, "No packages of that force.");
        f.force = force.id;
    }
    f.operation = hand.operation;
    f.limit = (size_t)limit;
    if (!package_list(cli->app.db, &cli->mem, &cli->viewer, &f, &rows, &n, err))
        return false;
    for (size_t i = 0; i < n; i++)
        json_push(list, package_json(cli, &rows[i]));
    print_table(cli, cols, COUNT_OF(cols), list);
    return true;
}

typedef struct BuildRun {
    size_t built, sent, held;
} BuildRun;

static bool build_one(Cli *cli, const Hand *hand, int64_t nominal, BuildRun *run, Err *err)
{
    int64_t package = 0;
    Package p;
    if (!package_build(cli->app.ledger, cli->app.db, cli->app.rules, hand, nominal, &package, err))
        return false;
    run->built++;
    if (!arg(cli, "send"))
        return true;
    if (!package_fetch(cli->app.db, &cli->mem, &cli->viewer, package, &p, err))
        return false;
    if (str_same(p.row.state, "held")) { /* a person decides about a held one */
        run->held++;
        return true;
    }
    run->sent++;
    return package_send(cli->app.ledger, cli->app.db, cli->app.rules, hand, package, err);
}

/* Everyone at an address whose force is settled and who has no package, most dangerous to children first. */
static bool build_all(Cli *cli, const Hand *hand, BuildRun *run, Err *err)
{
    int64_t *ids = NULL;
    size_t n = 0;
    Progress p = progress_begin(cli, "packages", "built");
    if (!package_candidates(cli->app.db, &cli->mem, hand->operation, &ids, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!build_one(cli, hand, ids[i], run, err))
            return err_while(err, "building package %zu of %zu", i + 1, n);
        progress_show(&p, (int64_t)i + 1, (int64_t)n);
    }
    progress_end(&p);
    return true;
}

bool verb_package_build(Cli *cli, Err *err)
{
    CLEANUP(json_done) Json *j = json_new_object();
    Hand hand;
    int64_t nominal = 0;
    BuildRun run = { 0 };
    bool all = arg(cli, "all") != NULL;
    if (all == (cli->args.word_count > 0))
        return err_set(err, ERR_INVALID, "Name one nominal, or say --all.");
    if (!ready(cli, PERM_PACKAGE_BUILD, &hand, err) ||
        (arg(cli, "send") && !ready(cli, PERM_PACKAGE_SEND, &hand, err)))
        return false;
    bool ok = all ? build_all(cli, &hand, &run, err)
                  : ref_read(str_of(cli->args.words[0]), 'N', &nominal, err) &&
                        build_one(cli, &hand, nominal, &run, err);
    if (!ok)
        return false;
    json_set_int(j, "built", (int64_t)run.built);
    json_set_int(j, "sent", (int64_t)run.sent);
    json_set_int(j, "held", (int64_t)run.held);
    if (cli->json)
        print_json(cli, j);
    else
        printf("%zu built, %zu sent, %zu held for a decision\n", run.built, run.sent, run.held);
    return true;
}

bool verb_package_send(Cli *cli, Err *err)
{
    Hand hand;
    Package p;
    if (!ready(cli, PERM_PACKAGE_SEND, &hand, err))
        return false;
    for (size_t i = 0; i < cli->args.word_count; i++)
        if (!package_named(cli, i, &p, err) ||
            !package_send(cli->app.ledger, cli->app.db, cli->app.rules, &hand, p.row.id, err))
            return false;
    return true;
}

bool verb_package_receive(Cli *cli, Err *err)
{
    Hand hand;
    Package p;
    return ready(cli, PERM_PACKAGE_ANSWER, &hand, err) && package_named(cli, 0, &p, err) &&
           package_receive(cli->app.ledger, cli->app.db, cli->app.rules, &hand, p.row.id, err);
}

bool verb_package_accept(Cli *cli, Err *err)
{
    Hand hand;
    Package p;
    return ready(cli, PERM_PACKAGE_ANSWER, &hand, err) && package_named(cli, 0, &p, err) &&
           package_accept(cli->app.ledger, cli->app.db, cli->app.rules, &hand, p.row.id, cli->viewer.person,
                          err);
}

bool verb_package_return(Cli *cli, Err *err)
{
    Hand hand;
    Package p;
    return ready(cli, PERM_PACKAGE_ANSWER, &hand, err) && package_named(cli, 0, &p, err) &&
           package_return(cli->app.ledger, cli->app.db, cli->app.rules, &hand, p.row.id, arg(cli, "reason"),
                          err);
}

bool verb_package_show(Cli *cli, Err *err)
{
    CLEANUP(json_done) Json *j = NULL;
    Hand hand;
    Package p;
    if (!ready(cli, PERM_PACKAGE_READ, &hand, err) || !package_named(cli, 0, &p, err))
        return false;
    /* No log, no look: the consultation is durable before anything is printed. */
    if (!look_record(cli->app.ledger, &hand, p.row.id, "command line: package show", err))
        return false;
    j = package_json(cli, &p.row);
    if (cli->json) {
        print_json(cli, j);
        return true;
    }
    printf("%s  %s, %s, %s\n%s\nNext: %s %s\n", json_text(j, "package"), p.row.force_short,
           band_says(p.row.band), p.row.state, p.row.why,
           json_text(j, "next") ? json_text(j, "next") : "nothing",
           json_text(j, "due") ? json_text(j, "due") : "");
    return true;
}

bool verb_package_export(Cli *cli, Err *err)
{
    const char *out = arg(cli, "out");
    Hand hand;
    Package p;
    Str text;
    if (!ready(cli, PERM_PACKAGE_READ, &hand, err) || !package_named(cli, 0, &p, err) ||
        !look_record(cli->app.ledger, &hand, p.row.id, "command line: package export", err) ||
        !package_export(cli->app.db, &cli->mem, &cli->viewer, p.row.id, &text, err))
        return false;
    if (out)
        return file_write(out, text, err);
    fwrite(text.at, 1, text.len, stdout);
    return true;
}
