/* verbs_hashset.c: sets of known files: made from what others send, compared, joined and proved
 * (asked: verbs_hashset_ask.c).
 * None of these needs a database; with one, sets are signed by its key. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/source.h"
#include "cli/cli.h"
#include "match/read/known_read.h"
#include "match/set_file.h"

enum { VERIFIERS_MAX = 16 };

/* ---- keys: of the database, if there is one, or of a file ---- */

/* The database's, opened to read; *db stays NULL when there is none and none was asked for. */
static bool db_maybe(Cli *cli, Db **db, Err *err)
{
    *db = cli->app.db;
    if (*db || access(cli->db_path, R_OK) != 0)
        return true;
    AppOptions opt = { .db_path = cli->db_path, .read_only = true, .fixed_now = cli->fixed_now };
    if (!app_open(&opt, &cli->app, err))
        return err_while(err, "opening the database whose key signs");
    *db = cli->app.db;
    return true;
}

static bool sign_made(Cli *cli, const char *path, const char **by, Err *err)
{
    Db *db = NULL;
    const char *key = arg(cli, "key");
    *by = NULL;
    if (!key && !db_maybe(cli, &db, err))
        return false;
    if (!key && !db)
        return true;
    if (!set_sign(path, db, key, &cli->mem, err))
        return false;
    CLEANUP(known_close) KnownSet *set = NULL;
    return known_open(path, &cli->mem, &set, err) &&
           (set_signed_by(set, NULL, 0, &cli->mem, by), true);
}

static bool verifiers_read(Cli *cli, NoteVerifier *out, size_t *count, Err *err)
{
    Db *db = NULL;
    LedgerHead head;
    *count = 0;
    for (size_t i = 0; i < cli->args.option_count && *count < VERIFIERS_MAX - 1; i++) {
        if (!str_same(cli->args.options[i].name, "key"))
            continue;
        Str text = str_of(cli->args.options[i].value), file;
        Err none = {0};
        if (access(text.at, R_OK) == 0 && file_read(&cli->mem, text.at, 4096, &file, &none))
            text = str_trim(file);
        if (!note_verifier_read(text, &out[*count], err))
            return err_while(err, "reading a verifier key");
        ++*count;
    }
    if (!db_maybe(cli, &db, err) || !db)
        return err->kind == ERR_NONE;
    return ledger_head(db, &cli->mem, &head, err) &&
           note_verifier_read(str_of(head.verifier), &out[(*count)++], err);
}

/* A key for those who keep sets and no database. */
bool verb_hashset_key(Cli *cli, Err *err)
{
    CLEANUP(note_key_done) NoteKey key = {0};
    uint8_t seed[32];
    const char *path = arg(cli, "out"), *name = cli->args.words[0];
    random_fill(seed, sizeof seed);
    if (access(path, F_OK) == 0)
        return err_set(err, ERR_CONFLICT, "There is a file of that name already.");
    if (!note_key_new(name, seed, &key, err))
        return false;
    mode_t was = umask(077);
    bool ok =
        file_write(path, str_of(str_fmt(&cli->mem, "%s %s\n", name, hex_write(&cli->mem, seed, 32))), err);
    umask(was);
    if (ok)
        puts(note_verifier_text(&key.verifier, &cli->mem));
    return ok;
}

/* ---- build ---- */

typedef struct Building {
    Cli        *cli;
    KnownBuild *build;
    Progress    progress;
    uint64_t    before, total;               /* bytes of the sources read and of all */
} Building;

static bool entry_add(void *ctx, const KnownEntry *entry, Err *err)
{
    return known_build_add(((Building *)ctx)->build, entry, err);
}

static bool bytes_show(void *ctx, uint64_t done, uint64_t total)
{
    Building *b = ctx;
    (void)total;
    progress_show(&b->progress, (int64_t)(b->before + done), (int64_t)b->total);
    return true;
}

static bool phase_show(void *ctx, const KnownProgress *p)
{
    static const char *const phases[] = { [KNOWN_ADDING] = "reading", [KNOWN_SORTING] = "sorting",
                                          [KNOWN_WRITING] = "writing", [KNOWN_SUMMING] = "summing" };
    Building *b = ctx;
    if (p->phase == KNOWN_ADDING)
        return true;
    if (b->progress.what != phases[p->phase])
        b->progress = progress_begin(b->cli, phases[p->phase], "entries");
    progress_show(&b->progress, (int64_t)p->done, (int64_t)p->of);
    return true;
}

