#include "link/person/person_sql.h"

/* Victims, recipients and reporters are not looked for: only those reported and those who hold an account. */
#define LOOKED_FOR                                                                                           \
    " JOIN referral r ON r.id = s.referral WHERE r.operation = $1 AND r.merged_into IS NULL"                 \
    " AND s.role IN ('reported', 'account_holder')"

const Sql person_sql[PERSON_SQL__COUNT] = {
    [PERSON_SQL_SIGHTINGS] = { "person.sightings", "SELECT s.id, s.nominal, s.role, s.given, s.family, "
                                                   "s.name, s.born, s.age, s.address, s.postcode, s.town,"
                                                   " s.occupation, s.service, s.account, s.seen_at FROM "
                                                   "sighting s" LOOKED_FOR " ORDER BY s.id" },
    [PERSON_SQL_IDENTIFIERS] = { "person.identifiers", "SELECT i.sighting, i.kind, i.service, i.verbatim, "
                                                       "i.strong, i.verified FROM identifier i"
                                                       " JOIN sighting s ON s.id = i.sighting" LOOKED_FOR
                                                       " ORDER BY i.sighting, i.id" },
    [PERSON_SQL_FOOTPRINTS] = { "person.footprints", "SELECT DISTINCT f.sighting, f.address, f.proxy FROM "
                                                     "footprint f JOIN sighting s ON s.id = "
                                                     "f.sighting" LOOKED_FOR " ORDER BY f.sighting, "
                                                                             "f.address, f.proxy" },
    [PERSON_SQL_ANSWERS] = { "person.answers", "SELECT id, account_holder, born, email, phone, "
                                               "billing_address, billing_postcode, installation_address,"
                                               " installation_postcode, address, shared_address FROM "
                                               "provider_answer WHERE operation = $1 ORDER BY id" },
    [PERSON_SQL_REGISTER] = { "person.register", "SELECT e.id, e.given, e.family, e.born, e.address, "
                                                 "e.postcode FROM register_entry e"
                                                 " JOIN received_file f ON f.id = e.file WHERE f.operation = "
                                                 "$1 ORDER BY e.id" },
    [PERSON_SQL_RETURNS] = { "person.returns", "SELECT id, row FROM return_row WHERE operation = $1 AND "
                                               "state <> 'rejected' ORDER BY id" },
};
