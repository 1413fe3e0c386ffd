#include "link/evaluate/measure.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- truths */

typedef struct Label { Str text; uint32_t row; } Label;

static int by_label(const void *x, const void *y)
{
    const Label *a = x, *b = y;
    size_t       n = a->text.len < b->text.len ? a->text.len : b->text.len;
    int          order = n ? memcmp(a->text.at, b->text.at, n) : 0;
    if (!order)
        order = (a->text.len > b->text.len) - (a->text.len < b->text.len);
    return order ? order : (a->row > b->row) - (a->row < b->row);
}

static Str label_part(const char *label, int part)
{
    Str s = str_of(label);
    if (part <= 0)
        return s;
    for (size_t at = 0; at < s.len;) {
        while (at < s.len && !isalnum((unsigned char)s.at[at]))
            at++;
        size_t from = at;
        while (at < s.len && isalnum((unsigned char)s.at[at]))
            at++;
        if (--part == 0)
            return (Str){ s.at + from, at - from };
    }
    return (Str){ "", 0 };
}

/* Gives each row its person's number; returns how many different labels there are. */
static size_t number_persons(const char *const *labels, size_t rows, int part, uint32_t *person)
{
    Arena  mem = { 0 };
    Label *list = arena_new(&mem, Label, rows + 1);
    size_t persons = 0;
    for (size_t i = 0; i < rows; i++)
        list[i] = (Label){ label_part(labels[i], part), (uint32_t)i };
    qsort(list, rows, sizeof *list, by_label);
    for (size_t i = 0; i < rows; i++) {
        bool same = i && list[i].text.len && str_eq(list[i].text, list[i - 1].text);
        persons += !same;
        person[list[i].row] = (uint32_t)persons;
    }
    arena_done(&mem);
    return persons;
}

static int by_number(const void *x, const void *y)
{
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return (a > b) - (a < b);
}

/* Rows in the order of their person: each person's rows together. */
static uint64_t *rows_by_person(Arena *mem, const Truth *t)
{
    uint64_t *order = arena_new(mem, uint64_t, t->rows + 1);
    for (size_t i = 0; i < t->rows; i++)
        order[i] = (uint64_t)t->person[i] << 32 | i;
    qsort(order, t->rows, sizeof *order, by_number);
    return order;
}

static bool counts(const Truth *t, uint32_t a, uint32_t b)
{
    return !t->across_only || t->sources[a] != t->sources[b];
}

void truth_each(const Truth *t, TruthVisit *visit, void *ctx)
{
    Arena mem = { 0 };
    if (t->person) {
        uint64_t *order = rows_by_person(&mem, t);
        for (size_t i = 0; i < t->rows; i++)
            for (size_t j = i + 1; j < t->rows && order[j] >> 32 == order[i] >> 32; j++)
                if (counts(t, (uint32_t)order[i], (uint32_t)order[j]))
                    visit(ctx, (uint32_t)order[i], (uint32_t)order[j]);
    }
    for (size_t i = 0; i < t->pair_count; i++)
        if (t->same[i])
            visit(ctx, (uint32_t)(t->pairs[i] >> 32), (uint32_t)t->pairs[i]);
    arena_done(&mem);
}

static void count_one(void *ctx, uint32_t a, uint32_t b)
{
    (void)a;
    (void)b;
    ++*(uint64_t *)ctx;
}

static int part_found(const char *const *labels, size_t rows, uint32_t *person)
{
    int    best = 0;
    size_t most = 1;
    for (int part = 1; part <= 8; part++) {
        bool everywhere = true;
        for (size_t i = 0; everywhere && i < rows; i++)
            everywhere = label_part(labels[i], part).len > 0;
        size_t n = everywhere ? number_persons(labels, rows, part, person) : rows;
        if (n < rows && n > most) {
            most = n;
            best = part;
        }
    }
    return best;
}

bool truth_of_labels(Arena *mem, const char *const *labels, size_t rows, int part, const uint8_t *sources,
                     bool across_only, Truth *truth, Err *err)
{
    *truth = (Truth){ .person = arena_new(mem, uint32_t, rows + 1),
                      .sources = sources,
                      .across_only = across_only,
                      .rows = rows,
                      .part = part > 0 ? part : 0 };
    size_t persons = number_persons(labels, rows, part, truth->person);
    if (persons == rows && part < 0) {
        truth->part = part_found(labels, rows, truth->person);
        (void)number_persons(labels, rows, truth->part, truth->person);
    }
    truth_each(truth, count_one, &truth->true_pairs);
    return truth->true_pairs > 0 ||
           err_set(err, ERR_INVALID, "No two rows are one person by the truth column.");
}

