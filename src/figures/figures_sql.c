/* figures_sql.c: each measure's one definition.
 *
 * $1 operation, $2 last day counted, $3 ledger size known. A row counts when the ledger held it by then and
 * no later row known by then corrects it. A merged nominal counts as the one it was merged into, so a person
 * is counted once. */
#include "figures/figures_sql.h"

/* The nominal a row counts as: up every merge that the ledger held by then. */
#define KEPT                                                                                                 \
    "(WITH RECURSIVE up (id, depth) AS (SELECT a.nominal, 0 UNION ALL SELECT m.kept, depth + 1 FROM up"      \
    " JOIN merge m ON m.merged = up.id AND m.id <= $3 AND (m.undone_by IS NULL OR m.undone_by > $3)"         \
    " LIMIT 64) SELECT id FROM up ORDER BY depth DESC LIMIT 1)"
/* Who was eliminated by then is in no count of people; places and devices stay counted. */
#define NOT_ELIMINATED                                                                                       \
    " WHERE NOT EXISTS (SELECT 1 FROM elimination x WHERE x.nominal = held.who AND x.decided <= $3"          \
    " AND (x.undone_by IS NULL OR x.undone_by > $3))"
#define KNOWN(kind)  KNOWN_WHERE(kind, "")
#define PEOPLE(kind) KNOWN_WHERE(kind, NOT_ELIMINATED)
/* Rows of one kind, with the person resolved and numbered in order of date within the person. */
#define KNOWN_WHERE(kind, where)                                                                             \
    "WITH held AS (SELECT a.*, " KEPT " AS who FROM action a"                                                \
    " WHERE a.operation = $1 AND a.kind = '" kind "' AND a.on_date <= $2 AND a.entry <= $3"               \
    " AND (a.corrected_by IS NULL OR a.corrected_by > $3)),"                                                 \
    " known AS (SELECT id, entry, on_date, force, place, quantity, ref, kind, who,"                          \
    " max(registered) OVER person AS registered, max(position_of_trust) OVER person AS trust,"               \
    " row_number() OVER (PARTITION BY who ORDER BY on_date, id) AS nth FROM held" where                      \
    " WINDOW person AS (PARTITION BY who))"
#define CHILDREN                                                                                             \
    "WITH known AS (SELECT s.id, s.entry, s.on_date, s.force, c.id AS child, c.nominal AS who, s.ref,"       \
    " EXISTS (SELECT 1 FROM child_state x WHERE x.child = s.child AND x.immediate_risk = 1"                  \
    " AND x.on_date <= $2 AND x.entry <= $3 AND (x.corrected_by IS NULL OR x.corrected_by > $3)) AS "        \
    "immediate,"                                                                                             \
    " row_number() OVER (PARTITION BY s.child ORDER BY s.on_date, s.id) AS nth"                              \
    " FROM child_state s JOIN child c ON c.id = s.child"                                                     \
    " WHERE c.operation = $1 AND s.state = 'safeguarded' AND s.on_date <= $2 AND s.entry <= $3"              \
    " AND (s.corrected_by IS NULL OR s.corrected_by > $3))"
#define PER_PLACE(value, where)                                                                              \
    " SELECT force, place, " value " FROM known" where " GROUP BY force, place ORDER BY force, place"
#define PER_FORCE(where)                                                                                     \
    " SELECT force, '' AS place, count(*) FROM known" where " GROUP BY force ORDER BY force"
/* $4 force or NULL, $5 place or NULL, $6 after this id, $7 how many. */
#define DRILL(where)                                                                                         \
    " SELECT k.id, k.entry, k.who, k.force, 0 AS child, k.kind, k.ref, k.place, g.tile, k.on_date, "         \
    "k.quantity"                                                                                             \
    " FROM known k JOIN agency g ON g.id = k.force WHERE k.id > $6 AND ($4 IS NULL OR k.force = $4)"         \
    " AND ($5 IS NULL OR k.place = $5)" where " ORDER BY k.id LIMIT $7"
#define DRILL_CHILD(where)                                                                                   \
    " SELECT k.id, k.entry, k.who, k.force, k.child, 'child', k.ref, '' AS place, g.tile, k.on_date, 1 AS "  \
    "quantity"                                                                                               \
    " FROM known k JOIN agency g ON g.id = k.force WHERE k.nth = 1 AND k.id > $6 AND ($4 IS NULL OR "        \
    "k.force = $4)"                                                                                          \
    " AND $5 IS NULL" where " ORDER BY k.id LIMIT $7"

