/* linkage_keep.h: where scored pairs are kept: in memory up to a budget, beyond it in sorted runs of a
 * temporary file that are merged at the end. The list comes out sorted by a, then b, either way. */
#pragma once
#include "engine/linkage/linkage_sweep.h"

typedef struct LinkStore LinkStore;
LinkStore  *link_store_new(unsigned threads, size_t memory_bytes, const char *folder);
LinkKeeper *link_store_keeper(LinkStore *s, unsigned thread);
MUST_USE bool link_keep(LinkKeeper *keeper, LinkPair pair, Err *err);
MUST_USE bool link_store_end(LinkStore *s, LinkPairs **pairs, Err *err);
/* From now on, what is kept is also remembered as fresh, until it is forgotten: for linkage_resume.h. */
void        link_store_remember_fresh(LinkStore *s);
/* What a thread's keeper has that is fresh; NULL past the last thread. */
const LinkPair *link_store_fresh(const LinkStore *s, unsigned thread, size_t *count);
void        link_store_forget_fresh(LinkStore *s);
bool        link_store_spilled(const LinkStore *s);
void        link_store_done(LinkStore *s);
