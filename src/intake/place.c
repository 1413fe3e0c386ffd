/* place.c
 *
 * Invariants: (1) what a row becomes depends on the row and the tables alone; (2) a report that comes again
 * is merged into the first: its new identifiers, footprints and files are added there, nothing is taken away;
 * (3) a sighting's role is given to its footprints, so that a victim's address is never a suspect's. */
#include "intake/place.h"
#include <string.h>
#include "intake/intake_sql.h"

#define SQL(name) (&intake_sql[INTAKE_##name])

static bool one_id(const Place *p, const Sql *sql, Values values, int64_t *id, Err *err)
{
    bool found = false;
    *id = 0;
    return db_int(p->tx->db, sql, values, id, &found, err);
}

static Value unsaid(int64_t n) { return n < 0 ? sql_null() : sql_int(n); }
static const char *or_empty(const char *text) { return text ? text : ""; }

/* ---- sightings ---- */

static const char *name_of(Arena *mem, const SightingIn *s)
{
    if (s->given && s->family)
        return str_fmt(mem, "%s %s", s->given, s->family);
    return s->family ? s->family : s->given ? s->given : or_empty(s->account);
}

static bool sighting_new(const Place *p, int64_t referral, const SightingIn *s, Arena *mem, int64_t *id,
                         Err *err)
{
    if (!db_run(p->tx, SQL(SIGHTING_NEW),
                VALUES(sql_id(referral), sql_text(s->role), sql_text(s->given), sql_text(s->family),
                       sql_text(name_of(mem, s)), sql_date(s->born), unsaid(s->age), sql_text(s->address),
                       sql_text(s->postcode), sql_text(s->town), sql_text(s->country),
                       sql_text(s->occupation), sql_text(s->service), sql_text(s->account),
                       sql_when(s->seen_at)),
                err))
        return false;
    *id = tx_last_id(p->tx);
    return true;
}

/* Asking first and then inserting plainly, not INSERT ... SELECT: that opens a savepoint each time, whose end
 * walks everything the batch has changed so far. */
static bool identifier_add(const Place *p, int64_t sighting, const IdentifierIn *i, Err *err)
{
    int64_t there;
    if (!one_id(p, SQL(IDENTIFIER_THERE), VALUES(sql_id(sighting), sql_text(i->kind), sql_text(i->service),
                                                  sql_text(i->normal)), &there, err))
        return false;
    return there || db_run(p->tx, SQL(IDENTIFIER_NEW),
                           VALUES(sql_id(sighting), sql_text(i->kind), sql_text(i->service),
                                  sql_text(or_empty(i->verbatim)), sql_text(i->normal), sql_bool(i->strong),
                                  sql_bool(i->verified)),
                           err);
}

static bool identifiers_add(const Place *p, int64_t sighting, const IdentifierIn *i, Err *err)
{
    for (; i; i = i->next)
        if (!identifier_add(p, sighting, i, err))
            return false;
    return true;
}

static bool footprint_add_once(const Place *p, int64_t referral, int64_t sighting, const char *role,
                               const FootprintIn *f, int64_t *added, Err *err)
{
    int64_t there;
    if (!one_id(p, SQL(FOOTPRINT_THERE),
                VALUES(sql_id(sighting), sql_text(f->address), unsaid(f->port), sql_text(f->when.verbatim),
                       sql_text(f->event)),
                &there, err))
        return false;
    *added += !there;
    return there || db_run(p->tx, SQL(FOOTPRINT_NEW),
                           VALUES(sql_id(referral), sql_id(sighting), sql_text(f->address), unsaid(f->port),
                                  sql_text(f->when.verbatim), sql_when(f->when.at),
                                  f->when.offset_known ? sql_int(f->when.offset_minutes) : sql_null(),
                                  sql_text(f->event), sql_bool(f->proxy), sql_text(role)),
                           err);
}

static bool footprints_add(const Place *p, int64_t referral, int64_t sighting, const char *role,
                           const FootprintIn *f, int64_t *added, Err *err)
{
    for (; f; f = f->next)
        if (!footprint_add_once(p, referral, sighting, role, f, added, err))
            return false;
    return true;
}

static bool sighting_fill(const Place *p, int64_t referral, int64_t id, const SightingIn *s, Err *err)
{
    int64_t added = 0;
    return identifiers_add(p, id, s->identifiers, err)
        && footprints_add(p, referral, id, s->role, s->footprints, &added, err);
}

