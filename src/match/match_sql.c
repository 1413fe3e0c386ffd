#include "match/match_sql.h"

#define SET_FILE_COLUMNS \
    "SELECT f.id, f.name, f.version, f.root, f.entries, f.conflicts, f.bytes, f.digests, f.signed_by, f.at," \
    " f.replaces, f.retired, (SELECT count(DISTINCT r.file_hash) FROM hash_set k JOIN match_reason r" \
    " ON r.hash_set = k.id WHERE k.set_file = f.id) FROM set_file f"
#define HELD_COLUMNS                                                                                         \
    "SELECT x.id, x.kind, x.value, x.referrals, x.nominals, k.name, k.version, x.at, x.state, p.name, "      \
    "x.reason,"                                                                                              \
    " (SELECT count(DISTINCT h.referral) FROM file_hash h WHERE h.kind = x.kind AND h.value = x.value),"     \
    " (SELECT r.grade FROM file_hash h JOIN match_reason r ON r.file_hash = h.id WHERE h.kind = x.kind"      \
    "  AND h.value = x.value ORDER BY h.id, r.hash_set, r.nth LIMIT 1)"                                      \
    " FROM held_hash x JOIN hash_set k ON k.id = x.hash_set LEFT JOIN person p ON p.id = x.person"
#define JOB_COLUMNS                                                                                          \
    "SELECT j.id, j.kind, j.subject, j.says, p.name, j.state, j.done, j.total, j.cursor, j.found, "          \
    "j.started, j.moved,"                                                                                    \
    " j.cancel FROM job j LEFT JOIN person p ON p.id = j.person"

