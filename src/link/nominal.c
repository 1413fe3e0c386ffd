/* nominal.c: reading nominals: the queue, a line of it, and one whole record. */
#include "link/nominal.h"
#include "base/limits.h"
#include "base/ref.h"
#include "link/inside.h"
#include "link/nominal_apply.h"

bool nominal_resolve(Db *db, int64_t id, int64_t *now_id, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    NominalState state = {0};
    return nominal_state(db, &mem, id, &state, err) && nominal_kept(db, id, now_id, err);
}

bool nominal_of_source(Db *db, int64_t operation, const char *source_ref, int64_t *nominal, Err *err)
{
    static const char *const sources[] = { "hotline", "list", "footprint", "provider" };
    bool found = false;
    *nominal = 0;
    FOR_EACH(source, sources) {
        if (!db_int(db, &link_sql[LINK_OF_SOURCE],
                    VALUES(sql_int(operation), sql_text(*source), sql_text(source_ref)), nominal, &found,
                    err))
            return err_while(err, "finding whom a source's number means");
        if (found)
            return true;
    }
    return true;
}

static NominalRow row_read(const Rows *r, Arena *mem)
{
    return (NominalRow){
        .id = row_int(r, 0),
        .force = row_int(r, 1),
        .operation = row_int(r, 2),
        .name = row_copy(r, 3, mem),
        .status = row_copy(r, 4, mem),
        .band = row_copy(r, 5, mem),
        .suggested = row_copy(r, 6, mem),
        .why = row_copy(r, 7, mem),
        .force_tile = row_copy(r, 8, mem),
        .force_short = row_copy(r, 9, mem),
        .town = row_copy(r, 10, mem),
        .stage = row_copy(r, 11, mem),
        .access = row_copy(r, 12, mem),
        .points = row_int(r, 13),
        .referrals = row_int(r, 14),
        .children = row_int(r, 15),
        .registered = row_bool(r, 16),
        .position_of_trust = row_bool(r, 17),
        .restricted = row_bool(r, 18),
        .first_seen = row_when(r, 19),
        .last_seen = row_when(r, 20),
        .clock_due = row_when(r, 21),
        .clock_says = row_copy(r, 22, mem),
        .clock_owner = row_copy(r, 23, mem),
        .band_rank = (int)row_int(r, 24),
        .bundled = row_int(r, 25),
    };
}

/* How a viewer's rights enter a statement: $1, $2, $3 of FOR_VIEWER. No agency has the id -1. */
typedef struct Eyes { Value person, all, supervises, force; bool none; } Eyes;

static Eyes eyes_of(const Viewer *v, int64_t force)
{
    int64_t scope = viewer_scope(v, PERM_NOMINAL_READ);
    return (Eyes){
        .person = sql_int(v->person), .all = sql_bool(v->role == ROLE_COORDINATOR),
        .supervises = sql_int(v->role == ROLE_FORCE_SUPERVISOR ? v->agency : -1),
        .force = sql_id(scope ? scope : force),
        .none = scope < 0 || (scope && force && scope != force),
    };
}

typedef struct Page { NominalRow *rows; size_t count, cap, limit; } Page;

static bool page_add(Db *db, Arena *mem, int statement, Values values, Page *page, Err *err)
{
    CLEANUP(rows_done) Rows rows = {0};
    bool more = false;
    if (!db_query(db, &link_sql[statement], values, &rows, err))
        return false;
    while (rows_next(&rows, &more, err) && more && page->count < page->limit)
        *arena_push(mem, page->rows, page->count, page->cap) = row_read(&rows, mem);
    return err->kind == ERR_NONE;
}

enum { RANK_ABOVE_ALL = 5 };
typedef struct Keyset { int64_t rank, points, id; bool first, one_rank; } Keyset;

static Keyset keyset_of(const QueueFilter *f)
{
    static const char *const bands[] = { "", "low", "medium", "high", "very-high" };
    Keyset k = { f->band_rank, f->points, f->after_id, f->after_id == 0, !str_blank(f->band) };
    if (!k.first)
        return k;
    k.rank = RANK_ABOVE_ALL;
    k.points = INT64_MAX;
    for (size_t i = 0; i < COUNT_OF(bands) && k.one_rank; i++)
        if (str_same(bands[i], f->band))
            k.rank = (int64_t)i;
    return k;
}

/* The three ranges that follow the last row shown: same points, same rank, lower ranks. */
static bool page_walk(Db *db, Arena *mem, const Eyes *eyes, const QueueFilter *f, Page *page, Err *err)
{
    static const int steps[2][3] = {
        { LINK_Q_ALL_SAME, LINK_Q_ALL_RANK, LINK_Q_ALL_BELOW },
        { LINK_Q_FORCE_SAME, LINK_Q_FORCE_RANK, LINK_Q_FORCE_BELOW },
    };
    Keyset k = keyset_of(f);
    bool by_force = eyes->force.type == VALUE_INT;
    for (size_t step = k.first ? 1 : 0; step < (k.one_rank ? 2 : 3) && page->count < page->limit; step++) {
        Value values[] = { eyes->person,
                           eyes->all,
                           eyes->supervises,
                           sql_int((int64_t)(page->limit - page->count)),
                           by_force ? eyes->force : sql_int(f->operation),
                           sql_id(f->operation),
                           sql_int(k.rank),
                           sql_int(k.points),
                           sql_int(k.id) };
        static const size_t used[] = { 9, 8, 7 };
        if (!page_add(db, mem, steps[by_force][step], (Values){ values, used[step] }, page, err))
            return false;
    }
    return true;
}

