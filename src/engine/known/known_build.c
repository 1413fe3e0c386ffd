/* known_build.c: takes entries in. Each becomes one small record, sorted by known_sort.c on its digests
 * first, so that what comes out is the table of the set's lead digest with its rows in the same order. */
#include "engine/known/known_build.h"

enum { PROGRESS_EVERY = 1 << 18 };

static size_t row_length(const uint8_t *record)
{
    uint16_t length;
    memcpy(&length, record, sizeof length);
    return length;
}

/* The kind of the first digest, then its first 61 bits. */
static uint64_t row_prefix(const uint8_t *record)
{
    uint64_t kind = (uint64_t)__builtin_ctz(record[offsetof(RowHead, kinds)]);
    const uint8_t *first = record + row_digests_at(record[offsetof(RowHead, has)]);
    return kind << 61 | known_prefix(first) >> 3;
}

static void shapes_make(RowShape *shape)
{
    for (uint32_t kinds = 0; kinds < 1u << DIGEST__COUNT; kinds++) {
        size_t at = 0;
        for (DigestKind k = 0; k < DIGEST__COUNT; k++)
            if (kinds >> k & 1) {
                shape[kinds].after[k] = (uint8_t)(at + 1);
                at += known_bytes_of[k];
            }
    }
}

static int compare_numbers(int64_t a, int64_t b) { return (a > b) - (a < b); }

static int row_compare(const void *ctx, const uint8_t *a, const uint8_t *b)
{
    const KnownBuild *build = ctx;
    Row x, y;
    row_read(build, a, &x);
    row_read(build, b, &y);
    int order = 0;
    for (DigestKind k = 0; k < DIGEST__COUNT && !order; k++)
        order = x.digest[k] && y.digest[k] ? memcmp(x.digest[k], y.digest[k], known_bytes_of[k])
                                           : !x.digest[k] - !y.digest[k];
    order = order ? order : names_compare_labels(&build->names, x.head.label, y.head.label);
    order = order ? order : names_compare_texts(&build->names, x.series, y.series);
    order = order ? order : compare_numbers(x.votes, y.votes);
    order = order ? order : compare_numbers(x.seen, y.seen);
    return order ? order : compare_numbers(x.quality, y.quality);
}

bool known_build_begin(const char *path, const KnownBuildOptions *options, Arena *mem, KnownBuild **out,
                       Err *err)
{
    KnownBuild *b = arena_new(mem, KnownBuild, 1);
    static const Range none = { INT64_MAX, INT64_MIN };
    *out = NULL;
    if ((options->name && strlen(options->name) >= KNOWN_NAME_BYTES)
        || (options->version && strlen(options->version) >= KNOWN_NAME_BYTES))
        return err_set(err, ERR_INVALID, "The set's name and version may have %d bytes.",
                       KNOWN_NAME_BYTES - 1);
    b->options = *options;
    b->options.name = str_copy(mem, options->name);
    b->options.version = str_copy(mem, options->version);
    b->options.budget_bytes = options->budget_bytes ? options->budget_bytes : (size_t)2 << 30;
    b->mem = mem;
    b->path = str_copy(mem, path);
    b->votes = b->seen = b->quality = none;
    shapes_make(b->shape);
    names_begin(&b->names, b->options.budget_bytes / 8);
    SortOrder order = { row_length, row_prefix, row_compare, b };
    b->rows = sort_new(&order, str_fmt(mem, "%s.part.rows", path), b->options.budget_bytes / 4 * 3, mem);
    *out = b;
    return true;
}

void known_build_close(KnownBuild **build)
{
    if (!*build)
        return;
    sort_close(&(*build)->rows);
    alike_close(&(*build)->common.digests);
    names_done(&(*build)->names);
    *build = NULL;
}

bool known_progress(KnownBuild *b, KnownPhase phase, uint64_t done, uint64_t of, Err *err)
{
    KnownProgress p = { phase, done, of };
    return !b->options.progress || b->options.progress(b->options.ctx, &p)
        || err_set(err, ERR_CONFLICT, "The build was stopped.");
}

static void widen(Range *r, int64_t value)
{
    r->least = value < r->least ? value : r->least;
    r->most = value > r->most ? value : r->most;
}

static bool entry_valid(const KnownEntry *e, Err *err)
{
    if (e->votes < -1)
        return err_set(err, ERR_INVALID, "The number of votes is below zero.");
    if (e->pdq_quality < -1 || e->pdq_quality > 100)
        return err_set(err, ERR_INVALID, "The PDQ quality is not from 0 to 100.");
    return true;
}

static uint8_t *put_number(uint8_t *at, int32_t number)
{
    memcpy(at, &number, sizeof number);
    return at + sizeof number;
}

