/* nominal.h: sightings of one person become a nominal; each link has its reason and can be undone.
 *
 * Facts: nominal.opened, nominal.linked, nominal.unlinked, nominal.merged, nominal.unmerged, nominal.named,
 * nominal.apart. A merged id still resolves (nominal_resolve). Undo restores the earlier state exactly. Only
 * reported and account-holder sightings are linked; a victim's or recipient's never is. Identifiers flagged
 * shared (strong = 0) never link. */
#pragma once
#include "access/access.h"
#include "ledger/ledger.h"

/* Links every unlinked reported sighting, urgent first, in batches. */
MUST_USE bool link_pending(Ledger *ledger, Db *db, const Hand *hand, size_t *linked, size_t *opened,
                           Err *err);
MUST_USE bool nominal_unlink(Ledger *ledger, const Hand *hand, int64_t link, const char *reason, Err *err);
MUST_USE bool nominal_merge(Ledger *ledger, const Hand *hand, int64_t keep, int64_t merge, const char *reason,
                            Err *err);
MUST_USE bool nominal_unmerge(Ledger *ledger, const Hand *hand, int64_t merge_id, const char *reason,
                              Err *err);
/* Decided: not one person. Linking will not merge them, whatever they share. */
MUST_USE bool nominal_keep_apart(Ledger *ledger, const Hand *hand, int64_t a, int64_t b, const char *reason,
                                 Err *err);
/* A person's decision on the name: kept from then on, whatever sightings say. */
typedef struct NominalNaming {
    const char *name, *given, *family, *reason;
    Date born; /* DATE_NONE if not known */
} NominalNaming;
MUST_USE bool nominal_name(Ledger *ledger, const Hand *hand, int64_t nominal, const NominalNaming *naming,
                           Err *err);
/* Need-to-know (access.h: who may see it then). */
MUST_USE bool nominal_restrict(Ledger *ledger, const Hand *hand, int64_t nominal, bool restricted,
                               const char *reason, Err *err);
MUST_USE bool nominal_resolve(Db *db, int64_t id, int64_t *now_id, Err *err); /* ERR_NOT_FOUND */
/* The nominal a source's own number points to (report number, list_ref, event_ref): for force returns. 0 if
 * none. */
MUST_USE bool nominal_of_source(Db *db, int64_t operation, const char *source_ref, int64_t *nominal,
                                Err *err);

typedef struct NominalRow { /* one line of the queue */
    int64_t id, force, operation;
    const char *name, *status, *band, *suggested, *why, *force_tile, *force_short, *town, *stage, *access;
    int64_t points, referrals, children;
    int64_t bundled; /* people of a viral bundle that this one stands for, itself among them; 0: none */
    int band_rank; /* what the queue is ordered by: the decided band, or the suggestion until one is decided
                    */
    bool registered, position_of_trust, restricted,
        hidden; /* hidden: restricted and not for this viewer (never listed) */
    Instant first_seen, last_seen;
    int64_t clock_due; /* earliest running clock of this nominal, INSTANT_NONE if none */
    const char *clock_says, *clock_owner;
} NominalRow;
typedef struct QueueFilter {
    int64_t operation, force;
    const char *band, *text;
    bool eliminated; /* a search finds them, too; the queue itself never holds them */
    int64_t bundle_of; /* everyone of the viral bundle that this nominal is in; 0: the queue itself */
    size_t limit;
    int band_rank;
    int64_t points, after_id;
} QueueFilter; /* last three: keyset */
/* Ordered by band_rank, points, id. Of a viral bundle only the most serious stands in it; a search by text
 * finds all of them. `force` from viewer_scope. Restricted ones the viewer may not see are
 * absent. */
MUST_USE bool nominal_queue(Db *db, Arena *mem, const Viewer *viewer, const QueueFilter *f, NominalRow **out,
                            size_t *count, Err *err);
MUST_USE bool nominal_row(Db *db, Arena *mem, const Viewer *viewer, int64_t id, NominalRow *out,
                          Err *err); /* ERR_NOT_FOUND also when not for the viewer */

typedef struct FootprintRow {
    int64_t id, referral;
    const char *address, *verbatim, *event, *operator_name, *operator_as_of, *answer_ref;
    int64_t port, asn;
    Instant at;
    bool proxy, resolved, attributed;
} FootprintRow;
typedef struct LinkRow {
    int64_t id, sighting, referral, entry;
    const char *kind, *reason, *source, *source_ref;
    Instant seen_at;
    bool undone;
} LinkRow;
typedef struct AttributionRow {
    int64_t id, footprint, answer;
    const char *verbatim, *address, *operator_name, *operator_ref, *agrees, *household, *postcode,
        *force_basis, *billing;
    Instant at, session_start, session_end;
    int64_t port;
    bool shared, withdrawn;
} AttributionRow;
typedef struct ReferralRow {
    int64_t id, file, line;
    const char *source, *source_ref, *provider, *incident_type, *priority_reason, *summary, *sensitive_text,
        *missing;
    Instant received_at, incident_at;
    int completeness;
    bool bundled;
} ReferralRow;
typedef struct IdentifierRow {
    const char *kind, *service, *verbatim;
    int64_t seen;
} IdentifierRow;
typedef struct Nominal {
    NominalRow row;
    const char *given, *family, *occupation, *address, *postcode, *area, *force_basis;
    Date born;
    int64_t answers;
    FootprintRow *footprints;
    size_t footprint_count; /* at most 200, newest last */
    LinkRow *links;
    size_t link_count;
    AttributionRow *attributions;
    size_t attribution_count;
    ReferralRow *referrals;
    size_t referral_count; /* at most 100 */
    IdentifierRow *identifiers;
    size_t identifier_count;
} Nominal;
MUST_USE bool nominal_fetch(Db *db, Arena *mem, const Viewer *viewer, int64_t id, Nominal *out, Err *err);
/* Which nominal a link belongs to; ERR_NOT_FOUND. */
MUST_USE bool link_nominal(Db *db, int64_t link, int64_t *nominal, Err *err);
extern const Kind link_kinds[];
