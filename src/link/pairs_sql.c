/* pairs_sql.c: every statement over weighed pairs, their decisions, and the records they are made of. */
#include "link/pairs_sql.h"

#define PAIR_COLUMNS                                                                                         \
    "p.id, p.operation, p.a, p.b, p.top_a, p.top_b, p.weight, p.prior, p.withheld, p.doubt, p.model,"        \
    " p.outcome, p.reason, p.state, coalesce(p.decided, 0), p.entry, p.aspects, max(x.band_rank, "           \
    "y.band_rank),"                                                                                          \
    " x.children + y.children, " STAKE ", p.overlap"
/* What a decision would change, risk to children first: the higher band of the two, a child of either, and
 * how far the bands are apart, since the lower of two records takes the higher's place when they are one. */
#define STAKE                                                                                                \
    "(10 * max(x.band_rank, y.band_rank) + 5 * (x.children + y.children > 0)"                                \
    " + abs(x.band_rank - y.band_rank))"
#define PAIR_NOMINALS " JOIN nominal x ON x.id = p.top_a JOIN nominal y ON y.id = p.top_b"
/* $1 person, $2 sees everything, $3 supervises this agency (access.h), $4 force or NULL: both of a pair. */
#define SEES(n)                                                                                              \
    " (" n ".restricted = 0 OR $2 OR " n ".force = $3"                                                       \
    " OR EXISTS (SELECT 1 FROM restriction w WHERE w.subject = " n ".id AND w.person = $1))"                 \
    " AND ($4 IS NULL OR " n ".force = $4)"
#define FOR_VIEWER SEES("x") " AND" SEES("y")
/* Of several pairs of the same two nominals the heaviest stands for all. */
#define WAITS                                                                                                \
    " p.state = 'open' AND p.outcome <> 'none' AND p.top_a <> p.top_b"                                       \
    " AND NOT EXISTS (SELECT 1 FROM apart k WHERE k.a = min(p.top_a, p.top_b) AND k.b = max(p.top_a, "       \
    "p.top_b))"                                                                                              \
    " AND NOT EXISTS (SELECT 1 FROM link_pair o WHERE o.top_a IN (p.top_a, p.top_b) AND o.top_b IN "         \
    "(p.top_a,"                                                                                              \
    " p.top_b) AND o.top_a <> o.top_b AND o.id <> p.id AND o.outcome <> 'none'"                              \
    " AND (o.state <> 'open' OR o.weight > p.weight OR (o.weight = p.weight AND o.id < p.id)))"

