-- The life of an account, whose word its password is and since when, those it had before, and sessions that can be named.
ALTER TABLE users ADD COLUMN state TEXT NOT NULL DEFAULT 'normal';
ALTER TABLE users ADD COLUMN locked_until TIMESTAMP;
ALTER TABLE users ADD COLUMN password_origin TEXT NOT NULL DEFAULT 'reset';
ALTER TABLE users ADD COLUMN password_since TIMESTAMP NOT NULL DEFAULT '2026-01-01 00:00:00';
UPDATE users SET state = CASE WHEN active THEN 'normal' ELSE 'inactive' END, password_since = created_at;
-- Nobody could change a password before: each is known to whoever made it.
UPDATE users SET password_origin = 'invitation' WHERE signed_in_at IS NULL;
ALTER TABLE users DROP COLUMN active;

CREATE TABLE earlier_passwords (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id),
    password_hash TEXT NOT NULL
);
CREATE INDEX earlier_passwords_user ON earlier_passwords (user_id, id);

DROP TABLE sessions;
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    user_id BIGINT NOT NULL REFERENCES users (id),
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    seen_at TIMESTAMP NOT NULL
);
CREATE INDEX sessions_seen ON sessions (seen_at);
CREATE INDEX sessions_user ON sessions (user_id);