/* ---- files ---- */

static bool hash_new(const Place *p, int64_t referral, int64_t sighting, const FileIn *f, const char *kind,
                     const char *value, Arena *mem, Err *err)
{
    bool none = value[0] == 0;                 /* a file named without a digest: nothing to match */
    return db_run(p->tx, SQL(FILE_HASH_NEW),
                  VALUES(sql_id(referral), sql_id(sighting), sql_text(kind), sql_text(value),
                         sql_text(f->classification), unsaid(f->viewed_by_provider),
                         unsaid(f->publicly_available), sql_text(f->relevance),
                         sql_text(json_canonical(mem, f->annotations)), sql_text(or_empty(f->file_ref)),
                         sql_text(or_empty(f->name)), none ? sql_id(p->entry->seq) : sql_null()),
                  err);
}

static bool hash_add_once(const Place *p, int64_t referral, int64_t sighting, const FileIn *f,
                          const HashIn *h, Arena *mem, int64_t *added, Err *err)
{
    int64_t there;
    if (!one_id(
            p, SQL(FILE_HASH_THERE),
            VALUES(sql_id(referral), sql_text(or_empty(f->file_ref)), sql_text(h->kind), sql_text(h->value)),
            &there, err))
        return false;
    if (there)
        return true;
    ++*added;
    return hash_new(p, referral, sighting, f, h->kind, h->value, mem, err);
}

/* Whose file it is: the reported person, made when the report named none. */
static bool reported_sighting(const Place *p, int64_t referral, bool needed, Arena *mem, int64_t *id,
                              Err *err)
{
    const SightingIn nobody = { .role = "reported", .born = DATE_NONE, .age = -1, .seen_at = INSTANT_NONE };
    return one_id(p, SQL(SIGHTING_NTH), VALUES(sql_id(referral), sql_text("reported"), sql_int(0)), id, err)
        && (*id || !needed || sighting_new(p, referral, &nobody, mem, id, err));
}

static bool file_add(const Place *p, int64_t referral, const FileIn *f, Arena *mem, int64_t *added, Err *err)
{
    static const HashIn none = { "none", "", NULL };
    int64_t sighting;
    if (!reported_sighting(p, referral, f->footprints || f->devices, mem, &sighting, err)
        || !footprints_add(p, referral, sighting, "reported", f->footprints, added, err)
        || !identifiers_add(p, sighting, f->devices, err))
        return false;
    for (const HashIn *h = f->hashes ? f->hashes : &none; h; h = h->next)
        if (!hash_add_once(p, referral, sighting, f, h, mem, added, err))
            return false;
    return true;
}

static bool files_add(const Place *p, int64_t referral, const FileIn *f, Arena *mem, Err *err)
{
    int64_t added = 0;
    for (; f; f = f->next)
        if (!file_add(p, referral, f, mem, &added, err))
            return false;
    return true;
}

/* ---- texts added to a referral that is there already ---- */

static bool list_has(const Json *list, const Json *one)
{
    for (size_t i = 0; i < json_count(list); i++)
        if (json_same(json_at(list, i), one))
            return true;
    return false;
}

static bool list_join(const char *kept, const Json *more, Arena *mem, const char **out, Err *err)
{
    CLEANUP(json_done) Json *list = NULL;
    if (!json_read(str_of(kept), &list, err))
        return false;
    for (size_t i = 0; i < json_count(more); i++)
        if (!list_has(list, json_at(more, i)))
            json_push(list, json_keep((Json *)json_at(more, i)));
    *out = json_canonical(mem, list);
    return true;
}

static bool texts_add(const Place *p, int64_t referral, const Record *r, const char *priority, Arena *mem,
                      Err *err)
{
    const char *annotations = NULL, *sensitive = NULL;
    if (!json_count(r->annotations) && !json_count(r->sensitive) && !priority)
        return true;
    {
        CLEANUP(rows_done) Rows rows = {0};
        bool more = false;
        if (!db_query(p->tx->db, SQL(REFERRAL_TEXTS), VALUES(sql_id(referral)), &rows, err)
            || !rows_next(&rows, &more, err)
            || !list_join(row_text(&rows, 0), r->annotations, mem, &annotations, err)
            || !list_join(row_text(&rows, 1), r->sensitive, mem, &sensitive, err))
            return false;
    }
    return db_run(p->tx, SQL(REFERRAL_TEXTS_SET),
                  VALUES(sql_id(referral), sql_text(annotations), sql_text(sensitive), sql_text(priority)),
                  err);
}

