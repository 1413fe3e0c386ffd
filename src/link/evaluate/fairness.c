#include "link/evaluate/fairness.h"
#include <math.h>
#include <string.h>
#include "base/embedded.h"
#include "base/rng.h"
#include "base/source.h"
#include "engine/linkage/linkage_model.h"
#include "link/base.h"
#include "link/evaluate/fairness_names.h"
#include "link/person/person.h"

enum { NAMES_BYTES = 16 << 20, NAMES_LEAST = 3, PEOPLE = 200, PEOPLE_MOST = 10000, GROUPS_MOST = 400 };
enum { GIVEN, FAMILY, BIRTH, POSTCODE, FIELDS };

static const LinkField fields[FIELDS] = {
    [GIVEN] = { "given", LINK_GIVEN },           [FAMILY] = { "family", LINK_FAMILY },
    [BIRTH] = { "birth_date", LINK_DATE },       [POSTCODE] = { "postcode", LINK_POSTCODE },
};
static const PersonKind kinds[FIELDS] = { PERSON_GIVEN, PERSON_FAMILY, PERSON_BIRTH_DATE, PERSON_POSTCODE };

typedef struct Row { const char *value[FIELDS]; } Row;

/* What was counted of the people of one script or one origin. */
typedef struct Group {
    const char *name;
    size_t      same, missed, alone, different, joined, asked;
    double      bits_same, bits_different;
} Group;

typedef struct Groups { Group item[GROUPS_MOST]; size_t count; } Groups;

typedef struct Work {
    const FairnessOptions *options;
    Arena                 *mem;
    PersonTools            tools;
    LinkColumns           *columns;
    LinkModel              model;
    Thresholds             thresholds;
    Rng                    rng;
    size_t                 people;
    Groups                 scripts, origins;
} Work;

/* ---- people, and how another source writes them */

static const FairName *any(Work *w, const FairName *names, size_t count)
{
    return &names[rng_below(&w->rng, count)];
}

static Row made_person(Work *w, const FairName *given, const FairName *family)
{
    int day = (int)rng_below(&w->rng, 28) + 1, month = (int)rng_below(&w->rng, 12) + 1;
    int year = 1940 + (int)rng_below(&w->rng, 65);
    return (Row){ {
        given->name, family->name, str_fmt(w->mem, "%04d-%02d-%02d", year, month, day),
        str_fmt(w->mem, "ZX%d %d%c%c", (int)rng_below(&w->rng, 90) + 1, (int)rng_below(&w->rng, 10),
                (int)('A' + rng_below(&w->rng, 26)), (int)('A' + rng_below(&w->rng, 26))),
    } };
}

/* One letter replaced, left out, doubled or exchanged with the next, in a romanised name. */
static const char *misspelt(Work *w, const char *name)
{
    char  *s = fold_latin(w->tools.fold, w->mem, name);
    size_t n = strlen(s);
    if (n < 3)
        return s;
    size_t at = 1 + rng_below(&w->rng, n - 2);
    char   c = s[at];
    switch (rng_below(&w->rng, 4)) {
    case 0: s[at] = (char)('a' + (int)rng_below(&w->rng, 26)); return s;
    case 1: memmove(s + at, s + at + 1, n - at); return s;
    case 2: return str_fmt(w->mem, "%.*s%c%s", (int)at, s, c, s + at);
    default: s[at] = s[at + 1], s[at + 1] = c; return s;
    }
}

static void write_again(Work *w, const FairName *given, const FairName *family, Row *r)
{
    switch (rng_below(&w->rng, 5)) {
    case 0: break;                                                         /* as it is */
    case 1: r->value[GIVEN] = given->romanised, r->value[FAMILY] = family->romanised; break;
    case 2: r->value[GIVEN] = misspelt(w, given->romanised), r->value[FAMILY] = family->romanised; break;
    case 3: r->value[GIVEN] = given->romanised, r->value[FAMILY] = misspelt(w, family->romanised); break;
    default: r->value[GIVEN] = family->romanised, r->value[FAMILY] = given->romanised; break;
    }
    if (rng_below(&w->rng, 4) == 0)
        r->value[BIRTH] = NULL;
    if (rng_below(&w->rng, 4) == 0)
        r->value[POSTCODE] = NULL;
}

