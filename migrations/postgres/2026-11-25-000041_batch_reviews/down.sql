ALTER TABLE batch_items DROP COLUMN step;
ALTER TABLE batch_items DROP COLUMN submission_id;
