/* returns.c: one thing a force did. The row is checked here and handed on as texts: what it changes belongs
 * to operate and safeguard. */
#include "intake/formats.h"
#include <string.h>

typedef struct Row {
    const char *event, *force, *subject_ref, *ref, *place, *state, *item, *conditions, *offence, *result,
        *occupation;
    const char *warrant_ref, *arrest_ref, *child_ref, *relation, *access, *mechanism, *route, *agency,
        *remarks;
    Date        date, until;
    int64_t     quantity, age;
    int         registered, trust, immediate;
} Row;

const Column returns_columns[] = {
    { "access",              OPTIONAL, column_text,   offsetof(Row, access)      },
    { "age",                 OPTIONAL, column_count,  offsetof(Row, age)         },
    { "agency",              OPTIONAL, column_text,   offsetof(Row, agency)      },
    { "arrest_ref",          OPTIONAL, column_text,   offsetof(Row, arrest_ref)  },
    { "child_ref",           OPTIONAL, column_text,   offsetof(Row, child_ref)   },
    { "conditions",          OPTIONAL, column_text,   offsetof(Row, conditions)  },
    { "date",                REQUIRED, column_date,   offsetof(Row, date)        },
    { "event",               REQUIRED, column_text,   offsetof(Row, event)       },
    { "force",               REQUIRED, column_text,   offsetof(Row, force)       },
    { "immediate_risk",      OPTIONAL, column_yes_no, offsetof(Row, immediate)   },
    { "item",                OPTIONAL, column_text,   offsetof(Row, item)        },
    { "mechanism",           OPTIONAL, column_text,   offsetof(Row, mechanism)   },
    { "occupation",          OPTIONAL, column_text,   offsetof(Row, occupation)  },
    { "offence",             OPTIONAL, column_text,   offsetof(Row, offence)     },
    { "place",               OPTIONAL, column_text,   offsetof(Row, place)       },
    { "position_of_trust",   OPTIONAL, column_yes_no, offsetof(Row, trust)       },
    { "quantity",            OPTIONAL, column_count,  offsetof(Row, quantity)    },
    { "ref",                 REQUIRED, column_text,   offsetof(Row, ref)         },
    { "registered_offender", OPTIONAL, column_yes_no, offsetof(Row, registered)  },
    { "relation",            OPTIONAL, column_text,   offsetof(Row, relation)    },
    { "remarks",             OPTIONAL, column_text,   offsetof(Row, remarks)     },
    { "result",              OPTIONAL, column_text,   offsetof(Row, result)      },
    { "route",               OPTIONAL, column_text,   offsetof(Row, route)       },
    { "state",               OPTIONAL, column_text,   offsetof(Row, state)       },
    { "subject_ref",         REQUIRED, column_text,   offsetof(Row, subject_ref) },
    { "until",               OPTIONAL, column_date,   offsetof(Row, until)       },
    { "warrant_ref",         OPTIONAL, column_text,   offsetof(Row, warrant_ref) },
    {0}
};

/* What each event needs besides, and the words its state may be. */
static const struct Event { const char *name, *needs[4], *states[8];
} events[] = {
    { "arrest", { "place" }, { 0 } },
    { "bail", { "state" }, { "bailed", "extended", "under-investigation", "ended" } },
    { "charge", { "offence" }, { 0 } },
    { "child", { "child_ref", "state" }, { "concern", "referred", "safeguarded", "no-further-action" } },
    { "disposition",
      { "state" },
      { "arrested", "charged", "no-further-action", "transferred", "deceased", "already-known" } },
    { "exhibit", { 0 }, { "waiting", "examined" } },
    { "interview", { 0 }, { 0 } },
    { "premises", { "place" }, { 0 } },
    { "referral", { "child_ref", "route", "agency", "state" }, { "sent", "acknowledged", "decided" } },
    { "sentence", { 0 }, { 0 } },
    { "warrant", { "state" }, { "applied", "granted", "refused", "executed", "expired" } },
    { "welfare", { "state" }, { "assessed", "referred", "declined" } },
};

static const char *const routes[] = {
    "childrens-social-care", "dbs", "employer-regulator", "lado", "other-authority", "school",
};

static const struct Event *event_find(const char *name)
{
    FOR_EACH(e, events)
        if (str_same(e->name, name))
            return e;
    return NULL;
}

static bool needs_met(const struct Event *e, const Json *row, size_t line, Err *err)
{
    FOR_EACH(need, e->needs)
        if (*need && !json_text(row, *need))
            return err_set(err, ERR_INVALID, "Line %zu: %s is empty, and %s needs it.", line, *need, e->name);
    return true;
}

static bool state_fits(const struct Event *e, const char *state, size_t line, Err *err)
{
    if (!state || !e->states[0])
        return true;
    FOR_EACH(s, e->states)
        if (str_same(*s, state))
            return true;
    return err_set(err, ERR_INVALID, "Line %zu: state is not one that %s can have.", line, e->name);
}

static bool route_fits(const Row *row, size_t line, Err *err)
{
    if (!row->route || !str_same(row->event, "referral"))
        return true;
    FOR_EACH(r, routes)
        if (str_same(*r, row->route))
            return true;
    return err_set(err, ERR_INVALID, "Line %zu: route is not a known route.", line);
}

/* Words are compared in one spelling later on: lower case, yes or no. */
static Json *row_json(const ColumnMap *map, const CsvRow *csv, const Row *row, Arena *mem)
{
    const struct { const char *name; int value; } flags[] = {
        { "immediate_risk", row->immediate }, { "position_of_trust", row->trust },
        { "registered_offender", row->registered },
    };
    Json *out = columns_json(map, csv, mem);
    FOR_EACH(f, flags)
        if (f->value >= 0)
            json_set_text(out, f->name, f->value ? "yes" : "no");
    json_set_text(out, "event", row->event);
    json_set_text(out, "state", row->state);
    json_set_text(out, "route", row->route);
    return out;
}

static const char *word(Arena *mem, const char *text)
{
    return text ? str_lower_ascii(mem, text) : NULL;
}

bool returns_read(const ColumnMap *map, const CsvRow *csv, size_t line, Arena *mem, Record *out, Err *err)
{
    Row row = { .date = DATE_NONE,
                .until = DATE_NONE,
                .quantity = -1,
                .age = -1,
                .registered = -1,
                .trust = -1,
                .immediate = -1 };
    if (!columns_read(map, csv, line, mem, &row, err))
        return false;
    row.event = word(mem, row.event);
    row.state = word(mem, row.state);
    row.route = word(mem, row.route);
    const struct Event *event = event_find(row.event);
    if (!event)
        return err_set(err, ERR_INVALID, "Line %zu: event is not a known event.", line);
    ReturnIn *r = arena_new(mem, ReturnIn, 1);
    *r = (ReturnIn){ row.event, row.force, row.subject_ref, row.ref, row_json(map, csv, &row, mem) };
    out->kind = RECORD_RETURN;
    out->event = r;
    return needs_met(event, r->row, line, err) && state_fits(event, row.state, line, err) &&
           route_fits(&row, line, err);
}
