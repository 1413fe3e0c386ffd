/* base.c: the records in memory. Rows are only added; a record that changed gets new rows and its old ones
 * are nobody's. When the base has doubled, or a tenth of its rows are nobody's, it is built again, which also
 * counts afresh how common each value is. */
#include "link/base.h"
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "base/rng.h"
#include "engine/linkage/linkage_index.h"
#include "engine/linkage/linkage_where.h"
#include "link/person/person.h"
#include "link/pairs_sql.h"

enum { ROWS_SMALL = 256, ROWS_SUPPOSED = 1000, ROWS_SAMPLED = 400, PAIRS_SAMPLED = 40000,
       PAIRS_SUPPOSED = 500 };

typedef struct Record {
    int64_t  id, operation;
    uint32_t first, count;           /* its rows */
} Record;

struct LinkBase {
    pthread_mutex_t lock;
    Arena          mem;              /* the base itself */
    Arena          rows_mem;         /* all that a new building replaces */
    ProfileTools  *tools;
    LinkColumns   *columns;
    LinkModel      model;
    LinkPlan       plan;
    LinkIndex     *index;
    Thresholds     thresholds;
    PersonCommons
        *common[ASPECT__COUNT]; /* values too many hold to tell people apart; NULL: not looked for */
    double         rare[ASPECT__COUNT];      /* share of a value met for the first time */
    const char    *model_name;
    Record        *records;          /* sorted by id */
    size_t         count, cap;
    int64_t       *owner;            /* of each row: its record; 0: nobody's */
    size_t         rows, owner_cap, rows_counted, dead;
    int64_t        upto, outside_upto[OUTSIDE__COUNT];      /* the newest change, entry and answer read */
    size_t outside, rows_built; /* records that are entries or answers; rows when it was built */
};

LinkBase *link_base_new(void)
{
    Arena mem = { 0 };
    LinkBase *b = arena_new(&mem, LinkBase, 1);
    b->mem = mem;
    pthread_mutex_init(&b->lock, NULL);
    return b;
}

static void rows_drop(LinkBase *b)
{
    link_index_done(b->index);
    b->index = NULL;
    link_plan_done(&b->plan);
    link_model_done(&b->model);
    arena_done(&b->rows_mem);
    b->columns = NULL;
    memset(b->common, 0, sizeof b->common);
    b->records = NULL;
    b->owner = NULL;
    b->count = b->cap = b->rows = b->owner_cap = b->rows_counted = b->dead = 0;
    b->upto = 0;
    memset(b->outside_upto, 0, sizeof b->outside_upto);
    b->outside = b->rows_built = 0;
}

void link_base_done(LinkBase *base)
{
    if (!base)
        return;
    rows_drop(base);
    profile_tools_done(base->tools);
    pthread_mutex_destroy(&base->lock);
    Arena mem = base->mem; /* the base lies in its own arena */
    arena_done(&mem);
}

/* ---- building */

