/* verbs_demo.c: a synthetic national operation, lived through day by day on the real formats, then served.
 *
 * Every step is what people would do: files arrive on their day, the stages follow on, the coordinator sends
 * what is ready, forces acknowledge and accept. The clock is held at each day in turn, which only an exercise
 * allows. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/embedded.h"
#include "base/limits.h"
#include "base/zone.h"
#include "cli/cli.h"
#include "cli/demo_device.h"
#include "cli/demo_people.h"
#include "dispatch/package.h"
#include "intake/import.h"
#include "link/nominal.h"
#include "simulate/simulate.h"

static const char *const demo_password = "muster exercise 2026";

/* The sign-ins that the demonstration prints, beside an officer and a supervisor of every force. */
static const struct {
    const char *login, *name, *agency;
    Role role;
} demo_people[] = {
    { "coordinator", "Sam Okafor", "coordinator", ROLE_COORDINATOR },
    { "second", "Robin Achterberg", "coordinator", ROLE_COORDINATOR },
    { "researcher", "Jo Lindqvist", "coordinator", ROLE_RESEARCHER },
    { "auditor", "Alex Mbeki", "coordinator", ROLE_AUDITOR },
    { "press", "Chris Delacroix", "coordinator", ROLE_PRESS_OFFICER },
    { "admin", "Pat Novak", "coordinator", ROLE_ADMINISTRATOR },
};

typedef struct Demo {
    Cli *cli;
    const char *folder;
    const char **files; /* in the order they arrive */
    size_t file_count;
    Hand hand;             /* the coordinator's */
    int64_t officers[128]; /* by agency id, small numbers: agencies come first in the ledger */
    size_t sent, accepted, acted;
    Date today;
} Demo;

static Instant day_hour(Date d, int hour) { return london_start(d) + hour * US_PER_HOUR; }

