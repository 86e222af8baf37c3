-- 公众用户: citizens, registered once for all sites, with all that is personal sealed; their sessions, and what each site knows one by; codes
-- that were sent, of which only marks are kept; and who is on the way from signing in to a site.
CREATE TABLE citizens (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    call_sealed TEXT,
    phone_sealed TEXT,
    phone_mark TEXT UNIQUE,
    mail_sealed TEXT,
    mail_mark TEXT UNIQUE,
    guardian_kind TEXT,
    guardian_sealed TEXT,
    guardian_mark TEXT,
    password_hash TEXT,
    password_since TIMESTAMP,
    real_name TEXT NOT NULL,
    terms TEXT NOT NULL,
    registered_at TIMESTAMP NOT NULL,
    closed_at TIMESTAMP
);
CREATE INDEX citizens_guardian ON citizens (guardian_mark);

CREATE TABLE citizen_sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    citizen_id BIGINT NOT NULL REFERENCES citizens (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    seen_at TIMESTAMP NOT NULL,
    proven_at TIMESTAMP NOT NULL
);
CREATE INDEX citizen_sessions_citizen ON citizen_sessions (citizen_id);
CREATE INDEX citizen_sessions_seen ON citizen_sessions (seen_at);

CREATE TABLE citizen_visits (
    token_hash TEXT PRIMARY KEY NOT NULL,
    session_id BIGINT NOT NULL REFERENCES citizen_sessions (id) ON DELETE CASCADE,
    site_id BIGINT NOT NULL REFERENCES sites (id) ON DELETE CASCADE
);
CREATE INDEX citizen_visits_session ON citizen_visits (session_id);

CREATE TABLE citizen_handovers (
    hash TEXT PRIMARY KEY NOT NULL,
    session_id BIGINT NOT NULL REFERENCES citizen_sessions (id) ON DELETE CASCADE,
    site_id BIGINT NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
    state_hash TEXT NOT NULL,
    until TIMESTAMP NOT NULL
);
CREATE INDEX citizen_handovers_until ON citizen_handovers (until);

CREATE TABLE citizen_codes (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    purpose TEXT NOT NULL,
    recipient_mark TEXT NOT NULL,
    code_mark TEXT NOT NULL,
    tries INTEGER NOT NULL,
    made_at TIMESTAMP NOT NULL,
    UNIQUE (purpose, recipient_mark)
);
CREATE INDEX citizen_codes_made ON citizen_codes (made_at);
