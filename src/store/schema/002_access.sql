CREATE TABLE agency (
    id         INTEGER PRIMARY KEY,         -- seq of agency.added
    short_id   TEXT NOT NULL UNIQUE,        -- "cheshire", "coordinator", "nca-partner"
    kind       TEXT NOT NULL,               -- coordinator | force | partner
    ons_code   TEXT,                        -- E23000006 ...; NULL unless a force
    name       TEXT NOT NULL,
    tile       TEXT NOT NULL,               -- short name for the tile map: "N Yorks"
    nation     TEXT NOT NULL,               -- england | wales | scotland | northern-ireland | uk
    tile_row   INTEGER, tile_column INTEGER
) STRICT;
CREATE TABLE person (                       -- people who use Muster; never nominals
    id        INTEGER PRIMARY KEY,          -- seq of person.added
    agency    INTEGER NOT NULL REFERENCES agency (id),
    login     TEXT NOT NULL UNIQUE,
    name      TEXT NOT NULL,
    role      TEXT NOT NULL,                -- access/permissions.h role names
    active    INTEGER NOT NULL
) STRICT;
CREATE INDEX person_agency ON person (agency, id);
CREATE TABLE look (                         -- consultations of restricted records (record.consulted)
    entry INTEGER PRIMARY KEY, person INTEGER NOT NULL, subject INTEGER NOT NULL, at INTEGER NOT NULL,
    purpose TEXT NOT NULL
) STRICT;
CREATE INDEX look_subject ON look (subject, entry);
CREATE INDEX look_person ON look (person, entry);
CREATE TABLE restriction (                  -- need-to-know: only these people, besides their holding agency's supervisors
    subject INTEGER NOT NULL, person INTEGER NOT NULL, granted_by INTEGER NOT NULL,
    PRIMARY KEY (subject, person)
) STRICT, WITHOUT ROWID;
CREATE TABLE live_credential (person INTEGER PRIMARY KEY, hash TEXT NOT NULL, must_change INTEGER NOT NULL) STRICT;
CREATE TABLE live_session (
    token_hash BLOB PRIMARY KEY,            -- SHA-256 of the cookie; the cookie itself is nowhere
    person INTEGER NOT NULL, csrf TEXT NOT NULL, made_at INTEGER NOT NULL, seen_at INTEGER NOT NULL
) STRICT;
CREATE INDEX live_session_person ON live_session (person);
CREATE TABLE live_throttle (key TEXT PRIMARY KEY, failures INTEGER NOT NULL, until INTEGER NOT NULL) STRICT;
