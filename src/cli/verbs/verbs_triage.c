/* verbs_triage.c: a seized device, matched without anyone looking at it. */
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "base/ref.h"
#include "base/source.h"
#include "cli/cli.h"
#include "link/nominal.h"
#include "triage/exhibit.h"
#include "triage/report/report.h"

static Instant steady(void *ctx)
{
    struct timespec t;
    (void)ctx;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (Instant)t.tv_sec * US_PER_SECOND + t.tv_nsec / 1000;
}

/* ---- being stopped: the signals are held back and looked for, so that nothing is cut off half way ---- */

static const int stops[] = { SIGINT, SIGTERM, SIGHUP };

static void stops_hold(void)
{
    sigset_t set;
    sigemptyset(&set);
    FOR_EACH (s, stops)
        sigaddset(&set, *s);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static bool stopped(void *ctx)
{
    sigset_t set;
    bool any = false;
    (void)ctx;
    sigpending(&set);
    FOR_EACH (s, stops)
        any = any || sigismember(&set, *s) == 1;
    return any;
}

static void show(void *ctx, const TriageProgress *p)
{
    progress_show(ctx, (int64_t)(p->bytes >> 20), (int64_t)(p->bytes_total >> 20));
}

/* ---- what is asked ---- */

static const struct { const char *end; ReportFormat format; } endings[] = {
    { ".csv", REPORT_CSV }, { ".html", REPORT_PAGE }, { ".json", REPORT_JSON }, { ".jsonld", REPORT_CASE },
};

static bool format_of(const Cli *cli, const char *out, ReportFormat *format, Err *err)
{
    const char *given = arg(cli, "format"), *dot = strrchr(out, '.');
    if (given)
        return report_format(given, format, err);
    *format = cli->json ? REPORT_JSON : REPORT_PAGE;
    FOR_EACH (e, endings)
        if (!cli->json && str_same(dot, e->end))
            *format = e->format;
    return true;
}

static const char **sets_of(Cli *cli, size_t *count)
{
    const char **sets = NULL;
    size_t cap = 0;
    for (size_t i = 0; i < cli->args.option_count; i++)
        if (str_same(cli->args.options[i].name, "set"))
            *arena_push(&cli->mem, sets, *count, cap) = cli->args.options[i].value;
    return sets;
}

/* ---- what came of it ---- */

static void tell(const Cli *cli, const TriageReport *r, const char *out)
{
    const TriageTotals *t = &r->totals;
    if (cli->quiet)
        return;
    printf("%llu files, %llu MB: %llu known (%llu different), %llu of an illegal grade, %llu only near\n",
           (unsigned long long)t->files, (unsigned long long)(t->bytes >> 20), (unsigned long long)t->known,
           (unsigned long long)t->known_distinct, (unsigned long long)t->illegal,
           (unsigned long long)t->near_only);
    for (size_t i = 0; i < r->by_grade.count; i++)
        printf("  %s %s: %llu files, %llu different\n", r->by_grade.at[i].of,
               *r->by_grade.at[i].name ? r->by_grade.at[i].name : "not graded",
               (unsigned long long)r->by_grade.at[i].files, (unsigned long long)r->by_grade.at[i].distinct);
    printf("%llu pictures in %llu clusters and %llu videos that no set knows; %llu known to be harmless\n",
           (unsigned long long)t->unmatched_pictures, (unsigned long long)t->clusters,
           (unsigned long long)t->unmatched_videos, (unsigned long long)t->benign);
    printf("%llu files and %zu places could not be read, or only in part\n",
           (unsigned long long)(t->unread + t->part), r->trouble_count);
    if (r->unhashed)
        printf("%s Pictures were matched by digest alone.\n", r->unhashed);
    if (r->verified && r->stored_md5_known)
        puts(r->agrees ? "The image is as it was made."
                       : "THE IMAGE IS NOT AS IT WAS MADE: its digest differs.");
    printf("Report: %s\n", out);
}

/* ---- at the exhibit ---- */

static bool attach(Cli *cli, int64_t exhibit, const Json *counts, Err *err)
{
    Operation o;
    int64_t triage = 0;
    FlowReport flow;
    if (!cli_operation(cli, &o, err))
        return false;
    Hand hand = cli_hand(cli, o.id);
    /* The person's score follows what was found, as it does after an import. */
    return exhibit_attach(cli->app.ledger, &hand, exhibit, counts, &triage, err) &&
           flow_run(&cli->app, cli->app.db, &hand, NULL, NULL, &flow, err);
}

static bool exhibit_named(const char *text, int64_t *id, Err *err)
{
    return ref_read(str_of(text), 'X', id, err) || err_while(err, "reading the exhibit's reference");
}

bool verb_exhibit_attach(Cli *cli, Err *err)
{
    CLEANUP(json_done) Json *counts = NULL;
    int64_t exhibit = 0;
    Str text;
    if (!exhibit_named(cli->args.words[0], &exhibit, err) ||
        !file_read(&cli->mem, cli->args.words[1], 1 << 24, &text, err) || !json_read(text, &counts, err) ||
        !attach(cli, exhibit, counts, err))
        return false;
    if (!cli->quiet)
        puts("Recorded.");
    return true;
}

bool verb_exhibit_list(Cli *cli, Err *err)
{
    static const Col cols[] = { { "exhibit", "Exhibit", false }, { "ref", "Reference", false },
                                { "state", "State", false },     { "known", "Known", true },
                                { "pictures", "Unmatched", true }, { "priority", "Priority", true },
                                { "because", "Because", false } };
    CLEANUP(json_done) Json *list = json_new_list();
    ExhibitRow *rows = NULL;
    size_t n = 0;
    int64_t nominal = 0;
    if (!ref_read(str_of(cli->args.words[0]), 'N', &nominal, err) ||
        !nominal_resolve(cli->app.db, nominal, &nominal, err) ||
        !exhibit_list(cli->app.db, &cli->mem, nominal, &rows, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        ExhibitRow seen;                       /* only what this person may see */
        if (!exhibit_fetch(cli->app.db, &cli->mem, &cli->viewer, rows[i].id, &seen, err)) {
            if (err->kind != ERR_NOT_FOUND)
                return false;
            err_clear(err);
            continue;
        }
        Json *j = json_new_object();
        json_set_text(j, "exhibit", ref_write(&cli->mem, 'X', seen.id));
        json_set_text(j, "ref", seen.ref);
        json_set_text(j, "state", seen.state);
        if (seen.triage) {
            json_set_int(j, "known", seen.known);
            json_set_int(j, "pictures", seen.pictures);
            json_set_int(j, "priority", seen.priority);
            json_set_text(j, "because", seen.because);
        }
        json_push(list, j);
    }
    print_table(cli, cols, COUNT_OF(cols), list);
    return true;
}

/* ---- the verb ---- */

static bool write_and_tell(Cli *cli, const TriageReport *r, ReportFormat format, const char *out,
                           int64_t exhibit, Err *err)
{
    Sha256 digest;
    if (!report_write(r, format, out, &digest, err))
        return false;
    CLEANUP(json_done) Json *j = report_counts(r, &cli->mem);
    json_set_text(j, "report", out);
    json_set_text(j, "report_sha256", sha256_hex(&cli->mem, &digest));
    if (cli->json)
        print_json(cli, j);
    else
        tell(cli, r, out);
    return !exhibit || attach(cli, exhibit, j, err);
}

bool verb_triage(Cli *cli, Err *err)
{
    const char *out = arg(cli, "out"), *journal = str_fmt(&cli->mem, "%s.journal", out);
    int64_t threads = 0, distance = 0;
    int64_t exhibit = 0;
    ReportFormat format;
    CLEANUP(triage_done) TriageReport report = { 0 };
    Progress progress = progress_begin(cli, "Read", "MB");
    TriageOptions o = { .path = cli->args.words[0],
                        .journal = journal,
                        .exhibit = arg(cli, "exhibit"),
                        .resume = arg(cli, "resume") != NULL,
                        .verify = arg(cli, "verify") != NULL,
                        .all_files = arg(cli, "all-files") != NULL,
                        .made = cli->fixed_now == INSTANT_NONE ? instant_now() : cli->fixed_now,
                        .clock = steady,
                        .progress = show,
                        .progress_ctx = &progress,
                        .stop = stopped };
    if (!format_of(cli, out, &format, err) || !arg_int(cli, "threads", 0, 1, 256, &threads, err) ||
        !arg_int(cli, "distance", 0, 1, 63, &distance, err))
        return false;
    if (arg(cli, "attach") && (!exhibit_named(o.exhibit ? o.exhibit : "", &exhibit, err) ||
                               !cli_open(cli, OPENS_WRITE, err)))
        return false;                          /* before hours of reading, not after */
    o.sets = sets_of(cli, &o.set_count);
    o.threads = (int)threads;
    o.distance = (int)distance;
    stops_hold();
    bool good = triage_run(&o, &cli->mem, &report, err);
    progress_end(&progress);
    if (!good || !write_and_tell(cli, &report, format, out, exhibit, err))
        return false;
    (void)unlink(journal);                     /* finished: there is nothing to go on with */
    return true;
}
