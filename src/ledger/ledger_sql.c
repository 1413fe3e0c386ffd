/* ledger_sql.c: every statement over the facts. */
#include "ledger/inside.h"

#define ENTRY "seq, at, kind, actor, agency, operation, subject, salt, body, digest, leaf"
#define SHOWN "seq, at, kind, actor, agency, operation, subject, body"

const Sql ledger_sql[LEDGER__COUNT] = {
    [LEDGER_HEAD] = { "ledger.head", "SELECT size, frontier, origin FROM ledger_head WHERE one = 1" },
    [LEDGER_HEAD_SET] = { "ledger.head_set", "UPDATE ledger_head SET size = $1, frontier = $2 WHERE one = "
                                             "1" },
    [LEDGER_HEAD_NEW] = { "ledger.head_new", "INSERT INTO ledger_head (one, size, frontier, origin, made_at) "
                                             "VALUES (1, 0, $1, $2, $3)" },
    [LEDGER_KEY] = { "ledger.key", "SELECT seed FROM live_key WHERE name = $1" },
    [LEDGER_KEY_NEW] = { "ledger.key_new", "INSERT INTO live_key (name, seed) VALUES ($1, $2)" },

    [LEDGER_ENTRY_NEW] = { "ledger.entry_new", "INSERT INTO ledger_entry (" ENTRY ") VALUES ($1, $2, $3, $4, "
                                                                                  "$5, $6, $7, $8, $9, $10, "
                                                                                  "$11)" },
    [LEDGER_NODE_NEW] = { "ledger.node_new", "INSERT INTO ledger_node (level, idx, hash) VALUES ($1, $2, "
                                             "$3)" },
    [LEDGER_NODE] = { "ledger.node", "SELECT hash FROM ledger_node WHERE level = $1 AND idx = $2" },
    [LEDGER_LEAF] = { "ledger.leaf", "SELECT leaf FROM ledger_entry WHERE seq = $1" },

    [LEDGER_ALL] = { "ledger.all", "SELECT " ENTRY " FROM ledger_entry WHERE seq > $1 ORDER BY seq" },
    [LEDGER_ONE] = { "ledger.one", "SELECT " ENTRY " FROM ledger_entry WHERE seq = $1" },
    [LEDGER_ERASE] = { "ledger.erase", "UPDATE ledger_entry SET salt = NULL, body = NULL WHERE seq = $1" },
    [LEDGER_ERASURES] = { "ledger.erasures", "SELECT count(*) FROM ledger_entry WHERE kind = 'entry.erased' "
                                             "AND subject = $1" },

    [LEDGER_BY_SUBJECT] = { "ledger.by_subject", "SELECT " SHOWN " FROM ledger_entry WHERE (subject = $1 OR "
                                                                 "seq = $1) AND seq < $2"
                                                 " AND ($3 IS NULL OR kind = $3) AND ($4 IS NULL OR actor = "
                                                 "$4) ORDER BY seq DESC LIMIT $5" },
    [LEDGER_BY_KIND] = { "ledger.by_kind", "SELECT " SHOWN " FROM ledger_entry WHERE kind = $1 AND seq < $2"
                                           " AND ($3 IS NULL OR actor = $3) ORDER BY seq DESC LIMIT $4" },
    [LEDGER_BY_ACTOR] = { "ledger.by_actor", "SELECT " SHOWN " FROM ledger_entry WHERE actor = $1 AND seq < "
                                                             "$2 ORDER BY seq DESC LIMIT $3" },
    [LEDGER_NEWEST] = { "ledger.newest", "SELECT " SHOWN " FROM ledger_entry WHERE seq < $1 ORDER BY seq "
                                                         "DESC LIMIT $2" },

    [LEDGER_CHECKPOINT_NEW] = { "ledger.checkpoint_new", "INSERT INTO ledger_checkpoint (size, at, note) "
                                                         "VALUES ($1, $2, $3) ON CONFLICT (size) DO "
                                                         "NOTHING" },
    [LEDGER_CHECKPOINTS] = { "ledger.checkpoints", "SELECT size, note FROM ledger_checkpoint ORDER BY size" },

    [LEDGER_FILE_NEW] = { "ledger.file_new", "INSERT INTO ledger_file (digest, size, chunks) VALUES ($1, $2, "
                                             "$3) ON CONFLICT (digest) DO NOTHING" },
    [LEDGER_FILE] = { "ledger.file", "SELECT size, chunks FROM ledger_file WHERE digest = $1" },
    [LEDGER_FILES] = { "ledger.files", "SELECT digest, size, chunks FROM ledger_file ORDER BY digest" },
    [LEDGER_CHUNK_NEW] = { "ledger.chunk_new", "INSERT INTO ledger_file_chunk (digest, idx, bytes) VALUES "
                                               "($1, $2, $3) ON CONFLICT (digest, idx) DO NOTHING" },
    [LEDGER_CHUNK] = { "ledger.chunk", "SELECT bytes FROM ledger_file_chunk WHERE digest = $1 AND idx = $2" },
    [LEDGER_FILE_NAMED] = { "ledger.file_named", "SELECT min(seq) FROM ledger_entry WHERE kind = "
                                                 "'file.received' AND instr(body, $1) > 0" },
};
