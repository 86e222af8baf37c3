-- 站点状态: one row a change, never altered; the latest of a site is how it stands. A site without a row is open.
CREATE TABLE site_states (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    site_id BIGINT NOT NULL REFERENCES sites (id),
    state TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    basis TEXT NOT NULL,
    until_at TIMESTAMP,
    moved_to TEXT NOT NULL,
    created_by BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX site_states_site ON site_states (site_id, id);
