-- The media that the arrangement of a page shows: as the public sees it, or as somebody is arranging it. What a block says may name a
-- medium that there is not, and none but those of the site count.
CREATE TABLE arrangement_media (
    site_id BIGINT NOT NULL REFERENCES sites (id),
    page TEXT NOT NULL,
    media_id BIGINT NOT NULL,
    live BOOLEAN NOT NULL,
    PRIMARY KEY (site_id, page, media_id, live)
);
CREATE INDEX arrangement_media_by_media ON arrangement_media (media_id);
