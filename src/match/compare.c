#include "match/compare.h"
#include <string.h>
#include "match/read/known_read.h"
#include "match/match_sql.h"

enum { VOTES_TO_TRUST = 3 };                 /* fewer than three undisputed votes: provisional */

/* ---- what is recorded ---- */

typedef struct Reason {
    int64_t     file_hash, hash_set;
    const char *digest, *found;
    uint32_t    distance;
} Reason;

static Json *reason_json(const Reason *r, const KnownEntry *e)
{
    Json *m = json_new_object();
    json_set_int(m, "file_hash", r->file_hash);
    json_set_int(m, "hash_set", r->hash_set);
    json_set_text(m, "digest", r->digest);
    if (r->distance) {
        json_set_int(m, "distance", r->distance);
        json_set_text(m, "found", r->found);
    }
    if (strcmp(r->digest, "pdq") == 0 && e->pdq_quality >= 0)
        json_set_int(m, "quality", e->pdq_quality);
    json_set_text(m, "grade", e->grade);
    json_set_text(m, "scale", e->scale);
    json_set_text(m, "series", e->series && e->series[0] ? e->series : NULL);
    if (e->votes >= 0)
        json_set_int(m, "votes", e->votes);
    if (e->trusted)
        json_set_bool(m, "trusted", true);
    if (e->victim_identified)
        json_set_bool(m, "victim_identified", true);
    json_set_bool(m, "provisional", e->votes >= 0 && e->votes < VOTES_TO_TRUST && !e->trusted);
    return m;
}

/* ---- sets taken in as rows ---- */

static bool row_compare(Db *db, const FileHash *f, Json *matches, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(db, &match_sql[MATCH_LOOKUP], VALUES(sql_text(f->kind), sql_text(f->value)), &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more) {
        KnownEntry e = KNOWN_ENTRY_BLANK;
        Reason r = { .file_hash = f->id, .hash_set = row_int(&rows, 0), .digest = f->kind };
        e.grade = row_text(&rows, 1);
        e.scale = row_text(&rows, 2);
        e.series = row_text(&rows, 3);
        e.votes = row_null(&rows, 4) ? -1 : (int)row_int(&rows, 4);
        e.victim_identified = row_bool(&rows, 5);
        json_push(matches, reason_json(&r, &e));
    }
    return err->kind == ERR_NONE;
}

bool compare_rows(Db *db, const FileHash *files, size_t count, Json *matches, Err *err)
{
    for (size_t i = 0; i < count; i++)
        if (!row_compare(db, &files[i], matches, err))
            return false;
    return true;
}

/* ---- set files ---- */

static int64_t label_of(const ActiveSet *s, const KnownEntry *e)
{
    const char *kind = e->negative ? "negative" : e->benign ? "benign" : "known";
    for (size_t i = 0; i < s->label_count; i++)
        if (str_same(s->labels[i].name, e->source) && str_same(s->labels[i].version, e->version) &&
            str_same(s->labels[i].kind, kind))
            return s->labels[i].id;
    return 0;
}

typedef struct Batch {
    const ActiveSets *sets;
    const ActiveSet  *set;
    const FileHash   *files;
    DigestKind        kind;
    size_t           *which;                 /* files of the kind */
    uint8_t          *digests;               /* theirs, packed */
    size_t            n;
    Arena            *mem;
    Json             *matches;
} Batch;

/* One entry of the set says something of one file. */
static bool entry_take(const Batch *b, const FileHash *file, uint32_t place, uint32_t distance, Err *err)
{
    uint32_t row = 0;
    KnownEntry e;
    if (!known_row(b->set->file.set, b->kind, place, &row, err) ||
        !known_entry(b->set->file.set, row, &e, err))
        return false;
    bool counts = e.benign || e.negative || grade_means(b->sets->grades, e.scale, e.grade) == GRADE_ILLEGAL;
    bool blurred = distance && e.pdq_quality >= 0 && e.pdq_quality < b->sets->near.quality;
    Reason r = {
        .file_hash = file->id, .hash_set = label_of(b->set, &e), .digest = file->kind, .distance = distance
    };
    if (!counts || blurred || !r.hash_set)
        return true;
    if (distance)
        r.found = hex_write(b->mem, e.digest[DIGEST_PDQ], digest_bytes(DIGEST_PDQ));
    json_push(b->matches, reason_json(&r, &e));
    return true;
}

static bool exact_compare(const Batch *b, Err *err)
{
    uint32_t *places = arena_new(b->mem, uint32_t, b->n + 1);
    if (!known_find_many(b->set->file.set, b->kind, b->digests, b->n, places, err))
        return false;
    for (size_t i = 0; i < b->n; i++) {
        KnownHit hit;
        if (places[i] == KNOWN_NONE)
            continue;
        if (!known_hit_at(b->set->file.set, b->kind, places[i], &hit, err))
            return false;
        for (uint32_t k = 0; k < hit.count && k < COMPARE_EXACT_MAX; k++)
            if (!entry_take(b, &b->files[b->which[i]], hit.place + k, 0, err))
                return false;
    }
    return true;
}

/* Exact ones among the near were taken above. */
static bool near_compare(const Batch *b, Err *err)
{
    NearFound *found = arena_new(b->mem, NearFound, b->n + 1);
    if (!b->set->file.pdq.n || !b->sets->near.distance)
        return true;
    set_file_find_near(&b->set->file, b->digests, b->n, b->sets->near.distance, COMPARE_NEAR_MAX, b->mem,
                       found);
    for (size_t i = 0; i < b->n; i++)
        for (uint32_t k = 0; k < found[i].n; k++)
            if (found[i].hits[k].distance &&
                !entry_take(b, &b->files[b->which[i]], found[i].hits[k].row, found[i].hits[k].distance, err))
                return false;
    return true;
}

static bool kind_compare(Batch *b, size_t count, Err *err)
{
    size_t bytes = digest_bytes(b->kind);
    b->which = arena_new(b->mem, size_t, count + 1);
    b->digests = arena_new(b->mem, uint8_t, count * bytes + 1);
    b->n = 0;
    for (size_t i = 0; i < count; i++)
        if (digest_named(str_of(b->files[i].kind)) == (int)b->kind &&
            digest_parse(b->kind, str_of(b->files[i].value), b->digests + b->n * bytes))
            b->which[b->n++] = i;
    if (!b->n || !known_info(b->set->file.set).counts.digests[b->kind])
        return true;
    return exact_compare(b, err) && (b->kind != DIGEST_PDQ || near_compare(b, err));
}

bool compare_sets(const ActiveSets *sets, int64_t only, const FileHash *files, size_t count, Json *matches,
                  Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    for (size_t s = 0; s < sets->count; s++)
        for (int k = 0; k < DIGEST__COUNT; k++) {
            Batch b = { .sets = sets, .set = &sets->at[s], .files = files, .kind = (DigestKind)k, .mem = &mem,
                        .matches = matches };
            if (only && sets->at[s].id != only)
                continue;
            if (!kind_compare(&b, count, err))
                return err_while(err, "comparing files with the set %s", sets->at[s].name);
        }
    return true;
}
