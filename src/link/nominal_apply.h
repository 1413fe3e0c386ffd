/* nominal_apply.h: the only writers of the nominal table, for apply functions here and in later folders.
 *
 * Every function takes the id a fact was recorded for. If that nominal was merged meanwhile, what describes
 * the person (stage, flags, score) is written to the one that is kept; what can be undone with the merge is
 * counted again then. All of them set `changed`, so that the score follows (except nominal_set_score and
 * nominal_set_band). Nothing here fails because a nominal is missing: a fact about an unknown id is the
 * caller's mistake and is ERR_BUG. */
#pragma once
#include "ledger/ledger.h"

/* The nominal kept after all merges; ERR_BUG if there is none. Also for readers inside a command. */
MUST_USE bool nominal_kept(Db *db, int64_t id, int64_t *kept, Err *err);
/* Facts about this person moved: score again. */
MUST_USE bool nominal_touch(Tx *tx, const Entry *entry, int64_t nominal, Err *err);
/* reported | at-address | packaged | actioned | closed. nominal_advance_stage never goes back; closed stays.
 */
MUST_USE bool nominal_set_stage(Tx *tx, const Entry *entry, int64_t nominal, const char *stage, Err *err);
MUST_USE bool nominal_advance_stage(Tx *tx, const Entry *entry, int64_t nominal, const char *stage, Err *err);
/* reported | suspect | charged | convicted | eliminated | victim */
MUST_USE bool nominal_set_status(Tx *tx, const Entry *entry, int64_t nominal, const char *status, Err *err);
/* Whatever elimination of theirs holds (link/eliminate.h) is taken back by this entry, their status with it;
 * none: fine. */
MUST_USE bool elimination_end(Tx *tx, const Entry *entry, int64_t nominal, Err *err);
/* -1 leaves a flag as it is. Scoring works both out again from action rows, checks, the register and the
 * occupation: set here, they show at once. */
MUST_USE bool nominal_set_flags(Tx *tx, const Entry *entry, int64_t nominal, int registered,
                                int position_of_trust, Err *err);
MUST_USE bool nominal_set_occupation(Tx *tx, const Entry *entry, int64_t nominal, const char *occupation,
                                     Err *err);
MUST_USE bool nominal_set_access(Tx *tx, const Entry *entry, int64_t nominal, const char *access, Err *err);
MUST_USE bool nominal_set_restricted(Tx *tx, const Entry *entry, int64_t nominal, bool restricted, Err *err);
/* After a child row was written, moved or corrected: counts the children of the whole person again. */
MUST_USE bool nominal_set_child_count(Tx *tx, const Entry *entry, int64_t nominal, Err *err);
/* A person's move to another force (transfer), or the force of the attributed household. agency 0: not
 * settled. */
MUST_USE bool nominal_set_force(Tx *tx, const Entry *entry, int64_t nominal, int64_t agency,
                                const char *basis, Err *err);

typedef struct NominalPlace {
    const char *address, *postcode, *town, *area, *force_basis;
    int64_t     force;               /* agency.id, 0 if not settled */
    int64_t     answers;             /* independent events tied to this household */
} NominalPlace;
MUST_USE bool nominal_set_place(Tx *tx, const Entry *entry, int64_t nominal, const NominalPlace *place,
                                Err *err);

/* After an attribution was written or withdrawn: the household most events point to becomes the nominal's,
 * with its force, and the stage is at-address. `clear`: with none left, the address goes too. */
MUST_USE bool nominal_place_again(Tx *tx, const Entry *entry, int64_t nominal, bool clear, Err *err);

typedef struct NominalScore {
    const char *suggested, *why, *access;
    int64_t     points, seen;        /* seen: nominal.changed as the score saw it */
    bool        registered, position_of_trust;
} NominalScore;
/* `band_rank` keys the queue. Does not set `changed`. */
MUST_USE bool nominal_set_score(Tx *tx, const Entry *entry, int64_t nominal, const NominalScore *score,
                                int band_rank, Err *err);
/* A person's decision. */
MUST_USE bool nominal_set_band(Tx *tx, const Entry *entry, int64_t nominal, const char *band, int band_rank,
                               Err *err);
