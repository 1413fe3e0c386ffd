/* exhibit.h: what triage found on a seized device, recorded at its exhibit.
 *
 * One fact, exhibit.triaged: counts by grade, series and set, the digest of the report, the tool and the
 * roots of the sets; never a path, never a digest of a file. It gives the exhibit its priority (data/triage/
 * priority.csv, as it is on that day) and lets its nominal be scored again. A later one replaces it. */
#pragma once
#include "access/access.h"
#include "ledger/ledger.h"

/* Attaches counts as report_counts gives them, with "kind", "made" (RFC 3339) and "report_sha256". They may
 * come from a file and are checked. `exhibit` is an action of kind exhibit (its X reference), also one that
 * was corrected since. */
MUST_USE bool exhibit_attach(Ledger *ledger, const Hand *hand, int64_t exhibit, const Json *counts,
                             int64_t *triage, Err *err);

typedef struct ExhibitCount {
    const char *part, *name, *of;
    int64_t files, different, illegal, near;
} ExhibitCount;
typedef struct ExhibitSet { const char *root, *name, *version; } ExhibitSet;
typedef struct ExhibitRow {
    int64_t     id;                            /* of the exhibit as it stands corrected: its X reference */
    int64_t     nominal, package, force, quantity;
    const char *ref, *state, *place, *force_tile, *nominal_name;
    Date        on;
    Instant     due;                           /* of its examination; INSTANT_NONE */
    int64_t     triage;                        /* 0: not triaged; then the rest is empty */
    const char *report, *kind, *tool, *because, *person_name;
    Instant     made, at;
    int64_t     files, bytes, unread, deleted, known, different, illegal, near, victims, pictures, videos,
                clusters, priority;
    ExhibitCount *counts;                      /* exhibit_fetch alone */
    ExhibitSet *sets;
    size_t      count_count, set_count;
} ExhibitRow;
/* One exhibit, for who may read packages of its force; ERR_NOT_FOUND otherwise. */
MUST_USE bool exhibit_fetch(Db *db, Arena *mem, const Viewer *viewer, int64_t exhibit, ExhibitRow *out,
                            Err *err);
/* A nominal's exhibits, those of highest priority first, then those not triaged. The caller has checked that
 * the viewer may see the nominal. */
MUST_USE bool exhibit_list(Db *db, Arena *mem, int64_t nominal, ExhibitRow **out, size_t *count, Err *err);
extern const Kind triage_kinds[];
