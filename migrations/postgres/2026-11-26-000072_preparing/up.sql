-- 筹备中: a channel that the public is not shown yet, and what is placed in it until it is. What was there before is live.
ALTER TABLE channels ADD COLUMN preparing BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE placements ADD COLUMN waits BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX placements_waiting ON placements (channel_id) WHERE waits;
