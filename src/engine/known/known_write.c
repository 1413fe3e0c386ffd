/* known_write.c: lays a set out from sorted records.
 *
 * The records come once, in order, and give the lead's table and every column by row; digests of the other
 * kinds go through a sort of their own, each with its row, and give their tables next. Where all records are
 * in memory still, that sort is of references to them. Only what must be read again (dictionaries, one window
 * of rows) is held in memory beside, the rest waits in files. */
#include <stdlib.h>
#include "engine/known/known_build.h"

/* Grades met among entries that share a digest, one on each scale, so that a second one is noticed at once
 * however many entries there are. */
typedef struct Grades {
    uint32_t *group_of_scale, *grade_of_scale;      /* by number of text */
    uint32_t  group;
    bool      any, benign, conflict;
} Grades;

/* Digests of one kind where they are, each with its row: pairs, and as much room again. */
typedef struct Refs { Pair *at; size_t n; } Refs;

/* Numbers on their way into columns, which are filled one at a time. */
enum { COLUMNS = PART_QUALITY - PART_LABEL + 1, BATCH = 512, AHEAD = 12 };
typedef struct Batch { uint32_t number[COLUMNS][BATCH], n; } Batch;

/* Entries that share a digest: the first place, row and label, and how many. */
typedef struct Group { uint32_t place, row, label, count; bool same_lead; } Group;

typedef struct Writer {
    KnownBuild *b;
    Arena       mem;
    Out         out;
    NamesOrder  order;
    SpoolRoom   room;
    Packer      column[PART__COUNT];                /* PART_LABEL .. PART_QUALITY */
    Sort       *sort[DIGEST__COUNT];
    Refs        refs[DIGEST__COUNT];
    const uint8_t *records;                         /* what they count from; NULL: there are none */
    Pages       refs_pages;
    uint32_t   *places;                             /* with them: row -> place + 1, of the kind written */
    Batch       batch;
    DigestKind  lead;
    Grades      grades;
    Spool       conflicts;
    uint64_t    conflict_count, entries;
    uint64_t   *label_entries, lead_digests, series;
    bool       *series_met;                         /* by number of text */
    const uint8_t *before, *lead_before;            /* the record before, its lead's digest; NULL: none */
    uint8_t     before_kept[2][SORT_RECORD_MAX];    /* where merging does not keep it */
    uint8_t     digest_before[144];
    Group       group;
    Row         common;                             /* of entries alike in all but their digest */
    Map         visible;
    Packer      rows;                               /* of the kind being written */
    DigestKind  kind;
    uint64_t    kind_digests, expected;
} Writer;

/* ---- Conflicts ------------------------------------------------------------------------------------------
 */

static void grades_begin(Grades *g)
{
    g->group++;
    g->any = g->conflict = false;
}

static void grades_add(Grades *g, const KnownStoredLabel *label)
{
    bool benign = label->flags & LABEL_BENIGN;
    g->conflict |= g->any && benign != g->benign;
    g->any = true;
    g->benign = benign;
    if (!label->grade)
        return;
    if (g->group_of_scale[label->scale] == g->group)
        g->conflict |= g->grade_of_scale[label->scale] != label->grade;
    g->group_of_scale[label->scale] = g->group;
    g->grade_of_scale[label->scale] = label->grade;
}

static bool conflict_note(Writer *w, DigestKind kind, Err *err)
{
    KnownStoredConflict c = { kind, w->group.place };
    if (!w->grades.conflict)
        return true;
    w->conflict_count++;
    return spool_add(&w->conflicts, &c, sizeof c, err);
}

/* ---- Rows -----------------------------------------------------------------------------------------------
 */

static uint64_t shifted(int64_t value, const Range *r, bool given)
{
    return given ? (uint64_t)(value - r->least) + 1 : 0;
}

static bool columns_flush(Writer *w, Err *err)
{
    for (size_t c = 0; c < COLUMNS; c++)
        if (!pack_many(&w->column[PART_LABEL + c], w->batch.number[c], w->batch.n, err))
            return false;
    w->batch.n = 0;
    return true;
}

