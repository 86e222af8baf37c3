-- 上级认证: identity services of the province or the city through which our people may sign in, and what their groups hold here.
CREATE TABLE upstreams (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    issuer TEXT NOT NULL,
    client TEXT NOT NULL,
    secret_sealed TEXT,
    scopes TEXT NOT NULL,
    claim TEXT NOT NULL,
    is_open BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE upstream_rules (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    upstream_id BIGINT NOT NULL REFERENCES upstreams (id),
    value TEXT NOT NULL,
    role_id BIGINT NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    site_id BIGINT REFERENCES sites (id)
);
CREATE INDEX upstream_rules_upstream ON upstream_rules (upstream_id);
CREATE INDEX upstream_rules_role ON upstream_rules (role_id);
CREATE INDEX upstream_rules_site ON upstream_rules (site_id);

-- Who was sent there and may come back, once. Nothing here opens anything: the secret that all of it is made from is with the browser.
CREATE TABLE upstream_requests (
    state_hash TEXT PRIMARY KEY NOT NULL,
    upstream_id BIGINT NOT NULL REFERENCES upstreams (id),
    redirect TEXT NOT NULL,
    errand TEXT NOT NULL,
    begun_at TIMESTAMP NOT NULL
);
CREATE INDEX upstream_requests_begun ON upstream_requests (begun_at);
