/* verbs_pairs.c: two records that may be one person: what waits, why, what people decided, how linking
 * stands. */
#include "base/csv.h"
#include "base/ref.h"
#include "base/source.h"
#include "cli/cli.h"
#include "link/explain.h"
#include "link/outside.h"
#include "link/weigh.h"

enum { LABELS_MAX = 1000000 };

static bool operation_of(Cli *cli, int64_t *operation, Err *err)
{
    Operation o;
    if (!cli_operation(cli, &o, err))
        return false;
    *operation = o.id;
    return true;
}

static Date today(const Cli *cli)
{
    return instant_date_utc(app_now(&cli->app));
}

/* ---- explain */

static Json *pair_numbers(Arena *mem, const PairRow *p)
{
    Json *j = json_new_object();
    PairStep *step = NULL;
    size_t count = 0;
    json_set_int(j, "weight_millibits", p->weight);
    json_set_int(j, "prior_millibits", p->prior);
    json_set_text(j, "outcome", p->outcome);
    json_set_text(j, "model", p->model);
    json_set_text(j, "odds", pair_odds(mem, p->weight));
    json_set(j, "aspects", pair_aspects_json(p));
    pair_steps(mem, p, &step, &count);
    Json *fall = json_new_list();
    for (size_t i = 0; i < count; i++) {
        Json *one = json_new_object();
        json_set_text(one, "step", step[i].name);
        json_set_int(one, "millibits", step[i].bits);
        json_set_int(one, "sum", step[i].sum);
        json_push(fall, one);
    }
    json_set(j, "waterfall", fall);
    return j;
}

static void numbers_print(Cli *cli, const PairRow *p)
{
    PairStep *steps = NULL;
    size_t count = 0;
    pair_steps(&cli->mem, p, &steps, &count);
    printf("\n%-18s %10s %10s  %s\n", "", "bits", "sum", "");
    for (size_t i = 0; i < count; i++)
        printf("%-18s %10.1f %10.1f  %s\n", steps[i].name, (double)steps[i].bits / 1000,
               (double)steps[i].sum / 1000, steps[i].says);
    for (size_t i = 0; i < p->aspect_count; i++)
        if (p->aspects[i].grade == PAIR_BLANK)
            printf("%-18s %10s %10s  not known on one side or both\n", p->aspects[i].words, "-", "");
    printf("%-18s %21.1f  %s\nModel: %s\n", "In all", (double)p->weight / 1000,
           pair_odds(&cli->mem, p->weight), p->model);
}

static void explained_print(Cli *cli, const Explained *e)
{
    if (e->joined)
        printf("These two records are held to be one person: nominal %s.\n",
               ref_write(&cli->mem, 'N', e->one.id));
    for (size_t i = 0; i < e->joint_count; i++)
        printf("  %s took in %s: %s\n", ref_write(&cli->mem, 'N', e->joints[i].kept),
               ref_write(&cli->mem, 'N', e->joints[i].merged), e->joints[i].reason);
    if (!e->weighed) {
        printf("Nothing that can be compared is known of one of them.\n");
        return;
    }
    printf("%s\n", pair_sentence(&cli->mem, &e->pair));
    numbers_print(cli, &e->pair);
}

bool verb_link_explain(Cli *cli, Err *err)
{
    int64_t a = 0, b = 0, operation = 0;
    Explained e;
    if (!operation_of(cli, &operation, err) || !ref_read(str_of(cli->args.words[0]), 'N', &a, err) ||
        !ref_read(str_of(cli->args.words[1]), 'N', &b, err) ||
        !pair_explain(cli->app.db, &cli->mem, cli->app.base, &cli->viewer, a, b, today(cli), &e, err))
        return false;
    if (!cli->json) {
        explained_print(cli, &e);
        return true;
    }
    CLEANUP(json_done) Json *j = e.weighed ? pair_numbers(&cli->mem, &e.pair) : json_new_object();
    Json *joints = json_new_list();
    json_set_bool(j, "one_person", e.joined);
    json_set_text(j, "sentence", e.weighed ? pair_sentence(&cli->mem, &e.pair) : NULL);
    for (size_t i = 0; i < e.joint_count; i++) {
        Json *one = json_new_object();
        json_set_text(one, "kept", ref_write(&cli->mem, 'N', e.joints[i].kept));
        json_set_text(one, "merged", ref_write(&cli->mem, 'N', e.joints[i].merged));
        json_set_text(one, "reason", e.joints[i].reason);
        json_push(joints, one);
    }
    json_set(j, "joined_by", joints);
    print_json(cli, j);
    return true;
}

