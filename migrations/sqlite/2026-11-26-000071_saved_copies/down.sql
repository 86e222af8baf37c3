DELETE FROM working_copies WHERE became IS NOT NULL;
ALTER TABLE working_copies DROP COLUMN became;
