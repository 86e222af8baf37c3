DROP INDEX annotations_offer;
ALTER TABLE annotations DROP COLUMN offer_id;
ALTER TABLE submissions DROP COLUMN group_id;
