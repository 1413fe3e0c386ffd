/* dispatch_sql.c: the statements of src/dispatch. */
#include "dispatch/dispatch_sql.h"

/* A person and everyone merged into them. */
#define WHOLE "WITH RECURSIVE whole (id) AS (SELECT $1 UNION SELECT n.id FROM nominal n JOIN whole ON" \
    " n.merged_into = whole.id) "
#define OPEN "NOT IN ('returned', 'closed')"

/* PackageRow is read from these columns, in this order. The nominal is the one kept after merges. */
#define ROW \
    "SELECT p.id, n.id, p.force, p.owner, n.name, a.tile, a.short_id, p.band, p.state, n.why, o.name," \
    " c.kind, c.due," \
    " p.built, p.sent, p.received, p.accepted, p.first_action, p.closed, p.eliminated"
#define ROW_FROM                                                                                             \
    " FROM package p JOIN nominal n ON n.id = p.lead LEFT JOIN agency a ON a.id = p.force LEFT JOIN person " \
    "o ON o.id = p.owner"                                                                                    \
    " LEFT JOIN clock c ON c.id = (SELECT k.id FROM clock k WHERE k.subject = p.id AND k.letter = 'P'"       \
    " AND k.kind >= 'package.' AND k.kind < 'package/' AND k.stopped IS NULL"       \
    " ORDER BY k.paused_at IS NOT NULL, k.due, k.id LIMIT 1)"
/* $1 person, $2 sees everything, $3 supervises this agency: access.h, viewer_sees_restricted. */
#define FOR_VIEWER \
    " (n.restricted = 0 OR $2 OR p.force = $3" \
    " OR EXISTS (SELECT 1 FROM restriction w WHERE w.subject = n.id AND w.person = $1))"
/* Children first. A call walks one turn ($7): the unread, then the open, then the closed. None sorts. $8 and
 * $9 are where the page before ended. */
#define LISTED(index) \
    ROW ROW_FROM " WHERE p.id IN (SELECT p.id FROM package p INDEXED BY " index " CROSS JOIN nominal n" \
    " ON n.id = p.lead WHERE p.turn = $7 AND (p.place, p.id) > ($8, $9)" \
    " AND ($4 IS NULL OR p.operation = $4) AND ($5 IS NULL OR p.state = $5) AND" FOR_VIEWER
#define LISTED_END " ORDER BY p.place, p.id LIMIT $6) ORDER BY p.place, p.id"

