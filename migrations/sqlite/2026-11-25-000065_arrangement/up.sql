-- 版面: how the home page of a site, or the front of one of its topics, is arranged: as the public sees it, and as somebody is arranging
-- it. A page without a row has the arrangement its theme begins with. `page` is the key of the topic's channel, empty for the home page.
CREATE TABLE arrangements (
    site_id BIGINT NOT NULL REFERENCES sites (id),
    page TEXT NOT NULL,
    live TEXT,
    draft TEXT,
    PRIMARY KEY (site_id, page)
);
