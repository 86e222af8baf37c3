-- 版面: how a site's home page is arranged, as the public sees it and as somebody is arranging it. A site without a row has the
-- arrangement its theme begins with.
CREATE TABLE arrangements (
    site_id BIGINT NOT NULL PRIMARY KEY REFERENCES sites (id),
    live TEXT,
    draft TEXT
);
