/* link.c: finds whose sighting it is, and records it. */
#include <string.h>
#include "link/inside.h"
#include "link/link_ledger.h"
#include "link/nominal.h"
#include "link/nominal_apply.h"

enum { SIGHTINGS_PER_COMMAND = 200, TOO_MANY_OWNERS = 20 };

/* Why, in the words of the reason. Account names its service; the value itself is never repeated. */
static const struct { const char *kind, *text; int evidence; } sayings[] = {
    { "account", "Same account on %s as in %s",                            LINK_EVIDENCE },
    { "device",  "Same device%s as in %s",                                 LINK_EVIDENCE },
    { "email",   "Same e-mail address%s as in %s",                         LINK_EVIDENCE },
    { "person",  "Same name, date of birth and postcode%s as in %s",       LINK_EVIDENCE_PERSON },
    { "phone",   "Same phone number%s as in %s",                           LINK_EVIDENCE },
    { "prior",   "Its number%s is named as an earlier one by %s",          LINK_EVIDENCE_REPORT },
    { "report",  "The provider%s names the earlier %s",                    LINK_EVIDENCE_REPORT },
};
enum { SAYINGS = COUNT_OF(sayings) };

typedef struct Find { int64_t holder, kept; size_t key; } Find;     /* someone who offered a sought key */
typedef struct Finds { Find *at; size_t count, cap; } Finds;

static bool key_shared(Db *db, const Key *k, bool *shared, Err *err)
{
    int64_t who = 0;
    bool found = false;
    *shared = false;
    if (str_same(k->kind, "account") || str_same(k->kind, "person"))
        return true;
    if (!db_int(db, &link_sql[LINK_WHO], VALUES(sql_text(k->kind), sql_text(k->service), sql_text(k->normal)),
                &who, &found, err))
        return false;
    *shared = who > TOO_MANY_OWNERS;
    return true;
}

static bool holders_of(Db *db, Arena *mem, const Sighted *s, size_t key, Finds *finds, Err *err)
{
    const Key *k = &s->keys[key];
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    size_t before = finds->count;
    if (!db_query(db, &link_sql[LINK_HOLDERS],
                  VALUES(sql_text(k->kind), sql_text(k->service), sql_text(k->normal), sql_int(s->operation)),
                  &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more)
        *arena_push(mem, finds->at, finds->count, finds->cap) =
            (Find){ .holder = row_int(&rows, 0), .key = key };
    rows_done(&rows);
    bool shared = false;
    if (err->kind || (finds->count > before && !key_shared(db, k, &shared, err)))
        return false;
    if (shared)
        finds->count = before;
    for (size_t i = before; i < finds->count; i++)
        if (!nominal_kept(db, finds->at[i].holder, &finds->at[i].kept, err))
            return false;
    return true;
}

static char *reason_of(Arena *mem, size_t saying, const Key *k, const char *source)
{
    const char *service = str_same(k->kind, "account") ? k->service : "";
    const char *cut = strstr(sayings[saying].text, "%s"), *rest = strstr(cut + 2, "%s");
    return str_fmt(mem, "%.*s%s%.*s%s%s", (int)(cut - sayings[saying].text), sayings[saying].text, service,
                   (int)(rest - cut - 2), cut + 2, source, rest + 2);
}

static bool reason_find(Db *db, Arena *mem, const Sighted *s, const Find *f, char **reason, Err *err)
{
    const Key *k = &s->keys[f->key];
    size_t saying = 0;
    while (saying + 1 < SAYINGS && !str_same(sayings[saying].kind, k->kind))
        saying++;
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(db, &link_sql[sayings[saying].evidence],
                  VALUES(sql_text(k->kind), sql_text(k->service), sql_text(k->normal), sql_int(f->kept),
                         sql_int(s->id)),
                  &rows, err) ||
        !rows_next(&rows, &more, err))
        return false;
    const char *source = more ? source_says(mem, row_text(&rows, 0), row_text(&rows, 1), row_text(&rows, 2))
                              : "an earlier one";
    *reason = reason_of(mem, saying, k, source);
    return true;
}

static Hand hand_for(const Hand *hand, int64_t operation)
{
    Hand h = *hand;
    h.operation = operation;
    return h;
}

static bool record_opened(Tx *tx, const Hand *hand, const Sighted *s, const char *kind, const char *reason,
                          int64_t apart_from, Err *err)
{
    Json *body = json_new_object();
    json_set_int(body, "sighting", s->id);
    json_set_text(body, "kind", kind);
    json_set_text(body, "reason", reason);
    if (apart_from)
        json_set_int(body, "apart_from", apart_from);
    return ledger_append(tx, hand, "nominal.opened", 0, body, NULL, err);
}

