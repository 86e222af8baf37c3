ALTER TABLE channels DROP COLUMN topic;
