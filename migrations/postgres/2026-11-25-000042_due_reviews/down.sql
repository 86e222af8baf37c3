ALTER TABLE submissions DROP COLUMN due_at;
ALTER TABLE submissions DROP COLUMN hours;
ALTER TABLE submissions DROP COLUMN urgent;
