/* verbs_fairness.c: for whom linking works less well. */
#include "base/zone.h"
#include "cli/cli.h"
#include "link/evaluate/fairness.h"

static void group_tell(const Json *g)
{
    printf("  %-24s %6.1f %%  %6.1f %%  %6.2f %%  %6.1f %%  %6.1f  %6.1f%s\n", json_text(g, "group"),
           100 * json_number(g, "missed", 0), 100 * json_number(g, "linked", 0),
           100 * json_number(g, "joined", 0), 100 * json_number(g, "asked", 0),
           json_number(g, "name_bits_same", 0), json_number(g, "name_bits_different", 0),
           json_bool(g, "weaker", false) ? "  weaker" : "");
}

static void groups_tell(const char *what, const Json *list)
{
    printf("%-26s %8s  %8s  %8s  %8s  %14s\n", what, "missed", "linked", "joined", "asked", "bits of names");
    for (size_t i = 0; i < json_count(list); i++)
        group_tell(json_at(list, i));
}

static void report_tell(const Json *j)
{
    const Json *weaker = json_get(j, "weaker"), *left = json_get(j, "left_out");
    groups_tell("By script", json_get(j, "scripts"));
    groups_tell("By origin of names", json_get(j, "origins"));
    printf("\nmissed, linked: of pairs of one person, written twice; joined, asked: of pairs of two people "
           "who share\n"
           "a birth date or a home. Bits: what the names alone weigh, in pairs of one and of two.\n\n"
           "Where the engine is weaker:\n");
    for (size_t i = 0; i < json_count(weaker); i++)
        printf("  %s\n", json_text_of(json_at(weaker, i)));
    if (json_count(left))
        printf("Left out, with too few names: %zu origins.\n", json_count(left));
    printf("%s\n", json_text(j, "never"));
}

bool verb_link_fairness(Cli *cli, Err *err)
{
    CLEANUP(json_done) Json *report = NULL;
    int64_t         seed, people;
    FairnessOptions o = { .names_path = arg(cli, "names"), .surnames_path = arg(cli, "surnames"),
                          .model_path = arg(cli, "model") };
    Instant now = cli->fixed_now == INSTANT_NONE ? instant_now() : cli->fixed_now;
    if (!arg_int(cli, "seed", 1, 0, INT64_MAX, &seed, err) ||
        !arg_int(cli, "people", 200, 30, 10000, &people, err) ||
        !arg_date(cli, "as-at", london_date(now), &o.day, err))
        return false;
    if (o.surnames_path && !o.names_path)
        return err_set(err, ERR_INVALID, "--surnames goes with --names.");
    o.seed = (uint64_t)seed;
    o.people = (size_t)people;
    if (!fairness(&cli->mem, &o, &report, err))
        return false;
    print_report(cli, report, report_tell);
    return true;
}
