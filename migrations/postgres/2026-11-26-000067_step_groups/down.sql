ALTER TABLE submissions DROP COLUMN group_id;