static Json *read_json(const char *path, const KnownReadReport *r)
{
    Json *j = json_new_object(), *list = json_new_list();
    json_set_text(j, "file", path);
    json_set_text(j, "format", r->format);
    json_set_text(j, "source", r->source);
    json_set_text(j, "scale", r->scale);
    json_set_int(j, "rows", (int64_t)r->rows);
    json_set_int(j, "entries", (int64_t)r->entries);
    json_set_int(j, "rejected", (int64_t)r->rejected);
    json_set_int(j, "empty_file", (int64_t)r->ignored);
    json_set_int(j, "ungraded", (int64_t)r->ungraded);
    json_set_int(j, "precategorized_only", (int64_t)r->precategorized_only);
    json_set_text(j, "unread_columns", r->unread);
    for (size_t i = 0; i < r->rejection_count; i++) {
        Json *one = json_new_object();
        if (r->rejections[i].line)
            json_set_int(one, "line", (int64_t)r->rejections[i].line);
        json_set_int(one, "offset", (int64_t)r->rejections[i].offset);
        json_set_text(one, "reason", r->rejections[i].why);
        json_push(list, one);
    }
    json_set(j, "rejections", list);
    return j;
}

static void read_tell(const char *path, const KnownReadReport *r)
{
    printf("%s: %s: %llu rows = %llu entries + %llu rejected + %llu of the empty file\n", path, r->format,
           (unsigned long long)r->rows, (unsigned long long)r->entries, (unsigned long long)r->rejected,
           (unsigned long long)r->ignored);
    for (size_t i = 0; i < r->rejection_count; i++)
        if (r->rejections[i].line)
            printf("%s:%llu: %s\n", path, (unsigned long long)r->rejections[i].line, r->rejections[i].why);
        else
            printf("%s: at byte %llu: %s\n", path, (unsigned long long)r->rejections[i].offset,
                   r->rejections[i].why);
    if (r->rejected > r->rejection_count)
        printf("%s: and %llu more rejected rows\n", path,
               (unsigned long long)(r->rejected - r->rejection_count));
    if (r->ungraded)
        printf("%s: %llu entries without a category: nobody's verdict\n", path,
               (unsigned long long)r->ungraded);
    if (r->unread)
        printf("%s: columns not read: %s\n", path, r->unread);
}

static bool read_options(Cli *cli, KnownReadOptions *o, Err *err)
{
    static const struct { const char *name; KnownStance stance; } kinds[] = {
        { "known", STANCE_KNOWN }, { "benign", STANCE_BENIGN }, { "negative", STANCE_NEGATIVE },
    };
    const char *kind = arg(cli, "kind"), *digest = arg(cli, "digest"), *one = arg(cli, "name");
    *o = KNOWN_READ_DEFAULT;
    o->source = arg(cli, "source") ? arg(cli, "source") : cli->args.word_count == 1 ? one : NULL;
    o->version = arg(cli, "version");
    o->scale = arg(cli, "scale");
    o->grade = arg(cli, "grade");
    o->map = arg(cli, "map");
    o->stance_given = kind != NULL;
    o->digest = digest ? digest_named(str_of(digest)) : -1;
    if (digest && o->digest < 0)
        return err_set(err, ERR_INVALID, "--digest is md5, sha1, sha256, pdq or photodna.");
    FOR_EACH(k, kinds)
        if (str_same(kind, k->name)) {
            o->stance = k->stance;
            return true;
        }
    return !kind || err_set(err, ERR_INVALID, "--kind is known, benign or negative.");
}

static bool sources_read(Cli *cli, Building *b, KnownReadReport *reports, Err *err)
{
    KnownReadOptions options;
    struct stat about;
    if (!read_options(cli, &options, err))
        return false;
    options.progress = bytes_show;
    options.ctx = b;
    for (size_t i = 0; i < cli->args.word_count; i++)
        b->total += stat(cli->args.words[i], &about) == 0 && about.st_size > 0 ? (uint64_t)about.st_size : 0;
    for (size_t i = 0; i < cli->args.word_count; i++) {
        const char *path = cli->args.words[i];
        if (!known_read(path, &options, entry_add, b, &cli->mem, &reports[i], err)) {
            progress_end(&b->progress);
            fprintf(stderr, "muster: %s is refused; no set is written.\n", path);
            return err_while(err, "reading source %zu", i + 1);
        }
        b->before += stat(path, &about) == 0 ? (uint64_t)about.st_size : 0;
    }
    return true;
}

