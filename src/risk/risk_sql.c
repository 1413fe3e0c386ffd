#include "risk/risk_sql.h"

/* A person and everyone merged into them: checks, children and decisions stay where they were made. */
#define WHOLE "WITH RECURSIVE whole (id) AS (SELECT $1 UNION" \
    " SELECT n.id FROM nominal n JOIN whole ON n.merged_into = whole.id) "
#define FLAG(word) "coalesce(max(instr(lower(x.flags), '" word "') > 0), 0)"

const Sql risk_sql[RISK__COUNT] = {
    [RISK_TODO] = { "risk.todo",
        "SELECT id FROM nominal INDEXED BY nominal_rescore WHERE changed > scored_upto AND merged_into IS"
        " NULL AND id > $1"
        " ORDER BY id LIMIT $2" },
    [RISK_NOMINAL] = { "risk.nominal",
        "SELECT n.operation, n.given, n.family, n.born, n.occupation, n.postcode, n.known_files,"
        " n.referrals, n.stage, n.status,"
        " n.changed, n.band, n.suggested, n.registered, n.position_of_trust, n.answers, coalesce(a.nation,"
        " '') FROM nominal n"
        " LEFT JOIN agency a ON a.id = n.force WHERE n.id = $1" },
    [RISK_REPORTS] = { "risk.reports",
        "SELECT count(DISTINCT coalesce(s.seen_at, r.incident_at) / 86400000000),"
        " coalesce(sum(r.priority_reason IS NOT NULL), 0), coalesce(sum(r.incident_type = 'enticement'), 0),"
        " coalesce(sum(r.incident_type IN ('contact-abuse', 'trafficking', 'travel')), 0), count(DISTINCT"
        " CASE WHEN"
        " r.incident_type = 'purchase' THEN coalesce(s.seen_at, r.incident_at, r.id) END), min(s.age)"
        " FROM sighting s JOIN referral r ON r.id = s.referral WHERE s.nominal = $1 AND r.merged_into IS"
        " NULL" },
    [RISK_PRIOR] = { "risk.prior",
        "SELECT count(DISTINCT i.normal) FROM sighting s JOIN identifier i ON i.sighting = s.id"
        " WHERE s.nominal = $1 AND i.kind = 'prior_report'" },
    /* What providers flagged, on the report or on a file: presence only ever adds. */
    [RISK_FLAGS] = { "risk.flags",
        "SELECT " FLAG("livestreaming") ", " FLAG("possibleselfproduction") " OR " FLAG("production") ", "
        FLAG("sextortion") ", " FLAG("sadis") " OR " FLAG("physicalharm") ", " FLAG("csamsolicitation") ""
        " FROM ("
        "SELECT r.annotations AS flags FROM sighting s JOIN referral r ON r.id = s.referral"
        " WHERE s.nominal = $1 AND r.merged_into IS NULL AND r.annotations <> '[]'"
        " UNION ALL SELECT h.annotations FROM sighting s JOIN file_hash h ON h.referral = s.referral"
        " AND (h.sighting IS NULL OR h.sighting = s.id) WHERE s.nominal = $1 AND h.annotations <> '[]') x" },
    [RISK_CHILDREN] = { "risk.children",
        WHOLE "SELECT coalesce(sum(c.access = 'lives with'), 0), coalesce(sum(c.access IN ('regular"
        " contact', 'teaches')), 0),"
        " coalesce(sum(c.immediate_risk AND c.state = 'concern'), 0), max(c.entry) FROM whole"
        " JOIN child c ON c.nominal = whole.id WHERE c.corrected_by IS NULL" },
    [RISK_CHECKS] = { "risk.checks",
        WHOLE "SELECT c.id, c.kind, c.state, coalesce(c.answer, ''), coalesce(c.answered_by, 0), c.asked"
        " FROM whole"
        " JOIN check_open c ON c.nominal = whole.id ORDER BY c.id" },
    [RISK_ACTIONS] = { "risk.actions",
        WHOLE "SELECT coalesce(sum(a.kind IN ('charge', 'sentence')), 0), coalesce(max(a.registered), 0),"
        " coalesce(max(a.position_of_trust), 0), max(a.entry) FROM whole JOIN action a ON a.nominal ="
        " whole.id"
        " WHERE a.corrected_by IS NULL" },
    [RISK_DEVICES] = { "risk.devices",
        WHOLE "SELECT coalesce(sum(t.illegal), 0), coalesce(sum(t.clusters), 0), max(t.id) FROM whole"
        " JOIN exhibit_triage t ON t.nominal = whole.id WHERE t.replaced IS NULL" },
    /* $1 given $2 family $3 born $4 postcode $5 nominal. Same name and date of birth alone is only possible.
     * */
    [RISK_REGISTER] = { "risk.register",
        "SELECT count(*), coalesce(sum(e.postcode IS NOT NULL AND (e.postcode = $4 OR EXISTS (SELECT 1 FROM"
        " sighting s"
        " WHERE s.nominal = $5 AND s.postcode = e.postcode))), 0) FROM register_entry e"
        " WHERE e.born = $3 AND e.family = $2 COLLATE NOCASE AND e.given = $1 COLLATE NOCASE" },
    [RISK_ENTRIES] = { "risk.entries",
        "SELECT (SELECT max(entry) FROM link WHERE nominal = $1 AND undone_by IS NULL)" },
    [RISK_ANSWERED_HOUSEHOLD] = { "risk.answered_household",
        "SELECT id FROM attribution WHERE nominal = $1 AND answer <> 0 AND withdrawn_by IS NULL ORDER BY id"
        " LIMIT 1" },
    [RISK_CLOCKS] = { "risk.clocks",
        "SELECT kind, started, due FROM clock WHERE subject = $1 AND stopped IS NULL ORDER BY id" },
    [RISK_CLOCK_RUNNING] = { "risk.clock_running",
        "SELECT agency, owner FROM clock WHERE subject = $1 AND kind = $2 AND stopped IS NULL" },

    [RISK_SCORE_NEW] = { "risk.score_new",
        "INSERT INTO risk_score (id, nominal, at, model, band, points, why, factors) VALUES ($1, $2, $3,"
        " $4, $5, $6, $7, $8)" },
    [RISK_DECIDED] = { "risk.decided",
        WHOLE "SELECT d.band, d.suggested, d.nominal FROM whole JOIN band_decision d ON d.nominal = whole.id"
        " WHERE d.state = 'decided' ORDER BY d.id DESC" },
    [RISK_SUGGESTED] = { "risk.suggested", "SELECT suggested, band, operation, merged_into FROM nominal"
        " WHERE id = $1" },
    [RISK_DECISION_NEW] = { "risk.decision_new",
        "INSERT INTO band_decision (id, nominal, at, person, suggested, band, reason, second, state)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)" },
    [RISK_DECISION_STATE] = { "risk.decision_state", "UPDATE band_decision SET state = $2, second = $3"
        " WHERE id = $1" },
    [RISK_PROPOSED] = { "risk.proposed",
        "SELECT id, band, reason, person, suggested FROM band_decision WHERE nominal = $1 AND state ="
        " 'proposed' ORDER BY id DESC" },
    [RISK_PROPOSALS_END] = { "risk.proposals_end",
        "UPDATE band_decision SET state = 'overtaken' WHERE nominal = $1 AND state = 'proposed'" },

    [RISK_CHECK_NEW] = { "risk.check_new",
        "INSERT INTO check_open (id, nominal, kind, state, asked) VALUES ($1, $2, $3, 'open', $4)" },
    [RISK_CHECK_ONE] = { "risk.check_one", "SELECT nominal, kind, state FROM check_open WHERE id = $1" },
    [RISK_CHECK_ANSWER] = { "risk.check_answer",
        "UPDATE check_open SET state = 'answered', answer = $2, note = $3, answered_by = $4 WHERE id = $1" },

    [RISK_V_SCORES] = { "risk.v_scores",
        "SELECT id, at, model, band, why, factors, points FROM risk_score WHERE nominal = $1 ORDER BY id"
        " DESC LIMIT 100" },
    [RISK_V_DECISIONS] = { "risk.v_decisions",
        WHOLE "SELECT d.id, d.person, coalesce(d.second, 0), d.at, d.suggested, d.band, d.reason, p.name"
        " FROM whole"
        " JOIN band_decision d ON d.nominal = whole.id LEFT JOIN person p ON p.id = d.person"
        " WHERE d.state = 'decided' ORDER BY d.id DESC LIMIT 100" },
    [RISK_V_CHECKS] = { "risk.v_checks",
        WHOLE "SELECT c.id, c.kind, c.state, c.answer, c.note, c.asked, k.due FROM whole JOIN check_open c"
        " ON c.nominal = whole.id"
        " LEFT JOIN clock k ON k.subject = $1 AND k.kind = 'nominal.' || c.kind || '-check' AND k.stopped"
        " IS NULL"
        " ORDER BY c.state DESC, c.id LIMIT 100" },
    [RISK_V_PROPOSED] = { "risk.v_proposed",
        "SELECT band, reason, person FROM band_decision WHERE nominal = $1 AND state = 'proposed' ORDER BY"
        " id DESC LIMIT 1" },
};
