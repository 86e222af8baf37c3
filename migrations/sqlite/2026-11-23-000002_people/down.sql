DROP TABLE audit_entries;
DROP TABLE sessions;
DROP TABLE grants;
DROP TABLE users;
