ALTER TABLE arrangements DROP COLUMN previous_until;
ALTER TABLE arrangements DROP COLUMN previous;
