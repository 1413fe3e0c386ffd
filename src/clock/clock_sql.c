/* clock_sql.c: the statements of src/clock. */
#include "clock/clock_sql.h"

/* People of the same viral bundle as n (schema/016_bundle.sql). */
#define SAME_BUNDLE(b)                                                                                       \
    b ".operation = n.operation AND coalesce(" b ".force, 0) = coalesce(n.force, 0)"                         \
    " AND " b ".bundle = n.bundle AND " b ".folds = 1"

#define BOARD_COLUMNS                                                                                        \
    "SELECT c.id, c.subject, coalesce(c.nominal, 0), c.agency, c.owner, coalesce(c.told, 0),"                \
    " coalesce(c.offered, 0),"                                                                               \
    " c.letter, c.kind, a.name, a.tile, p.name, t.name, c.started, c.due, c.level, c.paused_at,"             \
    " c.pause_reason,"                                                                                       \
    " CASE c.band_rank WHEN 4 THEN 'very-high' WHEN 3 THEN 'high' WHEN 2 THEN 'medium' WHEN 1 THEN 'low' "   \
    "ELSE '' END, CASE WHEN n.restricted = 1 OR k.restricted = 1 THEN '' ELSE"                               \
    " coalesce(k.why, n.why, '') END,"                                                                       \
    " CASE WHEN n.restricted = 1 OR k.restricted = 1 THEN 'Restricted record' ELSE coalesce(k.name,"         \
    " n.name) END,"                                                                                          \
    " c.band_rank,"                                                                                          \
    " CASE WHEN n.folds = 1 AND n.behind = 0 THEN (SELECT count(*) FROM nominal b INDEXED BY nominal_bundle" \
    " WHERE " SAME_BUNDLE("b") ") ELSE 0 END"                                                                \
    " FROM clock c LEFT JOIN agency a ON a.id = c.agency LEFT JOIN person p ON p.id = c.owner"               \
    " LEFT JOIN person t ON t.id = c.told LEFT JOIN nominal n ON n.id = c.nominal"                           \
    " LEFT JOIN nominal k ON k.id = n.merged_into"

/* $1 whose, $2 now, $3 band rank, $4 and $5 the due time and id of the last row seen, $6 operation, $7 kind,
 * $8 due before, $9 rows, $10 agency, $11 bundles collapsed. Each section names all of its values, so that
 * one caller serves them all. */
/* Of a viral bundle, what waits about one who stands behind another is seen in that one's row: when the same
 * waits about them, on the same agency, is late too if this is, and paused if this is. So nothing late is
 * behind what is not. */
#define SEEN_ELSEWHERE                                                                                       \
    "EXISTS (SELECT 1 FROM nominal l INDEXED BY nominal_bundle_lead CROSS JOIN clock k"                      \
    " ON k.subject = l.id AND k.kind = c.kind WHERE " SAME_BUNDLE("l") " AND l.behind = 0"                   \
    " AND k.stopped IS NULL AND k.agency = c.agency AND (k.due <= $2 OR c.due > $2)"                        \
    " AND (k.paused_at IS NULL) = (c.paused_at IS NULL) AND ($8 IS NULL OR k.due < $8))"
#define BOARD(scope, section) BOARD_COLUMNS " WHERE c.stopped IS NULL AND " scope " AND " section \
    " AND (c.due, c.id) > ($4, $5) AND ($6 = 0 OR c.operation = $6) AND ($7 IS NULL OR c.kind = $7)" \
    " AND ($8 IS NULL OR c.due < $8) AND ($10 = 0 OR +c.agency = $10)" \
    " AND ($11 = 0 OR coalesce(n.behind, 0) = 0 OR NOT " SEEN_ELSEWHERE ") ORDER BY c.due, c.id LIMIT $9"
#define ALL    "$1 = 0"
#define KIND   "$1 = 0 AND c.kind = $7"
#define AGENCY "c.agency = $1"
#define OWNER  "c.owner = $1"
/* The + keeps an index off. Few are paused, so their own index is the short way; ahead, the place of the last
 * row ($4, $5) is where to begin, not the present. */
