/* export.c: a package as one file, for people's machines and for a court: what was sent, its digest, the
 * signature of this installation and the proof that its building stands in the ledger. */
#include "base/ref.h"
#include "dispatch/inside.h"
#include "ledger/sign.h"

static void set_date(Json *j, const char *key, Arena *mem, Date d)
{
    if (d != DATE_NONE)
        json_set_text(j, key, date_iso(mem, d));
}

static void set_when(Json *j, const char *key, Arena *mem, Instant t)
{
    if (t != INSTANT_NONE)
        json_set_text(j, key, instant_iso(mem, t));
}

typedef struct Out { Arena *mem; Json *json; } Out;

static bool person_row(void *ctx, const Rows *r, Err *err)
{
    static const char *const texts[] = { "name",    "given",    "family", NULL,   "occupation", "status",
                                         "address", "postcode", "town",   "area", "force_basis" };
    Out *o = ctx;
    (void)err;
    for (int i = 0; i < (int)COUNT_OF(texts); i++)
        if (texts[i])
            json_set_text(o->json, texts[i], row_text(r, i));
    set_date(o->json, "born", o->mem, row_date(r, 3));
    json_set_int(o->json, "corroborating_events", row_int(r, 11));
    json_set_text(o->json, "access_to_children", row_text(r, 12));
    json_set_bool(o->json, "registered_offender", row_bool(r, 13));
    json_set_bool(o->json, "position_of_trust", row_bool(r, 14));
    return true;
}

static bool child_row(void *ctx, const Rows *r, Err *err)
{
    Out *o = ctx;
    Json *j = json_new_object();
    (void)err;
    json_set_text(j, "reference", ref_write(o->mem, 'C', row_int(r, 0)));
    json_set_text(j, "label", row_text(r, 1));
    if (!row_null(r, 2))
        json_set_int(j, "age", row_int(r, 2));
    json_set_text(j, "relation", row_text(r, 3));
    json_set_text(j, "access", row_text(r, 4));
    json_set_bool(j, "immediate_risk", row_bool(r, 5));
    json_set_text(j, "state", row_text(r, 6));
    json_push(o->json, j);
    return true;
}

static Json *head(Arena *mem, const Package *p)
{
    Json *j = json_new_object();
    json_set_text(j, "package", ref_write(mem, 'P', p->row.id));
    json_set_text(j, "nominal", ref_write(mem, 'N', p->row.nominal));
    json_set_int(j, "version", p->version);
    json_set_text(j, "to", p->row.force_short);
    json_set_text(j, "band", p->row.band);
    json_set_text(j, "why", p->row.why);
    json_set_text(j, "state", p->row.state);
    json_set_text(j, "owner", p->row.owner_name);
    json_set_text(j, "handling", p->handling);
    json_set_text(j, "conditions", p->conditions);
    json_set_text(j, "classification", p->classification);
    set_when(j, "built", mem, p->row.built);
    set_when(j, "sent", mem, p->row.sent);
    set_when(j, "due", mem, p->row.next_due);
    return j;
}

static Json *hits(const Package *p)
{
    Json *list = json_new_list();
    for (size_t i = 0; i < p->hit_count; i++) {
        Json *j = json_new_object();
        json_set_text(j, "kind", p->hits[i].kind);
        json_set_text(j, "detail", p->hits[i].detail);
        json_set_bool(j, "decided", p->hits[i].decided);
        json_push(list, j);
    }
    return list;
}

static bool content(Db *db, Arena *mem, const Package *p, Json *doc, Err *err)
{
    Json *manifest = NULL;
    Out person = { mem, json_new_object() }, children = { mem, json_new_list() };
    json_set_text(doc, "format", "muster-package-1");
    json_set(doc, "package", head(mem, p));
    json_set(doc, "deconfliction", hits(p));
    json_set(doc, "person", person.json);
    json_set(doc, "children", children.json);
    if (!json_read(str_of(p->manifest), &manifest, err))
        return false;
    json_set(doc, "manifest", manifest);
    return each_row(db, SQL(PERSON), VALUES(sql_int(p->row.nominal)), person_row, &person, err)
        && each_row(db, SQL(CHILDREN), VALUES(sql_int(p->row.nominal)), child_row, &children, err);
}

/* What is signed: which package, and the digest of its content in canonical form. */
static bool seal(Db *db, Arena *mem, const Package *p, const Json *doc, Json *signed_doc, Err *err)
{
    const char *text = json_canonical(mem, doc), *note = NULL;
    Str bytes = str_of(text);
    Sha256 digest = sha256_of(bytes.at, bytes.len);
    Json *proof = NULL;
    const char *hex = sha256_hex(mem, &digest);
    LedgerHead now = {0};
    if (!ledger_sign(db, mem,
                     str_of(str_fmt(mem, "muster/package\n%s\n%s\n", ref_write(mem, 'P', p->row.id), hex)),
                     &note, err) ||
        !ledger_head(db, mem, &now, err) ||
        !ledger_prove_inclusion(db, mem, p->row.id, now.size, &proof, err))
        return false;
    json_set_text(signed_doc, "sha256", hex);
    json_set_text(signed_doc, "signed_note", note);
    json_set_text(signed_doc, "verifier", now.verifier);
    json_set(signed_doc, "built_in_ledger", proof);
    return true;
}

bool package_export(Db *db, Arena *mem, const Viewer *viewer, int64_t id, Str *out, Err *err)
{
    CLEANUP(json_done) Json *doc = json_new_object();
    CLEANUP(json_done) Json *whole = json_new_object();
    Package p;
    if (!package_fetch(db, mem, viewer, id, &p, err) || !content(db, mem, &p, doc, err) ||
        !seal(db, mem, &p, doc, whole, err))
        return err_while(err, "exporting a package");
    json_set(whole, "content", json_keep(doc));
    *out = str_of(json_canonical(mem, whole));
    return true;
}