static Record *record_at(const LinkBase *b, int64_t id)
{
    size_t lo = 0, hi = b->count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (b->records[mid].id < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < b->count && b->records[lo].id == id ? &b->records[lo] : NULL;
}

static bool is_common(const LinkBase *b, size_t field, const char *value)
{
    return b->common[field] &&
           person_common_find(b->common[field], profile_kind((Aspect)field), NULL, value) != NULL;
}

/* NULL where the row says nothing. */
static const char *text_at(const LinkBase *b, size_t field, uint32_t row, Arena *mem)
{
    Str text = link_columns_text(b->columns, field, row);
    return text.len ? str_from(mem, text) : NULL;
}

static uint32_t value_code(LinkBase *b, size_t field, const char *value)
{
    if (is_common(b, field, value))
        return LINK_BLANK;
    uint32_t code = link_columns_code(b->columns, field, str_of(value));
    if (b->rows_counted && code != LINK_BLANK && link_columns_share(b->columns, field, code) <= 0)
        link_columns_set_share(b->columns, field, str_of(value), b->rare[field]);
    return code;
}

static void rows_add(LinkBase *b, const Profile *p, Record *rec)
{
    const char *row[ASPECT__COUNT];
    rec->first = (uint32_t)b->rows;
    for (size_t i = 0; profile_row(p, i, row); i++) {
        uint32_t codes[LINK_FIELDS_MAX] = { 0 };
        for (int a = 0; a < ASPECT__COUNT; a++)
            if (row[a])
                codes[a] = value_code(b, (size_t)a, row[a]);
        uint32_t at = link_columns_add(b->columns, codes, 0);
        *arena_push(&b->rows_mem, b->owner, b->rows, b->owner_cap) = p->id;
        if (b->index)
            link_index_add(b->index, at);
    }
    rec->count = (uint32_t)b->rows - rec->first;
}

/* Records come in rising order of id, but an old one may come again. */
static Record *record_take(LinkBase *b, int64_t id)
{
    Record *rec = record_at(b, id);
    if (rec) {
        for (uint32_t i = 0; i < rec->count; i++)
            b->owner[rec->first + i] = 0;
        b->dead += rec->count;
        return rec;
    }
    size_t at = b->count;
    (void)arena_push(&b->rows_mem, b->records, b->count, b->cap);
    while (at > 0 && b->records[at - 1].id > id) {
        b->records[at] = b->records[at - 1];
        at--;
    }
    b->records[at] = (Record){ .id = id };
    return &b->records[at];
}

static bool record_read(LinkBase *b, Db *db, int64_t id, Err *err)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    Profile p;
    if (!profile_record(db, &mem, b->tools, id, &p, err))
        return false;
    Record *rec = record_take(b, id);
    rec->operation = p.operation;
    rows_add(b, &p, rec);
    return true;
}

static bool changed_read(LinkBase *b, Db *db, Err *err)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    CLEANUP(rows_done) Rows r = { 0 };
    int64_t *ids = NULL, newest = 0;
    size_t count = 0, cap = 0;
    bool more = false, found = false;
    if (!db_int(db, &pairs_sql[PAIRS_NEWEST_RECORD], NO_VALUES, &newest, &found, err) ||
        !db_query(db, &pairs_sql[PAIRS_RECORDS], VALUES(sql_int(b->upto)), &r, err))
        return false;
    while (rows_next(&r, &more, err) && more)
        *arena_push(&mem, ids, count, cap) = row_int(&r, 0);
    rows_done(&r);
    for (size_t i = 0; i < count && err->kind == ERR_NONE; i++)
        if (!record_read(b, db, ids[i], err))
            return false;
    b->upto = newest;
    return err->kind == ERR_NONE;
}

/* What comes from outside is a record under a negative number. It is read after what is common was counted: a
 * register repeats the people whom it is asked about, and an operator is asked about the same ones. */
static int64_t outside_number(LinkOutside kind, int64_t id)
{
    return -(id * OUTSIDE__COUNT + (int64_t)kind);
}

static int64_t outside_id(int64_t number)
{
    return -number / OUTSIDE__COUNT;
}

static bool outside_is(int64_t number, LinkOutside kind)
{
    return number < 0 && -number % OUTSIDE__COUNT == (int64_t)kind;
}

typedef struct OutsideText { int col; Aspect aspect; } OutsideText;
static const struct {
    int         statement, name, born, operation;      /* columns; name 0: given and family stand apart */
    OutsideText texts[7];
} outsides[OUTSIDE__COUNT] = {
    [OUTSIDE_REGISTER] = { PAIRS_REGISTER,
                           0,
                           3,
                           6,
                           { { 1, ASPECT_GIVEN },
                             { 2, ASPECT_FAMILY },
                             { 4, ASPECT_ADDRESS },
                             { 5, ASPECT_POSTCODE } } },
    [OUTSIDE_ANSWER] = { PAIRS_HOLDERS,
                         1,
                         2,
                         9, /* where the line ends comes before who pays for it */
                         { { 3, ASPECT_EMAIL },
                           { 4, ASPECT_PHONE },
                           { 5, ASPECT_ADDRESS },
                           { 6, ASPECT_POSTCODE },
                           { 7, ASPECT_ADDRESS },
                           { 8, ASPECT_POSTCODE } } },
};

