/* verbs_ledger.c: proving every step, and keeping copies that can be proved. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/ref.h"
#include "cli/cli.h"
#include "match/set_copy.h"

static void show(void *ctx, int64_t done, int64_t total) { progress_show(ctx, done, total); }

static bool entry_number(const char *word, int64_t *out, Err *err)
{
    return str_int(str_of(word), 1, INT64_MAX, out) || ref_read(str_of(word), 'E', out, err);
}

static bool note_read(Cli *cli, const char **note, Err *err)
{
    Str text;
    *note = NULL;
    if (!arg(cli, "checkpoint"))
        return true;
    if (!file_read(&cli->mem, arg(cli, "checkpoint"), 1024 * 1024, &text, err))
        return err_while(err, "reading the checkpoint");
    *note = str_from(&cli->mem, text);
    return true;
}

static void verdict_tell(Cli *cli, const Verdict *v)
{
    CLEANUP(json_done) Json *j = json_new_object();
    json_set_bool(j, "good", v->good);
    json_set_int(j, "entries", v->entries);
    if (!v->good) {
        json_set_int(j, "first_bad", v->first_bad);
        json_set_text(j, "why", v->why);
    } else {
        json_set_text(j, "root", sha256_hex(&cli->mem, &v->root));
    }
    if (cli->json)
        print_json(cli, j);
    else if (v->good)
        printf("The ledger is good: %lld entries, root %s\n", (long long)v->entries, json_text(j, "root"));
    else
        printf("The ledger is NOT good. First bad entry: %lld. %s\n", (long long)v->first_bad, v->why);
}

bool verb_ledger_verify(Cli *cli, Err *err)
{
    const char *note = NULL;
    Verdict v;
    Progress p = progress_begin(cli, "verifying", "entries");
    if (!note_read(cli, &note, err) ||
        !ledger_verify(cli->app.db, &cli->mem, note, arg(cli, "key"), show, &p, &v, err))
        return false;
    progress_end(&p);
    verdict_tell(cli, &v);
    cli->exit_code = !v.good;
    return true;
}

static void remove_database(Arena *mem, const char *path)
{
    unlink(path);
    unlink(str_fmt(mem, "%s-wal", path));
    unlink(str_fmt(mem, "%s-shm", path));
}

bool verb_ledger_rebuild(Cli *cli, Err *err)
{
    const char *keep = arg(cli, "out"),
               *to = keep ? keep : str_fmt(&cli->mem, "%s.rebuild-%d", cli->db_path, (int)getpid());
    CLEANUP(json_done) Json *list = json_new_list();
    Difference *diff = NULL;
    size_t n = 0;
    Progress p = progress_begin(cli, "replaying", "entries");
    bool ok = ledger_rebuild(cli->app.store, app_kinds(), to, &cli->mem, show, &p, &diff, &n, err);
    progress_end(&p);
    if (!keep)
        remove_database(&cli->mem, to);
    if (!ok)
        return false;
    for (size_t i = 0; i < n; i++) {
        Json *one = json_new_object();
        json_set_text(one, "table", diff[i].table);
        json_set_int(one, "rows", diff[i].rows_kept);
        json_set_int(one, "rows_replayed", diff[i].rows_replayed);
        json_push(list, one);
        if (!cli->json)
            printf("%s differs: %lld rows here, %lld replayed\n", diff[i].table, (long long)diff[i].rows_kept,
                   (long long)diff[i].rows_replayed);
    }
    if (cli->json)
        print_json(cli, list);
    else if (!n)
        puts("identical");
    cli->exit_code = n > 0;
    return true;
}

bool verb_ledger_checkpoint(Cli *cli, Err *err)
{
    const char *note = NULL;
    LedgerHead head;
    if (arg(cli, "key")) {
        if (!ledger_head(cli->app.db, &cli->mem, &head, err))
            return false;
        puts(head.verifier);
        return true;
    }
    if (!ledger_checkpoint(cli->app.ledger, &cli->mem, app_now(&cli->app), &note, err))
        return false;
    fputs(note, stdout);
    return true;
}

bool verb_ledger_prove(Cli *cli, Err *err)
{
    CLEANUP(json_done) Json *proof = NULL;
    int64_t seq = 0, from = 0;
    LedgerHead head;
    if (!entry_number(cli->args.words[0], &seq, err) || !arg_int(cli, "from", 0, 0, INT64_MAX, &from, err) ||
        !ledger_head(cli->app.db, &cli->mem, &head, err))
        return false;
    bool ok = arg(cli, "from") ? ledger_prove_consistency(cli->app.db, &cli->mem, from, seq, &proof, err)
                               : ledger_prove_inclusion(cli->app.db, &cli->mem, seq, head.size, &proof, err);
    if (ok)
        print_json(cli, proof);
    return ok;
}

bool verb_ledger_list(Cli *cli, Err *err)
{
    static const Col cols[] = { { "seq", "Entry", true },
                                { "at", "Recorded", false },
                                { "kind", "Kind", false },
                                { "actor", "By", true },
                                { "subject", "About", true } };
    CLEANUP(json_done) Json *list = json_new_list();
    EntryFilter f = { .kind = arg(cli, "kind") };
    EntryRow *rows = NULL;
    int64_t limit = 0;
    size_t n = 0;
    if (!viewer_may(&cli->viewer, PERM_LEDGER_READ))
        return err_set(err, ERR_DENIED, "A %s may not read the ledger.", role_name(cli->viewer.role));
    if (!arg_int(cli, "subject", 0, 1, INT64_MAX, &f.subject, err) ||
        !arg_int(cli, "before", 0, 1, INT64_MAX, &f.before, err) ||
        !arg_int(cli, "limit", 50, 1, 10000, &limit, err))
        return false;
    f.limit = (size_t)limit;
    if (!ledger_entries(cli->app.db, &cli->mem, &f, &rows, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        Json *one = json_new_object();
        json_set_int(one, "seq", rows[i].seq);
        json_set_text(one, "at", instant_iso(&cli->mem, rows[i].at));
        json_set_text(one, "kind", rows[i].kind);
        json_set_int(one, "actor", rows[i].actor);
        json_set_int(one, "subject", rows[i].subject ? rows[i].subject : rows[i].seq);
        json_set_bool(one, "erased", rows[i].erased);
        json_push(list, one);
    }
    print_table(cli, cols, COUNT_OF(cols), list);
    return true;
}

bool verb_ledger_erase(Cli *cli, Err *err)
{
    Hand hand = cli_hand(cli, 0);
    int64_t seq = 0;
    if (!viewer_may(&cli->viewer, PERM_LEDGER_ERASE))
        return err_set(err, ERR_DENIED, "A %s may not erase.", role_name(cli->viewer.role));
    return entry_number(cli->args.words[0], &seq, err) &&
           ledger_erase(cli->app.ledger, &hand, seq, arg(cli, "reason"), err);
}

/* Opens a database by itself and verifies it; for copies. */
static bool verify_path(Cli *cli, const char *path, const char *note, Verdict *v, Err *err)
{
    Store *store = NULL;
    Db *db = NULL;
    Progress p = progress_begin(cli, "verifying", "entries");
    bool ok = store_open(path, (StoreOptions){ .read_only = true }, &store, err) &&
              store_reader(store, &db, err) && ledger_verify(db, &cli->mem, note, NULL, show, &p, v, err);
    progress_end(&p);
    if (db)
        store_reader_close(db);
    store_close(store);
    if (ok && !v->good)
        return err_set(err, ERR_INVALID, "That copy's ledger is not good at entry %lld. %s",
                       (long long)v->first_bad, v->why);
    return ok;
}

