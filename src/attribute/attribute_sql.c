#include "attribute/attribute_sql.h"

const Sql attribute_sql[ATTRIBUTE__COUNT] = {
    [ATTR_FOOTPRINTS_TODO] = { "attribute.footprints_todo",
        "SELECT id, address FROM footprint WHERE looked_up IS NULL AND role = 'reported' ORDER BY id LIMIT"
        " $1" },
    [ATTR_FOOTPRINT_MARK] = { "attribute.footprint_mark",
        "UPDATE footprint SET looked_up = $3 WHERE looked_up IS NULL AND role = 'reported' AND id BETWEEN"
        " $1 AND $2" },
    [ATTR_FOOTPRINT_SET] = { "attribute.footprint_set",
        "UPDATE footprint SET asn = $2, operator = $3, operator_as_of = $4 WHERE id = $1" },

    [ATTR_ANSWERS_TODO] = { "attribute.answers_todo",
        "SELECT id FROM provider_answer WHERE attributed IS NULL AND id > $1 ORDER BY id LIMIT $2" },
    /* Refused for want of a footprint that has arrived since. */
    [ATTR_ANSWERS_REOPEN] = { "attribute.answers_reopen",
        "SELECT w.id FROM provider_answer w INDEXED BY provider_answer_refused WHERE w.refused IS NOT NULL"
        " AND w.id > $1"
        " AND EXISTS (SELECT 1 FROM footprint f WHERE f.address = w.address AND f.role = 'reported'"
        "  AND f.id > w.compared_upto) ORDER BY w.id LIMIT $2" },
    [ATTR_ANSWER] = { "attribute.answer",
        "SELECT file, line, operation, address, port, at, operator, operator_ref, installation_address,"
        " installation_postcode, session_start, session_end, shared_address FROM provider_answer WHERE id ="
        " $1" },
    [ATTR_NEWEST_FOOTPRINT] = { "attribute.newest_footprint", "SELECT coalesce(max(id), 0) FROM footprint" },
    /* Reported people's only: a victim's address is never a suspect's. */
    [ATTR_CANDIDATES] = { "attribute.candidates",
        "SELECT f.id, f.port, f.at, s.id, coalesce(s.nominal, 0) FROM footprint f JOIN referral r ON r.id ="
        " f.referral"
        " JOIN sighting s ON s.id = f.sighting WHERE f.address = $1 AND f.role = 'reported' AND r.operation"
        " = $2"
        " AND r.merged_into IS NULL ORDER BY f.at, f.id LIMIT 2000" },

    [ATTR_NEW] = { "attribute.new",
        "INSERT INTO attribution (id, nominal, sighting, footprint, answer, agrees, household, postcode,"
        " town, lad, force,"
        " force_basis) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)" },
    [ATTR_ANSWER_DONE] = { "attribute.answer_done",
        "UPDATE provider_answer SET attributed = $2, refused = NULL WHERE id = $1" },
    [ATTR_ANSWER_REFUSED] = { "attribute.answer_refused",
        "UPDATE provider_answer SET attributed = $2, refused = $3, compared_upto = $4 WHERE id = $1" },
    [ATTR_ONE] = { "attribute.one", "SELECT nominal, answer, coalesce(withdrawn_by, 0) FROM attribution"
        " WHERE id = $1" },
    [ATTR_WITHDRAW] = { "attribute.withdraw", "UPDATE attribution SET withdrawn_by = $2,"
        " withdrawn_why = $3, withdrawn_at = $4 WHERE id = $1" },
    [ATTR_ERROR] = { "attribute.error",
        "SELECT t.withdrawn_by IS NOT NULL, t.withdrawn_at, t.withdrawn_why, EXISTS (SELECT 1 FROM clock c"
        " WHERE c.subject = t.nominal AND c.kind = 'nominal.error-review' AND c.stopped IS NULL)"
        " FROM attribution t WHERE t.id = $1" },
    [ATTR_REVIEW_RUNS] = { "attribute.review_runs",
        "SELECT 1 FROM clock WHERE subject = $1 AND kind = 'nominal.error-review' AND stopped IS NULL" },

    [ATTR_PLACES_TODO] = { "attribute.places_todo",
        "SELECT s.id, s.nominal, s.address, s.postcode, s.town, r.source, r.source_ref, r.provider,"
        " r.operation"
        " FROM sighting s INDEXED BY sighting_place JOIN referral r ON r.id = s.referral"
        " WHERE s.placed IS NULL AND s.role = 'reported' AND s.postcode IS NOT NULL AND s.nominal IS NOT"
        " NULL AND s.id > $1"
        " ORDER BY s.id LIMIT $2" },
    [ATTR_SIGHTING_PLACED] = { "attribute.sighting_placed", "UPDATE sighting SET placed = $2 WHERE id = $1" },
    [ATTR_REFUSED_LIST] = { "attribute.refused_list",
        "SELECT id, file, line, operator, operator_ref, refused, attributed FROM provider_answer"
        " INDEXED BY provider_answer_refused WHERE refused IS NOT NULL AND operation = $1 AND id > $2 ORDER"
        " BY id LIMIT $3" },
};