static void outside_take(LinkBase *b, LinkOutside kind, const Rows *r, Arena *mem)
{
    int64_t id = row_int(r, 0);
    int     born = outsides[kind].born;
    Profile p = { .id = outside_number(kind, id), .operation = row_int(r, outsides[kind].operation) };
    for (const OutsideText *t = outsides[kind].texts; t->col; t++)
        profile_add(b->tools, mem, &p, t->aspect, row_copy(r, t->col, mem));
    if (outsides[kind].name)
        profile_add_name(b->tools, mem, &p, row_copy(r, outsides[kind].name, mem));
    if (row_date(r, born) != DATE_NONE)
        profile_add(b->tools, mem, &p, ASPECT_BIRTH, date_iso(mem, row_date(r, born)));
    Record *rec = record_take(b, p.id);
    rec->operation = p.operation;
    rows_add(b, &p, rec);
    b->outside++;
    b->outside_upto[kind] = id;
}

static bool outside_read(LinkBase *b, Db *db, LinkOutside kind, Err *err)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    CLEANUP(rows_done) Rows r = { 0 };
    bool more = false;
    const Sql *sql = &pairs_sql[outsides[kind].statement];
    if (!db_query(db, sql, VALUES(sql_int(b->outside_upto[kind])), &r, err))
        return false;
    while (rows_next(&r, &more, err) && more)
        outside_take(b, kind, &r, &mem);
    return err->kind == ERR_NONE;
}

static bool outsides_read(LinkBase *b, Db *db, Err *err)
{
    for (int kind = 0; kind < OUTSIDE__COUNT; kind++)
        if (!outside_read(b, db, (LinkOutside)kind, err))
            return false;
    return true;
}

static bool model_load(LinkBase *b, Err *err)
{
    if (!link_model_default(b->columns, &b->model, err))
        return false;
    if (link_model_knows_places(&b->model))
        link_columns_locate(b->columns, person_where);
    b->model.match_share = 1.0 / (double)b->thresholds.people;
    b->model_name = str_fmt(&b->rows_mem, "%s, u of %zu rows, thresholds of %s", b->model.name, b->rows,
                            date_iso(&b->rows_mem, b->thresholds.from));
    return true;
}

/* How often strangers' values meet at each level differs from base to base: where a service makes user names
 * by a pattern, any two are alike. So u comes from pairs of this base drawn at random, blended with the
 * model's own as if some hundred pairs of it had been drawn. Drawn by a fixed seed: the same base gives the
 * same weights. */
static void u_sample(LinkBase *b)
{
    double seen[ASPECT__COUNT][LINK_LEVELS_MAX] = { 0 }, all[ASPECT__COUNT] = { 0 };
    Rng rng = rng_seed(1);
    for (int n = 0; n < PAIRS_SAMPLED; n++) {
        uint32_t x = (uint32_t)rng_below(&rng, b->rows), y = (uint32_t)rng_below(&rng, b->rows);
        LinkScore s;
        if (b->owner[x] == b->owner[y])
            continue;
        link_model_score(&b->model, b->columns, x, y, &s);
        for (int a = 0; a < ASPECT__COUNT; a++)
            if (s.level[a] != LINK_LEVEL_BLANK) {
                seen[a][s.level[a]]++;
                all[a]++;
            }
    }
    for (size_t a = 0; a < b->model.comparison_count; a++) {
        LinkComparison *k = &b->model.comparisons[a];
        for (size_t l = 1; l < link_kind_specs[k->kind].level_count; l++) {
            LinkLevelFit *f = &k->levels[l];
            f->u = (seen[a][l] + PAIRS_SUPPOSED * f->u) / (all[a] + PAIRS_SUPPOSED);
            f->weight_bits = log2((f->m > 1e-9 ? f->m : 1e-9) / f->u);
        }
    }
}

