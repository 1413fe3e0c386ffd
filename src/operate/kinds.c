/* kinds.c: the one table of what a force can do, and reading one such thing. */
#include "base/zone.h"
#include "operate/inside.h"
#include "operate/returns.h"

static const ActionKind kinds[] = {
    { "arrest", "Arrest", { "place" }, { 0 }, "suspect", true },
    { "bail", "Bail", { "state" }, { "bailed", "ended", "extended", "under-investigation" }, NULL, false },
    { "charge", "Charge", { "offence" }, { 0 }, "charged", false },
    { "disposition", "Answer to the package", { "state" },
      { "already-known", "arrested", "charged", "deceased", "no-further-action", "transferred" },
      NULL, false },
    { "exhibit", "Exhibit seized", { NULL }, { "examined", "waiting" }, NULL, false },
    { "interview", "Interview", { NULL }, { 0 }, "suspect", true },
    { "premises", "Premises searched", { "place" }, { 0 }, NULL, true },
    { "sentence", "Sentence", { NULL }, { 0 }, "convicted", false },
    { "warrant", "Warrant", { "state" }, { "applied", "executed", "expired", "granted", "refused" },
      NULL, true },
    { "welfare", "Welfare of the suspect", { "state" }, { "assessed", "declined", "referred" }, NULL, false },
};

static const struct { const char *kind, *state, *says; } state_words[] = {
    { "bail",        "bailed",              "Released on bail"                       },
    { "bail",        "ended",               "Bail ended"                             },
    { "bail",        "extended",            "Bail extended"                          },
    { "bail",        "under-investigation", "Released under investigation, no return date" },
    { "disposition", "already-known",       "Answer: known and dealt with before"    },
    { "disposition", "arrested",            "Answer: arrested"                       },
    { "disposition", "charged",             "Answer: charged"                        },
    { "disposition", "deceased",            "Answer: deceased"                       },
    { "disposition", "no-further-action",   "Answer: no further action"              },
    { "disposition", "transferred",         "Answer: moved to another force"         },
    { "exhibit",     "examined",            "Exhibit examined"                       },
    { "exhibit",     "waiting",             "Exhibit waits for examination"          },
    { "warrant",     "applied",             "Warrant applied for"                    },
    { "warrant",     "executed",            "Warrant executed"                       },
    { "warrant",     "expired",             "Warrant expired"                        },
    { "warrant",     "granted",             "Warrant granted"                        },
    { "warrant",     "refused",             "Warrant refused"                        },
    { "welfare",     "assessed",            "Welfare of the suspect assessed"        },
    { "welfare",     "declined",            "Welfare support declined by the suspect" },
    { "welfare",     "referred",            "Suspect referred for support"           },
};

const ActionKind *action_kind(const char *name)
{
    FOR_EACH(k, kinds)
        if (str_same(k->name, name))
            return k;
    return NULL;
}

bool action_acts(const ActionKind *kind, const char *state)
{
    return kind->first && !str_same(state, "refused") && !str_same(state, "expired");
}

const char *action_says(Arena *mem, const char *kind, const char *state)
{
    FOR_EACH(w, state_words)
        if (str_same(w->kind, kind) && str_same(w->state, state))
            return w->says;
    const ActionKind *k = action_kind(kind);
    return k ? k->says : str_copy(mem, kind);
}

/* Columns with a place of their own in the table; the others go into `detail`. */
static const char *const own_columns[] = {
    "date",  "event",       "force", "place", "position_of_trust", "quantity", "ref", "registered_offender",
    "state", "subject_ref",
};

static bool detail_add(void *ctx, const char *key, const Json *value)
{
    FOR_EACH(own, own_columns)
        if (str_same(*own, key))
            return true;
    json_set(ctx, key, json_keep((Json *)value));
    return true;
}

static const char *text_or_empty(const Json *row, const char *key)
{
    const char *text = json_text(row, key);
    return text ? text : "";
}