static inline bool row_columns(Writer *w, const Row *row, Err *err)
{
    const KnownBuild *b = w->b;
    const uint32_t i = w->batch.n++;
    w->label_entries[row->head.label]++;
    w->series_met[row->series] = true;
    w->batch.number[0][i] = w->order.label_rank[row->head.label];
    w->batch.number[1][i] = w->order.text_rank[row->series];
    w->batch.number[2][i] = (uint32_t)shifted(row->votes, &b->votes, row->head.has & HAS_VOTES);
    w->batch.number[3][i] = (uint32_t)shifted(row->seen, &b->seen, row->head.has & HAS_SEEN);
    w->batch.number[4][i] = (uint32_t)shifted(row->quality, &b->quality, row->head.has & HAS_QUALITY);
    return i + 1 < BATCH || columns_flush(w, err);
}

static bool lead_group_end(Writer *w, Err *err)
{
    return w->group.count < 2 || conflict_note(w, w->lead, err);
}

/* Grades are only compared from the second entry of a digest on. `near`: it may be like the one before. */
static inline bool row_lead(Writer *w, const Row *row, bool near, Err *err)
{
    const uint8_t *digest = row->digest[w->lead];
    const size_t bytes = known_bytes_of[w->lead];
    Group *g = &w->group;
    if (!digest)
        return true;
    if (near && w->lead_before && memcmp(digest, w->lead_before, bytes) == 0) {
        if (g->count++ == 1) {
            grades_begin(&w->grades);
            grades_add(&w->grades, &w->b->names.label[g->label]);
        }
        grades_add(&w->grades, &w->b->names.label[row->head.label]);
    } else {
        if (!lead_group_end(w, err))
            return false;
        *g = (Group){ .place = (uint32_t)w->lead_digests, .label = row->head.label, .count = 1 };
    }
    w->lead_before = digest;
    w->lead_digests++;
    return out_digest(&w->out, digest, bytes, err);
}

/* Where records stay, each digest is referred to; a pair is written whether there is a digest or not, and
 * counted if there is. */
static inline void row_refs(Writer *w, const Row *row)
{
    for (DigestKind k = w->lead + 1; k < DIGEST__COUNT; k++) {
        Refs *refs = &w->refs[k];
        if (!refs->at)
            continue;
        const uint8_t *digest = row->digest[k] ? row->digest[k] : w->records;
        uint64_t at = (uint64_t)(digest - w->records);
        refs->at[refs->n] = (Pair){ known_prefix(digest), w->entries << 32 | at };
        refs->n += row->digest[k] != NULL;
    }
}

static bool row_others(Writer *w, const Row *row, Err *err)
{
    uint8_t record[144 + sizeof(uint32_t)];
    uint32_t number = __builtin_bswap32((uint32_t)w->entries);
    for (DigestKind k = w->lead + 1; k < DIGEST__COUNT; k++) {
        size_t bytes = known_bytes_of[k];
        if (!row->digest[k])
            continue;
        memcpy(record, row->digest[k], bytes);
        memcpy(record + bytes, &number, sizeof number);
        if (!sort_add(w->sort[k], record, bytes + sizeof number, err))
            return false;
    }
    return true;
}

static inline bool row_take(Writer *w, const uint8_t *record, bool near, Err *err)
{
    enum { PROGRESS_EVERY = 1 << 18 };
    Row row;
    w->before = record;
    row_read(w->b, record, &row);
    if (!row_columns(w, &row, err) || !row_lead(w, &row, near, err))
        return false;
    if (w->records)
        row_refs(w, &row);
    else if (!row_others(w, &row, err))
        return false;
    w->entries++;
    return w->entries % PROGRESS_EVERY != 0
        || known_progress(w->b, KNOWN_WRITING, w->entries, w->b->added, err);
}

static bool same_record(const uint8_t *a, const uint8_t *b)
{
    uint16_t length;
    memcpy(&length, a, sizeof length);
    return memcmp(a, b, length) == 0;
}

