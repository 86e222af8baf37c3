DELETE FROM reviews WHERE submission_id IN (SELECT id FROM submissions WHERE offer_id IS NOT NULL);
DELETE FROM submissions WHERE offer_id IS NOT NULL;
ALTER TABLE submissions DROP COLUMN offer_id;
DROP TABLE offers;
DROP INDEX resources_published;
ALTER TABLE placements DROP COLUMN removed;
ALTER TABLE placements DROP COLUMN title_prefix;
ALTER TABLE placements DROP COLUMN slug;
ALTER TABLE placements DROP COLUMN origin;
ALTER TABLE channels DROP COLUMN open_to_offers;
UPDATE placements SET subscription_id = NULL WHERE subscription_id NOT IN (
    SELECT min(id) FROM subscriptions WHERE from_channel_id IS NOT NULL GROUP BY channel_id, from_channel_id
);
DELETE FROM subscriptions WHERE id NOT IN (
    SELECT min(id) FROM subscriptions WHERE from_channel_id IS NOT NULL GROUP BY channel_id, from_channel_id
);
DROP INDEX subscriptions_lead;
DROP INDEX subscriptions_channel;
ALTER TABLE subscriptions DROP COLUMN lead;
ALTER TABLE subscriptions DROP COLUMN acceptance;
ALTER TABLE subscriptions DROP COLUMN tags;
ALTER TABLE subscriptions DROP COLUMN kind;
ALTER TABLE subscriptions DROP COLUMN theme_class;
ALTER TABLE subscriptions DROP COLUMN from_agency_id;
ALTER TABLE subscriptions DROP COLUMN from_site_id;
ALTER TABLE subscriptions ALTER COLUMN from_channel_id SET NOT NULL;
ALTER TABLE subscriptions ADD CONSTRAINT subscriptions_channel_id_from_channel_id_key UNIQUE (channel_id, from_channel_id);
CREATE INDEX subscriptions_from ON subscriptions (from_channel_id);
