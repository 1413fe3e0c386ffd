-- Viral bundles: people of whom nothing is known but that they passed on a file which the senders themselves
-- call viral. One of them stands in the queue for all; nobody with a sign of a child at risk stands behind another.
ALTER TABLE nominal ADD COLUMN bundle TEXT;                     -- "md5:..." of that file; NULL: anything else is known of them
ALTER TABLE nominal ADD COLUMN behind INTEGER NOT NULL DEFAULT 0; -- 1: another of the bundle stands in the queue for them
-- May stand behind another, or for others: work has not begun, nobody has decided about them, no sign of a child,
-- no band above medium.
ALTER TABLE nominal ADD COLUMN folds INTEGER GENERATED ALWAYS AS (bundle IS NOT NULL AND merged_into IS NULL
    AND stage IN ('reported', 'at-address') AND status = 'reported' AND band = '' AND band_rank <= 2 AND access <> 'yes'
    AND children = 0 AND registered = 0 AND position_of_trust = 0 AND restricted = 0) VIRTUAL;

-- Forces see their own people only, so a bundle is of one force, or of those with none yet.
CREATE INDEX nominal_bundle ON nominal (operation, coalesce(force, 0), bundle, band_rank DESC, risk_points DESC, id) WHERE folds = 1;
CREATE INDEX nominal_bundle_lead ON nominal (operation, coalesce(force, 0), bundle) WHERE folds = 1 AND behind = 0;
CREATE INDEX nominal_line ON nominal (operation, band_rank DESC, risk_points DESC, id) WHERE merged_into IS NULL AND behind = 0;
DROP INDEX nominal_force;
CREATE INDEX nominal_force ON nominal (force, band_rank DESC, risk_points DESC, id) WHERE merged_into IS NULL AND behind = 0;

-- Whatever changes a person, the most serious of the bundle stands for it: both of the bundle that they leave and of the
-- one that they join. What is written follows from the table alone, so a replay gives the same.
CREATE TRIGGER nominal_bundle_moved AFTER UPDATE OF bundle, force, merged_into, stage, status, band, band_rank, risk_points,
    access, children, registered, position_of_trust, restricted ON nominal
    WHEN old.bundle IS NOT NULL OR new.bundle IS NOT NULL
BEGIN
    UPDATE nominal SET behind = 0 WHERE id = new.id AND behind = 1 AND folds = 0;
    UPDATE nominal SET behind = 0 WHERE behind = 1 AND id = (SELECT t.id FROM nominal t WHERE t.operation = old.operation
        AND coalesce(t.force, 0) = coalesce(old.force, 0) AND t.bundle = old.bundle AND t.folds = 1
        ORDER BY t.band_rank DESC, t.risk_points DESC, t.id LIMIT 1);
    UPDATE nominal SET behind = 0 WHERE behind = 1 AND id = (SELECT t.id FROM nominal t WHERE t.operation = new.operation
        AND coalesce(t.force, 0) = coalesce(new.force, 0) AND t.bundle = new.bundle AND t.folds = 1
        ORDER BY t.band_rank DESC, t.risk_points DESC, t.id LIMIT 1);
    UPDATE nominal SET behind = 1 WHERE operation = new.operation AND coalesce(force, 0) = coalesce(new.force, 0)
        AND bundle = new.bundle AND folds = 1 AND behind = 0
        AND id <> (SELECT t.id FROM nominal t WHERE t.operation = new.operation
            AND coalesce(t.force, 0) = coalesce(new.force, 0) AND t.bundle = new.bundle AND t.folds = 1
            ORDER BY t.band_rank DESC, t.risk_points DESC, t.id LIMIT 1);
END;

-- The bundle of each person: of every report of them, its sender says that it is about a viral file, and no child is
-- named in it; the least of the files' digests names the bundle.
CREATE VIEW bundle_of AS SELECT n.id AS id, CASE WHEN EXISTS (SELECT 1 FROM sighting s JOIN referral r ON r.id = s.referral
        WHERE s.nominal = n.id AND (r.bundled = 0 OR r.priority_reason IS NOT NULL
            OR EXISTS (SELECT 1 FROM sighting v WHERE v.referral = r.id AND v.role = 'victim')))
    THEN NULL ELSE (SELECT min(h.kind || ':' || h.value) FROM sighting s JOIN file_hash h ON h.referral = s.referral
        AND (h.sighting IS NULL OR h.sighting = s.id) WHERE s.nominal = n.id AND h.kind IN ('md5', 'sha1', 'sha256')) END AS bundle
    FROM nominal n;
-- Where a report and its files come apart, people may be linked before their files are here.
CREATE TRIGGER bundle_file AFTER INSERT ON file_hash
    WHEN EXISTS (SELECT 1 FROM sighting s WHERE s.referral = new.referral AND s.nominal IS NOT NULL)
BEGIN
    UPDATE nominal SET bundle = (SELECT b.bundle FROM bundle_of b WHERE b.id = nominal.id)
        WHERE id IN (SELECT s.nominal FROM sighting s WHERE s.referral = new.referral);
END;

UPDATE nominal SET bundle = (SELECT b.bundle FROM bundle_of b WHERE b.id = nominal.id);
