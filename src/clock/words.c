#include "clock/words.h"
#include "base/str.h"

char *clock_left(Arena *mem, Instant due, Instant now)
{
    int64_t us = due > now ? due - now : now - due, minutes = us / (60 * US_PER_SECOND);
    const char *side = due >= now ? "left" : "late";
    if (minutes < 60)
        return str_fmt(mem, "%lld min %s", (long long)minutes, side);
    if (minutes < 48 * 60)
        return str_fmt(mem, "%lld h %s", (long long)(minutes / 60), side);
    return str_fmt(mem, "%lld days %s", (long long)(minutes / (24 * 60)), side);
}

static const struct { const char *kind, *says; } nexts[] = {
    { "child-referral.acknowledge", "Acknowledge the referral"           },
    { "child-referral.decide",      "Decide on the referral"             },
    { "child-referral.decide-lado", "Decision by the designated officer" },
    { "child.plan",                 "Plan to protect the child"          },
    { "package.accept",             "Accept or return it"                },
    { "package.eliminated",         "Close it: the person is eliminated" },
    { "package.first-action",       "First action"                       },
    { "package.hold-decision",      "Decide on the hold"                 },
    { "package.receipt",            "Acknowledge receipt"                },
    { "package.returned",           "Decide where it goes now"           },
    { "package.send",               "Send it"                            },
    { "package.update",             "Next update"                        },
};

const char *clock_next(Arena *mem, const char *kind)
{
    FOR_EACH (n, nexts)
        if (str_same(n->kind, kind))
            return n->says;
    return str_copy(mem, kind);
}
