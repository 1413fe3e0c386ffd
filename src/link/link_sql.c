/* link_sql.c: every statement over nominals, their links and their queue. */
#include "link/link_sql.h"
#include "match/match_sql.h"

/* A person and everyone merged into them. */
#define WHOLE(start) "WITH RECURSIVE whole (id) AS (SELECT " start " UNION" \
    " SELECT n.id FROM nominal n JOIN whole ON n.merged_into = whole.id) "

/* People of one viral bundle (schema/016_bundle.sql). */
#define SAME_BUNDLE(a, b) \
    a ".operation = " b ".operation AND coalesce(" a ".force, 0) = coalesce(" b ".force, 0)" \
    " AND " a ".bundle = " b ".bundle AND " a ".folds = 1"
/* One line of the queue. NominalRow is read from these columns, in this order. */
#define QUEUE_COLUMNS \
    "SELECT n.id, n.force, n.operation, n.name, n.status, n.band, n.suggested, n.why, a.tile," \
    " a.short_id, n.town," \
    " n.stage, n.access, n.risk_points, n.referrals, n.children, n.registered, n.position_of_trust," \
    " n.restricted," \
    " n.first_seen, n.last_seen, c.due, c.kind, p.name, n.band_rank," \
    " CASE WHEN n.folds = 1 AND n.behind = 0 THEN (SELECT count(*) FROM nominal b INDEXED BY nominal_bundle" \
    " WHERE " SAME_BUNDLE("b", "n") ") ELSE 0 END FROM "
#define QUEUE_JOINS                                                                                          \
    " LEFT JOIN agency a ON a.id = n.force LEFT JOIN clock c ON c.id = (SELECT k.id FROM clock k WHERE"      \
    " k.nominal = n.id"                                                                                      \
    " AND k.stopped IS NULL ORDER BY k.paused_at IS NOT NULL, k.due, k.id LIMIT 1) LEFT JOIN person p ON "   \
    "p.id = c.owner"
/* $1 person, $2 sees everything (coordinator), $3 supervises this agency: access.h, viewer_sees_restricted.
 * */
#define FOR_VIEWER \
    " (n.restricted = 0 OR $2 OR n.force = $3" \
    " OR EXISTS (SELECT 1 FROM restriction w WHERE w.subject = n.id AND w.person = $1))"
#define QUEUE_ORDER " ORDER BY n.band_rank DESC, n.risk_points DESC, n.id LIMIT $4"
#define BY_FORCE "nominal n INDEXED BY nominal_force" QUEUE_JOINS \
    " WHERE n.merged_into IS NULL AND n.stage <> 'closed' AND n.force = $5" \
    " AND n.behind = 0 AND n.status <> 'eliminated' AND ($6 IS NULL OR n.operation = $6) AND" FOR_VIEWER
#define BY_ALL "nominal n INDEXED BY nominal_line" QUEUE_JOINS \
    " WHERE n.merged_into IS NULL AND n.behind = 0 AND n.stage <> 'closed' AND n.status <> 'eliminated'" \
    " AND n.operation = $5 AND $6 = $5 AND" FOR_VIEWER
/* Three ranges instead of one comparison with OR: each is one step into the index, however deep the page. */
#define SAME_POINTS  " AND n.band_rank = $7 AND n.risk_points = $8 AND n.id > $9" QUEUE_ORDER
#define SAME_RANK    " AND n.band_rank = $7 AND n.risk_points < $8" QUEUE_ORDER
#define BELOW_RANK   " AND n.band_rank < $7" QUEUE_ORDER

