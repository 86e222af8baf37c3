-- What people are writing and have not saved yet, each person's own.
CREATE TABLE working_copies (
    user_id BIGINT NOT NULL REFERENCES users (id),
    site_id BIGINT NOT NULL REFERENCES sites (id),
    writing TEXT NOT NULL,
    sheet TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    title TEXT NOT NULL,
    form TEXT NOT NULL,
    kept_at TIMESTAMP NOT NULL,
    PRIMARY KEY (user_id, site_id, writing)
);
CREATE INDEX working_copies_kept ON working_copies (kept_at);
