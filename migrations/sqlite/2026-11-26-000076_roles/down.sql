CREATE TABLE grants_by_word (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id),
    role TEXT NOT NULL,
    site_id BIGINT REFERENCES sites (id)
);
-- Roles that there were none of before are lost, but for who runs the platform.
INSERT INTO grants_by_word (id, user_id, role, site_id)
    SELECT id, user_id, CASE role_id WHEN 1 THEN 'editor' WHEN 2 THEN 'reviewer' WHEN 4 THEN 'auditor' ELSE 'administrator' END, site_id
    FROM grants WHERE role_id <= 5 AND channel_id IS NULL;
DROP TABLE grants;
ALTER TABLE grants_by_word RENAME TO grants;
CREATE INDEX grants_user ON grants (user_id);
CREATE INDEX grants_site ON grants (site_id, user_id);
DROP TABLE role_permissions;
DROP TABLE roles;
