-- 来源与作者: the names that a site's people choose from when they write, in the order they are offered.
CREATE TABLE site_words (
    site_id BIGINT NOT NULL REFERENCES sites (id),
    field TEXT NOT NULL,
    position INTEGER NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (site_id, field, position)
);
