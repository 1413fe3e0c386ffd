/* person_load.h: everyone whom an operation looks for or knows of, from every source, as person records.
 *
 * Sources, as Person.source says them: "reported" and "account_holder" (sightings, with their identifiers and
 * footprints), "answer" (operators' answers: the account holder), "register" (registered offenders), "return"
 * (what forces returned: an occupation, no name). Victims, recipients and reporters are never among them.
 *
 * Reads everything, restricted records too: for the program itself and for coordinators. Whoever shows what
 * comes of it to others must leave out what they may not see. */
#pragma once
#include "link/person/person.h"
#include "store/store.h"

/* Person.id is the row's own id in its source's table; Person.nominal what it is linked to, 0 if nothing. In
 * order of source and id. A footprint through a proxy or shared by an operator's customers is `shared`. */
MUST_USE bool person_load(Db *db, const PersonTools *tools, Arena *mem, int64_t operation, Person **out,
                          size_t *count, Err *err);