/* ---- referrals ---- */

static bool reports_nobody(const ReferralIn *r)
{
    const SightingIn *s = r->sightings;
    while (s && !str_same(s->role, "reported"))
        s = s->next;
    return s == NULL;
}

static bool referral_new(const Place *p, const ReadRow *row, int64_t merged_into, Arena *mem, int64_t *id,
                         Err *err)
{
    const ReferralIn *r = row->record.referral;
    CLEANUP(json_done) Json *missing = NULL;
    int complete = record_completeness(r, &missing);
    if (!db_run(p->tx, SQL(REFERRAL_NEW),
                VALUES(sql_id(p->file), sql_int((int64_t)row->line), sql_id(p->operation),
                       sql_text(r->source), sql_text(r->provider), sql_text(r->source_ref),
                       sql_text(r->incident_type), sql_text(r->incident_verbatim), sql_when(r->incident.at),
                       sql_int(p->entry->at), sql_text(r->priority_reason),
                       sql_text(json_canonical(mem, row->record.annotations)), sql_text(or_empty(r->summary)),
                       sql_bool(r->bundled), sql_id(merged_into), sql_int(complete),
                       sql_text(json_canonical(mem, missing)),
                       sql_text(json_canonical(mem, row->record.sensitive)), sql_bool(reports_nobody(r))),
                err))
        return false;
    *id = tx_last_id(p->tx);
    return true;
}

static bool referral_take(const Place *p, const ReadRow *row, Arena *mem, Err *err)
{
    const ReferralIn *r = row->record.referral;
    int64_t referral, sighting;
    if (!referral_new(p, row, 0, mem, &referral, err))
        return false;
    for (const SightingIn *s = r->sightings; s; s = s->next)
        if (!sighting_new(p, referral, s, mem, &sighting, err) ||
            !sighting_fill(p, referral, sighting, s, err))
            return false;
    return files_add(p, referral, r->files, mem, err);
}

static int64_t nth_of_role(const SightingIn *all, const SightingIn *one)
{
    int64_t n = 0;
    for (; all != one; all = all->next)
        n += str_same(all->role, one->role);
    return n;
}

/* The sighting of the first report that this one repeats: by an identifier they share, else by its place. */
static bool sighting_match(const Place *p, int64_t referral, const SightingIn *s, int64_t nth, int64_t *id,
                           Err *err)
{
    *id = 0;
    for (const IdentifierIn *i = s->identifiers; i && !*id; i = i->next)
        if (!one_id(p, SQL(SIGHTING_SHARING), VALUES(sql_id(referral), sql_text(s->role), sql_text(i->kind),
                                                      sql_text(i->service), sql_text(i->normal)), id, err))
            return false;
    return *id || nth < 0
        || one_id(p, SQL(SIGHTING_NTH), VALUES(sql_id(referral), sql_text(s->role), sql_int(nth)), id, err);
}

/* Invariant 2. */
static bool referral_merge(const Place *p, const ReadRow *row, int64_t first, Arena *mem, Err *err)
{
    const ReferralIn *r = row->record.referral;
    int64_t again, sighting;
    if (!referral_new(p, row, first, mem, &again, err)
        || !texts_add(p, first, &row->record, r->priority_reason, mem, err))
        return false;
    for (const SightingIn *s = r->sightings; s; s = s->next) {
        if (!sighting_match(p, first, s, nth_of_role(r->sightings, s), &sighting, err)
            || (!sighting && !sighting_new(p, first, s, mem, &sighting, err))
            || !sighting_fill(p, first, sighting, s, err))
            return false;
    }
    return files_add(p, first, r->files, mem, err);
}

static bool place_referral(const Place *p, const ReadRow *row, Arena *mem, Outcome *outcome, Err *err)
{
    const ReferralIn *r = row->record.referral;
    int64_t first;
    if (!one_id(p, SQL(REFERRAL_BY_REF),
                VALUES(sql_id(p->operation), sql_text(r->source), sql_text(r->source_ref)), &first, err))
        return false;
    *outcome = first ? ROW_MERGED : ROW_TAKEN;
    return first ? referral_merge(p, row, first, mem, err) : referral_take(p, row, mem, err);
}

