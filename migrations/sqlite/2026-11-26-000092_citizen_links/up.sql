-- Services above us vouch for our own people or for citizens. Of citizens they say how well it is known who they are (实名等级), by what stands in a
-- claim; each link keeps what its service says of its citizen.
ALTER TABLE upstreams ADD COLUMN clientele TEXT NOT NULL DEFAULT 'staff';

CREATE TABLE upstream_levels (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    upstream_id BIGINT NOT NULL REFERENCES upstreams (id),
    value TEXT NOT NULL,
    level TEXT NOT NULL,
    UNIQUE (upstream_id, value)
);

CREATE TABLE citizen_links (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    upstream_id BIGINT NOT NULL REFERENCES upstreams (id),
    citizen_id BIGINT NOT NULL REFERENCES citizens (id),
    subject_sealed TEXT NOT NULL,
    subject_mark TEXT NOT NULL,
    level TEXT NOT NULL DEFAULT 'none',
    linked_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP,
    UNIQUE (upstream_id, citizen_id),
    UNIQUE (upstream_id, subject_mark)
);
CREATE INDEX citizen_links_citizen ON citizen_links (citizen_id);

-- Whom a service means who is linked with nobody yet: kept for minutes, for the browser that brought it, and from the moment it is shown for
-- the citizen who is signed in there.
CREATE TABLE pending_links (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    upstream_id BIGINT NOT NULL REFERENCES upstreams (id),
    citizen_id BIGINT REFERENCES citizens (id),
    subject_sealed TEXT NOT NULL,
    level TEXT NOT NULL,
    begun_at TIMESTAMP NOT NULL
);
CREATE INDEX pending_links_upstream ON pending_links (upstream_id);
CREATE INDEX pending_links_citizen ON pending_links (citizen_id);
CREATE INDEX pending_links_begun ON pending_links (begun_at);
