-- What triage found on a seized device, by counts: no path and no digest of a file is kept here.
CREATE TABLE exhibit_triage (
    id INTEGER PRIMARY KEY,                 -- seq of exhibit.triaged
    nominal INTEGER NOT NULL, force INTEGER NOT NULL,
    ref TEXT NOT NULL,                      -- the force's own reference of the exhibit: it outlives corrections of its row
    report TEXT NOT NULL,                   -- SHA-256 of the report, hexadecimal; the report itself stays with the force
    kind TEXT NOT NULL,                     -- folder | archive | raw | E01 | VHD | VMDK | QCOW2 ...
    tool TEXT NOT NULL, made INTEGER NOT NULL, at INTEGER NOT NULL, person INTEGER NOT NULL,
    files INTEGER NOT NULL, bytes INTEGER NOT NULL, unread INTEGER NOT NULL, deleted INTEGER NOT NULL,
    known INTEGER NOT NULL, different INTEGER NOT NULL, -- known files; their different contents
    illegal INTEGER NOT NULL, near INTEGER NOT NULL, victims INTEGER NOT NULL, -- of the known files
    pictures INTEGER NOT NULL, videos INTEGER NOT NULL, clusters INTEGER NOT NULL, -- that no set knows
    priority INTEGER NOT NULL, because TEXT NOT NULL, -- by data/triage/priority.csv as it was then
    replaced INTEGER                        -- by a later triage of the same exhibit
) STRICT;
CREATE INDEX exhibit_triage_ref ON exhibit_triage (force, ref, id);
CREATE INDEX exhibit_triage_nominal ON exhibit_triage (nominal) WHERE replaced IS NULL;
CREATE TABLE exhibit_count (                -- known files of one triage, by grade, series or set
    triage INTEGER NOT NULL, part TEXT NOT NULL, -- grade | series | set
    name TEXT NOT NULL, of TEXT NOT NULL,   -- a grade's scale, a set's version, or ''
    files INTEGER NOT NULL, different INTEGER NOT NULL, illegal INTEGER NOT NULL, near INTEGER NOT NULL,
    PRIMARY KEY (triage, part, of, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE exhibit_set (                  -- which sets were asked
    triage INTEGER NOT NULL, root TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL,
    PRIMARY KEY (triage, root)
) STRICT, WITHOUT ROWID;
