/* intake_view_sql.h: the statements that read received files for people. */
#pragma once
#include "store/store.h"

enum {
    INTAKE_VIEW_FILES, INTAKE_VIEW_FILE, INTAKE_VIEW_REJECTED, INTAKE_VIEW_PENDING, INTAKE_VIEW_DROPPED,
    INTAKE_VIEW_SETS, INTAKE_VIEW__COUNT
};
extern const Sql intake_view_sql[INTAKE_VIEW__COUNT];
