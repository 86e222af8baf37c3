-- Watching over published pages: alarms, who sweeps and how far; old addresses that lead to new ones; and how often pages are seen.
CREATE TABLE alarms (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    site_id BIGINT REFERENCES sites (id),
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    expected TEXT,
    found TEXT,
    kept TEXT,
    raised_at TIMESTAMP NOT NULL,
    restored_at TIMESTAMP,
    seen_by BIGINT REFERENCES users (id),
    seen_at TIMESTAMP
);
CREATE INDEX alarms_unrestored ON alarms (name) WHERE restored_at IS NULL;
CREATE INDEX alarms_unseen ON alarms (id) WHERE seen_at IS NULL;

CREATE TABLE sweeps (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    lease_until TIMESTAMP NOT NULL,
    position BIGINT NOT NULL,
    begun_at TIMESTAMP,
    finished_at TIMESTAMP
) WITHOUT ROWID;

CREATE TABLE redirects (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    site_id BIGINT NOT NULL REFERENCES sites (id),
    path TEXT NOT NULL,
    query TEXT NOT NULL,
    target TEXT NOT NULL,
    created_by BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (site_id, path, query)
);

CREATE TABLE page_views (
    site_id BIGINT NOT NULL REFERENCES sites (id),
    path TEXT NOT NULL,
    day DATE NOT NULL,
    views BIGINT NOT NULL,
    PRIMARY KEY (site_id, path, day)
) WITHOUT ROWID;
CREATE INDEX page_views_day ON page_views (site_id, day);
