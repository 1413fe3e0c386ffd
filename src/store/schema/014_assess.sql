-- A referral that reports nobody leads to no nominal, so it needs an owner and a clock of its own.
ALTER TABLE referral ADD COLUMN nobody INTEGER NOT NULL DEFAULT 0;     -- it reported no person when it was taken in
ALTER TABLE referral ADD COLUMN outcome TEXT;                          -- of its assessment: link/assess.c lists them
ALTER TABLE referral ADD COLUMN outcome_reason TEXT;
UPDATE referral SET nobody = NOT EXISTS (SELECT 1 FROM sighting s WHERE s.referral = referral.id AND s.role = 'reported')
    WHERE merged_into IS NULL AND source IN ('hotline', 'list', 'footprint');
CREATE INDEX referral_nobody ON referral (id) WHERE nobody = 1 AND merged_into IS NULL AND outcome IS NULL;
