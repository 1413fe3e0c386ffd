/* verbs_known.c: sets of known files in an operation: registered, listed, ended; what is held; jobs; series.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/ref.h"
#include "cli/cli.h"
#include "match/sets.h"
#include "match/view.h"

static bool may_manage(Cli *cli, Hand *hand, Err *err)
{
    Operation o;
    if (!cli_may(cli, PERM_HASHSET_MANAGE, "manage sets of known files", err) || !cli_operation(cli, &o, err))
        return false;
    *hand = cli_hand(cli, o.id);
    return operation_live(&o, hand->at, err);
}

static void show_files(void *ctx, int64_t done, int64_t total) { progress_show(ctx, done, total); }

/* Known by whom it was signed, as far as this database can tell. */
static bool signer_read(Cli *cli, const char *path, const char **by, Err *err)
{
    CLEANUP(known_close) KnownSet *set = NULL;
    NoteVerifier own;
    LedgerHead head;
    if (!known_open(path, &cli->mem, &set, err) || !ledger_head(cli->app.db, &cli->mem, &head, err) ||
        !note_verifier_read(str_of(head.verifier), &own, err))
        return false;
    switch (set_signed_by(set, &own, 1, &cli->mem, by)) {
    case SIGNED_FALSELY:    return err_set(err, ERR_INVALID, "The set's signature does not hold.");
    case SIGNED_BY_NOBODY:  *by = NULL; return true;
    case SIGNED_BY_UNKNOWN: *by = str_fmt(&cli->mem, "%s (not checked)", *by); return true;
    case SIGNED_BY_KNOWN:   return true;
    }
    return true;
}

static bool set_compare(Cli *cli, const Hand *hand, size_t *looked, Err *err)
{
    Progress p = progress_begin(cli, "comparing", "files");
    MatchRun run = { .ledger = cli->app.ledger, .db = cli->app.db, .hand = hand, .rules = cli->app.rules,
                     .progress = show_files, .ctx = &p };
    bool ok = match_run(&run, looked, err);
    progress_end(&p);
    return ok;
}

static bool follow_on(Cli *cli, const Hand *hand, Err *err)
{
    FlowReport flow;
    Progress p = progress_begin(cli, "following on", "done");
    bool ok = flow_run(&cli->app, cli->app.db, hand, progress_stage, &p, &flow, err);
    progress_end(&p);
    return ok;
}

bool verb_hashset_add(Cli *cli, Err *err)
{
    const char *by = NULL, *path = cli->args.words[0];
    Hand hand;
    SetAdded added;
    SetFileRow row;
    JobRow job = {0};
    size_t looked = 0;
    if (!may_manage(cli, &hand, err) || !signer_read(cli, path, &by, err) ||
        !set_add(cli->app.ledger, cli->app.db, &hand, path, by, &added, err))
        return false;
    if (!arg(cli, "no-flow") && (!set_compare(cli, &hand, &looked, err) || !follow_on(cli, &hand, err)))
        return false;
    if (!set_file_fetch(cli->app.db, &cli->mem, added.set_file, &row, err) ||
        (added.job && !job_fetch(cli->app.db, &cli->mem, added.job, &job, err)))
        return false;
    CLEANUP(json_done) Json *j = json_new_object();
    json_set_text(j, "set", ref_write(&cli->mem, 'G', row.id));
    json_set_text(j, "name", row.name);
    json_set_text(j, "version", row.version);
    json_set_text(j, "root", row.root);
    json_set_text(j, "signed_by", row.signed_by);
    json_set_int(j, "entries", row.entries);
    json_set_bool(j, "already", added.already);
    json_set_int(j, "compared", job.done);
    json_set_int(j, "known", row.matched);
    if (cli->json)
        print_json(cli, j);
    else if (added.already)
        printf("%s: %s %s was registered before: nothing changed.\n", json_text(j, "set"), row.name,
               row.version);
    else
        printf("%s: %s %s, %lld entries. %lld files held were compared with it; it knows %lld.\n",
               json_text(j, "set"), row.name, row.version, (long long)row.entries, (long long)job.done,
               (long long)row.matched);
    return true;
}

bool verb_hashset_retire(Cli *cli, Err *err)
{
    Hand hand;
    int64_t id = 0;
    SetFileRow row;
    if (!may_manage(cli, &hand, err) || !ref_read(str_of(cli->args.words[0]), 'G', &id, err) ||
        !set_file_fetch(cli->app.db, &cli->mem, id, &row, err))
        return false;
    if (row.retired)
        return err_set(err, ERR_CONFLICT, "That set is retired already.");
    return set_retire(cli->app.ledger, &hand, id, arg(cli, "reason"), err) && follow_on(cli, &hand, err);
}

