/* access_sql.c: the statements of src/access. */
#include "access/access_sql.h"

#define VIEWER "SELECT p.id, p.agency, p.role, p.login, p.name, a.short_id, a.name, a.kind" \
               " FROM person p JOIN agency a ON a.id = p.agency WHERE p.active = 1 AND "
#define AGENCY "SELECT id, short_id, kind, ons_code, name, tile, nation, coalesce(tile_row, 0)," \
               " coalesce(tile_column, 0) FROM agency"

const Sql access_sql[ACCESS__COUNT] = {
    [ACCESS_VIEWER_BY_LOGIN] = { "access.viewer_by_login", VIEWER "p.login = $1" },
    [ACCESS_VIEWER_BY_ID]    = { "access.viewer_by_id",    VIEWER "p.id = $1" },
    [ACCESS_VIEWER_FIRST]    = { "access.viewer_first",
        VIEWER "p.id = (SELECT min(id) FROM person WHERE active = 1 AND role = $1)" },

    [ACCESS_AGENCY_BY_NAME] = { "access.agency_by_name",
        AGENCY " WHERE short_id = $1 OR ons_code = $1 ORDER BY id" },
    [ACCESS_AGENCY_BY_ID]   = { "access.agency_by_id",   AGENCY " WHERE id = $1" },
    [ACCESS_AGENCIES]       = { "access.agencies",       AGENCY " ORDER BY kind, name, id" },
    [ACCESS_AGENCY_NEW]     = { "access.agency_new",
        "INSERT INTO agency (id, short_id, kind, ons_code, name, tile, nation, tile_row, tile_column)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)" },

    /* Whoever answers for the agency first: the role that leads its kind, then the longest there. */
    [ACCESS_DUTY] = { "access.duty",
        "SELECT p.id FROM person p JOIN agency a ON a.id = p.agency WHERE p.agency = $1 AND p.active = 1"
        " ORDER BY CASE WHEN p.role = CASE a.kind WHEN 'force' THEN 'force-supervisor' WHEN 'coordinator'"
        " THEN 'coordinator' ELSE '' END THEN 0 ELSE 1 END, p.id LIMIT 1" },
    [ACCESS_DUTY_LAST] = { "access.duty_last",
        "SELECT p.id FROM person p JOIN agency a ON a.id = p.agency WHERE a.kind = 'coordinator' AND"
        " p.active = 1"
        " ORDER BY CASE WHEN p.role = 'coordinator' THEN 0 ELSE 1 END, a.id, p.id LIMIT 1" },
    [ACCESS_LEAD] = { "access.lead",
        "SELECT coalesce((SELECT lead_agency FROM operation WHERE id = $1),"
        " (SELECT id FROM agency WHERE kind = 'coordinator' ORDER BY id LIMIT 1), 0)" },
    [ACCESS_SUPERVISOR] = { "access.supervisor",
        "SELECT p.id FROM person p JOIN agency a ON a.id = p.agency WHERE p.agency = $1 AND p.active = 1"
        " AND p.role = CASE a.kind WHEN 'force' THEN 'force-supervisor' WHEN 'coordinator' THEN 'coordinator'"
        " ELSE '' END ORDER BY p.id LIMIT 1" },

    [ACCESS_PEOPLE] = { "access.people",
        "SELECT p.id, p.agency, p.login, p.name, p.role, p.active, a.name FROM person p JOIN agency a ON"
        " a.id = p.agency"
        " WHERE $1 = 0 OR p.agency = $1 ORDER BY a.name, p.active DESC, p.name, p.id" },
    [ACCESS_LOGIN_TAKEN] = { "access.login_taken", "SELECT 1 FROM person WHERE login = $1" },
    [ACCESS_PERSON_NEW] = { "access.person_new",
        "INSERT INTO person (id, agency, login, name, role, active) VALUES ($1, $2, $3, $4, $5, 1)" },
    [ACCESS_PERSON_CHANGE] = { "access.person_change",
        "UPDATE person SET agency = $2, name = $3, role = $4 WHERE id = $1" },
    [ACCESS_PERSON_STAND_DOWN] = { "access.person_stand_down", "UPDATE person SET active = 0 WHERE id = $1" },

    /* What waits on someone who leaves passes to the duty person in the same entry (clock.h, R-01). */
    [ACCESS_CLOCK_AGENCIES] = { "access.clock_agencies",
        "SELECT DISTINCT agency FROM clock WHERE owner = $1 AND stopped IS NULL ORDER BY agency" },
    [ACCESS_CLOCKS_PASS_ON] = { "access.clocks_pass_on",
        "UPDATE clock SET owner = $3, offered = NULL WHERE owner = $1 AND agency = $2 AND stopped IS NULL" },
    [ACCESS_CLOCKS_FORGET] = { "access.clocks_forget",
        "UPDATE clock SET offered = CASE WHEN offered = $1 THEN NULL ELSE offered END,"
        " told = CASE WHEN told = $1 THEN owner ELSE told END"
        " WHERE stopped IS NULL AND (offered = $1 OR told = $1)" },

    [ACCESS_LOOK_NEW] = { "access.look_new",
        "INSERT INTO look (entry, person, subject, at, purpose) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (entry) DO UPDATE SET purpose = $5" },
    [ACCESS_RESTRICT] = { "access.restrict",
        "INSERT INTO restriction (subject, person, granted_by) VALUES ($1, $2, $3)"
        " ON CONFLICT (subject, person) DO UPDATE SET granted_by = $3" },
    [ACCESS_UNRESTRICT] = { "access.unrestrict",
        "DELETE FROM restriction WHERE subject = $1 AND person = $2" },
    [ACCESS_RESTRICTED_TO] = { "access.restricted_to",
        "SELECT 1 FROM restriction WHERE subject = $1 AND person = $2" },

    [ACCESS_CREDENTIAL] = { "access.credential",
        "SELECT p.id, p.agency, c.hash, c.must_change FROM person p JOIN live_credential c ON c.person = p.id"
        " WHERE p.login = $1 AND p.active = 1" },
    [ACCESS_CREDENTIAL_OF] = { "access.credential_of",
        "SELECT p.login, c.hash FROM person p JOIN live_credential c ON c.person = p.id WHERE p.id = $1 AND"
        " p.active = 1" },
    [ACCESS_CREDENTIAL_SET] = { "access.credential_set",
        "INSERT INTO live_credential (person, hash, must_change) VALUES ($1, $2, $3)"
        " ON CONFLICT (person) DO UPDATE SET hash = $2, must_change = $3" },
    [ACCESS_CREDENTIAL_DROP] = { "access.credential_drop", "DELETE FROM live_credential WHERE person = $1" },

    [ACCESS_SESSION] = { "access.session",
        "SELECT s.person, s.csrf, s.made_at, s.seen_at, p.agency, coalesce(c.must_change, 0) FROM"
        " live_session s"
        " JOIN person p ON p.id = s.person AND p.active = 1 LEFT JOIN live_credential c ON c.person ="
        " s.person"
        " WHERE s.token_hash = $1" },
    [ACCESS_SESSION_NEW] = { "access.session_new",
        "INSERT INTO live_session (token_hash, person, csrf, made_at, seen_at) VALUES ($1, $2, $3, $4, $4)" },
    [ACCESS_SESSION_SEEN] = { "access.session_seen",
        "UPDATE live_session SET seen_at = $2 WHERE token_hash = $1 AND seen_at < $2" },
    [ACCESS_SESSION_TURN] = { "access.session_turn",
        "UPDATE live_session SET token_hash = $2, csrf = $3, seen_at = $4 WHERE token_hash = $1" },
    [ACCESS_SESSION_DROP]  = { "access.session_drop",  "DELETE FROM live_session WHERE token_hash = $1" },
    [ACCESS_SESSIONS_DROP] = { "access.sessions_drop", "DELETE FROM live_session WHERE person = $1" },
    [ACCESS_SESSIONS_EXPIRE] = { "access.sessions_expire",
        "DELETE FROM live_session WHERE made_at <= $1 OR seen_at <= $2" },

    [ACCESS_THROTTLE]      = { "access.throttle",
        "SELECT failures, until FROM live_throttle WHERE key = $1" },
    [ACCESS_THROTTLE_SET]  = { "access.throttle_set",
        "INSERT INTO live_throttle (key, failures, until) VALUES ($1, $2, $3)"
        " ON CONFLICT (key) DO UPDATE SET failures = $2, until = $3" },
    [ACCESS_THROTTLE_DROP] = { "access.throttle_drop", "DELETE FROM live_throttle WHERE key = $1" },
};
