/* operate_sql.c: the statements of src/operate. */
#include "operate/operate_sql.h"

/* A person and everyone merged into them. */
#define WHOLE "WITH RECURSIVE whole (id) AS (SELECT $1 UNION SELECT n.id FROM nominal n JOIN whole ON" \
    " n.merged_into = whole.id)"
/* What forces did about that person, as it stands corrected. */
#define ACTS WHOLE ", act AS (SELECT a.id, a.kind, a.state, a.on_date, a.place, a.due, a.force FROM whole" \
    " CROSS JOIN action a ON a.nominal = whole.id WHERE a.corrected_by IS NULL)"
#define FINAL "'already-known', 'charged', 'deceased', 'no-further-action'"
/* The clocks that should run: subject, due, force. */
#define OPEN_SELECT(subject) " SELECT " subject ", o.due, o.force FROM act o WHERE o.due IS NOT NULL AND "

const Sql operate_sql[OPERATE__COUNT] = {
    [OPERATE_RETURN] = { "operate.return", "SELECT id, file, line, operation, force, event, subject_ref, "
                                           "ref, state, row FROM return_row"
                                           " WHERE id = $1" },
    [OPERATE_NEXT_ACTIONS] = { "operate.next_actions", "SELECT id FROM return_row WHERE state = $1 AND state "
                                                       "IN ('waiting', 'pending') AND id > $3"
                                                       " AND event NOT IN ('child', 'referral') AND ($2 IS "
                                                       "NULL OR operation = $2) ORDER BY id LIMIT $4" },
    [OPERATE_NEXT_CHILDREN] = { "operate.next_children", "SELECT id FROM return_row WHERE state = $1 AND "
                                                         "state IN ('waiting', 'pending') AND id > $3"
                                                         " AND event IN ('child', 'referral') AND ($2 IS "
                                                         "NULL OR operation = $2) ORDER BY id LIMIT $4" },
    [OPERATE_BAND] = { "operate.band", "SELECT band FROM nominal WHERE id = $1" },
    [OPERATE_FILE_OWNER] = { "operate.file_owner", "SELECT owner FROM received_file WHERE id = $1" },
    [OPERATE_FILE_PENDING] = { "operate.file_pending", "SELECT (SELECT count(*) FROM return_row WHERE state "
                                                       "= 'pending' AND file = $1)"
                                                       " + (SELECT count(*) FROM pending_row WHERE settled "
                                                       "IS NULL AND file = $1)" },
    [OPERATE_RUNNING] = { "operate.running", "SELECT id FROM clock WHERE subject = $1 AND kind = $2 AND"
                                             " stopped IS NULL" },

    [OPERATE_LIVE] = { "operate.live", "SELECT id, nominal, coalesce(package, 0), on_date, place, state, "
                                       "quantity, registered,"
                                       " position_of_trust, detail"
                                       " FROM action WHERE force = $1 AND kind = $2 AND ref = $3 AND "
                                       "corrected_by IS NULL" },
    [OPERATE_CORRECT] = { "operate.correct", "UPDATE action SET corrected_by = $2, first_arrest = 0 WHERE"
                                             " id = $1" },
    [OPERATE_NEW] = { "operate.new", "INSERT INTO action (operation, nominal, package, force, kind, on_date, "
                                     "ref, place, state,"
                                     " quantity, first_arrest,"
                                     " registered, position_of_trust, detail, file, line, entry, due)"
                                     " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12, $13, "
                                     "$14, $15, $16, $17)" },
    [OPERATE_FIRST_ARREST] = { "operate.first_arrest", WHOLE ", first AS (SELECT a.id FROM whole CROSS JOIN "
                                                             "action a ON a.nominal = whole.id WHERE a.kind"
                                                             " = 'arrest'"
                                                             " AND a.corrected_by IS NULL ORDER BY "
                                                             "a.on_date, a.id LIMIT 1)"
                                                             " UPDATE action SET first_arrest = (id IN "
                                                             "(SELECT id FROM first)) WHERE nominal IN "
                                                             "(SELECT id FROM"
                                                             " whole) AND kind = 'arrest'" },
    [OPERATE_STATUS] = { "operate.status", ACTS " SELECT DISTINCT kind FROM act" },
    [OPERATE_STATUS_NOW] = { "operate.status_now", "SELECT status FROM nominal WHERE id = $1" },

    /* Bail runs until it ends, is replaced, or the person is charged or the matter is closed. */
    [OPERATE_OPEN_BAIL] = { "operate.open_bail", ACTS OPEN_SELECT("$1") "o.id = (SELECT id FROM act WHERE "
                                                                        "kind = 'bail' ORDER BY on_date "
                                                                        "DESC, id"
                                                                        " DESC LIMIT 1)"
                                                                        " AND o.state IN ('bailed', "
                                                                        "'extended') AND NOT EXISTS (SELECT "
                                                                        "1 FROM act c WHERE c.on_date >="
                                                                        " o.on_date"
                                                                        " AND (c.kind = 'charge' OR (c.kind "
                                                                        "= 'disposition' AND c.state IN "
                                                                        "(" FINAL "))))" },
    /* no arrest without a look at the suspect's welfare. */
    [OPERATE_OPEN_WELFARE] = { "operate.open_welfare", ACTS OPEN_SELECT("$1") "o.id = (SELECT id FROM act "
                                                                              "WHERE kind = 'arrest' ORDER "
                                                                              "BY on_date DESC, id"
                                                                              " DESC LIMIT 1)"
                                                                              " AND NOT EXISTS (SELECT 1 "
                                                                              "FROM act c WHERE c.on_date >= "
                                                                              "o.on_date AND (c.kind = "
                                                                              "'welfare'"
                                                                              " OR (c.kind = 'disposition' "
                                                                              "AND c.state = 'deceased')))" },
    [OPERATE_OPEN_EXPIRY] = { "operate.open_expiry", ACTS OPEN_SELECT("o.id") "o.kind = 'warrant' AND "
                                                                              "o.state = 'granted' AND NOT "
                                                                              "EXISTS (SELECT 1 FROM"
                                                                              " act c"
                                                                              " WHERE c.on_date >= o.on_date "
                                                                              "AND c.id <> o.id AND ((c.kind "
                                                                              "= 'warrant' AND c.state IN"
                                                                              " ('executed', 'expired')"
                                                                              " AND (c.place = o.place OR "
                                                                              "c.place = '' OR o.place = "
                                                                              "'')) OR (c.kind = "
                                                                              "'disposition' AND c.state"
                                                                              " IN (" FINAL "))))"
                                                                              " ORDER BY o.id" },
    /* a refused warrant asks for another plan; whatever the force did next is one. */
    [OPERATE_OPEN_PLAN] = { "operate.open_plan", ACTS OPEN_SELECT("o.id") "o.kind = 'warrant' AND o.state = "
                                                                          "'refused' AND NOT EXISTS (SELECT "
                                                                          "1 FROM"
                                                                          " act c"
                                                                          " WHERE c.on_date >= o.on_date AND "
                                                                          "c.id <> o.id AND ((c.kind = "
                                                                          "'warrant' AND c.state IN"
                                                                          " ('applied', 'granted', "
                                                                          "'executed'))"
                                                                          " OR c.kind IN ('arrest', "
                                                                          "'interview', 'premises', "
                                                                          "'disposition'))) ORDER BY o.id" },
    [OPERATE_OPEN_EXHIBIT] = { "operate.open_exhibit", ACTS OPEN_SELECT("o.id") "o.kind = 'exhibit' AND "
                                                                                "o.state = 'waiting' ORDER "
                                                                                "BY o.id" },
    [OPERATE_RUNNING_OF_PERSON] = { "operate.running_of_person", WHOLE " SELECT c.subject, c.due FROM whole "
                                                                       "CROSS JOIN clock c ON c.subject = "
                                                                       "whole.id AND c.kind = $2"
                                                                       " WHERE c.stopped IS NULL ORDER BY "
                                                                       "c.subject" },
    /* Also of rows since corrected: their clocks must stop. */
    [OPERATE_RUNNING_OF_ACTIONS] = { "operate.running_of_actions", WHOLE " SELECT c.subject, c.due FROM "
                                                                         "whole CROSS JOIN action a ON "
                                                                         "a.nominal = whole.id"
                                                                         " CROSS JOIN clock c ON c.subject = "
                                                                         "a.id AND c.kind = $2 WHERE "
                                                                         "c.stopped IS NULL ORDER BY"
                                                                         " c.subject" },

    [OPERATE_LIST] = { "operate.list", WHOLE " SELECT a.id, a.nominal, coalesce(a.package, 0), a.force, "
                                             "a.entry, coalesce(a.file, 0),"
                                             " coalesce(a.line, 0), a.kind,"
                                             " a.ref, a.place, a.state, a.detail, g.tile, n.name, a.on_date, "
                                             "a.quantity, a.first_arrest,"
                                             " a.corrected_by IS NOT NULL"
                                             " FROM whole CROSS JOIN action a ON a.nominal = whole.id LEFT "
                                             "JOIN agency g ON g.id = a.force"
                                             " LEFT JOIN nominal n ON n.id = $1 ORDER BY a.on_date DESC, "
                                             "a.id DESC LIMIT 1000" },

    /* Entries are numbered in order, so what came after the answer and before its end relied on it. */
    [OPERATE_RELIED] = { "operate.relied", "WITH RECURSIVE error (id, nominal, since, until) AS (SELECT "
                                           "t.id, t.nominal, (SELECT e.at FROM ledger_entry e"
                                           " WHERE e.seq = t.id), coalesce(t.withdrawn_by, "
                                           "9223372036854775807) FROM attribution t WHERE t.id = $1),"
                                           " whole (id) AS (SELECT nominal FROM error UNION SELECT n.id FROM "
                                           "nominal n JOIN whole ON n.merged_into ="
                                           " whole.id)"
                                           " SELECT 'package', p.id, p.id, p.force, '', p.state, a.tile, "
                                           "p.built / 86400000000 AS day, p.id AS entry"
                                           " FROM error CROSS JOIN whole CROSS JOIN package p ON p.nominal = "
                                           "whole.id AND p.id > error.id AND p.id <"
                                           " error.until LEFT JOIN agency a ON a.id = p.force"
                                           " UNION ALL SELECT c.kind, c.id, coalesce(c.package, 0), c.force, "
                                           "c.ref, c.state, a.tile, c.on_date, c.entry"
                                           " FROM error CROSS JOIN whole CROSS JOIN action c ON c.nominal = "
                                           "whole.id AND c.entry > error.id AND c.entry <"
                                           " error.until AND c.on_date >= error.since / 86400000000 - 1 AND "
                                           "c.corrected_by IS NULL"
                                           " AND c.kind IN ('arrest', 'exhibit', 'interview', 'premises', "
                                           "'warrant')"
                                           " LEFT JOIN agency a ON a.id = c.force ORDER BY 8, 9, 2 LIMIT "
                                           "200" },
};
