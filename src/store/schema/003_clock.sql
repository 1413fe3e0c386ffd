CREATE TABLE clock (                        -- what waits, on whom, until when
    id        INTEGER PRIMARY KEY,
    kind      TEXT NOT NULL,                -- one row of data/clocks.csv: "package.receipt", "nominal.access-check"
    subject   INTEGER NOT NULL,             -- the object waiting
    letter    TEXT NOT NULL,                -- its reference letter: N, P, C, R, F, K, Q
    nominal   INTEGER,                      -- whose risk orders it; NULL if none yet
    operation INTEGER NOT NULL,
    agency    INTEGER NOT NULL,             -- whose move
    owner     INTEGER NOT NULL,             -- person.id; never 0
    level     INTEGER NOT NULL,             -- 0 owner, 1 supervisor, 2 agency lead
    started   INTEGER NOT NULL, due INTEGER NOT NULL,
    paused_at INTEGER, pause_reason TEXT,
    stopped   INTEGER,                      -- NULL while running
    stop_reason TEXT,
    opened_by INTEGER NOT NULL,             -- entry seq
    closed_by INTEGER                       -- entry seq
) STRICT;
CREATE UNIQUE INDEX clock_running ON clock (subject, kind) WHERE stopped IS NULL;
CREATE INDEX clock_due ON clock (due) WHERE stopped IS NULL;
CREATE INDEX clock_agency ON clock (agency, due) WHERE stopped IS NULL;
CREATE INDEX clock_nominal ON clock (nominal) WHERE stopped IS NULL;
