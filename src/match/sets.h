/* sets.h: set files that a database uses: registered, kept beside it, opened, replaced and retired.
 *
 * The file is kept as DATABASE.sets/ROOT.set, so a copy of it has one name for ever. Registering is a fact
 * (hashset.registered); a set of a name already here is its next version: once it has been compared with
 * everything held, the reasons of the earlier one end. */
#pragma once
#include "match/grades.h"
#include "match/match.h"
#include "match/set_file.h"

/* The labels of hash_set that a set file has, to say which one an entry belongs to. */
typedef struct SetLabel { int64_t id; const char *name, *version, *kind; } SetLabel;
typedef struct ActiveSet {
    int64_t     id;                          /* set_file.id */
    const char *name, *version, *root;       /* root: in hexadecimal */
    SetFile     file;
    SetLabel   *labels;
    size_t      label_count;
} ActiveSet;
/* DATABASE.sets, and the file in it of a set with this root. */
const char *set_folder(Arena *mem, const char *db_path);
const char *set_path(Arena *mem, const char *db_path, const char *root);

/* match/limits.h; 0: nothing is near */
typedef struct NearLimits { int distance, quality; } NearLimits;
typedef struct ActiveSets {                  /* {0} is valid */
    ActiveSet *at;
    size_t     count, cap;
    Grades    *grades;
    NearLimits near;                         /* whoever compares sets it */
} ActiveSets;

/* Every set in use, its file opened and checked to be the one registered. A file that is missing or altered
 * is ERR_STORE, naming the set. */
MUST_USE bool sets_open_active(Db *db, const char *db_path, Arena *mem, ActiveSets *out, Err *err);
void sets_close(ActiveSets *sets);           /* for CLEANUP */
/* Are these still the sets in use? */
MUST_USE bool sets_current(Db *db, const ActiveSets *sets, bool *same, Err *err);

typedef struct SetAdded { int64_t set_file, job; bool already; } SetAdded;
/* Copies the file into its place, registers it and starts the job that compares it with everything held.
 * `signed_by` NULL: not signed, or by a key not known here. The same set again changes nothing (`already`).
 */
MUST_USE bool set_add(Ledger *ledger, Db *db, const Hand *hand, const char *path, const char *signed_by,
                      SetAdded *out, Err *err);
MUST_USE bool set_retire(Ledger *ledger, const Hand *hand, int64_t set_file, const char *reason, Err *err);