/* ---- registers and answers */

static Json *hit_json(Arena *mem, const OutsideHit *h)
{
    bool  answer = h->kind == OUTSIDE_ANSWER;
    Json *j = json_new_object();
    json_set_text(j, answer ? "operator_ref" : "register_ref", h->ref);
    json_set_text(j, answer ? "account_holder" : "name", outside_name(mem, h));
    json_set_text(j, "born", h->born == DATE_NONE ? NULL : date_iso(mem, h->born));
    json_set_text(j, answer ? "operator" : "force", answer ? h->operator_name : h->force);
    json_set_text(j, "record", ref_write(mem, 'N', h->record));
    json_set_text(j, "bits", pair_bits(mem, h->weighed.weight));
    json_set_text(j, "odds", pair_odds(mem, h->weighed.weight));
    json_set_text(j, "reason", h->weighed.reason);
    json_set_text(j, "caution", outside_caution(h->kind));
    json_set_text(j, "model", h->model);
    return j;
}

static bool outside_list(Cli *cli, LinkOutside kind, const Col *cols, size_t col_count, Err *err)
{
    int64_t nominal = 0, operation = 0;
    OutsideHit *hits = NULL;
    size_t count = 0;
    if (!operation_of(cli, &operation, err) || !ref_read(str_of(cli->args.words[0]), 'N', &nominal, err) ||
        !outside_hits(cli->app.db, &cli->mem, cli->app.base, &cli->viewer, kind, nominal, today(cli), &hits,
                      &count, err))
        return false;
    CLEANUP(json_done) Json *rows = json_new_list();
    for (size_t i = 0; i < count; i++)
        json_push(rows, hit_json(&cli->mem, &hits[i]));
    if (cli->json) {
        print_json(cli, rows);
        return true;
    }
    print_table(cli, cols, col_count, rows);
    if (count)
        printf("%s\n", outside_caution(kind));
    return true;
}

bool verb_link_registers(Cli *cli, Err *err)
{
    static const Col cols[] = {
        { "register_ref", "Entry", false }, { "name", "Name there", false }, { "born", "Born", false },
        { "bits", "Bits", true },           { "reason", "What speaks for and against", false },
    };
    return outside_list(cli, OUTSIDE_REGISTER, cols, COUNT_OF(cols), err);
}

bool verb_link_answers(Cli *cli, Err *err)
{
    static const Col cols[] = {
        { "operator", "Operator", false }, { "operator_ref", "Its reference", false },
        { "account_holder", "Account holder", false }, { "bits", "Bits", true },
        { "reason", "What speaks for and against", false },
    };
    return outside_list(cli, OUTSIDE_ANSWER, cols, COUNT_OF(cols), err);
}

/* ---- what waits */