static Json *counts_json(Cli *cli, const KnownCounts *c)
{
    Json *j = json_new_object(), *digests = json_new_object();
    json_set_int(j, "entries", (int64_t)c->entries);
    for (int k = 0; k < DIGEST__COUNT; k++)
        json_set_int(digests, digest_name((DigestKind)k), (int64_t)c->digests[k]);
    json_set(j, "digests", digests);
    json_set_int(j, "conflicts", (int64_t)c->conflicts);
    json_set_int(j, "repeated", (int64_t)c->repeated);
    json_set_int(j, "bytes", (int64_t)c->file_bytes);
    json_set_text(j, "root", hex_write(&cli->mem, c->root.bytes, sizeof c->root.bytes));
    return j;
}

static void counts_tell(const char *path, const KnownCounts *c)
{
    printf("%s: %llu entries:", path, (unsigned long long)c->entries);
    for (int k = 0; k < DIGEST__COUNT; k++)
        if (c->digests[k])
            printf(" %llu %s", (unsigned long long)c->digests[k], digest_name((DigestKind)k));
    printf("; %llu graded differently on one scale; %llu repeated rows left out; %llu bytes\n",
           (unsigned long long)c->conflicts, (unsigned long long)c->repeated,
           (unsigned long long)c->file_bytes);
}

/* What build and merge end with: index, signature, report. Takes over `sources`. */
static bool set_made(Cli *cli, const char *path, const KnownCounts *counts, Json *sources, Err *err)
{
    CLEANUP(json_done) Json *j = counts_json(cli, counts);
    const char *by = NULL;
    json_set(j, "sources", sources);
    if (!sign_made(cli, path, &by, err) || !set_file_index(path, &cli->mem, err))
        return false;
    json_set_text(j, "set", path);
    json_set_text(j, "signed_by", by);
    if (cli->json) {
        print_json(cli, j);
        return true;
    }
    counts_tell(path, counts);
    printf(by ? "Signed by %s.\n" : "Not signed: give --key, or --db.\n", by ? by : "");
    return true;
}

static KnownBuildOptions build_options(Cli *cli, Building *b)
{
    const char *name = arg(cli, "name"), *slash = strrchr(arg(cli, "out"), '/');
    Instant made = cli->fixed_now == INSTANT_NONE ? instant_now() : cli->fixed_now;
    return (KnownBuildOptions){ .name = name    ? name
                                        : slash ? slash + 1
                                                : arg(cli, "out"),
                                .version = arg(cli, "version"),
                                .made = made,
                                .progress = phase_show,
                                .ctx = b };
}

bool verb_hashset_build(Cli *cli, Err *err)
{
    CLEANUP(known_build_close) KnownBuild *build = NULL;
    Building b = { .cli = cli, .progress = progress_begin(cli, "reading", "bytes") };
    KnownBuildOptions options = build_options(cli, &b);
    KnownReadReport *reports = arena_new(&cli->mem, KnownReadReport, cli->args.word_count);
    KnownCounts counts;
    const char *out = arg(cli, "out");
    if (!known_build_begin(out, &options, &cli->mem, &build, err))
        return false;
    b.build = build;
    if (!sources_read(cli, &b, reports, err) || !known_build_end(build, &counts, err))
        return false;
    progress_end(&b.progress);
    Json *list = json_new_list();
    for (size_t i = 0; i < cli->args.word_count; i++) {
        json_push(list, read_json(cli->args.words[i], &reports[i]));
        if (!cli->json)
            read_tell(cli->args.words[i], &reports[i]);
    }
    return set_made(cli, out, &counts, list, err);
}

bool verb_hashset_merge(Cli *cli, Err *err)
{
    CLEANUP(known_build_close) KnownBuild *build = NULL;
    Building b = { .cli = cli, .progress = progress_begin(cli, "joining", "entries") };
    KnownBuildOptions options = build_options(cli, &b);
    KnownCounts counts;
    Json *list = json_new_list();
    bool ok = known_build_begin(arg(cli, "out"), &options, &cli->mem, &build, err);
    for (size_t i = 0; ok && i < cli->args.word_count; i++) {
        CLEANUP(known_close) KnownSet *set = NULL;
        ok = known_open(cli->args.words[i], &cli->mem, &set, err) && known_merge(build, set, err);
        if (!ok)
            err_while(err, "joining set %zu", i + 1);
        else
            json_push(list, json_new_text(cli->args.words[i]));
    }
    ok = ok && known_build_end(build, &counts, err);
    progress_end(&b.progress);
    if (!ok)
        json_done(&list);
    return ok && set_made(cli, arg(cli, "out"), &counts, list, err);
}

