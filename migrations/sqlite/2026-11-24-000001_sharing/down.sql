DELETE FROM reviews WHERE submission_id IN (SELECT id FROM submissions WHERE offer_id IS NOT NULL);
DELETE FROM submissions WHERE offer_id IS NOT NULL;
DROP INDEX submissions_offer;
ALTER TABLE submissions DROP COLUMN offer_id;
DROP TABLE offers;
DROP INDEX resources_published;
ALTER TABLE placements DROP COLUMN removed;
ALTER TABLE placements DROP COLUMN title_prefix;
ALTER TABLE placements DROP COLUMN slug;
ALTER TABLE placements DROP COLUMN origin;
ALTER TABLE channels DROP COLUMN open_to_offers;
UPDATE placements SET subscription_id = NULL
    WHERE subscription_id IN (SELECT id FROM subscriptions WHERE from_channel_id IS NULL);
DELETE FROM subscriptions WHERE from_channel_id IS NULL;
PRAGMA defer_foreign_keys = ON;
CREATE TEMPORARY TABLE kept AS SELECT id, channel_id, from_channel_id FROM subscriptions;
DROP TABLE subscriptions;
CREATE TABLE subscriptions (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    from_channel_id BIGINT NOT NULL REFERENCES channels (id),
    UNIQUE (channel_id, from_channel_id)
);
INSERT OR IGNORE INTO subscriptions (id, channel_id, from_channel_id) SELECT id, channel_id, from_channel_id FROM kept;
UPDATE placements SET subscription_id = NULL WHERE subscription_id NOT IN (SELECT id FROM subscriptions);
DROP TABLE kept;
CREATE INDEX subscriptions_from ON subscriptions (from_channel_id);
