ALTER TABLE submissions DROP COLUMN handed_to;
