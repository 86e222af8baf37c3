-- To whom the step that waits was handed over. Others may still review it.
ALTER TABLE submissions ADD COLUMN handed_to BIGINT;
