DROP TABLE sign_on_tokens;
DROP TABLE sign_on_codes;

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

DROP TABLE citizen_consents;
-- An application for citizens would become one for our own people.
DELETE FROM applications WHERE clientele = 'citizens';
ALTER TABLE applications DROP COLUMN clientele;
ALTER TABLE applications DROP COLUMN contact;
ALTER TABLE applications DROP COLUMN purpose;