const Sql dispatch_sql[DISPATCH__COUNT] = {
    [DISPATCH_STATE] = { "dispatch.state",
        "SELECT p.id, p.operation, p.nominal, p.force, p.owner, p.state, p.band, n.band,"
        " p.eliminated FROM package p"
        " JOIN nominal n ON n.id = p.lead WHERE p.id = $1" },
    [DISPATCH_OPEN_OF] = { "dispatch.open_of",
        WHOLE "SELECT p.id FROM whole JOIN package p ON p.nominal = whole.id WHERE p.state " OPEN " ORDER"
            " BY p.id LIMIT 1" },
    [DISPATCH_OF_FORCE] = { "dispatch.of_force",
        WHOLE "SELECT p.id FROM whole JOIN package p ON p.nominal = whole.id WHERE p.force = $2 AND p.sent"
            " IS NOT NULL"
        " ORDER BY p.state IN ('returned', 'closed'), p.id DESC LIMIT 1" },
    [DISPATCH_VERSIONS] = { "dispatch.versions",
        WHOLE "SELECT count(*) FROM whole JOIN package p ON p.nominal = whole.id" },
    [DISPATCH_RETURNED_OF] = { "dispatch.returned_of",
        WHOLE "SELECT p.id FROM whole JOIN package p ON p.nominal = whole.id WHERE p.state = 'returned'"
            " ORDER BY p.id" },
    [DISPATCH_CANDIDATES] = { "dispatch.candidates",
        "SELECT n.id FROM nominal n INDEXED BY nominal_queue WHERE n.merged_into IS NULL AND n.operation = $1"
        " AND n.force IS NOT NULL AND n.address IS NOT NULL AND n.band <> '' AND n.stage IN ('reported',"
        " 'at-address')"
        " AND n.status NOT IN ('eliminated', 'victim')"
        " AND NOT EXISTS (SELECT 1 FROM package p WHERE p.nominal = n.id AND p.state <> 'returned'"
        " AND coalesce(p.disposition, '') <> 'person-eliminated')"
        " ORDER BY n.band_rank DESC, n.risk_points DESC, n.id" },
    [DISPATCH_NOMINAL] = { "dispatch.nominal",
        "SELECT n.operation, coalesce(n.force, 0), n.band, n.address, n.force_basis, n.answers, n.why,"
        " n.status FROM"
        " nominal n WHERE n.id = $1" },
    [DISPATCH_HANDLING] = { "dispatch.handling",
        "SELECT handling, handling_conditions, classification FROM operation WHERE id = $1" },

    [DISPATCH_NEW] = { "dispatch.new",
        "INSERT INTO package (id, operation, nominal, force, version, band, state, handling, conditions,"
        " classification,"
        " manifest, built, owner) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)" },
    [DISPATCH_HELD] = { "dispatch.held",
        "UPDATE package SET state = 'held', hold_reason = $2, owner = $3 WHERE id = $1" },
    [DISPATCH_RELEASED] = { "dispatch.released",
        "UPDATE package SET state = 'built', hold_reason = $2 WHERE id = $1" },
    [DISPATCH_SENT] = { "dispatch.sent",
        "UPDATE package SET state = 'sent', sent = $2, band = $3, owner = $4 WHERE id = $1" },
    [DISPATCH_RECEIVED] = { "dispatch.received",
        "UPDATE package SET state = 'received', received = $2 WHERE id = $1" },
    [DISPATCH_ACCEPTED] = { "dispatch.accepted",
        "UPDATE package SET state = CASE state WHEN 'actioned' THEN state ELSE 'accepted' END,"
        " received = coalesce(received, $2), accepted = $2, owner = $3 WHERE id = $1" },
    [DISPATCH_RETURNED] = { "dispatch.returned",
        "UPDATE package SET state = 'returned', return_reason = $2, owner = $3 WHERE id = $1" },
    [DISPATCH_TRANSFERRED] = { "dispatch.transferred",
        "UPDATE package SET state = 'transferred', force = $2, owner = $3, received = NULL, accepted ="
        " NULL WHERE id = $1" },
    [DISPATCH_ACTED] = { "dispatch.acted",
        "UPDATE package SET state = 'actioned', received = coalesce(received, $3),"
        " first_action = min(coalesce(first_action, $2), $2) WHERE id = $1" },
    [DISPATCH_CLOSED] = { "dispatch.closed",
        "UPDATE package SET state = 'closed', closed = $2, disposition = $3, disposition_note = $4 WHERE"
        " id = $1" },

    [DISPATCH_ELIMINATED] = { "dispatch.eliminated", "UPDATE package SET eliminated = $2 WHERE id = $1" },
    /* Open packages of who is eliminated, whose holder was not told; the elimination. What was returned and
     * built anew since waits for nobody. */
    [DISPATCH_TO_TELL] = { "dispatch.to_tell",
        "SELECT p.id, max(x.id) FROM elimination x JOIN package p ON p.lead = x.nominal WHERE x.decided IS"
        " NOT NULL AND x.undone_by IS NULL AND p.eliminated IS NULL AND p.state <> 'closed' AND (p.state <>"
        " 'returned' OR EXISTS (SELECT 1 FROM clock c WHERE c.subject = p.id AND c.kind = 'package.returned'"
        " AND c.stopped IS NULL)) GROUP BY p.id ORDER BY p.id" },
    /* Those that wait to be closed, of people who are not eliminated any more. */
    [DISPATCH_TO_GO_ON] = { "dispatch.to_go_on",
        "SELECT p.id, 0 FROM package p JOIN nominal n ON n.id = p.lead WHERE p.eliminated IS NOT NULL AND"
        " p.state <> 'closed' AND n.status <> 'eliminated' ORDER BY p.id" },

    [DISPATCH_HIT_NEW] = { "dispatch.hit_new",
        "INSERT INTO deconfliction (package, nominal, other, kind, detail, decided) VALUES ($1, $2, $3,"
        " $4, $5, NULL)" },
    [DISPATCH_HITS_DECIDE] = { "dispatch.hits_decide",
        "UPDATE deconfliction SET decided = $2 WHERE package = $1 AND decided IS NULL" },
    [DISPATCH_HITS] = { "dispatch.hits",
        "SELECT id, other, kind, detail, decided FROM deconfliction WHERE package = $1 ORDER BY id" },
    [DISPATCH_HITS_OPEN] = { "dispatch.hits_open",
        "SELECT count(*) FROM deconfliction WHERE package = $1 AND decided IS NULL" },
    [DISPATCH_HIT_OTHER] = { "dispatch.hit_other", "SELECT coalesce(force, 0), restricted FROM nominal"
        " WHERE id = $1" },

    /* Each gives (other nominal, kind of key); at most 200, so that a key shared by a crowd stays cheap. */
    [DISPATCH_SAME_KEY] = { "dispatch.same_key",
        WHOLE "SELECT DISTINCT o.nominal, k.kind FROM whole CROSS JOIN nominal_identifier k ON k.nominal ="
            " whole.id"
        " CROSS JOIN nominal_identifier o ON o.kind = k.kind AND o.service = k.service AND o.normal ="
        " k.normal"
        " WHERE k.kind IN ('account', 'device', 'email', 'phone') AND o.nominal NOT IN (SELECT id FROM whole)"
        " ORDER BY o.nominal, k.kind LIMIT 200" },
    /* the same address within an hour. Two ports known to differ are two households behind it. */
    [DISPATCH_SAME_IP] = { "dispatch.same_ip",
        "SELECT DISTINCT t.nominal, 'ip' FROM (SELECT f.address, f.port, f.at FROM sighting s CROSS JOIN"
        " footprint f"
        " ON f.sighting = s.id WHERE s.nominal = $1 AND f.at IS NOT NULL AND f.role <> 'victim' ORDER BY"
        " f.at DESC, f.id LIMIT 1000) f"
        " CROSS JOIN footprint g ON g.address = f.address AND g.at >= f.at - 3600000000 AND g.at <= f.at +"
        " 3600000000"
        " AND (g.port IS NULL OR f.port IS NULL OR g.port = f.port) AND g.role <> 'victim' JOIN sighting t"
        " ON t.id = g.sighting"
        " WHERE t.nominal IS NOT NULL AND t.nominal <> $1 ORDER BY t.nominal LIMIT 200" },
    /* A file half the world passes on says nothing: only one that at most three people hold. */
    [DISPATCH_SAME_HASH] = { "dispatch.same_hash",
        "SELECT DISTINCT t.nominal, 'hash' FROM (SELECT DISTINCT h.kind, h.value FROM sighting s CROSS"
        " JOIN file_hash h"
        " ON h.referral = s.referral AND (h.sighting IS NULL OR h.sighting = s.id) WHERE s.nominal = $1"
        " LIMIT 1000) h"
        " CROSS JOIN file_hash g ON g.kind = h.kind AND g.value = h.value"
        " JOIN sighting t ON t.referral = g.referral AND (g.sighting IS NULL OR g.sighting = t.id) AND"
        " t.role = 'reported'"
        " WHERE t.nominal IS NOT NULL AND t.nominal <> $1 AND (SELECT count(*) FROM (SELECT DISTINCT"
        " u.nominal FROM file_hash x"
        " JOIN sighting u ON u.referral = x.referral AND (x.sighting IS NULL OR x.sighting = u.id) AND"
        " u.role = 'reported'"
        " WHERE x.kind = h.kind AND x.value = h.value AND u.nominal IS NOT NULL LIMIT 4)) <= 3 ORDER BY"
        " t.nominal LIMIT 200" },
    [DISPATCH_SAME_SUBJECT] = { "dispatch.same_subject",
        "SELECT o.id, 'subject' FROM nominal n JOIN nominal o ON o.family = n.family AND o.given = n.given"
        " AND o.born = n.born"
        " WHERE n.id = $1 AND o.id <> n.id AND o.merged_into IS NULL ORDER BY o.id LIMIT 200" },
    /* Is anyone at work on the other one? */
    [DISPATCH_OTHER] = { "dispatch.other",
        WHOLE "SELECT n.restricted, coalesce(n.force, 0), a.name,"
        " (SELECT b.name FROM whole JOIN package p ON p.nominal = whole.id JOIN agency b ON b.id = p.force"
        "  WHERE p.state " OPEN " ORDER BY p.id DESC LIMIT 1)"
        " FROM nominal n LEFT JOIN agency a ON a.id = n.force WHERE n.id = $1" },

    [DISPATCH_M_REFERRALS] = { "dispatch.m_referrals",
        "SELECT r.id, r.source, r.source_ref, r.provider, r.received_at, r.line, f.id, hex(f.stored_digest)"
        " FROM referral r JOIN received_file f ON f.id = r.file WHERE r.id IN"
        " (SELECT referral FROM sighting WHERE nominal = $1) ORDER BY r.id LIMIT 200" },
    [DISPATCH_M_FOOTPRINTS] = { "dispatch.m_footprints",
        "SELECT f.id, f.referral, f.address, f.port, f.verbatim, f.at, f.offset_minutes, f.event,"
        " f.operator, f.operator_as_of,"
        " f.proxy, hex(x.stored_digest) FROM sighting s CROSS JOIN footprint f ON f.sighting = s.id"
        " JOIN referral r ON r.id = f.referral JOIN received_file x ON x.id = r.file"
        " WHERE s.nominal = $1 ORDER BY f.at DESC, f.id DESC LIMIT 200" },
    [DISPATCH_M_ANSWERS] = { "dispatch.m_answers",
        "SELECT a.footprint, w.operator, w.operator_ref, a.agrees, w.session_start, w.session_end,"
        " w.shared_address, w.line,"
        " x.id, hex(x.stored_digest) FROM attribution a JOIN provider_answer w ON w.id = a.answer"
        " JOIN received_file x ON x.id = w.file WHERE a.nominal = $1 AND a.withdrawn_by IS NULL ORDER BY"
        " a.id LIMIT 200" },
    [DISPATCH_M_CHECKS] = { "dispatch.m_checks",
        "SELECT kind, state, answer FROM check_open WHERE nominal = $1 ORDER BY kind, id" },
    [DISPATCH_M_HASHES] = { "dispatch.m_hashes",
        "SELECT DISTINCT h.kind, h.value, m.grade, m.scale, m.provisional FROM sighting s CROSS JOIN"
        " file_hash h"
        " ON h.referral = s.referral AND (h.sighting IS NULL OR h.sighting = s.id) LEFT JOIN file_match m"
        " ON m.file_hash = h.id"
        " WHERE s.nominal = $1 ORDER BY m.grade IS NULL, h.kind, h.value, m.grade, m.scale, m.provisional"
        " LIMIT 500" },
    [DISPATCH_M_SCORE] = { "dispatch.m_score",
        "SELECT model, points, why, at FROM risk_score WHERE nominal = $1 ORDER BY id DESC LIMIT 1" },

    /* The page is found first, without the manifests, and drawn then. */
    [DISPATCH_LIST] = { "dispatch.list", LISTED("package_by_all") LISTED_END },
    [DISPATCH_LIST_OF_FORCE] = { "dispatch.list_of_force",
        LISTED("package_by_force") " AND p.force = $10" LISTED_END },
    /* The few of one person are found by the person, not by walking everyone's. */
    [DISPATCH_LIST_OF_NOMINAL] = { "dispatch.list_of_nominal",
        LISTED("package_lead") " AND p.lead = $10 AND ($11 IS NULL OR p.force = $11)" LISTED_END },
    [DISPATCH_RESTS_ON_ERROR] = { "dispatch.rests_on_error",
        "SELECT t.id, t.withdrawn_at, t.withdrawn_why FROM package p JOIN attribution t ON t.nominal = p.lead"
        " WHERE p.id = $1 AND t.id < p.id AND t.withdrawn_by > p.id ORDER BY t.withdrawn_by DESC LIMIT 1" },
    [DISPATCH_LIST_AFTER] = { "dispatch.list_after", "SELECT turn, place FROM package WHERE id = $1" },
    [DISPATCH_FETCH] = { "dispatch.fetch",
        ROW ", p.handling, p.conditions, p.classification, p.manifest, p.return_reason, p.hold_reason,"
            " p.disposition,"
        " p.disposition_note, p.version" ROW_FROM " WHERE p.id = $4 AND ($5 IS NULL OR p.force = $5)"
        " AND" FOR_VIEWER },
    [DISPATCH_PERSON] = { "dispatch.person",
        "SELECT n.name, n.given, n.family, n.born, n.occupation, n.status, n.address, n.postcode, n.town,"
        " n.area, n.force_basis,"
        " n.answers, n.access, n.registered, n.position_of_trust FROM nominal n WHERE n.id = $1" },
    [DISPATCH_CHILDREN] = { "dispatch.children",
        WHOLE "SELECT c.id, c.label, c.age, c.relation, c.access, c.immediate_risk, c.state FROM whole"
        " JOIN child c ON c.nominal = whole.id WHERE c.corrected_by IS NULL ORDER BY c.immediate_risk"
        " DESC, c.id LIMIT 200" },
};
