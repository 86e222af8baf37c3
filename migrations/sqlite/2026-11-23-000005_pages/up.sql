-- Every public address, what it read when it was rendered, and the receipts of publications.
CREATE TABLE pages (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    site_id BIGINT NOT NULL REFERENCES sites (id),
    path TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject BIGINT NOT NULL,
    part BIGINT NOT NULL,
    state TEXT NOT NULL,
    moved_to TEXT,
    due BIGINT NOT NULL,
    version BIGINT NOT NULL,
    hash TEXT,
    written_at TIMESTAMP,
    failure TEXT,
    UNIQUE (site_id, path)
);
CREATE INDEX pages_subject ON pages (kind, subject, part);
CREATE INDEX pages_due ON pages (id) WHERE due > version;
CREATE INDEX pages_written ON pages (written_at);

CREATE TABLE page_keys (
    key TEXT NOT NULL,
    page_id BIGINT NOT NULL REFERENCES pages (id),
    PRIMARY KEY (key, page_id)
) WITHOUT ROWID;
CREATE INDEX page_keys_page ON page_keys (page_id);

CREATE TABLE publications (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    event_id BIGINT NOT NULL UNIQUE REFERENCES events (id),
    site_id BIGINT NOT NULL REFERENCES sites (id),
    resource_id BIGINT NOT NULL REFERENCES resources (id),
    revision_id BIGINT NOT NULL REFERENCES revisions (id),
    kind TEXT NOT NULL,
    actor_id BIGINT,
    reason TEXT NOT NULL,
    requested_at TIMESTAMP NOT NULL,
    resolved_at TIMESTAMP,
    completed_at TIMESTAMP
);
CREATE INDEX publications_resource ON publications (resource_id, id);
CREATE INDEX publications_site ON publications (site_id, id);

CREATE TABLE receipt_pages (
    publication_id BIGINT NOT NULL REFERENCES publications (id),
    page_id BIGINT NOT NULL REFERENCES pages (id),
    event_id BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    live_at TIMESTAMP,
    verified BOOLEAN,
    PRIMARY KEY (publication_id, page_id)
);
CREATE INDEX receipt_pages_pending ON receipt_pages (page_id) WHERE outcome = 'pending';
