#include "web/pages/review_parts.h"
#include "base/ref.h"
#include "base/zone.h"
#include "web/pages/page_parts.h"

static const struct { const char *words, *colour, *classes; } shown[PAIR_GRADE__COUNT] = {
    [PAIR_BLANK]   = { "Blank",   "grey",   NULL },
    [PAIR_DIFFERS] = { "Differs", "red",    "m-differs" },
    [PAIR_CLOSE]   = { "Close",   "yellow", "m-close" },
    [PAIR_MATCH]   = { "Match",   "green",  "m-agrees" },
};

const char *pair_answer_says(const char *answer)
{
    for (const PairAnswer *a = pair_answers; a->answer; a++)
        if (str_same(a->answer, answer))
            return a->says;
    return "Waits";
}

/* ---- side by side ---- */

static void values_cell(Html *h, const Profile *p, Aspect a, const char *classes)
{
    table_cell_open(h, classes);
    for (size_t i = 0; i < p->count[a]; i++) {
        if (i)
            html_open(h, EL_BR);
        html_text(h, p->values[a][i].verbatim);
    }
    if (!p->count[a])
        why(h, "Not known");
    table_cell_close(h);
}

static Aspect aspect_of(const char *key)
{
    int a = 0;
    while (a + 1 < ASPECT__COUNT && !str_same(aspects[a].field.name, key))
        a++;
    return (Aspect)a;
}

void review_sides(Html *h, const PairRow *p, const NominalRow *one, const NominalRow *two,
                  const Profile *left, const Profile *right)
{
    const TableColumn columns[] = { { .text = "Aspect" },
                                    { .text = str_fmt(h->mem, "%s, %s", ref_write(h->mem, 'N', one->id), one->name) },
                                    { .text = str_fmt(h->mem, "%s, %s", ref_write(h->mem, 'N', two->id), two->name) },
                                    { .text = "Compared" } };
    heading(h, EL_H2, "m", "Side by side");
    table_open(h, &(Table){ .caption = "The two records, aspect by aspect",
                            .caption_classes = "govuk-visually-hidden", .classes = "m-wait m-sides",
                            .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < p->aspect_count; i++) {
        const PairAspect *a = &p->aspects[i];
        Aspect at = aspect_of(a->aspect);
        table_row(h);
        table_head_cell(h, a->words);
        values_cell(h, left, at, shown[a->grade].classes);
        values_cell(h, right, at, shown[a->grade].classes);
        table_cell_open(h, NULL);
        tag(h, shown[a->grade].words, shown[a->grade].colour);
        html_lit(h, " ");
        if (a->grade == PAIR_CLOSE || (a->grade == PAIR_DIFFERS && !str_same(a->says, "differs")))
            why(h, a->says);
        table_cell_close(h);
        table_row_end(h);
    }
    table_close(h);
}

/* ---- the numbers ---- */

void review_numbers(Html *h, const PairRow *p)
{
    static const TableColumn columns[] = { { .text = "Step" },
                                           { .text = "Compared" },
                                           { .text = "Bits", .numeric = true },
                                           { .text = "Sum", .numeric = true } };
    PairStep *steps = NULL;
    size_t count = 0;
    pair_steps(h->mem, p, &steps, &count);
    Weight *weights = arena_new(h->mem, Weight, count);
    for (size_t i = 0; i < count; i++)
        weights[i] = (Weight){ steps[i].name, (double)steps[i].bits / 1000 };
    const char *total = str_fmt(h->mem, "%s bits", pair_bits(h->mem, p->weight));
    heading(h, EL_H2, "m", "What each aspect weighs");
    html_p(h, "Each bit doubles the odds. Bars to the right speak for one person, bars to the left for two.");
    waterfall(h, str_fmt(h->mem, "Weights adding up to %s: %s", total, pair_odds(h->mem, p->weight)), weights,
              count, total);
    table_open(h, &(Table){ .caption = "The same as a table", .caption_classes = "govuk-table__caption--s",
                            .classes = "m-compact", .columns = columns, .column_count = COUNT_OF(columns) });
    for (size_t i = 0; i < count; i++) {
        table_row(h);
        table_head_cell(h, steps[i].name);
        table_cell(h, steps[i].says);
        table_cell_open(h, "govuk-table__cell--numeric");
        html_text(h, pair_bits(h->mem, steps[i].bits));
        table_cell_close(h);
        table_cell_open(h, "govuk-table__cell--numeric");
        html_text(h, pair_bits(h->mem, steps[i].sum));
        table_cell_close(h);
        table_row_end(h);
    }
    table_close(h);
    html_open(h, EL_P, ATTR_CLASS, "govuk-body");
    why(h, str_fmt(h->mem, "Model: %s", p->model));
    html_close(h, EL_P);
}

void review_joints(Html *h, const Joint *joints, size_t count)
{
    if (!count)
        return;
    heading(h, EL_H2, "m", "What made them one");
    timeline_open(h);
    for (size_t i = 0; i < count; i++)
        timeline_item(h, &(TimelineItem){ .title = str_fmt(h->mem, "%s took in %s",
                                                           ref_write(h->mem, 'N', joints[i].kept),
                                                           ref_write(h->mem, 'N', joints[i].merged)),
                                          .by = joints[i].decision ? "A person's decision"
                                                : joints[i].pair   ? "By weight"
                                                                   : "By a shared identifier or a person",
                                          .text = joints[i].reason,
                                          .when = london_words(h->mem, joints[i].at),
                                          .datetime = instant_iso(h->mem, joints[i].at) });
    timeline_close(h);
}

Json *pair_json(Arena *mem, const PairRow *p)
{
    Json *j = json_new_object();
    if (p->id)
        json_set_text(j, "pair", ref_write(mem, 'T', p->id));
    if (p->one) {
        json_set_text(j, "one", ref_write(mem, 'N', p->one));
        json_set_text(j, "two", ref_write(mem, 'N', p->two));
    }
    json_set_int(j, "weight_millibits", p->weight);
    json_set_text(j, "odds", pair_odds(mem, p->weight));
    json_set_text(j, "outcome", p->outcome);
    json_set_text(j, "state", p->state);
    json_set_text(j, "reason", p->reason);
    json_set_text(j, "sentence", pair_sentence(mem, p));
    json_set_text(j, "model", p->model);
    json_set(j, "aspects", pair_aspects_json(p));
    return j;
}
