/* intake_view_sql.c: reading received files for people. Nothing here writes. */
#include "intake/intake_view_sql.h"

#define FILES                                                                                                \
    "SELECT f.id, f.operation, f.owner, f.name, f.format, f.state, lower(hex(f.source_digest)),"             \
    " lower(hex(f.stored_digest)), p.name, a.tile, f.source_bytes, f.stored_bytes, f.next_offset,"           \
    " f.received, f.taken, f.merged, f.rejected, f.pending, f.media_dropped, f.at FROM received_file f"      \
    " LEFT JOIN person p ON p.id = f.owner LEFT JOIN agency a ON a.id = p.agency "

const Sql intake_view_sql[INTAKE_VIEW__COUNT] = {
    [INTAKE_VIEW_FILES] = { "intake_view.files", FILES "WHERE f.operation = $1 AND f.id < $2 ORDER BY f.id "
                                                       "DESC LIMIT $3" },
    [INTAKE_VIEW_FILE] = { "intake_view.file", FILES "WHERE f.id = $1" },
    [INTAKE_VIEW_REJECTED] = { "intake_view.rejected", "SELECT line, reason FROM rejection WHERE file = $1 "
                                                       "ORDER BY line LIMIT $2" },
    /* A row waits in one of two tables: for a referral to arrive, or for what a force returned to be placed.
     */
    [INTAKE_VIEW_PENDING] = { "intake_view.pending", "SELECT line, reason, waits_for FROM pending_row WHERE "
                                                     "file = $1 AND settled IS NULL UNION ALL"
                                                     " SELECT line, reason, subject_ref FROM return_row "
                                                     "WHERE file = $1 AND state = 'pending'"
                                                     " ORDER BY line LIMIT $2" },
    [INTAKE_VIEW_DROPPED] = { "intake_view.dropped", "SELECT line, sha256, bytes FROM dropped_media WHERE "
                                                     "file = $1 ORDER BY line, sha256 LIMIT $2" },
    [INTAKE_VIEW_SETS] = { "intake_view.sets",
        "SELECT s.id, s.name, s.version, s.kind, s.entries, s.compared, s.at, coalesce(m.n, 0)"
        " FROM hash_set s LEFT JOIN (SELECT hash_set, count(*) AS n FROM file_match GROUP BY hash_set) m"
        " ON m.hash_set = s.id ORDER BY s.id DESC LIMIT 200" },
};
