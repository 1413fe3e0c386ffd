CREATE TABLE hash_set (id INTEGER PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, kind TEXT NOT NULL, -- known | benign
    entries INTEGER NOT NULL, digest BLOB NOT NULL, at INTEGER NOT NULL,
    compared INTEGER NOT NULL DEFAULT 0) STRICT; -- entries it had when files received before it were compared with it
CREATE TABLE hash_entry (hash_set INTEGER NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, grade TEXT, scale TEXT, series TEXT,
    votes INTEGER, victim_identified INTEGER, PRIMARY KEY (kind, value, hash_set)) STRICT, WITHOUT ROWID;
CREATE TABLE file_match (file_hash INTEGER NOT NULL, hash_set INTEGER NOT NULL, grade TEXT, scale TEXT, series TEXT, provisional INTEGER NOT NULL,
    entry INTEGER NOT NULL, PRIMARY KEY (file_hash, hash_set)) STRICT, WITHOUT ROWID;
CREATE TABLE nominal (
    id INTEGER PRIMARY KEY,                 -- seq of nominal.opened
    operation INTEGER NOT NULL,
    name TEXT NOT NULL, given TEXT, family TEXT, born INTEGER, occupation TEXT,
    status TEXT NOT NULL,                   -- reported | suspect | charged | convicted | eliminated | victim
    merged_into INTEGER,                    -- still resolves
    first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
    restricted INTEGER NOT NULL,            -- covert: content only for those named
    address TEXT, postcode TEXT, town TEXT, area TEXT, -- the attributed household and its local authority
    force INTEGER,                          -- agency.id, by full postcode
    force_basis TEXT,                       -- "full postcode, table of 2025-10-20" or why it is not settled
    answers INTEGER NOT NULL,               -- corroboration: independent events tied to this household
    band TEXT NOT NULL,                     -- '' | very-high | high | medium | low: the band in force
    band_rank INTEGER NOT NULL,             -- 4 very high .. 1 low, 0 none; keys the queue with risk_points
    suggested TEXT NOT NULL, risk_points INTEGER NOT NULL,
    why TEXT NOT NULL,                      -- one line
    access TEXT NOT NULL,                   -- access to children: unknown | yes | no
    registered INTEGER NOT NULL, position_of_trust INTEGER NOT NULL,
    scored_upto INTEGER NOT NULL,           -- entry seq the score has seen
    changed INTEGER NOT NULL,               -- entry seq of the last fact that may change the score
    referrals INTEGER NOT NULL, known_files INTEGER NOT NULL, children INTEGER NOT NULL,
    stage TEXT NOT NULL,                    -- reported | at-address | packaged | actioned | closed
    named INTEGER                           -- entry seq of the person's decision that named them; NULL: named after the sightings
) STRICT;
CREATE INDEX nominal_merged ON nominal (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX nominal_queue ON nominal (operation, band_rank DESC, risk_points DESC, id) WHERE merged_into IS NULL;
CREATE INDEX nominal_force ON nominal (force, band_rank DESC, risk_points DESC, id) WHERE merged_into IS NULL;
CREATE INDEX nominal_rescore ON nominal (id) WHERE changed > scored_upto AND merged_into IS NULL;
CREATE INDEX nominal_name ON nominal (family, given, born);
CREATE TABLE link (                         -- why a sighting belongs to a nominal; never changed by a merge
    id INTEGER PRIMARY KEY, nominal INTEGER NOT NULL, sighting INTEGER NOT NULL, reason TEXT NOT NULL, -- one sentence
    kind TEXT NOT NULL,                     -- first | account | email | phone | device | person | report | review
    entry INTEGER NOT NULL, undone_by INTEGER
) STRICT;
CREATE INDEX link_nominal ON link (nominal); CREATE INDEX link_sighting ON link (sighting);
CREATE TABLE merge (id INTEGER PRIMARY KEY, kept INTEGER NOT NULL, merged INTEGER NOT NULL, reason TEXT NOT NULL, undone_by INTEGER,
    stage_before TEXT, stage_after TEXT, status_before TEXT, status_after TEXT) STRICT; -- of the kept nominal, given back when undone
CREATE INDEX merge_merged ON merge (merged);
CREATE TABLE apart (a INTEGER NOT NULL, b INTEGER NOT NULL, entry INTEGER NOT NULL, PRIMARY KEY (a, b)) STRICT, WITHOUT ROWID; -- decided: not one person
CREATE TABLE nominal_identifier (           -- what later sightings are linked by
    kind TEXT NOT NULL, service TEXT NOT NULL, normal TEXT NOT NULL, nominal INTEGER NOT NULL,
    PRIMARY KEY (kind, service, normal, nominal)) STRICT, WITHOUT ROWID;
CREATE INDEX nominal_identifier_nominal ON nominal_identifier (nominal);
CREATE TABLE attribution (                  -- a footprint tied to a household through an answer; or (footprint 0, answer 0) the address a sighting itself gives
    id INTEGER PRIMARY KEY, nominal INTEGER NOT NULL, sighting INTEGER NOT NULL, footprint INTEGER NOT NULL, answer INTEGER NOT NULL, agrees TEXT NOT NULL,
    household TEXT NOT NULL, postcode TEXT, town TEXT, lad TEXT, force INTEGER, force_basis TEXT NOT NULL, withdrawn_by INTEGER) STRICT;
CREATE INDEX attribution_sighting ON attribution (sighting); CREATE INDEX attribution_footprint ON attribution (footprint);
CREATE INDEX attribution_nominal ON attribution (nominal); CREATE INDEX attribution_answer ON attribution (answer);
CREATE TABLE risk_score (id INTEGER PRIMARY KEY, nominal INTEGER NOT NULL, at INTEGER NOT NULL, model TEXT NOT NULL, band TEXT NOT NULL,
    points INTEGER NOT NULL, why TEXT NOT NULL, factors TEXT NOT NULL) STRICT; -- factors: JSON [{factor,family,points,because,entry}]
CREATE INDEX risk_score_nominal ON risk_score (nominal, id);
CREATE TABLE band_decision (id INTEGER PRIMARY KEY, nominal INTEGER NOT NULL, at INTEGER NOT NULL, person INTEGER NOT NULL, suggested TEXT NOT NULL,
    band TEXT NOT NULL, reason TEXT NOT NULL, second INTEGER, -- lowering needs a second person
    state TEXT NOT NULL) STRICT;            -- proposed | agreed | decided | refused | overtaken
CREATE INDEX band_decision_nominal ON band_decision (nominal, id);
CREATE TABLE check_open (                   -- a question that must be answered: access to children, occupation, register, household
    id INTEGER PRIMARY KEY, nominal INTEGER NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, -- open | answered
    answer TEXT, note TEXT, asked INTEGER NOT NULL, answered_by INTEGER) STRICT;
CREATE INDEX check_open_nominal ON check_open (nominal);
CREATE INDEX nominal_family ON nominal (family COLLATE NOCASE) WHERE merged_into IS NULL;
CREATE INDEX nominal_called ON nominal (name COLLATE NOCASE) WHERE merged_into IS NULL;
