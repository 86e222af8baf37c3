DROP INDEX placements_channel_date;
DROP TRIGGER placements_count_changed;
DROP TRIGGER placements_count_new;
ALTER TABLE channels DROP COLUMN live_items;
DROP TABLE theme_files;
DROP INDEX pages_failed;
DROP INDEX pages_frame;
ALTER TABLE pages DROP COLUMN frame_id;
DROP TABLE frame_keys;
DROP TABLE frames;
DROP TABLE page_keys;
CREATE TABLE page_keys (
    key TEXT NOT NULL,
    page_id BIGINT NOT NULL REFERENCES pages (id),
    PRIMARY KEY (key, page_id)
) WITHOUT ROWID;
CREATE INDEX page_keys_page ON page_keys (page_id);
