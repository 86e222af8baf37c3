-- How to reach people: sealed, each beside a mark by which it can be looked for.
CREATE TABLE contacts (
    user_id BIGINT PRIMARY KEY NOT NULL REFERENCES users (id),
    phone_sealed TEXT,
    phone_mark TEXT,
    email_sealed TEXT,
    email_mark TEXT
);
CREATE INDEX contacts_phone ON contacts (phone_mark);
CREATE INDEX contacts_email ON contacts (email_mark);
