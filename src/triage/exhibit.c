/* exhibit.c: attaching counts to an exhibit, and reading them for pages. */
#include "triage/exhibit.h"
#include <string.h>
#include "dispatch/hand.h"
#include "store/store.h"
#include "triage/priority.h"
#include "triage/triage_sql.h"

#define SQL(name) (&triage_sql[TRIAGE_##name])
#define EYES(v) sql_int((v)->person), sql_bool((v)->role == ROLE_COORDINATOR), \
                sql_int((v)->role == ROLE_FORCE_SUPERVISOR ? (v)->agency : -1)
enum { LIST_MAX = 2000, TEXT_MAX = 1000 };

/* ---- what comes from a file is taken value by value ---- */

static const char *const totals[] = {
    "bytes", "clusters", "deleted", "distinct", "files", "illegal", "known", "near", "pictures", "unread",
    "victims", "videos",
};
static const char *const numbers[] = { "files", "distinct", "illegal", "near" };
static const struct { const char *list, *texts[3]; bool counted; } lists[] = {
    { "grades", { "grade", "scale" }, true },
    { "series", { "series" }, true },
    { "by_set", { "set", "version" }, true },
    { "sets", { "name", "version", "root" }, false },
};

static bool number_take(const Json *from, const char *key, Json *to, Err *err)
{
    int64_t n = json_int(from, key, -1);
    if (n < 0)
        return err_set(err, ERR_INVALID,
                       "These counts of a triage lack a number, or it is below nothing: %s.", key);
    json_set_int(to, key, n);
    return true;
}

static bool text_take(const Json *from, const char *key, Json *to, Err *err)
{
    const char *text = json_text(from, key);
    if (!text || strlen(text) > TEXT_MAX)
        return err_set(err, ERR_INVALID, "These counts of a triage lack a text, or it is too long: %s.", key);
    json_set_text(to, key, text);
    return true;
}

static bool list_take(const Json *from, size_t which, Json *to, Err *err)
{
    const Json *list = json_get(from, lists[which].list);
    Json *out = json_new_list();
    json_set(to, lists[which].list, out);
    if (json_type(list) != JSON_TYPE_LIST || json_count(list) > LIST_MAX)
        return err_set(err, ERR_INVALID, "These counts of a triage lack a list, or it is too long: %s.",
                       lists[which].list);
    for (size_t i = 0; i < json_count(list); i++) {
        Json *item = json_new_object();
        json_push(out, item);
        FOR_EACH (t, lists[which].texts)
            if (*t && !text_take(json_at(list, i), *t, item, err))
                return false;
        for (size_t k = 0; lists[which].counted && k < COUNT_OF(numbers); k++)
            if (!number_take(json_at(list, i), numbers[k], item, err))
                return false;
    }
    return true;
}

static bool counts_take(const Json *from, Json *body, Err *err)
{
    Json *all = json_new_object();
    uint8_t digest[32];
    Stamp made;
    const char *report = json_text(from, "report_sha256"), *when = json_text(from, "made");
    json_set(body, "totals", all);
    if (!report || !hex_read(str_of(report), digest, sizeof digest))
        return err_set(err, ERR_INVALID, "These counts of a triage lack the digest of their report.");
    if (!when || !stamp_parse(str_of(when), &made) || !made.offset_known)
        return err_set(err, ERR_INVALID, "These counts of a triage do not say when they were made.");
    json_set_text(body, "report", report);
    json_set_int(body, "made", made.instant);
    FOR_EACH (t, totals)
        if (!number_take(json_get(from, "totals"), *t, all, err))
            return false;
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        if (!list_take(from, i, body, err))
            return false;
    return text_take(from, "kind", body, err) && text_take(from, "tool", body, err);
}

/* ---- attaching ---- */

typedef struct Attaching { const Hand *hand; int64_t exhibit, *triage; const Json *counts; } Attaching;