static int by_pair(const void *x, const void *y)
{
    const LabelledPair *p = x, *q = y;
    uint64_t            a = (uint64_t)p->a << 32 | p->b, b = (uint64_t)q->a << 32 | q->b;
    return (a > b) - (a < b);
}

void truth_of_pairs(Arena *mem, const LabelledPair *pairs, size_t count, size_t rows, const uint8_t *sources,
                    bool across_only, Truth *truth)
{
    LabelledPair *list = arena_new(mem, LabelledPair, count + 1);
    *truth = (Truth){ .pairs = arena_new(mem, uint64_t, count + 1), .same = arena_new(mem, bool, count + 1),
                      .rows = rows, .sources = sources, .across_only = across_only };
    for (size_t i = 0; i < count; i++) {
        bool turned = pairs[i].a > pairs[i].b;
        list[i] = (LabelledPair){ turned ? pairs[i].b : pairs[i].a, turned ? pairs[i].a : pairs[i].b,
                                  pairs[i].same };
    }
    qsort(list, count, sizeof *list, by_pair);
    for (size_t i = 0; i < count; i++) {
        if (i && by_pair(&list[i], &list[i - 1]) == 0)
            continue;
        truth->pairs[truth->pair_count] = (uint64_t)list[i].a << 32 | list[i].b;
        truth->same[truth->pair_count++] = list[i].same;
        truth->true_pairs += list[i].same;
        truth->only_pairs |= !list[i].same;
    }
}

TruthSays truth_says(const Truth *t, uint32_t a, uint32_t b)
{
    if (!counts(t, a, b))
        return TRUTH_UNKNOWN;
    if (t->person)
        return t->person[a] == t->person[b] ? TRUTH_SAME : TRUTH_DIFFERENT;
    uint64_t  key = a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
    uint64_t *at = bsearch(&key, t->pairs, t->pair_count, sizeof key, by_number);
    if (at)
        return t->same[at - t->pairs] ? TRUTH_SAME : TRUTH_DIFFERENT;
    return t->only_pairs ? TRUTH_UNKNOWN : TRUTH_DIFFERENT;
}

/* ---- measures */

Measure measure_of(uint64_t found, uint64_t right, uint64_t true_pairs, double threshold_bits)
{
    double p = found ? (double)right / (double)found : 1,
           r = true_pairs ? (double)right / (double)true_pairs : 0;
    return (Measure){ .threshold_bits = threshold_bits,
                      .found = found,
                      .right = right,
                      .precision = p,
                      .recall = r,
                      .f1 = p + r > 0 ? 2 * p * r / (p + r) : 0 };
}

Json *measure_json(const Measure *m)
{
    Json *j = json_new_object();
    json_set(j, "precision", json_new_real(m->precision));
    json_set(j, "recall", json_new_real(m->recall));
    json_set(j, "f1", json_new_real(m->f1));
    json_set(j, "threshold", json_new_real(link_bits_to_probability(m->threshold_bits)));
    json_set(j, "threshold_bits", json_new_real(m->threshold_bits));
    json_set_int(j, "found", (int64_t)m->found);
    json_set_int(j, "right", (int64_t)m->right);
    return j;
}

typedef struct Scored { float bits; bool right; } Scored;

static int by_bits(const void *x, const void *y)
{
    const Scored *a = x, *b = y;
    return (a->bits < b->bits) - (a->bits > b->bits);
}

static Scored *scored_of(Arena *mem, const Truth *t, const LinkPair *pairs, size_t count, size_t *n)
{
    Scored *list = arena_new(mem, Scored, count + 1);
    *n = 0;
    for (size_t i = 0; i < count; i++) {
        TruthSays says = truth_says(t, pairs[i].a, pairs[i].b);
        if (says != TRUTH_UNKNOWN)
            list[(*n)++] = (Scored){ pairs[i].weight_bits, says == TRUTH_SAME };
    }
    qsort(list, *n, sizeof *list, by_bits);
    return list;
}

