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
    MATCH_TODO,
    MATCH_TODO_ANY,
    MATCH_LOOKUP,
    MATCH_SETS_GROWN,
    MATCH_SETS_ARRIVING,
    MATCH_AGAIN,
    MATCH_MARK,
    MATCH_REASON_CLEAR,
    MATCH_REASON_NEW,
    MATCH_CLEAR,
    MATCH_SETTLE,
    MATCH_SET_COMPARED,
    MATCH_OWNERS,
    MATCH_COUNT_AGAIN,
    MATCH_SET_LIST,
    MATCH_OF_NOMINAL,

    MATCH_SETS_ACTIVE,
    MATCH_SET_LABELS,
    MATCH_SET_BY_ROOT,
    MATCH_SET_BY_NAME,
    MATCH_SET_FILE_NEW,
    MATCH_LABEL_NEW,
    MATCH_SET_FILE_RETIRE,
    MATCH_SET_REPLACED,
    MATCH_FILES_OF_SET,
    MATCH_REASONS_DROP,
    MATCH_SET_FILE_LIST,
    MATCH_SET_FILE_ONE,

    MATCH_COMMON,
    MATCH_COMMON_NOMINALS,
    MATCH_COUNTS,
    MATCH_HELD_STATE,
    MATCH_HELD_NEW,
    MATCH_HELD_DECIDE,
    MATCH_HELD_ONE,
    MATCH_HELD_LIST,
    MATCH_FILES_OF_HASH,
    MATCH_LEAD,

    MATCH_JOB_NEXT,
    MATCH_JOB_ONE,
    MATCH_JOB_LIST,
    MATCH_JOB_NEW,
    MATCH_JOB_STEP,
    MATCH_JOB_CANCEL,
    MATCH_JOB_END,
    MATCH_JOB_TOTAL,
    MATCH_JOB_FILES,

    MATCH_FILE_ONE,
    MATCH_REASONS_OF,
    MATCH_SERIES_LIST,
    MATCH_COVERAGE,

    MATCH_FILE_DIGESTS,
    MATCH_FILE_BY_VALUE,
    MATCH_GRADED_NEW,
    MATCH_GRADED_NEW_ROW,
    MATCH_GRADED_DIGEST,
    MATCH_GRADED_SUPERSEDE,
    MATCH_GRADED_SENT,
    MATCH_GRADED_SEND,
    MATCH_GRADED_ANSWER,
    MATCH_GRADED_UNSENT,
    MATCH_EXCHANGE_NEW,
    MATCH_EXCHANGE_COUNT,
    MATCH_EXCHANGE_LIST,
    MATCH__COUNT
};
extern const Sql match_sql[MATCH__COUNT];
