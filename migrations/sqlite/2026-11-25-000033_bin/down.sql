DROP TRIGGER revisions_no_delete;
CREATE TRIGGER revisions_no_delete BEFORE DELETE ON revisions
BEGIN
    SELECT RAISE(ABORT, 'revisions are immutable');
END;
-- What was in the bin is a draft again.
UPDATE resources SET work = 'draft' WHERE work = 'discarded';