/* A record counts once for each value, however many rows it has. */
static bool said_before(const LinkBase *b, size_t field, uint32_t row)
{
    uint32_t code = link_columns_row(b->columns, row)[field];
    for (uint32_t r = row; r-- > 0 && b->owner[r] == b->owner[row];)
        if (link_columns_row(b->columns, r)[field] == code)
            return true;
    return false;
}

static bool common_at(const LinkBase *b, size_t field, uint32_t row, Arena *mem)
{
    const char *text = text_at(b, field, row, mem);
    return text && is_common(b, field, text);
}

/* A school's phone or a hostel's address is no agreement: what more records hold, under more names, than a
 * household has is blank from here on. */
static void common_blank(LinkBase *b)
{
    CLEANUP(arena_done) Arena mem = { 0 };
    const char **values = arena_new(&mem, const char *, b->rows),
               **names = arena_new(&mem, const char *, b->rows);
    for (uint32_t row = 0; row < b->rows; row++)
        names[row] = text_at(b, ASPECT_FAMILY, row, &mem);
    for (size_t a = 0; a < ASPECT__COUNT; a++) {
        PersonKind kind = profile_kind((Aspect)a);
        size_t count = 0;
        if (!person_kinds[kind].shared)
            continue;
        for (uint32_t row = 0; row < b->rows; row++)
            values[row] = said_before(b, a, row) ? NULL : text_at(b, a, row, &b->rows_mem);
        person_common_column(profile_rules(b->tools), &b->rows_mem, kind, values, names, b->rows,
                             &b->common[a]);
        (void)person_commons(b->common[a], &count);
        for (uint32_t row = 0; count && row < b->rows; row++)
            if (common_at(b, a, row, &mem)) {
                uint32_t codes[LINK_FIELDS_MAX];
                memcpy(codes, link_columns_row(b->columns, row), sizeof codes);
                codes[a] = LINK_BLANK;
                link_columns_replace(b->columns, row, codes);
            }
    }
}

/* In a small base nearly every value that two records share looks common, only because they share it. So what
 * was counted is blended with what the model expects, as if a thousand more records had been counted, and one
 * of those that hold the value does not count: it is the one being compared. What nobody else holds is no
 * more common than usual, for only the two that are compared say otherwise. */
static double share_blend(double held, double usual, double all)
{
    double share = ((held > 1 ? held - 1 : 1) + ROWS_SUPPOSED * usual) / all;
    return held < 2.5 && share > usual ? usual : share;
}

static void shares_blend(LinkBase *b)
{
    for (size_t f = 0; f < ASPECT__COUNT; f++) {
        const LinkComparison *k = &b->model.comparisons[f];
        double usual = k->levels[link_kind_specs[k->kind].level_count - 1].u;
        double rows = link_columns_filled(b->columns, f) * (double)b->rows, all = rows + ROWS_SUPPOSED;
        size_t values = link_columns_values(b->columns, f);
        b->rare[f] = share_blend(0, usual, all);
        for (uint32_t code = 1; code < values; code++) {
            double held = link_columns_share(b->columns, f, code) * rows;
            if (held > 0)
                link_columns_set_share(b->columns, f, str_of(link_columns_value(b->columns, f, code)->text),
                                       share_blend(held, usual, all));
        }
    }
}

