DROP INDEX audit_entries_at;
DROP INDEX audit_entries_name;
DROP TABLE audit_verifications;
