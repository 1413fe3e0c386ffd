/* linkage_candidates.h: the pairs of a counted plan, each once, in the order of their rows.
 *
 * The blocks of a rule lie in the order of their numbers, so their rows lie all over memory, and most pairs
 * are of several rules. Here pairs are dealt into buckets by their lower row, and a bucket is sorted: what
 * several rules gave stands together, and whoever compares goes through the rows in order. Buckets are dealt
 * some at a time, so that memory does not grow with the pairs. */
#pragma once
#include "engine/linkage/linkage_blocks.h"

typedef struct LinkCandidates LinkCandidates;
typedef struct LinkCandidate { uint32_t a, b; } LinkCandidate;      /* a < b */
typedef struct LinkBucket {
    const LinkCandidate *pairs;       /* each once */
    size_t               count;
    uint64_t             given;       /* with those that several rules gave */
} LinkBucket;

/* Of rules from `rule_from` to before `rule_to`. `at_once`: pairs dealt at a time, which bounds its memory to
 * 8 bytes each (a single bucket may have more); 0: as many as are usual. */
LinkCandidates *link_candidates_new(const LinkColumns *c, const LinkPlan *plan, size_t rule_from,
                                    size_t rule_to, uint64_t at_once, unsigned threads);
void            link_candidates_done(LinkCandidates *x);          /* accepts NULL */
uint64_t        link_candidates_all(const LinkCandidates *x);     /* pairs of all buckets, repeats included */
/* Deals the next buckets, which ends those dealt before; how many there are now, 0 at the end. */
size_t          link_candidates_deal(LinkCandidates *x);
/* Leaves out the first `buckets` of all, before anything is dealt; and how many were dealt or left out. */
void            link_candidates_skip(LinkCandidates *x, uint64_t buckets);
uint64_t        link_candidates_done_with(const LinkCandidates *x);
/* The pairs of a bucket dealt, taken once. `spare` has link_candidates_room bytes; `rule_pairs` gains what
 * each rule was the first to give. Threads may take buckets at the same time, each with its own of these. */
LinkBucket      link_candidates_take(LinkCandidates *x, size_t bucket, void *spare, uint64_t *rule_pairs);
size_t          link_candidates_room(const LinkCandidates *x);
