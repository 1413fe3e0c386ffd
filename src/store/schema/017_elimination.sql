-- People found to have nothing to do with it: out of the queue, of searches and of published counts; every fact about
-- them stays. A second person has to agree, since it ends protection; anything new about them takes it back by itself.
CREATE TABLE elimination (
    id INTEGER NOT NULL,                    -- entry seq of elimination.proposed, or of the nominal.unmerged that gave it back
    nominal INTEGER NOT NULL,
    at INTEGER NOT NULL, person INTEGER NOT NULL, reason TEXT NOT NULL, -- who proposed it, and why
    status_before TEXT NOT NULL,            -- given back with it
    second INTEGER,                         -- person who answered
    decided INTEGER,                        -- entry seq since when it holds
    refused INTEGER,                        -- entry seq that ended the proposal otherwise
    undone_by INTEGER,                      -- entry seq: nominal.reinstated, or what was learned since (linked, merged)
    PRIMARY KEY (id, nominal)) STRICT, WITHOUT ROWID;
CREATE INDEX elimination_nominal ON elimination (nominal, id);

-- They leave the counts of the national picture (store/schema/008), too.
DROP TRIGGER tally_nominal_change;
CREATE TRIGGER tally_nominal_change AFTER UPDATE OF merged_into, band, force, stage, status ON nominal
    WHEN (new.merged_into IS NULL) <> (old.merged_into IS NULL) OR (new.band = '') <> (old.band = '')
    OR (new.force IS NULL) <> (old.force IS NULL) OR (new.stage = 'closed') <> (old.stage = 'closed')
    OR (new.status = 'eliminated') <> (old.status = 'eliminated')
BEGIN
    UPDATE operation_tally SET
        nominals = nominals + (new.merged_into IS NULL AND new.status <> 'eliminated')
            - (old.merged_into IS NULL AND old.status <> 'eliminated'),
        to_review = to_review + (new.merged_into IS NULL AND new.status <> 'eliminated' AND new.band = '')
            - (old.merged_into IS NULL AND old.status <> 'eliminated' AND old.band = ''),
        at_address = at_address + (new.merged_into IS NULL AND new.status <> 'eliminated' AND new.force IS NOT NULL)
            - (old.merged_into IS NULL AND old.status <> 'eliminated' AND old.force IS NOT NULL),
        closed = closed + (new.merged_into IS NULL AND new.status <> 'eliminated' AND new.stage = 'closed')
            - (old.merged_into IS NULL AND old.status <> 'eliminated' AND old.stage = 'closed')
        WHERE operation = new.operation;
END;
