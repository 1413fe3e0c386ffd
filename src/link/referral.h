/* referral.h: one report, list row or notice as it was received, with the people, traces and files in it.
 *
 * Someone who reaches only their own force's records sees a referral when a nominal of their force was
 * reported in it; one that names a restricted nominal not for them is ERR_NOT_FOUND whole. Texts are
 * verbatim. */
#pragma once
#include "access/access.h"
#include "link/nominal.h"

typedef struct ReferralPerson {
    int64_t id, nominal, age, force;         /* nominal 0: linked to nobody; age 0: not stated */
    const char *role;                        /* reported | victim | recipient | reporter | ... */
    const char *name, *address, *postcode, *town, *country, *occupation, *service, *account;
    Date born;
    Instant seen;
} ReferralPerson;
typedef struct ReferralIdentifier {
    int64_t sighting;
    const char *role, *kind, *service, *verbatim;
    bool strong, verified;                   /* not strong: shared by many, so it links nobody */
} ReferralIdentifier;
typedef struct ReferralFile {
    int64_t id;
    const char *kind, *value, *classification, *relevance, *name;    /* classification in its own scale */
    int64_t viewed, public_file;             /* 1 yes, 0 no, -1 not stated */
    const char *matched;                     /* names of known-file sets that hold it; NULL: none */
} ReferralFile;
typedef struct Referral {
    ReferralRow row;
    int64_t operation, merged_into;          /* merged_into 0: it stands for itself */
    const char *incident_verbatim, *annotations, *grading, *file_name;
    const char *outcome, *outcome_reason;    /* of its assessment (assess.h); NULL: none */
    bool to_assess;                          /* it leads to nobody, and no one has said what becomes of it */
    ReferralPerson *people;
    size_t person_count;
    ReferralIdentifier *identifiers;
    size_t identifier_count;
    FootprintRow *footprints;
    size_t footprint_count;
    const char **footprint_roles;            /* beside footprints: whose */
    ReferralFile *files;
    size_t file_count;                       /* each list at most 500 */
} Referral;
MUST_USE bool referral_fetch(Db *db, Arena *mem, const Viewer *viewer, int64_t id, Referral *out, Err *err);

/* What joined sightings to people lately, newest first. Of restricted nominals only what the viewer may see;
 * `force` from viewer_scope. */
typedef struct RecentLink {
    int64_t id, entry, nominal, referral;    /* id: of the link, or of the merge */
    int64_t merged, force;                   /* merged: the nominal taken in by a merge; 0 for a link */
    const char *name, *kind, *reason, *source, *source_ref, *force_tile;
    Instant at;
    bool undone;
} RecentLink;
typedef struct RecentFilter {
    int64_t operation, force, before;        /* before: the last id of the page before; 0 for the first */
    size_t limit;
} RecentFilter;
MUST_USE bool recent_links(Db *db, Arena *mem, const Viewer *viewer, const RecentFilter *f, RecentLink **out,
                           size_t *count, Err *err);
MUST_USE bool recent_merges(Db *db, Arena *mem, const Viewer *viewer, const RecentFilter *f, RecentLink **out,
                            size_t *count, Err *err);
/* The kept nominal of a merge: ERR_NOT_FOUND. */
MUST_USE bool merge_nominal(Db *db, int64_t merge, int64_t *nominal, Err *err);
