/* intake_sql.c
 *
 * A + before a column keeps it from choosing the index, and CROSS JOIN fixes the order: one address, account
 * or digest may belong to a hundred thousand rows, one referral or sighting never does. */
#include "intake/intake_sql.h"

const Sql intake_sql[INTAKE__COUNT] = {
    [INTAKE_OPERATION] = { "intake.operation", "SELECT until, closed, opened FROM operation WHERE id = $1" },

    /* received files */
    [INTAKE_FILE_BY_SOURCE] = { "intake.file_by_source", "SELECT id FROM received_file WHERE operation = $1 "
                                                         "AND source_digest = $2" },
    [INTAKE_FILE] = { "intake.file", "SELECT operation, format, stored_digest, state, next_offset, "
                                     "next_line, received, taken, merged, rejected,"
                                     " pending, media_dropped, stored_bytes FROM received_file WHERE id = "
                                     "$1" },
    [INTAKE_FILE_NEW] = { "intake.file_new", "INSERT INTO received_file (id, operation, name, format, "
                                             "source_digest, stored_digest, source_bytes, stored_bytes,"
                                             " at, owner, state, next_offset, next_line, received, taken, "
                                             "merged, rejected, pending, media_dropped)"
                                             " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'reading', "
                                             "0, 1, 0, 0, 0, 0, 0, 0)" },
    [INTAKE_FILE_PROGRESS] = { "intake.file_progress", "UPDATE received_file SET next_offset = $2, next_line "
                                                       "= $3, received = received + $4, taken = taken + $5,"
                                                       " merged = merged + $6, rejected = rejected + $7, "
                                                       "pending = pending + $8, media_dropped = "
                                                       "media_dropped + $9"
                                                       " WHERE id = $1 AND state = 'reading'" },
    [INTAKE_FILE_STATE] = { "intake.file_state", "UPDATE received_file SET state = $2 WHERE id = $1" },
    [INTAKE_FILE_SETTLE] = { "intake.file_settle", "UPDATE received_file SET pending = pending - 1, taken = "
                                                   "taken + $2, merged = merged + $3,"
                                                   " rejected = rejected + $4 WHERE id = $1" },
    [INTAKE_STORED] = { "intake.stored", "SELECT chunks FROM ledger_file WHERE digest = $1" },

    [INTAKE_REJECTION_NEW] = { "intake.rejection_new", "INSERT INTO rejection (file, line, reason) VALUES "
                                                       "($1, $2, $3)"
                                                       " ON CONFLICT (file, line) DO UPDATE SET reason = "
                                                       "excluded.reason" },
    [INTAKE_REJECTIONS] = { "intake.rejections", "SELECT line, reason FROM rejection WHERE file = $1 ORDER "
                                                 "BY line LIMIT $2" },
    [INTAKE_DROPPED_NEW] = { "intake.dropped_new", "INSERT INTO dropped_media (file, line, sha256, bytes) "
                                                   "VALUES ($1, $2, $3, $4)"
                                                   " ON CONFLICT (file, line, sha256) DO NOTHING" },

    /* rows that wait for a referral */
    [INTAKE_PENDING_NEW] = { "intake.pending_new", "INSERT INTO pending_row (file, line, reason, waits_for, "
                                                   "row, settled) VALUES ($1, $2, $3, $4, $5, NULL)" },
    [INTAKE_PENDING] = { "intake.pending", "SELECT file, line, row FROM pending_row WHERE id = $1 AND "
                                           "settled IS NULL" },
    [INTAKE_PENDING_SETTLE] = { "intake.pending_settle", "UPDATE pending_row SET settled = $2 WHERE id = "
                                                         "$1" },
    [INTAKE_PENDING_READY] = { "intake.pending_ready", "SELECT DISTINCT p.id, p.file FROM referral r"
                                                       " CROSS JOIN pending_row p CROSS JOIN received_file f"
                                                       " WHERE r.file = $1 AND r.line >= $2 AND r.line < $3 "
                                                       "AND r.merged_into IS NULL"
                                                       " AND p.waits_for = r.source_ref AND p.settled IS "
                                                       "NULL AND f.id = p.file AND f.operation = r.operation"
                                                       " ORDER BY p.id" },

    /* referrals and what they hold */
    [INTAKE_REFERRAL_BY_REF] = { "intake.referral_by_ref", "SELECT id FROM referral WHERE operation = $1 AND "
                                                           "source = $2 AND source_ref = $3 AND merged_into "
                                                           "IS NULL" },
    [INTAKE_REFERRAL_ANY] = { "intake.referral_any", "SELECT id FROM referral WHERE operation = $1 AND "
                                                     "source IN ('footprint', 'hotline', 'list') AND "
                                                     "source_ref = $2"
                                                     " AND merged_into IS NULL ORDER BY source = 'hotline' "
                                                     "DESC, id LIMIT 1" },
    [INTAKE_REFERRAL_NEW] = { "intake.referral_new", "INSERT INTO referral (file, line, operation, source, "
                                                     "provider, source_ref, incident_type, incident_verbatim,"
                                                     " incident_at, received_at, priority_reason, "
                                                     "annotations, summary, bundled, merged_into, "
                                                     "completeness, missing,"
                                                     " grading, sensitive_text, nobody) VALUES ($1, $2, $3, "
                                                     "$4, $5, "
                                                     "$6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, "
                                                     "$17, '',"
                                                     " $18, $19)" },
    [INTAKE_REFERRAL_TEXTS] = { "intake.referral_texts", "SELECT annotations, sensitive_text FROM referral "
                                                         "WHERE id = $1" },
    [INTAKE_REFERRAL_TEXTS_SET] = { "intake.referral_texts_set", "UPDATE referral SET annotations = $2, "
                                                                 "sensitive_text = $3,"
                                                                 " priority_reason = "
                                                                 "coalesce(priority_reason, $4) WHERE id = "
                                                                 "$1" },
    [INTAKE_SIGHTING_NEW] = { "intake.sighting_new", "INSERT INTO sighting (referral, role, given, family, "
                                                     "name, born, age, address, postcode, town, country,"
                                                     " occupation, service, account, seen_at, nominal)"
                                                     " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
                                                     "$12, $13, $14, $15, NULL)" },
    [INTAKE_SIGHTING_NTH] = { "intake.sighting_nth", "SELECT id FROM sighting WHERE referral = $1 AND role = "
                                                     "$2 ORDER BY id LIMIT 1 OFFSET $3" },
    [INTAKE_SIGHTING_SHARING] = { "intake.sighting_sharing", "SELECT s.id FROM sighting s CROSS JOIN "
                                                             "identifier i"
                                                             " WHERE s.referral = $1 AND s.role = $2 AND "
                                                             "i.sighting = s.id AND +i.kind = $3 AND "
                                                             "+i.service = $4 AND +i.normal = $5"
                                                             " ORDER BY s.id LIMIT 1" },
    [INTAKE_IDENTIFIER_NEW] = { "intake.identifier_new", "INSERT INTO identifier (sighting, kind, service, "
                                                         "verbatim, normal, strong, verified)"
                                                         " VALUES ($1, $2, $3, $4, $5, $6, $7)" },
    [INTAKE_IDENTIFIER_THERE] = { "intake.identifier_there", "SELECT id FROM identifier WHERE sighting = $1 "
                                                             "AND +kind = $2 AND +service = $3 AND +normal = "
                                                             "$4" },
    [INTAKE_FOOTPRINT_NEW] = { "intake.footprint_new", "INSERT INTO footprint (referral, sighting, address, "
                                                       "port, verbatim, at, offset_minutes, event, proxy, "
                                                       "role)"
                                                       " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)" },
    [INTAKE_FOOTPRINT_THERE] = { "intake.footprint_there", "SELECT id FROM footprint WHERE sighting = $1 AND "
                                                           "+address = $2 AND port IS $3 AND verbatim IS $4 "
                                                           "AND event = $5" },
    [INTAKE_FILE_HASH_NEW] = { "intake.file_hash_new", "INSERT INTO file_hash (referral, sighting, kind, "
                                                       "value, classification, viewed_by_provider, "
                                                       "publicly_available,"
                                                       " relevance, annotations, file_ref, name, matched)"
                                                       " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
                                                       "$11, $12)" },
    [INTAKE_FILE_HASH_THERE] = { "intake.file_hash_there", "SELECT id FROM file_hash WHERE referral = $1 AND "
                                                           "file_ref = $2 AND +kind = $3 AND +value = $4" },

    /* answers, register, returns */
    [INTAKE_ANSWER_NEW] = { "intake.answer_new", "INSERT INTO provider_answer (file, line, operation, "
                                                 "address, port, at_verbatim, at, operator, operator_ref,"
                                                 " account_holder, born, email, phone, billing_address, "
                                                 "billing_postcode, installation_address,"
                                                 " installation_postcode, session_start, session_end, "
                                                 "shared_address)"
                                                 " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
                                                 "$12, $13, $14, $15, $16, $17, $18, $19, $20)" },
    [INTAKE_ANSWER_THERE] = { "intake.answer_there", "SELECT id FROM provider_answer WHERE address = $2 AND "
                                                     "at IS $3 AND operation = $1 AND operator = $4"
                                                     " AND operator_ref = $5 AND port IS $6 AND at_verbatim "
                                                     "= $7 AND account_holder = $8 AND installation_address "
                                                     "= $9"
                                                     " ORDER BY id LIMIT 1" },
    [INTAKE_REGISTER_NEW] = { "intake.register_new", "INSERT INTO register_entry (file, line, register_ref, "
                                                     "given, family, born, address, postcode, force, offence,"
                                                     " until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
                                                     "$10, $11)" },
    [INTAKE_REGISTER_THERE] = { "intake.register_there", "SELECT id FROM register_entry WHERE family = $3 "
                                                         "AND given = $2 AND born IS $4 AND register_ref = $1"
                                                         " AND address IS $5 AND postcode IS $6 AND force IS "
                                                         "$7 AND offence IS $8 AND until IS $9 ORDER BY id "
                                                         "LIMIT 1" },
    [INTAKE_RETURN_NEW] = { "intake.return_new", "INSERT INTO return_row (file, line, operation, force, "
                                                 "event, subject_ref, ref, row, state, reason)"
                                                 " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', '')" },
    [INTAKE_RETURN] = { "intake.return", "SELECT file, line, state FROM return_row WHERE id = $1" },
    [INTAKE_RETURN_SET] = { "intake.return_set", "UPDATE return_row SET state = $2, reason = $3 WHERE id = "
                                                 "$1" },

    /* known-file sets */
    [INTAKE_SET] = { "intake.set", "SELECT id FROM hash_set WHERE name = $1 AND version = $2 AND kind = $3 "
                                   "ORDER BY id LIMIT 1" },
    [INTAKE_SET_NEW] = { "intake.set_new", "INSERT INTO hash_set (name, version, kind, entries, digest, at) "
                                           "VALUES ($1, $2, $3, 0, $4, $5)" },
    [INTAKE_SET_GROW] = { "intake.set_grow", "UPDATE hash_set SET entries = entries + 1 WHERE id = $1" },
    [INTAKE_HASH] = { "intake.hash", "SELECT grade, scale FROM hash_entry WHERE kind = $1 AND value = $2 AND "
                                     "hash_set = $3" },
    [INTAKE_HASH_NEW] = { "intake.hash_new", "INSERT INTO hash_entry (hash_set, kind, value, grade, scale, "
                                             "series, votes, victim_identified)"
                                             " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)" },
};
