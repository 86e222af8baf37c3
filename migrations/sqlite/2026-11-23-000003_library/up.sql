-- The library: resources, their immutable revisions, where they are shown, and the reviews they passed.
CREATE TABLE resources (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    public_id TEXT NOT NULL UNIQUE,
    site_id BIGINT NOT NULL REFERENCES sites (id),
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    agency_id BIGINT NOT NULL REFERENCES agencies (id),
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    work TEXT NOT NULL,
    live_revision_id BIGINT,
    latest_revision_id BIGINT,
    index_number TEXT UNIQUE,
    version BIGINT NOT NULL,
    created_by BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    published_at TIMESTAMP
);
CREATE INDEX resources_work ON resources (site_id, work, updated_at);
CREATE INDEX resources_state ON resources (site_id, state, updated_at);

CREATE TABLE revisions (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    resource_id BIGINT NOT NULL REFERENCES resources (id),
    number BIGINT NOT NULL,
    title TEXT NOT NULL,
    subtitle TEXT NOT NULL,
    summary TEXT NOT NULL,
    body TEXT NOT NULL,
    source TEXT NOT NULL,
    author TEXT NOT NULL,
    editor TEXT NOT NULL,
    keywords TEXT NOT NULL,
    document_number TEXT,
    issuing_bodies TEXT NOT NULL,
    written_on DATE,
    effective_on DATE,
    theme_class TEXT,
    validity TEXT,
    superseded_by BIGINT,
    created_by BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (resource_id, number)
);
CREATE TRIGGER revisions_no_update BEFORE UPDATE ON revisions
BEGIN
    SELECT RAISE(ABORT, 'revisions are immutable');
END;
CREATE TRIGGER revisions_no_delete BEFORE DELETE ON revisions
BEGIN
    SELECT RAISE(ABORT, 'revisions are immutable');
END;

CREATE TABLE placements (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    resource_id BIGINT NOT NULL REFERENCES resources (id),
    site_id BIGINT NOT NULL REFERENCES sites (id),
    channel_id BIGINT NOT NULL REFERENCES channels (id),
    path TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    site_sequence BIGINT NOT NULL,
    subscription_id BIGINT REFERENCES subscriptions (id),
    published_at TIMESTAMP NOT NULL,
    live BOOLEAN NOT NULL,
    UNIQUE (resource_id, channel_id),
    UNIQUE (site_id, path)
);
CREATE INDEX placements_channel ON placements (channel_id, live, sequence);
CREATE INDEX placements_site ON placements (site_id, live, published_at);
CREATE INDEX placements_map ON placements (site_id, site_sequence);

CREATE TABLE submissions (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    resource_id BIGINT NOT NULL REFERENCES resources (id),
    revision_id BIGINT NOT NULL REFERENCES revisions (id),
    steps TEXT NOT NULL,
    step INTEGER NOT NULL,
    state TEXT NOT NULL,
    submitted_by BIGINT NOT NULL,
    submitted_at TIMESTAMP NOT NULL,
    closed_at TIMESTAMP
);
CREATE INDEX submissions_resource ON submissions (resource_id, id);

CREATE TABLE reviews (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    submission_id BIGINT NOT NULL REFERENCES submissions (id),
    step INTEGER NOT NULL,
    step_name TEXT NOT NULL,
    reviewer_id BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    reviewed_at TIMESTAMP NOT NULL,
    UNIQUE (submission_id, step)
);

-- The last serial of 索引号 issued to an agency in a year.
CREATE TABLE index_serials (
    agency_id BIGINT NOT NULL REFERENCES agencies (id),
    year INTEGER NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (agency_id, year)
);

-- What was brought in from where, so that a second import changes nothing.
CREATE TABLE imports (
    site_id BIGINT NOT NULL REFERENCES sites (id),
    source TEXT NOT NULL,
    resource_id BIGINT NOT NULL REFERENCES resources (id),
    hash TEXT NOT NULL,
    imported_at TIMESTAMP NOT NULL,
    PRIMARY KEY (site_id, source)
);
