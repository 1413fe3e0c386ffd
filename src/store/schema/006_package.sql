CREATE TABLE package (
    id INTEGER PRIMARY KEY, operation INTEGER NOT NULL, nominal INTEGER NOT NULL, force INTEGER NOT NULL,
    version INTEGER NOT NULL, band TEXT NOT NULL, state TEXT NOT NULL, -- built | held | sent | received | accepted | returned | actioned | closed | transferred
    handling TEXT NOT NULL, conditions TEXT NOT NULL, classification TEXT NOT NULL, manifest TEXT NOT NULL, -- canonical JSON, digests only
    built INTEGER NOT NULL, sent INTEGER, received INTEGER, accepted INTEGER, first_action INTEGER, closed INTEGER,
    owner INTEGER NOT NULL, return_reason TEXT, hold_reason TEXT, disposition TEXT, disposition_note TEXT
) STRICT;
CREATE INDEX package_force ON package (force, state, id); CREATE INDEX package_nominal ON package (nominal);
CREATE INDEX package_queue ON package (operation, force, state, nominal); -- lists, without reading manifests
CREATE TABLE deconfliction (id INTEGER PRIMARY KEY, package INTEGER NOT NULL, nominal INTEGER NOT NULL, other INTEGER NOT NULL, kind TEXT NOT NULL, -- same_account | same_ip | same_hash | same_subject
    detail TEXT NOT NULL, decided INTEGER) STRICT;
CREATE TABLE action (                       -- one thing a force did; figures are counted from these rows
    id INTEGER PRIMARY KEY, operation INTEGER NOT NULL, nominal INTEGER NOT NULL, package INTEGER, force INTEGER NOT NULL,
    kind TEXT NOT NULL,                     -- warrant | premises | interview | arrest | exhibit | bail | charge | sentence | welfare | disposition
    on_date INTEGER NOT NULL,               -- Date it happened
    ref TEXT NOT NULL,                      -- the force's own reference, unique per force and kind
    place TEXT NOT NULL, state TEXT NOT NULL, -- kind's own: warrant granted/refused/executed; exhibit waiting/examined; bail dates in detail
    quantity INTEGER NOT NULL, first_arrest INTEGER NOT NULL, registered INTEGER NOT NULL, position_of_trust INTEGER NOT NULL,
    detail TEXT NOT NULL,                   -- canonical JSON of the kind's other fields
    file INTEGER, line INTEGER, entry INTEGER NOT NULL, corrected_by INTEGER,
    due INTEGER                             -- when what this row leaves open ends: warrant, bail, exhibit, welfare; NULL if nothing
) STRICT;
CREATE UNIQUE INDEX action_ref ON action (force, kind, ref) WHERE corrected_by IS NULL;
CREATE INDEX action_nominal ON action (nominal, on_date); CREATE INDEX action_kind ON action (operation, kind, on_date); CREATE INDEX action_package ON action (package);
CREATE TABLE child (
    id INTEGER PRIMARY KEY, operation INTEGER NOT NULL, nominal INTEGER, force INTEGER NOT NULL, ref TEXT NOT NULL, label TEXT NOT NULL, -- never a full name: initials or the force's own reference
    age INTEGER, relation TEXT NOT NULL, access TEXT NOT NULL, -- lives with | regular contact | teaches | online | not known
    immediate_risk INTEGER NOT NULL, known_on INTEGER NOT NULL, state TEXT NOT NULL, -- concern | referred | safeguarded | no-further-action
    safeguarded_on INTEGER, mechanism TEXT, agency TEXT, plan TEXT, owner INTEGER NOT NULL, file INTEGER, line INTEGER, entry INTEGER NOT NULL, corrected_by INTEGER,
    plan_due INTEGER                        -- when a plan is due, counted from the day the child became known
) STRICT;
CREATE UNIQUE INDEX child_ref ON child (force, ref) WHERE corrected_by IS NULL;
CREATE INDEX child_nominal ON child (nominal); CREATE INDEX child_open ON child (operation, immediate_risk, state);
CREATE TABLE child_state (                  -- each state a child's record was moved to; figures count from these rows
    id INTEGER PRIMARY KEY, child INTEGER NOT NULL, ref TEXT NOT NULL, -- the force's own reference of this event
    force INTEGER NOT NULL, on_date INTEGER NOT NULL, state TEXT NOT NULL, immediate_risk INTEGER NOT NULL,
    entry INTEGER NOT NULL, corrected_by INTEGER
) STRICT;
CREATE INDEX child_state_ref ON child_state (force, ref) WHERE corrected_by IS NULL; CREATE INDEX child_state_child ON child_state (child); CREATE INDEX child_state_date ON child_state (state, on_date);
CREATE TABLE child_referral (
    id INTEGER PRIMARY KEY, child INTEGER NOT NULL, route TEXT NOT NULL, -- childrens-social-care | lado | dbs | employer-regulator | school | other-authority
    agency TEXT NOT NULL, sent_on INTEGER NOT NULL, acknowledged_on INTEGER, decided_on INTEGER, outcome TEXT, entry INTEGER NOT NULL, ref TEXT NOT NULL,
    acknowledge_due INTEGER, decide_due INTEGER -- in working days of the force's nation, from sent_on
) STRICT;
CREATE INDEX child_referral_child ON child_referral (child);
CREATE TABLE figure_notice (id INTEGER PRIMARY KEY, operation INTEGER NOT NULL, as_at INTEGER NOT NULL, tree_size INTEGER NOT NULL, figures TEXT NOT NULL, notice TEXT NOT NULL, person INTEGER NOT NULL) STRICT;
