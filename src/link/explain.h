/* explain.h: why two records are held to be one person, or not, in words a court can read and then in
 * numbers.
 *
 * Weights add up: each step of the waterfall is what one aspect brings, and the last is their sum. Nothing
 * here says what someone did, only whether two records are about the same person. */
#pragma once
#include "link/base.h"

/* One step: what it is called, what it brings, and the sum with it (thousandths of a bit). */
typedef struct PairStep { const char *name, *says; int64_t bits, sum; } PairStep;
/* The prior, each aspect that is not blank, what was withheld or counted once; in that order. */
void pair_steps(Arena *mem, const PairRow *p, PairStep **out, size_t *count);

/* "about 5,000 to 1 that they are one person", "about 30 to 1 that they are two people", "about even". */
char *pair_odds(Arena *mem, int64_t millibits);
/* "about 40,000 times": how much more often such agreement is met when two records are one person's. */
char *pair_times(Arena *mem, int64_t millibits);
/* Three sentences: what agrees and what does not; how telling that is; what it comes to. */
char *pair_sentence(Arena *mem, const PairRow *p);
/* Each aspect with its grade, level and what it brings, for programs. */
Json *pair_aspects_json(const PairRow *p);
/* "14.2": bits with one decimal and a sign where negative. */
char *pair_bits(Arena *mem, int64_t millibits);

/* Why two nominals are one already: the merges and links that join them, oldest first. */
typedef struct Joint { int64_t id, kept, merged, pair, decision; const char *reason; Instant at; } Joint;
typedef struct Explained {
    NominalRow one, two;             /* as they are now; the same nominal when they are one */
    bool joined, weighed; /* weighed: `pair` holds numbers, made now unless pair.id says where from */
    PairRow    pair;
    Joint     *joints;
    size_t     joint_count;
} Explained;
/* `a` and `b` may be merged into others. ERR_NOT_FOUND unless the viewer may see both; ERR_INVALID when both
 * are the same record. */
MUST_USE bool pair_explain(Db *db, Arena *mem, LinkBase *base, const Viewer *viewer, int64_t a, int64_t b,
                           Date day, Explained *out, Err *err);

/* "What would happen without this link": the nominal that a merge took in would stand by itself again. */
typedef struct Without {
    int64_t     merge, kept, merged;
    const char *name, *band;         /* of the one that would stand by itself; band as it was scored last */
    int64_t     kept_referrals, merged_referrals, merged_children, kept_sightings, merged_sightings;
    const char *reason;
    bool        others_join;         /* other pairs would still hold the two together */
} Without;
MUST_USE bool pair_without(Db *db, Arena *mem, int64_t nominal, Without **out, size_t *count, Err *err);

/* The records a nominal is made of, as each was opened. */
typedef struct RecordRow { int64_t id, sightings, referrals; const char *name, *reason; } RecordRow;
MUST_USE bool pair_records(Db *db, Arena *mem, int64_t nominal, RecordRow **out, size_t *count, Err *err);
/* The merges that join them and hold, oldest first. */
MUST_USE bool pair_joints(Db *db, Arena *mem, int64_t nominal, Joint **out, size_t *count, Err *err);
