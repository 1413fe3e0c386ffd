/* linkage_resume.h: a file that lets a run of link_pairs go on where it was stopped.
 *
 * The file is for the machine that wrote it: numbers as they are in memory, behind a head that holds a number
 * of what was linked (rows, blocks, weights). Whenever some buckets of pairs are done, the pairs kept of them
 * are added as one part, with a check number, and put on disk: a part that was not written whole is as if it
 * had never been. Nothing in it is trusted before its check number is. */
#pragma once
#include "engine/linkage/linkage_keep.h"

typedef struct LinkResume LinkResume;

/* What the parts of the file hold so far. */
typedef struct LinkResumeState {
    uint64_t buckets;                       /* done */
    uint64_t seen_pairs;
    uint64_t rule_pairs[LINK_RULES_MAX];
} LinkResumeState;

/* Opens the file for this sweep, or begins it where there is none. Fails with ERR_CONFLICT when it is of
 * other rows, rules, weights or buckets, ERR_INVALID when it is no such file: either way it is left as it is.
 */
MUST_USE bool link_resume_open(Arena *mem, const char *path, const LinkSweep *sweep, LinkResume **resume,
                               Err *err);
LinkResumeState link_resume_state(const LinkResume *resume);
/* The pairs of all parts, to a keeper. */
MUST_USE bool link_resume_replay(const LinkResume *resume, LinkKeeper *keeper, Err *err);
/* Adds a part: the state after it, and what the store's keepers kept since the last (link_store_fresh). */
MUST_USE bool link_resume_add(LinkResume *resume, const LinkResumeState *state, LinkStore *store, Err *err);
/* Closes it; `finished`: and removes it. Accepts NULL. */
void          link_resume_done(LinkResume *resume, bool finished);
