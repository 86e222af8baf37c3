ALTER TABLE batch_items DROP COLUMN sequence_before;