/* The part of a record before its digests. */
static bool numbers_put(KnownBuild *b, const KnownEntry *e, uint8_t **at, uint8_t *has, Err *err)
{
    uint32_t series;
    if (!names_text(&b->names, e->series, &series, err))
        return false;
    if (series) {
        *at = put_number(*at, (int32_t)series);
        *has |= HAS_SERIES;
        b->any_series = true;
    }
    if (e->votes >= 0) {
        *at = put_number(*at, e->votes);
        *has |= HAS_VOTES;
        widen(&b->votes, e->votes);
    }
    if (e->first_seen != DATE_NONE) {
        *at = put_number(*at, e->first_seen);
        *has |= HAS_SEEN;
        widen(&b->seen, e->first_seen);
    }
    if (e->pdq_quality >= 0) {
        *at = put_number(*at, e->pdq_quality);
        *has |= HAS_QUALITY;
        widen(&b->quality, e->pdq_quality);
    }
    return true;
}

static bool counted(KnownBuild *b, size_t n, Err *err)
{
    uint64_t before = b->added;
    if (n > KNOWN_ENTRIES_MAX - before)
        return err_set(err, ERR_LIMIT, "A known-file set holds at most %d entries.", KNOWN_ENTRIES_MAX);
    b->added += n;
    return before / PROGRESS_EVERY == b->added / PROGRESS_EVERY ||
           known_progress(b, KNOWN_ADDING, b->added, 0, err);
}

/* ---- Entries alike in all but their digest ------------------------------------------------------------- */

typedef struct Onward { KnownBuild *b; bool into_run; } Onward;

static bool digests_onward(void *ctx, const uint8_t *digests, size_t n, Err *err)
{
    const Onward *o = ctx;
    Common *c = &o->b->common;
    const size_t bytes = known_bytes_of[c->kind], len = row_length(c->record);
    for (size_t i = 0; i < n; i++) {
        memcpy(c->record + len - bytes, digests + i * bytes, bytes);
        if (!(o->into_run ? sort_run_add(o->b->rows, c->record, err)
                          : sort_add(o->b->rows, c->record, len, err)))
            return false;
    }
    return true;
}

/* As they come out in order, they can be a run as they are. */
bool common_into_run(KnownBuild *b, Err *err)
{
    Onward on = { b, true };
    return sort_run_begin(b->rows, err) &&
           alike_end(b->common.digests, digests_onward, &on, &b->counts.repeated, err) &&
           sort_run_end(b->rows, err);
}

/* An entry is different: from here on all are rows. Many become a run, as there is no memory for both. */
bool common_into_rows(KnownBuild *b, Err *err)
{
    enum { MANY_PART = 8 };
    Common *c = &b->common;
    Onward on = { b, false };
    c->ended = true;
    if (c->alone) {
        c->alone = false;
        return sort_add(b->rows, c->record, row_length(c->record), err);
    }
    if (!c->digests)
        return true;
    bool ok = alike_count(c->digests) * known_bytes_of[c->kind] > b->options.budget_bytes / MANY_PART
                  ? common_into_run(b, err)
                  : alike_end(c->digests, digests_onward, &on, &b->counts.repeated, err);
    alike_close(&c->digests);
    return ok;
}

/* The first entry is only kept: more often than not the second is different. */
static bool common_begin(KnownBuild *b, const uint8_t *record)
{
    Common *c = &b->common;
    RowHead head;
    memcpy(&head, record, sizeof head);
    if (head.kinds & (head.kinds - 1))
        return false;
    memcpy(c->record, record, head.length);
    c->kind = (DigestKind)__builtin_ctz(head.kinds);
    return true;
}

/* Is all alike up to its digest, which is the last of a record? */
static bool common_has(const KnownBuild *b, const uint8_t *record)
{
    const uint8_t *of = b->common.record;
    return memcmp(record, of, sizeof(RowHead)) == 0 &&
           memcmp(record, of, row_length(of) - known_bytes_of[b->common.kind]) == 0;
}

static bool common_add(KnownBuild *b, const uint8_t *digests, size_t n, Err *err)
{
    const size_t bytes = known_bytes_of[b->common.kind];
    for (size_t taken; n; digests += taken * bytes, n -= taken) {
        taken = alike_add(b->common.digests, digests, n);
        if (taken < n && !common_into_run(b, err))
            return false;
    }
    return true;
}

static void common_open(KnownBuild *b)
{
    Common *c = &b->common;
    bool alone = c->alone;
    c->alone = false;
    c->digests = alike_new(c->kind, b->options.budget_bytes / 8 * 7, b->mem);
    if (alone && alike_add(c->digests, c->record + row_length(c->record) - known_bytes_of[c->kind], 1) != 1)
        assert(!"there is room for one");
}

static bool common_none(const Common *c) { return !c->ended && !c->alone && !c->digests; }

/* Can entries like this one, which has the digest of one kind, be kept as digests alone? */
static bool common_ready(KnownBuild *b, const uint8_t *record)
{
    const Common *c = &b->common;
    if (c->ended || common_none(c) || !common_has(b, record))
        return false;
    if (c->alone)
        common_open(b);
    return true;
}

/* Takes in the first of all entries, or one that is like those before; false in `taken` when it has to be a
 * row. */