/* ---- info ---- */

static Json *label_json(const KnownLabel *l)
{
    Json *j = json_new_object();
    json_set_text(j, "source", l->source);
    json_set_text(j, "version", l->version);
    json_set_text(j, "scale", l->scale);
    json_set_text(j, "grade", l->grade);
    json_set_text(j, "kind", l->benign ? "benign" : l->negative ? "negative" : "known");
    json_set_bool(j, "trusted", l->trusted);
    json_set_bool(j, "victim_identified", l->victim_identified);
    json_set_int(j, "entries", (int64_t)l->entries);
    return j;
}

static Json *conflict_json(Cli *cli, const KnownSet *set, const KnownConflict *c, Err *err)
{
    CLEANUP(json_done) Json *j = json_new_object();
    Json *grades = json_new_list();
    json_set_text(j, "kind", digest_name(c->kind));
    json_set(j, "grades", grades);
    for (uint32_t i = 0; i < c->hit.count; i++) {
        uint32_t row = 0;
        KnownEntry e;
        if (!known_row(set, c->kind, c->hit.place + i, &row, err) || !known_entry(set, row, &e, err))
            return NULL;
        if (i == 0)
            json_set_text(j, "digest", hex_write(&cli->mem, e.digest[c->kind], digest_bytes(c->kind)));
        Json *one = json_new_object();
        json_set_text(one, "source", e.source);
        json_set_text(one, "scale", e.scale);
        json_set_text(one, "grade", e.benign ? "benign" : e.grade);
        json_push(grades, one);
    }
    return json_keep(j);
}

static const Col label_cols[] = { { "source", "Source", false },
                                  { "version", "Version", false },
                                  { "kind", "Kind", false },
                                  { "scale", "Scale", false },
                                  { "grade", "Grade", false },
                                  { "trusted", "Trusted", false },
                                  { "victim_identified", "Victim identified", false },
                                  { "entries", "Entries", true } };

bool verb_hashset_info(Cli *cli, Err *err)
{
    CLEANUP(set_file_done) SetFile file = {0};
    if (!set_file_open(cli->args.words[0], &cli->mem, &file, err))
        return false;
    KnownInfo info = known_info(file.set);
    CLEANUP(json_done)
    Json *j = counts_json(cli, &info.counts),
         *labels = json_new_list(), *clashes = json_new_list();
    for (size_t i = 0; i < info.labels && i < 1000; i++) {
        KnownLabel label;
        if (!known_label(file.set, i, &label, err))
            return false;
        json_push(labels, label_json(&label));
    }
    for (uint64_t i = 0; i < info.counts.conflicts && i < 1000; i++) {
        KnownConflict clash;
        Json *one =
            known_conflict(file.set, i, &clash, err) ? conflict_json(cli, file.set, &clash, err) : NULL;
        if (!one)
            return false;
        json_push(clashes, one);
    }
    json_set_text(j, "name", info.name);
    json_set_text(j, "version", info.version);
    json_set_text(j, "made", instant_iso(&cli->mem, info.made));
    json_set_int(j, "format", info.format);
    json_set_int(j, "series", (int64_t)info.series);
    json_set_bool(j, "signed", info.signature[0] != 0);
    json_set(j, "sources", json_keep(labels));
    json_set(j, "conflicting", json_keep(clashes));
    if (cli->json) {
        print_json(cli, j);
        return true;
    }
    printf("%s %s, made %s, format %d, root %s, %s\n", info.name, info.version, json_text(j, "made"),
           info.format, json_text(j, "root"), info.signature[0] ? "signed" : "not signed");
    counts_tell(cli->args.words[0], &info.counts);
    print_table(cli, label_cols, COUNT_OF(label_cols), labels);
    return true;
}

/* ---- diff ---- */

typedef struct Changes { Cli *cli; Json *list; size_t left; } Changes;

