-- 二次验证: what people prove themselves with besides a password, sign-ins that wait for it, and when whoever is in last proved who they are.
CREATE TABLE second_factors (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    -- Of an app: its secret, sealed, and the step of the last code that was taken.
    secret_sealed TEXT,
    last_step BIGINT NOT NULL,
    -- Of a passkey: its public key with what is known of it.
    passkey TEXT,
    added_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP
);
CREATE INDEX second_factors_user ON second_factors (user_id, id);

CREATE TABLE recovery_codes (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id),
    code_hash TEXT NOT NULL,
    used_at TIMESTAMP
);
CREATE INDEX recovery_codes_user ON recovery_codes (user_id, code_hash);

CREATE TABLE begun_sign_ins (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    user_id BIGINT NOT NULL REFERENCES users (id),
    tries INTEGER NOT NULL,
    begun_at TIMESTAMP NOT NULL
);
CREATE INDEX begun_sign_ins_user ON begun_sign_ins (user_id);

-- What a browser was asked to sign with a passkey, once.
CREATE TABLE passkey_challenges (
    owner TEXT PRIMARY KEY NOT NULL,
    state TEXT NOT NULL,
    asked_at TIMESTAMP NOT NULL
);
CREATE INDEX passkey_challenges_asked ON passkey_challenges (asked_at);

ALTER TABLE sessions ADD COLUMN proven_at TIMESTAMP NOT NULL DEFAULT '2026-01-01 00:00:00';
UPDATE sessions SET proven_at = created_at;
