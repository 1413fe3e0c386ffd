/* inside.h: what the files of src/ledger share. No other folder includes it. */
#pragma once
#include "engine/digest/merkle.h"
#include "ledger/ledger.h"

struct Ledger {
    Arena mem;
    Store *store;
    const Kind **kinds; /* sorted by name */
    size_t kind_count;
    MerkleFrontier frontier; /* writer thread only */
    bool stale;              /* a rollback happened: read the frontier again before the next append */
    bool applying;           /* apply must not append */
};

/* kinds.c */
bool kinds_gather(Ledger *ledger, const Kinds *kinds, Err *err);
bool body_check(const Kind *kind, const Json *body, Err *err);

/* ledger.c */
typedef struct Sealed {
    Sha256 digest;
    Hash32 leaf;
} Sealed;
/* The digest of a body under its salt, and the leaf over header and digest. `body` NULL keeps out->digest as
 * given. */
void entry_seal(const Entry *e, Str salt, Str body, Sealed *out);
Entry entry_of_row(const Rows *rows,
                   Arena *mem); /* columns of LEDGER_ENTRY_COLUMNS, without the parsed body */
/* Applies and stores one entry; salt and body as stored (NULL bytes when erased). */
bool entry_admit(Tx *tx, Ledger *ledger, const Kind *kind, Entry *e, Str salt, Str body, const Sealed *sealed,
                 Arena *mem, Err *err);

/* proof.c */
bool node_read(void *db, int level, uint64_t index, Hash32 *out); /* MerkleRead over the tables */
bool ledger_key(Db *db, Arena *mem, uint8_t seed[32], const char **origin, Err *err);

enum {
    LEDGER_HEAD,
    LEDGER_HEAD_SET,
    LEDGER_HEAD_NEW,
    LEDGER_KEY,
    LEDGER_KEY_NEW,
    LEDGER_ENTRY_NEW,
    LEDGER_NODE_NEW,
    LEDGER_NODE,
    LEDGER_LEAF,
    LEDGER_ALL,
    LEDGER_ONE,
    LEDGER_ERASE,
    LEDGER_ERASURES,
    LEDGER_BY_SUBJECT,
    LEDGER_BY_KIND,
    LEDGER_BY_ACTOR,
    LEDGER_NEWEST,
    LEDGER_CHECKPOINT_NEW,
    LEDGER_CHECKPOINTS,
    LEDGER_FILE_NEW,
    LEDGER_FILE,
    LEDGER_FILES,
    LEDGER_CHUNK_NEW,
    LEDGER_CHUNK,
    LEDGER_FILE_NAMED,
    LEDGER__COUNT
};
extern const Sql ledger_sql[LEDGER__COUNT];
