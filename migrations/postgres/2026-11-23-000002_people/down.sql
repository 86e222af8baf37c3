DROP TABLE audit_entries;
DROP FUNCTION refuse_change();
DROP TABLE sessions;
DROP TABLE grants;
DROP TABLE users;
