/* known_compare.c: two sets side by side, and one into another.
 *
 * Both sets have their entries sorted by digests, kinds in order, so one walk over each is enough. Entries
 * with the same first digest make a group: one file. Within a group an entry before and one after are paired
 * first when alike in all but the edition, then when of one source, so that only a true change is told. */
#include "engine/known/known_format.h"

typedef struct Walk {
    const KnownSet *set;
    uint32_t        row;
    KnownEntry     *entry;                  /* the group */
    size_t          count, cap;
    DigestKind      kind;                   /* of the group's first digest; DIGEST__COUNT at the end */
    const uint8_t  *digest;
} Walk;

static const uint8_t *first_digest(const KnownEntry *e, DigestKind *kind)
{
    for (*kind = 0; *kind < DIGEST__COUNT; ++*kind)
        if (e->digest[*kind])
            return e->digest[*kind];
    return NULL;
}

/* Gathers the next group. */
static bool walk_next(Walk *w, Arena *mem, Err *err)
{
    w->count = 0;
    w->kind = DIGEST__COUNT;
    for (; w->row < known_rows(w->set); w->row++) {
        KnownEntry e;
        DigestKind kind;
        if (!known_entry(w->set, w->row, &e, err))
            return false;
        const uint8_t *digest = first_digest(&e, &kind);
        if (!digest)
            return known_altered(err);
        if (w->count && (kind != w->kind || memcmp(digest, w->digest, digest_bytes(kind)) != 0))
            break;
        w->kind = kind;
        w->digest = digest;
        *arena_push(mem, w->entry, w->count, w->cap) = e;
    }
    return true;
}

static int walk_compare(const Walk *a, const Walk *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return a->kind == DIGEST__COUNT ? 0 : memcmp(a->digest, b->digest, digest_bytes(a->kind));
}

static bool same_digests(const KnownEntry *a, const KnownEntry *b)
{
    for (DigestKind k = 0; k < DIGEST__COUNT; k++)
        if (!a->digest[k] != !b->digest[k]
            || (a->digest[k] && memcmp(a->digest[k], b->digest[k], digest_bytes(k)) != 0))
            return false;
    return true;
}

static bool same_grade(const KnownEntry *a, const KnownEntry *b)
{
    return str_same(a->grade, b->grade) && str_same(a->scale, b->scale) && a->benign == b->benign
        && a->negative == b->negative;
}

static bool alike(const KnownEntry *a, const KnownEntry *b)
{
    return str_same(a->source, b->source) && same_grade(a, b) && str_same(a->series, b->series)
        && a->votes == b->votes && a->trusted == b->trusted && a->victim_identified == b->victim_identified
        && a->first_seen == b->first_seen && a->pdq_quality == b->pdq_quality && same_digests(a, b);
}

static bool same_source_and_grade(const KnownEntry *a, const KnownEntry *b)
{
    return str_same(a->source, b->source) && same_grade(a, b);
}

static bool same_source(const KnownEntry *a, const KnownEntry *b) { return str_same(a->source, b->source); }

typedef struct Diff {
    Walk             before, after;
    KnownDiffSeen   *seen;
    void            *ctx;
    KnownDiffCounts *counts;
    bool            *paired;                /* entries of `after` in the group */
    size_t           paired_cap;
} Diff;

static bool tell(Diff *d, KnownChange change, const KnownEntry *before, const KnownEntry *after)
{
    uint64_t *count[] = { [KNOWN_ADDED] = &d->counts->added, [KNOWN_REMOVED] = &d->counts->removed,
                          [KNOWN_REGRADED] = &d->counts->regraded, [KNOWN_CHANGED] = &d->counts->changed };
    ++*count[change];
    return !d->seen || d->seen(d->ctx, change, before, after);
}

/* Pairs what is left of one group by one likeness. Entries of `before` that find no pair stay at the front.
 */
static bool pair_up(Diff *d, bool (*likeness)(const KnownEntry *, const KnownEntry *), int change)
{
    Walk *b = &d->before, *a = &d->after;
    size_t left = 0, from = 0;
    for (size_t i = 0; i < b->count; i++) {
        size_t j = from;
        while (j < a->count && (d->paired[j] || !likeness(&b->entry[i], &a->entry[j])))
            j++;
        if (j == a->count) {
            b->entry[left++] = b->entry[i];
            continue;
        }
        d->paired[j] = true;
        while (from < a->count && d->paired[from])
            from++;
        if (change < 0)
            d->counts->same++;
        else if (!tell(d, (KnownChange)change, &b->entry[i], &a->entry[j]))
            return false;
    }
    b->count = left;
    return true;
}

static bool diff_group(Diff *d, Arena *mem)
{
    if (d->paired_cap < d->after.count) {
        d->paired_cap = d->after.cap;
        d->paired = arena_new(mem, bool, d->paired_cap);
    }
    memset(d->paired, 0, d->after.count * sizeof *d->paired);
    if (!pair_up(d, alike, -1) || !pair_up(d, same_source_and_grade, KNOWN_CHANGED)
        || !pair_up(d, same_source, KNOWN_REGRADED))
        return false;
    for (size_t i = 0; i < d->before.count; i++)
        if (!tell(d, KNOWN_REMOVED, &d->before.entry[i], NULL))
            return false;
    for (size_t j = 0; j < d->after.count; j++)
        if (!d->paired[j] && !tell(d, KNOWN_ADDED, NULL, &d->after.entry[j]))
            return false;
    return true;
}

static bool tell_all(Diff *d, const Walk *w, KnownChange change)
{
    for (size_t i = 0; i < w->count; i++)
        if (!tell(d, change, change == KNOWN_REMOVED ? &w->entry[i] : NULL,
                  change == KNOWN_ADDED ? &w->entry[i] : NULL))
            return false;
    return true;
}

bool known_diff(const KnownSet *before, const KnownSet *after, KnownDiffSeen *seen, void *ctx,
                KnownDiffCounts *counts, Err *err)
{
    CLEANUP(arena_done) Arena mem = {0};
    Diff d = {
        .before = { .set = before }, .after = { .set = after }, .seen = seen, .ctx = ctx, .counts = counts
    };
    *counts = (KnownDiffCounts){0};
    if (!walk_next(&d.before, &mem, err) || !walk_next(&d.after, &mem, err))
        return false;
    while (d.before.count || d.after.count) {
        int order = walk_compare(&d.before, &d.after);
        bool go_on = order < 0   ? tell_all(&d, &d.before, KNOWN_REMOVED)
                     : order > 0 ? tell_all(&d, &d.after, KNOWN_ADDED)
                                 : diff_group(&d, &mem);
        if (!go_on)
            return true;
        if ((order <= 0 && !walk_next(&d.before, &mem, err)) ||
            (order >= 0 && !walk_next(&d.after, &mem, err)))
            return false;
    }
    return true;
}

bool known_merge(KnownBuild *into, const KnownSet *from, Err *err)
{
    for (uint32_t row = 0; row < known_rows(from); row++) {
        KnownEntry e;
        if (!known_entry(from, row, &e, err) || !known_build_add(into, &e, err))
            return err_while(err, "merging a known-file set");
    }
    return true;
}