static bool common_take(KnownBuild *b, const uint8_t *record, bool *taken, Err *err)
{
    *taken = true;
    if (common_ready(b, record))
        return common_add(b, record + row_length(record) - known_bytes_of[b->common.kind], 1, err);
    if (common_none(&b->common) && common_begin(b, record)) {
        b->common.alone = true;
        return true;
    }
    *taken = false;
    return common_into_rows(b, err);
}

static inline bool is_empty_file(DigestKind kind, const uint8_t *digest)
{
    static const uint8_t first[DIGEST__COUNT] = { [DIGEST_MD5] = 0xd4, [DIGEST_SHA1] = 0xda,
                                                  [DIGEST_SHA256] = 0xe3 };
    return *digest == first[kind] && digest_of_empty_file(kind, digest);
}

/* Which digests the entry brings. */
static inline uint8_t kinds_of(KnownBuild *b, const KnownEntry *e)
{
    uint32_t kinds = 0, empty = 0;
#pragma GCC unroll 8
    for (DigestKind k = 0; k < DIGEST__COUNT; k++)
        if (e->digest[k]) {
            bool none = is_empty_file(k, e->digest[k]);
            empty += none;
            kinds |= (uint32_t)!none << k;
        }
    b->counts.empty_ignored += empty;
    return (uint8_t)kinds;
}

static inline uint8_t *digests_put(KnownBuild *b, const KnownEntry *e, uint8_t *at, uint8_t kinds)
{
#pragma GCC unroll 8
    for (DigestKind k = 0; k < DIGEST__COUNT; k++)
        if (kinds >> k & 1) {
            known_digest_copy(at, e->digest[k], known_bytes_of[k]);
            at += known_bytes_of[k];
            b->digests[k]++;
        }
    return at;
}

bool known_build_add(KnownBuild *b, const KnownEntry *e, Err *err)
{
    uint8_t aside[SORT_RECORD_MAX];
    uint8_t *room = b->common.ended ? sort_room(b->rows) : NULL, *record = room ? room : aside;
    uint8_t *at = record + sizeof(RowHead);
    RowHead head = {0};
    bool taken = false;
    if (!entry_valid(e, err) || !names_label(&b->names, e, &head.label, err))
        return false;
    head.kinds = kinds_of(b, e);
    if (!head.kinds) {
        b->counts.without_digest++;
        return true;
    }
    if (!numbers_put(b, e, &at, &head.has, err))
        return false;
    at = digests_put(b, e, at, head.kinds);
    head.length = (uint16_t)(at - record);
    memcpy(record, &head, sizeof head);
    if (room)
        sort_took(b->rows, row_prefix(record), head.length);
    else if (!b->common.ended && !common_take(b, record, &taken, err))
        return false;
    else if (!taken && !sort_add(b->rows, record, head.length, err))
        return false;
    return counted(b, 1, err);
}

/* Digests up to the next of the empty file. */
static size_t until_empty(DigestKind kind, const uint8_t *digests, size_t n)
{
    const size_t bytes = known_bytes_of[kind];
    for (size_t i = 0; i < n; i++)
        if (is_empty_file(kind, digests + i * bytes))
            return i;
    return n;
}

static bool add_rows(KnownBuild *b, DigestKind kind, const uint8_t *digests, size_t n, uint8_t *record,
                     Err *err)
{
    const size_t bytes = known_bytes_of[kind], len = row_length(record);
    for (size_t i = 0; i < n; i++) {
        memcpy(record + len - bytes, digests + i * bytes, bytes);
        if (!sort_add(b->rows, record, len, err))
            return false;
    }
    return true;
}

bool known_build_add_many(KnownBuild *b, DigestKind kind, const uint8_t *digests, size_t n,
                          const KnownEntry *like, Err *err)
{
    const size_t bytes = known_bytes_of[kind];
    uint8_t record[SORT_RECORD_MAX], *at = record + sizeof(RowHead);
    RowHead head = { .kinds = (uint8_t)(1u << kind) };
    if (n == 0)
        return true;
    if (!entry_valid(like, err) || !names_label(&b->names, like, &head.label, err) ||
        !numbers_put(b, like, &at, &head.has, err))
        return false;
    head.length = (uint16_t)((size_t)(at - record) + bytes);
    memcpy(record, &head, sizeof head);
    if (common_none(&b->common) && common_begin(b, record))
        common_open(b);
    bool common = common_ready(b, record);
    if (!common && !b->common.ended && !common_into_rows(b, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        size_t some = until_empty(kind, digests + i * bytes, n - i);
        if (!(common ? common_add(b, digests + i * bytes, some, err)
                     : add_rows(b, kind, digests + i * bytes, some, record, err)) ||
            !counted(b, some, err))
            return false;
        b->digests[kind] += some;
        i += some;
        b->counts.empty_ignored += i < n;
        b->counts.without_digest += i < n;
    }
    return true;
}

bool known_build_end(KnownBuild *b, KnownCounts *counts, Err *err)
{
    if (b->ended)
        return err_set(err, ERR_BUG, "The build has already ended.");
    b->ended = true;
    if ((b->common.alone && !common_into_rows(b, err)) || !known_write(b, err))
        return err_while(err, "building a known-file set");
    *counts = b->counts;
    return true;
}