/* A reference opens that record; anything else is the beginning of a name. */
static bool page_search(Db *db, Arena *mem, const Viewer *v, const Eyes *eyes, const QueueFilter *f,
                        Page *page, Err *err)
{
    Err not_a_ref = {0};
    int64_t id = 0;
    Str text = str_trim(str_of(f->text));
    if (ref_read(text, 'N', &id, &not_a_ref)) {
        NominalRow row;
        if (nominal_resolve(db, id, &id, err) && nominal_row(db, mem, v, id, &row, err))
            *arena_push(mem, page->rows, page->count, page->cap) = row;
        if (err->kind == ERR_NOT_FOUND)
            err_clear(err);
        return err->kind == ERR_NONE;
    }
    Keyset k =
        keyset_of(&(QueueFilter){ .band_rank = f->band_rank, .points = f->points, .after_id = f->after_id });
    Keyset band = keyset_of(&(QueueFilter){ .band = f->band });
    char *from = str_from(mem, text), *to = str_fmt(mem, "%s\xf4\x8f\xbf\xbf", from);
    return page_add(db, mem, LINK_Q_NAMED,
                    VALUES(eyes->person, eyes->all, eyes->supervises, sql_int((int64_t)page->limit),
                           eyes->force, sql_id(f->operation), sql_int(k.rank), sql_int(k.points),
                           sql_int(k.id), sql_text(from), sql_text(to),
                           band.one_rank ? sql_int(band.rank) : sql_null(), sql_bool(f->eliminated)),
                    page, err);
}

static bool page_bundle(Db *db, Arena *mem, const Eyes *eyes, const QueueFilter *f, Page *page, Err *err)
{
    Keyset k =
        keyset_of(&(QueueFilter){ .band_rank = f->band_rank, .points = f->points, .after_id = f->after_id });
    return page_add(db, mem, LINK_Q_BUNDLE,
                    VALUES(eyes->person, eyes->all, eyes->supervises, sql_int((int64_t)page->limit),
                           eyes->force, sql_int(f->bundle_of), sql_int(k.rank), sql_int(k.points),
                           sql_int(k.id)),
                    page, err);
}

bool nominal_queue(Db *db, Arena *mem, const Viewer *v, const QueueFilter *f, NominalRow **out, size_t *count,
                   Err *err)
{
    Eyes eyes = eyes_of(v, f->force);
    Page page = { .limit = f->limit && f->limit < LIMIT_PAGE_ROWS ? f->limit : LIMIT_PAGE_ROWS };
    bool good = eyes.none || (f->bundle_of        ? page_bundle(db, mem, &eyes, f, &page, err)
                              : str_blank(f->text) ? page_walk(db, mem, &eyes, f, &page, err)
                                                   : page_search(db, mem, v, &eyes, f, &page, err));
    *out = page.rows;
    *count = page.count;
    return good || err_while(err, "reading the queue");
}

bool nominal_row(Db *db, Arena *mem, const Viewer *v, int64_t id, NominalRow *out, Err *err)
{
    Eyes eyes = eyes_of(v, 0);
    Page page = { .limit = 1 };
    if (!eyes.none &&
        !page_add(db, mem, LINK_Q_ONE,
                  VALUES(eyes.person, eyes.all, eyes.supervises, sql_int(id), eyes.force), &page, err))
        return false;
    if (page.count == 0)
        return err_set(err, ERR_NOT_FOUND, "There is no such nominal.");
    *out = page.rows[0];
    return true;
}

static FootprintRow footprint_read(const Rows *r, Arena *mem)
{
    return (FootprintRow){
        .id = row_int(r, 0),
        .referral = row_int(r, 1),
        .address = row_copy(r, 2, mem),
        .verbatim = row_copy(r, 3, mem),
        .event = row_copy(r, 4, mem),
        .operator_name = row_copy(r, 5, mem),
        .operator_as_of = row_copy(r, 6, mem),
        .answer_ref = row_copy(r, 7, mem),
        .port = row_null(r, 8) ? -1 : row_int(r, 8),
        .asn = row_int(r, 9),
        .at = row_when(r, 10),
        .proxy = row_bool(r, 11),
        .resolved = !row_null(r, 10),
        .attributed = row_bool(r, 12),
    };
}

static LinkRow link_read(const Rows *r, Arena *mem)
{
    return (LinkRow){
        .id = row_int(r, 0), .sighting = row_int(r, 1), .referral = row_int(r, 2), .entry = row_int(r, 3),
        .kind = row_copy(r, 4, mem), .reason = row_copy(r, 5, mem), .source = row_copy(r, 6, mem),
        .source_ref = row_copy(r, 7, mem), .seen_at = row_when(r, 8), .undone = row_bool(r, 9),
    };
}

