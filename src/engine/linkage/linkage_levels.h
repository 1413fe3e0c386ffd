/* linkage_levels.h: how alike two values are, as one of a few levels that a reviewer can name.
 *
 * Level 0 is blank (no evidence), 1 is "differs", and levels rise with likeness up to exact. The levels of a
 * kind are a table; a model gives each its m and u. Level numbers are what a pattern is made of. */
#pragma once
#include "engine/linkage/linkage_columns.h"

enum { LINK_LEVEL_BLANK = 0, LINK_LEVEL_DIFFERS = 1 };

typedef struct LinkLevelSpec {
    const char *key;      /* "day_month_swapped": in model files and reports */
    const char *words;    /* "day and month swapped": for a person */
    double      m, u;     /* where training starts when no model says better */
} LinkLevelSpec;

typedef struct LinkKindSpec {
    const char          *key;             /* "date" */
    const LinkLevelSpec *levels;          /* [0] is blank, [1] differs, the last is exact */
    size_t               level_count;
    double term_share; /* how far an exact agreement is weighed by the value's frequency, 0..1 */
    double               term_cap;        /* in bits, either way */
    unsigned             near_level;      /* the close one that frequency weighs too; 0: none */
    double               near_part;       /* how far, 0..1 */
    bool                 shared_token;    /* can be shared by strangers or a household: never enough alone */
} LinkKindSpec;

extern const LinkKindSpec link_kind_specs[LINK_KIND__COUNT];

/* The level of two values of one field's group, neither blank. Symmetric. */
unsigned link_level(LinkKind kind, const LinkColumns *c, size_t field, uint32_t a, uint32_t b);
