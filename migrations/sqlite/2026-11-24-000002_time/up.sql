-- What is done at an exact second: schedules, the notices they switch, and the placements that stand first for a while.
CREATE TABLE notices (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    site_id BIGINT REFERENCES sites (id),
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    link TEXT NOT NULL,
    image_id BIGINT,
    starts_at TIMESTAMP NOT NULL,
    ends_at TIMESTAMP,
    state TEXT NOT NULL,
    created_by BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP
);
CREATE INDEX notices_on ON notices (kind, site_id) WHERE state = 'on';
CREATE INDEX notices_site ON notices (site_id, state);

CREATE TABLE schedules (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    deed TEXT NOT NULL,
    site_id BIGINT REFERENCES sites (id),
    resource_id BIGINT REFERENCES resources (id),
    revision_id BIGINT REFERENCES revisions (id),
    placement_id BIGINT REFERENCES placements (id),
    notice_id BIGINT REFERENCES notices (id),
    at TIMESTAMP NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    asked_by BIGINT NOT NULL,
    asked_at TIMESTAMP NOT NULL,
    closed_at TIMESTAMP
);
CREATE INDEX schedules_site ON schedules (site_id, state, at);
CREATE INDEX schedules_resource ON schedules (resource_id, id);
CREATE INDEX schedules_placement ON schedules (placement_id, deed, state);
CREATE INDEX schedules_notice ON schedules (notice_id);
CREATE INDEX schedules_waiting ON schedules (at) WHERE state = 'waiting';

-- Placements that stand first in their channel now.
CREATE TABLE pins (
    placement_id BIGINT PRIMARY KEY NOT NULL REFERENCES placements (id),
    site_id BIGINT NOT NULL REFERENCES sites (id),
    since TIMESTAMP NOT NULL
);
CREATE INDEX pins_site ON pins (site_id);
