/* permissions.h: what a role may do. One row per permission in access/permissions.c says which roles hold it
 * and how far it reaches. PERM_UNSET is 0, so a forgotten cell closes a door. */
#pragma once

typedef enum Role {
    ROLE_NONE, ROLE_COORDINATOR, ROLE_RESEARCHER, ROLE_FORCE_OFFICER, ROLE_FORCE_SUPERVISOR, ROLE_EXAMINER,
    ROLE_SAFEGUARDING_PARTNER, ROLE_PRESS_OFFICER, ROLE_AUDITOR, ROLE_ADMINISTRATOR, ROLE__COUNT
} Role;

typedef enum Permission {
    PERM_UNSET,
    PERM_PUBLIC,              /* sign-in page, assets: no account needed */
    PERM_SIGNED_IN,           /* anyone with an account: own pages */
    PERM_PICTURE_READ,        /* the national picture and boards */
    PERM_NOMINAL_READ, PERM_NOMINAL_DECIDE,       /* bands, links, checks */
    PERM_BAND_SECOND,         /* be the second person for a lowered band or an elimination */
    PERM_REFERRAL_READ, PERM_INTAKE_READ, PERM_INTAKE_IMPORT,
    PERM_PACKAGE_READ, PERM_PACKAGE_BUILD, PERM_PACKAGE_SEND,
    PERM_PACKAGE_ANSWER,      /* receive, accept, return */
    PERM_ACTION_READ, PERM_ACTION_RECORD,
    PERM_CHILD_READ, PERM_CHILD_DECIDE,
    PERM_WAITING_READ, PERM_CLOCK_PAUSE,
    PERM_FIGURES_READ, PERM_FIGURES_DRILL, PERM_FIGURES_PUBLISH,
    PERM_LEDGER_READ, PERM_LEDGER_ERASE,
    PERM_AGENCY_READ, PERM_PEOPLE_MANAGE, PERM_OPERATION_OPEN, PERM_HASHSET_MANAGE,
    PERM__COUNT
} Permission;

/* How far a permission reaches for a role. Own: records whose force is the person's agency. */
typedef enum Reach { REACH_NONE, REACH_OWN, REACH_ALL } Reach;
Reach       permission_reach(Role role, Permission p);
const char *role_name(Role role);                                /* "force officer" */
const char *role_key(Role role);                                 /* "force-officer" */
Role        role_read(const char *key);                          /* ROLE_NONE if unknown */
const char *permission_name(Permission p);                       /* "package.read" */
