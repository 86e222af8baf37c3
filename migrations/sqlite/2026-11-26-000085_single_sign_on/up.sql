-- 应用: other systems whose people sign in through us, what each person agreed to, and what was given out: codes once, tokens for minutes,
-- both bound to the session they come from. The keys that sign are sealed.
CREATE TABLE applications (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    client TEXT NOT NULL UNIQUE,
    secret_hash TEXT,
    name TEXT NOT NULL UNIQUE,
    keeper TEXT NOT NULL,
    redirects TEXT NOT NULL,
    farewells TEXT NOT NULL,
    is_confidential BOOLEAN NOT NULL,
    asks_consent BOOLEAN NOT NULL,
    is_open BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE application_consents (
    application_id BIGINT NOT NULL REFERENCES applications (id),
    user_id BIGINT NOT NULL REFERENCES users (id),
    scopes TEXT NOT NULL,
    given_at TIMESTAMP NOT NULL,
    PRIMARY KEY (application_id, user_id)
);

CREATE TABLE sign_on_codes (
    hash TEXT PRIMARY KEY NOT NULL,
    application_id BIGINT NOT NULL REFERENCES applications (id),
    session_id BIGINT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    redirect TEXT NOT NULL,
    challenge TEXT NOT NULL,
    nonce TEXT,
    scopes TEXT NOT NULL,
    until TIMESTAMP NOT NULL,
    is_used BOOLEAN NOT NULL
);
CREATE INDEX sign_on_codes_session ON sign_on_codes (session_id);
CREATE INDEX sign_on_codes_until ON sign_on_codes (until);

CREATE TABLE sign_on_tokens (
    hash TEXT PRIMARY KEY NOT NULL,
    code_hash TEXT NOT NULL REFERENCES sign_on_codes (hash) ON DELETE CASCADE
);
CREATE INDEX sign_on_tokens_code ON sign_on_tokens (code_hash);

CREATE TABLE signing_keys (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    key_sealed TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    signs_from TIMESTAMP NOT NULL
);
