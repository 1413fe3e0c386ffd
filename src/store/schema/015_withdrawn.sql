-- Why an attribution was withdrawn, beside it: the people who relied on it read the reason with their own record.
ALTER TABLE attribution ADD COLUMN withdrawn_why TEXT;
ALTER TABLE attribution ADD COLUMN withdrawn_at INTEGER;               -- UTC microseconds
