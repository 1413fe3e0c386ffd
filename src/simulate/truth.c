/* truth.c: what an import must come to: figures counted again from the outcomes, where each person lives, and
 * which lines are wrong on purpose. */
#include "simulate/world.h"

typedef struct Count {
    long arrests, premises, devices, charged, registered, trust, children, immediate;
} Count;
typedef struct Place { long arrests, premises; } Place;
typedef struct Tally { Count all, force[FORCES_MAX]; Place *town; } Tally;

static size_t town_named(const World *w, size_t force, const char *name)
{
    const Force *f = &w->forces[force];
    for (size_t i = f->first_town; i < f->first_town + f->town_count; i++)
        if (str_same(w->towns[i].name, name))
            return i;
    return f->first_town;
}

static void count_arrest(const World *w, const Outcome *o, uint8_t *seen, Place *places, Count *c)
{
    if (seen[o->person] & 1)
        return;
    seen[o->person] |= 1;
    c->arrests++;
    c->registered += o->registered > 0;
    c->trust += o->trust > 0;
    places[town_named(w, o->force, o->place)].arrests++;
}

static void count_row(const World *w, const Outcome *o, uint8_t *seen, Place *places, Count *c)
{
    if (str_same(o->event, "arrest"))
        count_arrest(w, o, seen, places, c);
    if (str_same(o->event, "premises")) {
        c->premises++;
        places[town_named(w, o->force, o->place)].premises++;
    }
    if (str_same(o->event, "exhibit"))
        c->devices += o->quantity < 0 ? 1 : o->quantity;
    if (str_same(o->event, "charge") && !(seen[o->person] & 2)) {
        seen[o->person] |= 2;
        c->charged++;
    }
    if (str_same(o->event, "child") && str_same(o->state, "safeguarded")) {
        c->children++;
        c->immediate += o->immediate > 0;
    }
}

static void count_all(const World *w, Date as_at, Arena *mem, Tally *t)
{
    *t = (Tally){ .town = arena_new(mem, Place, w->town_count) };
    uint8_t *seen = arena_new(mem, uint8_t, w->person_count);
    for (size_t i = 0; i < w->outcome_count; i++) {
        const Outcome *o = &w->outcomes[i];
        if (!o->replaced && !o->pending && o->date <= as_at)
            count_row(w, o, seen, t->town, &t->force[o->force]);
    }
    for (size_t f = 0; f < w->force_count; f++) {
        Count *a = &t->all, *c = &t->force[f];
        a->arrests += c->arrests, a->premises += c->premises, a->devices += c->devices,
            a->charged += c->charged;
        a->registered += c->registered, a->trust += c->trust, a->children += c->children,
            a->immediate += c->immediate;
    }
}

static void write_count(Sink *s, const Count *c)
{
    sink_fmt(s,
             "\"arrests\":%ld,\"premises\":%ld,\"devices\":%ld,\"charged\":%ld,\"registered_offenders\":%ld,"
             "\"positions_of_trust\":%ld,\"children_safeguarded\":%ld,\"children_immediate_risk\":%ld",
             c->arrests, c->premises, c->devices, c->charged, c->registered, c->trust, c->children,
             c->immediate);
}

static void write_figures(const World *w, Sink *s, Date as_at, Arena *mem, Tally *t)
{
    count_all(w, as_at, mem, t);
    sink_fmt(s, "{\"as_at\":\"%s\",\n \"national\":{", date_iso(mem, as_at));
    write_count(s, &t->all);
    sink_text(s, "},\n \"forces\":[");
    for (size_t f = 0; f < w->force_count; f++) {
        sink_fmt(s, "%s\n  {\"force\":\"%s\",", f ? "," : "", w->forces[f].short_id);
        write_count(s, &t->force[f]);
        sink_text(s, "}");
    }
    sink_text(s, "],\n \"places\":[");
    for (size_t i = 0; i < w->town_count; i++)
        sink_fmt(s, "%s\n  {\"force\":\"%s\",\"place\":\"%s\",\"arrests\":%ld,\"premises\":%ld}",
                 i ? "," : "", w->forces[w->towns[i].force].short_id, w->towns[i].name, t->town[i].arrests,
                 t->town[i].premises);
    sink_text(s, "]}");
}

/* For each person, the chain of indexes that belong to them, last first. */
typedef struct Chains { size_t *head, *next; } Chains;
static Chains chains_new(Arena *mem, size_t people, size_t items)
{
    Chains c = { arena_new(mem, size_t, people), arena_new(mem, size_t, items + 1) }; /* 0 ends; index + 1 */
    return c;
}
static void chain_add(Chains *c, size_t person, size_t item)
{
    c->next[item] = c->head[person];
    c->head[person] = item + 1;
}