static bool record_linked(Tx *tx, const Hand *hand, Arena *mem, const Sighted *s, const Find *f, Err *err)
{
    char *reason = NULL;
    if (!reason_find(tx->db, mem, s, f, &reason, err))
        return false;
    const char *kind = s->keys[f->key].kind;
    Json *body = json_new_object();
    json_set_int(body, "sighting", s->id);
    json_set_text(body, "kind", str_same(kind, "prior") ? "report" : kind);
    json_set_text(body, "reason", reason);
    if (f->holder != f->kept)
        json_set_int(body, "holder", f->holder);
    return ledger_append(tx, hand, "nominal.linked", f->kept, body, NULL, err);
}

static bool record_merged(Tx *tx, const Hand *hand, int64_t keep, int64_t merge, const char *reason, Err *err)
{
    Json *body = json_new_object();
    json_set_int(body, "merged", merge);
    json_set_text(body, "reason", reason);
    return ledger_append(tx, hand, "nominal.merged", keep, body, NULL, err);
}

bool nominal_are_apart(Db *db, int64_t a, int64_t b, bool *apart, Err *err)
{
    int64_t one = 0;
    if (!db_int(db, &link_sql[LINK_ANY_APART], NO_VALUES, &one, apart, err) || !*apart)
        return err->kind == ERR_NONE; /* nobody decided so of anyone: no need to walk the merges */
    return db_int(db, &link_sql[LINK_IS_APART], VALUES(sql_int(a), sql_int(b)), &one, apart, err);
}

/* The oldest is kept; the others found join it, except where a person said that they are two. */
static bool join_others(Tx *tx, const Hand *hand, Arena *mem, const Sighted *s, const Finds *finds,
                        int64_t keep, Err *err)
{
    const char *source = source_says(mem, s->source, s->source_ref, s->provider);
    for (size_t i = 0; i < finds->count; i++) {
        int64_t other = 0;
        bool apart = false;
        if (!nominal_kept(tx->db, finds->at[i].holder, &other, err))
            return false;
        if (other == keep)
            continue;
        if (!nominal_are_apart(tx->db, keep, other, &apart, err))
            return false;
        if (!apart && !record_merged(tx, hand, keep, other,
                                     str_fmt(mem, "Identifiers of both stand in %s", source), err))
            return false;
    }
    return true;
}

static bool link_one(Tx *tx, const Hand *hand, Arena *mem, int64_t sighting, bool *linked, Err *err)
{
    Sighted s = {0};
    Finds finds = {0};
    if (!sighted_load(tx->db, mem, sighting, &s, err))
        return false;
    Hand h = hand_for(hand, s.operation);
    for (size_t i = 0; i < s.key_count; i++)
        if (s.keys[i].sought && !holders_of(tx->db, mem, &s, i, &finds, err))
            return false;
    *linked = finds.count > 0;
    if (!*linked)
        return record_opened(tx, &h, &s, "first", "First sighting of this person", 0, err);
    const Find *best = &finds.at[0];
    for (size_t i = 1; i < finds.count; i++)
        if (finds.at[i].kept < best->kept)
            best = &finds.at[i];
    int64_t keep = best->kept;
    return record_linked(tx, &h, mem, &s, best, err) && join_others(tx, &h, mem, &s, &finds, keep, err);
}

typedef struct Batch {
    const Hand *hand;
    const int64_t *sightings;
    size_t count, linked, opened;
} Batch;

static bool link_batch(Tx *tx, void *ctx, Err *err)
{
    Batch *b = ctx;
    CLEANUP(arena_done) Arena mem = {0};
    b->linked = b->opened = 0;
    for (size_t i = 0; i < b->count; i++) {
        bool linked = false;
        arena_reset(&mem);
        if (!link_one(tx, b->hand, &mem, b->sightings[i], &linked, err))
            return err_while(err, "linking sighting %lld", (long long)b->sightings[i]);
        *(linked ? &b->linked : &b->opened) += 1;
    }
    return true;
}

static bool todo_read(Db *db, int statement, int64_t after, int64_t *ids, size_t *count, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    *count = 0;
    if (!db_query(db, &link_sql[statement], VALUES(sql_int(after), sql_int(SIGHTINGS_PER_COMMAND)), &rows,
                  err))
        return false;
    while (rows_next(&rows, &more, err) && more)
        ids[(*count)++] = row_int(&rows, 0);
    return err->kind == ERR_NONE;
}

bool link_pending(Ledger *ledger, Db *db, const Hand *hand, size_t *linked, size_t *opened, Err *err)
{
    static const int passes[] = { LINK_TODO_URGENT, LINK_TODO };      /* urgent first */
    int64_t ids[SIGHTINGS_PER_COMMAND];
    *linked = *opened = 0;
    FOR_EACH(pass, passes) {
        size_t count = 0;
        int64_t after = 0;
        while (todo_read(db, *pass, after, ids, &count, err) && count) {
            Batch b = { .hand = hand, .sightings = ids, .count = count };
            if (!writer_run(ledger_store(ledger), link_batch, &b, err))
                return err_while(err, "linking sightings");
            *linked += b.linked;
            *opened += b.opened;
            after = ids[count - 1];
        }
        if (err->kind)
            return err_while(err, "finding sightings to link");
    }
    return true;
}