Curve curve_of(Arena *mem, const Truth *t, const LinkPair *pairs, size_t count, size_t most)
{
    Arena    scratch = { 0 };
    size_t   n;
    Scored  *list = scored_of(&scratch, t, pairs, count, &n);
    Curve    curve = { .points = arena_new(mem, Measure, most + 2) };
    uint64_t right = 0;
    double   step = 1 / (double)(most ? most : 1), next = step;
    for (size_t i = 0; i < n; i++) {
        right += list[i].right;
        if (i + 1 < n && list[i + 1].bits == list[i].bits)
            continue;
        Measure m = measure_of(i + 1, right, t->true_pairs, (double)list[i].bits);
        if (m.f1 > curve.best.f1)
            curve.best = m;
        if (curve.count < most && (m.recall >= next || i + 1 == n)) {
            curve.points[curve.count++] = m;
            next = m.recall + step;
        }
    }
    arena_done(&scratch);
    return curve;
}

Measure measure_at(const Truth *t, const LinkPair *pairs, size_t count, double threshold_bits)
{
    uint64_t found = 0, right = 0;
    for (size_t i = 0; i < count; i++) {
        if ((double)pairs[i].weight_bits < threshold_bits)
            continue;
        TruthSays says = truth_says(t, pairs[i].a, pairs[i].b);
        found += says != TRUTH_UNKNOWN;
        right += says == TRUTH_SAME;
    }
    return measure_of(found, right, t->true_pairs, threshold_bits);
}

Json *curve_json(const Curve *curve)
{
    Json *list = json_new_list();
    for (size_t i = 0; i < curve->count; i++)
        json_push(list, measure_json(&curve->points[i]));
    return list;
}

/* ---- clusters */

static uint64_t *members_by(Arena *mem, const uint32_t *group, size_t rows)
{
    uint64_t *order = arena_new(mem, uint64_t, rows + 1);
    for (size_t i = 0; i < rows; i++)
        order[i] = (uint64_t)group[i] << 32 | i;
    qsort(order, rows, sizeof *order, by_number);
    return order;
}

Measure measure_clusters(const Truth *t, const uint32_t *cluster_of, double threshold_bits)
{
    Arena     mem = { 0 };
    uint64_t *order = members_by(&mem, cluster_of, t->rows), found = 0, right = 0;
    for (size_t i = 0; i < t->rows; i++)
        for (size_t j = i + 1; j < t->rows && order[j] >> 32 == order[i] >> 32; j++) {
            TruthSays says = truth_says(t, (uint32_t)order[i], (uint32_t)order[j]);
            found += says != TRUTH_UNKNOWN;
            right += says == TRUTH_SAME;
        }
    arena_done(&mem);
    return measure_of(found, right, t->true_pairs, threshold_bits);
}

static size_t group_size(const uint64_t *order, size_t rows, size_t from)
{
    size_t n = 1;
    while (from + n < rows && order[from + n] >> 32 == order[from] >> 32)
        n++;
    return n;
}

Measure measure_whole_clusters(const Truth *t, const uint32_t *cluster_of, double threshold_bits)
{
    Arena     mem = { 0 };
    uint64_t  found = 0, right = 0, persons = 0;
    if (!t->person)
        return (Measure){ 0 };
    uint64_t *clusters = members_by(&mem, cluster_of, t->rows),
             *truths = members_by(&mem, t->person, t->rows);
    uint32_t *size = arena_new(&mem, uint32_t, t->rows + 2);
    for (size_t i = 0, n; i < t->rows; i += n) {
        n = group_size(truths, t->rows, i);
        size[t->person[(uint32_t)truths[i]]] = (uint32_t)n;
        persons += n > 1;
    }
    for (size_t i = 0, n; i < t->rows; i += n) {
        uint32_t person = t->person[(uint32_t)clusters[i]];
        bool     one = true;
        n = group_size(clusters, t->rows, i);
        for (size_t k = 1; k < n; k++)
            one &= t->person[(uint32_t)clusters[i + k]] == person;
        found += n > 1;
        right += n > 1 && one && size[person] == n;
    }
    arena_done(&mem);
    return measure_of(found, right, persons, threshold_bits);
}
