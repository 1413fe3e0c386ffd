/* operation_sql.c: statements over operations. */
#include "intake/operation_sql.h"

#define COLUMNS                                                                                              \
    "id, lead_agency, name, basis, document, necessity, proportionality, authorised_by,"                     \
    " classification, handling, handling_conditions, opened, until, closed, exercise"

const Sql operation_sql[OPERATION__COUNT] = {
    [OPERATION_NEW] = { "operation.new", "INSERT INTO operation (" COLUMNS ")"
                                         " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "
                                         "NULL, $14)" },
    [OPERATION_CLOSE] = { "operation.close", "UPDATE operation SET closed = $2 WHERE id = $1 AND closed IS "
                                             "NULL" },
    [OPERATION_CURRENT] = { "operation.current", "SELECT " COLUMNS " FROM operation WHERE closed IS NULL "
                                                                   "ORDER BY id DESC LIMIT 1" },
    [OPERATION_ALL] = { "operation.all", "SELECT " COLUMNS " FROM operation ORDER BY id" },
    [OPERATION_NAMED] = { "operation.named", "SELECT id FROM operation WHERE name = $1 AND closed IS NULL" },
};
