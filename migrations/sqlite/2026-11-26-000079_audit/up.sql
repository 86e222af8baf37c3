-- 核验: what each walk over the audit log found, and the head it met: no later walk may find another entry there. And the log is looked
-- through by name and by time.
CREATE TABLE audit_verifications (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    at TIMESTAMP NOT NULL,
    entries BIGINT NOT NULL,
    head TEXT NOT NULL,
    broken_at BIGINT
);
CREATE TRIGGER audit_verifications_no_update BEFORE UPDATE ON audit_verifications
BEGIN
    SELECT RAISE(ABORT, 'audit_verifications is append-only');
END;
CREATE TRIGGER audit_verifications_no_delete BEFORE DELETE ON audit_verifications
BEGIN
    SELECT RAISE(ABORT, 'audit_verifications is append-only');
END;
CREATE INDEX audit_entries_name ON audit_entries (actor_name, id);
CREATE INDEX audit_entries_at ON audit_entries (at, id);