static bool waits(const Record *r, Outcome *outcome, const char **waits_for)
{
    *outcome = ROW_PENDING;
    *waits_for = r->report_ref;
    return true;
}

static bool place_footprint(const Place *p, const ReadRow *row, Arena *mem, Outcome *outcome,
                            const char **waits_for, Err *err)
{
    const Record *r = &row->record;
    const SightingIn *s = r->referral->sightings;
    int64_t referral, sighting, added = 0;
    if (!one_id(p, SQL(REFERRAL_ANY), VALUES(sql_id(p->operation), sql_text(r->report_ref)), &referral, err))
        return false;
    if (!referral)
        return waits(r, outcome, waits_for);
    if (!sighting_match(p, referral, s, s->identifiers ? -1 : 0, &sighting, err))
        return false;
    bool is_new = !sighting;
    if ((is_new && !sighting_new(p, referral, s, mem, &sighting, err))
        || !identifiers_add(p, sighting, s->identifiers, err)
        || !footprints_add(p, referral, sighting, s->role, s->footprints, &added, err)
        || !texts_add(p, referral, r, NULL, mem, err))
        return false;
    for (const FileIn *f = r->referral->files; f; f = f->next)
        if (!file_add(p, referral, f, mem, &added, err))
            return false;
    *outcome = is_new || added ? ROW_TAKEN : ROW_MERGED;
    return true;
}

static bool place_file(const Place *p, const ReadRow *row, Arena *mem, Outcome *outcome,
                       const char **waits_for, Err *err)
{
    const Record *r = &row->record;
    int64_t referral, added = 0;
    if (!one_id(p, SQL(REFERRAL_BY_REF),
                VALUES(sql_id(p->operation), sql_text("hotline"), sql_text(r->report_ref)), &referral, err))
        return false;
    if (!referral)
        return waits(r, outcome, waits_for);
    if (!file_add(p, referral, r->file, mem, &added, err) || !texts_add(p, referral, r, NULL, mem, err))
        return false;
    *outcome = added ? ROW_TAKEN : ROW_MERGED;
    return true;
}

/* ---- answers, register, returns, known files ---- */

static bool place_answer(const Place *p, const ReadRow *row, Outcome *outcome, Err *err)
{
    const AnswerIn *a = row->record.answer;
    int64_t there;
    if (!one_id(p, SQL(ANSWER_THERE),
                VALUES(sql_id(p->operation), sql_text(a->address), sql_when(a->asked.at),
                       sql_text(a->operator_name), sql_text(a->operator_ref), unsaid(a->port),
                       sql_text(a->asked.verbatim), sql_text(a->account_holder),
                       sql_text(a->installation_address)),
                &there, err))
        return false;
    *outcome = there ? ROW_MERGED : ROW_TAKEN;
    return there ||
           db_run(p->tx, SQL(ANSWER_NEW),
                  VALUES(sql_id(p->file), sql_int((int64_t)row->line), sql_id(p->operation),
                         sql_text(a->address), unsaid(a->port), sql_text(a->asked.verbatim),
                         sql_when(a->asked.at), sql_text(a->operator_name), sql_text(a->operator_ref),
                         sql_text(a->account_holder), sql_date(a->born), sql_text(a->email),
                         sql_text(a->phone), sql_text(or_empty(a->billing_address)),
                         sql_text(a->billing_postcode), sql_text(a->installation_address),
                         sql_text(a->installation_postcode), sql_when(a->session_start.at),
                         sql_when(a->session_end.at), sql_bool(a->shared_address == 1)),
                  err);
}

static bool place_register(const Place *p, const ReadRow *row, Outcome *outcome, Err *err)
{
    const RegisterIn *r = row->record.entry;
    int64_t there;
    if (!one_id(p, SQL(REGISTER_THERE),
                VALUES(sql_text(r->register_ref), sql_text(r->given), sql_text(r->family), sql_date(r->born),
                       sql_text(r->address), sql_text(r->postcode), sql_text(r->force), sql_text(r->offence),
                       sql_date(r->until)), &there, err))
        return false;
    *outcome = there ? ROW_MERGED : ROW_TAKEN;
    return there ||
           db_run(p->tx, SQL(REGISTER_NEW),
                  VALUES(sql_id(p->file), sql_int((int64_t)row->line), sql_text(r->register_ref),
                         sql_text(r->given), sql_text(r->family), sql_date(r->born), sql_text(r->address),
                         sql_text(r->postcode), sql_text(r->force), sql_text(r->offence), sql_date(r->until)),
                  err);
}

