#include "attribute/compare.h"

static Comparison differs(const char *says, bool same_instant)
{
    return (Comparison){ COMPARE_DIFFERS, says, same_instant };
}

/* A clock read in the wrong zone is off by whole hours: the classic wrong door. */
static const char *off_by(Arena *mem, Instant asked, Instant seen)
{
    int64_t off = asked > seen ? asked - seen : seen - asked;
    if (off > 0 && off <= 14 * US_PER_HOUR && off % US_PER_HOUR == 0)
        return str_fmt(mem, "The instant differs by exactly %d h: a time zone may have been misread.",
                       (int)(off / US_PER_HOUR));
    return "The footprint's instant is not the one asked about and not in the session.";
}

static bool in_session(const Asked *a, Instant at)
{
    return a->session_start != INSTANT_NONE && a->session_end != INSTANT_NONE &&
           a->session_start <= a->session_end && at >= a->session_start && at <= a->session_end;
}

static bool has_session(const Asked *a)
{
    return a->session_start != INSTANT_NONE || a->session_end != INSTANT_NONE;
}

/* NULL if the ports agree or do not matter; *says then tells how. */
static const char *port_clash(Arena *mem, const Asked *a, const Seen *f, const char **says)
{
    if (a->port >= 0 && f->port >= 0) {
        *says = str_fmt(mem, "port %d equal", (int)f->port);
        return a->port == f->port ? NULL : "The port differs.";
    }
    if (a->shared)
        return "Many customers share this address and the port is missing: no one household can be named.";
    *says = a->port < 0 && f->port < 0 ? "no port on either side"
                                       : "port stated on one side only, address not shared";
    return NULL;
}

Comparison compare_answer(Arena *mem, const Asked *a, const Seen *f)
{
    const char *port = NULL;
    bool same = f->at != INSTANT_NONE && f->at == a->at;
    if (!str_same(a->address, f->address))
        return differs("The address differs.", same);
    if (f->at == INSTANT_NONE)
        return differs("The footprint's time states no offset: it is unresolved.", same);
    if (a->at == INSTANT_NONE && !has_session(a))
        return differs("The instant asked about states no offset.", same);
    const char *clash = port_clash(mem, a, f, &port);
    if (clash)
        return differs(clash, same);
    if (has_session(a) && !in_session(a, f->at))
        return differs(same ? "The instant asked about is outside the session answered with."
                            : off_by(mem, a->at, f->at),
                       same);
    if (!has_session(a) && !same)
        return differs(off_by(mem, a->at, f->at), same);
    return (Comparison){ COMPARE_AGREES,
                         str_fmt(mem, "address equal; %s; %s", port,
                                 has_session(a) ? "instant within the session"
                                                : "instant equal, no session stated"),
                         same };
}
