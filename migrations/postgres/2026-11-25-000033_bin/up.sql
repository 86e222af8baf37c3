-- A draft in the bin that the public never saw may go for good, and its revisions with it. All others stay for ever.
CREATE FUNCTION refuse_revision_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (
        SELECT 1 FROM resources WHERE id = OLD.resource_id AND work = 'discarded' AND state = 'unpublished' AND published_at IS NULL
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
DROP TRIGGER revisions_no_change ON revisions;
CREATE TRIGGER revisions_no_change BEFORE UPDATE OR DELETE ON revisions
    FOR EACH ROW EXECUTE FUNCTION refuse_revision_change();
