-- Who is editing a resource now, until when they need not say so again.
CREATE TABLE edit_leases (
    resource_id BIGINT NOT NULL PRIMARY KEY REFERENCES resources (id),
    site_id BIGINT NOT NULL REFERENCES sites (id),
    user_id BIGINT NOT NULL REFERENCES users (id),
    sheet TEXT NOT NULL,
    since TIMESTAMP NOT NULL,
    lease_until TIMESTAMP NOT NULL
);
