/* train.h: makes the model that ships, data/link/model.json, from people who do not exist (made.h).
 *
 * Who is whom is known of made-up people, so m is counted over pairs of one person's records, and u over
 * pairs of strangers: all who have something rare in common, and a draw of the others. Nothing is guessed.
 * The same rows are trained on without the truth too, as any table would be: the report says how far from the
 * count that ends.
 *
 * Sane by construction: m and u start as if some pairs of the hand-set numbers of linkage_levels.c had been
 * counted, so a level that was hardly met stays near them; no level weighs more than MODEL_BITS_MOST; a
 * closer level never weighs less than a farther one (neighbours that would are weighed as one). The report
 * says where each was needed. The same numbers of people and seed give the same file. */
#pragma once
#include "engine/linkage/linkage_run.h"
#include "link/profile.h"

enum { MODEL_BITS_MOST = 12 };

typedef struct TrainOptions {
    size_t      people;
    uint64_t    seed;
    const char *name;              /* of the model: what facts will say */
    unsigned    threads;
} TrainOptions;

/* `model` is link_model_done's to release. */
MUST_USE bool train_model(Arena *mem, const TrainOptions *options, LinkModel *model, Err *err);
