/* package.h: packages are deconflicted, built, and disseminated to one force, which answers for them.
 *
 * States: built -> (held ->) sent -> received -> accepted | returned; accepted -> actioned -> closed;
 * transferred. Of someone eliminated, one can be closed from any state, and none is built or sent. The
 * manifest holds references and digests only. A package to a force is built from what is attributed; sending
 * needs a decided band and no open deconfliction hold. */
#pragma once
#include "access/access.h"
#include "clock/clock.h"
#include "ledger/ledger.h"

/* Every function checks that the person of `hand` may do it to this package: ERR_DENIED, or ERR_NOT_FOUND
 * when the package is not theirs. The system (actor 0) may. A step that does not follow from the state is
 * ERR_CONFLICT. */

/* Builds one for a nominal at an address with a force (package.built); it is held when others are at work on
 * the same person, account, address or file. ERR_CONFLICT: one is open already; ERR_INVALID: no force yet. */
MUST_USE bool package_build(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand,
                            int64_t nominal, int64_t *package, Err *err);
MUST_USE bool package_send(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand, int64_t package,
                           Err *err);
MUST_USE bool package_receive(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand,
                              int64_t package, Err *err);
MUST_USE bool package_accept(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand,
                             int64_t package, int64_t officer, Err *err);
MUST_USE bool package_return(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand,
                             int64_t package, const char *reason, Err *err);
MUST_USE bool package_release(Ledger *ledger, Db *db, const Hand *hand, int64_t package, const char *reason,
                              Err *err); /* a supervisor's decision on a hold */
/* force to force, the clock goes on. */
MUST_USE bool package_transfer(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand,
                               int64_t package, int64_t to_force, const char *reason, Err *err);
MUST_USE bool package_close(Ledger *ledger, Db *db, const Hand *hand, int64_t package,
                            const char *disposition, const char *note, Err *err);

/* Tells the holder of each open package whose person was eliminated (package.eliminated): what it waits for
 * stands still, and a clock of theirs runs until they close it. And goes on with those whose person is not
 * eliminated any more (package.reinstated). How many. */
MUST_USE bool package_eliminations(Ledger *ledger, Db *db, const ClockRules *rules, const Hand *hand,
                                   size_t *told, Err *err);

/* Nominals, not yet acted on, at an address whose force is settled, with a band and no open package; most
 * dangerous to children first. */
MUST_USE bool package_candidates(Db *db, Arena *mem, int64_t operation, int64_t **ids, size_t *count,
                                 Err *err);

typedef struct PackageRow {
    int64_t id, nominal, force, owner;
    const char *nominal_name, *force_tile, *force_short, *band, *state, *why, *owner_name, *next_says;
    Instant built, sent, received, accepted, first_action, closed, next_due;
    bool eliminated; /* the person is: nothing else is asked of its holder than to close it */
} PackageRow;
typedef struct PackageFilter {
    int64_t operation, force, nominal;         /* 0: any */
    const char *state;
    int64_t after_id;                          /* the last row of the page before, 0 for the first */
    size_t limit;
} PackageFilter;
/* Those not yet received, then the open, then the closed; the most dangerous to children first in each.
 * Packages of restricted nominals the viewer may not see are absent. */
MUST_USE bool package_list(Db *db, Arena *mem, const Viewer *viewer, const PackageFilter *f, PackageRow **out,
                           size_t *count, Err *err);
typedef struct Package {
    PackageRow row;
    const char *handling, *conditions, *classification, *manifest, *return_reason, *hold_reason, *disposition,
        *disposition_note;
    int version;
    struct {
        int64_t id, other;
        const char *kind, *detail;
        bool decided;
    } * hits;
    size_t hit_count;
} Package;
/* `other` of a hit is 0 when the viewer may not see that nominal. */
MUST_USE bool package_fetch(Db *db, Arena *mem, const Viewer *viewer, int64_t id, Package *out, Err *err);
/* The package as one file for people and machines: canonical JSON signed with the installation's key,
 * image-free. */
MUST_USE bool package_export(Db *db, Arena *mem, const Viewer *viewer, int64_t id, Str *out, Err *err);
/* A withdrawn answer that a package rests on: it was taken before the package was built and withdrawn after.
 * *found is false when it rests on none. */
typedef struct WithdrawnAnswer {
    int64_t attribution;
    Instant at;
    const char *why;
} WithdrawnAnswer;
MUST_USE bool package_rests_on_error(Db *db, Arena *mem, int64_t package, WithdrawnAnswer *out, bool *found,
                                     Err *err);
extern const Kind dispatch_kinds[];
