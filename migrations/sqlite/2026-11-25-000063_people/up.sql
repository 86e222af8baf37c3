-- People as they are looked up and worked with: when they last signed in, the groups they are in, and what they do.
ALTER TABLE users ADD COLUMN signed_in_at TIMESTAMP;
UPDATE users SET signed_in_at = (
    SELECT max(at) FROM audit_entries WHERE audit_entries.actor_id = users.id AND audit_entries.action = 'session.open'
);
CREATE INDEX users_named ON users (display_name, id);
CREATE INDEX grants_site ON grants (site_id, user_id);
CREATE INDEX sessions_user ON sessions (user_id);

-- 工作组: people with a name in common, of a site or of the whole platform.
CREATE TABLE work_groups (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    site_id BIGINT REFERENCES sites (id),
    name TEXT NOT NULL,
    duty TEXT NOT NULL
);
CREATE INDEX work_groups_site ON work_groups (site_id);

CREATE TABLE work_group_members (
    group_id BIGINT NOT NULL REFERENCES work_groups (id),
    user_id BIGINT NOT NULL REFERENCES users (id),
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX work_group_members_user ON work_group_members (user_id);

-- What a person did, and how much there was of it on a site.
CREATE INDEX audit_entries_actor ON audit_entries (actor_id, at, id);
CREATE INDEX revisions_written ON revisions (created_by, created_at);
CREATE INDEX reviews_given ON reviews (reviewed_at);
CREATE INDEX resources_begun ON resources (site_id, created_at);
CREATE INDEX resources_in_hand ON resources (written_by, site_id, work) WHERE work IN ('draft', 'returned', 'reviewing', 'scheduled');
CREATE INDEX resources_agency ON resources (agency_id, state);
CREATE INDEX publications_asked ON publications (site_id, requested_at);
CREATE INDEX submissions_open ON submissions (resource_id) WHERE state = 'open';