bool verb_link_review(Cli *cli, Err *err)
{
    static const Col cols[] = {
        { "pair", "Pair", false },  { "one", "Nominal", false },
        { "two", "and", false },    { "bits", "Bits", true },
        { "stake", "Stake", true }, { "reason", "What speaks for and against", false }
    };
    CLEANUP(json_done) Json *list = json_new_list();
    PairRow *rows = NULL;
    size_t count = 0;
    int64_t limit = 0;
    PairFilter f = { .force = viewer_scope(&cli->viewer, PERM_NOMINAL_DECIDE) };
    if (!cli_may(cli, PERM_NOMINAL_DECIDE, "review links", err) || !operation_of(cli, &f.operation, err) ||
        !arg_int(cli, "limit", 50, 1, 100000, &limit, err))
        return false;
    f.limit = (size_t)limit;
    if (!pair_queue(cli->app.db, &cli->mem, &cli->viewer, &f, &rows, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        Json *one = json_new_object();
        json_set_text(one, "pair", ref_write(&cli->mem, 'T', rows[i].id));
        json_set_text(one, "one", ref_write(&cli->mem, 'N', rows[i].one));
        json_set_text(one, "two", ref_write(&cli->mem, 'N', rows[i].two));
        json_set_text(one, "bits", str_fmt(&cli->mem, "%.1f", (double)rows[i].weight / 1000));
        json_set_text(one, "stake", str_fmt(&cli->mem, "%lld", (long long)rows[i].stake));
        json_set_text(one, "reason", rows[i].reason);
        json_push(list, one);
    }
    if (cli->json)
        print_json(cli, list);
    else
        print_table(cli, cols, COUNT_OF(cols), list);
    return true;
}

/* ---- deciding */

bool verb_link_decide(Cli *cli, Err *err)
{
    FlowReport flow;
    PairRow p;
    int64_t pair = 0, operation = 0, decision = 0;
    if (!cli_may(cli, PERM_NOMINAL_DECIDE, "decide links", err) || !operation_of(cli, &operation, err) ||
        !ref_read(str_of(cli->args.words[0]), 'T', &pair, err) ||
        !pair_fetch(cli->app.db, &cli->mem, &cli->viewer, pair, &p, err))
        return false;
    Hand hand = cli_hand(cli, operation);
    if (!pair_decide(cli->app.ledger, &hand, pair, cli->args.words[1], arg(cli, "reason"), &decision, err) ||
        !flow_run(&cli->app, cli->app.db, &hand, NULL, NULL, &flow, err))
        return false;
    CLEANUP(json_done) Json *j = json_new_object();
    json_set_int(j, "decision", decision);
    if (cli->json)
        print_json(cli, j);
    else
        printf("Recorded as decision %lld.\n", (long long)decision);
    return true;
}

bool verb_link_undecide(Cli *cli, Err *err)
{
    FlowReport flow;
    PairDecision d;
    int64_t decision = 0, operation = 0;
    if (!cli_may(cli, PERM_NOMINAL_DECIDE, "undo a decision", err) || !operation_of(cli, &operation, err))
        return false;
    if (!str_int(str_of(cli->args.words[0]), 1, INT64_MAX, &decision))
        return err_set(err, ERR_INVALID, "A decision is named by its number.");
    Hand hand = cli_hand(cli, operation);
    return pair_decision_one(cli->app.db, &cli->mem, &cli->viewer, decision, &d, err) &&
           pair_undecide(cli->app.ledger, &hand, decision, arg(cli, "reason"), err) &&
           flow_run(&cli->app, cli->app.db, &hand, NULL, NULL, &flow, err);
}

/* One row a decision that holds: what was shown, and what a person said. Names and values stay out. */
bool verb_link_labels(Cli *cli, Err *err)
{
    PairDecision *rows = NULL;
    size_t count = 0, written = 0;
    int64_t operation = 0;
    StrBuf out = { .mem = &cli->mem };
    const char *path = arg(cli, "out");
    if (!cli_may(cli, PERM_NOMINAL_DECIDE, "export decisions", err) || !operation_of(cli, &operation, err) ||
        !pair_decisions(cli->app.db, &cli->mem, &cli->viewer, operation, 0, LABELS_MAX, &rows, &count, err))
        return false;
    buf_add(&out, "pair,one,two,answer,weight_millibits,model,decided_at\r\n");
    for (size_t i = count; i-- > 0;) {
        const PairDecision *d = &rows[i];
        if (d->undone_by)
            continue;
        csv_add(&out, ref_write(&cli->mem, 'T', d->pair), false);
        csv_add(&out, ref_write(&cli->mem, 'N', d->one), false);
        csv_add(&out, ref_write(&cli->mem, 'N', d->two), false);
        csv_add(&out, d->answer, false);
        csv_add(&out, str_fmt(&cli->mem, "%lld", (long long)d->weight), false);
        csv_add_safe(&out, d->model, false);
        csv_add(&out, instant_iso(&cli->mem, d->at), true);
        written++;
    }
    if (!file_write(path, str_of(buf_text(&out)), err))
        return err_while(err, "writing the labels");
    if (!cli->quiet)
        fprintf(stderr, "%zu decisions written to %s\n", written, path);
    return true;
}

/* ---- the report */

static Json *counts_json(const WeighCount *c, size_t count)
{
    Json *list = json_new_list();
    for (size_t i = 0; i < count; i++) {
        Json *one = json_new_object();
        json_set_text(one, "what", c[i].what);
        json_set_int(one, "count", c[i].count);
        json_push(list, one);
    }
    return list;
}

static Json *households_json(Arena *mem, const WeighReport *r)
{
    Json *list = json_new_list();
    for (size_t i = 0; i < r->household_count; i++) {
        Json *one = json_new_object(), *ids = json_new_list();
        for (size_t k = 0; k < r->households[i].count; k++)
            json_push(ids, json_new_text(ref_write(mem, 'N', r->households[i].nominals[k])));
        json_set(one, "nominals", ids);
        json_set_text(one, "shares", r->households[i].shares);
        json_push(list, one);
    }
    return list;
}

static Json *report_json(Arena *mem, const WeighReport *r)
{
    Json *j = json_new_object(), *thresholds = json_new_object(), *common = json_new_list();
    json_set_text(j, "model", r->model);
    json_set_text(thresholds, "from", date_iso(mem, r->thresholds.from));
    json_set(thresholds, "link_bits", json_new_real(r->thresholds.link_bits));
    json_set(thresholds, "review_bits", json_new_real(r->thresholds.review_bits));
    json_set_int(thresholds, "people", r->thresholds.people);
    json_set(j, "thresholds", thresholds);
    json_set_int(j, "records", (int64_t)r->records);
    json_set(j, "outcomes", counts_json(r->outcomes, r->outcome_count));
    json_set(j, "decisions", counts_json(r->answers, r->answer_count));
    json_set_int(j, "true_pairs", (int64_t)r->true_pairs);
    json_set_int(j, "lost_by_blocking", (int64_t)r->lost_pairs);
    json_set(j, "households", households_json(mem, r));
    for (size_t i = 0; i < r->common_count; i++) {
        Json *one = json_new_object();
        json_set_text(one, "kind", r->common[i].kind);
        json_set_text(one, "value", r->common[i].value);
        json_set_int(one, "nominals", r->common[i].nominals);
        json_push(common, one);
    }
    json_set(j, "common_values", common);
    return j;
}

static void report_print(Cli *cli, const WeighReport *r)
{
    printf("Model: %s\nThresholds since %s: linked by itself from %.0f bits, reviewed from %.0f bits, as if "
           "from"
           " %lld people\n%zu records\n",
           r->model, date_iso(&cli->mem, r->thresholds.from), r->thresholds.link_bits,
           r->thresholds.review_bits, (long long)r->thresholds.people, r->records);
    printf("\nPairs\n");
    for (size_t i = 0; i < r->outcome_count; i++)
        printf("  %8lld  %s\n", (long long)r->outcomes[i].count, r->outcomes[i].what);
    printf("\nDecisions\n");
    for (size_t i = 0; i < r->answer_count; i++)
        printf("  %8lld  %s\n", (long long)r->answers[i].count, r->answers[i].what);
    printf("\nOf %zu pairs known to be one by other evidence, blocking loses %zu.\n", r->true_pairs,
           r->lost_pairs);
    printf("\n%zu households (nominals that share what a household can share)\n", r->household_count);
    for (size_t i = 0; i < r->household_count; i++) {
        printf("  %s:", r->households[i].shares);
        for (size_t k = 0; k < r->households[i].count; k++)
            printf(" %s", ref_write(&cli->mem, 'N', r->households[i].nominals[k]));
        printf("\n");
    }
    printf("\n%zu values too common to tell people apart\n", r->common_count);
    for (size_t i = 0; i < r->common_count; i++)
        printf("  %s %s: %lld nominals\n", r->common[i].kind, r->common[i].value,
               (long long)r->common[i].nominals);
}

bool verb_link_report(Cli *cli, Err *err)
{
    WeighReport r;
    int64_t operation = 0;
    if (!cli_may(cli, PERM_NOMINAL_DECIDE, "see how linking stands", err) ||
        !operation_of(cli, &operation, err) ||
        !weigh_report(cli->app.db, &cli->mem, cli->app.base, &cli->viewer, operation, today(cli), &r, err))
        return false;
    if (cli->json) {
        CLEANUP(json_done) Json *j = report_json(&cli->mem, &r);
        print_json(cli, j);
    } else
        report_print(cli, &r);
    return true;
}
