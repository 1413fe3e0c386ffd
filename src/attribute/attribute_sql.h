/* attribute_sql.h: the statements of src/attribute. */
#pragma once
#include "store/store.h"

enum {
    ATTR_FOOTPRINTS_TODO,
    ATTR_FOOTPRINT_MARK,
    ATTR_FOOTPRINT_SET,
    ATTR_ANSWERS_TODO,
    ATTR_ANSWERS_REOPEN,
    ATTR_ANSWER,
    ATTR_NEWEST_FOOTPRINT,
    ATTR_CANDIDATES,
    ATTR_NEW,
    ATTR_ANSWER_DONE,
    ATTR_ANSWER_REFUSED,
    ATTR_ONE,
    ATTR_WITHDRAW,
    ATTR_REVIEW_RUNS,
    ATTR_ERROR,
    ATTR_PLACES_TODO,
    ATTR_SIGHTING_PLACED,
    ATTR_REFUSED_LIST,
    ATTRIBUTE__COUNT
};
extern const Sql attribute_sql[ATTRIBUTE__COUNT];
