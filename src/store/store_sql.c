/* store_sql.c: the store's own statements. */
#include "store/inside.h"

const Sql store_sql[STORE__COUNT] = {
    [STORE_BEGIN_READ]  = { "store.begin_read",  "BEGIN DEFERRED" },
    [STORE_BEGIN_WRITE] = { "store.begin_write", "BEGIN IMMEDIATE" },
    [STORE_COMMIT]      = { "store.commit",      "COMMIT" },
    [STORE_ROLLBACK]    = { "store.rollback",    "ROLLBACK" },
    [STORE_SAVE]        = { "store.save",        "SAVEPOINT command" },
    [STORE_UNSAVE]      = { "store.unsave",      "ROLLBACK TO command" },
    [STORE_RELEASE]     = { "store.release",     "RELEASE command" },

    /* Reading anything at all is what fixes the snapshot of a deferred transaction. */
    [STORE_TOUCH]       = { "store.touch",       "SELECT count(*) FROM sqlite_schema" },
    [STORE_APPLICATION] = { "store.application", "SELECT application_id FROM pragma_application_id" },
    [STORE_INTEGRITY]   = { "store.integrity",   "SELECT integrity_check FROM pragma_integrity_check" },

    [STORE_STEP_TABLE]  = { "store.step_table",
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_step'" },
    [STORE_STEPS]       = { "store.steps", "SELECT number, sha256 FROM schema_step ORDER BY number" },
    [STORE_STEP_ADD]    = { "store.step_add",
        "INSERT INTO schema_step (number, name, sha256, applied_at)"
        " VALUES ($1, $2, $3, CAST(strftime('%s', 'now') AS INTEGER) * 1000000)" },

    [STORE_BROKEN_KEYS] = { "store.broken_keys", "SELECT \"table\" FROM pragma_foreign_key_check" },

    [STORE_TABLES]      = { "store.tables",
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
        " AND substr(name, 1, 7) NOT IN ('ledger_', 'sqlite_', 'schema_') AND substr(name, 1, 5) <> 'live_'"
        " ORDER BY name" },
    [STORE_COLUMNS]     = { "store.columns", "SELECT name, pk FROM pragma_table_info($1) ORDER BY cid" },
};
