-- Registered files of known-file sets, every reason why a file of ours is known, what is held for a person, and jobs.
CREATE TABLE set_file (                     -- a set file kept beside the database, by its root
    id INTEGER PRIMARY KEY,                 -- seq of hashset.registered
    name TEXT NOT NULL, version TEXT NOT NULL,
    root TEXT NOT NULL,                     -- hexadecimal; also the file's name
    entries INTEGER NOT NULL, conflicts INTEGER NOT NULL, bytes INTEGER NOT NULL,
    digests TEXT NOT NULL,                  -- canonical JSON {"MD5": count, ...}
    signed_by TEXT, at INTEGER NOT NULL,
    replaces INTEGER,                       -- the earlier version, whose reasons end once this one has been compared
    retired INTEGER                         -- entry seq: asked no more
) STRICT;
CREATE UNIQUE INDEX set_file_root ON set_file (root) WHERE retired IS NULL;
-- One row of hash_set for each source, version and kind within a set file (kind: known | benign | negative).
ALTER TABLE hash_set ADD COLUMN set_file INTEGER; -- NULL: its digests are rows of hash_entry
CREATE INDEX hash_set_file ON hash_set (set_file) WHERE set_file IS NOT NULL;

CREATE TABLE match_reason (                 -- why a file is known; file_match holds those that count
    file_hash INTEGER NOT NULL, hash_set INTEGER NOT NULL,
    nth INTEGER NOT NULL,                   -- of the reasons of this file by this set, the nearest first
    digest TEXT NOT NULL,                   -- the kind compared: md5 | sha1 | sha256 | pdq | photodna
    distance INTEGER NOT NULL,              -- bits that differ; 0: equal
    quality INTEGER,                        -- of the known PDQ hash, 0..100
    found TEXT,                             -- the known hash, when it is not equal
    grade TEXT, scale TEXT, series TEXT, votes INTEGER,
    trusted INTEGER NOT NULL, victim_identified INTEGER NOT NULL, provisional INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    PRIMARY KEY (file_hash, hash_set, nth)
) STRICT, WITHOUT ROWID;
CREATE INDEX match_reason_set ON match_reason (hash_set, file_hash);
CREATE INDEX match_reason_series ON match_reason (series, file_hash) WHERE series <> '';
INSERT INTO match_reason (file_hash, hash_set, nth, digest, distance, grade, scale, series, trusted, victim_identified,
    provisional, entry)
    SELECT m.file_hash, m.hash_set, 0, h.kind, 0, m.grade, m.scale, m.series, 0, 0, m.provisional, m.entry
    FROM file_match m JOIN file_hash h ON h.id = m.file_hash;

CREATE TABLE held_hash (                    -- a hash so common that a person decides what it is worth
    id INTEGER PRIMARY KEY,                 -- seq of match.held
    kind TEXT NOT NULL, value TEXT NOT NULL,
    referrals INTEGER NOT NULL, nominals INTEGER NOT NULL, -- that had it when it was held
    hash_set INTEGER NOT NULL,              -- the first that knows it
    at INTEGER NOT NULL,
    state TEXT NOT NULL,                    -- held | released: its matches count | dismissed: they never do
    person INTEGER, reason TEXT, decided INTEGER
) STRICT;
CREATE UNIQUE INDEX held_hash_value ON held_hash (kind, value);
CREATE INDEX held_hash_open ON held_hash (id) WHERE state = 'held';

CREATE TABLE job (                          -- long work that goes on in steps, and can be stopped between two
    id INTEGER PRIMARY KEY,                 -- seq of job.started
    kind TEXT NOT NULL,                     -- match-again
    subject INTEGER NOT NULL,               -- match-again: set_file.id
    says TEXT NOT NULL, person INTEGER NOT NULL,
    state TEXT NOT NULL,                    -- running | done | cancelled
    done INTEGER NOT NULL, total INTEGER NOT NULL,
    cursor INTEGER NOT NULL,                -- where the next step begins
    found INTEGER NOT NULL,                 -- match-again: files that became known
    started INTEGER NOT NULL, moved INTEGER NOT NULL, ended INTEGER,
    cancel INTEGER                          -- entry seq of the wish to stop
) STRICT;
CREATE INDEX job_running ON job (id) WHERE state = 'running';
CREATE INDEX file_hash_matched ON file_hash (matched, id) WHERE matched IS NOT NULL;