/* Never later than it really is. */
static void hold_clock(Demo *d, Instant at)
{
    Instant now = instant_now();
    at = at < now ? at : now;
    d->cli->app.opt.fixed_now = at;
    d->hand.at = at;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool list_files(Demo *d, Err *err)
{
    const char *in = str_fmt(&d->cli->mem, "%s/in", d->folder);
    size_t cap = 0;
    struct dirent *entry;
    DIR *dir = opendir(in);
    if (!dir)
        return err_set(err, ERR_STORE, "The simulated files are not there.");
    while ((entry = readdir(dir)))
        if (entry->d_name[0] != '.')
            *arena_push(&d->cli->mem, d->files, d->file_count, cap) = str_copy(&d->cli->mem, entry->d_name);
    closedir(dir);
    qsort(d->files, d->file_count, sizeof *d->files, by_name);
    return true;
}

/* NNN-YYYY-MM-DD-what.ext: the day a file arrived. */
static Date file_day(const char *name, Date otherwise)
{
    Date d;
    return strlen(name) > 14 && date_parse((Str){ name + 4, 10 }, &d) ? d : otherwise;
}

static bool people_add(Demo *d, Err *err)
{
    Cli *cli = d->cli;
    Agency *agencies = NULL;
    size_t n = 0;
    int64_t id = 0;
    FOR_EACH (p, demo_people) {
        NewPerson person = { p->login, p->name, p->agency, p->role };
        if (!person_add(cli->app.ledger, &d->hand, &person, &id, err) ||
            !person_set_password(cli->app.ledger, &d->hand, id, demo_password, false, err))
            return err_while(err, "adding %s", p->login);
    }
    if (!agency_list(cli->app.db, &cli->mem, &agencies, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!str_same(agencies[i].kind, "force"))
            continue;
        NewPerson officer = { str_fmt(&cli->mem, "%s-officer", agencies[i].short_id),
                              str_fmt(&cli->mem, "%s desk officer", agencies[i].tile), agencies[i].short_id,
                              ROLE_FORCE_OFFICER };
        NewPerson supervisor = { str_fmt(&cli->mem, "%s-supervisor", agencies[i].short_id),
                                 str_fmt(&cli->mem, "%s supervisor", agencies[i].tile), agencies[i].short_id,
                                 ROLE_FORCE_SUPERVISOR };
        if (!person_add(cli->app.ledger, &d->hand, &officer, &id, err))
            return err_while(err, "adding people of %s", agencies[i].short_id);
        if (agencies[i].id < (int64_t)COUNT_OF(d->officers))
            d->officers[agencies[i].id] = id;
        if (!person_add(cli->app.ledger, &d->hand, &supervisor, &id, err))
            return err_while(err, "adding people of %s", agencies[i].short_id);
    }
    static const char *const with_sign_in[] = { "essex-officer", "essex-supervisor", "cheshire-officer" };
    FOR_EACH (login, with_sign_in) {
        Viewer v;
        if (!viewer_load(cli->app.db, &cli->mem, *login, &v, err) ||
            !person_set_password(cli->app.ledger, &d->hand, v.person, demo_password, false, err))
            return false;
    }
    return true;
}

static bool found_database(Demo *d, Err *err)
{
    Cli *cli = d->cli;
    const Embedded *agencies = embedded_find("data/agencies.csv");
    size_t added = 0;
    Str authority;
    int64_t operation = 0;
    const char *asn = "web/node_modules/@ip-location-db/asn";
    if (access(asn, F_OK) != 0)
        asn = NULL; /* the environment may name another folder */
    AppOptions opt = { .db_path = cli->db_path,
                       .create = true,
                       .unsafe_fast = true,
                       .fixed_now = d->hand.at,
                       .asn_folder = asn };
    if (!app_open(&opt, &cli->app, err) ||
        !ledger_found(cli->app.ledger, "muster/lantern", d->hand.at, err) ||
        !access_add_agencies(cli->app.ledger, &d->hand, embedded_str(agencies), &added, err) ||
        !people_add(d, err) || !viewer_load(cli->app.db, &cli->mem, "coordinator", &cli->viewer, err) ||
        !file_read(&cli->mem, str_fmt(&cli->mem, "%s/authority.json", d->folder), LIMIT_JSON_BYTES,
                   &authority, err))
        return false;
    d->hand = viewer_hand(&cli->viewer, 0, d->hand.at);
    if (!operation_open(cli->app.ledger, cli->app.db, &d->hand, authority, &operation, err))
        return false;
    d->hand.operation = operation;
    return true;
}

/* Forces acknowledge within hours and accept the same day, except the few that have not come to it: those of
 * the last two days wait, as they would. */
static bool force_answers(Demo *d, const Package *p, Instant sent, Err *err)
{
    Cli *cli = d->cli;
    int64_t officer = p->row.force < (int64_t)COUNT_OF(d->officers) ? d->officers[p->row.force] : 0;
    bool recent = sent > day_hour(d->today - 2, 0), slow = p->row.id % 97 == 0;
    if (!officer || slow || (recent && p->row.id % 3 != 0))
        return true;
    Hand hand = { officer, p->row.force, d->hand.operation, sent + 2 * US_PER_HOUR };
    if (!package_receive(cli->app.ledger, cli->app.db, cli->app.rules, &hand, p->row.id, err))
        return false;
    hand.at += US_PER_HOUR;
    d->accepted++;
    return package_accept(cli->app.ledger, cli->app.db, cli->app.rules, &hand, p->row.id, officer, err);
}

/* A person looks at each suggestion and, here, agrees with it. */
static bool decide_bands(Demo *d, Err *err)
{
    Cli *cli = d->cli;
    QueueFilter f = { .operation = d->hand.operation, .limit = LIMIT_PAGE_ROWS };
    NominalRow *rows = NULL;
    size_t n = 0;
    do {
        if (!nominal_queue(cli->app.db, &cli->mem, &cli->viewer, &f, &rows, &n, err))
            return false;
        for (size_t i = 0; i < n; i++)
            if (str_blank(rows[i].band) && rows[i].force && !str_blank(rows[i].suggested) &&
                !band_decide(cli->app.ledger, cli->app.db, cli->app.rules, &d->hand, rows[i].id,
                             rows[i].suggested, "Agreed with the suggestion after reading its reasons", err))
                return err_while(err, "deciding a band");
        if (n) {
            f.band_rank = rows[n - 1].band_rank;
            f.points = rows[n - 1].points;
            f.after_id = rows[n - 1].id;
        }
    } while (n == LIMIT_PAGE_ROWS);
    return true;
}

static bool send_ready(Demo *d, Err *err)
{
    Cli *cli = d->cli;
    int64_t *ids = NULL, package = 0;
    size_t n = 0;
    if (!package_candidates(cli->app.db, &cli->mem, d->hand.operation, &ids, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        Package p;
        if (!package_build(cli->app.ledger, cli->app.db, cli->app.rules, &d->hand, ids[i], &package, err) ||
            !package_fetch(cli->app.db, &cli->mem, &cli->viewer, package, &p, err))
            return err_while(err, "building package %zu of %zu", i + 1, n);
        if (str_same(p.row.state, "held"))
            continue; /* waits for a person's decision */
        if (!package_send(cli->app.ledger, cli->app.db, cli->app.rules, &d->hand, package, err) ||
            !force_answers(d, &p, d->hand.at, err))
            return err_while(err, "sending package %zu of %zu", i + 1, n);
        d->sent++;
    }
    return true;
}

/* Each afternoon people see to what falls due before the next; of the last days something is always left. */
static bool people_work(Demo *d, Date day, Err *err)
{
    FlowReport flow;
    size_t acted = 0;
    hold_clock(d, day_hour(day, 15));
    if (!demo_people_act(d->cli, &d->hand, day_hour(day + 1, 16), day >= d->today - 3, &acted, err))
        return err_while(err, "living through %s", date_iso(&d->cli->mem, day));
    d->acted += acted;
    return acted == 0 || flow_run(&d->cli->app, d->cli->app.db, &d->hand, NULL, NULL, &flow, err);
}

static bool live_a_day(Demo *d, Date day, size_t from, size_t to, Err *err)
{
    Cli *cli = d->cli;
    FlowReport flow;
    hold_clock(d, day_hour(day, 8));
    for (size_t i = from; i < to; i++) {
        ImportReport report;
        if (!intake_import(cli->app.ledger, cli->app.store, &d->hand, &(ImportOptions){ 0 },
                           str_fmt(&cli->mem, "%s/in/%s", d->folder, d->files[i]), &cli->mem, &report, NULL,
                           NULL, err))
            return err_while(err, "taking in file %zu", i + 1);
    }
    if (!flow_run(&cli->app, cli->app.db, &d->hand, NULL, NULL, &flow, err))
        return false;
    hold_clock(d, day_hour(day, 11));
    return decide_bands(d, err) && send_ready(d, err) && people_work(d, day, err);
}

static bool live_through(Demo *d, Err *err)
{
    Date last = DATE_NONE;
    FlowReport flow;
    Progress p = progress_begin(d->cli, "Operation Lantern", "files");
    for (size_t i = 0; i < d->file_count;) {
        Date day = file_day(d->files[i], d->today);
        if (last != DATE_NONE && day < last)
            day = last; /* a ledger's days never run backwards */
        size_t next = i + 1;
        while (next < d->file_count && file_day(d->files[next], d->today) <= day)
            next++;
        for (Date quiet = last == DATE_NONE ? day : last + 1; quiet < day; quiet++)
            if (!people_work(d, quiet, err)) /* days on which no file arrives */
                return false;
        if (!live_a_day(d, day, i, next, err))
            return err_while(err, "living through %s", date_iso(&d->cli->mem, day));
        progress_show(&p, (int64_t)next, (int64_t)d->file_count);
        last = day;
        i = next;
    }
    progress_end(&p);
    d->cli->app.opt.fixed_now = INSTANT_NONE;
    d->hand.at = app_now(&d->cli->app);
    if (!demo_device(d->cli, d->folder, &d->hand, err))
        return false;
    return flow_run(&d->cli->app, d->cli->app.db, &d->hand, NULL, NULL, &flow, err);
}

/* A list of buyers as such lists come: a man twice, spelt as each shop heard him. What is certain enough is
 * joined by itself; the others are for a person to decide, so that the page for it has something to show.
 * None of them is in the simulation's truth, and none changes a figure. */
static bool doubles_write(Demo *d, Err *err)
{
    static const char rows[] =
        "list_ref,family_name,given_names,date_of_birth,town,postcode,purchased_at\n"
        "D-01,Carmichael,Stephen,1971-08-09,Kendal,,2026-05-01\n"
        "D-02,Carmichael,Steven,1971-09-08,Kendal,LA9 4AB,2026-05-02\n"
        "D-03,Hollingworth,Geoffrey,1958-03-27,Buxton,SK17 6AA,2026-05-03\n"
        "D-04,Hollingsworth,Jeff,1958-03-27,Buxton,,2026-05-09\n"
        "D-05,Wetherby,Alistair,1983-11-02,Hexham,NE46 1AA,2026-04-11\n"
        "D-06,Weatherby,Alastair,1983-02-11,Hexham,,2026-04-19\n"
        "D-07,Thackeray,Dominic,1990-06-14,Otley,LS21 1AA,2026-04-21\n"
        "D-08,Thackray,Dominick,1990-06-15,Otley,,2026-05-05\n"
        "D-09,Fairbrother,Neville,1949-12-30,Louth,LN11 9AA,2026-03-30\n"
        "D-10,Fairbrother,Nev,1949-12-03,Louth,,2026-05-11\n"
        "D-11,Pemberton,Crispin,1976-01-19,Ludlow,SY8 1AA,2026-04-02\n"
        "D-12,Pembertone,Krispin,1976-10-19,Ludlow,,2026-04-27\n";
    const char *name = str_fmt(&d->cli->mem, "%s/in/500-%s-buyers.csv", d->folder,
                               date_iso(&d->cli->mem, d->today - 2));
    return file_write(name, (Str){ rows, sizeof rows - 1 }, err);
}

static bool make_demo(Cli *cli, const char *folder, Err *err)
{
    Demo d = { .cli = cli, .folder = folder, .today = london_date(instant_now()) };
    SimulateOptions sim = {
        .scenario = "lantern", .seed = 7, .scale = 1, .out_dir = folder, .today = d.today
    };
    SimulateReport made;
    fprintf(stderr, "Writing a synthetic operation in the real input formats...\n");
    if (!simulate_run(&sim, &cli->mem, &made, err) || !doubles_write(&d, err) || !list_files(&d, err) ||
        !d.file_count)
        return err_while(err, "simulating");
    d.hand.at = day_hour(file_day(d.files[0], d.today) - 1, 9);
    fprintf(stderr, "Living through it: %zu files, %zu reports...\n", d.file_count, made.reports);
    if (!found_database(&d, err) || !live_through(&d, err))
        return false;
    fprintf(stderr, "%zu packages sent, %zu accepted at once, %zu other things seen to.\n", d.sent,
            d.accepted, d.acted);
    return true;
}

bool verb_demo(Cli *cli, Err *err)
{
    const char *folder = arg(cli, "out") ? arg(cli, "out") : "build/demo";
    const char *final = str_fmt(&cli->mem, "%s/muster.db", folder);
    if (arg(cli, "fresh"))
        unlink(final);
    if (access(final, F_OK) != 0) {
        cli->db_path = str_fmt(&cli->mem, "%s/making.db", folder);
        unlink(cli->db_path);
        unlink(str_fmt(&cli->mem, "%s-wal", cli->db_path));
        unlink(str_fmt(&cli->mem, "%s-shm", cli->db_path));
        if (!make_demo(cli, folder, err))
            return err_while(err, "making the demonstration");
        app_close(&cli->app);
        if (rename(cli->db_path, final) != 0)
            return err_set(err, ERR_STORE, "The finished database could not be put in place.");
    }
    cli->db_path = final;
    if (!app_open(&(AppOptions){ .db_path = final, .fixed_now = INSTANT_NONE }, &cli->app, err))
        return false;
    printf("\nOperation Lantern: an exercise. Every person, address and account is invented.\n"
           "Sign in as any of these with the password  %s\n",
           demo_password);
    FOR_EACH (p, demo_people)
        printf("  %-18s %s, %s\n", p->login, p->name, role_name(p->role));
    puts("  essex-officer      Essex, force officer\n  essex-supervisor   Essex, force supervisor\n"
         "  cheshire-officer   Cheshire, force officer\n");
    fflush(stdout);
    return arg(cli, "no-serve") ? true : verb_serve(cli, err);
}
