-- 批注: what somebody says at a place in a text under review, and what became of it.
CREATE TABLE annotations (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    site_id BIGINT NOT NULL REFERENCES sites (id),
    resource_id BIGINT NOT NULL REFERENCES resources (id),
    -- The revision it was made on.
    revision_id BIGINT NOT NULL REFERENCES revisions (id),
    field TEXT NOT NULL,
    -- The words it is about, and how often they stand before them; empty where it is about the whole field.
    quote TEXT NOT NULL,
    occurrence INTEGER NOT NULL,
    text TEXT NOT NULL,
    written_by BIGINT NOT NULL REFERENCES users (id),
    written_at TIMESTAMP NOT NULL,
    state TEXT NOT NULL,
    settled_by BIGINT REFERENCES users (id),
    settled_at TIMESTAMP
);
CREATE INDEX annotations_resource ON annotations (resource_id, id);

CREATE TABLE annotation_answers (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    annotation_id BIGINT NOT NULL REFERENCES annotations (id),
    text TEXT NOT NULL,
    answered_by BIGINT NOT NULL REFERENCES users (id),
    answered_at TIMESTAMP NOT NULL
);
CREATE INDEX annotation_answers_annotation ON annotation_answers (annotation_id, id);