static uint32_t add_row(Work *w, const Row *r)
{
    uint32_t codes[FIELDS];
    for (size_t f = 0; f < FIELDS; f++) {
        const char *normal = person_normal(&w->tools, w->mem, kinds[f], r->value[f]);
        codes[f] = link_columns_code(w->columns, f, str_of(normal));
    }
    return link_columns_add(w->columns, codes, 0);
}

/* ---- pairs */

typedef struct Pair { uint32_t a, b; const char *script, *origin; bool same; } Pair;
typedef struct Pairs { Pair *at; size_t count, cap; } Pairs;

static void add_pair(Work *w, Pairs *pairs, const FairOrigin *o, const Row *a, const Row *b, bool same)
{
    Pair p = { add_row(w, a), add_row(w, b), fold_script(a->value[GIVEN]), o->origin, same };
    *arena_push(w->mem, pairs->at, pairs->count, pairs->cap) = p;
}

static void pairs_of(Work *w, const FairOrigin *o, Pairs *pairs)
{
    for (size_t i = 0; i < w->people; i++) {
        const FairName *given = any(w, o->given, o->given_count),
                       *family = any(w, o->family, o->family_count),
                       *given2 = any(w, o->given, o->given_count),
                       *family2 = any(w, o->family, o->family_count);
        Row one = made_person(w, given, family), again = one, other = made_person(w, given2, family2);
        write_again(w, given, family, &again);
        add_pair(w, pairs, o, &one, &again, true);
        for (int tries = 0; str_same(given2->romanised, given->romanised) && tries < 50; tries++)
            given2 = any(w, o->given, o->given_count);
        other.value[GIVEN] = given2->romanised;
        if (rng_below(&w->rng, 2)) {             /* a stranger born on the same day */
            other.value[FAMILY] = family2->romanised;
            other.value[BIRTH] = one.value[BIRTH];
            other.value[POSTCODE] = NULL;
        } else {                                 /* a brother or sister at home */
            other.value[FAMILY] = family->romanised;
            other.value[POSTCODE] = one.value[POSTCODE];
        }
        add_pair(w, pairs, o, &one, &other, false);
    }
}

/* ---- counting */

static Group *group_of(Groups *groups, const char *name)
{
    size_t i = 0;
    while (i < groups->count && !str_same(groups->item[i].name, name))
        i++;
    if (i == GROUPS_MOST)
        return &groups->item[GROUPS_MOST - 1];
    if (i == groups->count)
        groups->item[groups->count++] = (Group){ .name = name };
    return &groups->item[i];
}

static void count(Group *g, bool same, const LinkScore *s, const Thresholds *t)
{
    double names = s->level_bits[GIVEN] + s->level_bits[FAMILY] + s->term_bits[GIVEN] + s->term_bits[FAMILY];
    if (same) {
        g->same++;
        g->missed += s->weight_bits < t->review_bits;
        g->alone += s->weight_bits >= t->link_bits;
        g->bits_same += names;
    } else {
        g->different++;
        g->joined += s->weight_bits >= t->link_bits;
        g->asked += s->weight_bits >= t->review_bits && s->weight_bits < t->link_bits;
        g->bits_different += names;
    }
}

static double share(size_t part, size_t all) { return all ? (double)part / (double)all : 0; }

/* A group is weaker where its share is above that of all others by more than chance (two and a half standard
 * errors) and by a quarter of it. */
static bool is_worse(size_t part, size_t of, size_t all_part, size_t all_of)
{
    if (all_of <= of || of < 30)
        return false;
    double other = share(all_part - part, all_of - of), mine = share(part, of),
           both = share(all_part, all_of);
    double error = sqrt(both * (1 - both) * (1 / (double)of + 1 / (double)(all_of - of)));
    return mine - other > 2.5 * error && mine > 1.25 * other && mine - other > 0.01;
}

