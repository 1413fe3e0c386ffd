/* manifest.c: what a package rests on, by reference and digest: never a picture, never a file.
 *
 * Source values stand as they were received; instants are microseconds in UTC beside the stated offset
 * (R-12). */
#include "base/ref.h"
#include "dispatch/inside.h"

typedef struct Section { Arena *mem; Json *list; } Section;

static void set_when(Json *j, const char *key, const Rows *rows, int col)
{
    if (!row_null(rows, col))
        json_set_int(j, key, row_int(rows, col));
}

static void set_digest(Section *s, Json *j, const Rows *rows, int col)
{
    json_set_text(j, "sha256", str_lower_ascii(s->mem, row_text(rows, col)));
}

static bool referral_row(void *ctx, const Rows *rows, Err *err)
{
    Section *s = ctx;
    Json *j = json_new_object();
    (void)err;
    json_set_text(j, "type", str_same(row_text(rows, 1), "hotline") ? "tip" : "referral");
    json_set_text(j, "reference", ref_write(s->mem, 'R', row_int(rows, 0)));
    json_set_text(j, "source", row_text(rows, 1));
    json_set_text(j, "source_ref", row_text(rows, 2));
    json_set_text(j, "provider", row_text(rows, 3));
    json_set_int(j, "received_at", row_int(rows, 4));
    json_set_int(j, "line", row_int(rows, 5));
    json_set_text(j, "file", ref_write(s->mem, 'F', row_int(rows, 6)));
    set_digest(s, j, rows, 7);
    json_push(s->list, j);
    return true;
}

static bool footprint_row(void *ctx, const Rows *rows, Err *err)
{
    Section *s = ctx;
    Json *j = json_new_object();
    (void)err;
    json_set_int(j, "footprint", row_int(rows, 0));
    json_set_text(j, "referral", ref_write(s->mem, 'R', row_int(rows, 1)));
    json_set_text(j, "address", row_text(rows, 2));
    set_when(j, "port", rows, 3);
    json_set_text(j, "verbatim", row_text(rows, 4));
    set_when(j, "at", rows, 5);
    set_when(j, "offset_minutes", rows, 6);
    json_set_text(j, "event", row_text(rows, 7));
    json_set_text(j, "operator", row_text(rows, 8));
    json_set_text(j, "operator_as_of", row_text(rows, 9));
    json_set_bool(j, "possible_proxy", row_bool(rows, 10));
    set_digest(s, j, rows, 11);
    json_push(s->list, j);
    return true;
}

static bool answer_row(void *ctx, const Rows *rows, Err *err)
{
    Section *s = ctx;
    Json *j = json_new_object();
    (void)err;
    json_set_int(j, "footprint", row_int(rows, 0));
    json_set_text(j, "operator", row_text(rows, 1));
    json_set_text(j, "operator_ref", row_text(rows, 2));
    json_set_text(j, "agrees", row_text(rows, 3));
    set_when(j, "session_start", rows, 4);
    set_when(j, "session_end", rows, 5);
    json_set_bool(j, "shared_address", row_bool(rows, 6));
    json_set_int(j, "line", row_int(rows, 7));
    json_set_text(j, "file", ref_write(s->mem, 'F', row_int(rows, 8)));
    set_digest(s, j, rows, 9);
    json_push(s->list, j);
    return true;
}

static bool hash_row(void *ctx, const Rows *rows, Err *err)
{
    Section *s = ctx;
    Json *j = json_new_object();
    (void)err;
    json_set_text(j, "kind", row_text(rows, 0));
    json_set_text(j, "value", row_text(rows, 1));
    json_set_text(j, "grade", row_text(rows, 2));
    json_set_text(j, "scale", row_text(rows, 3));
    if (!row_null(rows, 4))
        json_set_bool(j, "provisional", row_bool(rows, 4));
    json_push(s->list, j);
    return true;
}

static bool check_row(void *ctx, const Rows *rows, Err *err)
{
    Section *s = ctx;
    Json *j = json_new_object();
    (void)err;
    json_set_text(j, "check", row_text(rows, 0));
    json_set_bool(j, "done", str_same(row_text(rows, 1), "answered"));
    json_set_text(j, "answer", row_text(rows, 2));
    json_push(s->list, j);
    return true;
}

static bool provenance_row(void *ctx, const Rows *rows, Err *err)
{
    Json *j = ctx;
    (void)err;
    json_set_text(j, "risk_list", row_text(rows, 0));
    json_set_int(j, "points", row_int(rows, 1));
    json_set_text(j, "why", row_text(rows, 2));
    json_set_int(j, "scored_at", row_int(rows, 3));
    return true;
}

static bool settled_row(void *ctx, const Rows *rows, Err *err)
{
    Json *j = ctx;
    (void)err;
    json_set_text(j, "force_basis", row_text(rows, 4));
    json_set_int(j, "corroborating_events", row_int(rows, 5));
    json_set_bool(j, "single_event", row_int(rows, 5) < 2);        /* flagged, never hidden */
    return true;
}

static const struct { const char *key; int sql; EachRow *row; } sections[] = {
    { "answers",    DISPATCH_M_ANSWERS,    answer_row    },
    { "checks",     DISPATCH_M_CHECKS,     check_row     },
    { "footprints", DISPATCH_M_FOOTPRINTS, footprint_row },
    { "hashes",     DISPATCH_M_HASHES,     hash_row      },
    { "items",      DISPATCH_M_REFERRALS,  referral_row  },
};

bool manifest_make(Db *db, Arena *mem, int64_t nominal, Json **out, Err *err)
{
    CLEANUP(json_done) Json *manifest = json_new_object();
    Json *provenance = json_new_object();
    json_set(manifest, "provenance", provenance);
    FOR_EACH(section, sections) {
        Section s = { mem, json_new_list() };
        json_set(manifest, section->key, s.list);
        if (!each_row(db, &dispatch_sql[section->sql], VALUES(sql_int(nominal)), section->row, &s, err))
            return err_while(err, "listing what a package rests on: %s", section->key);
    }
    if (!each_row(db, SQL(M_SCORE), VALUES(sql_int(nominal)), provenance_row, provenance, err)
        || !each_row(db, SQL(NOMINAL), VALUES(sql_int(nominal)), settled_row, provenance, err))
        return err_while(err, "listing what a package rests on");
    *out = json_keep(manifest);
    return true;
}
