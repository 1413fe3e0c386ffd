/* triage_ledger.c: exhibit.triaged, what it changes. */
#include "link/nominal_apply.h"
#include "triage/exhibit.h"
#include "triage/triage_sql.h"

#define SQL(name) (&triage_sql[TRIAGE_##name])

static const struct { const char *list, *part, *name, *of; } parts[] = {
    { "grades", "grade", "grade", "scale" }, { "series", "series", "series", NULL },
    { "by_set", "set", "set", "version" },
};

static const char *text_or_empty(const Json *j, const char *key)
{
    const char *text = json_text(j, key);
    return text ? text : "";
}

static bool counts_put(Tx *tx, const Entry *e, Err *err)
{
    FOR_EACH (p, parts) {
        const Json *list = json_get(e->body, p->list);
        for (size_t i = 0; i < json_count(list); i++) {
            const Json *c = json_at(list, i);
            if (!db_run(tx, SQL(COUNT_NEW),
                        VALUES(sql_int(e->seq), sql_text(p->part), sql_text(text_or_empty(c, p->name)),
                               sql_text(p->of ? text_or_empty(c, p->of) : ""),
                               sql_int(json_int(c, "files", 0)), sql_int(json_int(c, "distinct", 0)),
                               sql_int(json_int(c, "illegal", 0)), sql_int(json_int(c, "near", 0))),
                        err))
                return false;
        }
    }
    return true;
}

static bool sets_put(Tx *tx, const Entry *e, Err *err)
{
    const Json *list = json_get(e->body, "sets");
    for (size_t i = 0; i < json_count(list); i++) {
        const Json *s = json_at(list, i);
        if (!db_run(tx, SQL(SET_NEW),
                    VALUES(sql_int(e->seq), sql_text(text_or_empty(s, "root")),
                           sql_text(text_or_empty(s, "name")), sql_text(text_or_empty(s, "version"))),
                    err))
            return false;
    }
    return true;
}

static bool apply_triaged(Tx *tx, const Entry *e, Arena *mem, Err *err)
{
    const Json *b = e->body, *t = json_get(b, "totals");
    int64_t nominal = 0, force = json_int(b, "force", 0);
    const char *ref = text_or_empty(b, "ref");
    (void)mem;
#define N(name) sql_int(json_int(t, name, 0))
    return nominal_kept(tx->db, json_int(b, "nominal", 0), &nominal, err) &&
           db_run(tx, SQL(REPLACE), VALUES(sql_int(force), sql_text(ref), sql_int(e->seq)), err) &&
           db_run(tx, SQL(NEW),
                  VALUES(sql_int(e->seq), sql_int(nominal), sql_int(force), sql_text(ref),
                         sql_text(text_or_empty(b, "report")), sql_text(text_or_empty(b, "kind")),
                         sql_text(text_or_empty(b, "tool")), sql_int(json_int(b, "made", 0)), sql_int(e->at),
                         sql_int(e->actor), N("files"), N("bytes"), N("unread"), N("deleted"), N("known"),
                         N("distinct"), N("illegal"), N("near"), N("victims"), N("pictures"), N("videos"),
                         N("clusters"), sql_int(json_int(b, "priority", 0)),
                         sql_text(text_or_empty(b, "because"))),
                  err) &&
           counts_put(tx, e, err) && sets_put(tx, e, err) && nominal_touch(tx, e, nominal, err);
#undef N
}

static const Field triaged_fields[] = {
    { "because", REQUIRED, FIELD_TEXT },  { "by_set", REQUIRED, FIELD_LIST },  { "force", REQUIRED, FIELD_ID },
    { "grades", REQUIRED, FIELD_LIST },   { "kind", REQUIRED, FIELD_TEXT },    { "made", REQUIRED, FIELD_INSTANT },
    { "nominal", REQUIRED, FIELD_ID },    { "priority", REQUIRED, FIELD_INT }, { "ref", REQUIRED, FIELD_TEXT },
    { "report", REQUIRED, FIELD_TEXT },   { "series", REQUIRED, FIELD_LIST },  { "sets", REQUIRED, FIELD_LIST },
    { "tool", REQUIRED, FIELD_TEXT },     { "totals", REQUIRED, FIELD_OBJECT }, { 0 }
};

const Kind triage_kinds[] = {
    { "exhibit.triaged", "Seized device matched with sets of known files", triaged_fields, apply_triaged, true, false },
    { 0 }
};
