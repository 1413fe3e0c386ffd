/* write_returns.c: what the forces returned, one file for each delivery, in the order of force and date. */
#include "simulate/world.h"

static const char *const columns[] = {
    "event",
    "force",
    "subject_ref",
    "ref",
    "date",
    "place",
    "state",
    "quantity",
    "item",
    "until",
    "conditions",
    "offence",
    "result",
    "registered_offender",
    "position_of_trust",
    "occupation",
    "warrant_ref",
    "arrest_ref",
    "child_ref",
    "age",
    "relation",
    "access",
    "immediate_risk",
    "mechanism",
    "route",
    "agency",
    "remarks",
};

static int by_force_and_date(const void *a, const void *b)
{
    const Outcome *x = *(const Outcome *const *)a, *y = *(const Outcome *const *)b;
    if (x->force != y->force)
        return x->force < y->force ? -1 : 1;
    if (x->date != y->date)
        return x->date < y->date ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static void number_field(Sink *s, int n)
{
    if (n < 0)
        sink_field(s, NULL);
    else
        sink_int(s, n);
}

static void yes_field(Sink *s, int yes)
{
    sink_field(s, yes < 0 ? NULL : yes ? "yes" : "no");
}

static void outcome_row(World *w, Sink *s, const Outcome *o, bool by_code, Arena *mem)
{
    const Force *f = &w->forces[o->force];
    sink_field(s, o->event);
    sink_field(s, by_code ? f->ons_code : f->short_id);
    sink_field(s, o->subject);
    sink_field(s, o->ref);
    sink_field(s, date_iso(mem, o->date));
    sink_field(s, o->place);
    sink_field(s, o->state);
    number_field(s, o->quantity);
    sink_field(s, o->item);
    sink_field(s, o->until == DATE_NONE ? NULL : date_iso(mem, o->until));
    sink_field(s, o->conditions);
    sink_field(s, o->offence);
    sink_field(s, o->result);
    yes_field(s, o->registered);
    yes_field(s, o->trust);
    sink_field(s, o->occupation);
    sink_field(s, o->warrant_ref);
    sink_field(s, o->arrest_ref);
    sink_field(s, o->child_ref);
    number_field(s, o->age);
    sink_field(s, o->relation);
    sink_field(s, o->access);
    yes_field(s, o->immediate);
    sink_field(s, o->mechanism);
    sink_field(s, o->route);
    sink_field(s, o->agency);
    sink_field(s, o->corrected ? "corrected" : NULL);
    sink_row_end(s);
}

static void bad_rows(World *w, Sink *s)
{
    static const char *const bad[][5] = {
        { "arest", "kent", "190000007", "BAD-1", "2026-01-01" },      { "interview", "kent", "190000007", "BAD-2", "2026-02-30" },
        { "interview", "kent", "190000007", NULL, "2026-01-01" }, { "charge", "kent", "190000007", "BAD-4", "2026-01-01" },
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        refuse_line(w, s->name, s->line, false);
        for (size_t k = 0; k < COUNT_OF(columns); k++)
            sink_field(s, k < 5 ? bad[i][k] : NULL);
        sink_row_end(s);
    }
}

bool write_returns(World *w, size_t batch, size_t *number, Err *err)
{
    const Outcome **rows = NULL;
    size_t          n = 0, cap = 0;
    CLEANUP(arena_done) Arena mem = { 0 };
    CLEANUP(sink_done) Sink s = { 0 };
    if (!w->batches[batch].returns)
        return true;
    for (size_t i = 0; i < w->outcome_count; i++)
        if (w->outcomes[i].batch == batch)
            *arena_push(&mem, rows, n, cap) = &w->outcomes[i];
    if (n)
        qsort(rows, n, sizeof *rows, by_force_and_date);
    if (!open_file(w, &s, number, batch, "returns.csv", err))
        return false;
    for (size_t i = 0; i < COUNT_OF(columns); i++)
        sink_field(&s, columns[i]);
    sink_row_end(&s);
    for (size_t i = 0; i < n; i++) {
        CLEANUP(arena_done) Arena row = { 0 };
        if (rows[i]->pending)
            refuse_line(w, s.name, s.line, true);
        outcome_row(w, &s, rows[i], batch % 4 == 3, &row);
    }
    if (batch == 3)
        bad_rows(w, &s);
    return close_file(w, &s, err);
}
