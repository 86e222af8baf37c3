-- Offers accepted for a later second, with the address and prefix they are to have then; and since when a resource's live
-- revision is live.
ALTER TABLE offers ADD COLUMN slug TEXT NOT NULL DEFAULT '';
ALTER TABLE offers ADD COLUMN title_prefix TEXT NOT NULL DEFAULT '';
-- What is accepted for later is not offered to the same channel again.
DROP INDEX offers_undecided;
CREATE UNIQUE INDEX offers_unsettled ON offers (resource_id, channel_id) WHERE state IN ('open', 'reviewing', 'scheduled');

ALTER TABLE schedules ADD COLUMN offer_id BIGINT REFERENCES offers (id);
CREATE INDEX schedules_offer ON schedules (offer_id) WHERE offer_id IS NOT NULL;

ALTER TABLE resources ADD COLUMN live_since TIMESTAMP;
UPDATE resources SET live_since = (
    SELECT max(requested_at) FROM publications
    WHERE publications.resource_id = resources.id AND publications.kind = 'publication'
) WHERE live_revision_id IS NOT NULL;
