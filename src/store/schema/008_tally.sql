-- Counts shown on every page, kept as rows change: counting a million nominals and their clocks afresh takes seconds.
-- They live here, not in the statements of the folders that write these tables, so that none of them can forget one.
-- Triggers run inside apply, so replays agree.
CREATE TABLE operation_tally (              -- the counts of the national picture
    operation  INTEGER PRIMARY KEY,
    referrals  INTEGER NOT NULL DEFAULT 0,  -- rows of referral
    unresolved INTEGER NOT NULL DEFAULT 0,  -- reported footprints without a stated offset
    nominals   INTEGER NOT NULL DEFAULT 0,  -- not merged into another; so are the next three
    to_review  INTEGER NOT NULL DEFAULT 0,  -- no band decided yet
    at_address INTEGER NOT NULL DEFAULT 0,  -- with a force
    closed     INTEGER NOT NULL DEFAULT 0,
    packages   INTEGER NOT NULL DEFAULT 0,
    unread     INTEGER NOT NULL DEFAULT 0,  -- sent, not received
    held       INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO operation_tally (operation, referrals, unresolved, nominals, to_review, at_address, closed, packages, unread, held)
    SELECT o.id, (SELECT count(*) FROM referral r WHERE r.operation = o.id),
    (SELECT count(*) FROM footprint f JOIN referral r ON r.id = f.referral
     WHERE r.operation = o.id AND f.role = 'reported' AND f.at IS NULL),
    (SELECT count(*) FROM nominal n WHERE n.operation = o.id AND n.merged_into IS NULL),
    (SELECT count(*) FROM nominal n WHERE n.operation = o.id AND n.merged_into IS NULL AND n.band = ''),
    (SELECT count(*) FROM nominal n WHERE n.operation = o.id AND n.merged_into IS NULL AND n.force IS NOT NULL),
    (SELECT count(*) FROM nominal n WHERE n.operation = o.id AND n.merged_into IS NULL AND n.stage = 'closed'),
    (SELECT count(*) FROM package p WHERE p.operation = o.id),
    (SELECT count(*) FROM package p WHERE p.operation = o.id AND p.state = 'sent'),
    (SELECT count(*) FROM package p WHERE p.operation = o.id AND p.state = 'held') FROM operation o;

CREATE TRIGGER tally_referral AFTER INSERT ON referral
BEGIN
    INSERT INTO operation_tally (operation, referrals) VALUES (new.operation, 1)
        ON CONFLICT (operation) DO UPDATE SET referrals = referrals + 1;
END;
CREATE TRIGGER tally_footprint AFTER INSERT ON footprint WHEN new.at IS NULL AND new.role = 'reported'
BEGIN
    INSERT INTO operation_tally (operation, unresolved) SELECT operation, 1 FROM referral WHERE id = new.referral
        ON CONFLICT (operation) DO UPDATE SET unresolved = unresolved + 1;
END;
CREATE TRIGGER tally_nominal AFTER INSERT ON nominal WHEN new.merged_into IS NULL
BEGIN
    INSERT INTO operation_tally (operation, nominals, to_review, at_address, closed)
        VALUES (new.operation, 1, new.band = '', new.force IS NOT NULL, new.stage = 'closed')
        ON CONFLICT (operation) DO UPDATE SET nominals = nominals + 1, to_review = to_review + excluded.to_review,
        at_address = at_address + excluded.at_address, closed = closed + excluded.closed;
END;
CREATE TRIGGER tally_nominal_change AFTER UPDATE OF merged_into, band, force, stage ON nominal
    WHEN (new.merged_into IS NULL) <> (old.merged_into IS NULL) OR (new.band = '') <> (old.band = '')
    OR (new.force IS NULL) <> (old.force IS NULL) OR (new.stage = 'closed') <> (old.stage = 'closed')
BEGIN
    UPDATE operation_tally SET nominals = nominals + (new.merged_into IS NULL) - (old.merged_into IS NULL),
        to_review = to_review + (new.merged_into IS NULL AND new.band = '') - (old.merged_into IS NULL AND old.band = ''),
        at_address = at_address + (new.merged_into IS NULL AND new.force IS NOT NULL)
            - (old.merged_into IS NULL AND old.force IS NOT NULL),
        closed = closed + (new.merged_into IS NULL AND new.stage = 'closed')
            - (old.merged_into IS NULL AND old.stage = 'closed') WHERE operation = new.operation;
END;
CREATE TRIGGER tally_package AFTER INSERT ON package
BEGIN
    INSERT INTO operation_tally (operation, packages, unread, held)
        VALUES (new.operation, 1, new.state = 'sent', new.state = 'held')
        ON CONFLICT (operation) DO UPDATE SET packages = packages + 1, unread = unread + excluded.unread,
        held = held + excluded.held;
END;
CREATE TRIGGER tally_package_state AFTER UPDATE OF state ON package WHEN new.state <> old.state
BEGIN
    UPDATE operation_tally SET unread = unread + (new.state = 'sent') - (old.state = 'sent'),
        held = held + (new.state = 'held') - (old.state = 'held') WHERE operation = new.operation;
END;

CREATE TABLE clock_tally (                  -- running clocks by when they fall due, so that what is late is a short sum
    operation INTEGER NOT NULL, agency INTEGER NOT NULL,
    minute    INTEGER NOT NULL,             -- since 1970, rounded up: all of it is late once this minute has begun
    running   INTEGER NOT NULL, paused INTEGER NOT NULL, -- running counts the paused too
    PRIMARY KEY (operation, agency, minute)
) STRICT, WITHOUT ROWID;
INSERT INTO clock_tally (operation, agency, minute, running, paused)
    SELECT operation, agency, (due + 59999999) / 60000000, count(*), count(paused_at) FROM clock WHERE stopped IS NULL
    GROUP BY 1, 2, 3;
CREATE TRIGGER tally_clock AFTER INSERT ON clock WHEN new.stopped IS NULL
BEGIN
    INSERT INTO clock_tally (operation, agency, minute, running, paused)
        VALUES (new.operation, new.agency, (new.due + 59999999) / 60000000, 1, new.paused_at IS NOT NULL)
        ON CONFLICT (operation, agency, minute) DO UPDATE SET running = running + 1, paused = paused + excluded.paused;
END;
CREATE TRIGGER tally_clock_change AFTER UPDATE OF operation, agency, due, paused_at, stopped ON clock WHEN old.stopped IS NULL
BEGIN
    UPDATE clock_tally SET running = running - 1, paused = paused - (old.paused_at IS NOT NULL)
        WHERE operation = old.operation AND agency = old.agency AND minute = (old.due + 59999999) / 60000000;
    DELETE FROM clock_tally
        WHERE operation = old.operation AND agency = old.agency AND minute = (old.due + 59999999) / 60000000 AND running = 0;
    INSERT INTO clock_tally (operation, agency, minute, running, paused)
        SELECT new.operation, new.agency, (new.due + 59999999) / 60000000, 1, new.paused_at IS NOT NULL
        WHERE new.stopped IS NULL
        ON CONFLICT (operation, agency, minute) DO UPDATE SET running = running + 1, paused = paused + excluded.paused;
END;
