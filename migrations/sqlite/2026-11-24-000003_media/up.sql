-- Pictures and attachments of each site, the sizes pictures are offered in, and which revision uses what.
CREATE TABLE media (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    site_id BIGINT NOT NULL REFERENCES sites (id),
    hash TEXT NOT NULL,
    kind TEXT NOT NULL,
    file_name TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    alt TEXT NOT NULL,
    focal_x INTEGER NOT NULL,
    focal_y INTEGER NOT NULL,
    uploaded_by BIGINT NOT NULL,
    uploaded_at TIMESTAMP NOT NULL,
    UNIQUE (site_id, hash)
);
CREATE INDEX media_hash ON media (hash);

CREATE TABLE media_renditions (
    media_id BIGINT NOT NULL REFERENCES media (id),
    part BIGINT NOT NULL,
    hash TEXT NOT NULL,
    kind TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    PRIMARY KEY (media_id, part)
);
CREATE INDEX media_renditions_hash ON media_renditions (hash);

CREATE TABLE revision_media (
    revision_id BIGINT NOT NULL REFERENCES revisions (id),
    media_id BIGINT NOT NULL REFERENCES media (id),
    role TEXT NOT NULL,
    PRIMARY KEY (revision_id, media_id, role)
);
CREATE INDEX revision_media_media ON revision_media (media_id);

ALTER TABLE revisions ADD COLUMN attachments TEXT NOT NULL DEFAULT '[]';
ALTER TABLE revisions ADD COLUMN cover BIGINT;
ALTER TABLE sites ADD COLUMN watermark TEXT NOT NULL DEFAULT '';
