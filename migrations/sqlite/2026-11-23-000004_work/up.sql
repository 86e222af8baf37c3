-- What changed, and what is still to be done about it.
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind TEXT NOT NULL,
    site_id BIGINT,
    resource_id BIGINT,
    actor_id BIGINT,
    keys TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    lane TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    run_at TIMESTAMP NOT NULL,
    lease_until TIMESTAMP,
    worker TEXT,
    error TEXT,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX jobs_waiting ON jobs (state, lane, run_at);