static Group total(const Groups *groups)
{
    Group t = { .name = "all" };
    for (size_t i = 0; i < groups->count; i++) {
        const Group *g = &groups->item[i];
        t.same += g->same;
        t.missed += g->missed;
        t.alone += g->alone;
        t.different += g->different;
        t.joined += g->joined;
        t.asked += g->asked;
        t.bits_same += g->bits_same;
        t.bits_different += g->bits_different;
    }
    return t;
}

static void say(Json *list, const char *text) { json_push(list, json_new_text(text)); }

static bool weaker_tell(Arena *mem, const Group *g, const Group *all, const char *of, Json *sentences)
{
    bool missed = is_worse(g->missed, g->same, all->missed, all->same);
    bool joined = is_worse(g->joined, g->different, all->joined, all->different);
    bool asked = is_worse(g->asked, g->different, all->asked, all->different);
    if (missed)
        say(sentences,
            str_fmt(mem, "%s %s: %.1f %% of pairs of one person are missed; %.1f %% over all.", of, g->name,
                    100 * share(g->missed, g->same), 100 * share(all->missed, all->same)));
    if (joined)
        say(sentences,
            str_fmt(mem, "%s %s: %.1f %% of pairs of two people would be joined; %.1f %% over all.", of,
                    g->name, 100 * share(g->joined, g->different), 100 * share(all->joined, all->different)));
    if (asked)
        say(sentences, str_fmt(mem, "%s %s: %.1f %% of pairs of two people would trouble a reviewer; %.1f %% "
                               "over all.", of, g->name, 100 * share(g->asked, g->different),
                               100 * share(all->asked, all->different)));
    return missed || joined || asked;
}

static Json *group_json(const Group *g, bool weaker)
{
    Json *j = json_new_object();
    json_set_text(j, "group", g->name);
    json_set_int(j, "pairs_of_one", (int64_t)g->same);
    json_set_int(j, "pairs_of_two", (int64_t)g->different);
    json_set(j, "missed", json_new_real(share(g->missed, g->same)));
    json_set(j, "linked", json_new_real(share(g->alone, g->same)));
    json_set(j, "joined", json_new_real(share(g->joined, g->different)));
    json_set(j, "asked", json_new_real(share(g->asked, g->different)));
    json_set(j, "name_bits_same", json_new_real(g->same ? g->bits_same / (double)g->same : 0));
    json_set(j, "name_bits_different",
             json_new_real(g->different ? g->bits_different / (double)g->different : 0));
    json_set_bool(j, "weaker", weaker);
    return j;
}

static Json *groups_json(Arena *mem, const Groups *groups, const char *of, Json *sentences)
{
    Json *list = json_new_list();
    Group all = total(groups);
    for (size_t i = 0; i < groups->count; i++)
        json_push(list,
                  group_json(&groups->item[i], weaker_tell(mem, &groups->item[i], &all, of, sentences)));
    json_push(list, group_json(&all, false));
    return list;
}

/* ---- the run */

static bool names_add(Arena *mem, const char *path, const char *part, FairNames *names, Err *err)
{
    Str text;
    return file_read(mem, path, NAMES_BYTES, &text, err) &&
           fair_names_read(mem, text, path, part, names, err);
}

static bool names_read(const FairnessOptions *o, Arena *mem, FairNames *names, Err *err)
{
    static const char sample[] = "data/names/sample.csv";
    const Embedded   *file = embedded_find(sample);
    if (!o->names_path)
        return file ? fair_names_read(mem, embedded_str(file), sample, NULL, names, err)
                    : err_set(err, ERR_BUG, "%s is not built in.", sample);
    return names_add(mem, o->names_path, o->surnames_path ? "given" : NULL, names, err) &&
           (!o->surnames_path || names_add(mem, o->surnames_path, "family", names, err));
}

