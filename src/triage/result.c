/* result.c: what the sets say of the files, and the counts of it. */
#include <stdlib.h>
#include <string.h>
#include "match/grades.h"
#include "triage/inside.h"

/* What one file comes to. */
typedef struct Verdict { bool known, illegal, exact, near, benign, negative, victim; } Verdict;

typedef struct Matching {
    Grades       *grades;
    Arena        *mem;
    TriageReport *out;
    size_t        cap;
    Verdict      *verdicts;
} Matching;

/* ---- matches ---- */

static bool row_new(const Matching *m, size_t from, uint32_t set, uint32_t row)
{
    for (size_t i = from; i < m->out->match_count; i++)
        if (m->out->matches[i].set == set && m->out->matches[i].row == row)
            return false;
    return true;
}

static void judge(const Matching *m, Verdict *v, const KnownEntry *e, bool exact)
{
    GradeMeaning means = grade_means(m->grades, e->scale, e->grade);
    if (e->negative || e->benign || means == GRADE_NOT_ILLEGAL) {
        v->negative = v->negative || (e->negative && exact);
        v->benign = v->benign || exact;
        return;
    }
    v->known = true;
    v->illegal = v->illegal || means == GRADE_ILLEGAL;
    v->exact = v->exact || exact;
    v->near = v->near || !exact;
    v->victim = v->victim || e->victim_identified;
}

static bool match_add(Matching *m, TriageMatch match, Err *err)
{
    KnownEntry e;
    if (!known_entry(m->out->sets[match.set].set, match.row, &e, err))
        return false;
    judge(m, &m->verdicts[match.file], &e, match.by != DIGEST_PDQ);
    *arena_push(m->mem, m->out->matches, m->out->match_count, m->cap) = match;
    return true;
}

static bool match_exact(Matching *m, uint32_t file, uint32_t set, size_t from, Err *err)
{
    const Digests *d = &m->out->files[file].digests;
    const struct { DigestKind kind; const uint8_t *at; } asked[] = {
        { DIGEST_SHA256, d->sha256 }, { DIGEST_SHA1, d->sha1 }, { DIGEST_MD5, d->md5 },
    };
    FOR_EACH (a, asked) {
        KnownHit hit;
        if (!known_find(m->out->sets[set].set, a->kind, a->at, &hit, err))
            return false;
        for (uint32_t i = 0; i < hit.count; i++) {
            uint32_t row;
            if (!known_row(m->out->sets[set].set, a->kind, hit.place + i, &row, err))
                return false;
            if (row_new(m, from, set, row) &&
                !match_add(m, (TriageMatch){ .file = file, .set = set, .row = row, .by = a->kind }, err))
                return false;
        }
    }
    return true;
}

static bool match_file(Matching *m, uint32_t file, Err *err)
{
    const TriageFile *f = &m->out->files[file];
    size_t from = m->out->match_count;
    for (uint32_t s = 0; s < m->out->set_count && f->state == TRIAGE_READ && f->size; s++)
        if (!match_exact(m, file, s, from, err))
            return false;
    for (uint32_t i = 0; i < f->near_count; i++) {
        const TriageNear *n = &f->near[i];
        if (n->set < m->out->set_count && row_new(m, from, n->set, n->row) &&
            !match_add(m, (TriageMatch){ file, n->set, n->row, DIGEST_PDQ, n->distance, n->turn, n->frames },
                       err))
            return false;
    }
    return true;
}

/* ---- counts ---- */

typedef struct Counting {
    TriageCounts *counts;
    size_t *last_file;
    Sha256 *last_content;
    size_t cap;
} Counting;

static TriageCount *count_of(Matching *m, Counting *c, const char *name, const char *of, size_t *index)
{
    TriageCounts *t = c->counts;
    for (size_t i = 0; i < t->count; i++)
        if (str_same(t->at[i].name, name) && str_same(t->at[i].of, of)) {
            *index = i;
            return &t->at[i];
        }
    *index = t->count;
    if (t->count >= c->cap) {                  /* three arrays side by side */
        size_t cap = c->cap ? c->cap * 2 : 64;
        size_t *files = arena_new(m->mem, size_t, cap);
        Sha256 *contents = arena_new(m->mem, Sha256, cap);
        if (t->count) {
            memcpy(files, c->last_file, t->count * sizeof *files);
            memcpy(contents, c->last_content, t->count * sizeof *contents);
        }
        c->last_file = files;
        c->last_content = contents;
        c->cap = cap;
    }
    TriageCount *at = arena_push(m->mem, t->at, t->count, t->cap);
    *at = (TriageCount){ .name = str_copy(m->mem, name), .of = str_copy(m->mem, of), .first = INSTANT_NONE,
                         .last = INSTANT_NONE };
    c->last_file[*index] = SIZE_MAX;
    return at;
}

static void span(Instant t, Instant *first, Instant *last)
{
    if (t == INSTANT_NONE)
        return;
    *first = *first == INSTANT_NONE || t < *first ? t : *first;
    *last = *last == INSTANT_NONE || t > *last ? t : *last;
}