#define KIND_OF_FEW   "$1 = 0 AND +c.kind = $7"
#define AGENCY_OF_FEW "+c.agency = $1"
#define OWNER_OF_FEW  "+c.owner = $1"
#define LATE   "c.band_rank = $3 AND c.due <= $2 AND c.paused_at IS NULL"
#define AHEAD  "$3 >= 0 AND +c.due > $2 AND c.paused_at IS NULL"
#define PAUSED "$3 >= 0 AND $2 IS NOT NULL AND c.paused_at IS NOT NULL"
#define AT(scope, section) [CLOCK_BOARD + (scope) * SECTION__COUNT + (section)]

const Sql clock_sql[CLOCK__COUNT] = {
    /* A clock is written here and nowhere else, but for the owner when someone stands down (access) and
     * for the band rank (the trigger nominal_band_rank). */
    [CLOCK_START] = { "clock.start", "INSERT INTO clock (kind, subject, letter, nominal, band_rank, "
                                     "operation, agency, owner, level,"
                                     " started, due, opened_by)"
                                     " VALUES ($1, $2, $3, $4, coalesce((SELECT band_rank FROM nominal WHERE "
                                     "id = $4), 0), $5, $6, $7, 0,"
                                     " $8, $9, $10)" },
    /* A later due time that is still to come is a new chance: escalation starts again from the owner. */
    [CLOCK_MOVE] = { "clock.move", "UPDATE clock SET agency = $2, owner = $3, due = $4, offered = NULL, "
                                   "nominal = coalesce($5, nominal),"
                                   " band_rank = coalesce((SELECT band_rank FROM nominal WHERE id = $5), "
                                   "band_rank),"
                                   " level = CASE WHEN $4 > due AND $4 > $6 THEN 0 ELSE level END,"
                                   " told = CASE WHEN $4 > due AND $4 > $6 THEN NULL ELSE told END WHERE id "
                                   "= $1" },
    [CLOCK_STOP] = { "clock.stop", "UPDATE clock SET stopped = $3, stop_reason = $4, closed_by = $5, offered "
                                   "= NULL"
                                   " WHERE subject = $1 AND kind = $2 AND stopped IS NULL" },
    [CLOCK_STOP_ALL] = { "clock.stop_all", "UPDATE clock SET stopped = $2, stop_reason = $3, closed_by = $4, "
                                           "offered = NULL"
                                           " WHERE subject = $1 AND stopped IS NULL"
                                           " AND substr(kind, 1, length($5)) = $5" },
    [CLOCK_HOLD] = { "clock.hold", "UPDATE clock SET paused_at = $2, pause_reason = $3 WHERE subject = $1 AND"
                                   " stopped IS NULL AND paused_at IS NULL AND substr(kind, 1, length($4)) ="
                                   " $4" },
    [CLOCK_GO_ON] = { "clock.go_on", "UPDATE clock SET due = due + ($2 - paused_at), paused_at = NULL,"
                                     " pause_reason = NULL WHERE subject = $1 AND stopped IS NULL AND"
                                     " paused_at IS NOT NULL AND pause_reason = $3 AND"
                                     " substr(kind, 1, length($4)) = $4" },
    [CLOCK_HAND_OVER] = { "clock.hand_over", "UPDATE clock SET agency = $3, owner = $4, offered = NULL WHERE "
                                             "subject = $1 AND kind = $2 AND"
                                             " stopped IS NULL" },
    [CLOCK_RUNNING] = { "clock.running", "SELECT id FROM clock WHERE subject = $1 AND kind = $2 AND stopped "
                                         "IS NULL" },
    [CLOCK_PERSON_ACTIVE] = { "clock.person_active", "SELECT agency FROM person WHERE id = $1 AND active = "
                                                     "1" },

    [CLOCK_ONE] = { "clock.one", "SELECT id, subject, kind, operation, agency, owner, coalesce(offered, 0), "
                                 "level, due, paused_at,"
                                 " stopped,"
                                 " coalesce(told, 0) FROM clock WHERE id = $1" },
    [CLOCK_ESCALATE] = { "clock.escalate", "UPDATE clock SET level = $2, told = $3 WHERE id = $1 AND stopped "
                                           "IS NULL" },
    [CLOCK_PAUSE] = { "clock.pause", "UPDATE clock SET paused_at = $2, pause_reason = $3 WHERE id = $1 AND "
                                     "stopped IS NULL AND paused_at"
                                     " IS NULL" },
    [CLOCK_RESUME] = { "clock.resume", "UPDATE clock SET due = due + ($2 - paused_at), paused_at = NULL, "
                                       "pause_reason = NULL"
                                       " WHERE id = $1 AND stopped IS NULL AND paused_at IS NOT NULL" },
    [CLOCK_OFFER] = { "clock.offer", "UPDATE clock SET offered = $2 WHERE id = $1 AND stopped IS NULL" },
    [CLOCK_ACCEPT] = { "clock.accept", "UPDATE clock SET owner = $2, offered = NULL WHERE id = $1 AND "
                                       "stopped IS NULL" },
    /* Only what can still go up. $2 and $3: the last one seen. */
    [CLOCK_RISING] = { "clock.rising", "SELECT id, kind, level, due, coalesce((SELECT band FROM nominal "
                                       "WHERE nominal.id = clock.nominal),"
                                       " '')"
                                       " FROM clock WHERE stopped IS NULL AND paused_at IS NULL AND level < "
                                       "2 AND due <= $1"
                                       " AND (due, id) > ($2, $3) ORDER BY due, id LIMIT $4" },

    [CLOCK_ROW] = { "clock.row", BOARD_COLUMNS " WHERE c.id = $1" },
    /* From the tally (store/schema/008): whole minutes, then what fell due within the one that has begun. */
    [CLOCK_COUNTS] = { "clock.counts", "SELECT t.agency, sum(t.running),"
                                       " sum(CASE WHEN t.minute <= $2 / 60000000 THEN t.running - t.paused "
                                       "ELSE 0 END) +"
                                       " (SELECT count(*) FROM clock c INDEXED BY clock_agency WHERE "
                                       "c.stopped IS NULL AND c.agency = t.agency"
                                       " AND c.due > $2 - $2 % 60000000 AND c.due <= $2 AND c.paused_at IS "
                                       "NULL"
                                       " AND ($1 = 0 OR c.operation = $1)),"
                                       " (SELECT c.due FROM clock c INDEXED BY clock_agency WHERE c.stopped "
                                       "IS NULL AND c.agency = t.agency"
                                       " AND c.paused_at IS NULL AND ($1 = 0 OR c.operation = $1) ORDER BY "
                                       "c.due LIMIT 1)"
                                       " FROM clock_tally t WHERE ($1 = 0 OR t.operation = $1) GROUP BY "
                                       "t.agency ORDER BY t.agency" },

    AT(SCOPE_ALL, SECTION_LATE) = { "clock.all_late", BOARD(ALL, LATE) },
    AT(SCOPE_ALL, SECTION_AHEAD) = { "clock.all_ahead", BOARD(ALL, AHEAD) },
    AT(SCOPE_ALL, SECTION_PAUSED) = { "clock.all_paused", BOARD(ALL, PAUSED) },
    AT(SCOPE_KIND, SECTION_LATE) = { "clock.kind_late", BOARD(KIND, LATE) },
    AT(SCOPE_KIND, SECTION_AHEAD) = { "clock.kind_ahead", BOARD(KIND, AHEAD) },
    AT(SCOPE_KIND, SECTION_PAUSED) = { "clock.kind_paused", BOARD(KIND_OF_FEW, PAUSED) },
    AT(SCOPE_AGENCY, SECTION_LATE) = { "clock.agency_late", BOARD(AGENCY, LATE) },
    AT(SCOPE_AGENCY, SECTION_AHEAD) = { "clock.agency_ahead", BOARD(AGENCY, AHEAD) },
    AT(SCOPE_AGENCY, SECTION_PAUSED) = { "clock.agency_paused", BOARD(AGENCY_OF_FEW, PAUSED) },
    AT(SCOPE_OWNER, SECTION_LATE) = { "clock.owner_late", BOARD(OWNER, LATE) },
    AT(SCOPE_OWNER, SECTION_AHEAD) = { "clock.owner_ahead", BOARD(OWNER, AHEAD) },
    AT(SCOPE_OWNER, SECTION_PAUSED) = { "clock.owner_paused", BOARD(OWNER_OF_FEW, PAUSED) },
};
