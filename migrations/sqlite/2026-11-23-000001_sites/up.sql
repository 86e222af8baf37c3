-- Sites, the agencies that run them, their channels, and the standing queries between channels.
CREATE TABLE agencies (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    phone TEXT NOT NULL,
    address TEXT NOT NULL,
    postcode TEXT NOT NULL,
    email TEXT NOT NULL
);

CREATE TABLE sites (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    agency_id BIGINT NOT NULL REFERENCES agencies (id),
    name TEXT NOT NULL,
    short_name TEXT NOT NULL,
    domain TEXT NOT NULL UNIQUE,
    site_code TEXT NOT NULL UNIQUE,
    icp_number TEXT NOT NULL,
    police_number TEXT NOT NULL,
    conac_url TEXT NOT NULL,
    theme TEXT NOT NULL,
    settings TEXT NOT NULL,
    files_hash TEXT NOT NULL,
    last_sequence BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

CREATE TABLE site_hosts (
    host TEXT PRIMARY KEY NOT NULL,
    site_id BIGINT NOT NULL REFERENCES sites (id)
);

CREATE TABLE themes (
    name TEXT PRIMARY KEY NOT NULL,
    files_hash TEXT NOT NULL
);

CREATE TABLE channels (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    site_id BIGINT NOT NULL REFERENCES sites (id),
    parent_id BIGINT REFERENCES channels (id),
    key TEXT NOT NULL,
    path TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    keywords TEXT NOT NULL,
    kind TEXT NOT NULL,
    update_cycle_days INTEGER NOT NULL,
    resource_kind TEXT NOT NULL,
    steps TEXT NOT NULL,
    page_size INTEGER NOT NULL,
    navigation BOOLEAN NOT NULL,
    position INTEGER NOT NULL,
    retired BOOLEAN NOT NULL,
    last_sequence BIGINT NOT NULL,
    UNIQUE (site_id, key),
    UNIQUE (site_id, path)
);

CREATE TABLE subscriptions (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    from_channel_id BIGINT NOT NULL REFERENCES channels (id),
    UNIQUE (channel_id, from_channel_id)
);
CREATE INDEX subscriptions_from ON subscriptions (from_channel_id);

-- The working-day calendar, one row a year; exceptions to the weekend rule as JSON.
CREATE TABLE calendar_years (
    year INTEGER PRIMARY KEY NOT NULL,
    exceptions TEXT NOT NULL
);