static bool exhibit_find(Db *db, int64_t exhibit, Json *body, int64_t *force, Err *err)
{
    CLEANUP(rows_done) Rows r = { 0 };
    bool more = false;
    if (!db_query(db, SQL(EXHIBIT), VALUES(sql_int(exhibit)), &r, err) || !rows_next(&r, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such exhibit.");
    *force = row_int(&r, 1);
    json_set_int(body, "nominal", row_int(&r, 0));
    json_set_int(body, "force", *force);
    json_set_text(body, "ref", row_text(&r, 2));
    return true;
}

static bool attach_run(Tx *tx, void *ctx, Err *err)
{
    const Attaching *a = ctx;
    CLEANUP(arena_done) Arena mem = { 0 };
    CLEANUP(json_done) Json *body = json_new_object();
    Priority priority;
    int64_t force = 0, seq = 0;
    if (!exhibit_find(tx->db, a->exhibit, body, &force, err) ||
        !hand_may(tx->db, a->hand, PERM_ACTION_RECORD, force, err) || !counts_take(a->counts, body, err) ||
        !priority_of(body, &mem, &priority, err))
        return false;
    json_set_int(body, "priority", priority.points);
    json_set_text(body, "because", priority.because);
    if (!ledger_append(tx, a->hand, "exhibit.triaged", 0, json_keep(body), &seq, err))
        return false;
    if (a->triage)
        *a->triage = seq;
    return true;
}

bool exhibit_attach(Ledger *ledger, const Hand *hand, int64_t exhibit, const Json *counts, int64_t *triage,
                    Err *err)
{
    Attaching a = { hand, exhibit, triage, counts };
    return writer_run(ledger_store(ledger), attach_run, &a, err) || err_while(err, "attaching a triage");
}

/* ---- reading ---- */

static ExhibitRow row_read(const Rows *r, Arena *mem)
{
    bool triaged = row_int(r, 12) != 0;
    return (ExhibitRow){
        .id = row_int(r, 0),
        .nominal = row_int(r, 1),
        .package = row_int(r, 2),
        .force = row_int(r, 3),
        .quantity = row_int(r, 4),
        .ref = row_copy(r, 5, mem),
        .state = row_copy(r, 6, mem),
        .place = row_copy(r, 7, mem),
        .force_tile = row_copy(r, 8, mem),
        .nominal_name = row_copy(r, 9, mem),
        .on = row_date(r, 10),
        .due = row_when(r, 11),
        .triage = row_int(r, 12),
        .report = row_copy(r, 13, mem),
        .kind = row_copy(r, 14, mem),
        .tool = row_copy(r, 15, mem),
        .because = row_copy(r, 16, mem),
        .person_name = row_copy(r, 17, mem),
        .made = triaged ? row_int(r, 18) : INSTANT_NONE,
        .at = triaged ? row_int(r, 19) : INSTANT_NONE,
        .files = row_int(r, 20),
        .bytes = row_int(r, 21),
        .unread = row_int(r, 22),
        .deleted = row_int(r, 23),
        .known = row_int(r, 24),
        .different = row_int(r, 25),
        .illegal = row_int(r, 26),
        .near = row_int(r, 27),
        .victims = row_int(r, 28),
        .pictures = row_int(r, 29),
        .videos = row_int(r, 30),
        .clusters = row_int(r, 31),
        .priority = row_int(r, 32),
    };
}

static bool counts_read(Db *db, Arena *mem, ExhibitRow *e, Err *err)
{
    CLEANUP(rows_done) Rows r = { 0 };
    bool more = false;
    size_t cap = 0;
    if (!db_query(db, SQL(COUNTS), VALUES(sql_int(e->triage)), &r, err))
        return false;
    for (;;) {
        if (!rows_next(&r, &more, err))
            return false;
        if (!more)
            return true;
        *arena_push(mem, e->counts, e->count_count, cap) =
            (ExhibitCount){ row_copy(&r, 0, mem), row_copy(&r, 1, mem), row_copy(&r, 2, mem), row_int(&r, 3),
                            row_int(&r, 4), row_int(&r, 5), row_int(&r, 6) };
    }
}

static bool sets_read(Db *db, Arena *mem, ExhibitRow *e, Err *err)
{
    CLEANUP(rows_done) Rows r = { 0 };
    bool more = false;
    size_t cap = 0;
    if (!db_query(db, SQL(SETS), VALUES(sql_int(e->triage)), &r, err))
        return false;
    for (;;) {
        if (!rows_next(&r, &more, err))
            return false;
        if (!more)
            return true;
        *arena_push(mem, e->sets, e->set_count, cap) =
            (ExhibitSet){ row_copy(&r, 0, mem), row_copy(&r, 1, mem), row_copy(&r, 2, mem) };
    }
}

bool exhibit_fetch(Db *db, Arena *mem, const Viewer *v, int64_t exhibit, ExhibitRow *out, Err *err)
{
    CLEANUP(rows_done) Rows r = { 0 };
    bool more = false;
    int64_t scope = viewer_scope(v, PERM_PACKAGE_READ);
    if (!db_query(db, SQL(FETCH), VALUES(EYES(v), sql_int(exhibit), sql_id(scope)), &r, err) ||
        !rows_next(&r, &more, err))
        return err_while(err, "reading an exhibit");
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such exhibit.");
    *out = row_read(&r, mem);
    rows_done(&r);
    return !out->triage || (counts_read(db, mem, out, err) && sets_read(db, mem, out, err));
}

bool exhibit_list(Db *db, Arena *mem, int64_t nominal, ExhibitRow **out, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows r = { 0 };
    bool more = false;
    size_t cap = 0;
    *out = NULL;
    *count = 0;
    if (!db_query(db, SQL(LIST), VALUES(sql_int(nominal)), &r, err))
        return err_while(err, "listing exhibits");
    for (;;) {
        if (!rows_next(&r, &more, err))
            return err_while(err, "listing exhibits");
        if (!more)
            return true;
        *arena_push(mem, *out, *count, cap) = row_read(&r, mem);
    }
}