/* One at a time, from runs, which do not keep them. */
static bool row_seen(void *ctx, const uint8_t *record, Err *err)
{
    Writer *w = ctx;
    uint16_t length;
    if (w->before && same_record(record, w->before)) {
        w->b->counts.repeated++;
        return true;
    }
    uint8_t *kept = w->before_kept[w->before == w->before_kept[0]];
    memcpy(&length, record, sizeof length);
    memcpy(kept, record, length);
    return row_take(w, kept, true, err);
}

static bool rows_seen(void *ctx, const uint8_t *records, const Pair *p, size_t n, Err *err)
{
    enum { AHEAD_LINES = 2 };
    Writer *w = ctx;
    for (size_t i = 0; i < n; i++) {
        const uint8_t *soon = records + p[i + AHEAD < n ? i + AHEAD : i].at, *record = records + p[i].at;
        for (int line = 0; line < AHEAD_LINES; line++)
            __builtin_prefetch(soon + line * 64);
        bool near = i == 0 || p[i].prefix == p[i - 1].prefix;
        if (near && w->before && same_record(record, w->before))
            w->b->counts.repeated++;
        else if (!row_take(w, record, near, err))
            return false;
    }
    return true;
}

/* Entries alike in all but their digest: no two share one, so there is nothing to compare. */
static bool digests_seen(void *ctx, const uint8_t *digests, size_t n, Err *err)
{
    Writer *w = ctx;
    const KnownBuild *b = w->b;
    const Row *row = &w->common;
    const struct { KnownPart part; uint64_t number; } column[] = {
        { PART_LABEL, w->order.label_rank[row->head.label] },
        { PART_SERIES, w->order.text_rank[row->series] },
        { PART_VOTES, shifted(row->votes, &b->votes, row->head.has & HAS_VOTES) },
        { PART_SEEN, shifted(row->seen, &b->seen, row->head.has & HAS_SEEN) },
        { PART_QUALITY, shifted(row->quality, &b->quality, row->head.has & HAS_QUALITY) },
    };
    FOR_EACH(c, column)
        if (!pack_same(&w->column[c->part], c->number, n, err))
            return false;
    w->series_met[row->series] = true;
    w->label_entries[row->head.label] += n;
    w->lead_digests += n;
    w->entries += n;
    return out_add(&w->out, digests, n * known_bytes_of[w->lead], err)
        && known_progress(w->b, KNOWN_WRITING, w->entries, w->b->added, err);
}

/* Every entry, in order. */
static bool rows_in_order(Writer *w, Err *err)
{
    Common *c = &w->b->common;
    const SortTaker taker = { row_seen, rows_seen, w };
    if (!c->digests)
        return sort_end(w->b->rows, &taker, err);
    if (sort_runs(w->b->rows))
        return common_into_run(w->b, err) && (alike_close(&c->digests), true) &&
               sort_end(w->b->rows, &taker, err);
    row_read(w->b, c->record, &w->common);
    return alike_end(c->digests, digests_seen, w, &w->b->counts.repeated, err);
}

/* ---- The other kinds ------------------------------------------------------------------------------------
 */

static size_t length_of(size_t bytes) { return bytes + sizeof(uint32_t); }
static size_t length_20(const uint8_t *r) { (void)r; return length_of(20); }
static size_t length_32(const uint8_t *r) { (void)r; return length_of(32); }
static size_t length_144(const uint8_t *r) { (void)r; return length_of(144); }
static int compare_20(const void *c, const uint8_t *a, const uint8_t *b) { (void)c; return memcmp(a, b, 24); }
static int compare_32(const void *c, const uint8_t *a, const uint8_t *b) { (void)c; return memcmp(a, b, 36); }
static int compare_144(const void *c, const uint8_t *a, const uint8_t *b)
{
    (void)c;
    return memcmp(a, b, 148);
}

