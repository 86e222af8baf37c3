-- What is in preparation must not become public: its channels are retired. What waits in them is forgotten, and must be approved anew.
UPDATE channels SET retired = TRUE WHERE preparing;
DROP INDEX placements_waiting;
ALTER TABLE placements DROP COLUMN waits;
ALTER TABLE channels DROP COLUMN preparing;
