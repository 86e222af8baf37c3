-- A draft in the bin that the public never saw may go for good, and its revisions with it. All others stay for ever.
DROP TRIGGER revisions_no_delete;
CREATE TRIGGER revisions_no_delete BEFORE DELETE ON revisions
WHEN NOT EXISTS (
    SELECT 1 FROM resources WHERE id = OLD.resource_id AND work = 'discarded' AND state = 'unpublished' AND published_at IS NULL
)
BEGIN
    SELECT RAISE(ABORT, 'revisions are immutable');
END;