static AttributionRow attribution_read(const Rows *r, Arena *mem)
{
    return (AttributionRow){
        .id = row_int(r, 0),
        .footprint = row_int(r, 1),
        .answer = row_int(r, 2),
        .verbatim = row_copy(r, 3, mem),
        .address = row_copy(r, 4, mem),
        .operator_name = row_copy(r, 5, mem),
        .operator_ref = row_copy(r, 6, mem),
        .agrees = row_copy(r, 7, mem),
        .household = row_copy(r, 8, mem),
        .postcode = row_copy(r, 9, mem),
        .force_basis = row_copy(r, 10, mem),
        .billing = row_copy(r, 11, mem),
        .at = row_when(r, 12),
        .session_start = row_when(r, 13),
        .session_end = row_when(r, 14),
        .port = row_null(r, 15) ? -1 : row_int(r, 15),
        .shared = row_bool(r, 16),
        .withdrawn = row_bool(r, 17),
    };
}

static ReferralRow referral_read(const Rows *r, Arena *mem)
{
    return (ReferralRow){
        .id = row_int(r, 0),
        .file = row_int(r, 1),
        .line = row_int(r, 2),
        .source = row_copy(r, 3, mem),
        .source_ref = row_copy(r, 4, mem),
        .provider = row_copy(r, 5, mem),
        .incident_type = row_copy(r, 6, mem),
        .priority_reason = row_copy(r, 7, mem),
        .summary = row_copy(r, 8, mem),
        .sensitive_text = row_copy(r, 9, mem),
        .missing = row_copy(r, 10, mem),
        .received_at = row_when(r, 11),
        .incident_at = row_when(r, 12),
        .completeness = (int)row_int(r, 13),
        .bundled = row_bool(r, 14),
    };
}

static IdentifierRow identifier_read(const Rows *r, Arena *mem)
{
    return (IdentifierRow){ row_copy(r, 0, mem), row_copy(r, 1, mem), row_copy(r, 2, mem), row_int(r, 3) };
}

/* One list of the record: every row of a statement about nominal $1, read by `read`. */
#define LIST(statement, read, items, number)                                                        \
    do {                                                                                            \
        CLEANUP(rows_done) Rows rows = {0};                                                         \
        bool more = false;                                                                          \
        size_t cap = 0;                                                                             \
        if (!db_query(db, &link_sql[statement], VALUES(sql_int(id)), &rows, err))                   \
            return false;                                                                           \
        while (rows_next(&rows, &more, err) && more)                                                \
            *arena_push(mem, items, number, cap) = read(&rows, mem);                                \
        if (err->kind)                                                                              \
            return false;                                                                           \
    } while (0)

static bool lists_read(Db *db, Arena *mem, int64_t id, Nominal *n, Err *err)
{
    LIST(LINK_F_FOOTPRINTS, footprint_read, n->footprints, n->footprint_count);
    LIST(LINK_F_LINKS, link_read, n->links, n->link_count);
    LIST(LINK_F_ATTRIBUTIONS, attribution_read, n->attributions, n->attribution_count);
    LIST(LINK_F_REFERRALS, referral_read, n->referrals, n->referral_count);
    LIST(LINK_F_IDENTIFIERS, identifier_read, n->identifiers, n->identifier_count);
    for (size_t i = 0; i < n->footprint_count / 2; i++) {           /* newest last */
        FootprintRow swap = n->footprints[i];
        n->footprints[i] = n->footprints[n->footprint_count - 1 - i];
        n->footprints[n->footprint_count - 1 - i] = swap;
    }
    return true;
}

static bool detail_read(Db *db, Arena *mem, int64_t id, Nominal *n, Err *err)
{
    CLEANUP(rows_done) Rows r = {0};
    bool more = false;
    if (!db_query(db, &link_sql[LINK_F_DETAIL], VALUES(sql_int(id)), &r, err) || !rows_next(&r, &more, err))
        return false;
    if (!more)
        return err_set(err, ERR_NOT_FOUND, "There is no such nominal.");
    n->given = row_copy(&r, 0, mem);
    n->family = row_copy(&r, 1, mem);
    n->born = row_date(&r, 2);
    n->occupation = row_copy(&r, 3, mem);
    n->address = row_copy(&r, 4, mem);
    n->postcode = row_copy(&r, 5, mem);
    n->area = row_copy(&r, 6, mem);
    n->force_basis = row_copy(&r, 7, mem);
    n->answers = row_int(&r, 8);
    return true;
}

bool nominal_fetch(Db *db, Arena *mem, const Viewer *v, int64_t id, Nominal *out, Err *err)
{
    *out = (Nominal){0};
    return (nominal_row(db, mem, v, id, &out->row, err) && detail_read(db, mem, id, out, err)
            && lists_read(db, mem, id, out, err))
        || err_while(err, "reading nominal %lld", (long long)id);
}
