-- The draft that was made of a resource, so that it can be taken back. It may be gone for good since: nothing refers to it.
ALTER TABLE batch_items ADD COLUMN copy_id BIGINT;
