-- 上级账号关联: whom a service means is one of our people. What it calls them by is sealed; it is looked for by its mark. Beside it what its
-- groups brought them, so that it can be taken back; and of a sign-in that waits for the second factor, through which service it came.
CREATE TABLE upstream_links (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    upstream_id BIGINT NOT NULL REFERENCES upstreams (id),
    user_id BIGINT NOT NULL REFERENCES users (id),
    subject_sealed TEXT NOT NULL,
    subject_mark TEXT NOT NULL,
    linked_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP,
    UNIQUE (upstream_id, user_id),
    UNIQUE (upstream_id, subject_mark)
);
CREATE INDEX upstream_links_user ON upstream_links (user_id);

CREATE TABLE upstream_grants (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    link_id BIGINT NOT NULL REFERENCES upstream_links (id) ON DELETE CASCADE,
    role_id BIGINT NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    site_id BIGINT REFERENCES sites (id)
);
CREATE INDEX upstream_grants_link ON upstream_grants (link_id);
CREATE INDEX upstream_grants_role ON upstream_grants (role_id);
CREATE INDEX upstream_grants_site ON upstream_grants (site_id);

ALTER TABLE begun_sign_ins ADD COLUMN via TEXT;