static const SortOrder kind_orders[DIGEST__COUNT] = {
    [DIGEST_SHA1]     = { length_20, known_prefix, compare_20, NULL },
    [DIGEST_SHA256]   = { length_32, known_prefix, compare_32, NULL },
    [DIGEST_PDQ]      = { length_32, known_prefix, compare_32, NULL },
    [DIGEST_PHOTODNA] = { length_144, known_prefix, compare_144, NULL },
};

static const KnownSection *section_of(const Writer *w, KnownPart part, DigestKind kind)
{
    for (uint32_t i = 0; i < w->out.header.sections; i++)
        if (w->out.header.section[i].part == part && w->out.header.section[i].kind == kind)
            return &w->out.header.section[i];
    return NULL;
}

static const uint8_t *visible_at(const Writer *w, KnownPart part, DigestKind kind)
{
    const KnownSection *s = section_of(w, part, kind);
    return s ? w->visible.at + s->at : NULL;
}

static const KnownStoredLabel *label_of_row(const Writer *w, uint32_t row)
{
    uint32_t width = w->column[PART_LABEL].width;
    uint64_t rank = width ? known_bits_at(visible_at(w, PART_LABEL, 0), width, row) : 0;
    return &w->b->names.label[w->order.label_order[rank]];
}

/* Do the two rows have the same digest of the lead? Then their conflict has been found there. */
static bool same_lead(const Writer *w, uint32_t a, uint32_t b)
{
    const uint8_t *digests = visible_at(w, PART_DIGESTS, w->lead);
    size_t bytes = known_bytes_of[w->lead];
    return a < w->lead_digests && b < w->lead_digests
        && memcmp(digests + a * bytes, digests + b * bytes, bytes) == 0;
}

static bool exact_kind(DigestKind kind)
{
    return kind == DIGEST_MD5 || kind == DIGEST_SHA1 || kind == DIGEST_SHA256;
}

static bool group_end(Writer *w, Err *err)
{
    return w->group.count < 2 || w->group.same_lead || conflict_note(w, w->kind, err);
}

/* `same`: the digest is that of the row before. */
static bool group_add(Writer *w, bool same, uint32_t row, Err *err)
{
    Group *g = &w->group;
    if (!same) {
        if (!group_end(w, err))
            return false;
        *g = (Group){ .place = (uint32_t)w->kind_digests, .row = row, .count = 1, .same_lead = true };
        return true;
    }
    if (g->count++ == 1) {
        grades_begin(&w->grades);
        grades_add(&w->grades, label_of_row(w, g->row));
    }
    grades_add(&w->grades, label_of_row(w, row));
    g->same_lead = g->same_lead && same_lead(w, g->row, row);
    return true;
}

static bool digest_seen(void *ctx, const uint8_t *record, Err *err)
{
    Writer *w = ctx;
    const size_t bytes = known_bytes_of[w->kind];
    uint32_t row;
    memcpy(&row, record + bytes, sizeof row);
    row = __builtin_bswap32(row);
    bool same = w->kind_digests && memcmp(record, w->digest_before, bytes) == 0;
    if (exact_kind(w->kind) && !group_add(w, same, row, err))
        return false;
    memcpy(w->digest_before, record, bytes);
    w->kind_digests++;
    return out_digest(&w->out, record, bytes, err) && pack(&w->rows, row, err);
}

static int compare_digests(const void *writer, const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, known_bytes_of[((const Writer *)writer)->kind]);
}

/* Once for each size of digest, so that it is known when compiling. */
static inline __attribute__((always_inline)) bool refs_take(Writer *w, const PairOrder *order, Refs *refs,
                                                            bool exact, const size_t bytes, Err *err)
{
    Pair *p = refs->at;
    uint32_t rows[BATCH];
    const uint8_t *before = NULL;
    for (size_t i = 0; i < refs->n; i++) {
        const uint8_t *soon = pair_record(order, &p[i + AHEAD < refs->n ? i + AHEAD : i]);
        for (size_t at = 0; at < bytes; at += 64)
            __builtin_prefetch(soon + at);
        __builtin_prefetch(soon + bytes - 1);
        const uint8_t *digest = pair_record(order, &p[i]);
        uint32_t row = (uint32_t)(p[i].at >> 32);
        bool same = before && p[i].prefix == p[i - 1].prefix && memcmp(digest, before, bytes) == 0;
        if (exact && !group_add(w, same, row, err))
            return false;
        before = digest;
        w->kind_digests++;
        rows[i % BATCH] = row;
        w->places[row] = (uint32_t)i + 1;
        p[i].at = digest[KNOWN_MARK_BYTE];
        if (!out_digest(&w->out, digest, bytes, err) ||
            (i % BATCH == BATCH - 1 && !pack_many(&w->rows, rows, BATCH, err)))
            return false;
    }
    return pack_many(&w->rows, rows, refs->n % BATCH, err);
}

