/* keys.h: what a sighting can be linked by.
 *
 * A key is (kind, service, normal). A sighting offers keys, which stay with its nominal, and seeks keys among
 * those others offered. For e-mail, phone, device and account both are the same; a report offers its own
 * number and seeks reports that named it, and the reverse, so that the order of arrival does not matter
 * (invariant: the same sightings give the same people in any order). Never a key: a screen name alone,
 * anything flagged shared, a name with a date of birth but without a postcode. */
#pragma once
#include "base/when.h"
#include "store/store.h"

typedef struct Key {
    const char *kind, *service, *normal;
    bool offered, sought;
} Key;

typedef struct Sighted {                 /* a sighting as linking sees it */
    int64_t id, referral, nominal, operation,
        reported_here; /* reported_here: reported people in that referral */
    const char *role, *given, *family, *name, *postcode, *service, *account, *occupation, *source, *provider,
        *source_ref;
    Date        born;
    Instant     seen;
    bool        superseded;              /* its referral was merged into another */
    Key        *keys;
    size_t      key_count;
} Sighted;
MUST_USE bool sighted_load(Db *db, Arena *mem, int64_t sighting, Sighted *out, Err *err); /* ERR_NOT_FOUND */

/* "report 1234567 (example.org)", "list row 12", for sentences. */
char *source_says(Arena *mem, const char *source, const char *source_ref, const char *provider);
