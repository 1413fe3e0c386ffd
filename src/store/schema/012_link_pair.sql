-- What weighing found between two records, and what people decided of it. Weights are in thousandths of a bit.
CREATE TABLE link_pair (
    id INTEGER PRIMARY KEY,                 -- seq of the first link.suggested about these two
    operation INTEGER NOT NULL,
    a INTEGER NOT NULL, b INTEGER NOT NULL, -- nominals as they were opened, a < b: a record keeps its sightings through merges
    top_a INTEGER NOT NULL, top_b INTEGER NOT NULL, -- the nominals that a and b belong to now
    weight INTEGER NOT NULL, prior INTEGER NOT NULL, withheld INTEGER NOT NULL, overlap INTEGER NOT NULL,
    doubt INTEGER NOT NULL,                 -- 0..1000: 1000 is even odds, what an answer would tell most about
    model TEXT NOT NULL,                    -- name and version of the model that weighed it
    outcome TEXT NOT NULL,                  -- link | review | none: what the thresholds of the day said
    aspects TEXT NOT NULL,                  -- JSON [{aspect,level,says,grade,bits,term}]
    reason TEXT NOT NULL,                   -- one sentence
    state TEXT NOT NULL,                    -- open | same | different | cannot-say
    decided INTEGER,                        -- link_decision.id in force
    entry INTEGER NOT NULL                  -- seq of the link.suggested that it stands for now
) STRICT;
CREATE UNIQUE INDEX link_pair_records ON link_pair (a, b);
CREATE INDEX link_pair_b ON link_pair (b);
CREATE INDEX link_pair_top_a ON link_pair (top_a); CREATE INDEX link_pair_top_b ON link_pair (top_b);
CREATE INDEX link_pair_open ON link_pair (operation, id) WHERE state = 'open' AND outcome <> 'none';
CREATE TABLE link_decision (
    id INTEGER PRIMARY KEY,                 -- seq of link.decided
    pair INTEGER NOT NULL, one INTEGER NOT NULL, two INTEGER NOT NULL, -- the nominals that were compared
    answer TEXT NOT NULL,                   -- same | different | cannot-say
    reason TEXT NOT NULL, person INTEGER NOT NULL, at INTEGER NOT NULL,
    weight INTEGER NOT NULL, model TEXT NOT NULL, -- as shown to the person who decided
    state_before TEXT NOT NULL, decided_before INTEGER, -- of the pair: given back when undone
    undone_by INTEGER
) STRICT;
CREATE INDEX link_decision_pair ON link_decision (pair);
CREATE TABLE link_weighed (                 -- how far weighing has come
    operation INTEGER PRIMARY KEY, upto INTEGER NOT NULL, -- entry seq: every link up to it was weighed
    model TEXT NOT NULL, records INTEGER NOT NULL, pairs INTEGER NOT NULL -- in all
) STRICT;
ALTER TABLE merge ADD COLUMN decision INTEGER;           -- link_decision.id it carries out; NULL: none
ALTER TABLE merge ADD COLUMN pair INTEGER;               -- link_pair.id that led to it by itself; NULL: none
CREATE INDEX merge_decision ON merge (decision) WHERE decision IS NOT NULL;
CREATE INDEX link_undone ON link (undone_by) WHERE undone_by IS NOT NULL; -- records to weigh again