static void count_one(Matching *m, Counting *c, const TriageMatch *match, const char *name, const char *of,
                      bool illegal)
{
    size_t i = 0;
    TriageCount *t = count_of(m, c, name, of, &i);
    const TriageFile *f = &m->out->files[match->file];
    if (c->last_file[i] == match->file)
        return;                                /* said twice of one file */
    t->distinct += t->files == 0 || memcmp(c->last_content[i].bytes, f->digests.sha256, 32) != 0;
    t->files++;
    t->illegal += illegal;
    t->exact += match->by != DIGEST_PDQ;
    t->near += match->by == DIGEST_PDQ;
    span(f->modified, &t->first, &t->last);
    c->last_file[i] = match->file;
    memcpy(c->last_content[i].bytes, f->digests.sha256, 32);
}

typedef struct Ordered { const TriageMatch *match; const uint8_t *content; } Ordered;

/* Content by content, so that each is counted once; within one file exact matches first. */
static int by_content(const void *a, const void *b)
{
    const Ordered *x = a, *y = b;
    int c = memcmp(x->content, y->content, 32);
    if (c == 0)
        c = (x->match->file > y->match->file) - (x->match->file < y->match->file);
    return c ? c : (x->match > y->match) - (x->match < y->match);
}

static int by_of_and_name(const void *a, const void *b)
{
    const TriageCount *x = a, *y = b;
    int c = strcmp(x->of, y->of);
    return c ? c : strcmp(x->name, y->name);
}

static void counts_sort(TriageCounts *c)
{
    if (c->count)
        qsort(c->at, c->count, sizeof *c->at, by_of_and_name);
}

static bool counts_make(Matching *m, Err *err)
{
    TriageReport *out = m->out;
    Ordered *order = arena_new(m->mem, Ordered, out->match_count + 1);
    Counting grade = { .counts = &out->by_grade }, set = { .counts = &out->by_set },
             series = { .counts = &out->by_series };
    for (size_t i = 0; i < out->match_count; i++)
        order[i] = (Ordered){ &out->matches[i], out->files[out->matches[i].file].digests.sha256 };
    if (out->match_count)
        qsort(order, out->match_count, sizeof *order, by_content);
    for (size_t i = 0; i < out->match_count; i++) {
        const TriageMatch *match = order[i].match;
        KnownEntry e;
        if (!known_entry(out->sets[match->set].set, match->row, &e, err))
            return false;
        if (e.benign || e.negative || m->verdicts[match->file].negative)
            continue;
        bool illegal = grade_means(m->grades, e.scale, e.grade) == GRADE_ILLEGAL;
        count_one(m, &grade, match, e.grade, e.scale, illegal);
        count_one(m, &set, match, out->sets[match->set].name, out->sets[match->set].version, illegal);
        if (*e.series)
            count_one(m, &series, match, e.series, "", illegal);
    }
    counts_sort(&out->by_grade);
    counts_sort(&out->by_set);
    counts_sort(&out->by_series);
    return true;
}

static int by_digest(const void *a, const void *b)
{
    return memcmp(*(const uint8_t *const *)a, *(const uint8_t *const *)b, 32);
}

static uint64_t distinct_known(Matching *m)
{
    const uint8_t **of = arena_new(m->mem, const uint8_t *, m->out->file_count + 1);
    size_t n = 0;
    uint64_t distinct = 0;
    for (size_t i = 0; i < m->out->file_count; i++)
        if (m->verdicts[i].known && !m->verdicts[i].negative)
            of[n++] = m->out->files[i].digests.sha256;
    if (n)
        qsort(of, n, sizeof *of, by_digest);
    for (size_t i = 0; i < n; i++)
        distinct += i == 0 || memcmp(of[i], of[i - 1], 32) != 0;
    return distinct;
}

static void totals_make(Matching *m, uint32_t *unmatched, size_t *count)
{
    TriageTotals *t = &m->out->totals;
    t->first = t->last = INSTANT_NONE;
    for (size_t i = 0; i < m->out->file_count; i++) {
        const TriageFile *f = &m->out->files[i];
        const Verdict *v = &m->verdicts[i];
        if (v->negative) {
            t->negative++;
        } else if (v->known) {
            t->known++;
            t->illegal += v->illegal;
            t->near_only += !v->exact;
            t->victims_identified += v->victim;
            span(f->modified, &t->first, &t->last);
        } else if (v->benign) {
            t->benign++;
        } else if (f->media == MEDIA_VIDEO) {
            t->unmatched_videos++;
        } else if (f->media != MEDIA_NONE) {
            t->unmatched_pictures++;
            if (f->hashed && f->quality >= PDQ_QUALITY_MIN)
                unmatched[(*count)++] = (uint32_t)i;
        }
    }
    t->unclustered = t->unmatched_pictures - *count;
    t->known_distinct = distinct_known(m);
}

bool result_match(const TriageOptions *o, const Sets *sets, Arena *mem, TriageReport *out, Err *err)
{
    Matching m = { .mem = mem, .out = out };
    uint32_t *unmatched = arena_new(mem, uint32_t, out->file_count + 1);
    size_t count = 0;
    (void)o;
    m.verdicts = arena_new(mem, Verdict, out->file_count + 1);
    out->cluster = arena_new(mem, uint32_t, out->file_count + 1);
    if (!grades_load(mem, &m.grades, err))
        return false;
    for (size_t i = 0; i < out->file_count; i++)
        if (!match_file(&m, (uint32_t)i, err))
            return false;
    totals_make(&m, unmatched, &count);
    if (!counts_make(&m, err) || !clusters_find(mem, out, unmatched, count, sets->distance, err))
        return false;
    out->totals.clusters = out->cluster_count;
    out->totals.largest_cluster = out->cluster_count ? out->cluster_sizes[0] : 0;
    return true;
}
