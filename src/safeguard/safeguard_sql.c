/* safeguard_sql.c: the statements of src/safeguard. */
#include "safeguard/safeguard_sql.h"

/* ChildRow is read from these columns, in this order. The nominal is the one kept after merges. */
#define ROW \
    "SELECT c.id, coalesce(n.id, 0), c.force, c.owner, c.label, c.ref, c.relation, c.access, c.state," \
    " c.mechanism, c.agency," \
    " c.plan, a.tile, n.name, n.band, o.name, k.kind, coalesce(c.age, -1), c.immediate_risk, c.known_on," \
    " c.safeguarded_on, k.due" \
    " FROM child c LEFT JOIN nominal m ON m.id = c.nominal LEFT JOIN nominal n ON n.id =" \
    " coalesce(m.merged_into, m.id)" \
    " LEFT JOIN agency a ON a.id = c.force LEFT JOIN person o ON o.id = c.owner" \
    " LEFT JOIN clock k ON k.id = (SELECT x.id FROM clock x WHERE x.subject = c.id AND x.letter = 'C'" \
    " AND x.kind >= 'child'" \
    " AND x.kind < 'childs' AND x.stopped IS NULL ORDER BY x.due, x.id LIMIT 1)" \
    " WHERE c.corrected_by IS NULL"
/* $1 person, $2 sees everything, $3 supervises this agency: access.h, viewer_sees_restricted. */
#define FOR_VIEWER \
    " AND (coalesce(n.restricted, 0) = 0 OR $2 OR c.force = $3" \
    " OR EXISTS (SELECT 1 FROM restriction w WHERE w.subject = n.id AND w.person = $1))"
#define NO_PLAN(c) c ".plan IS NULL AND " c ".state = 'concern'"
/* At immediate risk without a plan first, then whoever has been known longest. */
#define RANK(c) "(CASE WHEN " c ".immediate_risk AND " NO_PLAN(c) " THEN 0 ELSE 1 END), " c ".known_on," \
    " " c ".id"