/* Weighed as live linking weighs: the same prior and thresholds. */
static bool model_ready(Work *w, Err *err)
{
    Str text;
    if (!thresholds_on(w->mem, w->options->day, &w->thresholds, err))
        return false;
    if (!w->options->model_path) {
        if (!link_model_default(w->columns, &w->model, err))
            return false;
    } else if (!file_read(w->mem, w->options->model_path, NAMES_BYTES, &text, err) ||
               !link_model_read(text, &w->model, err)) {
        return err_while(err, "reading the model");
    }
    link_model_fit(&w->model, w->columns);
    w->model.match_share = 1.0 / (double)w->thresholds.people;
    return true;
}

static void work_done(Work *w)
{
    link_model_done(&w->model);
    fold_done(&w->tools.fold);
}

static Json *aspects_json(void)
{
    Json *list = json_new_list();
    for (size_t i = 0; i < ASPECT__COUNT; i++)
        say(list, aspects[i].field.name);
    return list;
}

static Json *report_make(Work *w, const FairNames *names)
{
    Json *j = json_new_object(), *sentences = json_new_list(), *left = json_new_list();
    for (size_t i = 0; i < names->count; i++)
        if (names->origins[i].given_count < NAMES_LEAST || names->origins[i].family_count < NAMES_LEAST)
            say(left, names->origins[i].origin);
    json_set_int(j, "people", (int64_t)w->people);
    json_set_int(j, "seed", (int64_t)w->options->seed);
    json_set_text(j, "model", w->model.name);
    json_set(j, "link_bits", json_new_real(w->thresholds.link_bits));
    json_set(j, "review_bits", json_new_real(w->thresholds.review_bits));
    json_set(j, "scripts", groups_json(w->mem, &w->scripts, "Names in the script", sentences));
    json_set(j, "origins", groups_json(w->mem, &w->origins, "Names of the origin", sentences));
    if (!json_count(sentences))
        say(sentences, "Nowhere by more than chance.");
    json_set(j, "weaker", sentences);
    json_set(j, "left_out", left);
    json_set(j, "aspects", aspects_json());
    json_set_text(j, "never",
                  "No aspect that is compared is a nationality, an ethnicity or a religion. Origin is "
                  "known here only because the table of names says it.");
    return j;
}

bool fairness(Arena *mem, const FairnessOptions *options, Json **report, Err *err)
{
    CLEANUP(work_done) Work w = { .options = options, .mem = mem, .rng = rng_seed(options->seed),
                                  .people = options->people ? options->people : PEOPLE };
    FairNames    names = {0};
    Pairs        pairs = {0};
    PersonRules *rules;
    if (w.people > PEOPLE_MOST)
        return err_set(err, ERR_LIMIT, "At most %d people of each origin.", PEOPLE_MOST);
    if (!names_read(options, mem, &names, err) || !person_rules_load(mem, &rules, err))
        return false;
    w.tools = (PersonTools){ rules, fold_new(mem) };
    w.columns = link_columns_new(mem, fields, FIELDS, person_nicknames, rules);
    for (size_t i = 0; i < names.count; i++)
        if (names.origins[i].given_count >= NAMES_LEAST && names.origins[i].family_count >= NAMES_LEAST)
            pairs_of(&w, &names.origins[i], &pairs);
    if (!pairs.count)
        return err_set(err, ERR_INVALID, "No origin has %d given and %d family names.", NAMES_LEAST,
                       NAMES_LEAST);
    link_columns_count(w.columns);
    if (!model_ready(&w, err))
        return false;
    for (size_t i = 0; i < pairs.count; i++) {
        LinkScore s;
        link_model_score(&w.model, w.columns, pairs.at[i].a, pairs.at[i].b, &s);
        count(group_of(&w.scripts, pairs.at[i].script), pairs.at[i].same, &s, &w.thresholds);
        count(group_of(&w.origins, pairs.at[i].origin), pairs.at[i].same, &s, &w.thresholds);
    }
    *report = report_make(&w, &names);
    return true;
}
