-- What a reviewer had seen of a text when they decided about several at once: the submission, and the step it waited for.
ALTER TABLE batch_items ADD COLUMN submission_id BIGINT;
ALTER TABLE batch_items ADD COLUMN step INTEGER;
