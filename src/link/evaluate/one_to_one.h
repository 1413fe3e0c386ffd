/* one_to_one.h: whether two files each hold a person once, told from weights and no label.
 *
 * A record with two partners across has either a false one or one that comes twice in its file. Persons who
 * come twice would be found inside the file as certainly as partners are found across: half of such pairs
 * would weigh what half of the partners do. So the files are one-to-one when hardly any record with a partner
 * across also has one inside that weighs so much, when that cannot explain the second partners there are, and
 * when there were enough partners for repeats to show. In doubt they are not. */
#pragma once
#include "base/json.h"
#include "engine/linkage/linkage_run.h"

typedef enum OneToOne { ONE_TO_ONE_AUTO, ONE_TO_ONE_YES, ONE_TO_ONE_NO, ONE_TO_ONE__COUNT } OneToOne;
/* "auto", "yes", "no"; NULL is auto. ERR_INVALID for another word. */
MUST_USE bool one_to_one_read(const char *word, OneToOne *out, Err *err);

typedef struct OnceInput {        /* what a run across two files had and gave */
    OneToOne               asked;
    const LinkColumns     *columns;         /* sources 0 and 1 */
    const LinkModel       *prior, *model;
    LinkLimits             limits;
    LinkRunOptions         run;
    const LinkPair        *pairs;
    size_t                 pair_count;
    double                 join_bits;
} OnceInput;

typedef struct OnceEvidence {
    uint64_t    partners;         /* pairs that are each other's best and would be joined */
    double      typical_bits;     /* half of them weigh at least so much */
    uint64_t    rivals;           /* records with two partners that would be joined */
    bool        looked_within;    /* else `repeated` is not known: nothing hung on it */
    uint64_t    repeated[2];      /* of each file: records with a partner across and a typical one inside */
    bool        once;
    const char *because;          /* a sentence */
} OnceEvidence;
/* Scores the pairs inside the files too if the answer hangs on them. */
MUST_USE bool once_tell(const OnceInput *in, OnceEvidence *out, Err *err);
Json *once_json(const OnceInput *in, const OnceEvidence *e);