static Date date_at(const Json *row, const char *key)
{
    Date d = DATE_NONE;
    return json_text(row, key) && date_parse(str_of(json_text(row, key)), &d) ? d : DATE_NONE;
}

void act_read(Arena *mem, const Json *row, Act *out)
{
    CLEANUP(json_done) Json *detail = json_new_object();
    int64_t quantity = 1;
    (void)json_each(row, detail_add, detail);
    if (json_text(row, "quantity"))
        (void)str_int(str_of(json_text(row, "quantity")), 0, 1000000000, &quantity);
    *out = (Act){
        .kind = str_copy(mem, text_or_empty(row, "event")),
        .ref = str_copy(mem, text_or_empty(row, "ref")),
        .place = str_copy(mem, text_or_empty(row, "place")),
        .state = str_copy(mem, text_or_empty(row, "state")),
        .occupation = str_copy(mem, json_text(row, "occupation")),
        .note = str_copy(mem, json_text(row, "result")),
        .detail = json_canonical(mem, detail),
        .on = date_at(row, "date"),
        .quantity = quantity,
        .registered = str_same(json_text(row, "registered_offender"), "yes"),
        .position_of_trust = str_same(json_text(row, "position_of_trust"), "yes"),
        .due = INSTANT_NONE,
        .update_due = INSTANT_NONE,
        .return_due = INSTANT_NONE,
    };
}

/* ---- what each leaves open ---- */

static const struct { const char *kind, *state, *clock; bool band; } opens[] = {
    { "arrest",  "",         "welfare.assessment",       false },
    { "bail",    "bailed",   "bail.end",                 false },
    { "bail",    "extended", "bail.end",                 false },
    { "exhibit", "waiting",  "exhibit.examine",          true  },
    { "warrant", "granted",  "warrant.expiry",           false },
    { "warrant", "refused",  "warrant.alternative-plan", false },
};

static void due_put(Json *item, const char *key, Instant due)
{
    if (due != INSTANT_NONE)
        json_set_int(item, key, due);
}

static bool due_open(const ActDues *with, const Json *row, Json *item, Err *err)
{
    const char *kind = json_text(row, "event"), *state = text_or_empty(row, "state");
    Instant due = INSTANT_NONE, from = event_start(date_at(row, "date"), with->recorded);
    FOR_EACH(o, opens) {
        if (!str_same(o->kind, kind) || (o->state[0] && !str_same(o->state, state)))
            continue;
        if (str_same(o->clock, "bail.end")) {
            Date until = date_at(row, "until");
            if (until == DATE_NONE)
                return true;
            from = london_start(until + 1);           /* bail runs to the end of its last day */
        }
        if (!due_or_none(with->rules, o->clock, o->band ? with->band : "", with->nation, from, &due, err))
            return false;
        due_put(item, "due", due);
    }
    return true;
}

bool act_dues(const ActDues *with, const Json *row, Json *item, Err *err)
{
    const char *state = text_or_empty(row, "state");
    const ActionKind *kind = action_kind(json_text(row, "event"));
    Instant due = INSTANT_NONE;
    if (!due_open(with, row, item, err))
        return false;
    if (json_int(item, "package", 0) == 0 || !kind)
        return true;
    if (str_same(kind->name, "disposition") && str_same(state, "transferred")) {
        if (!due_or_none(with->rules, "package.returned", with->band, "", with->recorded, &due, err))
            return false;
        due_put(item, "due_return", due);
    } else {                                          /* the next update is awaited from when this one came */
        if (!due_or_none(with->rules, "package.update", "", "", with->recorded, &due, err))
            return false;
        due_put(item, "due_update", due);
    }
    return true;
}

void act_dues_read(const Json *item, Act *out)
{
    out->due = json_int(item, "due", INSTANT_NONE);
    out->update_due = json_int(item, "due_update", INSTANT_NONE);
    out->return_due = json_int(item, "due_return", INSTANT_NONE);
}
