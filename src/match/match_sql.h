/* match_sql.h: the statements of src/match. */
#pragma once
#include "store/store.h"

/* Files of sightings that known sets hold: one per file, not per digest of it. `which` picks the sightings s.
 * */
#define MATCH_KNOWN_FILES(which) \
    "SELECT count(DISTINCT h.referral || ' ' || CASE h.file_ref WHEN '' THEN h.id ELSE h.file_ref END)" \
    " FROM sighting s JOIN file_hash h ON h.referral = s.referral AND (h.sighting IS NULL OR h.sighting" \
    " = s.id)" \
    " JOIN file_match m ON m.file_hash = h.id JOIN hash_set k ON k.id = m.hash_set AND k.kind = 'known'" \
    " WHERE s." which

enum {
    MATCH_TODO, MATCH_LOOKUP, MATCH_SETS_GROWN, MATCH_SETS_ARRIVING, MATCH_AGAIN,
    MATCH_MARK, MATCH_NEW, MATCH_SUPPRESS, MATCH_SET_COMPARED, MATCH_OWNERS, MATCH_COUNT_AGAIN,
    MATCH_SET_LIST, MATCH_OF_NOMINAL,
    MATCH__COUNT
};
extern const Sql match_sql[MATCH__COUNT];
