/* linkage_weigh.h: the one place where a pattern and two rows become a weight, so that a full run, the live
 * index and an explanation give the same number to the last bit. */
#pragma once
#include "engine/linkage/linkage_model.h"
#include "engine/linkage/linkage_pattern.h"

/* A weight in the making: what can be shared by strangers is added up apart. */
typedef struct LinkSums { double others, shared; } LinkSums;

/* What the levels of a pattern bring, frequencies aside. */
LinkSums link_sums(const LinkModel *model, uint64_t pattern);
/* What two comparisons that go together add or take; 0 where either is blank. */
double   link_overlap_bits(const LinkDependence *d, uint64_t pattern);
/* What an exact agreement gains or loses by the value's share. */
double   link_term_bits(const LinkComparison *k, double share);
/* The same of two values that are only close, from what each would bring if it were the other's too: a part
 * of their mean (as of the geometric mean of their shares), 3 bits at most. 0 at levels that are not close,
 * and of kinds where it was measured to bring nothing (linkage_levels.c). */
double   link_near_bits(const LinkComparison *k, unsigned level, double bits_a, double bits_b);
/* Prior and sums together; *withheld is what shared tokens would have added beyond their limit. */
double   link_sums_bits(const LinkModel *model, LinkSums sums, double *withheld);
/* The weight of two rows whose pattern is known. `terms` is what link_terms_make gave, or NULL. */
typedef struct LinkTerms { const float *bits[LINK_FIELDS_MAX]; } LinkTerms;    /* one a code */
LinkTerms link_terms_make(const LinkModel *model, const LinkColumns *c, Arena *mem);
double   link_weigh(const LinkModel *model, const LinkComparer *x, const LinkTerms *terms, uint64_t pattern,
                    const uint32_t *a, const uint32_t *b);
/* The least and most that any pair of the pattern can weigh. */
void     link_weigh_bounds(const LinkModel *model, uint64_t pattern, float *low, float *high);
/* Bounds for link_pattern_reaching: they hold for every pair, swapped names and dependences included. */
LinkGiveUp link_give_up(const LinkModel *model, const LinkComparer *x, double least);