static bool change_seen(void *ctx, KnownChange change, const KnownEntry *before, const KnownEntry *after)
{
    static const char *const names[] = { [KNOWN_ADDED] = "added", [KNOWN_REMOVED] = "removed",
                                         [KNOWN_REGRADED] = "regraded", [KNOWN_CHANGED] = "changed" };
    Changes *c = ctx;
    const KnownEntry *e = after ? after : before;
    CLEANUP(arena_done) Arena mem = {0};
    const char *digest = "";
    for (int k = 0; k < DIGEST__COUNT && !digest[0]; k++)
        if (e->digest[k])
            digest = hex_write(&mem, e->digest[k], digest_bytes((DigestKind)k));
    if (!c->list) {
        printf("%s\t%s\t%s\t%s\t%s\n", names[change], digest, e->source, before ? before->grade : "",
               after ? after->grade : "");
        return true;
    }
    if (!c->left)
        return true;
    c->left--;
    Json *j = json_new_object();
    json_set_text(j, "change", names[change]);
    json_set_text(j, "digest", digest);
    json_set_text(j, "source", e->source);
    json_set_text(j, "before", before ? before->grade : NULL);
    json_set_text(j, "after", after ? after->grade : NULL);
    json_push(c->list, j);
    return true;
}

bool verb_hashset_diff(Cli *cli, Err *err)
{
    CLEANUP(known_close) KnownSet *before = NULL;
    CLEANUP(known_close) KnownSet *after = NULL;
    CLEANUP(json_done) Json *list = json_new_list();
    Changes c = { .cli = cli, .list = cli->json ? list : NULL, .left = 10000 };
    KnownDiffCounts n;
    if (!known_open(cli->args.words[0], &cli->mem, &before, err) ||
        !known_open(cli->args.words[1], &cli->mem, &after, err) ||
        !known_diff(before, after, change_seen, &c, &n, err))
        return false;
    cli->exit_code = n.added || n.removed || n.regraded || n.changed;
    if (!cli->json) {
        fflush(stdout);
        fprintf(stderr, "%llu added, %llu removed, %llu regraded, %llu changed, %llu the same\n",
                (unsigned long long)n.added, (unsigned long long)n.removed, (unsigned long long)n.regraded,
                (unsigned long long)n.changed, (unsigned long long)n.same);
        return true;
    }
    CLEANUP(json_done) Json *j = json_new_object();
    json_set_int(j, "added", (int64_t)n.added);
    json_set_int(j, "removed", (int64_t)n.removed);
    json_set_int(j, "regraded", (int64_t)n.regraded);
    json_set_int(j, "changed", (int64_t)n.changed);
    json_set_int(j, "same", (int64_t)n.same);
    json_set(j, "changes", json_keep(list));
    print_json(cli, j);
    return true;
}

/* ---- verify ---- */

static void signature_tell(SignedBy by, const char *name)
{
    switch (by) {
    case SIGNED_BY_NOBODY:  puts("It is not signed."); break;
    case SIGNED_BY_KNOWN:   printf("It is signed by %s.\n", name); break;
    case SIGNED_FALSELY:    printf("Its signature does NOT hold (it names %s).\n", name); break;
    case SIGNED_BY_UNKNOWN:
        printf("It says that %s signed it, whose key is not known here: give --key.\n", name);
        break;
    }
}

bool verb_hashset_verify(Cli *cli, Err *err)
{
    static const char *const answers[] = { [SIGNED_BY_NOBODY] = "nobody", [SIGNED_BY_UNKNOWN] = "unknown key",
                                           [SIGNED_BY_KNOWN] = "good", [SIGNED_FALSELY] = "false" };
    CLEANUP(known_close) KnownSet *set = NULL;
    NoteVerifier known[VERIFIERS_MAX];
    size_t count = 0;
    const char *name = "";
    if (!verifiers_read(cli, known, &count, err) ||
        !known_open(cli->args.words[0], &cli->mem, &set, err) || !known_verify(set, 2, err))
        return false;
    SignedBy by = set_signed_by(set, known, count, &cli->mem, &name);
    KnownInfo info = known_info(set);
    cli->exit_code = by == SIGNED_FALSELY || (arg(cli, "key") && by != SIGNED_BY_KNOWN);
    if (!cli->json) {
        printf("%s: every block is as it was written: %llu entries, root %s\n", cli->args.words[0],
               (unsigned long long)info.counts.entries,
               hex_write(&cli->mem, info.counts.root.bytes, sizeof info.counts.root.bytes));
        signature_tell(by, name);
        return true;
    }
    CLEANUP(json_done) Json *j = counts_json(cli, &info.counts);
    json_set_bool(j, "intact", true);
    json_set_text(j, "signature", answers[by]);
    json_set_text(j, "signed_by", name);
    print_json(cli, j);
    return true;
}
