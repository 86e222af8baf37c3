DROP TRIGGER revisions_no_change ON revisions;
CREATE TRIGGER revisions_no_change BEFORE UPDATE OR DELETE ON revisions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
DROP FUNCTION refuse_revision_change();
-- What was in the bin is a draft again.
UPDATE resources SET work = 'draft' WHERE work = 'discarded';
