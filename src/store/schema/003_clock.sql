CREATE TABLE clock (                        -- what waits, on whom, until when
    id        INTEGER PRIMARY KEY,
    kind      TEXT NOT NULL,                -- one row of data/clocks.csv: "package.receipt", "nominal.access-check"
    subject   INTEGER NOT NULL,             -- the object waiting
    letter    TEXT NOT NULL,                -- its reference letter: N, P, C, R, F, K, Q
    nominal   INTEGER,                      -- whose risk orders it; NULL if none yet
    band_rank INTEGER NOT NULL,             -- nominal.band_rank, kept here by the trigger nominal_band_rank so that
                                            -- the board is one walk of an index; 0 without a nominal
    operation INTEGER NOT NULL,
    agency    INTEGER NOT NULL,             -- whose move
    owner     INTEGER NOT NULL,             -- person.id; never 0
    offered   INTEGER,                      -- person.id who was asked to take it over and has not accepted yet
    level     INTEGER NOT NULL,             -- 0 owner, 1 supervisor, 2 agency lead
    told      INTEGER,                      -- person.id it was last escalated to; the owner stays the owner
    started   INTEGER NOT NULL, due INTEGER NOT NULL,
    paused_at INTEGER, pause_reason TEXT,
    stopped   INTEGER,                      -- NULL while running
    stop_reason TEXT,
    opened_by INTEGER NOT NULL,             -- entry seq
    closed_by INTEGER                       -- entry seq
) STRICT;
-- Each view of the board walks one of these in its own order; the columns after id only spare it looking at rows that
-- are passed over (many clocks end at 17:00 sharp, so due and id must stand together).
CREATE UNIQUE INDEX clock_running ON clock (subject, kind) WHERE stopped IS NULL;
CREATE INDEX clock_due ON clock (due, id, level) WHERE stopped IS NULL;
CREATE INDEX clock_late ON clock (band_rank, due) WHERE stopped IS NULL;
CREATE INDEX clock_kind ON clock (kind, due, id, band_rank, stopped) WHERE stopped IS NULL;
CREATE INDEX clock_agency ON clock (agency, due) WHERE stopped IS NULL;
CREATE INDEX clock_agency_late ON clock (agency, band_rank, due, id, operation, paused_at, stopped)
    WHERE stopped IS NULL;
CREATE INDEX clock_owner ON clock (owner, due) WHERE stopped IS NULL;
CREATE INDEX clock_owner_late ON clock (owner, band_rank, due) WHERE stopped IS NULL;
CREATE INDEX clock_paused ON clock (due) WHERE stopped IS NULL AND paused_at IS NOT NULL;
CREATE INDEX clock_nominal ON clock (nominal) WHERE stopped IS NULL;
CREATE INDEX clock_told ON clock (told) WHERE stopped IS NULL AND told IS NOT NULL;
CREATE INDEX clock_offered ON clock (offered) WHERE stopped IS NULL AND offered IS NOT NULL;
