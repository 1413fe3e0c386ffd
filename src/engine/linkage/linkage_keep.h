/* linkage_keep.h: where scored pairs are kept: in memory up to a budget, beyond it in sorted runs of a
 * temporary file that are merged at the end. The list comes out sorted by a, then b, either way. */
#pragma once
#include "engine/linkage/linkage_sweep.h"

typedef struct LinkStore LinkStore;
LinkStore  *link_store_new(unsigned threads, size_t memory_bytes, const char *folder);
LinkKeeper *link_store_keeper(LinkStore *s, unsigned thread);
MUST_USE bool link_keep(LinkKeeper *keeper, LinkPair pair, Err *err);
MUST_USE bool link_store_end(LinkStore *s, LinkPairs **pairs, Err *err);
bool        link_store_spilled(const LinkStore *s);
void        link_store_done(LinkStore *s);