bool verb_hashset_list(Cli *cli, Err *err)
{
    static const Col cols[] = { { "ref", "Ref", false },         { "name", "Set", false },
                                { "version", "Version", false }, { "kind", "Kind", false },
                                { "entries", "Entries", true },  { "state", "State", false } };
    CLEANUP(json_done) Json *rows = json_new_list();
    SetFileRow *files = NULL;
    HashSetRow *sets = NULL;
    size_t file_count = 0, n = 0;
    if (!set_file_list(cli->app.db, &cli->mem, &files, &file_count, err) ||
        !hashset_list(cli->app.db, &cli->mem, &sets, &n, err))
        return false;
    for (size_t i = 0; i < file_count; i++) {
        Json *row = json_new_object();
        json_set_text(row, "ref", ref_write(&cli->mem, 'G', files[i].id));
        json_set_text(row, "name", files[i].name);
        json_set_text(row, "version", files[i].version);
        json_set_text(row, "kind", "set file");
        json_set_int(row, "entries", files[i].entries);
        json_set_text(row, "root", files[i].root);
        json_set_int(row, "known", files[i].matched);
        json_set_text(row, "state", files[i].retired ? "retired" : "in use");
        json_push(rows, row);
    }
    for (size_t i = 0; i < n; i++) {
        Json *row = json_new_object();
        json_set_text(row, "name", sets[i].name);
        json_set_text(row, "version", sets[i].version);
        json_set_text(row, "kind", sets[i].kind);
        json_set_int(row, "entries", sets[i].entries);
        json_push(rows, row);
    }
    print_table(cli, cols, COUNT_OF(cols), rows);
    return true;
}

/* ---- what is held ---- */

bool verb_hashset_held(Cli *cli, Err *err)
{
    static const Col cols[] = { { "ref", "Ref", false },          { "kind", "Digest", false },
                                { "value", "Hash", false },       { "grade", "Grade", false },
                                { "set", "Set", false },          { "referrals", "Referrals", true },
                                { "nominals", "Nominals", true }, { "state", "State", false } };
    CLEANUP(json_done) Json *rows = json_new_list();
    HeldRow *held = NULL;
    size_t n = 0;
    if (!held_list(cli->app.db, &cli->mem, &held, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        Json *row = json_new_object();
        json_set_text(row, "ref", ref_write(&cli->mem, 'H', held[i].id));
        json_set_text(row, "kind", held[i].kind);
        json_set_text(row, "value", held[i].value);
        json_set_text(row, "grade", held[i].grade);
        json_set_text(row, "set", held[i].set);
        json_set_int(row, "referrals", held[i].now);
        json_set_int(row, "nominals", held[i].nominals);
        json_set_text(row, "state", held[i].state);
        json_set_text(row, "reason", held[i].reason);
        json_push(rows, row);
    }
    print_table(cli, cols, COUNT_OF(cols), rows);
    return true;
}

static bool held_answer(Cli *cli, bool release, Err *err)
{
    Hand hand;
    int64_t id = 0;
    return may_manage(cli, &hand, err) && ref_read(str_of(cli->args.words[0]), 'H', &id, err) &&
           held_decide(cli->app.ledger, &hand, id, release, arg(cli, "reason"), err) &&
           follow_on(cli, &hand, err);
}

bool verb_hashset_release(Cli *cli, Err *err) { return held_answer(cli, true, err); }
bool verb_hashset_dismiss(Cli *cli, Err *err) { return held_answer(cli, false, err); }

/* ---- series ---- */

bool verb_hashset_series(Cli *cli, Err *err)
{
    static const Col cols[] = { { "series", "Series", false }, { "referrals", "Met in referrals", true },
                                { "nominals", "Nominals", true }, { "stopped", "Arrested", true },
                                { "victim_identified", "Victim identified", false } };
    CLEANUP(json_done) Json *rows = json_new_list();
    SeriesRow *series = NULL;
    size_t n = 0;
    if (!series_list(cli->app.db, &cli->mem, &series, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        Json *row = json_new_object();
        json_set_text(row, "series", series[i].series);
        json_set_int(row, "referrals", series[i].referrals);
        json_set_int(row, "nominals", series[i].nominals);
        json_set_int(row, "stopped", series[i].stopped);
        json_set_bool(row, "victim_identified", series[i].victim_identified);
        json_push(rows, row);
    }
    print_table(cli, cols, COUNT_OF(cols), rows);
    return true;
}

/* ---- jobs ---- */

bool verb_job_list(Cli *cli, Err *err)
{
    static const Col cols[] = { { "ref", "Ref", false },     { "says", "What", false },
                                { "state", "State", false }, { "done", "Done", true },
                                { "total", "Of", true },     { "rate", "A second", true },
                                { "found", "Found", true } };
    CLEANUP(json_done) Json *rows = json_new_list();
    JobRow *jobs = NULL;
    size_t n = 0;
    if (!job_list(cli->app.db, &cli->mem, &jobs, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        Json *row = json_new_object();
        json_set_text(row, "ref", ref_write(&cli->mem, 'J', jobs[i].id));
        json_set_text(row, "kind", jobs[i].kind);
        json_set_text(row, "says", jobs[i].says);
        json_set_text(row, "state", jobs[i].state);
        json_set_int(row, "done", jobs[i].done);
        json_set_int(row, "total", jobs[i].total);
        json_set_int(row, "rate", (int64_t)job_rate(&jobs[i], app_now(&cli->app)));
        json_set_int(row, "found", jobs[i].found);
        json_push(rows, row);
    }
    print_table(cli, cols, COUNT_OF(cols), rows);
    return true;
}

bool verb_job_cancel(Cli *cli, Err *err)
{
    Hand hand;
    int64_t id = 0;
    return may_manage(cli, &hand, err) && ref_read(str_of(cli->args.words[0]), 'J', &id, err) &&
           job_cancel(cli->app.ledger, &hand, id, arg(cli, "reason"), err);
}

bool verb_job_run(Cli *cli, Err *err)
{
    Hand hand;
    size_t looked = 0;
    return may_manage(cli, &hand, err) && set_compare(cli, &hand, &looked, err) && follow_on(cli, &hand, err);
}
