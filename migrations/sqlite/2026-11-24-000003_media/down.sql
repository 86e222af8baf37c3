ALTER TABLE sites DROP COLUMN watermark;
ALTER TABLE revisions DROP COLUMN cover;
ALTER TABLE revisions DROP COLUMN attachments;
DROP TABLE revision_media;
DROP TABLE media_renditions;
DROP TABLE media;