static bool build(LinkBase *b, Db *db, Err *err)
{
    LinkField fields[ASPECT__COUNT];
    for (int a = 0; a < ASPECT__COUNT; a++)
        fields[a] = aspects[a].field;
    rows_drop(b);
    if (!b->tools && !profile_tools(&b->mem, &b->tools, err))
        return false;
    b->columns = link_columns_new(&b->rows_mem, fields, ASPECT__COUNT, profile_nicknames(b->tools),
                                  profile_rules(b->tools));
    if (!changed_read(b, db, err) || !model_load(b, err))
        return false;
    common_blank(b);
    link_columns_count(b->columns);
    if (b->rows >= ROWS_SAMPLED) /* in a smaller one, the few pairs of one person would weigh as strangers' */
        u_sample(b);
    b->rows_counted = b->rows;
    shares_blend(b);
    LinkLimits limits = link_limits_default(b->rows);
    b->plan = link_plan_make(b->columns, &b->model, false, limits, 1);
    link_plan_count(&b->plan, b->columns, limits);
    b->index = link_index_new(&b->rows_mem, b->columns, &b->model, &b->plan);
    bool good = outsides_read(b, db, err);
    b->rows_built = b->rows;
    return good;
}

static bool worn(const LinkBase *b)
{
    return b->rows > 2 * b->rows_built + ROWS_SMALL || 10 * b->dead > b->rows + 10 * ROWS_SMALL;
}

bool link_base_begin(LinkBase *b, Db *db, const Thresholds *t, Err *err)
{
    pthread_mutex_lock(&b->lock);
    bool fresh = b->columns && b->thresholds.from == t->from;
    b->thresholds = *t;
    b->thresholds.note = NULL; /* lies in the caller's arena */
    if (fresh && (!changed_read(b, db, err) || !outsides_read(b, db, err))) {
        rows_drop(b);
        return err_while(err, "reading new records for linking");
    }
    if ((!fresh || worn(b)) && !build(b, db, err)) {
        rows_drop(b);
        return err_while(err, "reading the records for linking");
    }
    return true;
}

void link_base_end(LinkBase *base)
{
    pthread_mutex_unlock(&base->lock);
}

const char *link_base_model(const LinkBase *base)
{
    return base->model_name;
}

size_t link_base_records(const LinkBase *base)
{
    return base->count - base->outside;
}

/* ---- finding */

static int by_weight(const void *pa, const void *pb)
{
    const LinkFound *a = pa, *b = pb;
    if (a->weight_bits != b->weight_bits)
        return a->weight_bits > b->weight_bits ? -1 : 1;
    return a->record < b->record ? -1 : a->record > b->record;
}

static int by_record(const void *pa, const void *pb)
{
    const LinkFound *a = pa, *b = pb;
    if (a->record != b->record)
        return a->record < b->record ? -1 : 1;
    return by_weight(pa, pb);
}

typedef struct Finding {
    Arena     *mem;
    bool       outside;              /* what is of this kind, and nothing else */
    LinkOutside kind;
    LinkFound *found;
    size_t     count, cap;
} Finding;

static void found_add(LinkBase *b, const Record *rec, const LinkPair *pair, Finding *f)
{
    int64_t owner = b->owner[pair->a] == rec->id ? b->owner[pair->b] : b->owner[pair->a];
    const Record *other = owner ? record_at(b, owner) : NULL;
    bool wanted = f->outside ? outside_is(owner, f->kind) : owner > 0;
    if (other && other != rec && other->operation == rec->operation && wanted)
        *arena_push(f->mem, f->found, f->count, f->cap) = (LinkFound){ owner, (double)pair->weight_bits };
}

static void find(LinkBase *b, int64_t record, double keep_bits, Finding *f)
{
    const Record *rec = record_at(b, record);
    size_t kept = 0;
    for (uint32_t i = 0; rec && i < rec->count; i++) {
        LinkPair *pairs = NULL;
        size_t found = 0;
        link_index_find(b->index, rec->first + i, keep_bits, f->mem, &pairs, &found);
        for (size_t k = 0; k < found; k++)
            found_add(b, rec, &pairs[k], f);
    }
    if (!f->count)
        return;
    qsort(f->found, f->count, sizeof *f->found, by_record); /* the best two rows of each record come first */
    for (size_t i = 0; i < f->count; i++)
        if (!kept || f->found[kept - 1].record != f->found[i].record)
            f->found[kept++] = f->found[i];
    f->count = kept;
    qsort(f->found, f->count, sizeof *f->found, by_weight);
}

