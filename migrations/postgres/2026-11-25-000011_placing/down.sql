ALTER TABLE resources DROP COLUMN live_since;

DELETE FROM schedules WHERE deed = 'place';
DROP INDEX schedules_offer;
ALTER TABLE schedules DROP COLUMN offer_id;

-- What was accepted for later waits for a decision again.
UPDATE offers SET state = 'open', decided_by = NULL, decided_at = NULL WHERE state = 'scheduled';
DROP INDEX offers_unsettled;
CREATE UNIQUE INDEX offers_undecided ON offers (resource_id, channel_id) WHERE state IN ('open', 'reviewing');
ALTER TABLE offers DROP COLUMN title_prefix;
ALTER TABLE offers DROP COLUMN slug;
