/* deconflict.c: who else is at work on the same person, account, address or file. */
#include "dispatch/inside.h"
#include "link/nominal_apply.h"

static const struct { const char *key, *kind, *shares; } shared[] = {
    { "account", "same_account", "The same account"                           },
    { "device",  "same_account", "The same device"                            },
    { "email",   "same_account", "The same e-mail address"                    },
    { "hash",    "same_hash",    "A file that very few people hold"           },
    { "ip",      "same_ip",      "The same internet address within an hour"   },
    { "phone",   "same_account", "The same phone"                             },
    { "subject", "same_subject", "The same name and date of birth"            },
};

typedef struct Found { int64_t other; size_t shares; } Found;
typedef struct Search { Arena *mem; Found *items; size_t count, cap; } Search;

static bool found_add(void *ctx, const Rows *rows, Err *err)
{
    Search *s = ctx;
    const char *key = row_text(rows, 1);
    (void)err;
    for (size_t i = 0; i < COUNT_OF(shared); i++)
        if (str_same(shared[i].key, key))
            *arena_push(s->mem, s->items, s->count, s->cap) = (Found){ row_int(rows, 0), i };
    return true;
}

static bool seen_before(const Search *s, size_t upto)
{
    for (size_t i = 0; i < upto; i++)
        if (s->items[i].other == s->items[upto].other && s->items[i].shares == s->items[upto].shares)
            return true;
    return false;
}

static bool known_already(const Json *known, int64_t other, const char *kind)
{
    for (size_t i = 0; i < json_count(known); i++)
        if (json_int(json_at(known, i), "other", 0) == other &&
            str_same(json_text(json_at(known, i), "kind"), kind))
            return true;
    return false;
}

/* A covert inquiry gives away that it exists and whom to ring, and nothing else. */
static bool contact_words(Db *db, Arena *mem, int64_t force, const char *agency, const char **out, Err *err)
{
    Viewer officer = {0};
    int64_t person = 0;
    if (!agency_duty(db, force, &person, err))
        return false;
    if (person && !viewer_by_id(db, mem, person, &officer, err))
        return false;
    *out = str_fmt(mem, "A restricted record is concerned. Contact %s, %s.",
                   officer.name ? officer.name : "the coordinator",
                   agency                ? agency
                   : officer.agency_name ? officer.agency_name
                                         : "coordination");
    return true;
}

static bool hit_add(Db *db, Arena *mem, const Found *f, const Json *known, Json *hits, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (known_already(known, f->other, shared[f->shares].kind))
        return true;
    if (!db_query(db, SQL(OTHER), VALUES(sql_int(f->other)), &rows, err) || !rows_next(&rows, &more, err) ||
        !more)
        return more || err->kind == ERR_NONE;
    const char *with = row_copy(&rows, 3, mem), *detail = NULL;
    if (row_bool(&rows, 0)) {
        if (!contact_words(db, mem, row_int(&rows, 1), row_copy(&rows, 2, mem), &detail, err))
            return false;
    } else if (with) {
        detail =
            str_fmt(mem, "%s belongs to someone whose package is with %s.", shared[f->shares].shares, with);
    } else {
        return true;                                /* nobody is at work there */
    }
    Json *hit = json_new_object();
    json_set_int(hit, "other", f->other);
    json_set_text(hit, "kind", shared[f->shares].kind);
    json_set_text(hit, "detail", detail);
    json_push(hits, hit);
    return true;
}

bool deconflict(Db *db, Arena *mem, int64_t nominal, const Json *known, Json **hits, Err *err)
{
    static const int searches[] = { DISPATCH_SAME_KEY, DISPATCH_SAME_SUBJECT, DISPATCH_SAME_IP,
                                    DISPATCH_SAME_HASH };
    CLEANUP(json_done) Json *out = json_new_list();
    Search s = { .mem = mem };
    FOR_EACH(which, searches)
        if (!each_row(db, &dispatch_sql[*which], VALUES(sql_int(nominal)), found_add, &s, err))
            return err_while(err, "looking for others at work");
    for (size_t i = 0; i < s.count; i++)
        if (!nominal_kept(db, s.items[i].other, &s.items[i].other, err))
            return false;
    for (size_t i = 0; i < s.count; i++)
        if (s.items[i].other != nominal && !seen_before(&s, i) &&
            !hit_add(db, mem, &s.items[i], known, out, err))
            return err_while(err, "looking for others at work");
    *hits = json_keep(out);
    return true;
}
