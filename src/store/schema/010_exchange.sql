-- Grades that our own people gave to files no set knows, and their way to the national database and back.
CREATE TABLE graded_file (
    id INTEGER PRIMARY KEY,                 -- seq of file.graded
    file_hash INTEGER NOT NULL,             -- the hash it was found by
    digests TEXT NOT NULL,                  -- canonical JSON {"md5": hex, ...} of the one file
    grade TEXT NOT NULL, scale TEXT NOT NULL, series TEXT, victim_identified INTEGER NOT NULL,
    note TEXT,                              -- sensitive text
    person INTEGER NOT NULL, at INTEGER NOT NULL,
    state TEXT NOT NULL,                    -- new | sent | accepted | refused | superseded: graded again before it was sent
    exchange INTEGER,                       -- exchange.id it was sent in
    answer TEXT,                            -- the other side's reason
    answered INTEGER                        -- entry seq
) STRICT;
CREATE INDEX graded_file_state ON graded_file (state, id);
CREATE INDEX graded_file_exchange ON graded_file (exchange) WHERE exchange IS NOT NULL;
CREATE TABLE graded_digest (kind TEXT NOT NULL, value TEXT NOT NULL, graded INTEGER NOT NULL,
    PRIMARY KEY (kind, value, graded)) STRICT, WITHOUT ROWID;
CREATE TABLE exchange (                     -- one file of grades sent
    id INTEGER PRIMARY KEY,                 -- seq of exchange.sent
    format TEXT NOT NULL, sha256 TEXT NOT NULL, person INTEGER NOT NULL, at INTEGER NOT NULL,
    sent INTEGER NOT NULL, accepted INTEGER NOT NULL, refused INTEGER NOT NULL, pending INTEGER NOT NULL,
    CHECK (sent = accepted + refused + pending)
) STRICT;
