-- What pages read, kept small: keys as numbers, what many pages read alike once in a frame. What a site is made of, file by file.
DROP TABLE page_keys;
CREATE TABLE page_keys (
    key BIGINT NOT NULL,
    page_id BIGINT NOT NULL REFERENCES pages (id),
    PRIMARY KEY (key, page_id)
) WITHOUT ROWID;
CREATE INDEX page_keys_page ON page_keys (page_id);

CREATE TABLE frames (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    hash TEXT NOT NULL UNIQUE
);
CREATE TABLE frame_keys (
    key BIGINT NOT NULL,
    frame_id BIGINT NOT NULL REFERENCES frames (id),
    PRIMARY KEY (key, frame_id)
) WITHOUT ROWID;
ALTER TABLE pages ADD COLUMN frame_id BIGINT REFERENCES frames (id);
CREATE INDEX pages_frame ON pages (frame_id);
CREATE INDEX pages_failed ON pages (id) WHERE failure IS NOT NULL;

-- The keys of before are gone: every page is made once more.
INSERT INTO events (kind, keys, created_at) SELECT 'refreshed', '[]', CURRENT_TIMESTAMP WHERE EXISTS (SELECT 1 FROM pages);
UPDATE pages SET due = (SELECT max(id) FROM events);

CREATE TABLE theme_files (
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (owner, name)
) WITHOUT ROWID;

-- How many resources are live in a channel, whoever changed it: counting 100,000 for each front page would not do.
ALTER TABLE channels ADD COLUMN live_items BIGINT NOT NULL DEFAULT 0;
UPDATE channels SET live_items = (SELECT count(*) FROM placements WHERE channel_id = channels.id AND live);
CREATE TRIGGER placements_count_new AFTER INSERT ON placements WHEN NEW.live
BEGIN
    UPDATE channels SET live_items = live_items + 1 WHERE id = NEW.channel_id;
END;
CREATE TRIGGER placements_count_changed AFTER UPDATE OF live, channel_id ON placements
WHEN OLD.live <> NEW.live OR OLD.channel_id <> NEW.channel_id
BEGIN
    UPDATE channels SET live_items = live_items - OLD.live WHERE id = OLD.channel_id;
    UPDATE channels SET live_items = live_items + NEW.live WHERE id = NEW.channel_id;
END;
CREATE INDEX placements_channel_date ON placements (channel_id, live, published_at, id);
