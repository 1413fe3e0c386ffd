/* attribute.h: footprints are tied to a household and a force.
 *
 * (1) address -> network operator, from a range table with its date; (2) answer compared with its footprint
 * field by field before a name is attached: address equal, port equal (or shared and absent: flagged),
 * instant within the session; (3) the INSTALLATION postcode, never the billing one, -> local authority ->
 * force; a split or unknown sector is flagged, never guessed. */
#pragma once
#include "clock/clock.h"
#include "ledger/ledger.h"

typedef struct Operators Operators; /* IPv4/IPv6 ranges -> AS number and name; sorted arrays, binary search */
/* From the npm package's CSV (start,end,asn,name), or an agency's .mmdb. `as_of` is kept with every answer.
 * Path NULL: an empty table. */
MUST_USE bool operators_load(const char *path_v4, const char *path_v6, const char *as_of, Operators **out,
                             Err *err);
/* The same from memory: for tests and fuzzing. */
MUST_USE bool operators_read(Str csv_v4, Str csv_v6, const char *as_of, Operators **out, Err *err);
bool operators_empty(const Operators *o);
void operators_close(Operators *o); /* accepts NULL */
typedef struct OperatorHit {
    bool found;
    int64_t asn;
    const char *name, *as_of;
} OperatorHit;
MUST_USE bool operators_find(const Operators *o, Arena *mem, const char *address, OperatorHit *out, Err *err);

typedef struct Places
    Places; /* postcode sector -> local authority -> force; built-in small tables or full ONS files */
MUST_USE bool places_load(Arena *mem, Str postcodes_csv, Str towns_csv, Places **out, Err *err);
typedef struct PlaceHit {
    bool found, split;
    const char *lad, *lad_name, *force_short, *town, *basis;
} PlaceHit;
/* `split`: the sector lies in more than one force, and no force is named. A sector in several authorities of
 * one force names the force alone. `force_short` is a short id or an ONS code: agency_by_short reads both.
 * `basis` always says what was found, or why nothing was. */
MUST_USE bool places_find(const Places *p, Arena *mem, const char *postcode, PlaceHit *out, Err *err);

/* Looks up operators of new footprints (footprints.looked-up) and compares new answers (answer.attributed /
 * answer.refused, with why): urgent first, in batches. */
MUST_USE bool attribute_pending(Ledger *ledger, Db *db, const Hand *hand, const Operators *o, const Places *p,
                                size_t *looked, size_t *attributed, Err *err);
/* A person found an error in an answer or its comparison: the household goes, the nominal is scored again,
 * and a clock runs until someone has decided what follows for all that relied on it (R-15; operate/relied.h
 * lists it). */
MUST_USE bool attribution_withdraw(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand,
                                   int64_t attribution, const char *reason, Err *err);
/* What was decided: ERR_CONFLICT when nothing of this nominal waits for it. */
MUST_USE bool attribution_reviewed(Ledger *ledger, Db *db, const Hand *hand, int64_t nominal,
                                   const char *reason, Err *err);
typedef struct AttributionError {
    bool withdrawn, to_review; /* to_review: nobody has decided yet what follows for this nominal */
    Instant at;
    const char *why;
} AttributionError;
MUST_USE bool attribution_error(Db *db, Arena *mem, int64_t attribution, AttributionError *out, Err *err);
/* Whose footprint or stated address it is about, after every merge: ERR_NOT_FOUND. */
MUST_USE bool attribution_nominal(Db *db, int64_t attribution, int64_t *nominal, Err *err);
typedef struct RefusedRow { /* an answer that was not tied to a household: visible until settled */
    int64_t id, file, line, entry;
    const char *operator_name, *operator_ref, *why;
} RefusedRow;
MUST_USE bool attribute_refused(Db *db, Arena *mem, int64_t operation, int64_t after, size_t limit,
                                RefusedRow **out, size_t *count, Err *err);
extern const Kind attribute_kinds[];
