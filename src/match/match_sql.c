#include "match/match_sql.h"

const Sql match_sql[MATCH__COUNT] = {
    [MATCH_TODO] = { "match.todo",
        "SELECT id, kind, value FROM file_hash WHERE matched IS NULL ORDER BY id LIMIT $1" },
    [MATCH_LOOKUP] = { "match.lookup",
        "SELECT e.hash_set, e.grade, e.scale, e.series, e.votes, k.kind = 'benign' FROM hash_entry e"
        " JOIN hash_set k ON k.id = e.hash_set WHERE e.kind = $1 AND e.value = $2 ORDER BY k.kind ="
        " 'benign' DESC, e.hash_set" },
    [MATCH_SETS_GROWN] = { "match.sets_grown", "SELECT id, entries FROM hash_set WHERE entries > compared"
        " ORDER BY id LIMIT 1" },
    [MATCH_SETS_ARRIVING] = { "match.sets_arriving",
        "SELECT 1 FROM received_file WHERE format = 'hashset' AND state = 'reading' LIMIT 1" },
    /* Files looked at before this set came. The walk is by file: a set may be far larger than what was
     * received. */
    [MATCH_AGAIN] = { "match.again",
        "SELECT h.id, e.grade, e.scale, e.series, e.votes, k.kind = 'benign' FROM file_hash h"
        " CROSS JOIN hash_entry e ON e.kind = h.kind AND e.value = h.value AND e.hash_set = $1"
        " CROSS JOIN hash_set k ON k.id = e.hash_set"
        " WHERE h.id > $2 AND h.matched IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM file_match m WHERE m.file_hash = h.id AND m.hash_set = $1)"
        " AND (k.kind = 'benign' OR NOT EXISTS (SELECT 1 FROM file_match m JOIN hash_set b ON b.id ="
        " m.hash_set"
        "  WHERE m.file_hash = h.id AND b.kind = 'benign')) ORDER BY h.id LIMIT $3" },

    [MATCH_MARK] = { "match.mark", "UPDATE file_hash SET matched = $3 WHERE matched IS NULL AND id BETWEEN"
        " $1 AND $2" },
    [MATCH_NEW] = { "match.new",
        "INSERT INTO file_match (file_hash, hash_set, grade, scale, series, provisional, entry)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (file_hash, hash_set) DO NOTHING" },
    [MATCH_SUPPRESS] = { "match.suppress",
        "DELETE FROM file_match WHERE file_hash = $1 AND hash_set IN (SELECT id FROM hash_set WHERE kind ="
        " 'known')"
        " AND EXISTS (SELECT 1 FROM hash_set WHERE id = $2 AND kind = 'benign')" },
    [MATCH_SET_COMPARED] = { "match.set_compared", "UPDATE hash_set SET compared = $2 WHERE id = $1" },
    [MATCH_OWNERS] = { "match.owners",
        "SELECT DISTINCT s.nominal FROM file_hash h JOIN sighting s ON s.referral = h.referral"
        " AND (h.sighting IS NULL OR h.sighting = s.id) WHERE h.id = $1 AND s.nominal IS NOT NULL ORDER BY"
        " s.nominal" },
    /* The one column of a nominal that follows from matching; link/nominal_apply.h writes the others. */
    [MATCH_COUNT_AGAIN] = { "match.count_again",
        "UPDATE nominal SET known_files = (" MATCH_KNOWN_FILES("nominal = $1") "), changed = $2 WHERE id ="
        " $1" },

    [MATCH_SET_LIST] = { "match.set_list",
        "SELECT id, name, version, kind, entries, at FROM hash_set ORDER BY name, version, id LIMIT 500" },
    [MATCH_OF_NOMINAL] = { "match.of_nominal",
        "SELECT h.id, h.referral, h.kind, h.value, k.name, k.version, m.grade, m.scale, m.series,"
        " m.provisional"
        " FROM sighting s JOIN file_hash h ON h.referral = s.referral AND (h.sighting IS NULL OR h.sighting"
        " = s.id)"
        " JOIN file_match m ON m.file_hash = h.id JOIN hash_set k ON k.id = m.hash_set"
        " WHERE s.nominal = $1 ORDER BY h.id, k.id LIMIT 500" },
};
