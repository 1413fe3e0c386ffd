/* access.h: who someone is and what they may see. What a person may not see is not found (ERR_NOT_FOUND),
 * never denied. */
#pragma once
#include "access/permissions.h"
#include "ledger/ledger.h"

typedef struct Viewer { /* a person acting, resolved once per request or command */
    int64_t person, agency;
    Role role;
    const char *login, *name, *agency_short, *agency_name, *agency_kind;
} Viewer;

typedef struct Agency {
    int64_t id;
    const char *short_id, *kind, *ons_code, *name, *tile, *nation;
    int tile_row, tile_column;
} Agency;

MUST_USE bool viewer_load(Db *db, Arena *mem, const char *login, Viewer *out, Err *err); /* ERR_NOT_FOUND */
/* The first active coordinator: who acts on the command line when nobody is named. */
MUST_USE bool viewer_first(Db *db, Arena *mem, Viewer *out, Err *err);
MUST_USE bool viewer_by_id(Db *db, Arena *mem, int64_t person, Viewer *out, Err *err);
MUST_USE bool agency_by_short(Db *db, Arena *mem, const char *short_id_or_ons, Agency *out, Err *err);
MUST_USE bool agency_by_id(Db *db, Arena *mem, int64_t id, Agency *out, Err *err);
MUST_USE bool agency_list(Db *db, Arena *mem, Agency **out, size_t *count, Err *err); /* by kind, then name */
/* The person who answers for an agency: its first active supervisor (force), coordinator (coordinator), else
 * anyone active there; 0 only for an agency without people: then the coordinating agency's first coordinator.
 * Deterministic; usable in apply. */
MUST_USE bool agency_duty(Db *db, int64_t agency, int64_t *person, Err *err);
/* The agency that leads an operation, else the first coordinating one; 0 if there is none. Usable in apply.
 */
MUST_USE bool operation_lead(Db *db, int64_t operation, int64_t *agency, Err *err);
/* The coordinating agency's; 0 if nobody is there. */
MUST_USE bool coordination_duty(Db *db, int64_t *person, Err *err);
MUST_USE bool agency_supervisor(Db *db, int64_t agency, int64_t *person, Err *err);
Hand viewer_hand(const Viewer *v, int64_t operation, Instant at);

/* May the viewer use p at all, and on a record held by `force` (0 = no force yet: only REACH_ALL)? */
bool viewer_may(const Viewer *v, Permission p);
bool viewer_may_on(const Viewer *v, Permission p, int64_t force);
/* 0 = all forces; otherwise the only agency whose records the viewer's lists may hold; -1 = none. For SQL
 * filters. */
int64_t viewer_scope(const Viewer *v, Permission p);
/* Restricted records: only those named in `restriction`, their holding agency's supervisors, and
 * coordinators. */
MUST_USE bool viewer_sees_restricted(Db *db, const Viewer *v, int64_t subject, int64_t force, bool *sees,
                                     Err *err);

/* Who else may see a restricted record (facts record.restricted, record.unrestricted). */
MUST_USE bool record_restrict(Ledger *ledger, const Hand *hand, int64_t subject, int64_t person, Err *err);
MUST_USE bool record_unrestrict(Ledger *ledger, const Hand *hand, int64_t subject, int64_t person, Err *err);

/* A look at a restricted record: durable before anything is shown. Purpose from a short list or free text,
 * required. */
MUST_USE bool look_record(Ledger *ledger, const Hand *hand, int64_t subject, const char *purpose, Err *err);

/* Set-up and people (facts agency.added, person.added, person.changed, person.stood-down, session.*). */
MUST_USE bool access_add_agencies(Ledger *ledger, const Hand *hand, Str agencies_csv, size_t *added,
                                  Err *err);
typedef struct NewPerson {
    const char *login, *name, *agency_short;
    Role role;
} NewPerson;
MUST_USE bool person_add(Ledger *ledger, const Hand *hand, const NewPerson *p, int64_t *id, Err *err);
/* Name, role and agency; the login stays, because a login names one person for good. */
MUST_USE bool person_change(Ledger *ledger, const Hand *hand, int64_t person, const NewPerson *p, Err *err);
typedef struct PersonRow {
    int64_t id, agency;
    const char *login, *name, *agency_name;
    Role role;
    bool active;
} PersonRow;
MUST_USE bool person_list(Db *db, Arena *mem, int64_t agency, PersonRow **out, size_t *count,
                          Err *err); /* 0: every agency */
/* Ends the person's sessions. Refuses short passwords (ERR_INVALID); only its hash is kept, and not in the
 * ledger. */
MUST_USE bool person_set_password(Ledger *ledger, const Hand *hand, int64_t person, const char *password,
                                  bool must_change, Err *err);
MUST_USE bool person_stand_down(
    Ledger *ledger, const Hand *hand, int64_t person, const char *reason,
    Err *err); /* ends sessions; what waited on them passes to their agency's duty person */
char *password_suggest(Arena *mem); /* four random words from a list, about 44 bits or more */

/* Sign-in: argon2id, throttled by login and by address; unknown login costs the same time as a wrong
 * password. A session ends 30 minutes after its last page and 12 hours after sign-in; only the SHA-256 of its
 * token is stored. `from` is the caller's address ("" if none). ERR_DENIED: not signed in or the password is
 * wrong. ERR_LIMIT: too many tries. */
enum { SESSION_IDLE_MINUTES = 30, SESSION_HOURS = 12, PASSWORD_MIN = 12, PASSWORD_MAX = 200 };
typedef struct Session {
    uint8_t token[32];
    const char *csrf;
    int64_t person;
    bool must_change;
    Instant seen; /* when its last page was asked for, to the minute or so */
} Session;
MUST_USE bool session_start(Ledger *ledger, Arena *mem, const char *login, const char *password,
                            const char *from, Instant now, Session *out, Err *err);
MUST_USE bool session_find(Db *db, Arena *mem, const uint8_t token[32], Instant now, Session *out,
                           Viewer *viewer, Err *err);
/* The person asked for something: the session's half hour begins anew. Not for what a page asks by itself, or
 * an unwatched screen would never sign out. */
void session_seen(Db *db, const Session *session, Instant now);
MUST_USE bool session_rotate(Ledger *ledger, Arena *mem, const uint8_t token[32], Instant now, Session *out,
                             Err *err);
MUST_USE bool session_end(Ledger *ledger, const uint8_t token[32], Instant now, Err *err);
MUST_USE bool session_end_all(Ledger *ledger, int64_t person, Instant now,
                              Err *err);                     /* sign out everywhere */
bool session_csrf_same(const Session *s, const char *given); /* constant time */
/* The person's own change: checks the old password, ends their other sessions and gives this one a new token.
 */
MUST_USE bool session_change_password(Ledger *ledger, Arena *mem, const uint8_t token[32],
                                      const char *old_password, const char *new_password, Instant now,
                                      Session *out, Err *err);

extern const Kind access_kinds[];
