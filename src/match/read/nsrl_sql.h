/* nsrl_sql.h: what is read of an NSRL RDS v3 file. Apart from match_sql: these tables are not ours. */
#pragma once
#include "store/store.h"

enum { NSRL_VERSION, NSRL_FILE, NSRL_FILE_NO_SHA256, NSRL_METADATA, NSRL_METADATA_NO_SHA256, NSRL__COUNT };
extern const Sql nsrl_sql[NSRL__COUNT];
