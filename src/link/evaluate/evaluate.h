/* evaluate.h: a table of people with known truth, linked from scratch and measured.
 *
 * One path for every table: columns, a plan from the fields there are, a model trained without looking at the
 * truth, scores, clusters. The truth is used to measure only; the best threshold on the curve is reported as
 * such, beside the threshold that was chosen without it. */
#pragma once
#include "base/json.h"
#include "base/when.h"
#include "link/evaluate/one_to_one.h"

typedef struct EvaluateOptions {
    const char   *path, *second;          /* second: pairs across the two files only */
    const char   *map, *second_map;       /* table.h; second_map NULL: the same */
    const char   *truth;                  /* column; or */
    int           truth_part;             /* measure.h; -1: found */
    const char   *pairs_path, *id;        /* labelled pairs and the column that they name rows by */
    OneToOne      one_to_one;             /* of two files; AUTO: told from the weights */
    const char   *model_path;             /* a trained model to use as it is; NULL: train */
    unsigned      threads;
    uint64_t      seed;
    size_t        memory_bytes;
    const char *resume_path; /* a file to go on from and to leave behind when stopped; NULL: none */
    size_t        curve_points;
    Instant     (*now)(void *ctx);        /* for the seconds it took */
    LinkProgress *progress;
    void         *ctx;
} EvaluateOptions;

/* {"pairs", "clusters", "curve", "seconds", "candidate_pairs", "blocking", "model", ...}; docs/linkage.md. */
MUST_USE bool evaluate(Arena *mem, const EvaluateOptions *options, Json **report, Err *err);