/* Leaves of each what the lines and the way back from a row need. */
static bool refs_in_order(Writer *w, Refs *refs, Err *err)
{
    const PairOrder order = { compare_digests, w, w->records, true };
    refs->at = pairs_sort(&order, refs->at, refs->at + refs->n, refs->n, 0);
    memset(w->places, 0, w->entries * sizeof *w->places);
    switch (w->kind) {
    case DIGEST_SHA1:     return refs_take(w, &order, refs, true, 20, err);
    case DIGEST_SHA256:   return refs_take(w, &order, refs, true, 32, err);
    case DIGEST_PHOTODNA: return refs_take(w, &order, refs, false, 144, err);
    default:              return refs_take(w, &order, refs, false, 32, err);
    }
}

static bool write_lines_piece(void *ctx, const void *at, size_t len, Err *err)
{
    return out_add(ctx, at, len, err);
}

static bool lines_of_refs(LineMaker *m, const Refs *refs, Err *err)
{
    for (size_t i = 0; i < refs->n; i++)
        if (!lines_take(m, refs->at[i].prefix, (uint8_t)refs->at[i].at, err))
            return false;
    return true;
}

/* The digests are read back a piece at a time: mapping them would cost a fault for every few pages. */
static bool lines_of_file(LineMaker *m, Writer *w, DigestKind kind, uint64_t n, Err *err)
{
    enum { PIECE = 1024 };
    const size_t bytes = known_bytes_of[kind];
    const KnownSection *s = section_of(w, PART_DIGESTS, kind);
    uint8_t *piece = arena_new(&w->mem, uint8_t, PIECE * bytes);
    for (uint64_t from = 0; from < n; from += PIECE) {
        size_t some = n - from < PIECE ? (size_t)(n - from) : PIECE;
        if (!out_read(&w->out, s->at + from * bytes, piece, some * bytes, err))
            return false;
        for (size_t i = 0; i < some; i++)
            if (!lines_take(m, known_prefix(piece + i * bytes), piece[i * bytes + KNOWN_MARK_BYTE], err))
                return false;
    }
    return true;
}

static bool write_lines(Writer *w, DigestKind kind, uint64_t n, Err *err)
{
    LineMaker *m = arena_new(&w->mem, LineMaker, 1);
    KnownSection *s = out_section(&w->out, PART_LINES, kind);
    lines_begin(m, n, write_lines_piece, &w->out);
    return (w->refs[kind].n ? lines_of_refs(m, &w->refs[kind], err) : lines_of_file(m, w, kind, n, err))
        && lines_end(m, err) && out_section_end(&w->out, s, known_line_count(n), err);
}

static bool write_packer(Writer *w, Packer *p, KnownPart part, DigestKind kind, int64_t bias, Err *err)
{
    KnownSection *s = out_section(&w->out, part, kind);
    s->width = p->width;
    s->bias = bias;
    bool ok =
        pack_end(p, err) && spool_into(&p->spool, &w->out, err) && out_section_end(&w->out, s, p->count, err);
    spool_done(&p->spool);
    return ok;
}

static bool write_back_of_refs(Writer *w, DigestKind kind, Err *err)
{
    Packer back = { .width = known_width(w->kind_digests) };
    spool_begin(&back.spool, &w->room);
    bool ok = true;
    for (uint64_t row = 0; row < w->entries && ok; row += BATCH)
        ok = pack_many(&back, w->places + row, w->entries - row < BATCH ? w->entries - row : BATCH, err);
    ok = ok && write_packer(w, &back, PART_BACK, kind, 0, err);
    spool_done(&back.spool);
    return ok;
}

