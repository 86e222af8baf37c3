-- Sharing across sites: standing queries with criteria, offers, and what a site may say of a placement of its own.

-- A rebuilt table: its rows are back before the transaction ends, so placements never point at nothing.
PRAGMA defer_foreign_keys = ON;
CREATE TEMPORARY TABLE kept AS SELECT id, channel_id, from_channel_id FROM subscriptions;
DROP TABLE subscriptions;
CREATE TABLE subscriptions (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    from_site_id BIGINT REFERENCES sites (id),
    from_agency_id BIGINT REFERENCES agencies (id),
    from_channel_id BIGINT REFERENCES channels (id),
    theme_class TEXT,
    kind TEXT,
    tags TEXT NOT NULL,
    acceptance TEXT NOT NULL,
    -- The first of its criteria: what a publication finds it by.
    lead TEXT NOT NULL
);
INSERT INTO subscriptions (id, channel_id, from_channel_id, tags, acceptance, lead)
    SELECT id, channel_id, from_channel_id, '[]', 'automatic', 'channel:' || from_channel_id FROM kept;
DROP TABLE kept;
CREATE INDEX subscriptions_lead ON subscriptions (lead);
CREATE INDEX subscriptions_channel ON subscriptions (channel_id);

ALTER TABLE channels ADD COLUMN open_to_offers BOOLEAN NOT NULL DEFAULT FALSE;

ALTER TABLE placements ADD COLUMN origin TEXT NOT NULL DEFAULT 'own';
ALTER TABLE placements ADD COLUMN slug TEXT;
ALTER TABLE placements ADD COLUMN title_prefix TEXT NOT NULL DEFAULT '';
ALTER TABLE placements ADD COLUMN removed BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE placements SET origin = 'subscription'
    WHERE subscription_id IS NOT NULL OR site_id <> (SELECT site_id FROM resources WHERE resources.id = placements.resource_id);

-- What a new standing query walks through.
CREATE INDEX resources_published ON resources (published_at, id);

CREATE TABLE offers (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    resource_id BIGINT NOT NULL REFERENCES resources (id),
    from_site_id BIGINT NOT NULL REFERENCES sites (id),
    site_id BIGINT NOT NULL REFERENCES sites (id),
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    origin TEXT NOT NULL,
    subscription_id BIGINT REFERENCES subscriptions (id),
    state TEXT NOT NULL,
    note TEXT NOT NULL,
    reason TEXT NOT NULL,
    offered_by BIGINT NOT NULL,
    offered_at TIMESTAMP NOT NULL,
    decided_by BIGINT,
    decided_at TIMESTAMP
);
CREATE INDEX offers_received ON offers (site_id, state, id);
CREATE INDEX offers_sent ON offers (from_site_id, id);
CREATE INDEX offers_resource ON offers (resource_id, id);
CREATE INDEX offers_subscription ON offers (subscription_id);
CREATE UNIQUE INDEX offers_undecided ON offers (resource_id, channel_id) WHERE state IN ('open', 'reviewing');

-- A submission of a receiving site's own review names the offer it is about.
ALTER TABLE submissions ADD COLUMN offer_id BIGINT REFERENCES offers (id);
CREATE INDEX submissions_offer ON submissions (offer_id) WHERE offer_id IS NOT NULL;
