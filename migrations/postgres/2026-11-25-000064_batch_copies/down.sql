ALTER TABLE batch_items DROP COLUMN copy_id;