static bool place_return(const Place *p, const ReadRow *row, Arena *mem, Outcome *outcome, Err *err)
{
    const ReturnIn *r = row->record.event;
    *outcome = ROW_PENDING;                    /* until intake_return_settle */
    return db_run(p->tx, SQL(RETURN_NEW),
                  VALUES(sql_id(p->file), sql_int((int64_t)row->line), sql_id(p->operation),
                         sql_text(r->force), sql_text(r->event), sql_text(r->subject_ref), sql_text(r->ref),
                         sql_text(json_canonical(mem, r->row))),
                  err);
}

static bool set_find(const Place *p, const HashSetIn *s, int64_t *id, Err *err)
{
    if (!one_id(p, SQL(SET), VALUES(sql_text(s->set_name), sql_text(s->set_version), sql_text(s->kind)), id,
                err))
        return false;
    if (*id)
        return true;
    if (!db_run(p->tx, SQL(SET_NEW),
                VALUES(sql_text(s->set_name), sql_text(s->set_version), sql_text(s->kind),
                       sql_blob(p->stored.bytes, 32), sql_int(p->entry->at)),
                err))
        return false;
    *id = tx_last_id(p->tx);
    return true;
}

typedef enum There { THERE_NOT, THERE_SAME, THERE_OTHERWISE } There;

static bool hash_there(const Place *p, int64_t set, const HashSetIn *s, const HashIn *h, There *there,
                       Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(p->tx->db, SQL(HASH), VALUES(sql_text(h->kind), sql_text(h->value), sql_id(set)), &rows,
                  err) ||
        !rows_next(&rows, &more, err))
        return false;
    bool same = more && str_same(row_text(&rows, 0), s->grade) && str_same(row_text(&rows, 1), s->scale);
    *there = !more ? THERE_NOT : same ? THERE_SAME : THERE_OTHERWISE;
    return true;
}

/* Two grades for one digest in one set: which is right is not ours to say. */
static bool place_hash(const Place *p, const ReadRow *row, Arena *mem, Outcome *outcome, const char **reason,
                       Err *err)
{
    const HashSetIn *s = row->record.hash;
    There there[4] = {0};
    int64_t set, added = 0;
    size_t n = 0;
    if (!set_find(p, s, &set, err))
        return false;
    for (const HashIn *h = s->hashes; h; h = h->next) {
        if (!hash_there(p, set, s, h, &there[n], err))
            return false;
        if (there[n++] == THERE_OTHERWISE) {
            *outcome = ROW_REJECTED;
            *reason = str_fmt(mem, "Line %zu: this set already lists the same %s with another grade.",
                              row->line, h->kind);
            return true;
        }
    }
    n = 0;
    for (const HashIn *h = s->hashes; h; h = h->next) {
        if (there[n++] == THERE_SAME)
            continue;
        added++;
        if (!db_run(p->tx, SQL(HASH_NEW),
                    VALUES(sql_id(set), sql_text(h->kind), sql_text(h->value), sql_text(s->grade),
                           sql_text(s->scale), sql_text(s->series), unsaid(s->votes),
                           unsaid(s->victim_identified)),
                    err) ||
            !db_run(p->tx, SQL(SET_GROW), VALUES(sql_id(set)), err))
            return false;
    }
    *outcome = added ? ROW_TAKEN : ROW_MERGED;
    return true;
}

bool place_record(const Place *p, const ReadRow *row, Arena *mem, Outcome *outcome, const char **waits_for,
                  const char **reason, Err *err)
{
    switch (row->record.kind) {
    case RECORD_REFERRAL:  return place_referral(p, row, mem, outcome, err);
    case RECORD_FOOTPRINT: return place_footprint(p, row, mem, outcome, waits_for, err);
    case RECORD_FILE:      return place_file(p, row, mem, outcome, waits_for, err);
    case RECORD_ANSWER:    return place_answer(p, row, outcome, err);
    case RECORD_REGISTER:  return place_register(p, row, outcome, err);
    case RECORD_RETURN:    return place_return(p, row, mem, outcome, err);
    case RECORD_HASH:      return place_hash(p, row, mem, outcome, reason, err);
    case RECORD_NONE:      break;
    }
    return err_set(err, ERR_BUG, "A row was read as nothing.");
}