void link_base_find(LinkBase *b, int64_t record, double keep_bits, Arena *mem, LinkFound **out, size_t *count)
{
    Finding f = { .mem = mem };
    find(b, record, keep_bits, &f);
    *out = f.found;
    *count = f.count;
}

void link_base_outside(LinkBase *b, LinkOutside kind, int64_t record, double keep_bits, Arena *mem,
                       LinkFound **out, size_t *count)
{
    Finding f = { .mem = mem, .outside = true, .kind = kind };
    find(b, record, keep_bits, &f);
    for (size_t i = 0; i < f.count; i++)
        f.found[i].record = outside_id(f.found[i].record);
    *out = f.found;
    *count = f.count;
}

/* ---- weighing two */

static int64_t milli(double bits)
{
    return (int64_t)llround(bits * 1000);
}

static PairGrade grade_of(LinkKind kind, unsigned level, double bits)
{
    if (level == LINK_LEVEL_BLANK)
        return PAIR_BLANK;
    if (level == link_kind_specs[kind].level_count - 1)
        return PAIR_MATCH;
    return level == LINK_LEVEL_DIFFERS || bits <= 0 ? PAIR_DIFFERS : PAIR_CLOSE;
}

static void aspects_say(const LinkScore *s, LinkWeighed *out)
{
    for (int a = 0; a < ASPECT__COUNT; a++) {
        LinkKind kind = aspects[a].field.kind;
        const LinkLevelSpec *level = &link_kind_specs[kind].levels[s->level[a]];
        out->aspects[a] = (PairAspect){ .aspect = aspects[a].field.name,
                                        .words = aspect_words(aspects[a].field.name),
                                        .level = level->key,
                                        .says = level->words,
                                        .grade = grade_of(kind, s->level[a], s->level_bits[a]),
                                        .bits = milli(s->level_bits[a]),
                                        .term = milli(s->term_bits[a]) };
    }
}

/* "date of birth and postcode", in the order of the aspects. */
static char *listed(Arena *mem, const LinkWeighed *w, PairGrade grade, bool with_level)
{
    StrBuf buf = { .mem = mem };
    size_t all = 0, n = 0;
    for (int a = 0; a < ASPECT__COUNT; a++)
        all += w->aspects[a].grade == grade;
    for (int a = 0; a < ASPECT__COUNT; a++) {
        const PairAspect *p = &w->aspects[a];
        if (p->grade != grade)
            continue;
        buf_add(&buf, n == 0 ? "" : n + 1 == all ? " and " : ", ");
        buf_add(&buf, p->words);
        if (with_level)
            buf_fmt(&buf, " (%s)", p->says);
        n++;
    }
    return n ? buf_text(&buf) : NULL;
}

static char *reason_of(Arena *mem, const LinkWeighed *w)
{
    const char *same = listed(mem, w, PAIR_MATCH, false), *close = listed(mem, w, PAIR_CLOSE, true);
    const char *differs = listed(mem, w, PAIR_DIFFERS, false);
    return str_fmt(mem, "%s%s%s%s%s%s%s", same ? "The same " : "", same ? same : "",
                   same && close ? "; close: "
                   : close       ? "Close: "
                                 : "",
                   close ? close : "", same || close ? "; " : "", differs ? "differs: " : "nothing differs",
                   differs ? differs : "");
}

/* Joining two strangers is the worst error, so a heavy weight is not enough: one name must be the same to the
 * letter, something else that no household shares must agree, and neither names nor dates of birth may
 * differ. */
