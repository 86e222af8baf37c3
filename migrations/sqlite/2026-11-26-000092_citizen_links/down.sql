DROP TABLE pending_links;
DROP TABLE citizen_links;
DROP TABLE upstream_levels;
ALTER TABLE upstreams DROP COLUMN clientele;
