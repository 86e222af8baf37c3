DROP TABLE revision_explains;
ALTER TABLE revisions DROP COLUMN explains;
ALTER TABLE revisions DROP COLUMN secrecy_reviewed_on;
ALTER TABLE revisions DROP COLUMN secrecy_reviewer;
ALTER TABLE revisions DROP COLUMN openness_reason;
ALTER TABLE revisions DROP COLUMN openness;
ALTER TABLE revisions DROP COLUMN genre;