/* Row -> place + 1, a window of rows at a time. */
static bool write_back(Writer *w, DigestKind kind, Err *err)
{
    CLEANUP(map_done) Map map = {0};
    if (!out_visible(&w->out, &map, err))
        return false;
    w->visible = map;
    const uint8_t *rows = visible_at(w, PART_ROWS, kind);
    uint32_t width = w->rows.width;
    size_t window = w->b->options.budget_bytes / 8 / sizeof(uint32_t);
    window = window > w->entries ? w->entries : window < 1024 ? 1024 : window;
    Pages pages = pages_new(window * sizeof(uint32_t));
    uint32_t *after = (uint32_t *)(void *)pages.at;
    Packer back = { .width = known_width(w->kind_digests) };
    spool_begin(&back.spool, &w->room);
    bool ok = true;
    for (uint64_t from = 0; from < w->entries && ok; from += window) {
        uint64_t count = w->entries - from < window ? w->entries - from : window;
        memset(after, 0, count * sizeof *after);
        for (uint64_t place = 0; place < w->kind_digests; place++) {
            uint64_t row = width ? known_bits_at(rows, width, place) : 0;
            if (row - from < count)
                after[row - from] = (uint32_t)place + 1;
        }
        for (uint64_t i = 0; i < count && ok; i++)
            ok = pack(&back, after[i], err);
    }
    pages_done(&pages);
    ok = ok && write_packer(w, &back, PART_BACK, kind, 0, err);
    spool_done(&back.spool);
    return ok;
}

static bool write_kind_sorted(Writer *w, DigestKind kind, Err *err)
{
    CLEANUP(map_done) Map map = {0};
    if (!out_visible(&w->out, &map, err))
        return false;
    w->visible = map;                       /* label and lead of rows that share a digest */
    KnownSection *s = out_section(&w->out, PART_DIGESTS, kind);
    if (!(w->records ? refs_in_order(w, &w->refs[kind], err)
                     : sort_end(w->sort[kind], &(SortTaker){ .seen = digest_seen, .ctx = w }, err)))
        return false;
    if (exact_kind(kind) && !group_end(w, err))
        return false;
    return out_section_end(&w->out, s, w->kind_digests, err);
}

static bool write_kind(Writer *w, DigestKind kind, Err *err)
{
    w->kind = kind;
    w->kind_digests = 0;
    w->group = (Group){0};
    w->rows = (Packer){ .width = known_width(w->entries - 1) };
    spool_begin(&w->rows.spool, &w->room);
    bool ok = write_kind_sorted(w, kind, err);
    sort_close(&w->sort[kind]);
    ok = ok && write_packer(w, &w->rows, PART_ROWS, kind, 0, err) &&
         write_lines(w, kind, w->kind_digests, err) &&
         (w->records ? write_back_of_refs(w, kind, err) : write_back(w, kind, err));
    spool_done(&w->rows.spool);
    w->out.header.digests[kind] = w->kind_digests;
    return ok;
}

/* ---- Names and the whole ------------------------------------------------------------------------------- */

static bool write_labels(Writer *w, Err *err)
{
    const Names *names = &w->b->names;
    KnownSection *s = out_section(&w->out, PART_LABELS, 0);
    for (uint32_t i = 0; i < names->labels; i++) {
        KnownStoredLabel l = names->label[w->order.label_order[i]];
        l.source = w->order.text_rank[l.source];
        l.version = w->order.text_rank[l.version];
        l.grade = w->order.text_rank[l.grade];
        l.scale = w->order.text_rank[l.scale];
        l.entries = w->label_entries[w->order.label_order[i]];
        if (!out_add(&w->out, &l, sizeof l, err))
            return false;
    }
    return out_section_end(&w->out, s, names->labels, err);
}

