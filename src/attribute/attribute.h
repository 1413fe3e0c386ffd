/* attribute.h: footprints are tied to a household and a force.
 *
 * (1) address -> network operator, from a range table with its date; (2) answer compared with its footprint
 * field by field before a name is attached: address equal, port equal (or shared and absent: flagged),
 * instant within the session; (3) the INSTALLATION postcode, never the billing one, -> local authority ->
 * force; a split or unknown sector is flagged, never guessed. */
#pragma once
#include "ledger/ledger.h"

typedef struct Operators Operators; /* IPv4/IPv6 ranges -> AS number and name; sorted arrays, binary search */
/* From the npm package's CSV (start,end,asn,name), or an agency's .mmdb. `as_of` is kept with every answer.
 * Path NULL: an empty table. */
MUST_USE bool operators_load(const char *path_v4, const char *path_v6, const char *as_of, Operators **out,
                             Err *err);
void operators_close(Operators *o);
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
MUST_USE bool places_find(const Places *p, Arena *mem, const char *postcode, PlaceHit *out, Err *err);

/* Looks up operators of new footprints (footprints.looked-up) and compares new answers (answer.attributed /
 * answer.refused, with why): urgent first, in batches. */
MUST_USE bool attribute_pending(Ledger *ledger, Db *db, const Hand *hand, const Operators *o, const Places *p,
                                size_t *looked, size_t *attributed, Err *err);
extern const Kind attribute_kinds[];
