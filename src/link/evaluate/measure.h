/* measure.h: how right scored pairs and clusters are, against a truth that is known.
 *
 * A truth is either a label a row (rows of one label are one person) or a list of labelled pairs. With
 * labels, and with a list that holds only true pairs, every other pair is false; a list that holds false
 * pairs too is all that is known, and only its pairs are measured. True pairs that were never compared count
 * as missed. */
#pragma once
#include "base/json.h"
#include "engine/linkage/linkage_run.h"

typedef struct Truth {
    uint32_t *person;             /* a number a row; NULL with a list */
    uint64_t *pairs; /* a << 32 | b, a < b, sorted, lowest bit of `same` beside; NULL with labels */
    bool     *same;
    size_t    pair_count;
    bool      only_pairs;         /* pairs outside the list are not known */
    bool      across_only;        /* pairs of one source do not count */
    const uint8_t *sources;
    size_t    rows;
    uint64_t  true_pairs;
    const char *column;           /* where it came from, for the report */
    int       part;               /* 0: the whole value */
} Truth;

/* Rows whose labels (or their `part`, 1.., cut at anything but letters and digits) are equal are one person.
 * A blank label is a person of its own. part -1: if every label differs, the part that makes persons is found
 * ("rec-12-org" and "rec-12-dup-0": 12). ERR_INVALID if no two rows are one person. */
MUST_USE bool truth_of_labels(Arena *mem, const char *const *labels, size_t rows, int part,
                              const uint8_t *sources, bool across_only, Truth *truth, Err *err);
typedef struct LabelledPair { uint32_t a, b; bool same; } LabelledPair;
void truth_of_pairs(Arena *mem, const LabelledPair *pairs, size_t count, size_t rows, const uint8_t *sources,
                    bool across_only, Truth *truth);
typedef enum TruthSays { TRUTH_DIFFERENT, TRUTH_SAME, TRUTH_UNKNOWN } TruthSays;
TruthSays truth_says(const Truth *t, uint32_t a, uint32_t b);
/* Calls for every true pair. */
typedef void TruthVisit(void *ctx, uint32_t a, uint32_t b);
void truth_each(const Truth *t, TruthVisit *visit, void *ctx);

typedef struct Measure {
    double   threshold_bits;
    uint64_t found, right;        /* pairs at or above, and how many of them are true */
    double   precision, recall, f1;
} Measure;
Measure measure_of(uint64_t found, uint64_t right, uint64_t true_pairs, double threshold_bits);
Json   *measure_json(const Measure *m);

/* Every threshold that changes anything; at most `most` of them are kept, evenly by recall. */
typedef struct Curve {
    Measure *points;
    size_t   count;
    Measure  best;                /* highest F1; of equals the higher threshold */
} Curve;
Curve curve_of(Arena *mem, const Truth *t, const LinkPair *pairs, size_t count, size_t most);
Json *curve_json(const Curve *curve);     /* a list of measures */
Measure measure_at(const Truth *t, const LinkPair *pairs, size_t count, double threshold_bits);
/* Pairs within clusters; cluster_of has a number a row. */
Measure measure_clusters(const Truth *t, const uint32_t *cluster_of, double threshold_bits);
/* Clusters that are exactly a person of the truth, against clusters and persons of two rows and more. */
Measure measure_whole_clusters(const Truth *t, const uint32_t *cluster_of, double threshold_bits);
