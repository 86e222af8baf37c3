DROP INDEX placements_waiting;
ALTER TABLE placements DROP COLUMN waits;
ALTER TABLE channels DROP COLUMN preparing;
