ALTER TABLE begun_sign_ins DROP COLUMN via;
DROP TABLE upstream_grants;
DROP TABLE upstream_links;
