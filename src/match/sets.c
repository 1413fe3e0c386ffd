#include "match/sets.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "match/match_sql.h"

enum { LABELS_MAX = 1000, COPY_BYTES = 4 * 1024 * 1024 };

const char *set_folder(Arena *mem, const char *db_path) { return str_fmt(mem, "%s.sets", db_path); }

const char *set_path(Arena *mem, const char *db_path, const char *root)
{
    return str_fmt(mem, "%s/%s.set", set_folder(mem, db_path), root);
}

static const char *root_hex(Arena *mem, const KnownSet *set)
{
    KnownInfo info = known_info(set);
    return hex_write(mem, info.counts.root.bytes, sizeof info.counts.root.bytes);
}

/* ---- sets in use ---- */

static bool labels_read(Db *db, Arena *mem, ActiveSet *s, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    size_t cap = 0;
    if (!db_query(db, &match_sql[MATCH_SET_LABELS], VALUES(sql_int(s->id)), &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more)
        *arena_push(mem, s->labels, s->label_count, cap) = (SetLabel){
            row_int(&rows, 0), row_copy(&rows, 1, mem), row_copy(&rows, 2, mem), row_copy(&rows, 3, mem) };
    return err->kind == ERR_NONE;
}

static bool file_use(ActiveSet *s, const char *path, Arena *mem, Err *err)
{
    Err why = {0};
    if (!set_file_open(path, mem, &s->file, &why)) {
        err_set(err, ERR_STORE, "The file of the known-file set %s%s%s is %s.", s->name,
                *s->version ? " " : "", s->version, why.kind == ERR_NOT_FOUND ? "missing" : "damaged");
        return err_hint(err, "Put it back: muster hashset add SET, or end its use: muster hashset retire.");
    }
    if (!str_same(root_hex(mem, s->file.set), s->root))
        return err_set(err, ERR_STORE, "The file of the known-file set %s%s%s is not the one registered.",
                       s->name, *s->version ? " " : "", s->version) ||
               err_hint(err, "Put the registered one back: muster hashset add SET.");
    return set_file_near(&s->file, mem, err);
}

bool sets_open_active(Db *db, const char *db_path, Arena *mem, ActiveSets *out, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    *out = (ActiveSets){0};
    if (!grades_load(mem, &out->grades, err) ||
        !db_query(db, &match_sql[MATCH_SETS_ACTIVE], NO_VALUES, &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more) {
        ActiveSet *s = arena_push(mem, out->at, out->count, out->cap);
        *s = (ActiveSet){ .id = row_int(&rows, 0), .name = row_copy(&rows, 1, mem),
                          .version = row_copy(&rows, 2, mem), .root = row_copy(&rows, 3, mem) };
        if (!file_use(s, set_path(mem, db_path, s->root), mem, err))
            return false;
    }
    rows_done(&rows);
    for (size_t i = 0; err->kind == ERR_NONE && i < out->count; i++)
        if (!labels_read(db, mem, &out->at[i], err))
            return false;
    return err->kind == ERR_NONE;
}

void sets_close(ActiveSets *sets)
{
    for (size_t i = 0; i < sets->count; i++)
        set_file_done(&sets->at[i].file);
    *sets = (ActiveSets){0};
}

bool sets_current(Db *db, const ActiveSets *sets, bool *same, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    size_t n = 0;
    *same = true;
    if (!db_query(db, &match_sql[MATCH_SETS_ACTIVE], NO_VALUES, &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more) {
        *same = *same && n < sets->count && sets->at[n].id == row_int(&rows, 0);
        n++;
    }
    *same = *same && n == sets->count;
    return err->kind == ERR_NONE;
}

/* ---- registering ---- */

static bool copy_into(const char *from, const char *to, Arena *mem, Err *err)
{
    CLEANUP(map_done) Map map = {0};
    (void)mem;
    return map_file(from, &map, err) && file_write(to, (Str){ (const char *)map.at, map.len }, err);
}

typedef struct Add {
    const Hand *hand;
    const KnownSet *set;
    const char *root, *signed_by;
    Arena *mem;
    SetAdded *out;
} Add;

static const char *kind_of(const KnownLabel *l)
{
    return l->negative ? "negative" : l->benign ? "benign" : "known";
}

/* Labels that differ only in grade and flags are one row of hash_set. They are sorted by source and version.
 */
static bool labels_json(const KnownSet *set, Json *list, Err *err)
{
    static const char *const kinds[] = { "known", "benign", "negative" };
    KnownInfo info = known_info(set);
    KnownLabel l = {0};
    for (size_t from = 0, to; from < info.labels; from = to) {
        int64_t sums[COUNT_OF(kinds)] = {0};
        KnownLabel first;
        if (!known_label(set, from, &first, err))
            return false;
        for (to = from; to < info.labels; to++) {
            if (!known_label(set, to, &l, err))
                return false;
            if (!str_same(l.source, first.source) || !str_same(l.version, first.version))
                break;
            for (size_t k = 0; k < COUNT_OF(kinds); k++)
                sums[k] += str_same(kinds[k], kind_of(&l)) ? (int64_t)l.entries : 0;
        }
        for (size_t k = 0; k < COUNT_OF(kinds); k++) {
            if (!sums[k])
                continue;
            if (json_count(list) == LABELS_MAX)
                return err_set(err, ERR_LIMIT, "The set has more than %d sources.", LABELS_MAX);
            Json *one = json_new_object();
            json_set_text(one, "source", first.source);
            json_set_text(one, "version", first.version);
            json_set_text(one, "kind", kinds[k]);
            json_set_int(one, "entries", sums[k]);
            json_push(list, one);
        }
    }
    return true;
}

static Json *registered_json(const Add *a, int64_t replaces, Json *labels)
{
    KnownInfo info = known_info(a->set);
    Json *body = json_new_object(), *digests = json_new_object();
    for (int k = 0; k < DIGEST__COUNT; k++)
        json_set_int(digests, digest_name((DigestKind)k), (int64_t)info.counts.digests[k]);
    json_set_text(body, "name", info.name);
    json_set_text(body, "version", info.version);
    json_set_text(body, "root", a->root);
    json_set_int(body, "entries", (int64_t)info.counts.entries);
    json_set_int(body, "conflicts", (int64_t)info.counts.conflicts);
    json_set_int(body, "bytes", (int64_t)info.counts.file_bytes);
    json_set(body, "digests", digests);
    json_set(body, "labels", labels);
    json_set_text(body, "signed_by", a->signed_by);
    if (replaces)
        json_set_int(body, "replaces", replaces);
    return body;
}

static bool job_start(Tx *tx, const Add *a, int64_t set_file, Err *err)
{
    int64_t total = 0;
    bool found = false;
    KnownInfo info = known_info(a->set);
    if (!db_int(tx->db, &match_sql[MATCH_JOB_TOTAL], VALUES(sql_int(set_file)), &total, &found, err))
        return false;
    Json *body = json_new_object();
    json_set_text(body, "kind", "match-again");
    json_set_int(body, "set_file", set_file);
    json_set_text(body, "says",
                  str_fmt(a->mem, "Files held are compared with %s %s", info.name, info.version));
    json_set_int(body, "total", total);
    return ledger_append(tx, a->hand, "job.started", 0, body, &a->out->job, err);
}

static bool add_in(Tx *tx, void *ctx, Err *err)
{
    Add *a = ctx;
    CLEANUP(json_done) Json *labels = json_new_list();
    int64_t replaces = 0;
    bool found = false, earlier = false;
    *a->out = (SetAdded){0};
    if (!db_int(tx->db, &match_sql[MATCH_SET_BY_ROOT], VALUES(sql_text(a->root)), &a->out->set_file, &found,
                err))
        return false;
    if (found) {
        a->out->already = true;
        return true;
    }
    if (!db_int(tx->db, &match_sql[MATCH_SET_BY_NAME], VALUES(sql_text(known_info(a->set).name)), &replaces,
                &earlier, err) ||
        !labels_json(a->set, labels, err))
        return false;
    return ledger_append(tx, a->hand, "hashset.registered", 0,
                         registered_json(a, earlier ? replaces : 0, json_keep(labels)), &a->out->set_file,
                         err) &&
           job_start(tx, a, a->out->set_file, err);
}

bool set_add(Ledger *ledger, Db *db, const Hand *hand, const char *path, const char *signed_by, SetAdded *out,
             Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    CLEANUP(known_close) KnownSet *set = NULL;
    const char *db_path = store_path(ledger_store(ledger));
    Add a = { .hand = hand, .signed_by = signed_by, .mem = &mem, .out = out };
    (void)db;
    if (!known_open(path, &mem, &set, err) || !known_verify(set, 2, err))
        return err_while(err, "adding a set of known files");
    a.set = set;
    a.root = root_hex(&mem, set);
    const char *to = set_path(&mem, db_path, a.root);
    if (mkdir(set_folder(&mem, db_path), 0750) != 0 && access(set_folder(&mem, db_path), W_OK) != 0)
        return err_set(err, ERR_STORE, "The folder for set files beside the database cannot be written to.");
    return (copy_into(path, to, &mem, err) && set_file_index(to, &mem, err) &&
            writer_run(ledger_store(ledger), add_in, &a, err)) ||
           err_while(err, "adding a set of known files");
}

bool set_retire(Ledger *ledger, const Hand *hand, int64_t set_file, const char *reason, Err *err)
{
    if (str_blank(reason))
        return err_set(err, ERR_INVALID, "Say why, in a sentence.");
    Json *body = json_new_object();
    json_set_text(body, "reason", reason);
    return ledger_record(ledger, hand, "hashset.retired", set_file, body, NULL, err);
}
