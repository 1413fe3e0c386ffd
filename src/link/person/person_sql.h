/* person_sql.h: the statements that read people from every source. */
#pragma once
#include "store/store.h"

enum {
    PERSON_SQL_SIGHTINGS,
    PERSON_SQL_IDENTIFIERS,
    PERSON_SQL_FOOTPRINTS,
    PERSON_SQL_ANSWERS,
    PERSON_SQL_REGISTER,
    PERSON_SQL_RETURNS,
    PERSON_SQL__COUNT
};
extern const Sql person_sql[PERSON_SQL__COUNT];