static bool write_texts(Writer *w, Err *err)
{
    const Names *names = &w->b->names;
    KnownSection *s = out_section(&w->out, PART_TEXTS, 0);
    uint32_t *offsets = arena_new(&w->mem, uint32_t, names->texts), at = 0;
    for (uint32_t i = 0; i < names->texts; i++) {
        const char *text = names->text[w->order.text_order[i]];
        uint32_t len = (uint32_t)strlen(text) + 1;
        offsets[i] = at;
        at += len;
        if (!out_add(&w->out, text, len, err))
            return false;
    }
    if (!out_section_end(&w->out, s, at, err))
        return false;
    s = out_section(&w->out, PART_OFFSETS, 0);
    return out_add(&w->out, offsets, names->texts * sizeof *offsets, err)
        && out_section_end(&w->out, s, names->texts, err);
}

static bool write_conflicts(Writer *w, Err *err)
{
    KnownSection *s = out_section(&w->out, PART_CONFLICTS, 0);
    return spool_into(&w->conflicts, &w->out, err) && out_section_end(&w->out, s, w->conflict_count, err);
}

static uint64_t width_of(const Range *r)
{
    return r->least > r->most ? 0 : (uint64_t)(r->most - r->least) + 1;
}

/* When the records stay in memory, and there is room for a few bytes for each of their digests. */
static bool refs_begin(Writer *w)
{
    const KnownBuild *b = w->b;
    uint64_t pairs = 0, places = (b->added + 3) / 4 * 4 * sizeof(uint32_t);
    size_t within = 0;
    for (DigestKind k = w->lead + 1; k < DIGEST__COUNT; k++)
        pairs += b->digests[k] ? b->digests[k] * 2 + 1 : 0;
    const uint8_t *records = sort_records(b->rows, &within);
    uint64_t bytes = places + pairs * sizeof(Pair);
    if (b->common.digests || sort_runs(b->rows) || within > UINT32_MAX
        || bytes > b->options.budget_bytes / 4)
        return false;
    w->records = records;
    w->refs_pages = pages_new(bytes);
    w->places = (uint32_t *)(void *)w->refs_pages.at;
    Pair *at = (Pair *)(void *)(w->refs_pages.at + places);
    for (DigestKind k = w->lead + 1; k < DIGEST__COUNT; k++)
        if (b->digests[k]) {
            w->refs[k].at = at;
            at += b->digests[k] * 2 + 1;
        }
    return true;
}

static void writer_begin(Writer *w, KnownBuild *b)
{
    const Names *names = &b->names;
    int others = 0;
    w->b = b;
    w->out.fd = -1;
    w->room.beside = b->path;
    w->order = names_order(names, &w->mem);
    w->label_entries = arena_new(&w->mem, uint64_t, names->labels + 1);
    w->series_met = arena_new(&w->mem, bool, names->texts);
    w->grades.group_of_scale = arena_new(&w->mem, uint32_t, names->texts);
    w->grades.grade_of_scale = arena_new(&w->mem, uint32_t, names->texts);
    const uint64_t most[PART__COUNT] = {
        [PART_LABEL] = names->labels ? names->labels - 1 : 0,
        [PART_SERIES] = b->any_series ? names->texts - 1 : 0,
        [PART_VOTES] = width_of(&b->votes),
        [PART_SEEN] = width_of(&b->seen),
        [PART_QUALITY] = width_of(&b->quality),
    };
    for (KnownPart p = PART_LABEL; p <= PART_QUALITY; p++) {
        w->column[p].width = known_width(most[p]);
        spool_begin(&w->column[p].spool, &w->room);
    }
    spool_begin(&w->conflicts, &w->room);
    spool_begin(&w->rows.spool, &w->room);
    w->lead = 0;
    while (w->lead + 1 < DIGEST__COUNT && !b->digests[w->lead])
        w->lead++;
    for (DigestKind k = w->lead + 1; k < DIGEST__COUNT; k++)
        others += b->digests[k] > 0;
    if (refs_begin(w))
        return;
    for (DigestKind k = w->lead + 1; k < DIGEST__COUNT; k++)
        if (b->digests[k])
            w->sort[k] = sort_new(&kind_orders[k], str_fmt(&w->mem, "%s.part.%d", b->path, k),
                                  b->options.budget_bytes / 4 / (size_t)others, &w->mem);
}