const Sql safeguard_sql[SAFEGUARD__COUNT] = {
    [SAFEGUARD_BY_REF] = { "safeguard.by_ref", "SELECT id FROM child WHERE force = $1 AND ref = $2 AND"
        " corrected_by IS NULL" },
    [SAFEGUARD_ONE] = { "safeguard.one",
        "SELECT id, operation, coalesce(nominal, 0), force, state, plan IS NOT NULL, immediate_risk,"
        " known_on, plan_due, owner"
        " FROM child WHERE id = $1 AND corrected_by IS NULL" },
    [SAFEGUARD_NEW] = { "safeguard.new",
        "INSERT INTO child (operation, nominal, force, ref, label, age, relation, access, immediate_risk,"
        " known_on, state, owner,"
        " file, line, entry) VALUES ($1, $2, $3, $4, $5, NULL, '', 'not known', 0, $6, 'concern', $7, $8,"
        " $9, $10)" },
    [SAFEGUARD_DETAILS] = { "safeguard.details",
        "UPDATE child SET nominal = coalesce($2, nominal), label = coalesce($3, label), age = coalesce($4,"
        " age),"
        " relation = coalesce($5, relation), access = coalesce($6, access), mechanism = coalesce($7,"
        " mechanism),"
        " agency = coalesce($8, agency), plan = coalesce($9, plan), plan_due = min(coalesce(plan_due,"
        " $10), coalesce($10, plan_due))"
        " WHERE id = $1" },
    [SAFEGUARD_SETTLE] = { "safeguard.settle",
        "UPDATE child SET state = $2, immediate_risk = $3, known_on = $4, safeguarded_on = $5 WHERE id ="
        " $1" },
    [SAFEGUARD_PLAN] = { "safeguard.plan",
        "UPDATE child SET mechanism = $2, agency = $3, plan = $4 WHERE id = $1" },
    [SAFEGUARD_GONE] = { "safeguard.gone", "UPDATE child SET corrected_by = $2 WHERE id = $1" },

    [SAFEGUARD_STATE_LIVE] = { "safeguard.state_live",
        "SELECT id, child, on_date, state, immediate_risk FROM child_state WHERE force = $1 AND ref = $2"
        " AND corrected_by IS NULL"
        " ORDER BY id DESC LIMIT 1" },
    [SAFEGUARD_STATE_CORRECT] = { "safeguard.state_correct", "UPDATE child_state SET corrected_by = $2"
        " WHERE id = $1" },
    [SAFEGUARD_STATE_NEW] = { "safeguard.state_new",
        "INSERT INTO child_state (child, ref, force, on_date, state, immediate_risk, entry) VALUES ($1,"
        " $2, $3, $4, $5, $6, $7)" },
    /* The record as its live states make it; on one day the further state counts. */
    [SAFEGUARD_STATE_SUM] = { "safeguard.state_sum",
        "SELECT (SELECT t.state FROM child_state t WHERE t.child = $1 AND t.corrected_by IS NULL ORDER BY"
        " t.on_date DESC,"
        " CASE t.state WHEN 'concern' THEN 0 WHEN 'referred' THEN 1 ELSE 2 END DESC, t.id DESC LIMIT 1),"
        " max(s.immediate_risk), min(s.on_date), min(CASE WHEN s.state = 'safeguarded' THEN s.on_date END)"
        " FROM child_state s WHERE s.child = $1 AND s.corrected_by IS NULL" },

    [SAFEGUARD_REFERRAL] = { "safeguard.referral",
        "SELECT id, agency, sent_on, acknowledged_on, decided_on, outcome FROM child_referral WHERE child"
        " = $1 AND route = $2"
        " ORDER BY id LIMIT 1" },
    [SAFEGUARD_REFERRAL_NEW] = { "safeguard.referral_new",
        "INSERT INTO child_referral (child, route, agency, sent_on, entry, ref) VALUES ($1, $2, $3, $4,"
        " $5, $6)" },
    [SAFEGUARD_REFERRAL_MOVE] = { "safeguard.referral_move",
        "UPDATE child_referral SET agency = $2, sent_on = min(sent_on, $3), acknowledged_on = coalesce($4,"
        " acknowledged_on),"
        " decided_on = coalesce($5, decided_on), outcome = coalesce($6, outcome),"
        " acknowledge_due = min(coalesce(acknowledge_due, $7), coalesce($7, acknowledge_due)),"
        " decide_due = min(coalesce(decide_due, $8), coalesce($8, decide_due)) WHERE id = $1" },
    /* What a child's referrals wait for, route by route: acknowledge due, decide due. */
    [SAFEGUARD_REFERRALS_OPEN] = { "safeguard.referrals_open",
        "SELECT route, CASE WHEN acknowledged_on IS NULL THEN acknowledge_due END, decide_due FROM"
        " child_referral"
        " WHERE child = $1 AND decided_on IS NULL ORDER BY id" },
    [SAFEGUARD_REFERRALS] = { "safeguard.referrals",
        "SELECT id, route, agency, outcome, sent_on, acknowledged_on, decided_on FROM child_referral WHERE"
        " child = $1 ORDER BY id" },
    [SAFEGUARD_RUNNING] = { "safeguard.running",
        "SELECT due FROM clock WHERE subject = $1 AND kind = $2 AND stopped IS NULL" },

    /* The page is found first and drawn then. */
    [SAFEGUARD_LIST] = { "safeguard.list",
        ROW " AND c.id IN (SELECT c.id FROM child c LEFT JOIN nominal m ON m.id = c.nominal"
        " LEFT JOIN nominal n ON n.id = coalesce(m.merged_into, m.id) WHERE c.corrected_by IS NULL" FOR_VIEWER
        " AND ($4 IS NULL OR c.operation = $4) AND ($5 IS NULL OR c.force = $5)"
        " AND ($6 IS NULL OR c.nominal = $6 OR n.id = $6) AND ($7 IS NULL OR c.state = $7)"
        " AND ($8 = 0 OR c.immediate_risk = 1) AND ($9 = 0 OR (" NO_PLAN("c") "))"
        " AND ($10 IS NULL OR (" RANK("c") ") > (SELECT " RANK("l") " FROM child l WHERE l.id = $10))"
        " ORDER BY " RANK("c") " LIMIT $11) ORDER BY " RANK("c") },
    [SAFEGUARD_FETCH] = { "safeguard.fetch", ROW FOR_VIEWER " AND c.id = $4 AND ($5 IS NULL OR c.force ="
        " $5)" },
};
