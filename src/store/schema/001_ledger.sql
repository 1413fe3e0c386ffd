-- The facts. Everything else that lacks a ledger_ or live_ prefix is a projection of these rows.
CREATE TABLE ledger_entry (
    seq       INTEGER PRIMARY KEY,          -- 1, 2, 3 ... dense; also the id of the object an entry creates
    at        INTEGER NOT NULL,             -- recorded, UTC microseconds
    kind      TEXT    NOT NULL,             -- "package.sent"; one row of the kinds registry
    actor     INTEGER NOT NULL,             -- person.id; 0 = the system itself
    agency    INTEGER NOT NULL,             -- agency.id of the actor at that time; 0 = the system
    operation INTEGER NOT NULL,             -- operation.id, 0 = none
    subject   INTEGER NOT NULL,             -- id of the object it is about; 0 = it creates a new one (id = seq)
    salt      BLOB,                         -- 16 random bytes; NULL once erased
    body      TEXT,                         -- canonical JSON; NULL once erased
    digest    BLOB    NOT NULL,             -- SHA-256(salt || body)
    leaf      BLOB    NOT NULL              -- SHA-256(0x00 || header || digest), RFC 6962 leaf hash
) STRICT;
CREATE INDEX ledger_entry_subject ON ledger_entry (subject, seq);
CREATE INDEX ledger_entry_kind ON ledger_entry (kind, seq);
CREATE INDEX ledger_entry_actor ON ledger_entry (actor, seq);

-- Hashes of complete subtrees, so that proofs need a handful of reads. Derivable from the leaves.
CREATE TABLE ledger_node (
    level INTEGER NOT NULL,                 -- 1 and up; level 0 is ledger_entry.leaf
    idx   INTEGER NOT NULL,                 -- position within the level, from 0
    hash  BLOB    NOT NULL,
    PRIMARY KEY (level, idx)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_head (                  -- one row: the tree as of the last commit
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    size     INTEGER NOT NULL,
    frontier BLOB    NOT NULL,
    origin   TEXT    NOT NULL,              -- checkpoint origin line
    made_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE ledger_checkpoint (            -- signed notes made here, newest size last
    size INTEGER PRIMARY KEY,
    at   INTEGER NOT NULL,
    note TEXT    NOT NULL
) STRICT;

CREATE TABLE ledger_file (                  -- received files, media removed, by digest of what is stored
    digest BLOB PRIMARY KEY,
    size   INTEGER NOT NULL,                -- bytes as stored, uncompressed
    chunks INTEGER NOT NULL
) STRICT;
CREATE TABLE ledger_file_chunk (            -- zstd-compressed, 1 MiB of plain bytes each but the last
    digest BLOB NOT NULL, idx INTEGER NOT NULL, bytes BLOB NOT NULL,
    PRIMARY KEY (digest, idx)
) STRICT;

CREATE TABLE live_key (                     -- the checkpoint signing seed of this installation; never exported
    name TEXT PRIMARY KEY, seed BLOB NOT NULL
) STRICT;