static void write_refs(const World *w, Sink *s, size_t i, const Chains *reports, const Chains *traces)
{
    const char *comma = "";
    for (size_t k = reports->head[i]; k; k = reports->next[k - 1], comma = ",")
        sink_fmt(s, "%s\"%llu\"", comma, (unsigned long long)w->reports[k - 1].number);
    for (size_t k = traces->head[i]; k; k = traces->next[k - 1], comma = ",")
        sink_fmt(s, "%s\"%s\"", comma, w->traces[k - 1].ref);
}

static void write_person(const World *w, Sink *s, size_t i, const Chains *reports, const Chains *traces,
                         const Chains *answers)
{
    static const char *const kinds[] = { [PERSON_ARRESTED] = "arrested",
                                         [PERSON_PACKAGED] = "answered",
                                         [PERSON_OTHER] = "reported",
                                         [PERSON_LIVE] = "recent",
                                         [PERSON_VIRAL] = "viral" };
    const Person *p = &w->people[i];
    const Town   *t = &w->towns[p->town];
    sink_fmt(s,
             "%s\n "
             "{\"person\":\"person-%06zu\",\"kind\":\"%s\",\"force\":\"%s\",\"town\":\"%s\",\"postcode\":\"%"
             "s\","
             "\"registered\":%s,\"rearrested\":%s,\"straddles\":%s,\"source_refs\":[",
             i ? "," : "", i + 1, kinds[p->kind], w->forces[t->force].short_id, t->name, p->postcode,
             p->registered ? "true" : "false", p->rearrested ? "true" : "false",
             p->straddles ? "true" : "false");
    write_refs(w, s, i, reports, traces);
    sink_text(s, "],\"answers\":[");
    for (size_t k = answers->head[i]; k; k = answers->next[k - 1])
        sink_fmt(s, "\"%s\"%s", w->answers[k - 1].ref, answers->next[k - 1] ? "," : "");
    sink_text(s, "]}");
}

static void write_people(const World *w, Sink *s, Arena *mem)
{
    Chains reports = chains_new(mem, w->person_count, w->report_count);
    Chains traces = chains_new(mem, w->person_count, w->trace_count);
    Chains answers = chains_new(mem, w->person_count, w->answer_count);
    for (size_t i = w->report_count; i-- > 0;)
        chain_add(&reports, w->reports[i].person, i);
    for (size_t i = w->trace_count; i-- > 0;)
        if (w->traces[i].ref)
            chain_add(&traces, w->traces[i].person, i);
    for (size_t i = w->answer_count; i-- > 0;)
        if (!w->answers[i].wrong)
            chain_add(&answers, w->traces[w->answers[i].trace].person, i);
    for (size_t i = 0; i < w->person_count; i++)
        write_person(w, s, i, &reports, &traces, &answers);
}

static void write_refused(const World *w, Sink *s, bool pending)
{
    const char *file = NULL;
    for (size_t i = 0; i < w->refused_count; i++) {
        const Refused *r = &w->refused[i];
        if (r->pending != pending)
            continue;
        if (str_same(file, r->file))
            sink_fmt(s, ",%zu", r->line);
        else
            sink_fmt(s, "%s\"%s\":[%zu", file ? "]," : "", r->file, r->line);
        file = r->file;
    }
    sink_text(s, file ? "]" : "");
}

static void report_totals(const World *w, const Tally *t, SimulateReport *out)
{
    *out = (SimulateReport){ .people = w->person_count,
                             .reports = w->report_count,
                             .footprints = w->trace_count,
                             .answers = w->answer_count,
                             .returns = w->outcome_count,
                             .arrests = (size_t)t->all.arrests,
                             .premises = (size_t)t->all.premises,
                             .devices = (size_t)t->all.devices,
                             .children = (size_t)t->all.children };
}

bool truth_write(World *w, SimulateReport *report, Err *err)
{
    CLEANUP(sink_done) Sink s = { 0 };
    CLEANUP(arena_done) Arena mem = { 0 };
    Tally t = { 0 };
    if (!sink_open(&s, &mem, w->options->out_dir, "truth.json", err))
        return false;
    sink_fmt(&s, "{\"scenario\":\"%s\",\"seed\":%llu,\"scale\":%g,\n\"figures\":[", w->options->scenario,
             (unsigned long long)w->options->seed, w->options->scale);
    if (!w->modern) {
        write_figures(w, &s, w->phases[0].to, &mem, &t);
        sink_text(&s, ",\n");
    }
    write_figures(w, &s, w->to, &mem, &t);
    sink_text(&s, "],\n\"people\":[");
    write_people(w, &s, &mem);
    sink_text(&s, "],\n\"rejected\":{");
    write_refused(w, &s, false);
    sink_text(&s, "},\n\"pending\":{");
    write_refused(w, &s, true);
    sink_text(&s, "}}\n");
    report_totals(w, &t, report);
    w->bytes += s.bytes;
    return sink_close(&s, err);
}
