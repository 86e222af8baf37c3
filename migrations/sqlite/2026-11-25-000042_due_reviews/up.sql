-- Until when a step of a review is due. What was handed in before has no such time.
ALTER TABLE submissions ADD COLUMN urgent BOOLEAN NOT NULL DEFAULT FALSE;
-- Hours that each step may take.
ALTER TABLE submissions ADD COLUMN hours INTEGER;
-- When the step that waits is due.
ALTER TABLE submissions ADD COLUMN due_at TIMESTAMP;