static void writer_done(Writer *w)
{
    out_done(&w->out);
    for (KnownPart p = PART_LABEL; p <= PART_QUALITY; p++)
        spool_done(&w->column[p].spool);
    spool_done(&w->conflicts);
    spool_done(&w->rows.spool);
    for (DigestKind k = 0; k < DIGEST__COUNT; k++)
        sort_close(&w->sort[k]);
    pages_done(&w->refs_pages);
    pages_done(&w->room.pages);
    arena_done(&w->mem);
}

static bool write_rows(Writer *w, Err *err)
{
    KnownSection *s = w->b->digests[w->lead] ? out_section(&w->out, PART_DIGESTS, w->lead) : NULL;
    bool ok = rows_in_order(w, err) && columns_flush(w, err);
    for (uint32_t i = 1; i < w->b->names.texts; i++)
        w->series += w->series_met[i];
    if (!w->records)
        sort_close(&w->b->rows);
    alike_close(&w->b->common.digests);
    if (!ok || !lead_group_end(w, err)
        || (s && !out_section_end(&w->out, s, w->lead_digests, err)))
        return false;
    w->out.header.digests[w->lead] = w->lead_digests;
    const int64_t bias[PART__COUNT] = { [PART_VOTES] = w->b->votes.least, [PART_SEEN] = w->b->seen.least,
                                        [PART_QUALITY] = w->b->quality.least };
    for (KnownPart p = PART_LABEL; p <= PART_QUALITY; p++)
        if (!write_packer(w, &w->column[p], p, 0, w->column[p].width ? bias[p] : 0, err))
            return false;
    return !s || write_lines(w, w->lead, w->lead_digests, err);
}

static void fill_header(Writer *w)
{
    KnownHeader *h = &w->out.header;
    const KnownBuildOptions *o = &w->b->options;
    const KnownCounts *c = &w->b->counts;
    h->made = o->made;
    h->entries = w->entries;
    h->conflicts = w->conflict_count;
    h->series = w->series;
    h->repeated = c->repeated;
    h->empty_ignored = c->empty_ignored;
    h->without_digest = c->without_digest;
    memcpy(h->name, o->name ? o->name : "", o->name ? strlen(o->name) : 0);
    memcpy(h->version, o->version ? o->version : "", o->version ? strlen(o->version) : 0);
    for (uint32_t i = 0; i < h->sections; i++)
        h->lookup_bytes += h->section[i].part <= PART_ROWS ? h->section[i].bytes : 0;
}

static void fill_counts(const Writer *w)
{
    KnownCounts *c = &w->b->counts;
    const KnownHeader *h = &w->out.header;
    c->entries = h->entries;
    c->conflicts = h->conflicts;
    c->file_bytes = h->file_bytes;
    c->lookup_bytes = h->lookup_bytes;
    c->root = h->root;
    memcpy(c->digests, h->digests, sizeof h->digests);
}

bool known_write(KnownBuild *b, Err *err)
{
    CLEANUP(writer_done) Writer w = {0};
    writer_begin(&w, b);
    if (!known_progress(b, KNOWN_SORTING, 0, b->added, err) || !out_begin(&w.out, b->path, err)
        || !write_rows(&w, err))
        return false;
    for (DigestKind k = w.lead + 1; k < DIGEST__COUNT; k++)
        if ((w.sort[k] || w.refs[k].n) && !write_kind(&w, k, err))
            return false;
    if (!known_progress(b, KNOWN_SUMMING, w.entries, w.entries, err) || !write_labels(&w, err)
        || !write_texts(&w, err) || !write_conflicts(&w, err))
        return false;
    fill_header(&w);
    if (!out_end(&w.out, err))
        return false;
    fill_counts(&w);
    return true;
}
