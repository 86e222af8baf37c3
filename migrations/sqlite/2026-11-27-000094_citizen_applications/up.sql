-- 应用 are for our own people or for citizens. Of citizens too it is kept what each agreed to, and what was given out comes from a session of
-- one kind or the other. Codes and tokens live for minutes: those that are out while this runs are asked for again.
ALTER TABLE applications ADD COLUMN clientele TEXT NOT NULL DEFAULT 'staff';
ALTER TABLE applications ADD COLUMN contact TEXT NOT NULL DEFAULT '';
ALTER TABLE applications ADD COLUMN purpose TEXT NOT NULL DEFAULT '';

CREATE TABLE citizen_consents (
    application_id BIGINT NOT NULL REFERENCES applications (id),
    citizen_id BIGINT NOT NULL REFERENCES citizens (id),
    scopes TEXT NOT NULL,
    given_at TIMESTAMP NOT NULL,
    PRIMARY KEY (application_id, citizen_id)
);
CREATE INDEX citizen_consents_citizen ON citizen_consents (citizen_id);

DROP TABLE sign_on_tokens;
DROP TABLE sign_on_codes;

CREATE TABLE sign_on_codes (
    hash TEXT PRIMARY KEY NOT NULL,
    application_id BIGINT NOT NULL REFERENCES applications (id),
    session_id BIGINT REFERENCES sessions (id) ON DELETE CASCADE,
    citizen_session_id BIGINT REFERENCES citizen_sessions (id) ON DELETE CASCADE,
    redirect TEXT NOT NULL,
    challenge TEXT NOT NULL,
    nonce TEXT,
    scopes TEXT NOT NULL,
    until TIMESTAMP NOT NULL,
    is_used BOOLEAN NOT NULL,
    CHECK ((session_id IS NULL) <> (citizen_session_id IS NULL))
);
CREATE INDEX sign_on_codes_session ON sign_on_codes (session_id);
CREATE INDEX sign_on_codes_citizen_session ON sign_on_codes (citizen_session_id);
CREATE INDEX sign_on_codes_until ON sign_on_codes (until);

CREATE TABLE sign_on_tokens (
    hash TEXT PRIMARY KEY NOT NULL,
    code_hash TEXT NOT NULL REFERENCES sign_on_codes (hash) ON DELETE CASCADE
);
CREATE INDEX sign_on_tokens_code ON sign_on_tokens (code_hash);