const Sql pairs_sql[PAIRS__COUNT] = {
    [PAIRS_KNOWN] = { "pairs.known", "SELECT id, state, weight, outcome FROM link_pair WHERE a = $1 AND b = "
                                     "$2" },
    [PAIRS_NEW] = { "pairs.new", "INSERT INTO link_pair (id, operation, a, b, top_a, top_b, weight, prior, "
                                 "withheld, doubt, model,"
                                 " outcome, aspects, reason, state, entry, overlap) VALUES ($1, $2, $3, $4, "
                                 "$5, $6, $7, $8, $9, $10, $11,"
                                 " $12, $13, $14, 'open', $1, $15)" },
    [PAIRS_AGAIN] = { "pairs.again", "UPDATE link_pair SET weight = $2, prior = $3, withheld = $4, doubt = "
                                     "$5, model = $6, outcome = $7,"
                                     " aspects = $8, reason = $9, state = $10, entry = $11, overlap = $12,"
                                     " decided = CASE WHEN $10 = 'open' THEN NULL ELSE decided END WHERE id "
                                     "= $1" },
    [PAIRS_STATE] = { "pairs.state", "UPDATE link_pair SET state = $2, decided = $3 WHERE id = $1" },
    [PAIRS_DECISION_NEW] = { "pairs.decision_new", "INSERT INTO link_decision (id, pair, one, two, answer, "
                                                   "reason, person, at, weight, model, state_before,"
                                                   " decided_before) SELECT $1, p.id, p.top_a, p.top_b, $3, "
                                                   "$4, $5, $6, p.weight, p.model, p.state,"
                                                   " p.decided FROM link_pair p WHERE p.id = $2" },
    [PAIRS_DECISION_UNDO] = { "pairs.decision_undo", "UPDATE link_decision SET undone_by = $2 WHERE id = "
                                                     "$1" },
    [PAIRS_APART_UNDO] = { "pairs.apart_undo", "DELETE FROM apart WHERE entry = $1" },
    [PAIRS_WEIGHED] = { "pairs.weighed", "INSERT INTO link_weighed (operation, upto, model, records, pairs) "
                                         "VALUES ($1, $2, $3, $4, $5)"
                                         " ON CONFLICT (operation) DO UPDATE SET upto = $2, model = $3, "
                                         "records = records + $4,"
                                         " pairs = pairs + $5" },

    [PAIRS_ONE] = { "pairs.one", "SELECT " PAIR_COLUMNS " FROM link_pair p" PAIR_NOMINALS " WHERE p.id = $5 "
                                 "AND" FOR_VIEWER },
    [PAIRS_QUEUE] = { "pairs.queue", "SELECT " PAIR_COLUMNS " FROM link_pair p" PAIR_NOMINALS " WHERE "
                                     "p.operation = "
                                     "$5 AND" WAITS " AND" FOR_VIEWER " AND (" STAKE " < $6 OR (" STAKE " = "
                                     "$6 "
                                     "AND "
                                     "(p."
                                     "doub"
                                     "t "
                                     "< $7 OR (p.doubt = "
                                     "$7 AND p.id > "
                                     "$8))))"
                                     " ORDER BY " STAKE " DESC, p.doubt DESC, p.id LIMIT $9" },
    [PAIRS_WAITING] = { "pairs.waiting", "SELECT count(*) FROM link_pair p" PAIR_NOMINALS
                                         " WHERE p.operation = $5 AND" WAITS " AND" FOR_VIEWER },
    [PAIRS_CANDIDATES] = { "pairs.candidates", "SELECT " PAIR_COLUMNS " FROM link_pair p" PAIR_NOMINALS
                                               " WHERE (p.top_a IN ($5, $6) OR p.top_b IN ($5,"
                                               " $6)) AND p.id <> $7 AND p.top_a <> p.top_b AND p.outcome <> "
                                               "'none'"
                                               " AND NOT (p.top_a IN ($5, $6) AND p.top_b IN ($5, $6)) "
                                               "AND" FOR_VIEWER " ORDER BY p.weight DESC, p.id LIMIT $8" },
    [PAIRS_BETWEEN] = { "pairs.between", "SELECT " PAIR_COLUMNS " FROM link_pair p" PAIR_NOMINALS " WHERE "
                                         "p.top_a "
                                         "IN ($5, "
                                         "$6) AND "
                                         "p.top_b "
                                         "IN ($5,"
                                         " $6) AND p.top_a <> p.top_b AND" FOR_VIEWER " ORDER BY p.weight "
                                         "DESC, p.id LIMIT 1" },
    [PAIRS_WITHIN] = { "pairs.within", "SELECT " PAIR_COLUMNS " FROM link_pair p" PAIR_NOMINALS
                                       " WHERE p.top_a = $5 AND p.top_b = $5 AND" FOR_VIEWER " ORDER BY "
                                       "p.weight DESC, "
                                       "p.id LIMIT "
                                       "200" },

    [PAIRS_DECISIONS] = { "pairs.decisions", "SELECT d.id, d.pair, d.one, d.two, d.person, d.weight, "
                                             "coalesce(d.undone_by, 0), "
                                             "d.answer, d.reason,"
                                             " coalesce(w.name, ''), d.model, d.at FROM link_decision d JOIN "
                                             "link_pair p ON "
                                             "p.id = d.pair" PAIR_NOMINALS " LEFT JOIN person w ON w.id = "
                                             "d.person WHERE "
                                             "p.operation = $5 AND ($6 = 0 OR d.pair = $6) "
                                             "AND" FOR_VIEWER " ORDER BY d.id DESC LIMIT $7" },
    [PAIRS_DECISION_ONE] = { "pairs.decision_one", "SELECT d.id, d.pair, d.one, d.two, d.person, d.weight, "
                                                   "coalesce(d.undone_by, "
                                                   "0), d.answer, d.reason,"
                                                   " coalesce(w.name, ''), d.model, d.at FROM link_decision "
                                                   "d JOIN link_pair p ON "
                                                   "p.id = d.pair" PAIR_NOMINALS " LEFT JOIN person w ON "
                                                   "w.id = d.person WHERE "
                                                   "d.id = $5 AND" FOR_VIEWER },
    [PAIRS_DECISION_STATE] = { "pairs.decision_state", "SELECT d.pair, d.one, d.two, d.answer, "
                                                       "d.state_before, coalesce(d.decided_before, 0),"
                                                       " coalesce(d.undone_by, 0), coalesce(p.decided, 0), "
                                                       "p.operation FROM link_decision d"
                                                       " JOIN link_pair p ON p.id = d.pair WHERE d.id = $1" },
    [PAIRS_MERGE_OF] = { "pairs.merge_of", "SELECT id FROM merge WHERE decision = $1 AND undone_by IS NULL" },

    /* A pair's nominals follow merges ($2 goes into $1), and come back when one is taken back ($1). */
    [PAIRS_FOLLOW] = { "pairs.follow", "UPDATE link_pair SET top_a = CASE WHEN top_a = $2 THEN $1 ELSE top_a "
                                       "END,"
                                       " top_b = CASE WHEN top_b = $2 THEN $1 ELSE top_b END WHERE top_a = "
                                       "$2 OR top_b = $2" },
    [PAIRS_PART] = { "pairs.part", "WITH RECURSIVE whole (id) AS (SELECT $1 UNION"
                                   " SELECT n.id FROM nominal n JOIN whole ON n.merged_into = whole.id)"
                                   " UPDATE link_pair SET top_a = CASE WHEN a IN whole THEN $1 ELSE top_a "
                                   "END,"
                                   " top_b = CASE WHEN b IN whole THEN $1 ELSE top_b END WHERE top_a = $2 OR "
                                   "top_b = $2" },

    /* ---- weighing */
    [PAIRS_UPTO] = { "pairs.upto", "SELECT upto FROM link_weighed WHERE operation = $1" },
    /* Records whose sightings changed since: linked, opened, or taken out again. */
    [PAIRS_TODO] = { "pairs.todo", "SELECT c.at, c.nominal FROM (SELECT * FROM (SELECT l.id AS at, l.nominal "
                                   "FROM link l WHERE l.id > $2"
                                   " ORDER BY l.id LIMIT $3) UNION ALL SELECT * FROM (SELECT l.undone_by, "
                                   "l.nominal FROM link l INDEXED BY"
                                   " link_undone WHERE l.undone_by > $2 ORDER BY l.undone_by LIMIT $3)) c"
                                   " JOIN nominal n ON n.id = c.nominal WHERE n.operation = $1 ORDER BY c.at "
                                   "LIMIT $3" },
    [PAIRS_RECORDS] = { "pairs.records", "SELECT nominal FROM link WHERE id > $1 UNION SELECT nominal FROM "
                                         "link INDEXED BY link_undone WHERE"
                                         " undone_by > $1 ORDER BY nominal" },
    [PAIRS_OTHERS] = { "pairs.others", "SELECT b FROM link_pair WHERE a = $1 AND outcome <> 'none' UNION"
                                       " SELECT a FROM link_pair INDEXED BY link_pair_b WHERE b = $1 AND "
                                       "outcome <> 'none' ORDER BY 1" },
    [PAIRS_NEWEST_RECORD] = { "pairs.newest_record", "SELECT max(coalesce((SELECT max(id) FROM link), 0),"
                                                     " coalesce((SELECT max(undone_by) FROM link INDEXED BY "
                                                     "link_undone WHERE undone_by IS NOT NULL), 0))" },
    /* $1: a record, with its own sightings only. */
    [PAIRS_SIGHTINGS] = { "pairs.sightings", "SELECT s.id, s.given, s.family, s.name, s.born, s.town, "
                                             "s.postcode, s.address, s.occupation, s.service,"
                                             " s.account, n.operation FROM link l JOIN sighting s ON s.id = "
                                             "l.sighting JOIN nominal n ON n.id ="
                                             " l.nominal WHERE l.nominal = $1 AND l.undone_by IS NULL ORDER "
                                             "BY s.id LIMIT 40" },
    /* $1: a nominal with everyone merged into it. */
    [PAIRS_WHOLE] = { "pairs.whole", "SELECT s.id, s.given, s.family, s.name, s.born, s.town, s.postcode, "
                                     "s.address, s.occupation, s.service,"
                                     " s.account, n.operation FROM sighting s JOIN nominal n ON n.id = "
                                     "s.nominal WHERE s.nominal = $1"
                                     " ORDER BY s.id LIMIT 80" },
    [PAIRS_SIGHTING_KEYS] = { "pairs.sighting_keys", "SELECT kind, service, verbatim, normal, strong FROM "
                                                     "identifier WHERE sighting = $1 ORDER BY id LIMIT 40" },
    [PAIRS_EDGES] = { "pairs.edges", "SELECT " PAIR_COLUMNS " FROM link_pair p" PAIR_NOMINALS " WHERE "
                                     "p.outcome <> "
                                     "'none' AND "
                                     "p.operation = "
                                     "$1 ORDER BY "
                                     "p.id" },
    [PAIRS_APARTS] = { "pairs.aparts", "SELECT k.a, k.b FROM apart k JOIN nominal n ON n.id = k.a WHERE "
                                       "n.operation = $1 ORDER BY k.a, k.b" },
    [PAIRS_RECORD_OF] = { "pairs.record_of", "SELECT operation, coalesce(merged_into, 0) FROM nominal WHERE "
                                             "id = $1" },
    [PAIRS_REGISTER] = { "pairs.register", "SELECT e.id, e.given, e.family, e.born, e.address, e.postcode,"
                                           " f.operation FROM register_entry e JOIN received_file f ON"
                                           " f.id = e.file WHERE e.id > $1 ORDER BY e.id" },
    [PAIRS_REGISTER_ENTRY] = { "pairs.register_entry", "SELECT register_ref, given, family, born, postcode,"
                                                       " coalesce(force, ''), '', '', file, line, 0 FROM"
                                                       " register_entry WHERE id = $1" },
    [PAIRS_HOLDERS] = { "pairs.holders",
        "SELECT id, account_holder, born, email, phone, installation_address, installation_postcode,"
        " billing_address, billing_postcode, operation FROM provider_answer WHERE id > $1 ORDER BY id" },
    /* Only one that held when it was compared with its footprint, and that nobody has found to be wrong. */
    [PAIRS_HOLDER] = { "pairs.holder",
        "SELECT operator_ref, '', account_holder, born, installation_postcode, '', operator, address, file,"
        " line,"
        " (SELECT coalesce(max(t.nominal), 0) FROM attribution t WHERE t.answer = p.id)"
        " FROM provider_answer p WHERE p.id = $1 AND p.attributed IS NOT NULL AND p.refused IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM attribution t WHERE t.answer = p.id AND t.withdrawn_by IS NOT NULL)"
    },

    /* ---- explaining */
    [PAIRS_TREE] = { "pairs.tree", "WITH RECURSIVE whole (id) AS (SELECT $1 UNION"
                                   " SELECT n.id FROM nominal n JOIN whole ON n.merged_into = whole.id) "
                                   "SELECT id FROM whole ORDER BY id LIMIT $2" },
    [PAIRS_RECORD_LIST] = { "pairs.record_list", "WITH RECURSIVE whole (id) AS (SELECT $1 UNION"
                                                 " SELECT n.id FROM nominal n JOIN whole ON n.merged_into = "
                                                 "whole.id)"
                                                 " SELECT w.id, n.name, count(l.id), count(DISTINCT "
                                                 "s.referral),"
                                                 " (SELECT k.reason FROM link k WHERE k.nominal = w.id AND "
                                                 "k.undone_by IS NULL ORDER BY k.id DESC LIMIT 1)"
                                                 " FROM whole w JOIN nominal n ON n.id = w.id LEFT JOIN link "
                                                 "l ON l.nominal = w.id AND l.undone_by IS NULL"
                                                 " LEFT JOIN sighting s ON s.id = l.sighting GROUP BY w.id "
                                                 "ORDER BY w.id LIMIT 100" },
    [PAIRS_JOINTS] = { "pairs.joints", "WITH RECURSIVE whole (id) AS (SELECT $1 UNION"
                                       " SELECT n.id FROM nominal n JOIN whole ON n.merged_into = whole.id)"
                                       " SELECT m.id, m.kept, m.merged, coalesce(m.pair, 0), "
                                       "coalesce(m.decision, 0), m.reason, e.at"
                                       " FROM whole CROSS JOIN merge m ON m.merged = whole.id JOIN "
                                       "ledger_entry e ON e.seq = m.id"
                                       " WHERE m.undone_by IS NULL ORDER BY m.id LIMIT 200" },
    /* Of each merge that holds: what would stand by itself again (the one merged, with what was merged into
     * it before), and what would stay. */
    [PAIRS_WITHOUT] = { "pairs.without", "WITH RECURSIVE whole (id) AS (SELECT $1 UNION"
                                         " SELECT n.id FROM nominal n JOIN whole ON n.merged_into = "
                                         "whole.id),"
                                         " part (top, id) AS (SELECT id, id FROM whole WHERE id <> $1 UNION"
                                         " SELECT part.top, n.id FROM nominal n JOIN part ON n.merged_into = "
                                         "part.id),"
                                         " leaves (top, sightings, referrals) AS (SELECT part.top, count(*), "
                                         "count(DISTINCT s.referral) FROM part"
                                         " CROSS JOIN link l ON l.nominal = part.id AND l.undone_by IS NULL "
                                         "JOIN sighting s ON s.id = l.sighting"
                                         " GROUP BY part.top)"
                                         " SELECT m.id, m.kept, m.merged, m.reason, o.name, CASE WHEN o.band "
                                         "<> '' THEN o.band ELSE o.suggested END,"
                                         " v.sightings, v.referrals, (SELECT count(*) FROM part p JOIN child "
                                         "c ON c.nominal = p.id WHERE p.top ="
                                         " m.merged AND c.corrected_by IS NULL), (SELECT count(*) FROM "
                                         "sighting s WHERE s.nominal = $1) - v.sightings,"
                                         " (SELECT count(DISTINCT s.referral) FROM sighting s WHERE "
                                         "s.nominal = $1 AND s.id NOT IN (SELECT l.sighting"
                                         " FROM part q JOIN link l ON l.nominal = q.id WHERE q.top = "
                                         "m.merged AND l.undone_by IS NULL)),"
                                         " EXISTS (SELECT 1 FROM link_pair x WHERE x.outcome <> 'none' AND "
                                         "x.id <> coalesce(m.pair, 0)"
                                         "  AND x.top_a = $1 AND x.top_b = $1"
                                         "  AND (x.a IN (SELECT id FROM part WHERE top = m.merged)) <> (x.b "
                                         "IN (SELECT id FROM part WHERE top ="
                                         "  m.merged)))"
                                         " FROM merge m JOIN leaves v ON v.top = m.merged JOIN nominal o ON "
                                         "o.id = m.merged"
                                         " WHERE m.undone_by IS NULL AND m.merged IN whole AND m.merged <> "
                                         "$1 ORDER BY m.id LIMIT 50" },

    /* ---- the report */
    [PAIRS_OUTCOMES] = { "pairs.outcomes", "SELECT p.outcome, p.state, p.top_a = p.top_b, count(*) FROM "
                                           "link_pair p" PAIR_NOMINALS " WHERE p.operation = $5 "
                                           "AND" FOR_VIEWER " GROUP BY 1, 2, 3 "
                                           "ORDER BY 1, 2, 3" },
    [PAIRS_ANSWERS] = { "pairs.answers", "SELECT d.answer, d.undone_by IS NOT NULL, count(*) FROM "
                                         "link_decision d JOIN link_pair p ON p.id = d.pair" PAIR_NOMINALS
                                         " WHERE p.operation = $5 AND" FOR_VIEWER " GROUP BY 1, 2 ORDER BY "
                                         "1, 2" },
    /* Records that strong identifiers or a person made one: known without any weight. */
    [PAIRS_TRUE] = { "pairs.true", "SELECT DISTINCT m.kept, m.merged FROM merge m JOIN link l ON l.nominal = "
                                   "m.merged AND l.undone_by IS NULL"
                                   " JOIN sighting s ON s.id = l.sighting JOIN nominal x ON x.id = s.nominal "
                                   "WHERE m.undone_by IS NULL"
                                   " AND m.pair IS NULL AND x.operation = $5 AND" SEES("x") " ORDER BY "
                                                                                            "m.kept, "
                                                                                            "m.merged LIMIT "
                                                                                            "$6" },
    /* What several nominals share that strangers and households can share. */
    [PAIRS_TOKENS] = { "pairs.tokens", "SELECT i.kind, i.normal, x.id FROM identifier i JOIN sighting s ON "
                                       "s.id = i.sighting"
                                       " JOIN nominal x ON x.id = s.nominal WHERE i.kind IN ('phone', "
                                       "'device') AND x.operation = $5 AND" SEES("x") " ORDER BY i.kind, "
                                                                                      "i.normal, x.id" },
    [PAIRS_HOMES] = { "pairs.homes", "SELECT 'household', lower(x.address) || ' ' || x.postcode, x.id FROM "
                                     "nominal x WHERE x.merged_into IS NULL"
                                     " AND x.address IS NOT NULL AND x.postcode IS NOT NULL AND x.operation "
                                     "= $5 AND" SEES("x") " ORDER BY 2, x.id" },
};
