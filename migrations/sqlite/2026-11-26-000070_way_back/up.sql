-- Where in its channel a resource was before a batch moved it: taken back, it is there again.
ALTER TABLE batch_items ADD COLUMN sequence_before BIGINT;