const Sql figures_sql[FIGURES__COUNT] = {
    [FIGURES_ARRESTS] = { "figures.arrests", PEOPLE("arrest") PER_PLACE("count(*)", " WHERE nth = 1") },
    [FIGURES_PREMISES] = { "figures.premises", KNOWN("premises") PER_PLACE("count(*)", "") },
    [FIGURES_DEVICES] = { "figures.devices", KNOWN("exhibit") PER_PLACE("sum(quantity)", "") },
    [FIGURES_CHARGED] = { "figures.charged", PEOPLE("charge") PER_PLACE("count(*)", " WHERE nth = 1") },
    [FIGURES_REGISTERED] = { "figures.registered",
        PEOPLE("arrest") PER_PLACE("count(*)", " WHERE nth = 1 AND registered = 1") },
    [FIGURES_TRUST] = { "figures.trust", PEOPLE("arrest") PER_PLACE("count(*)", " WHERE nth = 1 AND trust = "
                                                                               "1") },
    [FIGURES_CHILDREN] = { "figures.children", CHILDREN PER_FORCE(" WHERE nth = 1") },
    [FIGURES_IMMEDIATE] = { "figures.immediate", CHILDREN PER_FORCE(" WHERE nth = 1 AND immediate = 1") },

    [FIGURES_DRILL_ARRESTS] = { "figures.drill_arrests", PEOPLE("arrest") DRILL(" AND k.nth = 1") },
    [FIGURES_DRILL_PREMISES] = { "figures.drill_premises", KNOWN("premises") DRILL("") },
    [FIGURES_DRILL_DEVICES] = { "figures.drill_devices", KNOWN("exhibit") DRILL("") },
    [FIGURES_DRILL_CHARGED] = { "figures.drill_charged", PEOPLE("charge") DRILL(" AND k.nth = 1") },
    [FIGURES_DRILL_REGISTERED] = { "figures.drill_registered", PEOPLE("arrest") DRILL(" AND k.nth = 1 AND "
                                                                                     "k.registered = 1") },
    [FIGURES_DRILL_TRUST] = { "figures.drill_trust", PEOPLE("arrest") DRILL(" AND k.nth = 1 AND k.trust = "
                                                                           "1") },
    [FIGURES_DRILL_CHILDREN] = { "figures.drill_children", CHILDREN DRILL_CHILD("") },
    [FIGURES_DRILL_IMMEDIATE] = { "figures.drill_immediate", CHILDREN DRILL_CHILD(" AND k.immediate = 1") },

    [FIGURES_SIZE] = { "figures.size", "SELECT size FROM ledger_head WHERE one = 1" },
    [FIGURES_NOTICE_NEW] = { "figures.notice_new", "INSERT INTO figure_notice (id, operation, as_at, "
                                                   "tree_size, figures, notice, person) VALUES ($1, $2, $3, "
                                                   "$4, $5, $6, $7)" },
    [FIGURES_NOTICE_AT] = { "figures.notice_at", "SELECT tree_size FROM figure_notice WHERE operation = $1 "
                                                 "AND as_at = $2 ORDER BY id LIMIT 1" },
    [FIGURES_NOTICES] = { "figures.notices", "SELECT f.id, f.as_at, f.tree_size, f.notice, p.name, e.at FROM "
                                             "figure_notice f JOIN person p ON p.id = f.person"
                                             " JOIN ledger_entry e ON e.seq = f.id WHERE f.operation = $1 "
                                             "ORDER BY f.id DESC LIMIT 50" },
    [FIGURES_NAME] = { "figures.name", "SELECT name FROM operation WHERE id = $1" },

    [FIGURES_PICTURE_INTAKE] = { "figures.picture_intake",
        "SELECT coalesce(sum(received), 0), coalesce(sum(taken), 0), coalesce(sum(merged), 0),"
        " coalesce(sum(rejected), 0), coalesce(sum(pending), 0) FROM received_file WHERE operation = $1" },
    /* The tally is kept as rows change (store/schema/008). */
    [FIGURES_PICTURE_TALLY] = { "figures.picture_tally",
        "SELECT referrals, unresolved, nominals, to_review, at_address, closed, packages, unread, held"
        " FROM operation_tally WHERE operation = $1" },
    [FIGURES_PICTURE_ACTIONS] = { "figures.picture_actions",
        "SELECT coalesce(sum(kind = 'premises'), 0),"
        " count(DISTINCT CASE WHEN kind = 'arrest' THEN nominal END),"
        " count(DISTINCT CASE WHEN kind = 'charge' THEN nominal END)"
        " FROM action WHERE operation = $1 AND corrected_by IS NULL" },
    [FIGURES_PICTURE_CHILDREN] = { "figures.picture_children",
        "SELECT count(*) FROM child WHERE operation = $1 AND immediate_risk = 1 AND corrected_by IS NULL"
        " AND state IN ('concern', 'referred') AND plan IS NULL" },
};
