DROP TABLE sessions;
CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id),
    address TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    seen_at TIMESTAMP NOT NULL
);
CREATE INDEX sessions_seen ON sessions (seen_at);
CREATE INDEX sessions_user ON sessions (user_id);
DROP TABLE earlier_passwords;
ALTER TABLE users ADD COLUMN active BOOLEAN NOT NULL DEFAULT 0;
UPDATE users SET active = (state = 'normal');
ALTER TABLE users DROP COLUMN password_since;
ALTER TABLE users DROP COLUMN password_origin;
ALTER TABLE users DROP COLUMN locked_until;
ALTER TABLE users DROP COLUMN state;
