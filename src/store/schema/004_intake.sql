CREATE TABLE operation (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, basis TEXT NOT NULL, document TEXT NOT NULL, necessity TEXT NOT NULL,
    proportionality TEXT NOT NULL, authorised_by TEXT NOT NULL, opened INTEGER NOT NULL, until INTEGER NOT NULL,
    closed INTEGER, exercise INTEGER NOT NULL, lead_agency INTEGER NOT NULL,
    classification TEXT NOT NULL, handling TEXT NOT NULL, handling_conditions TEXT NOT NULL
) STRICT;
CREATE TABLE received_file (
    id INTEGER PRIMARY KEY, operation INTEGER NOT NULL, name TEXT NOT NULL, format TEXT NOT NULL,
    source_digest BLOB NOT NULL, stored_digest BLOB NOT NULL, source_bytes INTEGER NOT NULL, stored_bytes INTEGER NOT NULL,
    at INTEGER NOT NULL, owner INTEGER NOT NULL,
    state TEXT NOT NULL,                    -- reading | finished | refused
    next_offset INTEGER NOT NULL, next_line INTEGER NOT NULL,
    received INTEGER NOT NULL, taken INTEGER NOT NULL, merged INTEGER NOT NULL, rejected INTEGER NOT NULL,
    pending INTEGER NOT NULL, media_dropped INTEGER NOT NULL,
    CHECK (received = taken + merged + rejected + pending) -- R-03: every row is accounted for, always
) STRICT;
CREATE UNIQUE INDEX received_file_digest ON received_file (operation, source_digest);
CREATE TABLE rejection (file INTEGER NOT NULL, line INTEGER NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (file, line)) STRICT, WITHOUT ROWID;
CREATE TABLE dropped_media (file INTEGER NOT NULL, line INTEGER NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (file, line, sha256)) STRICT, WITHOUT ROWID;
CREATE TABLE pending_row (                  -- rows that could not be placed yet; each has an owner through its clock
    id INTEGER PRIMARY KEY, file INTEGER NOT NULL, line INTEGER NOT NULL, reason TEXT NOT NULL,
    waits_for TEXT NOT NULL,                -- the source reference whose arrival would place it
    row TEXT NOT NULL,                      -- {"from","line"}: where the row begins in the stored file, to be read again
    settled INTEGER                         -- entry seq that placed or rejected it
) STRICT;
CREATE INDEX pending_row_waits ON pending_row (waits_for) WHERE settled IS NULL;
CREATE TABLE return_row (                   -- what a force returned, until operate or safeguard has placed it
    id INTEGER PRIMARY KEY, file INTEGER NOT NULL, line INTEGER NOT NULL, operation INTEGER NOT NULL,
    force TEXT NOT NULL, event TEXT NOT NULL, subject_ref TEXT NOT NULL, ref TEXT NOT NULL,
    row TEXT NOT NULL,                      -- canonical JSON of the row's columns
    state TEXT NOT NULL,                    -- waiting | placed | pending | rejected
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX return_row_state ON return_row (state, id) WHERE state IN ('waiting', 'pending');
CREATE INDEX return_row_subject ON return_row (subject_ref) WHERE state = 'pending';
CREATE INDEX return_row_file ON return_row (file, line);
CREATE TABLE referral (                     -- one report, list row or notice received
    id INTEGER PRIMARY KEY, file INTEGER NOT NULL, line INTEGER NOT NULL, operation INTEGER NOT NULL,
    source TEXT NOT NULL,                   -- hotline | list | footprint | provider
    provider TEXT, source_ref TEXT NOT NULL, -- the sender's own number, unique per operation+source with merges below
    incident_type TEXT, incident_verbatim TEXT, incident_at INTEGER,
    received_at INTEGER NOT NULL, priority_reason TEXT, -- escalateToHighPriority, verbatim
    annotations TEXT NOT NULL, summary TEXT NOT NULL,
    bundled INTEGER NOT NULL,               -- batchedReport (viral/meme) = 1
    merged_into INTEGER,                    -- an identical or superseded referral
    completeness INTEGER NOT NULL,          -- 0..100, apart from risk (R-32, R-33)
    missing TEXT NOT NULL, grading TEXT NOT NULL,
    sensitive_text TEXT NOT NULL            -- outside free text as JSON list of {label,text}; shown collapsed
) STRICT;
CREATE UNIQUE INDEX referral_source ON referral (operation, source, source_ref) WHERE merged_into IS NULL;
CREATE INDEX referral_file ON referral (file, line);
CREATE TABLE sighting (                     -- one appearance of a person or account in a referral
    id INTEGER PRIMARY KEY, referral INTEGER NOT NULL, role TEXT NOT NULL, -- reported | victim | recipient | reporter | register | account_holder
    given TEXT, family TEXT, name TEXT NOT NULL, born INTEGER, age INTEGER, address TEXT, postcode TEXT, town TEXT, country TEXT,
    occupation TEXT, service TEXT, account TEXT, seen_at INTEGER, nominal INTEGER,
    placed INTEGER                          -- entry seq that looked at the address the sighting itself gives
) STRICT;
CREATE INDEX sighting_named ON sighting (nominal, (born IS NULL), id) WHERE family IS NOT NULL;
CREATE INDEX sighting_occupation ON sighting (nominal, id) WHERE occupation IS NOT NULL;
CREATE INDEX sighting_place ON sighting (id) WHERE placed IS NULL AND role = 'reported' AND postcode IS NOT NULL;
CREATE INDEX sighting_referral ON sighting (referral);
CREATE INDEX sighting_nominal ON sighting (nominal);
CREATE INDEX sighting_unlinked ON sighting (id) WHERE nominal IS NULL AND role = 'reported';
CREATE TABLE identifier (                   -- e-mail, phone, account, device of a sighting
    id INTEGER PRIMARY KEY, sighting INTEGER NOT NULL, kind TEXT NOT NULL, -- account | email | phone | device | screen_name | prior_report
    service TEXT NOT NULL, verbatim TEXT NOT NULL, normal TEXT NOT NULL, strong INTEGER NOT NULL, verified INTEGER NOT NULL
) STRICT;
CREATE INDEX identifier_sighting ON identifier (sighting);
CREATE INDEX identifier_normal ON identifier (kind, service, normal);
CREATE TABLE footprint (                    -- address + port + instant
    id INTEGER PRIMARY KEY, referral INTEGER NOT NULL, sighting INTEGER NOT NULL, address TEXT NOT NULL, port INTEGER,
    verbatim TEXT, at INTEGER,              -- NULL: unresolved, no stated offset (R-12)
    offset_minutes INTEGER, event TEXT NOT NULL, proxy INTEGER NOT NULL,
    role TEXT NOT NULL,                     -- of its sighting; a victim's address is never a suspect's
    asn INTEGER, operator TEXT, operator_as_of TEXT, -- network operator, and the date of the table that said so
    looked_up INTEGER                       -- entry seq
) STRICT;
CREATE INDEX footprint_sighting ON footprint (sighting);
CREATE INDEX footprint_address ON footprint (address, at);
CREATE INDEX footprint_todo ON footprint (id) WHERE looked_up IS NULL AND role = 'reported';
CREATE TABLE file_hash (                    -- a file named in a referral or found on an exhibit, by digest only
    id INTEGER PRIMARY KEY, referral INTEGER NOT NULL, sighting INTEGER, kind TEXT NOT NULL, -- md5 | sha1 | sha256 | pdq | photodna
    value TEXT NOT NULL, classification TEXT, -- the industry's own scale, verbatim (A1..B2), never converted
    viewed_by_provider INTEGER, publicly_available INTEGER, relevance TEXT, annotations TEXT NOT NULL,
    file_ref TEXT NOT NULL, name TEXT NOT NULL, -- sensitive text
    matched INTEGER                         -- entry seq of the match run that looked at it
) STRICT;
CREATE INDEX file_hash_value ON file_hash (kind, value);
CREATE INDEX file_hash_referral ON file_hash (referral);
CREATE INDEX file_hash_todo ON file_hash (id) WHERE matched IS NULL;
CREATE TABLE provider_answer (              -- what an operator answered about an address at an instant
    id INTEGER PRIMARY KEY, file INTEGER NOT NULL, line INTEGER NOT NULL, operation INTEGER NOT NULL,
    address TEXT NOT NULL, port INTEGER, at_verbatim TEXT NOT NULL, at INTEGER,
    operator TEXT NOT NULL, operator_ref TEXT NOT NULL, account_holder TEXT NOT NULL, born INTEGER, email TEXT, phone TEXT,
    billing_address TEXT NOT NULL, billing_postcode TEXT, installation_address TEXT NOT NULL, installation_postcode TEXT,
    session_start INTEGER, session_end INTEGER, shared_address INTEGER NOT NULL, -- carrier-grade NAT
    attributed INTEGER,                     -- entry seq that compared it with its footprint
    refused TEXT,                           -- why it was not tied to a household; NULL if it was, or waits
    compared_upto INTEGER                   -- newest footprint there was then: a later one with its address reopens it
) STRICT;
CREATE INDEX provider_answer_todo ON provider_answer (id) WHERE attributed IS NULL;
CREATE INDEX provider_answer_refused ON provider_answer (id) WHERE refused IS NOT NULL;
CREATE INDEX provider_answer_address ON provider_answer (address, at);
CREATE TABLE register_entry (               -- registered sex offenders, from the extract
    id INTEGER PRIMARY KEY, file INTEGER NOT NULL, line INTEGER NOT NULL, register_ref TEXT NOT NULL, given TEXT NOT NULL, family TEXT NOT NULL,
    born INTEGER, address TEXT, postcode TEXT, force TEXT, offence TEXT, until INTEGER
) STRICT;
CREATE INDEX register_entry_name ON register_entry (family, given, born);
CREATE INDEX register_entry_born ON register_entry (born);
