/* dues.c: by when a child must have a plan, and a referral its answers. */
#include "operate/returns.h"
#include "safeguard/inside.h"

static const struct { const char *route, *decide; } routes[] = {
    { "childrens-social-care", "child-referral.decide"      },
    { "dbs",                   "child-referral.decide"      },
    { "employer-regulator",    "child-referral.decide"      },
    { "lado",                  "child-referral.decide-lado" },
    { "other-authority",       "child-referral.decide"      },
    { "school",                "child-referral.decide"      },
};

const char *decide_clock(const char *route)
{
    FOR_EACH(r, routes)
        if (str_same(r->route, route))
            return r->decide;
    return "child-referral.decide";
}

bool route_known(const char *route)
{
    FOR_EACH(r, routes)
        if (str_same(r->route, route))
            return true;
    return false;
}

static bool due_set(const ClockRules *rules, const char *kind, const char *band, const char *nation,
                    Instant from, Json *item, const char *key, Err *err)
{
    Instant due = INSTANT_NONE;
    if (!due_or_none(rules, kind, band, nation, from, &due, err))
        return false;
    if (due != INSTANT_NONE)
        json_set_int(item, key, due);
    return true;
}

bool plan_due_set(const ClockRules *rules, const char *nation, bool immediate, Date known_on,
                  Instant recorded, Json *item, Err *err)
{
    return due_set(rules, "child.plan", immediate ? "immediate" : "", nation, event_start(known_on, recorded),
                   item, "due_plan", err);
}

bool referral_dues_set(const ClockRules *rules, const char *nation, const char *route, Date sent_on,
                       Instant recorded, Json *item, Err *err)
{
    Instant from = event_start(sent_on, recorded);
    return due_set(rules, "child-referral.acknowledge", "", nation, from, item, "due_acknowledge", err)
        && due_set(rules, decide_clock(route), "", nation, from, item, "due_decide", err);
}
