/* verbs_evaluate.c: how well linking does on a table whose truth is known; the model that ships. */
#include <stdlib.h>
#include <string.h>
#include "cli/cli.h"
#include "link/evaluate/evaluate.h"
#include "link/train/made.h"
#include "link/train/train.h"

static Instant clock_now(void *ctx)
{
    (void)ctx;
    return instant_now();
}

static bool told(void *ctx, uint64_t done, uint64_t all)
{
    progress_show(ctx, (int64_t)done, (int64_t)all);
    return true;
}

static void measure_tell(const char *what, const Json *m)
{
    printf("%-26s precision %.4f  recall %.4f  F1 %.4f  threshold %.4f\n", what,
           json_number(m, "precision", 0), json_number(m, "recall", 0), json_number(m, "f1", 0),
           json_number(m, "threshold", 0));
}

static void report_tell(const Json *j)
{
    const Json *blocking = json_get(j, "blocking"), *rules = json_get(blocking, "rules");
    measure_tell("pairs, best on the curve", json_get(j, "pairs"));
    measure_tell("pairs, own threshold", json_get(j, "pairs_at_own_threshold"));
    measure_tell("pairs, each alone", json_get(j, "pairs_alone"));
    measure_tell("clusters, own threshold", json_get(j, "clusters"));
    const Json *once = json_get(j, "one_to_one");
    if (once)
        printf("One record, at most one partner: %s. %s\n", json_bool(once, "applied", false) ? "yes" : "no",
               json_text(once, "because"));
    printf("%lld rows, %lld true pairs, %lld pairs compared in %.2f s\n", (long long)json_int(j, "rows", 0),
           (long long)json_int(j, "true_pairs", 0), (long long)json_int(j, "candidate_pairs", 0),
           json_number(j, "seconds", 0));
    printf("Blocking loses %lld true pairs:\n", (long long)json_int(blocking, "lost", 0));
    for (size_t i = 0; i < json_count(rules); i++) {
        const Json *r = json_at(rules, i);
        printf("  %-52s %12lld pairs, %9lld true, %9lld of them first%s%s\n", json_text(r, "rule"),
               (long long)json_int(r, "predicted_pairs", 0), (long long)json_int(r, "true_pairs", 0),
               (long long)json_int(r, "true_pairs_first", 0),
               json_text(r, "refused_for") ? ", refused for " : "",
               json_text(r, "refused_for") ? json_text(r, "refused_for") : "");
    }
}

static bool options_read(Cli *cli, EvaluateOptions *o, Err *err)
{
    int64_t threads, seed, memory, points, part;
    if (!arg_int(cli, "threads", 1, 1, 64, &threads, err) ||
        !arg_int(cli, "seed", 1, 0, INT64_MAX, &seed, err) ||
        !arg_int(cli, "memory", 4096, 1, 1 << 20, &memory, err) ||
        !arg_int(cli, "points", 100, 1, 100000, &points, err) ||
        !arg_int(cli, "truth-part", -1, 1, 20, &part, err))
        return false;
    OneToOne one_to_one;
    if (!one_to_one_read(arg(cli, "one-to-one"), &one_to_one, err))
        return false;
    *o = (EvaluateOptions){ .path = cli->args.words[0],
                            .second = arg(cli, "second"),
                            .map = arg(cli, "map"),
                            .second_map = arg(cli, "second-map"),
                            .truth = arg(cli, "truth"),
                            .truth_part = (int)part,
                            .pairs_path = arg(cli, "pairs"),
                            .id = arg(cli, "id"),
                            .one_to_one = one_to_one,
                            .model_path = arg(cli, "model"),
                            .threads = (unsigned)threads,
                            .seed = (uint64_t)seed,
                            .memory_bytes = (size_t)memory << 20,
                            .resume_path = arg(cli, "resume"),
                            .curve_points = (size_t)points,
                            .now = clock_now };
    if (!o->truth == !o->pairs_path)
        return err_set(err, ERR_INVALID, "Give the truth: either --truth COLUMN or --pairs FILE.");
    return true;
}

static bool model_keep(Cli *cli, const Json *report, Err *err)
{
    const char *path = arg(cli, "model-out");
    if (!path)
        return true;
    char *text = json_pretty(&cli->mem, json_get(report, "model"));
    return file_write(path, str_of(text), err);
}

bool verb_link_evaluate(Cli *cli, Err *err)
{
    CLEANUP(json_done) Json *report = NULL;
    EvaluateOptions o;
    Progress        progress = progress_begin(cli, "Comparing", "pairs");
    if (!options_read(cli, &o, err))
        return false;
    o.progress = cli->json || cli->quiet ? NULL : told;
    o.ctx = &progress;
    bool ok = evaluate(&cli->mem, &o, &report, err);
    progress_end(&progress);
    if (!ok || !model_keep(cli, report, err))
        return false;
    print_report(cli, report, report_tell);
    return true;
}

/* ---- the model that ships */

static void model_tell(const LinkModel *model)
{
    for (size_t f = 0; f < model->comparison_count; f++) {
        const LinkComparison *k = &model->comparisons[f];
        const LinkKindSpec *spec = &link_kind_specs[k->kind];
        for (size_t l = 1; l < spec->level_count; l++)
            printf("%-12s %-44s m %.5f  u %.7f  %+6.2f bits\n", l == 1 ? k->name : "",
                   spec->levels[l].words, k->levels[l].m, k->levels[l].u, k->levels[l].weight_bits);
    }
}

static bool people_write(Cli *cli, const TrainOptions *o, const char *path, Err *err)
{
    MadeRecord *records = NULL;
    size_t count = 0;
    return made_people(&cli->mem, o->people, o->seed, &records, &count, err) &&
           file_write(path, str_of(made_list(&cli->mem, records, count, o->seed)), err);
}

bool verb_link_train(Cli *cli, Err *err)
{
    int64_t people, seed, threads;
    LinkModel model = { 0 };
    if (!arg_int(cli, "people", 20000, 100, 1000000, &people, err) ||
        !arg_int(cli, "seed", 1, 0, INT64_MAX, &seed, err) ||
        !arg_int(cli, "threads", 1, 1, 64, &threads, err))
        return false;
    TrainOptions o = { .people = (size_t)people, .seed = (uint64_t)seed, .threads = (unsigned)threads,
                       .name = arg(cli, "name") ? arg(cli, "name") : "generic 1" };
    if (arg(cli, "list"))
        return people_write(cli, &o, arg(cli, "list"), err);
    bool ok = train_model(&cli->mem, &o, &model, err);
    if (ok) {
        CLEANUP(json_done) Json *j = link_model_json(&model);
        const char *out = arg(cli, "out");
        if (out)
            ok = file_write(out, str_of(str_fmt(&cli->mem, "%s\n", json_pretty(&cli->mem, j))), err);
        if (ok && cli->json)
            print_json(cli, j);
        else if (ok && !cli->quiet)
            model_tell(&model);
    }
    link_model_done(&model);
    return ok;
}
