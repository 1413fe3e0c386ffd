/* permissions.c: the one table of who may do what. docs/permissions.md holds the same table for people; a
 * test compares. */
#include "access/permissions.h"
#include "base/arena.h"
#include "base/str.h"

static const struct { const char *key, *name; } roles[ROLE__COUNT] = {
    [ROLE_NONE]                 = { "none",                 "nobody" },
    [ROLE_COORDINATOR]          = { "coordinator",          "coordinator" },
    [ROLE_RESEARCHER]           = { "researcher",           "researcher" },
    [ROLE_FORCE_OFFICER]        = { "force-officer",        "force officer" },
    [ROLE_FORCE_SUPERVISOR]     = { "force-supervisor",     "force supervisor" },
    [ROLE_EXAMINER]             = { "examiner",             "examiner" },
    [ROLE_SAFEGUARDING_PARTNER] = { "safeguarding-partner", "safeguarding partner" },
    [ROLE_PRESS_OFFICER]        = { "press-officer",        "press officer" },
    [ROLE_AUDITOR]              = { "auditor",              "auditor" },
    [ROLE_ADMINISTRATOR]        = { "administrator",        "administrator" },
};

/* A: all records. O: those of the person's own agency. '.': none.
 * The administrator manages people and sees no nominals; the auditor reads all and changes nothing; the
 * researcher builds a package that someone else sends: duties are kept apart. */
_Static_assert(ROLE_ADMINISTRATOR == 9 && ROLE__COUNT == 10, "one column per Role, in its order");

static const struct { const char *name, *reach; } permissions[PERM__COUNT] = {
    /*                                             nobody
                                                   | coordinator
                                                   | | researcher
                                                   | | | force officer
                                                   | | | | force supervisor
                                                   | | | | | examiner
                                                   | | | | | | safeguarding partner
                                                   | | | | | | | press officer
                                                   | | | | | | | | auditor
                                                   | | | | | | | | | administrator */
    [PERM_UNSET]           = { "unset",           ". . . . . . . . . ." },
    [PERM_PUBLIC]          = { "public",          "A A A A A A A A A A" },
    [PERM_SIGNED_IN]       = { "signed-in",       ". A A A A A A A A A" },
    [PERM_PICTURE_READ]    = { "picture.read",    ". A A O O . . . A ." },
    [PERM_NOMINAL_READ]    = { "nominal.read",    ". A A O O . . . A ." },
    [PERM_NOMINAL_DECIDE]  = { "nominal.decide",  ". A A . O . . . . ." },
    [PERM_BAND_SECOND]     = { "band.second",     ". A . . O . . . . ." },
    [PERM_REFERRAL_READ]   = { "referral.read",   ". A A O O . . . A ." },
    [PERM_INTAKE_READ]     = { "intake.read",     ". A A . . . . . A ." },
    [PERM_INTAKE_IMPORT]   = { "intake.import",   ". A A . . . . . . ." },
    [PERM_PACKAGE_READ]    = { "package.read",    ". A A O O . . . A ." },
    [PERM_PACKAGE_BUILD]   = { "package.build",   ". A A . . . . . . ." },
    [PERM_PACKAGE_SEND]    = { "package.send",    ". A . . . . . . . ." },
    [PERM_PACKAGE_ANSWER]  = { "package.answer",  ". A . O O . . . . ." },
    [PERM_ACTION_READ]     = { "action.read",     ". A A O O O . . A ." },
    [PERM_ACTION_RECORD]   = { "action.record",   ". A . O O . . . . ." },
    [PERM_CHILD_READ]      = { "child.read",      ". A A O O . O . A ." },
    [PERM_CHILD_DECIDE]    = { "child.decide",    ". A . O O . O . . ." },
    [PERM_WAITING_READ]    = { "waiting.read",    ". A A O O O O . A ." },
    [PERM_CLOCK_PAUSE]     = { "clock.pause",     ". A . . O . . . . ." },
    [PERM_FIGURES_READ]    = { "figures.read",    ". A A O O . . A A ." },
    [PERM_FIGURES_DRILL]   = { "figures.drill",   ". A A O O . . . A ." },
    [PERM_FIGURES_PUBLISH] = { "figures.publish", ". A . . . . . A . ." },
    [PERM_LEDGER_READ]     = { "ledger.read",     ". A . . . . . . A ." },
    [PERM_LEDGER_ERASE]    = { "ledger.erase",    ". A . . . . . . . ." },
    [PERM_AGENCY_READ]     = { "agency.read",     ". A A O O O O . A A" },
    [PERM_PEOPLE_MANAGE]   = { "people.manage",   ". A . . . . . . . A" },
    [PERM_OPERATION_OPEN]  = { "operation.open",  ". A . . . . . . . ." },
    [PERM_HASHSET_MANAGE]  = { "hashset.manage",  ". A . . . A . . . ." },
};

Reach permission_reach(Role role, Permission p)
{
    if (role >= ROLE__COUNT || p >= PERM__COUNT || !permissions[p].reach)
        return REACH_NONE;
    char cell = permissions[p].reach[2 * (size_t)role];
    return cell == 'A' ? REACH_ALL : cell == 'O' ? REACH_OWN : REACH_NONE;
}

const char *role_name(Role role)
{
    return roles[role < ROLE__COUNT ? role : ROLE_NONE].name;
}

const char *role_key(Role role)
{
    return roles[role < ROLE__COUNT ? role : ROLE_NONE].key;
}

Role role_read(const char *key)
{
    for (Role r = ROLE_NONE + 1; r < ROLE__COUNT; r++)
        if (str_same(roles[r].key, key))
            return r;
    return ROLE_NONE;
}

const char *permission_name(Permission p)
{
    return permissions[p < PERM__COUNT ? p : PERM_UNSET].name;
}
