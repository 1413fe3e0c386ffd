/* review_parts.h: what the pages about pairs of records draw alike. */
#pragma once
#include "link/explain.h"
#include "web/components/components.h"
#include "web/web.h"

/* Both records, aspect by aspect: what each says, coloured and worded. */
void review_sides(Html *h, const PairRow *p, const NominalRow *one, const NominalRow *two,
                  const Profile *left, const Profile *right);
/* The waterfall as a drawing and the same as a table. */
void review_numbers(Html *h, const PairRow *p);
/* The merges that made several records one. */
void review_joints(Html *h, const Joint *joints, size_t count);
const char *pair_answer_says(const char *answer);        /* "One person" */
Json *pair_json(Arena *mem, const PairRow *p);