static void copy_tell(Cli *cli, const char *path, const Verdict *v, const SetsCopied *sets)
{
    CLEANUP(json_done) Json *j = json_new_object();
    json_set_text(j, "path", path);
    json_set_int(j, "entries", v->entries);
    json_set_text(j, "root", sha256_hex(&cli->mem, &v->root));
    json_set_int(j, "sets", sets->sets);
    json_set_int(j, "set_bytes", sets->bytes);
    if (cli->json) {
        print_json(cli, j);
        return;
    }
    printf("%s: verified, %lld entries, root %s\n", path, (long long)v->entries, json_text(j, "root"));
    if (sets->sets)
        printf("%s.sets: verified, %lld set%s of known files\n", path, (long long)sets->sets,
               sets->sets == 1 ? "" : "s");
}

/* A database and the set files beside it, copied as one: the copy gets its name when both are whole. */
typedef struct Whole { const char *from, *to, *hint; SetsCopied sets; } Whole;

static bool whole_beside(void *ctx, Db *copy, Err *err)
{
    Whole *w = ctx;
    return sets_copy(copy, w->from, w->to, &w->sets, err) || err_hint(err, "%s", w->hint);
}

static bool whole_copy(Cli *cli, Store *store, const char *doing, Whole *w, Err *err)
{
    Progress p = progress_begin(cli, doing, "pages");
    StoreBackup with = { .progress = show, .progress_ctx = &p, .beside_ctx = w,
                         .beside = arg(cli, "without-sets") ? NULL : whole_beside };
    bool ok = store_backup(store, w->to, &with, err);
    progress_end(&p);
    return ok;
}

bool verb_backup(Cli *cli, Err *err)
{
    Whole w = { .from = store_path(cli->app.store), .to = arg(cli, "out"),
                .hint = "Put it back: muster hashset add SET. Or leave the set files out: --without-sets." };
    Verdict v;
    if (!whole_copy(cli, cli->app.store, "copying", &w, err) || !verify_path(cli, w.to, NULL, &v, err))
        return err_while(err, "making the backup");
    copy_tell(cli, w.to, &v, &w.sets);
    return true;
}

bool verb_restore(Cli *cli, Err *err)
{
    Whole w = { .from = arg(cli, "from"),
                .to = cli->db_path,
                .hint = "Put it beside the backup. Or restore --without-sets, then: muster hashset add "
                        "SET." };
    const char *note = NULL;
    Store *store = NULL;
    Verdict v;
    if (access(w.to, F_OK) == 0)
        return err_set(err, ERR_CONFLICT, "There is a database at that path already.") ||
               err_hint(err, "Move it away first: restore never overwrites.");
    if (!note_read(cli, &note, err) || !verify_path(cli, w.from, note, &v, err) ||
        !store_open(w.from, (StoreOptions){ .read_only = true }, &store, err))
        return err_while(err, "checking the backup");
    bool ok = whole_copy(cli, store, "restoring", &w, err);
    store_close(store);
    if (!ok || !verify_path(cli, w.to, note, &v, err))
        return err_while(err, "restoring");
    copy_tell(cli, w.to, &v, &w.sets);
    return true;
}