const Sql match_sql[MATCH__COUNT] = {
    [MATCH_TODO] = { "match.todo", "SELECT id, kind, value FROM file_hash WHERE matched IS NULL ORDER BY id "
                                   "LIMIT $1" },
    [MATCH_TODO_ANY] = { "match.todo_any", "SELECT 1 FROM file_hash WHERE matched IS NULL LIMIT 1" },
    [MATCH_LOOKUP] = { "match.lookup", "SELECT e.hash_set, e.grade, e.scale, e.series, e.votes, "
                                       "e.victim_identified FROM hash_entry e"
                                       " WHERE e.kind = $1 AND e.value = $2 ORDER BY e.hash_set" },
    [MATCH_SETS_GROWN] = { "match.sets_grown", "SELECT id, entries FROM hash_set WHERE entries > compared"
                                               " AND set_file IS NULL ORDER BY id LIMIT 1" },
    [MATCH_SETS_ARRIVING] = { "match.sets_arriving", "SELECT 1 FROM received_file WHERE format = 'hashset' "
                                                     "AND state = 'reading' LIMIT 1" },
    /* Files looked at before this set came. The walk is by file: a set may be far larger than what was
     * received. */
    [MATCH_AGAIN] = { "match.again", "SELECT h.id, h.kind, e.hash_set, e.grade, e.scale, e.series, e.votes, "
                                     "e.victim_identified, h.value"
                                     " FROM file_hash h"
                                     " CROSS JOIN hash_entry e ON e.kind = h.kind AND e.value = h.value AND "
                                     "e.hash_set = $1"
                                     " WHERE h.id > $2 AND h.matched IS NOT NULL"
                                     " AND NOT EXISTS (SELECT 1 FROM match_reason m WHERE m.file_hash = h.id "
                                     "AND m.hash_set = $1)"
                                     " ORDER BY h.id LIMIT $3" },

    [MATCH_MARK] = { "match.mark", "UPDATE file_hash SET matched = $3 WHERE matched IS NULL AND id BETWEEN"
                                   " $1 AND $2" },
    [MATCH_REASON_CLEAR] = { "match.reason_clear", "DELETE FROM match_reason WHERE file_hash = $1 AND "
                                                   "hash_set = $2 AND entry <> $3" },
    [MATCH_REASON_NEW] = { "match.reason_new", "INSERT INTO match_reason (file_hash, hash_set, nth, digest, "
                                               "distance, quality, found, grade, scale, series,"
                                               " votes, trusted, victim_identified, provisional, entry)"
                                               " VALUES ($1, $2, (SELECT count(*) FROM match_reason r WHERE "
                                               "r.file_hash = $1 AND r.hash_set = $2),"
                                               " coalesce($3, (SELECT kind FROM file_hash WHERE id = $1)), "
                                               "$4, $5,"
                                               " $6, $7, $8, $9, $10, $11, $12, $13, $14)" },
    [MATCH_CLEAR] = { "match.clear", "DELETE FROM file_match WHERE file_hash = $1" },
    /* Harmless and negative sets come before all others; a hash that is held or dismissed counts nowhere. */
    [MATCH_SETTLE] = { "match.settle", "INSERT INTO file_match (file_hash, hash_set, grade, scale, series, "
                                       "provisional, entry)"
                                       " SELECT r.file_hash, r.hash_set, r.grade, r.scale, r.series, "
                                       "r.provisional, r.entry FROM match_reason r"
                                       " JOIN hash_set k ON k.id = r.hash_set WHERE r.file_hash = $1 AND "
                                       "(k.kind <> 'known') ="
                                       " EXISTS (SELECT 1 FROM match_reason b JOIN hash_set s ON s.id = "
                                       "b.hash_set"
                                       "  WHERE b.file_hash = $1 AND s.kind <> 'known')"
                                       " AND (k.kind <> 'known' OR NOT EXISTS (SELECT 1 FROM file_hash h "
                                       "JOIN held_hash x ON x.kind = h.kind"
                                       "  AND x.value = h.value WHERE h.id = $1 AND x.state <> 'released'))"
                                       " ORDER BY r.hash_set, r.nth ON CONFLICT (file_hash, hash_set) DO "
                                       "NOTHING" },
    [MATCH_SET_COMPARED] = { "match.set_compared", "UPDATE hash_set SET compared = $2 WHERE id = $1" },
    [MATCH_OWNERS] = { "match.owners", "SELECT DISTINCT s.nominal FROM file_hash h JOIN sighting s ON "
                                       "s.referral = h.referral"
                                       " AND (h.sighting IS NULL OR h.sighting = s.id) WHERE h.id = $1 AND "
                                       "s.nominal IS NOT NULL ORDER BY"
                                       " s.nominal" },
    /* The one column of a nominal that follows from matching; link/nominal_apply.h writes the others. */
    [MATCH_COUNT_AGAIN] = { "match.count_again",
                            "UPDATE nominal SET known_files = (" MATCH_KNOWN_FILES("nominal = $1") "), "
                                                                                                   "changed "
                                                                                                   "= $2 "
                                                                                                   "WHERE id "
                                                                                                   "="
                                                                                                   " $1" },

    [MATCH_SET_LIST] = { "match.set_list", "SELECT k.id, k.name, k.version, k.kind, k.entries, k.at, "
                                           "coalesce(m.n, 0) FROM hash_set k LEFT JOIN"
                                           " (SELECT hash_set, count(*) AS n FROM file_match GROUP BY "
                                           "hash_set) m ON m.hash_set = k.id"
                                           " LEFT JOIN set_file f ON f.id = k.set_file WHERE f.retired IS "
                                           "NULL"
                                           " ORDER BY k.name, k.version, k.id LIMIT 500" },
    [MATCH_OF_NOMINAL] = { "match.of_nominal", "SELECT h.id, h.referral, h.kind, h.value, k.name, k.version, "
                                               "m.grade, m.scale, m.series,"
                                               " m.provisional"
                                               " FROM sighting s JOIN file_hash h ON h.referral = s.referral "
                                               "AND (h.sighting IS NULL OR h.sighting"
                                               " = s.id)"
                                               " JOIN file_match m ON m.file_hash = h.id JOIN hash_set k ON "
                                               "k.id = m.hash_set"
                                               " WHERE s.nominal = $1 ORDER BY h.id, k.id LIMIT 500" },

    /* set files */
    [MATCH_SETS_ACTIVE] = { "match.sets_active", "SELECT id, name, version, root FROM set_file WHERE retired "
                                                 "IS NULL ORDER BY id" },
    [MATCH_SET_LABELS] = { "match.set_labels", "SELECT id, name, version, kind FROM hash_set WHERE set_file "
                                               "= $1 ORDER BY id" },
    [MATCH_SET_BY_ROOT] = { "match.set_by_root", "SELECT id FROM set_file WHERE root = $1 AND retired IS "
                                                 "NULL" },
    [MATCH_SET_BY_NAME] = { "match.set_by_name", "SELECT id FROM set_file WHERE name = $1 AND retired IS "
                                                 "NULL ORDER BY id DESC LIMIT 1" },
    [MATCH_SET_FILE_NEW] = { "match.set_file_new", "INSERT INTO set_file (id, name, version, root, entries, "
                                                   "conflicts, bytes, digests, signed_by, at, replaces)"
                                                   " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)" },
    [MATCH_LABEL_NEW] = { "match.label_new", "INSERT INTO hash_set (name, version, kind, entries, digest, "
                                             "at, compared, set_file)"
                                             " VALUES ($1, $2, $3, $4, $5, $6, $4, $7)" },
    [MATCH_SET_FILE_RETIRE] = { "match.set_file_retire", "UPDATE set_file SET retired = $2 WHERE id = $1 AND "
                                                         "retired IS NULL" },
    [MATCH_SET_REPLACED] = { "match.set_replaced", "SELECT f.replaces FROM set_file f JOIN set_file o ON "
                                                   "o.id = f.replaces WHERE f.id = $1 AND o.retired IS "
                                                   "NULL" },
    [MATCH_FILES_OF_SET] = { "match.files_of_set", "SELECT DISTINCT r.file_hash FROM hash_set k JOIN "
                                                   "match_reason r ON r.hash_set = k.id WHERE k.set_file = $1"
                                                   " ORDER BY r.file_hash" },
    [MATCH_REASONS_DROP] = { "match.reasons_drop", "DELETE FROM match_reason WHERE hash_set IN (SELECT id "
                                                   "FROM hash_set WHERE set_file = $1)" },
    [MATCH_SET_FILE_LIST] = { "match.set_file_list", SET_FILE_COLUMNS " ORDER BY f.retired IS NOT NULL, "
                                                                      "f.name, f.id DESC LIMIT 200" },
    [MATCH_SET_FILE_ONE] = { "match.set_file_one", SET_FILE_COLUMNS " WHERE f.id = $1" },

    /* the flood guard */
    [MATCH_COMMON] = { "match.common", "SELECT count(DISTINCT referral) FROM file_hash WHERE kind = $1 AND "
                                       "value = $2" },
    [MATCH_COMMON_NOMINALS] = { "match.common_nominals", "SELECT count(DISTINCT s.nominal) FROM file_hash h "
                                                         "JOIN sighting s ON s.referral = h.referral"
                                                         " AND (h.sighting IS NULL OR h.sighting = s.id) "
                                                         "WHERE h.kind = $1 AND h.value = $2" },
    [MATCH_COUNTS] = { "match.counts", "SELECT 1 FROM file_match m JOIN hash_set k ON k.id = m.hash_set AND "
                                       "k.kind = 'known' WHERE m.file_hash = $1"
                                       " LIMIT 1" },
    [MATCH_HELD_STATE] = { "match.held_state", "SELECT id FROM held_hash WHERE kind = $1 AND value = $2" },
    [MATCH_HELD_NEW] = { "match.held_new", "INSERT INTO held_hash (id, kind, value, referrals, nominals, "
                                           "hash_set, at, state)"
                                           " VALUES ($1, $2, $3, $4, $5, $6, $7, 'held')" },
    [MATCH_HELD_DECIDE] = { "match.held_decide", "UPDATE held_hash SET state = $2, person = $3, reason = $4, "
                                                 "decided = $5 WHERE id = $1" },
    [MATCH_HELD_ONE] = { "match.held_one", HELD_COLUMNS " WHERE x.id = $1" },
    [MATCH_HELD_LIST] = { "match.held_list", HELD_COLUMNS " ORDER BY x.state <> 'held', x.referrals DESC, "
                                                          "x.id LIMIT 200" },
    [MATCH_FILES_OF_HASH] = { "match.files_of_hash", "SELECT id FROM file_hash WHERE kind = $1 AND value = "
                                                     "$2 ORDER BY id" },
    [MATCH_LEAD] = { "match.lead", "SELECT lead_agency FROM operation WHERE id = $1" },

    /* jobs */
    [MATCH_JOB_NEXT] = { "match.job_next", "SELECT id, subject, cursor, done, total, cancel FROM job WHERE "
                                           "state = 'running' AND kind = 'match-again'"
                                           " ORDER BY id LIMIT 1" },
    [MATCH_JOB_ONE] = { "match.job_one", JOB_COLUMNS " WHERE j.id = $1" },
    [MATCH_JOB_LIST] = { "match.job_list", JOB_COLUMNS " ORDER BY j.state <> 'running', j.id DESC LIMIT "
                                                       "100" },
    [MATCH_JOB_NEW] = { "match.job_new", "INSERT INTO job (id, kind, subject, says, person, state, done, "
                                         "total, cursor, found, started, moved)"
                                         " VALUES ($1, $2, $3, $4, $5, 'running', 0, $6, 0, 0, $7, $7)" },
    [MATCH_JOB_STEP] = { "match.job_step", "UPDATE job SET cursor = $2, done = done + $3, found = found + "
                                           "$4, moved = $5 WHERE id = $1" },
    [MATCH_JOB_CANCEL] = { "match.job_cancel", "UPDATE job SET cancel = $2 WHERE id = $1 AND state = "
                                               "'running'" },
    [MATCH_JOB_END] = { "match.job_end", "UPDATE job SET state = $2, ended = $3, moved = $3 WHERE id = $1" },
    [MATCH_JOB_TOTAL] = { "match.job_total", "SELECT count(*) FROM file_hash WHERE matched < $1" },
    [MATCH_JOB_FILES] = { "match.job_files", "SELECT id, kind, value FROM file_hash WHERE id > $1 AND "
                                             "matched < $2 ORDER BY id LIMIT $3" },

    /* looking */
    [MATCH_FILE_ONE] = { "match.file_one", "SELECT h.id, h.referral, h.kind, h.value, h.classification, "
                                           "h.matched, x.id, x.state FROM file_hash h"
                                           " LEFT JOIN held_hash x ON x.kind = h.kind AND x.value = h.value "
                                           "WHERE h.id = $1" },
    [MATCH_REASONS_OF] = { "match.reasons_of", "SELECT k.name, k.version, k.kind, r.digest, r.distance, "
                                               "r.quality, r.found, r.grade, r.scale, r.series, r.votes,"
                                               " r.trusted, r.victim_identified, r.provisional, r.entry, "
                                               "m.file_hash IS NOT NULL, k.set_file"
                                               " FROM match_reason r JOIN hash_set k ON k.id = r.hash_set "
                                               "LEFT JOIN file_match m"
                                               " ON m.file_hash = r.file_hash AND m.hash_set = r.hash_set "
                                               "WHERE r.file_hash = $1"
                                               " ORDER BY r.distance, r.hash_set, r.nth LIMIT 200" },
    [MATCH_SERIES_LIST] = { "match.series_list", "SELECT r.series, count(DISTINCT h.referral), "
                                                 "count(DISTINCT s.nominal),"
                                                 " count(DISTINCT CASE WHEN EXISTS (SELECT 1 FROM action a "
                                                 "WHERE a.nominal = s.nominal AND a.kind = 'arrest'"
                                                 "  AND a.corrected_by IS NULL) THEN s.nominal END), "
                                                 "max(r.victim_identified)"
                                                 " FROM match_reason r JOIN file_match m ON m.file_hash = "
                                                 "r.file_hash AND m.hash_set = r.hash_set"
                                                 " JOIN hash_set k ON k.id = r.hash_set AND k.kind = 'known' "
                                                 "JOIN file_hash h ON h.id = r.file_hash"
                                                 " LEFT JOIN sighting s ON s.referral = h.referral AND "
                                                 "(h.sighting IS NULL OR h.sighting = s.id)"
                                                 " AND s.role = 'reported' WHERE r.series <> '' GROUP BY "
                                                 "r.series ORDER BY 2 DESC, 1 LIMIT 500" },
    [MATCH_COVERAGE] = { "match.coverage", "SELECT count(*), count(matched), (SELECT count(DISTINCT "
                                           "m.file_hash) FROM file_match m JOIN hash_set k"
                                           " ON k.id = m.hash_set WHERE k.kind = 'known'), (SELECT "
                                           "count(DISTINCT m.file_hash) FROM file_match m"
                                           " JOIN hash_set k ON k.id = m.hash_set WHERE k.kind <> 'known') "
                                           "FROM file_hash" },

    /* grades of our own, and their exchange */
    [MATCH_FILE_DIGESTS] = { "match.file_digests", "SELECT h.kind, h.value FROM file_hash f JOIN file_hash h "
                                                   "ON h.id = f.id OR (f.file_ref <> ''"
                                                   " AND h.referral = f.referral AND h.file_ref = "
                                                   "f.file_ref) WHERE f.id = $1 AND h.kind <> 'none' ORDER "
                                                   "BY h.id" },
    [MATCH_FILE_BY_VALUE] = { "match.file_by_value", "SELECT id FROM file_hash WHERE kind IN ('md5', 'sha1', "
                                                     "'sha256', 'pdq') AND value = $1 ORDER BY id DESC LIMIT "
                                                     "1" },
    [MATCH_GRADED_NEW] = { "match.graded_new", "SELECT id, digests, grade, scale, series, victim_identified "
                                               "FROM graded_file WHERE state = 'new' ORDER BY id" },
    [MATCH_GRADED_NEW_ROW] = { "match.graded_new_row", "INSERT INTO graded_file (id, file_hash, digests, "
                                                       "grade, scale, series, victim_identified, note, "
                                                       "person, at,"
                                                       " state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
                                                       "$10, 'new')" },
    [MATCH_GRADED_DIGEST] = { "match.graded_digest", "INSERT INTO graded_digest (kind, value, graded) VALUES "
                                                     "($1, $2, $3)" },
    [MATCH_GRADED_SUPERSEDE] = { "match.graded_supersede", "UPDATE graded_file SET state = 'superseded' "
                                                           "WHERE file_hash = $1 AND state = 'new'" },
    [MATCH_GRADED_SENT] = { "match.graded_sent", "SELECT g.id, g.exchange FROM graded_digest d JOIN "
                                                 "graded_file g ON g.id = d.graded AND g.state = 'sent'"
                                                 " WHERE d.kind = $1 AND d.value = $2 ORDER BY g.id DESC "
                                                 "LIMIT 1" },
    [MATCH_GRADED_SEND] = { "match.graded_send", "UPDATE graded_file SET state = 'sent', exchange = $2 WHERE "
                                                 "id = $1 AND state = 'new'" },
    [MATCH_GRADED_ANSWER] = { "match.graded_answer", "UPDATE graded_file SET state = $3, answer = $4, "
                                                     "answered = $5 WHERE id = $1 AND exchange = $2"
                                                     " AND state = 'sent'" },
    [MATCH_GRADED_UNSENT] = { "match.graded_unsent", "SELECT count(*) FROM graded_file WHERE state = 'new'" },
    [MATCH_EXCHANGE_NEW] = { "match.exchange_new", "INSERT INTO exchange (id, format, sha256, person, at, "
                                                   "sent, accepted, refused, pending)"
                                                   " VALUES ($1, $2, $3, $4, $5, $6, 0, 0, $6)" },
    [MATCH_EXCHANGE_COUNT] = { "match.exchange_count", "UPDATE exchange SET accepted = accepted + $2, "
                                                       "refused = refused + $3, pending = pending - $2 - $3"
                                                       " WHERE id = $1" },
    [MATCH_EXCHANGE_LIST] = { "match.exchange_list", "SELECT x.id, x.format, x.sha256, p.name, x.at, x.sent, "
                                                     "x.accepted, x.refused, x.pending FROM exchange x"
                                                     " LEFT JOIN person p ON p.id = x.person ORDER BY x.id "
                                                     "DESC LIMIT 200" },
};