static bool may_link_alone(const LinkWeighed *w)
{
    bool name = false, second = false;
    for (int a = 0; a < ASPECT__COUNT; a++) {
        const PairAspect *p = &w->aspects[a];
        bool same = p->grade == PAIR_MATCH || str_same(p->level, "swapped");
        bool who = aspects[a].proof == PROOF_NAME || aspects[a].proof == PROOF_BIRTH;
        if (who && p->grade == PAIR_DIFFERS)
            return false;
        name = name || (same && aspects[a].proof == PROOF_NAME);
        second = second || (p->grade == PAIR_MATCH && aspects[a].proof != PROOF_NAME &&
                            aspects[a].proof != PROOF_SHAREABLE);
    }
    return name && second;
}

/* A person is asked only where something says who it is, and a second thing agrees: user names, addresses and
 * numbers that merely look alike are many. */
static bool worth_asking(const LinkWeighed *w)
{
    bool met[PROOF_SHAREABLE + 1] = { 0 };
    for (int a = 0; a < ASPECT__COUNT; a++)
        met[aspects[a].proof] = met[aspects[a].proof] || w->aspects[a].grade >= PAIR_CLOSE;
    return (met[PROOF_NAME] || met[PROOF_BIRTH]) &&
           met[PROOF_NAME] + met[PROOF_BIRTH] + met[PROOF_CONTACT] + met[PROOF_SHAREABLE] >= 2;
}

static const char *outcome_of(const LinkBase *b, const LinkWeighed *w)
{
    if (w->weight < milli(b->thresholds.review_bits) || !worth_asking(w))
        return "none";
    return w->weight >= milli(b->thresholds.link_bits) && may_link_alone(w) ? "link" : "review";
}

/* "the same area, about 12 km apart": told to a person also where the model does not weigh it. */
static void apart_say(const LinkBase *b, uint32_t x, uint32_t y, Arena *mem, PairAspect *p)
{
    LinkWhere one = person_where(profile_rules(b->tools), link_columns_text(b->columns, ASPECT_POSTCODE, x)),
              two = person_where(profile_rules(b->tools), link_columns_text(b->columns, ASPECT_POSTCODE, y));
    const char *apart = link_where_apart(mem, one, two);
    if (apart && (p->grade == PAIR_CLOSE || p->grade == PAIR_DIFFERS))
        p->says = str_fmt(mem, "%s, %s", p->says, apart);
}

bool link_base_weigh(LinkBase *b, int64_t one, int64_t two, Arena *mem, LinkWeighed *out)
{
    const Record *x = record_at(b, one), *y = record_at(b, two);
    LinkScore best = { 0 };
    uint32_t rows[2] = { 0 };
    bool any = false;
    for (uint32_t i = 0; x && y && x != y && i < x->count; i++)
        for (uint32_t k = 0; k < y->count; k++) {
            LinkScore s;
            link_model_score(&b->model, b->columns, x->first + i, y->first + k, &s);
            if (!any || s.weight_bits > best.weight_bits) {
                best = s;
                rows[0] = x->first + i;
                rows[1] = y->first + k;
            }
            any = true;
        }
    if (!any)
        return false;
    *out = (LinkWeighed){ .weight = milli(best.weight_bits),
                          .prior = milli(best.prior_bits),
                          .withheld = milli(best.withheld_bits),
                          .overlap = milli(best.overlap_bits) };
    aspects_say(&best, out);
    apart_say(b, rows[0], rows[1], mem, &out->aspects[ASPECT_POSTCODE]);
    out->reason = reason_of(mem, out);
    out->outcome = outcome_of(b, out);
    return true;
}

bool link_base_weigh_outside(LinkBase *b, LinkOutside kind, int64_t record, int64_t id, Arena *mem,
                             LinkWeighed *out)
{
    if (!link_base_weigh(b, record, outside_number(kind, id), mem, out))
        return false;
    if (str_same(out->outcome, "link"))
        out->outcome = "review";
    return true;
}