const Sql link_sql[LINK__COUNT] = {
    [LINK_KEPT] = { "link.kept", "SELECT coalesce(merged_into, 0) FROM nominal WHERE id = $1" },
    [LINK_TODO_URGENT] = { "link.todo_urgent",
        "SELECT s.id FROM sighting s INDEXED BY sighting_unlinked JOIN referral r ON r.id = s.referral"
        " WHERE s.nominal IS NULL AND s.role = 'reported' AND s.id > $1 AND r.priority_reason IS NOT NULL"
        " ORDER BY s.id LIMIT $2" },
    [LINK_TODO] = { "link.todo",
        "SELECT s.id FROM sighting s INDEXED BY sighting_unlinked"
        " WHERE s.nominal IS NULL AND s.role = 'reported' AND s.id > $1 ORDER BY s.id LIMIT $2" },
    [LINK_SIGHTING] = { "link.sighting",
        "SELECT s.referral, s.role, s.given, s.family, s.name, s.born, s.postcode, s.service, s.account,"
        " s.occupation,"
        " coalesce(s.seen_at, r.received_at), s.nominal, r.operation, r.source, coalesce(r.provider, ''),"
        " r.source_ref,"
        " (SELECT count(*) FROM sighting o WHERE o.referral = s.referral AND o.role = 'reported'),"
        " r.merged_into"
        " FROM sighting s JOIN referral r ON r.id = s.referral WHERE s.id = $1" },
    [LINK_IDENTIFIERS] = { "link.identifiers",
        "SELECT kind, service, normal, strong FROM identifier WHERE sighting = $1 ORDER BY id LIMIT 1000" },
    [LINK_HOLDERS] = { "link.holders",
        "SELECT k.nominal FROM nominal_identifier k JOIN nominal n ON n.id = k.nominal"
        " WHERE k.kind = $1 AND k.service = $2 AND k.normal = $3 AND n.operation = $4 ORDER BY k.nominal"
        " LIMIT 64" },
    /* How many different accounts or names show this identifier: a shared thing must not tie strangers
     * together. */
    [LINK_WHO] = { "link.who",
        "SELECT count(*) FROM (SELECT DISTINCT coalesce(s.service || ' ' || s.account, s.name) FROM"
        " (SELECT sighting FROM identifier WHERE kind = $1 AND service = $2 AND normal = $3 ORDER BY id"
        " LIMIT 500) i"
        " JOIN sighting s ON s.id = i.sighting)" },
    [LINK_EVIDENCE] = { "link.evidence",
        "SELECT r.source, r.source_ref, coalesce(r.provider, '') FROM identifier i CROSS JOIN sighting s ON"
        " s.id = i.sighting"
        " CROSS JOIN referral r ON r.id = s.referral WHERE i.kind = $1 AND i.service = $2 AND i.normal = $3"
        " AND s.nominal = $4 AND s.id <> $5 ORDER BY i.id LIMIT 1" },
    [LINK_EVIDENCE_PERSON] = { "link.evidence_person",
        "SELECT r.source, r.source_ref, coalesce(r.provider, '') FROM sighting s JOIN referral r ON r.id ="
        " s.referral"
        " WHERE s.nominal = $4 AND s.family IS NOT NULL AND s.born IS NOT NULL AND s.postcode IS NOT NULL"
        " AND s.id <> $5"
        " AND $1 = $1 AND $2 = $2 AND $3 = $3 ORDER BY s.id LIMIT 1" },
    [LINK_EVIDENCE_REPORT] = { "link.evidence_report",
        "SELECT r.source, r.source_ref, coalesce(r.provider, '') FROM sighting s JOIN referral r ON r.id ="
        " s.referral"
        " WHERE s.nominal = $4 AND r.provider IS NOT NULL AND lower(r.provider) = $2 AND r.source ="
        " 'hotline' AND s.id <> $5"
        " AND $1 = $1 AND $3 = $3 ORDER BY r.source_ref = $3 DESC, s.id LIMIT 1" },
    [LINK_IS_APART] = { "link.is_apart",
        "WITH RECURSIVE wa (id) AS (SELECT $1 UNION SELECT n.id FROM nominal n JOIN wa ON n.merged_into ="
        " wa.id),"
        " wb (id) AS (SELECT $2 UNION SELECT n.id FROM nominal n JOIN wb ON n.merged_into = wb.id)"
        " SELECT 1 FROM wa JOIN wb JOIN apart ON apart.a = min(wa.id, wb.id) AND apart.b = max(wa.id,"
        " wb.id) LIMIT 1" },

    [LINK_OPEN] = { "link.open",
        "INSERT INTO nominal (id, operation, name, given, family, born, occupation, status, first_seen,"
        " last_seen,"
        " restricted, answers, band, band_rank, suggested, risk_points, why, access, registered,"
        " position_of_trust,"
        " scored_upto, changed, referrals, known_files, children, stage) VALUES ($1, $2, $3, $4, $5, $6,"
        " $7, 'reported',"
        " $8, $8, 0, 0, '', 0, '', 0, '', 'unknown', 0, 0, 0, $1, 1, $9, 0, 'reported')" },
    [LINK_ATTACH] = { "link.attach", "UPDATE sighting SET nominal = $2 WHERE id = $1 AND nominal IS NULL" },
    [LINK_DETACH] = { "link.detach", "UPDATE sighting SET nominal = NULL WHERE id = $1" },
    [LINK_NEW] = { "link.new",
        "INSERT INTO link (id, nominal, sighting, reason, kind, entry) VALUES ($1, $2, $3, $4, $5, $1)" },
    [LINK_KEY_NEW] = { "link.key_new",
        "INSERT INTO nominal_identifier (kind, service, normal, nominal) VALUES ($1, $2, $3, $4) ON"
        " CONFLICT DO NOTHING" },
    [LINK_KEY_DROP] = { "link.key_drop",
        "DELETE FROM nominal_identifier WHERE kind = $1 AND service = $2 AND normal = $3 AND nominal = $4" },
    [LINK_ONE] = { "link.one", "SELECT nominal, sighting, kind, coalesce(undone_by, 0) FROM link WHERE id ="
        " $1" },
    [LINK_UNDO] = { "link.undo", "UPDATE link SET undone_by = $2 WHERE id = $1" },
    [LINK_OF_NOMINAL] = { "link.of_nominal",
        "SELECT sighting FROM link WHERE nominal = $1 AND undone_by IS NULL ORDER BY id" },
    /* Does another linked sighting of the same referral belong to this person already? */
    [LINK_SIBLINGS] = { "link.siblings",
        "SELECT count(*) FROM sighting INDEXED BY sighting_referral WHERE referral = $1 AND nominal = $2"
        " AND id <> $3" },
    [LINK_FILES_OF] = { "link.files_of", MATCH_KNOWN_FILES("id = $1") },
    [LINK_GROW] = { "link.grow",
        "UPDATE nominal SET referrals = referrals + 1, known_files = known_files + $2,"
        " first_seen = min(first_seen, $3), last_seen = max(last_seen, $3), changed = $4 WHERE id = $1" },
    [LINK_RECOUNT] = { "link.recount",
        "UPDATE nominal SET (referrals, first_seen, last_seen) ="
        " (SELECT count(DISTINCT coalesce(r.merged_into, r.id)), coalesce(min(coalesce(s.seen_at,"
        " r.received_at)), first_seen),"
        " coalesce(max(coalesce(s.seen_at, r.received_at)), last_seen)"
        " FROM sighting s JOIN referral r ON r.id = s.referral WHERE s.nominal = $1),"
        " known_files = (" MATCH_KNOWN_FILES("nominal = $1") "), changed = $2 WHERE id = $1" },
    [LINK_BEST_NAMED] = { "link.best_named",
        "SELECT name, given, family, born FROM sighting INDEXED BY sighting_named WHERE nominal = $1"
        " AND family IS NOT NULL"
        " ORDER BY (born IS NULL), id LIMIT 1" },
    [LINK_BEST_ACCOUNT] = { "link.best_account",
        "SELECT CASE WHEN account IS NOT NULL AND account <> '' THEN account ELSE name END, NULL, NULL,"
        " born FROM sighting"
        " WHERE nominal = $1 AND (coalesce(account, '') <> '' OR name <> '') ORDER BY id LIMIT 1" },
    [LINK_BEST_WORK] = { "link.best_work",
        "SELECT occupation FROM sighting INDEXED BY sighting_occupation WHERE nominal = $1"
        " AND occupation IS NOT NULL ORDER BY id LIMIT 1" },
    [LINK_NAME_AGAIN] = { "link.name",
        "UPDATE nominal SET name = $2, given = $3, family = $4, born = $5, occupation = $6 WHERE id = $1"
        " AND named IS NULL" },
    [LINK_NAME_DECIDED] = { "link.name_decided",
        "UPDATE nominal SET name = $2, given = $3, family = $4, born = $5, named = $6, changed = $6 WHERE"
        " id = $1" },
    [LINK_NOMINAL] = { "link.nominal", "SELECT operation, stage, status, named FROM nominal WHERE id = $1" },
    [LINK_ALIVE] = { "link.alive", "SELECT count(*) FROM link WHERE nominal = $1 AND undone_by IS NULL" },
    [LINK_APART_NEW] = { "link.apart_new", "INSERT INTO apart (a, b, entry) VALUES (min($1, $2), max($1,"
        " $2), $3)"
        " ON CONFLICT (a, b) DO NOTHING" },

    [LINK_MERGE_SIGHTINGS] = { "link.merge_sightings", "UPDATE sighting SET nominal = $1 WHERE nominal ="
        " $2" },
    [LINK_MERGE_MARK] = { "link.merge_mark", "UPDATE nominal SET merged_into = $2, changed = $3 WHERE id ="
        " $1" },
    [LINK_MERGE_NEW] = { "link.merge_new",
        "INSERT INTO merge (id, kept, merged, reason, stage_before, stage_after, status_before, status_after,"
        " decision, pair) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)" },
    [LINK_MERGE_ONE] = { "link.merge_one",
        "SELECT kept, merged, coalesce(undone_by, 0), stage_before, stage_after, status_before,"
        " status_after FROM merge"
        " WHERE id = $1" },
    [LINK_MERGE_SHARED] = { "link.merge_shared",
        "SELECT count(*) FROM sighting m CROSS JOIN referral r ON r.id = m.referral WHERE m.nominal = $2"
        " AND (r.merged_into IS NOT NULL OR EXISTS (SELECT 1 FROM sighting k INDEXED BY sighting_referral"
        "  WHERE k.referral = m.referral AND k.nominal = $1))" },
    [LINK_MERGE_ADD] = { "link.merge_add",
        "UPDATE nominal SET (referrals, known_files, children, first_seen, last_seen, changed) = (SELECT"
        " k.referrals + m.referrals,"
        " k.known_files + m.known_files, k.children + m.children, min(k.first_seen, m.first_seen),"
        " max(k.last_seen, m.last_seen), $3 FROM nominal k JOIN nominal m ON m.id = $2 WHERE k.id = $1)"
        " WHERE id = $1" },
    [LINK_ANY_APART] = { "link.any_apart", "SELECT 1 FROM apart LIMIT 1" },
    [LINK_MERGE_LAST] = { "link.merge_last", "SELECT id FROM merge WHERE merged = $1 AND undone_by IS NULL"
        " ORDER BY id DESC" },
    [LINK_MERGE_UNDO] = { "link.merge_undo", "UPDATE merge SET undone_by = $2 WHERE id = $1" },
    [LINK_UNMERGE_SIGHTINGS] = { "link.unmerge_sightings",
        WHOLE("$1") "UPDATE sighting SET nominal = $1 WHERE id IN"
        " (SELECT l.sighting FROM whole JOIN link l ON l.nominal = whole.id WHERE l.undone_by IS NULL)" },
    [LINK_MERGE_PLACES] = { "link.merge_places", "UPDATE attribution SET nominal = $1 WHERE nominal = $2" },
    [LINK_PLACES_LOOSE] = { "link.places_loose", "UPDATE attribution SET nominal = 0 WHERE sighting = $1" },
    [LINK_UNMERGE_PLACES] = { "link.unmerge_places",
        "UPDATE attribution SET nominal = $1 WHERE sighting IN (SELECT id FROM sighting WHERE nominal ="
        " $1)" },

    [LINK_SET_BUNDLE] = { "link.set_bundle",
        "UPDATE nominal SET bundle = (SELECT b.bundle FROM bundle_of b WHERE b.id = $1) WHERE id = $1" },
    /* What holds, or waits for a second person. */
    [LINK_ELIMINATION] = { "link.elimination",
        "SELECT x.id, x.person, x.decided, x.reason, x.at, p.name, s.name, x.status_before FROM elimination x"
        " LEFT JOIN person p ON p.id = x.person LEFT JOIN person s ON s.id = x.second WHERE x.nominal = $1"
        " AND x.refused IS NULL AND x.undone_by IS NULL ORDER BY x.id DESC LIMIT 1" },
    [LINK_ELIMINATION_NEW] = { "link.elimination_new",
        "INSERT INTO elimination (id, nominal, at, person, reason, status_before) VALUES ($1, $2, $3, $4,"
        " $5, $6)" },
    [LINK_ELIMINATION_AGREED] = { "link.elimination_agreed",
        "UPDATE elimination SET second = $3, decided = $4 WHERE id = $1 AND nominal = $2" },
    [LINK_ELIMINATION_REFUSED] = { "link.elimination_refused",
        "UPDATE elimination SET second = $3, refused = $4 WHERE id = $1 AND nominal = $2" },
    [LINK_ELIMINATION_STATUS] = { "link.elimination_status",
        "UPDATE nominal SET status = (SELECT x.status_before FROM elimination x WHERE x.nominal = $1 AND"
        " x.decided IS NOT NULL AND x.undone_by IS NULL ORDER BY x.id DESC LIMIT 1), changed = $2 WHERE id ="
        " $1 AND status = 'eliminated'" },
    [LINK_ELIMINATION_END] = { "link.elimination_end",
        "UPDATE elimination SET undone_by = $2 WHERE nominal = $1 AND decided IS NOT NULL AND undone_by IS"
        " NULL" },
    /* A proposal about someone merged into another is about nobody. */
    [LINK_ELIMINATION_DROP] = { "link.elimination_drop",
        "UPDATE elimination SET refused = $2 WHERE nominal = $1 AND decided IS NULL AND refused IS NULL" },
    /* $1 the merge taken back, $2 its entry: who is eliminated again. */
    [LINK_ELIMINATION_BACK] = { "link.elimination_back",
        "INSERT INTO elimination (id, nominal, at, person, reason, status_before, second, decided)"
        " SELECT $2, x.nominal, x.at, x.person, x.reason, x.status_before, x.second, $2 FROM elimination x"
        " JOIN nominal n ON n.id = x.nominal WHERE x.nominal IN ($3, $4) AND x.undone_by = $1"
        " AND n.status = 'eliminated'" },
    [LINK_AGENCY_OF] = { "link.agency_of",
        "SELECT coalesce(n.force, o.lead_agency) FROM nominal n JOIN operation o ON o.id = n.operation"
        " WHERE n.id = $1" },
    [LINK_TOUCH] = { "link.touch", "UPDATE nominal SET changed = $2 WHERE id = $1" },
    [LINK_SET_STAGE] = { "link.set_stage", "UPDATE nominal SET stage = $2, changed = $3 WHERE id = $1" },
    [LINK_SET_STATUS] = { "link.set_status", "UPDATE nominal SET status = $2, changed = $3 WHERE id = $1" },
    [LINK_SET_FLAGS] = { "link.set_flags",
        "UPDATE nominal SET registered = CASE WHEN $2 < 0 THEN registered ELSE $2 END,"
        " position_of_trust = CASE WHEN $3 < 0 THEN position_of_trust ELSE $3 END, changed = $4 WHERE id ="
        " $1" },
    [LINK_SET_OCCUPATION] = { "link.set_occupation", "UPDATE nominal SET occupation = $2, changed = $3"
        " WHERE id = $1" },
    [LINK_SET_ACCESS] = { "link.set_access", "UPDATE nominal SET access = $2, changed = $3 WHERE id = $1" },
    [LINK_SET_RESTRICTED] = { "link.set_restricted", "UPDATE nominal SET restricted = $2, changed = $3"
        " WHERE id = $1" },
    [LINK_SET_CHILDREN] = { "link.set_children",
        "UPDATE nominal SET children = (" WHOLE("$1") "SELECT count(*) FROM whole JOIN child c ON c.nominal"
        " = whole.id"
        " WHERE c.corrected_by IS NULL), changed = $2 WHERE id = $1" },
    [LINK_SET_FORCE] = { "link.set_force", "UPDATE nominal SET force = $2, force_basis = $3, changed = $4"
        " WHERE id = $1" },
    [LINK_SET_PLACE] = { "link.set_place",
        "UPDATE nominal SET address = $2, postcode = $3, town = $4, area = $5, force = $6, force_basis ="
        " $7, answers = $8,"
        " changed = $9 WHERE id = $1" },
    [LINK_SET_SCORE] = { "link.set_score",
        "UPDATE nominal SET suggested = $2, risk_points = $3, why = $4, access = $5, registered = $6,"
        " position_of_trust = $7, band_rank = $8, scored_upto = $9 WHERE id = $1" },
    [LINK_SET_BAND] = { "link.set_band", "UPDATE nominal SET band = $2, band_rank = $3 WHERE id = $1" },
    /* The household most events point to; an address a source merely states comes after any an operator
     * answered with. */
    [LINK_PLACE_BEST] = { "link.place_best",
        "SELECT household, postcode, town, lad, force, force_basis,"
        " CASE WHEN min(answer, 1) = 0 THEN 0 ELSE count(DISTINCT footprint) END AS events, max(id) AS newest"
        " FROM attribution WHERE nominal = $1 AND withdrawn_by IS NULL GROUP BY household, postcode,"
        " min(answer, 1)"
        " ORDER BY events DESC, newest DESC LIMIT 2" },
    [LINK_PLACE_CLEAR] = { "link.place_clear",
        "UPDATE nominal SET address = NULL, postcode = NULL, town = NULL, area = NULL, force = NULL,"
        " force_basis = NULL,"
        " answers = 0 WHERE id = $1" },

    [LINK_OF_SOURCE] = { "link.of_source",
        "SELECT s.nominal FROM referral r JOIN sighting s ON s.referral = r.id WHERE r.operation = $1 AND"
        " r.source = $2"
        " AND r.source_ref = $3 AND r.merged_into IS NULL AND s.nominal IS NOT NULL ORDER BY s.id LIMIT 1" },

    [LINK_Q_FORCE_SAME]  = { "link.q_force_same", QUEUE_COLUMNS BY_FORCE SAME_POINTS },
    [LINK_Q_FORCE_RANK]  = { "link.q_force_rank", QUEUE_COLUMNS BY_FORCE SAME_RANK },
    [LINK_Q_FORCE_BELOW] = { "link.q_force_below", QUEUE_COLUMNS BY_FORCE BELOW_RANK },
    [LINK_Q_ALL_SAME]    = { "link.q_all_same", QUEUE_COLUMNS BY_ALL SAME_POINTS },
    [LINK_Q_ALL_RANK]    = { "link.q_all_rank", QUEUE_COLUMNS BY_ALL SAME_RANK },
    [LINK_Q_ALL_BELOW]   = { "link.q_all_below", QUEUE_COLUMNS BY_ALL BELOW_RANK },
    /* At most a thousand people of a name are looked at: whoever wants more types more of it. */
    [LINK_Q_NAMED] = { "link.q_named",
        QUEUE_COLUMNS "(SELECT * FROM (SELECT id AS found FROM nominal INDEXED BY nominal_family WHERE"
        " merged_into IS NULL"
        " AND family COLLATE NOCASE >= $10 AND family COLLATE NOCASE < $11 LIMIT 1000)"
        " UNION SELECT * FROM (SELECT id FROM nominal INDEXED BY nominal_called WHERE merged_into IS NULL"
        " AND name COLLATE NOCASE >= $10 AND name COLLATE NOCASE < $11 LIMIT 1000)) hit"
        " CROSS JOIN nominal n ON n.id = hit.found" QUEUE_JOINS
        " WHERE ($5 IS NULL OR n.force = $5) AND ($6 IS NULL OR n.operation = $6) AND" FOR_VIEWER
        " AND (n.band_rank < $7 OR (n.band_rank = $7 AND (n.risk_points < $8 OR (n.risk_points = $8 AND"
        " n.id > $9))))"
        " AND ($12 IS NULL OR n.band_rank = $12) AND ($13 OR n.status <> 'eliminated')" QUEUE_ORDER },
    /* $6 is anyone of the bundle. */
    [LINK_Q_BUNDLE] = { "link.q_bundle",
        QUEUE_COLUMNS "nominal w CROSS JOIN nominal n INDEXED BY nominal_bundle ON " SAME_BUNDLE("n", "w")
        QUEUE_JOINS " WHERE w.id = $6 AND w.folds = 1 AND ($5 IS NULL OR n.force = $5) AND" FOR_VIEWER
        " AND (n.band_rank < $7 OR (n.band_rank = $7 AND (n.risk_points < $8 OR (n.risk_points = $8 AND"
        " n.id > $9))))" QUEUE_ORDER },
    [LINK_Q_ONE] = { "link.q_one",
        QUEUE_COLUMNS "nominal n" QUEUE_JOINS " WHERE n.id = $4 AND ($5 IS NULL OR n.force = $5)"
        " AND" FOR_VIEWER },

    [LINK_F_DETAIL] = { "link.f_detail",
        "SELECT given, family, born, occupation, address, postcode, area, force_basis, answers FROM nominal"
        " WHERE id = $1" },
    [LINK_F_FOOTPRINTS] = { "link.f_footprints",
        "SELECT f.id, f.referral, f.address, f.verbatim, f.event, f.operator, f.operator_as_of,"
        " (SELECT w.operator_ref FROM attribution a JOIN provider_answer w ON w.id = a.answer WHERE"
        " a.footprint = f.id"
        "  AND a.withdrawn_by IS NULL ORDER BY a.id LIMIT 1), f.port, f.asn, f.at, f.proxy,"
        " EXISTS (SELECT 1 FROM attribution a WHERE a.footprint = f.id AND a.withdrawn_by IS NULL)"
        " FROM (SELECT id FROM sighting WHERE nominal = $1 ORDER BY id DESC LIMIT 400) mine"
        " CROSS JOIN footprint f ON f.sighting = mine.id ORDER BY f.at DESC, f.id DESC LIMIT 200" },
    [LINK_F_LINKS] = { "link.f_links",
        WHOLE("$1") "SELECT l.id, l.sighting, s.referral, l.entry, l.kind, l.reason, r.source, r.source_ref,"
        " coalesce(s.seen_at, r.received_at), l.undone_by IS NOT NULL FROM whole CROSS JOIN link l ON"
        " l.nominal = whole.id"
        " CROSS JOIN sighting s ON s.id = l.sighting CROSS JOIN referral r ON r.id = s.referral ORDER BY"
        " l.id LIMIT 200" },
    [LINK_F_ATTRIBUTIONS] = { "link.f_attributions",
        "SELECT a.id, a.footprint, a.answer, f.verbatim, f.address, w.operator, w.operator_ref, a.agrees,"
        " a.household,"
        " a.postcode, a.force_basis, w.billing_address, f.at, w.session_start, w.session_end, f.port,"
        " w.shared_address,"
        " a.withdrawn_by IS NOT NULL FROM attribution a JOIN footprint f ON f.id = a.footprint"
        " JOIN provider_answer w ON w.id = a.answer WHERE a.nominal = $1 AND a.answer <> 0 ORDER BY a.id"
        " LIMIT 200" },
    [LINK_F_REFERRALS] = { "link.f_referrals",
        "SELECT r.id, r.file, r.line, r.source, r.source_ref, r.provider, r.incident_type,"
        " r.priority_reason, r.summary,"
        " r.sensitive_text, r.missing, r.received_at, r.incident_at, r.completeness, r.bundled FROM"
        " referral r WHERE r.id IN"
        " (SELECT referral FROM sighting WHERE nominal = $1 ORDER BY id LIMIT 400) ORDER BY r.id LIMIT 100" },
    [LINK_F_IDENTIFIERS] = { "link.f_identifiers",
        "SELECT i.kind, i.service, min(i.verbatim), count(*) FROM (SELECT id FROM sighting WHERE nominal ="
        " $1 ORDER BY id"
        " LIMIT 400) mine CROSS JOIN identifier i ON i.sighting = mine.id GROUP BY i.kind, i.service,"
        " i.normal"
        " ORDER BY i.kind, i.service, i.normal LIMIT 200" },
};
