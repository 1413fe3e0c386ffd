/* referral_sql.c: reading referrals and recent links for people, and who owns those that report nobody. */
#include "link/referral_sql.h"

/* $1 person, $2 sees everything, $3 supervises this agency: access.h, viewer_sees_restricted. */
#define FOR_VIEWER                                                                                           \
    " (n.restricted = 0 OR $2 OR n.force = $3"                                                               \
    " OR EXISTS (SELECT 1 FROM restriction w WHERE w.subject = n.id AND w.person = $1))"
#define FILTERED " AND n.operation = $4 AND ($5 IS NULL OR n.force = $5) AND" FOR_VIEWER

/* Referrals that report nobody, not assessed yet: a short list, kept by an index. */
#define NOBODY                                                                                               \
    " FROM referral r INDEXED BY referral_nobody WHERE r.nobody = 1 AND r.merged_into IS NULL AND "          \
    "r.outcome IS NULL"
#define HAS_CLOCK " EXISTS (SELECT 1 FROM clock c WHERE c.subject = r.id AND c.kind = 'referral.assess')"
#define LEADS " EXISTS (SELECT 1 FROM sighting s WHERE s.referral = r.id AND s.nominal IS NOT NULL)"

const Sql referral_sql[REFERRAL__COUNT] = {
    [REFERRAL_ONE] = { "referral.one", "SELECT r.id, r.file, r.line, r.source, r.source_ref, r.provider, "
                                       "r.incident_type, r.priority_reason, r.summary,"
                                       " r.sensitive_text, r.missing, r.received_at, r.incident_at, "
                                       "r.completeness, r.bundled, r.operation, r.merged_into,"
                                       " r.incident_verbatim, r.annotations, r.grading, f.name,"
                                       " r.outcome, r.outcome_reason, r.nobody AND r.outcome IS NULL AND "
                                       "NOT" LEADS " FROM referral "
                                       "r LEFT JOIN received_file f ON f.id = r.file"
                                       " WHERE r.id = $1" },
    [REFERRAL_NOMINALS] = { "referral.nominals", "SELECT DISTINCT n.id, n.force, n.restricted FROM sighting "
                                                 "s JOIN nominal n ON n.id = s.nominal"
                                                 " WHERE s.referral = $1 ORDER BY n.id" },
    [REFERRAL_PEOPLE] = { "referral.people", "SELECT s.id, s.nominal, s.age, s.role, s.name, s.address, "
                                             "s.postcode, s.town, s.country, s.occupation, s.service,"
                                             " s.account, s.born, s.seen_at, n.force FROM sighting s LEFT "
                                             "JOIN nominal n ON n.id = s.nominal"
                                             " WHERE s.referral = $1 ORDER BY s.id LIMIT 500" },
    [REFERRAL_IDENTIFIERS] = { "referral.identifiers", "SELECT s.id, s.role, i.kind, i.service, i.verbatim, "
                                                       "i.strong, i.verified FROM sighting s"
                                                       " CROSS JOIN identifier i ON i.sighting = s.id WHERE "
                                                       "s.referral = $1 ORDER BY s.id, i.id LIMIT 500" },
    [REFERRAL_FOOTPRINTS] = { "referral.footprints", "SELECT f.id, f.referral, f.address, f.verbatim, "
                                                     "f.event, f.operator, f.operator_as_of,"
                                                     " (SELECT w.operator_ref FROM attribution a JOIN "
                                                     "provider_answer w ON w.id = a.answer WHERE a.footprint "
                                                     "= f.id"
                                                     "  AND a.withdrawn_by IS NULL ORDER BY a.id LIMIT 1), "
                                                     "f.port, f.asn, f.at, f.proxy,"
                                                     " EXISTS (SELECT 1 FROM attribution a WHERE a.footprint "
                                                     "= f.id AND a.withdrawn_by IS NULL), f.role"
                                                     " FROM (SELECT id FROM sighting WHERE referral = $1 "
                                                     "ORDER BY id LIMIT 500) s"
                                                     " CROSS JOIN footprint f ON f.sighting = s.id ORDER BY "
                                                     "f.id LIMIT 500" },
    [REFERRAL_FILES] = { "referral.files", "SELECT h.id, h.kind, h.value, h.classification, h.relevance, "
                                           "h.name, h.viewed_by_provider, h.publicly_available,"
                                           " (SELECT group_concat(k.name || ' ' || k.version, ', ') FROM "
                                           "(SELECT hash_set FROM file_match m"
                                           "  WHERE m.file_hash = h.id ORDER BY m.hash_set) x JOIN hash_set "
                                           "k ON k.id = x.hash_set)"
                                           " FROM file_hash h WHERE h.referral = $1 ORDER BY h.id LIMIT "
                                           "500" },
    /* Ids of links grow with their entries, so the newest are at the end of the table. */
    [REFERRAL_RECENT_LINKS] = { "referral.recent_links", "SELECT l.id, l.entry, n.id, s.referral, 0, "
                                                         "n.force, n.name, l.kind, l.reason, r.source, "
                                                         "r.source_ref, a.tile,"
                                                         " e.at, l.undone_by IS NOT NULL FROM link l"
                                                         " CROSS JOIN sighting s ON s.id = l.sighting CROSS "
                                                         "JOIN nominal n ON n.id = coalesce(s.nominal, "
                                                         "l.nominal)"
                                                         " CROSS JOIN referral r ON r.id = s.referral LEFT "
                                                         "JOIN agency a ON a.id = n.force"
                                                         " LEFT JOIN ledger_entry e ON e.seq = l.entry WHERE "
                                                         "l.id < $6 AND l.kind <> 'first'" FILTERED " ORDER "
                                                         "BY l.id "
                                                         "DESC "
                                                         "LIMIT "
                                                         "$7" },
    [REFERRAL_RECENT_MERGES] = { "referral.recent_merges", "SELECT m.id, m.id, n.id, 0, m.merged, n.force, "
                                                           "n.name, 'merge', m.reason, NULL, NULL, a.tile, "
                                                           "e.at,"
                                                           " m.undone_by IS NOT NULL FROM merge m CROSS JOIN "
                                                           "nominal n ON n.id = m.kept"
                                                           " LEFT JOIN agency a ON a.id = n.force LEFT JOIN "
                                                           "ledger_entry e ON e.seq = m.id WHERE m.id < "
                                                           "$6" FILTERED " ORDER BY m.id DESC LIMIT $7" },
    [REFERRAL_MERGE_KEPT] = { "referral.merge_kept", "SELECT kept FROM merge WHERE id = $1" },

    [REFERRAL_ASSESS_ANY] = { "referral.assess_any", "SELECT r.id" NOBODY " AND (NOT" HAS_CLOCK " OR" LEADS
                                                     ") ORDER BY r.id LIMIT 1" },
    [REFERRAL_UNOWNED] = { "referral.unowned", "SELECT r.id, r.operation" NOBODY " AND NOT" HAS_CLOCK
                                               " AND NOT" LEADS " ORDER BY r.id LIMIT $1" },
    [REFERRAL_NAMED_NOW] = { "referral.named_now", "SELECT r.id, r.operation" NOBODY " AND" LEADS " ORDER BY "
                                                                                                  "r.id "
                                                                                                  "LIMIT "
                                                                                                  "$1" },
    [REFERRAL_ASSESS_STATE] = { "referral.assess_state", "SELECT r.operation, r.merged_into, r.outcome," LEADS
                                                         " FROM referral r WHERE r.id = $1" },
    [REFERRAL_ASSESSED] = { "referral.assess", "UPDATE referral SET outcome = $2, outcome_reason = $3 WHERE "
                                               "id = $1" },
};
