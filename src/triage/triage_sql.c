/* triage_sql.c: the statements of src/triage. */
#include "triage/triage_sql.h"

/* A person and everyone merged into them. */
#define WHOLE "WITH RECURSIVE whole (id) AS (SELECT $1 UNION SELECT n.id FROM nominal n JOIN whole ON" \
    " n.merged_into = whole.id) "
/* An exhibit as it stands corrected, with its latest triage: ExhibitRow is read from these columns. */
#define ROW                                                                                                  \
    "SELECT a.id, a.nominal, coalesce(a.package, 0), a.force, a.quantity, a.ref, a.state, a.place, g.tile,"  \
    " n.name, a.on_date, a.due, coalesce(t.id, 0), t.report, t.kind, t.tool, t.because, p.name, t.made,"     \
    " t.at, t.files, t.bytes, t.unread, t.deleted, t.known, t.different, t.illegal, t.near, t.victims,"      \
    " t.pictures, t.videos, t.clusters, t.priority"
#define ROW_JOINS                                                                                            \
    " LEFT JOIN agency g ON g.id = a.force LEFT JOIN exhibit_triage t ON t.force = a.force"                  \
    " AND t.ref = a.ref AND t.replaced IS NULL LEFT JOIN person p ON p.id = t.person"

const Sql triage_sql[TRIAGE__COUNT] = {
    [TRIAGE_EXHIBIT] = { "triage.exhibit",
        "SELECT l.nominal, l.force, l.ref, l.operation FROM action a JOIN action l ON l.force = a.force"
        " AND l.kind = a.kind AND l.ref = a.ref AND l.corrected_by IS NULL"
        " WHERE a.id = $1 AND a.kind = 'exhibit'" },
    [TRIAGE_REPLACE] = { "triage.replace",
        "UPDATE exhibit_triage SET replaced = $3 WHERE force = $1 AND ref = $2 AND replaced IS NULL" },
    [TRIAGE_NEW] = { "triage.new",
        "INSERT INTO exhibit_triage (id, nominal, force, ref, report, kind, tool, made, at, person, files,"
        " bytes, unread, deleted, known, different, illegal, near, victims, pictures, videos, clusters,"
        " priority, because) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,"
        " $17, $18, $19, $20, $21, $22, $23, $24)" },
    [TRIAGE_COUNT_NEW] = { "triage.count_new",
        "INSERT INTO exhibit_count (triage, part, name, of, files, different, illegal, near)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING" },
    [TRIAGE_SET_NEW] = { "triage.set_new",
        "INSERT INTO exhibit_set (triage, root, name, version) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT DO NOTHING" },
    /* $1 person, $2 sees everything, $3 supervises this agency: access.h, viewer_sees_restricted. */
    [TRIAGE_FETCH] = { "triage.fetch",
        ROW " FROM action o JOIN action a ON a.force = o.force AND a.kind = o.kind AND a.ref = o.ref"
        " AND a.corrected_by IS NULL JOIN nominal n ON n.id = (WITH RECURSIVE up (id) AS (SELECT a.nominal"
        " UNION SELECT m.merged_into FROM nominal m JOIN up ON m.id = up.id WHERE m.merged_into IS NOT NULL)"
        " SELECT k.id FROM up JOIN nominal k ON k.id = up.id WHERE k.merged_into IS NULL)" ROW_JOINS
        " WHERE o.id = $4 AND o.kind = 'exhibit' AND ($5 IS NULL OR a.force = $5)"
        " AND (n.restricted = 0 OR $2 OR a.force = $3"
        " OR EXISTS (SELECT 1 FROM restriction w WHERE w.subject = n.id AND w.person = $1))" },
    [TRIAGE_LIST] = { "triage.list",
        WHOLE ROW " FROM whole CROSS JOIN action a ON a.nominal = whole.id LEFT JOIN nominal n ON n.id = $1"
        ROW_JOINS " WHERE a.kind = 'exhibit' AND a.corrected_by IS NULL"
        " ORDER BY coalesce(t.priority, -1) DESC, a.on_date, a.id LIMIT 500" },
    [TRIAGE_COUNTS] = { "triage.counts",
        "SELECT part, name, of, files, different, illegal, near FROM exhibit_count WHERE triage = $1"
        " ORDER BY part, of, name" },
    [TRIAGE_SETS] = { "triage.sets",
        "SELECT root, name, version FROM exhibit_set WHERE triage = $1 ORDER BY name, version, root" },
};
