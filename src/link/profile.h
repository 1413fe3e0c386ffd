/* profile.h: what is known of one record, aspect by aspect, as written and in a form to compare.
 *
 * A record is a nominal as it was opened, with the sightings linked to it; merges never move them, so a
 * record's profile does not depend on what was merged when. Values that say nothing (blank, a placeholder) or
 * that their source flagged as shared have no normal form and never count. */
#pragma once
#include "engine/linkage/linkage_columns.h"
#include "link/person/person.h"
#include "store/store.h"

typedef enum Aspect {
    ASPECT_GIVEN, ASPECT_FAMILY, ASPECT_BIRTH, ASPECT_CITY, ASPECT_POSTCODE, ASPECT_ADDRESS, ASPECT_EMAIL,
    ASPECT_PHONE, ASPECT_USERNAME, ASPECT_OCCUPATION, ASPECT__COUNT
} Aspect;

/* What an aspect is evidence of: two of one kind are one piece of evidence. */
typedef enum Proof { PROOF_NAME, PROOF_BIRTH, PROOF_CONTACT, PROOF_SHAREABLE } Proof;
typedef struct AspectRow {
    LinkField field;           /* its key and how it is compared */
    Proof     proof;           /* PROOF_SHAREABLE: strangers or a household can have it in common */
} AspectRow;
extern const AspectRow aspects[ASPECT__COUNT];
uint32_t aspects_shareable(void);       /* one bit each */

enum { PROFILE_VALUES = 6, PROFILE_ROWS = 4 };
typedef struct ProfileValue {
    const char *verbatim, *normal;
} ProfileValue; /* normal NULL: says nothing */
typedef struct Profile {
    int64_t      id, operation;
    ProfileValue values[ASPECT__COUNT][PROFILE_VALUES];
    size_t       count[ASPECT__COUNT];
} Profile;

typedef struct ProfileTools ProfileTools;        /* what normalising needs; one for each thread */
MUST_USE bool profile_tools(Arena *mem, ProfileTools **out, Err *err);
void profile_tools_done(ProfileTools *tools);    /* before the arena goes; accepts NULL */
LinkNicknames *profile_nicknames(const ProfileTools *tools);      /* for columns; with profile_rules */
const PersonRules *profile_rules(const ProfileTools *tools);
PersonKind profile_kind(Aspect a);
/* NULL: it says nothing. */
const char *profile_normal(const ProfileTools *t, Arena *mem, Aspect a, const char *verbatim);
/* One more value; a value that is there already is not added. */
void profile_add(const ProfileTools *tools, Arena *mem, Profile *p, Aspect a, const char *verbatim);
/* A name in one piece, parted as names are read; not added where it has no two parts. */
void profile_add_name(const ProfileTools *tools, Arena *mem, Profile *p, const char *verbatim);
/* One record; a record without sightings is empty. Without `tools` (NULL) nothing has a normal form. */
MUST_USE bool profile_record(Db *db, Arena *mem, const ProfileTools *tools, int64_t record, Profile *out,
                             Err *err);
/* A nominal as it is now, with everyone merged into it. */
MUST_USE bool profile_nominal(Db *db, Arena *mem, const ProfileTools *tools, int64_t nominal, Profile *out,
                              Err *err);
/* The i-th combination of its values to compare (the i-th of each aspect, else its first): NULL where there
 * is none. False beyond the last. */
bool profile_row(const Profile *p, size_t i, const char *row[ASPECT__COUNT]);
